"""AdaGrad and AdaDelta: rates from the sums of squared gradients."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from .base import Optimizer, register

__all__ = ["AdaDelta", "AdaGrad"]


@register
class AdaGrad(Optimizer):
    """Rates fall with the sum of squared gradients (Duchi et al., JMLR 12, 2011).

    ``h += g ** 2``; ``weight -= lr * (g / sqrt(h + eps) + wd * weight)``.
    """

    def __init__(self, eps: float = 1e-7, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.float_stable_eps = eps

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The sum of squares, zeros like the weight."""
        return nd.zeros_like(weight)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        g = self._gradient(grad)
        state += nd.square(g)
        step = g / nd.sqrt(state + self.float_stable_eps)
        weight -= self._get_lr(index) * (step + self._get_wd(index) * weight)


@register
class AdaDelta(Optimizer):
    """Steps as long as the latest ones were, without a rate (Zeiler, arXiv:1212.5701)."""

    def __init__(self, rho: float = 0.90, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rho, self.epsilon = rho, epsilon

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """Moving means of squared gradients and squared steps."""
        return (nd.zeros_like(weight), nd.zeros_like(weight))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        squares, steps = state
        g = self._gradient(grad)
        squares[:] = self.rho * squares + (1 - self.rho) * nd.square(g)
        step = nd.sqrt(steps + self.epsilon) / nd.sqrt(squares + self.epsilon) * g
        steps[:] = self.rho * steps + (1 - self.rho) * nd.square(step)
        weight -= step + self._get_wd(index) * weight
