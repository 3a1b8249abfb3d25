"""Stochastic gradient descent, with momentum."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from ..ndarray.sparse_array import any_sparse
from ..ndarray.update import update
from ..ops import get
from .base import Optimizer, register, zeros_like

__all__ = ["SGD"]


_PLAIN, _WITH_MOMENTUM = get("multi_sgd_update"), get("multi_sgd_mom_update")


@register
class SGD(Optimizer):
    """``v = momentum * v - lr * (grad + wd * weight)``; ``weight += v``.

    Without momentum ``weight -= lr * (grad + wd * weight)``. Several weights of one device are
    updated by one call of ``multi_sgd_mom_update``. With *lazy_update* only those rows of a
    weight are updated that a row_sparse gradient stores.
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
        return zeros_like(weight, self.lazy_update)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """One fused update of all given weights."""
        if not isinstance(index, (list, tuple)):
            index, weight, grad, state = [index], [weight], [grad], [state]
        if any_sparse(weight) or any_sparse(grad):
            for place in zip(index, weight, grad, state, strict=True):
                self._update_stored(*place)
            return
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

    def _update_stored(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight where it or its gradient is sparse."""
        options = {**self._begin(index), "lazy_update": self.lazy_update}
        if state is None:
            nd.sgd_update(weight, grad, out=weight, **options)
        else:
            nd.sgd_mom_update(weight, grad, state, out=weight, momentum=self.momentum, **options)
