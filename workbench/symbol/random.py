"""``mx.sym.random``: nodes that draw samples when the graph runs.

Parameters of a distribution may be numbers (one distribution, *shape* samples) or symbols (one
distribution per element, *shape* samples of each).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..base import _Null
from ..error import ParameterError
from .compose import function
from .namespace import namespace
from .symbol import Symbol

if TYPE_CHECKING:
    from .._stubs.symbol_random import *  # noqa: F403

__all__ = [
    "exponential",
    "gamma",
    "generalized_negative_binomial",
    "multinomial",
    "negative_binomial",
    "normal",
    "poisson",
    "randint",
    "randn",
    "shuffle",
    "uniform",
]

__getattr__, __dir__ = namespace(__name__, "_random_")


def _draw(kind: str, params: dict[str, Any], shape: Any, dtype: Any, kwargs: Any) -> Symbol:
    symbols = [isinstance(value, Symbol) for value in params.values()]
    if any(symbols) and not all(symbols):
        raise ParameterError(f"random.{kind}: parameters must be all numbers or all Symbols")
    table = "_sample_" if any(symbols) else "_random_"
    return function(table + kind)(**params, shape=shape, dtype=dtype, **kwargs)


def uniform(
    low: Any = 0, high: Any = 1, shape: Any = _Null, dtype: Any = _Null, **kwargs: Any
) -> Symbol:
    """Uniform samples from ``[low, high)``."""
    return _draw("uniform", {"low": low, "high": high}, shape, dtype, kwargs)


def normal(
    loc: Any = 0, scale: Any = 1, shape: Any = _Null, dtype: Any = _Null, **kwargs: Any
) -> Symbol:
    """Normal samples of mean *loc* and standard deviation *scale*."""
    return _draw("normal", {"loc": loc, "scale": scale}, shape, dtype, kwargs)


def randn(*shape: int, **kwargs: Any) -> Symbol:
    """Normal samples of the given sizes; ``loc`` and ``scale`` by name."""
    loc, scale = kwargs.pop("loc", 0), kwargs.pop("scale", 1)
    return _draw("normal", {"loc": loc, "scale": scale}, shape, kwargs.pop("dtype", _Null), kwargs)


def poisson(lam: Any = 1, shape: Any = _Null, dtype: Any = _Null, **kwargs: Any) -> Symbol:
    """Poisson samples of mean *lam*."""
    return _draw("poisson", {"lam": lam}, shape, dtype, kwargs)


def exponential(scale: Any = 1, shape: Any = _Null, dtype: Any = _Null, **kwargs: Any) -> Symbol:
    """Exponential samples of mean *scale*."""
    lam = 1.0 / scale
    return _draw("exponential", {"lam": lam}, shape, dtype, kwargs)


def gamma(
    alpha: Any = 1, beta: Any = 1, shape: Any = _Null, dtype: Any = _Null, **kwargs: Any
) -> Symbol:
    """Gamma samples of shape *alpha* and scale *beta*."""
    return _draw("gamma", {"alpha": alpha, "beta": beta}, shape, dtype, kwargs)


def negative_binomial(
    k: Any = 1, p: Any = 1, shape: Any = _Null, dtype: Any = _Null, **kwargs: Any
) -> Symbol:
    """Failures before the *k*-th success, of probability *p*."""
    return _draw("negative_binomial", {"k": k, "p": p}, shape, dtype, kwargs)


def generalized_negative_binomial(
    mu: Any = 1, alpha: Any = 1, shape: Any = _Null, dtype: Any = _Null, **kwargs: Any
) -> Symbol:
    """Samples of mean *mu* and dispersion *alpha*."""
    params = {"mu": mu, "alpha": alpha}
    return _draw("generalized_negative_binomial", params, shape, dtype, kwargs)


def randint(low: int, high: int, shape: Any = _Null, dtype: Any = _Null, **kwargs: Any) -> Symbol:
    """Whole numbers from ``[low, high)``."""
    return _draw("randint", {"low": low, "high": high}, shape, dtype, kwargs)


def multinomial(
    data: Symbol, shape: Any = _Null, get_prob: bool = True, dtype: Any = "int32", **kwargs: Any
) -> Symbol:
    """Indices drawn with the probabilities in the last axis of *data*."""
    return function("_sample_multinomial")(
        data, shape=shape, get_prob=get_prob, dtype=dtype, **kwargs
    )


def shuffle(data: Symbol, **kwargs: Any) -> Symbol:
    """The rows of *data* in random order."""
    return function("_shuffle")(data, **kwargs)
