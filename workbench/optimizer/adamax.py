"""Adamax and Nadam, relatives of Adam."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from .base import Optimizer, register

__all__ = ["Adamax", "Nadam"]


@register
class Adamax(Optimizer):
    """Adam with the largest gradient in place of the mean square (arXiv:1412.6980, §7)."""

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
        """The mean and the decaying maximum."""
        return (nd.zeros_like(weight), nd.zeros_like(weight))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        mean, largest = state
        lr = self._get_lr(index) / (1.0 - self.beta1 ** self._index_update_count[index])
        g = self._gradient(grad, self._get_wd(index) * weight)
        mean[:] = self.beta1 * mean + (1.0 - self.beta1) * g
        largest[:] = nd.maximum(self.beta2 * largest, nd.abs(g))
        weight -= lr * mean / largest


@register
class Nadam(Optimizer):
    """Adam with Nesterov's momentum (Dozat, ICLR 2016 workshop).

    As in MXNet the schedule of the momentum is one for all weights.
    """

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
        """First and second moment."""
        return (nd.zeros_like(weight), nd.zeros_like(weight))

    def _momentum(self, t: int) -> float:
        return self.beta1 * (1.0 - 0.5 * 0.96 ** (t * self.schedule_decay))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        t, (mean, var) = self._index_update_count[index], state
        g = self._gradient(grad, self._get_wd(index) * weight)
        now, later = self._momentum(t), self._momentum(t + 1)
        self.m_schedule *= now
        mean[:] = self.beta1 * mean + (1.0 - self.beta1) * g
        var[:] = self.beta2 * var + (1.0 - self.beta2) * nd.square(g)
        ahead = (1.0 - now) / (1.0 - self.m_schedule) * g
        ahead += later / (1.0 - self.m_schedule * later) * mean
        root = nd.sqrt(var / (1.0 - self.beta2**t)) + self.epsilon
        weight -= self._get_lr(index) * ahead / root
