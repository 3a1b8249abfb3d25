"""Random numbers: the same seed gives the same numbers as MXNet 1.9.1.

*rng* is the device's :class:`workbench.backend.streams.Streams`; it draws flat arrays of n
values, in float64 for every dtype but float32.
"""

from ..error import DTypeError, ParameterError, message
from . import random_laws, rules
from .params import Bool, DType, Float, Int, Shape
from .registry import op


def _size(shape):
    return (1,) if shape is None or shape == () else shape


def _delivered(xp, draws, shape, dtype):
    """Flat draws as an array of this backend, in shape and dtype."""
    return xp.asarray(draws).astype(dtype, copy=False).reshape(shape)


def _shape_given(p, ins):
    return ins, [_size(p["shape"])]


def _dtype_or(default):
    return lambda p, ins, n: (ins, [p["dtype"] or default])


_DRAW = {"infer": _shape_given, "dtype": _dtype_or("float32"), "zero_grad": True}


@op(
    aliases=["random_uniform", "uniform"],
    examples=[{"shape": (2, 3)}, {"low": -1.0, "shape": (70,), "dtype": "float64"}],
    **_DRAW,
)
def _random_uniform(
    xp,
    *,
    low: Float = 0.0,  # smallest number
    high: Float = 1.0,  # upper limit, never reached
    shape: Shape(optional=True) = None,
    dtype: DType(optional=True) = None,
    rng,
):
    """Numbers of equal probability in [low, high)."""
    shape, dtype = _size(shape), dtype or "float32"
    draws = random_laws.uniform(rng, rules.prod(shape), dtype, low, high)
    return _delivered(xp, draws, shape, dtype)


@op(
    aliases=["normal", "random_normal"],
    examples=[{"shape": (2, 3)}, {"loc": 2.0, "scale": 0.5, "shape": (70,)}],
    **_DRAW,
)
def _random_normal(
    xp,
    *,
    loc: Float = 0.0,  # mean
    scale: Float = 1.0,  # standard deviation
    shape: Shape(optional=True) = None,
    dtype: DType(optional=True) = None,
    rng,
):
    """Numbers of the normal distribution."""
    shape, dtype = _size(shape), dtype or "float32"
    draws = random_laws.normal(rng, rules.prod(shape), dtype, loc, scale)
    return _delivered(xp, draws, shape, dtype)


@op(
    aliases=["_npi_random_randint", "random_randint"],
    infer=_shape_given,
    dtype=_dtype_or("int32"),
    zero_grad=True,
    examples=[{"low": 0, "high": 10, "shape": (2, 3)}],
)
def _random_randint(
    xp,
    *,
    low: Int,  # smallest number
    high: Int,  # upper limit, never reached
    shape: Shape(optional=True) = None,
    dtype: DType(optional=True) = None,
    rng,
):
    """Whole numbers of equal probability in [low, high)."""
    shape = _size(shape)
    if dtype not in (None, "int32", "int64"):
        raise DTypeError(message(f"randint: no dtype {dtype}", fix="Use int32 or int64."))
    return _delivered(xp, rng.randint(rules.prod(shape), low, high), shape, dtype or "int32")


@op(aliases=["random_exponential"], examples=[{"lam": 2.0, "shape": (2, 3)}], **_DRAW)
def _random_exponential(
    xp,
    *,
    lam: Float = 1.0,  # rate, one over the mean
    shape: Shape(optional=True) = None,
    dtype: DType(optional=True) = None,
    rng,
):
    """Numbers of the exponential distribution."""
    shape, dtype = _size(shape), dtype or "float32"
    draws = random_laws.exponential(rng, rules.prod(shape), dtype, lam)
    return _delivered(xp, draws, shape, dtype)


@op(aliases=["random_gamma"], examples=[{"alpha": 2.0, "shape": (2, 3)}], **_DRAW)
def _random_gamma(
    xp,
    *,
    alpha: Float = 1.0,  # shape of the distribution
    beta: Float = 1.0,  # scale
    shape: Shape(optional=True) = None,
    dtype: DType(optional=True) = None,
    rng,
):
    """Numbers of the gamma distribution, of mean ``alpha · beta``."""
    shape, dtype = _size(shape), dtype or "float32"
    draws = random_laws.gamma(rng, rules.prod(shape), dtype, alpha, beta)
    return _delivered(xp, draws, shape, dtype)


@op(aliases=["random_poisson"], examples=[{"lam": 3.0, "shape": (2, 3)}], **_DRAW)
def _random_poisson(
    xp,
    *,
    lam: Float = 1.0,  # mean
    shape: Shape(optional=True) = None,
    dtype: DType(optional=True) = None,
    rng,
):
    """Counts of the Poisson distribution."""
    shape = _size(shape)
    draws = random_laws.poisson(rng, rules.prod(shape), dtype, lam)
    return _delivered(xp, draws, shape, dtype or "float32")


@op(aliases=["random_negative_binomial"], examples=[{"k": 3, "p": 0.4, "shape": (2, 3)}], **_DRAW)
def _random_negative_binomial(
    xp,
    *,
    k: Int = 1,  # how many successes
    p: Float = 1.0,  # probability of each
    shape: Shape(optional=True) = None,
    dtype: DType(optional=True) = None,
    rng,
):
    """Failures before the *k*-th success."""
    shape = _size(shape)
    draws = random_laws.negative_binomial(rng, rules.prod(shape), dtype, k, p)
    return _delivered(xp, draws, shape, dtype or "float32")


@op(
    aliases=["random_generalized_negative_binomial"],
    examples=[{"mu": 3.0, "alpha": 0.5, "shape": (2, 3)}],
    **_DRAW,
)
def _random_generalized_negative_binomial(
    xp,
    *,
    mu: Float = 1.0,  # mean
    alpha: Float = 1.0,  # dispersion: the variance is mu + alpha · mu²
    shape: Shape(optional=True) = None,
    dtype: DType(optional=True) = None,
    rng,
):
    """Counts of the negative binomial distribution by mean and dispersion."""
    shape = _size(shape)
    draws = random_laws.generalized_negative_binomial(rng, rules.prod(shape), dtype, mu, alpha)
    return _delivered(xp, draws, shape, dtype or "float32")


# ---- by probabilities -----------------------------------------------------------------------


@op(
    aliases=["sample_multinomial"],
    outputs=lambda p: 2 if p["get_prob"] else 1,
    dtype=lambda p, ins, n: (ins, [p["dtype"], ins[0]][:n]),
    examples=[
        {"data": ([0.2, 0.3, 0.5],), "shape": (4,)},
        {"data": ([[0.5, 0.5], [0.0, 1.0]],), "get_prob": True},
    ],
)
def _sample_multinomial(
    xp,
    data,
    *,
    shape: Shape = (),  # how many draws a row; one without it
    get_prob: Bool = False,  # also return the logarithms of the probabilities
    dtype: DType = "int32",
    rng,
):
    """Indices drawn by the probabilities along the last axis: (..., K) → (..., shape)."""
    count = rules.prod(shape)
    if not count or 0 in shape:
        raise ParameterError(message(f"multinomial: shape {shape} draws nothing"))
    rows = data.reshape(-1, data.shape[-1])
    host = rows.get() if hasattr(rows, "get") else rows
    drawn = rng.multinomial(host, count)
    out_shape = (*data.shape[:-1], *shape) or (1,)
    places = xp.asarray(drawn)
    out = places.astype(dtype).reshape(out_shape)
    if not get_prob:
        return (out,)
    picked = xp.take_along_axis(rows, places, 1)
    return out, xp.log(picked).astype(data.dtype).reshape(out_shape)


@_sample_multinomial.infer
def _multinomial_shape(p, ins):
    n = 2 if p["get_prob"] else 1
    if ins[0] is None:
        return ins, [None] * n
    return ins, [(*ins[0][:-1], *p["shape"]) or (1,)] * n


_sample_multinomial.grad(
    data=lambda F, g, data, outs, p: F._backward_sample_multinomial(g[1], data, outs[0])
)


@op(
    "_backward_sample_multinomial",
    infer=lambda p, ins: (ins, [ins[1]]),
    dtype="first",
    examples=[{"grad": (2,), "data": ("unit", (2, 3)), "drawn": ("int", 3, (2,))}],
)
def backward_multinomial(xp, grad, data, drawn):
    """The gradient of the logarithms of the probabilities: ``g / p`` at the drawn places."""
    rows = data.reshape(-1, data.shape[-1])
    places = drawn.astype("int64").reshape(rows.shape[0], -1)
    share = grad.reshape(places.shape) / xp.take_along_axis(rows, places, 1)
    made = xp.zeros(rows.shape, data.dtype)
    xp.add.at(made, (xp.arange(rows.shape[0])[:, None], places), share)
    return made.reshape(data.shape)


@op(
    aliases=["_npi_shuffle", "shuffle"],
    infer="same",
    zero_grad=True,
    examples=[{"data": (5, 2)}],
)
def _shuffle(xp, data, *, rng):
    """The rows in random order."""
    return data[xp.asarray(rng.shuffle_permutation(data.shape[0]))]
