"""Relatives of SGD: Nesterov's momentum, signs, delayed gradients, Langevin noise."""

from __future__ import annotations

import math
from typing import Any

from .. import ndarray as nd
from ..error import ParameterError, message
from .base import Optimizer, register, zeros_like
from .sgd import SGD

__all__ = ["DCASGD", "NAG", "SGLD", "Signum", "Test", "ccSGD"]


@register
class NAG(Optimizer):
    """Nesterov's accelerated gradient; see ``nd.nag_mom_update``. Without momentum it is SGD."""

    _master_last = True

    def __init__(self, momentum: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The momentum, zeros like the weight; None without momentum."""
        return zeros_like(weight) if self.momentum else None

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options = self._begin(index)
        if state is None:
            nd.sgd_update(weight, grad, out=weight, **options)
        else:
            nd.nag_mom_update(weight, grad, state, out=weight, momentum=self.momentum, **options)


@register
class Signum(Optimizer):
    """The sign of the gradient, or of its running mean (Bernstein et al., arXiv:1802.04434).

    *wd_lh* is a weight decay that does not pass through the sign.
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
        """The running mean, zeros like the weight; None without momentum."""
        return zeros_like(weight) if self.momentum else None

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options = self._begin(index)
        if state is None:
            nd.signsgd_update(weight, grad, out=weight, **options)
            return
        nd.signum_update(
            weight, grad, state, out=weight, momentum=self.momentum, wd_lh=self.wd_lh, **options
        )


@register
class DCASGD(Optimizer):
    """Gradients that are corrected for their delay (Zheng et al., arXiv:1609.08326).

    ``weight -= lr * (g + wd * weight + lamda * g * g * (weight - weight before))``. A momentum is
    refused, as MXNet 1.9.1 fails with one.
    """

    def __init__(self, momentum: float = 0.0, lamda: float = 0.04, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if momentum:
            raise ParameterError(
                message(f"DCASGD: momentum {momentum}", fix="Leave it out, or use SGD.")
            )
        self.momentum, self.lamda = momentum, lamda
        self.weight_previous: dict[Any, Any] = {}

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """(None, the weight before)."""
        return (None, weight.copy())

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options = self._begin(index)
        g, previous = self._gradient(grad), state[1]
        delay = self.lamda * g * g * (weight - previous)
        step = (g + options["wd"] * weight + delay) * -options["lr"]
        previous[:] = weight
        weight[:] += step


@register
class SGLD(Optimizer):
    """Langevin dynamics: half a step of SGD, and normal noise of variance ``lr``.

    Welling and Teh 2011.
    """

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options = self._begin(index)
        lr, g = options["lr"], self._gradient(grad)
        weight[:] += (g + options["wd"] * weight) * (-lr / 2)
        weight[:] += nd.random.normal(
            0, math.sqrt(lr), shape=weight.shape, dtype=weight.dtype, ctx=weight.context
        )


@register
class ccSGD(SGD):
    """SGD under the name that it had in old scripts."""


@register
class Test(Optimizer):
    """``weight += grad * rescale_grad``: for tests of what stands around an optimizer."""

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """A copy of the weight after each update."""
        return nd.zeros(weight.shape, weight.context)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        weight[:] += grad * self.rescale_grad
        state[:] = weight
