"""Arrays out of nothing, or out of another array's shape."""

import math

from ..error import ParameterError, message
from .params import Bool, DType, Float, Int, Number, Shape
from .registry import op


@op(infer="given", dtype="given", zero_grad=True, examples=[{"shape": (2, 3)}])
def _zeros(xp, *, shape: Shape = (), dtype: DType = "float32"):
    """An array of zeros."""
    return xp.zeros(shape, dtype)


@op(infer="given", dtype="given", zero_grad=True, examples=[{"shape": (2, 3)}])
def _ones(xp, *, shape: Shape = (), dtype: DType = "float32"):
    """An array of ones."""
    return xp.ones(shape, dtype)


@op(
    aliases=["_npi_full"],
    infer="given",
    dtype="given",
    zero_grad=True,
    examples=[{"shape": (2, 3), "value": 1.5}],
)
def _full(xp, *, shape: Shape(optional=True) = None, dtype: DType = "float32", value: Number):
    """An array of one number."""
    return xp.full((1,) if shape is None else shape, value, dtype)


@op(
    dtype="given",
    zero_grad=True,
    examples=[{"start": 2.0}, {"start": 1.0, "stop": 4.0, "step": 0.5, "repeat": 2}],
)
def _arange(
    xp,
    *,
    start: Number,  # first value; where no stop is given, the stop, and 0 is the start
    stop: Number(optional=True) = None,  # end, exclusive
    step: Number = 1,  # distance of neighbours
    repeat: Int(min=1) = 1,  # how often each value comes
    infer_range: Bool = False,  # let the place of use say how many (symbols only)
    dtype: DType = "float32",
):
    """``start, start + step, ...`` up to but without *stop*, each *repeat* times.

    How many there are is computed before *start* and *step* become *dtype*, as in MXNet.
    """
    start, stop = _range(start, stop)
    first, distance = xp.asarray(start).astype(dtype), xp.asarray(step).astype(dtype)
    values = first + xp.arange(_count(start, stop, step)).astype(dtype) * distance
    return xp.repeat(values, repeat) if repeat > 1 else values


def _range(start, stop):
    return (0, start) if stop is None else (start, stop)


def _count(start, stop, step):
    if step == 0:
        raise ParameterError(message("_arange: step is 0", fix="Give a step other than 0."))
    return max(0, math.ceil((stop - start) / step))


@_arange.infer
def _arange_shape(p, ins):
    start, stop = _range(p["start"], p["stop"])
    if p["infer_range"] and p["stop"] is None:
        return ins, [(0,)]
    return ins, [(_count(start, stop, p["step"]) * p["repeat"],)]


@op(dtype="given", zero_grad=True, examples=[{"N": 3}, {"N": 3, "M": 4, "k": -1}])
def _eye(
    xp,
    *,
    N: Int(min=0),  # rows
    M: Int(min=0) = 0,  # columns; 0 for as many as rows
    k: Int = 0,  # the diagonal of ones, above the main one where positive
    dtype: DType = "float32",
):
    """Ones on a diagonal, zeros elsewhere: (N, M)."""
    return xp.eye(N, M or N, k, dtype)


_eye.shape_rule = lambda p, ins: (ins, [(p["N"], p["M"] or p["N"])])


@op(
    aliases=["_npi_linspace"],
    dtype="given",
    zero_grad=True,
    examples=[{"start": 0.0, "stop": 1.0, "num": 5}],
)
def _linspace(
    xp,
    *,
    start: Float,  # first of them
    stop: Float,  # end of the range
    step: Float = 1.0,  # kept for MXNet's files, without effect
    repeat: Int = 1,  # without effect too
    infer_range: Bool = False,  # without effect too
    dtype: DType = "float32",
    num: Int(min=0),  # how many
    endpoint: Bool = True,  # whether *stop* is the last of them
):
    """*num* numbers at equal distances from *start* to *stop*."""
    return xp.linspace(start, stop, num, endpoint=endpoint).astype(dtype)


_linspace.shape_rule = lambda p, ins: (ins, [(p["num"],)])


@op(
    aliases=["_sparse_zeros_like"],
    infer="same",
    zero_grad=True,
    storage="keeps",
    examples=[{"data": (3, 4)}],
)
def zeros_like(xp, data):
    """Zeros of *data*'s shape and dtype."""
    return xp.zeros(data.shape, data.dtype)


@op(infer="same", zero_grad=True, examples=[{"data": (3, 4)}])
def ones_like(xp, data):
    """Ones of *data*'s shape and dtype."""
    return xp.ones(data.shape, data.dtype)


@op(infer="given", zero_grad=True, examples=[{"shape": (2, 3)}, {"shape": (2,), "dtype": 1}])
def _zeros_without_dtype(
    xp,
    *,
    shape: Shape = (),
    dtype: Int = -1,  # MXNet's number of the dtype; -1 for float32
):
    """An array of zeros; for graphs in which the place of use says the dtype."""
    return xp.zeros(shape or (1,), _numbered(dtype))


def _numbered(flag):
    return "float32" if flag == -1 else DType().parse(str(flag))


_zeros_without_dtype.shape_rule = lambda p, ins: (ins, [p["shape"] or (1,)])
_zeros_without_dtype.dtype_rule = lambda p, ins, n: (ins, [_numbered(p["dtype"])])


@op(
    infer=lambda p, ins: (ins, [(1,)]),
    dtype=lambda p, ins, n: (ins, ["float32"]),
    zero_grad=True,
    examples=[{"src": 1.5}],
)
def _set_value(
    xp,
    *,
    src: Float,  # the number
    out=None,
):
    """Every element of *out* set to one number; without *out* an array of that number."""
    if out is None:
        return xp.full((1,), src, "float32")
    out[...] = src
    return out
