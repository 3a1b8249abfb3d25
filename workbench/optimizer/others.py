"""Rules that few use: noise, delays, tests."""

from __future__ import annotations

import math
from typing import Any

from .. import ndarray as nd
from .base import Optimizer, register
from .sgd import SGD

__all__ = ["DCASGD", "SGLD", "Test", "ccSGD"]


@register
class SGLD(Optimizer):
    """Gradient descent with noise: samples of a posterior (Welling and Teh, ICML 2011).

    ``weight += -lr / 2 * (grad + wd * weight) + normal(0, sqrt(lr))``.
    """

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        lr = self._get_lr(index)
        g = self._gradient(grad) + self._get_wd(index) * weight
        noise = nd.random.normal(
            0, math.sqrt(lr), shape=weight.shape, dtype=weight.dtype, ctx=weight.context
        )
        weight += noise - lr / 2 * g


@register
class DCASGD(Optimizer):
    """Gradient descent that makes up for delayed gradients (Zheng et al., arXiv:1609.08326).

    ``weight -= lr * (g + wd * weight + lamda * g² * (weight - previous))``. There is no momentum,
    as MXNet 1.9.1 fails with one.
    """

    def __init__(self, momentum: float = 0.0, lamda: float = 0.04, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if momentum:
            raise ValueError("DCASGD takes no momentum; leave it 0")
        self.momentum, self.lamda = momentum, lamda

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """(None, the previous weight)."""
        return (None, weight.copy())

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        self._update_count(index)
        g, previous = self._gradient(grad), state[1]
        step = g + self._get_wd(index) * weight + self.lamda * g * g * (weight - previous)
        previous[:] = weight
        weight -= self._get_lr(index) * step


@register
class ccSGD(SGD):
    """Another name of SGD."""


@register
class Test(Optimizer):
    """``weight += grad * rescale_grad``; the state is the weight."""

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """Zeros like the weight."""
        return nd.zeros_like(weight)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Add the gradient."""
        weight += grad * self.rescale_grad
        state[:] = weight
