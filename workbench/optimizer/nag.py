"""Nesterov's accelerated gradient."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from .base import Optimizer, register

__all__ = ["NAG"]


@register
class NAG(Optimizer):
    """Momentum that looks ahead (Sutskever et al., ICML 2013).

    ``v = momentum * v - lr * g``; ``weight += momentum * v - lr * g`` with
    ``g = grad + wd * weight``. As in MXNet 1.9.1 the v that is kept has the decay of the new
    weight in it. Without momentum it is plain gradient descent.
    """

    _master_last = True

    def __init__(self, momentum: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The momentum, zeros like the weight; None without momentum."""
        return None if self.momentum == 0.0 else nd.zeros_like(weight)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        lr, wd = self._get_lr(index), self._get_wd(index)
        if state is None:
            nd.sgd_update(weight, grad, out=weight, lr=lr, wd=wd, **self._options())
            return
        # The operator writes the weight first and decays the momentum by what it finds there.
        g = lr * self._gradient(grad)
        step = g + (lr * wd) * weight
        state *= self.momentum
        weight += self.momentum * (state - step) - step
        state -= g + (lr * wd) * weight
