"""LAMB: Adam for very large batches."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from .base import Optimizer, register

__all__ = ["LAMB"]


@register
class LAMB(Optimizer):
    """Adam's step, as long as the weight itself (You et al., arXiv:1904.00962).

    ``u = mean / (sqrt(var) + epsilon) + wd * weight``;
    ``weight -= lr * |weight| / |u| * u``, where ``|weight|`` is kept between the bounds.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-6,
        lower_bound: float | None = None,
        upper_bound: float | None = None,
        bias_correction: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.lower_bound, self.upper_bound = lower_bound, upper_bound
        self.bias_correction = bias_correction

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """First and second moment."""
        return (nd.zeros_like(weight), nd.zeros_like(weight))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        t, (mean, var) = self._index_update_count[index], state
        g = self._gradient(grad)
        mean[:] = self.beta1 * mean + (1.0 - self.beta1) * g
        var[:] = self.beta2 * var + (1.0 - self.beta2) * nd.square(g)
        w, m, v = (one.astype("float32", copy=False) for one in (weight, mean, var))
        if self.bias_correction:
            m, v = m / (1.0 - self.beta1**t), v / (1.0 - self.beta2**t)
        step = m / (nd.sqrt(v) + self.epsilon) + self._get_wd(index) * w
        length, moved = nd.norm(w), nd.norm(step)
        if self.lower_bound:
            length = nd.maximum(length, self.lower_bound)
        if self.upper_bound:
            length = nd.minimum(length, self.upper_bound)
        ratio = nd.where(length * moved > 0, length / moved, nd.ones_like(length))
        made = w - self._get_lr(index) * ratio * step
        weight[:] = made.astype(weight.dtype, copy=False)
