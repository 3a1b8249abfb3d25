"""Gradient descent by signs."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from .base import Optimizer, register

__all__ = ["Signum"]


@register
class Signum(Optimizer):
    """Only the signs of gradients, or of their momentum, count (Bernstein et al., ICML 2018).

    ``m = momentum * m - (1 - momentum) * (grad + wd * weight)``;
    ``weight = (1 - lr * wd_lh) * weight + lr * sign(m)``. Without momentum
    ``weight = (1 - lr * wd) * weight - lr * sign(grad)``.
    """

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.9,
        wd_lh: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.momentum, self.wd_lh = momentum, wd_lh

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The momentum, zeros like the weight; None without momentum."""
        return None if self.momentum == 0.0 else nd.zeros_like(weight)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        lr, wd = self._get_lr(index), self._get_wd(index)
        g = self._gradient(grad)
        if state is None:
            weight[:] = (1 - lr * wd) * weight - lr * nd.sign(g)
            return
        state[:] = self.momentum * state - (1 - self.momentum) * (g + wd * weight)
        weight[:] = (1 - lr * self.wd_lh) * weight + lr * nd.sign(state)
