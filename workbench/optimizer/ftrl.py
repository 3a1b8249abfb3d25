"""FTRL and FTML: follow the regularized, or the moving, leader."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from .base import Optimizer, register

__all__ = ["FTML", "Ftrl"]


@register
class Ftrl(Optimizer):
    """Sparse weights for linear models (McMahan et al., KDD 2013).

    ``z += g - (sqrt(n + g²) - sqrt(n)) / lr * weight``; ``n += g²``; the weight is 0 where
    ``|z| <= lamda1``, else ``(sign(z) * lamda1 - z) / ((beta + sqrt(n)) / lr + wd)``.
    """

    def __init__(
        self, lamda1: float = 0.01, learning_rate: float = 0.1, beta: float = 1, **kwargs: Any
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.lamda1, self.beta = lamda1, beta

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """z and n, zeros like the weight."""
        return (nd.zeros_like(weight), nd.zeros_like(weight))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        lr, (z, n) = self._get_lr(index), state
        g = self._gradient(grad)
        root = nd.sqrt(n)
        n += nd.square(g)
        z += g - (nd.sqrt(n) - root) / lr * weight
        scale = (self.beta + nd.sqrt(n)) / lr + self._get_wd(index)
        kept = nd.abs(z) > self.lamda1
        weight[:] = (nd.sign(z) * self.lamda1 - z) / scale * kept


@register
class FTML(Optimizer):
    """Follow the moving leader (Zheng and Kwok, ICML 2017)."""

    def __init__(
        self, beta1: float = 0.6, beta2: float = 0.999, epsilon: float = 1e-8, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """d, v and z, zeros like the weight."""
        return tuple(nd.zeros_like(weight) for _ in range(3))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        t, (d, v, z) = self._index_update_count[index], state
        g = self._gradient(grad, self._get_wd(index) * weight)
        v[:] = self.beta2 * v + (1 - self.beta2) * nd.square(g)
        root = nd.sqrt(v / (1 - self.beta2**t)) + self.epsilon
        new = (1 - self.beta1**t) / self._get_lr(index) * root
        z[:] = self.beta1 * z + (1 - self.beta1) * g - (new - self.beta1 * d) * weight
        d[:] = new
        weight[:] = -z / d
