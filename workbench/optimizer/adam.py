"""Adam."""

from __future__ import annotations

import math
from typing import Any

from .. import ndarray as nd
from .base import Optimizer, register

__all__ = ["Adam"]


@register
class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, arXiv:1412.6980).

    The bias corrections are folded into the rate:
    ``lr_t = lr * sqrt(1 - beta2**t) / (1 - beta1**t)``.
    """

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
        return (
            nd.zeros(weight.shape, weight.context, dtype=weight.dtype),
            nd.zeros(weight.shape, weight.context, dtype=weight.dtype),
        )

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        t = self._index_update_count[index]
        lr = self._get_lr(index)
        lr *= math.sqrt(1.0 - self.beta2**t) / (1.0 - self.beta1**t)
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
