"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from ..ndarray.update import update
from ..ops import get
from .base import Optimizer, register

__all__ = ["SGD"]


_PLAIN, _WITH_MOMENTUM = get("multi_sgd_update"), get("multi_sgd_mom_update")


@register
class SGD(Optimizer):
    """``v = momentum * v - lr * (grad + wd * weight)``; ``weight += v``.

    Without momentum ``weight -= lr * (grad + wd * weight)``. Several weights of one device are
    updated by one call of ``multi_sgd_mom_update``.
    """

    aggregate_num = 1 << 30
    _master_last = True

    def __init__(self, momentum: float = 0.0, lazy_update: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum, self.lazy_update = momentum, lazy_update

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The momentum, zeros like the weight; None without momentum."""
        if self.momentum == 0.0:
            return None
        return nd.zeros(weight.shape, weight.context, dtype=weight.dtype)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """One fused update of all given weights."""
        if not isinstance(index, (list, tuple)):
            index, weight, grad, state = [index], [weight], [grad], [state]
        self._update_count(index)
        options = self._options()
        options["lrs"], options["wds"] = self._get_lrs(index), self._get_wds(index)
        options["num_weights"] = len(weight)
        if self.momentum == 0.0:
            parts = [one for pair in zip(weight, grad, strict=True) for one in pair]
            update(_PLAIN, parts, weight, options)
            return
        options["momentum"] = self.momentum
        parts = [one for triple in zip(weight, grad, state, strict=True) for one in triple]
        update(_WITH_MOMENTUM, parts, weight, options)
