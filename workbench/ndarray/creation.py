"""Arrays from nothing, NumPy and each other: ``array``, ``zeros``, ``full``, ``empty``, ..."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from operator import index
from typing import Any

import numpy as np

from ..backend import activate
from ..context import Context
from ..dtypes import as_dtype
from ..error import DTypeError, OutOfMemory, ParameterError, ShapeError, message, user_line
from ..ops import get
from ..util import is_np_shape
from .core import NDArray, on, wrap
from .invoke import as_context, invoke
from .room import check_room

__all__ = [
    "arange",
    "array",
    "concatenate",
    "empty",
    "eye",
    "from_host",
    "full",
    "histogram",
    "linspace",
    "onehot_encode",
    "ones",
    "zeros",
]


def from_host(values: np.ndarray, ctx: Context) -> NDArray:
    """A fresh array on *ctx* with the values and dtype of a NumPy array."""
    activate(ctx)
    with on(ctx):
        return wrap(ctx.backend.from_host(values), ctx)


def array(source_array: Any, ctx: Context | None = None, dtype: Any = None) -> NDArray:
    """An array from a list, a number, a NumPy array or an NDArray.

    Parameters
    ----------
    source_array : array_like
    ctx : Context, optional
        the device; default is the current context
    dtype : str or numpy dtype, optional
        default is the source's own for an NDArray, float32 for everything else, as in MXNet

    Returns
    -------
    NDArray
        a copy; its memory is shared with nothing. Of a sparse array, also SciPy's, a sparse one.
    """
    if _is_sparse(source_array):
        return _sparse().array(source_array, ctx, dtype)
    if isinstance(source_array, NDArray):
        wanted = as_dtype(dtype, source_array._data.dtype.name)
        values = source_array.asnumpy()
        if ctx is None:
            ctx = source_array._ctx
    else:
        wanted = as_dtype(dtype)
        values = _host_values(source_array)
    with np.errstate(all="ignore"):
        return from_host(values.astype(wanted), as_context(ctx))


def _is_sparse(source: Any) -> bool:
    if isinstance(source, NDArray):
        return source.stype != "default"
    return not isinstance(source, (np.ndarray, list)) and hasattr(source, "tocsr")


def _sparse() -> Any:
    return importlib.import_module(".sparse", __package__)


def _host_values(source: Any) -> np.ndarray:
    try:
        values = np.asarray(_plain(source))
    except ValueError as error:
        raise ShapeError(
            message(
                f"array: the source is ragged: {error}",
                where=[user_line()],
                fix="Give rows of equal length.",
            )
        ) from None
    if values.dtype.kind not in "biufc" or values.dtype.kind == "c":
        raise DTypeError(
            message(
                f"array: source_array must be array like of numbers, got {type(source).__name__} "
                f"of dtype {values.dtype}",
                where=[user_line()],
            )
        )
    return values


def _plain(source: Any) -> Any:
    """Lists that hold NDArrays, with NumPy arrays in their place."""
    if isinstance(source, (list, tuple)) and any(isinstance(x, (NDArray, list)) for x in source):
        return [x.asnumpy() if isinstance(x, NDArray) else _plain(x) for x in source]
    return source


def checked_shape(shape: Any) -> tuple[int, ...]:
    """A tuple of sizes; ShapeError otherwise.

    Outside ``mx.np_shape()`` they are positive: 0 and () stand for what is unknown.
    """
    try:
        listed = isinstance(shape, (tuple, list)) or getattr(shape, "ndim", 0) == 1
        sizes = tuple(map(index, shape if listed else (shape,)))
    except TypeError:
        raise ShapeError(
            message(
                f"a shape is an int or a tuple of ints, got {shape!r}",
                where=[user_line()],
                fix="Write the sizes of all axes: (2, 3).",
            )
        ) from None
    least = 0 if is_np_shape() else 1
    if (not sizes and least) or any(n < least for n in sizes):
        raise ShapeError(
            message(
                f"cannot make an array of shape {sizes}",
                where=[user_line()],
                fix="Give positive sizes; 0 and () stand for unknown shapes in this API, "
                "unless it is used `with mx.np_shape():`.",
            )
        )
    return sizes


def _filled(shape: Any, value: Any, ctx: Any, dtype: Any) -> NDArray:
    target = activate(as_context(ctx))
    sizes, kind = checked_shape(shape), as_dtype(dtype)
    try:
        number = target.backend.scalar(value, kind)
    except (TypeError, ValueError, OverflowError) as error:
        raise DTypeError(
            message(f"cannot fill an array of {kind} with {value!r}: {error}", where=[user_line()])
        ) from None
    check_room("array", sizes, kind.itemsize, target)
    try:
        with on(target):
            if isinstance(value, int) and value == 0:
                return wrap(target.backend.xp.zeros(sizes, kind), target)
            return wrap(target.backend.xp.full(sizes, number), target)
    except MemoryError as error:
        raise OutOfMemory(
            message(
                f"an array of shape {sizes} and dtype {kind} does not fit on {target}: {error}",
                where=[user_line()],
                fix="Make a smaller array, or work on it part by part.",
            )
        ) from None


def empty(
    shape: Any, ctx: Context | None = None, dtype: Any = None, stype: str | None = None
) -> NDArray:
    """An array whose values are not set; zeros here, since stray memory helps nobody."""
    return zeros(shape, ctx, dtype, stype)


def zeros(
    shape: Any, ctx: Context | None = None, dtype: Any = None, stype: str | None = None, **kw: Any
) -> NDArray:
    """An array of zeros; float32 unless *dtype* is given. *stype* asks for sparse storage."""
    if stype not in (None, "default"):
        return _sparse().zeros(stype, shape, ctx, dtype)
    return _write_out(_filled(shape, 0, ctx, dtype), kw)


def ones(shape: Any, ctx: Context | None = None, dtype: Any = None, **kw: Any) -> NDArray:
    """An array of ones; float32 unless *dtype* is given."""
    return _write_out(_filled(shape, 1, ctx, dtype), kw)


def full(
    shape: Any, val: float, ctx: Context | None = None, dtype: Any = None, out: Any = None
) -> NDArray:
    """An array filled with *val*; float32 unless *dtype* is given."""
    return _write_out(_filled(shape, val, ctx, dtype), {"out": out})


def _write_out(made: NDArray, options: dict[str, Any]) -> NDArray:
    out = options.get("out")
    if out is None:
        return made
    out[:] = made
    return out


def concatenate(arrays: Sequence[NDArray], axis: int = 0, always_copy: bool = True) -> NDArray:
    """Join arrays along an axis that exists; MXNet's helper beside the operator ``concat``."""
    if not always_copy and len(arrays) == 1:
        return arrays[0]
    return invoke(get("Concat"), tuple(arrays), {"dim": axis}, None, {})


def arange(
    start: float,
    stop: float | None = None,
    step: float = 1.0,
    repeat: int = 1,
    infer_range: bool | None = None,
    ctx: Context | None = None,
    dtype: Any = "float32",
) -> NDArray:
    """Numbers from *start* (0 when only one is given) up to *stop*, each *repeat* times.

    *infer_range* is deprecated in MXNet and must be left out.
    """
    if infer_range is not None:
        import warnings

        warnings.warn(
            "`infer_range` argument has been deprecated", DeprecationWarning, stacklevel=2
        )
    params = {"start": start, "stop": stop, "step": step, "repeat": repeat, "dtype": dtype}
    return invoke(get("_arange"), (), {**params, "ctx": ctx}, None, {})


def linspace(
    start: float,
    stop: float,
    num: int,
    endpoint: bool = True,
    ctx: Context | None = None,
    dtype: Any = "float32",
) -> NDArray:
    """*num* numbers at equal distances from *start* to *stop*, which *endpoint* includes."""
    params = {"start": start, "stop": stop, "num": num, "endpoint": endpoint, "dtype": dtype}
    return invoke(get("_linspace"), (), {**params, "ctx": ctx}, None, {})


def eye(
    N: int, M: int = 0, k: int = 0, ctx: Context | None = None, dtype: Any = None, **kwargs: Any
) -> NDArray:
    """Ones on the *k*-th diagonal of an (N, M) array of zeros; M = 0 stands for N."""
    params = {"N": N, "M": M, "k": k, "dtype": as_dtype(dtype).name}
    return _write_out(invoke(get("_eye"), (), {**params, "ctx": ctx}, None, {}), kwargs)


def onehot_encode(indices: NDArray, out: NDArray) -> NDArray:
    """Write rows with a one at each index (N,) into *out* (N, classes); ``one_hot`` is newer."""
    given = {"depth": out.shape[1], "dtype": out._data.dtype.name}
    out[:] = invoke(get("one_hot"), (indices,), given, None, {})
    return out


def histogram(a: NDArray, bins: Any = 10, range: Any = None) -> Any:
    """How many elements fall into each bin, and the edges of the bins.

    *bins* is a number of equal bins over *range*, or the edges themselves as an NDArray. Counts
    are int64. Without *range* that of the data is taken, on the host, and counts are float32, as
    in MXNet.
    """
    operator = get("_histogram")
    if isinstance(bins, NDArray):
        return invoke(operator, (a, bins), {}, None, {})
    if not isinstance(bins, int):
        raise ParameterError("histogram: bins argument should be either an integer or an NDArray")
    if range is not None:
        return invoke(operator, (a, None), {"bin_cnt": bins, "range": range}, None, {})
    counts, edges = np.histogram(a.asnumpy(), bins)
    return [from_host(one.astype(a.dtype), a._ctx) for one in (counts, edges)]
