"""``mx.nd.sparse``: making sparse arrays, and the operators under their names there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import NotSupportedForSparseNDArray
from ..context import Context, current_context
from ..dtypes import as_dtype
from ..error import ShapeError, message, user_line
from ..ops import get
from .core import NDArray
from .creation import _host_values, checked_shape, from_host, zeros as dense_zeros
from .entry import function_of
from .invoke import as_context
from .namespace import namespace
from .sparse_array import (
    CLASSES,
    BaseSparseNDArray,
    CSRNDArray,
    RowSparseNDArray,
    arithmetic,
    from_dense,
    make,
)
from .sparse_format import misfit

if TYPE_CHECKING:
    from .._stubs.ndarray_sparse import *  # noqa: F403

__all__ = [
    "BaseSparseNDArray",
    "CSRNDArray",
    "NotSupportedForSparseNDArray",
    "RowSparseNDArray",
    "array",
    "csr_matrix",
    "current_context",
    "empty",
    "gs_retain",
    "retain",
    "row_sparse_array",
    "zeros",
]

__getattr__, __dir__ = namespace(__name__, "_sparse_", "")


def csr_matrix(
    arg1: Any, shape: Any = None, ctx: Context | None = None, dtype: Any = None
) -> CSRNDArray:
    """A csr matrix.

    Parameters
    ----------
    arg1 : (data, indices, indptr), (data, (row, col)), (rows, columns), matrix
        the parts; elements and where they are (in any order, equal places add up); the size of
        a matrix of zeros; or something dense, csr or of SciPy to be converted
    shape : (int, int), optional
        by default the rows of *indptr* and the largest index + 1
    ctx : Context, optional
    dtype : optional
        default is the values' own where they have one, else float32
    """
    target = as_context(ctx)
    if not isinstance(arg1, tuple):
        return _converted("csr", arg1, shape, target, dtype)
    if len(arg1) == 2 and all(isinstance(n, (int, np.integer)) for n in arg1):
        return zeros("csr", _same_shape(arg1, shape), target, dtype)
    if len(arg1) == 2:
        data, (rows, columns) = arg1
        values, places = _values_of(data, dtype), [_index(rows), _index(columns)]
        if shape is None:
            shape = tuple(int(part.max(initial=-1)) + 1 for part in places)
        return _of_elements(values, places, shape, target)
    if len(arg1) != 3:
        raise ValueError(f"csr_matrix: unexpected length of input tuple: {len(arg1)}")
    data, indices, indptr = arg1
    parts = _index(indptr), _index(indices)
    if shape is None:
        if not parts[1].size:
            raise ShapeError(message("csr_matrix: no shape, and no indices to find it by"))
        shape = (len(parts[0]) - 1, int(parts[1].max()) + 1)
    return _checked("csr", _values_of(data, dtype), parts, shape, target)


def _of_elements(
    values: np.ndarray, places: Sequence[np.ndarray], shape: Any, ctx: Context
) -> CSRNDArray:
    """A csr matrix of elements at (row, column) in any order; equal places add up."""
    rows, columns = places
    if any(len(part) != len(values) for part in places):
        raise ShapeError(
            message(f"csr_matrix: {len(values)} values at {len(rows)}, {len(columns)} places")
        )
    order = np.argsort(rows, kind="stable")
    indptr = np.searchsorted(rows[order], np.arange(shape[0] + 1))
    made = _checked("csr", values[order], (indptr, columns[order]), shape, ctx)
    return made._ordered()


def row_sparse_array(
    arg1: Any, shape: Any = None, ctx: Context | None = None, dtype: Any = None
) -> RowSparseNDArray:
    """A row-sparse array.

    Parameters
    ----------
    arg1 : (data, indices), tuple of sizes, array
        the stored rows and their places, which ascend; the size of an array of zeros; or
        something dense or row_sparse to be converted
    shape : tuple of int, optional
        by default the largest index + 1 and the rows' own shape
    ctx : Context, optional
    dtype : optional
        default is the values' own where they have one, else float32
    """
    target = as_context(ctx)
    if not isinstance(arg1, tuple):
        return _converted("row_sparse", arg1, shape, target, dtype)
    if all(isinstance(n, (int, np.integer)) for n in arg1):
        return zeros("row_sparse", _same_shape(arg1, shape), target, dtype)
    if len(arg1) != 2:
        raise ValueError(f"row_sparse_array: unexpected length of input tuple: {len(arg1)}")
    values, rows = _values_of(arg1[0], dtype), _index(arg1[1])
    if shape is None:
        shape = (int(rows.max(initial=-1)) + 1, *values.shape[1:])
    return _checked("row_sparse", values, (rows,), shape, target)


def array(source_array: Any, ctx: Context | None = None, dtype: Any = None) -> Any:
    """A copy of a sparse array of Workbench or SciPy; dense sources are for ``mx.nd.array``."""
    if isinstance(source_array, BaseSparseNDArray):
        made = source_array.copyto(source_array._ctx if ctx is None else as_context(ctx))
        return made if dtype is None else made.astype(dtype)
    if hasattr(source_array, "tocsr"):
        return csr_matrix(source_array, ctx=ctx, dtype=dtype)
    raise ValueError(
        f"sparse.array takes a sparse array, not {type(source_array).__name__}; use mx.nd.array"
    )


def zeros(
    stype: str, shape: Any, ctx: Context | None = None, dtype: Any = None, **kwargs: Any
) -> Any:
    """An array of zeros in the storage *stype*; nothing is stored but the shape."""
    if stype == "default":
        return dense_zeros(shape, ctx, dtype)
    if stype not in CLASSES:
        raise ValueError(f"unknown storage type {stype!r}; use default, csr or row_sparse")
    sizes, kind = checked_shape(shape), as_dtype(dtype)
    none = np.zeros(0, np.int64)
    if stype == "csr":
        return _checked(
            "csr", np.zeros(0, kind), (np.zeros(sizes[0] + 1), none), sizes, as_context(ctx)
        )
    return _checked("row_sparse", np.zeros((0, *sizes[1:]), kind), (none,), sizes, as_context(ctx))


def empty(stype: str, shape: Any, ctx: Context | None = None, dtype: Any = None) -> Any:
    """As :func:`zeros`."""
    return zeros(stype, shape, ctx, dtype)


def _checked(
    stype: str, values: np.ndarray, parts: Sequence[np.ndarray], shape: Any, ctx: Context
) -> Any:
    """An array of NumPy parts; ShapeError where their shapes do not fit together."""
    aux = [np.asarray(part, np.int64) for part in parts]
    sizes = tuple(int(n) for n in shape)
    problem = misfit(stype, [one.shape for one in (values, *aux)], sizes)
    if problem:
        raise ShapeError(
            message(
                f"{stype} array: {problem}",
                where=[f"shape {sizes}", user_line()],
                fix="Give parts that fit each other and the shape.",
            )
        )
    return make(stype, values, aux, sizes, ctx)


def _converted(stype: str, source: Any, shape: Any, ctx: Context, dtype: Any) -> Any:
    if stype == "csr" and hasattr(source, "tocsr"):
        matrix = source.tocsr()
        _same_shape(matrix.shape, shape)
        parts = (matrix.data, matrix.indices, matrix.indptr)
        made = csr_matrix(parts, matrix.shape, ctx, dtype)
        return made._ordered()
    if isinstance(source, BaseSparseNDArray):
        if source.stype != stype:
            raise ValueError(f"cannot make a {stype} array of a {source.stype} one")
        made = source.copyto(ctx)
        made = made if dtype is None else made.astype(dtype)
    else:
        made = from_dense(from_host(_values_of(source, dtype), ctx), stype)
    _same_shape(made.shape, shape)
    return made


def _same_shape(own: Any, shape: Any) -> Any:
    """The source's own shape; ShapeError where another one is asked for."""
    if shape is not None and tuple(own) != tuple(shape):
        raise ShapeError(message(f"the source has shape {tuple(own)}, not {tuple(shape)}"))
    return own


def _values_of(source: Any, dtype: Any) -> np.ndarray:
    """Values on the host: their own dtype where they have one, float32 for lists."""
    host = source.asnumpy() if isinstance(source, NDArray) else _host_values(source)
    own = host.dtype if isinstance(source, (NDArray, np.ndarray)) else None
    return host.astype(as_dtype(dtype if dtype is not None else own))


def _index(source: Any) -> np.ndarray:
    host = source.asnumpy() if isinstance(source, NDArray) else np.asarray(source)
    return host.astype(np.int64)


def retain(data: Any, indices: Any = None, **kwargs: Any) -> RowSparseNDArray:
    """*data* with only the rows in *indices* stored; see ``nd._internal._sparse_retain``."""
    return function_of(get("_sparse_retain"), "retain")(data, indices, **kwargs)


#: MXNet's name of the operator's own function
gs_retain = retain


def _two_arrays(name: str, stem: str, method: str) -> Any:
    def function(lhs: Any, rhs: Any) -> Any:
        if isinstance(lhs, NDArray) and isinstance(rhs, NDArray):
            return arithmetic(lhs, rhs, f"elemwise_{stem}", f"broadcast_{stem}")
        if isinstance(lhs, NDArray):
            return getattr(lhs, f"__{method}__")(rhs)
        return getattr(rhs, f"__r{method}__")(lhs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"``lhs {name} rhs`` of arrays or numbers, with broadcasting."
    return function


add, subtract, multiply, divide = (
    _two_arrays(name, *words)
    for name, words in (
        ("add", ("add", "add")),
        ("subtract", ("sub", "sub")),
        ("multiply", ("mul", "mul")),
        ("divide", ("div", "truediv")),
    )
)
