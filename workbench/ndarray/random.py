"""``mx.nd.random``: samples by MXNet's streams; the same seed gives the same numbers.

Parameters of a distribution may be numbers (one distribution, *shape* samples) or NDArrays (one
distribution per element, *shape* samples of each).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..base import _Null
from ..context import Context, current_context
from ..error import ParameterError, message
from ..ops import get
from .core import NDArray
from .invoke import invoke
from .namespace import namespace

if TYPE_CHECKING:
    from .._stubs.ndarray_random import *  # noqa: F403

__all__ = [
    "current_context",
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

__getattr__, __dir__ = namespace(__name__, "_random_", "random_")


def _draw(
    kind: str, params: dict[str, Any], shape: Any, dtype: Any, ctx: Any, out: Any, **kw: Any
) -> NDArray:
    """One operator call: ``_random_KIND`` for numbers, ``_sample_KIND`` for arrays."""
    arrays = [isinstance(value, NDArray) for value in params.values()]
    options = {"shape": shape, "dtype": "None" if dtype is None else dtype}
    options = {k: v for k, v in options.items() if v is not _Null}
    if all(arrays):
        return invoke(get(f"_sample_{kind}"), list(params.values()), options, out, kw)
    if any(arrays):
        raise ParameterError(
            message(
                f"random.{kind}: parameters must be all numbers or all NDArrays",
                where=[f"{k}: {type(v).__name__}" for k, v in params.items()],
                fix="Convert the number with mx.nd.full(...).",
            )
        )
    if out is not None and "shape" not in options:
        options["shape"] = out.shape
    if isinstance(out, NDArray) and dtype in (_Null, None):
        options["dtype"] = out.dtype
    if ctx is None and isinstance(out, NDArray):
        ctx = out._ctx
    return invoke(get(f"_random_{kind}"), (), {**params, **options, "ctx": ctx}, out, kw)


def uniform(
    low: Any = 0,
    high: Any = 1,
    shape: Any = _Null,
    dtype: Any = _Null,
    ctx: Context | None = None,
    out: NDArray | None = None,
    **kwargs: Any,
) -> NDArray:
    """Samples of the uniform distribution over [low, high); float32 by default."""
    return _draw("uniform", {"low": low, "high": high}, shape, dtype, ctx, out, **kwargs)


def normal(
    loc: Any = 0,
    scale: Any = 1,
    shape: Any = _Null,
    dtype: Any = _Null,
    ctx: Context | None = None,
    out: NDArray | None = None,
    **kwargs: Any,
) -> NDArray:
    """Samples of the normal distribution with mean *loc* and standard deviation *scale*."""
    names = ("mu", "sigma") if isinstance(loc, NDArray) else ("loc", "scale")
    params = dict(zip(names, (loc, scale), strict=True))
    return _draw("normal", params, shape, dtype, ctx, out, **kwargs)


def randn(*shape: int, **kwargs: Any) -> NDArray:
    """Samples of the normal distribution in an array of the given sizes."""
    loc, scale = kwargs.pop("loc", 0), kwargs.pop("scale", 1)
    return normal(loc, scale, shape=shape or (1,), **kwargs)


def randint(
    low: int,
    high: int,
    shape: Any = _Null,
    dtype: Any = _Null,
    ctx: Context | None = None,
    out: NDArray | None = None,
    **kwargs: Any,
) -> NDArray:
    """Whole numbers in [low, high), each equally likely; int32 by default."""
    return _draw("randint", {"low": low, "high": high}, shape, dtype, ctx, out, **kwargs)


def poisson(
    lam: Any = 1,
    shape: Any = _Null,
    dtype: Any = _Null,
    ctx: Context | None = None,
    out: NDArray | None = None,
    **kwargs: Any,
) -> NDArray:
    """Samples of the Poisson distribution with rate *lam*."""
    return _draw("poisson", {"lam": lam}, shape, dtype, ctx, out, **kwargs)


def exponential(
    scale: Any = 1,
    shape: Any = _Null,
    dtype: Any = _Null,
    ctx: Context | None = None,
    out: NDArray | None = None,
    **kwargs: Any,
) -> NDArray:
    """Samples of the exponential distribution with mean *scale*."""
    lam = 1.0 / scale
    return _draw("exponential", {"lam": lam}, shape, dtype, ctx, out, **kwargs)


def gamma(
    alpha: Any = 1,
    beta: Any = 1,
    shape: Any = _Null,
    dtype: Any = _Null,
    ctx: Context | None = None,
    out: NDArray | None = None,
    **kwargs: Any,
) -> NDArray:
    """Samples of the gamma distribution with shape *alpha* and scale *beta*."""
    return _draw("gamma", {"alpha": alpha, "beta": beta}, shape, dtype, ctx, out, **kwargs)


def negative_binomial(
    k: Any = 1,
    p: Any = 1,
    shape: Any = _Null,
    dtype: Any = _Null,
    ctx: Context | None = None,
    out: NDArray | None = None,
    **kwargs: Any,
) -> NDArray:
    """Failures before *k* successes of probability *p*."""
    return _draw("negative_binomial", {"k": k, "p": p}, shape, dtype, ctx, out, **kwargs)


def generalized_negative_binomial(
    mu: Any = 1,
    alpha: Any = 1,
    shape: Any = _Null,
    dtype: Any = _Null,
    ctx: Context | None = None,
    out: NDArray | None = None,
    **kwargs: Any,
) -> NDArray:
    """The negative binomial with mean *mu* and dispersion *alpha*."""
    params = {"mu": mu, "alpha": alpha}
    return _draw("generalized_negative_binomial", params, shape, dtype, ctx, out, **kwargs)


def multinomial(
    data: NDArray,
    shape: Any = _Null,
    get_prob: bool = False,
    out: Any = None,
    dtype: Any = "int32",
    **kwargs: Any,
) -> Any:
    """Indices drawn with the probabilities in the last axis of *data*; with their log likelihood
    too when *get_prob*."""
    options = {"shape": shape, "get_prob": get_prob, "dtype": dtype}
    return invoke(get("_sample_multinomial"), (data,), options, out, kwargs)


def shuffle(data: NDArray, **kwargs: Any) -> NDArray:
    """A copy with the rows along the first axis in random order."""
    return invoke(get("_shuffle"), (data,), {}, kwargs.pop("out", None), kwargs)
