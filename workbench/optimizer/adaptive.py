"""Rates for each element, by the squares of its gradients."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from ..dtypes import dtype_name
from ..error import DTypeError, message
from .base import Optimizer, register, zeros_like

__all__ = ["FTML", "AdaDelta", "AdaGrad", "Ftrl", "RMSProp"]


@register
class AdaGrad(Optimizer):
    """``history += g * g``; ``weight -= lr * (g / sqrt(history + eps) + wd * weight)``.

    Duchi, Hazan and Singer 2011. Of a row_sparse gradient only the stored rows are updated.
    """

    def __init__(self, eps: float = 1e-7, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.float_stable_eps = eps

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The history, zeros like the weight."""
        return zeros_like(weight)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options = self._begin(index)
        if grad.stype == "row_sparse":
            options["epsilon"] = self.float_stable_eps
            nd.sparse.adagrad_update(weight, grad, state, out=weight, **options)
            return
        g = self._gradient(grad)
        state[:] += nd.square(g)
        step = g / nd.sqrt(state + self.float_stable_eps) + weight * options["wd"]
        weight[:] += step * -options["lr"]


@register
class RMSProp(Optimizer):
    """Running means of squared gradients; see ``nd.rmsprop_update``.

    *centered* subtracts the square of the running mean, as in Graves (arXiv:1308.0850), equations
    38 to 45; see ``nd.rmspropalex_update``.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        gamma1: float = 0.9,
        gamma2: float = 0.9,
        epsilon: float = 1e-8,
        centered: bool = False,
        clip_weights: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.gamma1, self.gamma2, self.epsilon = gamma1, gamma2, epsilon
        self.centered, self.clip_weights = centered, clip_weights

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """``(n,)``, or ``(n, g, delta)`` when centered."""
        if dtype_name(weight.dtype) == "float16":
            raise DTypeError(
                message(
                    "RMSProp: epsilon is 0 in float16, the step would be infinite",
                    fix="Pass multi_precision=True.",
                )
            )
        return tuple(zeros_like(weight) for _ in range(3 if self.centered else 1))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options = {**self._begin(index), "gamma1": self.gamma1, "epsilon": self.epsilon}
        if self.clip_weights:
            options["clip_weights"] = self.clip_weights
        if self.centered:
            n, g, delta = state
            options["gamma2"] = self.gamma2
            nd.rmspropalex_update(weight, grad, n, g, delta, out=weight, **options)
        else:
            nd.rmsprop_update(weight, grad, state[0], out=weight, **options)


@register
class AdaDelta(Optimizer):
    """Steps as large as the steps before (Zeiler, arXiv:1212.5701); the rate has no influence."""

    def __init__(self, rho: float = 0.90, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rho, self.epsilon = rho, epsilon

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """Running means of g² and of squared steps."""
        return (zeros_like(weight), zeros_like(weight))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        wd, (squares, steps) = self._begin(index)["wd"], state
        g = self._gradient(grad)
        squares[:] = self.rho * squares + (1 - self.rho) * g * g
        step = nd.sqrt(steps + self.epsilon) / nd.sqrt(squares + self.epsilon) * g
        steps[:] = self.rho * steps + (1 - self.rho) * step * step
        weight[:] -= step + wd * weight


@register
class Ftrl(Optimizer):
    """Follow the regularised leader (McMahan et al. 2013); see ``nd.ftrl_update``."""

    def __init__(
        self, lamda1: float = 0.01, learning_rate: float = 0.1, beta: float = 1, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.lamda1, self.beta, self.lr = lamda1, beta, learning_rate

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """``(z, n)``, zeros like the weight."""
        return (zeros_like(weight), zeros_like(weight))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options = self._begin(index)
        z, n = state
        nd.ftrl_update(
            weight, grad, z, n, out=weight, lamda1=self.lamda1, beta=self.beta, **options
        )


@register
class FTML(Optimizer):
    """Follow the moving leader (Zheng and Kwok 2017); see ``nd.ftml_update``."""

    def __init__(
        self, beta1: float = 0.6, beta2: float = 0.999, epsilon: float = 1e-8, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """``(d, v, z)``, zeros like the weight."""
        return (zeros_like(weight), zeros_like(weight), zeros_like(weight))

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options = self._begin(index)
        if "clip_gradient" in options:
            options["clip_grad"] = options.pop("clip_gradient")
        d, v, z = state
        nd.ftml_update(
            weight,
            grad,
            d,
            v,
            z,
            out=weight,
            t=self._index_update_count[index],
            beta1=self.beta1,
            beta2=self.beta2,
            epsilon=self.epsilon,
            **options,
        )
