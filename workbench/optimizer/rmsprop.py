"""RMSProp."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from ..dtypes import dtype_name
from ..error import DTypeError, message
from .base import Optimizer, register

__all__ = ["RMSProp"]


@register
class RMSProp(Optimizer):
    """Gradients over the root of their moving mean square (Tieleman and Hinton, 2012).

    With *centered* their variance instead of their square, and a momentum *gamma2* (Graves,
    arXiv:1308.0850). *clip_weights* bounds the weights.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        gamma1: float = 0.9,
        gamma2: float = 0.9,
        epsilon: float = 1e-8,
        centered: bool = False,
        clip_weights: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.gamma1, self.gamma2, self.epsilon = gamma1, gamma2, epsilon
        self.centered, self.clip_weights = centered, clip_weights

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The mean square; with *centered* also the mean and the momentum."""
        if dtype_name(weight.dtype) == "float16":
            raise DTypeError(
                message(
                    "RMSProp: epsilon is 0 in float16, the step would be infinite",
                    fix="Pass multi_precision=True.",
                )
            )
        return tuple(nd.zeros_like(weight) for _ in range(3 if self.centered else 1))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        lr = self._get_lr(index)
        g = self._gradient(grad, self._get_wd(index) * weight)
        square = state[0]
        square[:] = self.gamma1 * square + (1 - self.gamma1) * nd.square(g)
        if self.centered:
            _, mean, step = state
            mean[:] = self.gamma1 * mean + (1 - self.gamma1) * g
            spread = nd.sqrt(square - nd.square(mean) + self.epsilon)
            step[:] = self.gamma2 * step - lr * g / spread
            weight += step
        else:
            weight -= lr * g / nd.sqrt(square + self.epsilon)
        if self.clip_weights:
            weight[:] = nd.clip(weight, -self.clip_weights, self.clip_weights)
