"""Adam and its next of kin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .. import ndarray as nd
from ..ndarray.sparse_array import any_sparse
from ..ndarray.update import update
from ..ops import get
from .base import Optimizer, register, zeros_like

__all__ = ["Adam", "Adamax", "Nadam"]


_MANY = get("_multi_adam_update")


@register
class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, arXiv:1412.6980).

    The bias corrections are folded into the rate:
    ``lr_t = lr * sqrt(1 - beta2**t) / (1 - beta1**t)``. With *lazy_update* only those rows of a
    weight are updated that a row_sparse gradient stores. Several weights of one device are
    updated by one call.
    """

    aggregate_num = 1 << 30

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        lazy_update: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.lazy_update = lazy_update

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """First and second moment, zeros like the weight."""
        return tuple(zeros_like(weight, self.lazy_update) for _ in range(2))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight, or lists of weights of one device in one call."""
        if not isinstance(index, (list, tuple)):
            self._update_one(index, weight, grad, state)
        elif any_sparse(weight) or any_sparse(grad):
            for place in zip(index, weight, grad, state, strict=True):
                self._update_one(*place)
        else:
            self._update_all(index, weight, grad, state)

    def _update_all(
        self, index: Sequence[Any], weight: Sequence[Any], grad: Sequence[Any], state: Any
    ) -> None:
        self._update_count(index)
        counts = self._index_update_count
        rates = zip(index, self._get_lrs(index), strict=True)
        options = {
            **self._options(),
            "lrs": [self._corrected(lr, counts[one]) for one, lr in rates],
            "wds": self._get_wds(index),
            "num_weights": len(weight),
            "beta1": self.beta1,
            "beta2": self.beta2,
            "epsilon": self.epsilon,
        }
        groups = zip(weight, grad, state, strict=True)
        update(
            _MANY,
            [one for w, g, (mean, var) in groups for one in (w, g, mean, var)],
            weight,
            options,
        )

    def _corrected(self, lr: float, t: int) -> float:
        """The rate of step *t*, with the corrections of the bias of both moments."""
        return lr * math.sqrt(1.0 - self.beta2**t) / (1.0 - self.beta1**t)

    def _update_one(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        self._update_count(index)
        lr = self._corrected(self._get_lr(index), self._index_update_count[index])
        mean, var = state
        nd.adam_update(
            weight,
            grad,
            mean,
            var,
            out=weight,
            lr=lr,
            wd=self._get_wd(index),
            beta1=self.beta1,
            beta2=self.beta2,
            epsilon=self.epsilon,
            lazy_update=self.lazy_update,
            **self._options(),
        )


@register
class Adamax(Optimizer):
    """Adam by the largest absolute gradient; section 7 of Kingma and Ba, arXiv:1412.6980."""

    def __init__(
        self,
        learning_rate: float = 0.002,
        beta1: float = 0.9,
        beta2: float = 0.999,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2 = beta1, beta2

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """Running mean and decaying maximum, zeros like the weight."""
        return (zeros_like(weight), zeros_like(weight))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options, (mean, top) = self._begin(index), state
        lr = options["lr"] / (1.0 - self.beta1 ** self._index_update_count[index])
        g = self._gradient(grad, options["wd"] * weight)
        mean[:] = self.beta1 * mean + (1.0 - self.beta1) * g
        top[:] = nd.maximum(self.beta2 * top, nd.abs(g))
        weight[:] -= lr * mean / top


@register
class Nadam(Optimizer):
    """Adam with Nesterov's momentum (Dozat 2016)."""

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        schedule_decay: float = 0.004,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.schedule_decay, self.m_schedule = schedule_decay, 1.0

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """First and second moment, zeros like the weight."""
        return (zeros_like(weight), zeros_like(weight))

    def _momentum(self, t: int) -> float:
        return self.beta1 * (1.0 - 0.5 * 0.96 ** (t * self.schedule_decay))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options, (mean, var) = self._begin(index), state
        t = self._index_update_count[index]
        g = self._gradient(grad, options["wd"] * weight)
        now, then = self._momentum(t), self._momentum(t + 1)
        # one product for all weights, as in MXNet
        self.m_schedule *= now
        mean[:] = self.beta1 * mean + (1.0 - self.beta1) * g
        var[:] = self.beta2 * var + (1.0 - self.beta2) * g * g
        ahead = mean / (1.0 - self.m_schedule * then)
        step = (1.0 - now) * g / (1.0 - self.m_schedule) + then * ahead
        spread = nd.sqrt(var / (1.0 - self.beta2**t)) + self.epsilon
        weight[:] -= options["lr"] * step / spread
