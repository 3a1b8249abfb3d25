"""The classes of sparse arrays, and the ways between sparse, dense and the records of files.

The parts (values, indices, row pointers) are NDArrays. Operators compute on dense copies, as
MXNet 1.9.1 does wherever it has no kernel of its own ("storage fallback"); :mod:`.storage` says
which results are stored sparse again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..base import NotSupportedForSparseNDArray
from ..context import Context
from ..dtypes import as_dtype
from ..error import DataFileError, ShapeError, message, user_line
from .container import Record, unpack_record
from .core import NDArray, QueuedNDArray
from .creation import from_host
from .invoke import as_context

__all__ = ["BaseSparseNDArray", "CSRNDArray", "RowSparseNDArray", "from_dense", "from_record"]


class BaseSparseNDArray(QueuedNDArray):
    """What csr and row_sparse arrays share; made by the functions of this module."""

    __slots__ = ("_parts", "_shape", "_values")

    _kind = ""

    def __new__(cls, *args: Any) -> Any:
        """An array without parts, as unpickling needs it; see :func:`csr_matrix`."""
        made = object.__new__(cls)
        made._node = made._var = None
        return made

    def _fill(self, values: NDArray, parts: Sequence[NDArray], shape: Iterable[int]) -> Any:
        self._values, self._parts = values, tuple(parts)
        self._shape, self._ctx = tuple(shape), values._ctx
        return self

    @property
    def _data(self) -> Any:
        """A dense copy for code that wants a raw array; what is written into it is lost."""
        return self.tostype("default")._data

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes along each axis, of the array that is meant."""
        return self._shape

    @property
    def dtype(self) -> type:
        """The NumPy scalar type of the values."""
        return self._values.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._shape)

    @property
    def size(self) -> int:
        """The number of elements, those that are not stored included."""
        return math.prod(self._shape)

    @property
    def stype(self) -> str:
        """``"csr"`` or ``"row_sparse"``."""
        return self._kind

    @property
    def data(self) -> NDArray:
        """A copy of the stored values."""
        return self._values.copy()

    @property
    def indices(self) -> NDArray:
        """A copy of the stored indices: columns (csr) or rows (row_sparse), int64."""
        return self._parts[-1].copy()

    @property
    def _num_aux(self) -> int:
        return len(self._parts)

    def __len__(self) -> int:
        return self._shape[0]

    def __repr__(self) -> str:
        size = "x".join(map(str, self._shape))
        return f"\n<{type(self).__name__} {size} @{self._ctx}>"

    __str__ = __repr__
    __hash__ = NDArray.__hash__

    def __reduce__(self) -> Any:
        parts = [part.asnumpy() for part in (self._values, *self._parts)]
        return _rebuild, (self._kind, parts[0], parts[1:], self._shape, str(self._ctx))

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The state of MXNet's own pickles: ``{"handle": bytes of one array record}``."""
        record = unpack_record(bytes(state["handle"]))
        if record is None or record.stype != self._kind:
            raise DataFileError(message(f"a pickled {self._kind} array holds something else"))
        made = from_record(record)
        self._fill(made._values, made._parts, made._shape)

    def wait_to_read(self) -> None:
        """Wait until all parts are there."""
        for part in (self._values, *self._parts):
            part.wait_to_read()

    wait_to_write = wait_to_read

    def asnumpy(self) -> np.ndarray:
        """The values as a dense NumPy array."""
        parts = [part.asnumpy() for part in self._parts]
        return _DENSE[self._kind](self._values.asnumpy(), parts, self._shape)

    def tostype(self, stype: str) -> Any:
        """A copy in the storage *stype*: its own, or ``"default"``."""
        if stype == self._kind:
            return self.copy()
        if stype != "default":
            raise ValueError(f"cast_storage from {self._kind} to {stype} is not supported")
        made = from_host(self.asnumpy(), self._ctx)
        made._node = self._node
        return made

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """The array with values of another dtype; itself when *copy* is False and none changes."""
        if not copy and as_dtype(dtype) == as_dtype(self.dtype):
            return self
        return type(self)()._fill(self._values.astype(dtype), self._parts, self._shape)

    def copyto(self, other: Any) -> Any:
        """Copy to a device (a new array) or into an array of any storage (which is returned)."""
        if isinstance(other, Context):
            values, *parts = [part.copyto(other) for part in (self._values, *self._parts)]
            return type(self)()._fill(values, parts, self._shape)
        if other is self:
            return super().copyto(other)
        if not isinstance(other, NDArray):
            raise TypeError(f"copyto does not support type {type(other).__name__}")
        other[:] = self
        return other

    def reshape(self, *shape: Any, **kwargs: Any) -> Any:
        """Not available: NotSupportedForSparseNDArray."""
        raise NotSupportedForSparseNDArray(self.reshape, None, *shape)

    def check_format(self, full_check: bool = True) -> None:
        """Raise DataFileError when the parts do not fit together."""
        record_of(self)

    def __setitem__(self, key: Any, value: Any) -> None:
        if not (isinstance(key, slice) and key == slice(None)):
            raise ValueError(
                message(
                    f"{type(self).__name__} only supports [:] for assignment, got {key!r}",
                    where=[user_line()],
                    fix='Assign to x[:], or convert with x.tostype("default") first.',
                )
            )
        made = value if isinstance(value, BaseSparseNDArray) else self._stored(value)
        if made.shape != self._shape:
            raise ShapeError(
                message(
                    f"x[:] = value: Shape inconsistent, x {self._shape}, value {made.shape}",
                    where=[user_line()],
                )
            )
        if made._kind != self._kind:
            made = from_dense(made.tostype("default"), self._kind)
        made = made.copyto(self._ctx).astype(self.dtype, copy=False)
        self._fill(made._values, made._parts, made._shape)

    def _stored(self, value: Any) -> BaseSparseNDArray:
        """A number or an array-like as a sparse array of this kind and shape."""
        host = value.asnumpy() if isinstance(value, NDArray) else np.asarray(value)
        if host.ndim == 0:
            host = np.full(self._shape, host)
        return from_dense(from_host(host.astype(self.dtype), self._ctx), self._kind)


def _in_place(name: str) -> Any:
    """``x OP= y``: the parts of x are replaced; x stays the same object."""

    def method(self: BaseSparseNDArray, other: Any) -> BaseSparseNDArray:
        made = getattr(NDArray, name)(self, other)
        if made is NotImplemented:
            return NotImplemented
        self[:] = made
        return self

    method.__name__, method.__qualname__ = f"__i{name[2:]}", f"BaseSparseNDArray.__i{name[2:]}"
    method.__doc__ = f"As ``{name}``; the parts of the array are replaced."
    return method


for _name in ("add", "sub", "mul", "truediv", "mod", "pow"):
    setattr(BaseSparseNDArray, f"__i{_name}__", _in_place(f"__{_name}__"))


class CSRNDArray(BaseSparseNDArray):
    """A matrix stored by rows: row i has ``data[indptr[i]:indptr[i + 1]]`` in the columns
    ``indices[indptr[i]:indptr[i + 1]]``; 2 axes, int64 indices.
    """

    __slots__ = ()
    _kind = "csr"

    @property
    def indptr(self) -> NDArray:
        """A copy of the row pointers: rows + 1 offsets into data and indices, int64."""
        return self._parts[0].copy()

    def __getitem__(self, key: Any) -> CSRNDArray:
        """Rows: ``x[i]`` (a matrix of one row) and ``x[a:b]``."""
        if isinstance(key, (int, np.integer)):
            row = int(key)
            if not -len(self) <= row < len(self):
                raise IndexError(f"index {row} is out of bounds for {len(self)} rows")
            key = slice(row % len(self), row % len(self) + 1)
        if not isinstance(key, slice):
            raise ValueError(f"CSRNDArray is indexed by a number or a slice of rows, not {key!r}")
        start, stop, step = key.indices(len(self))
        if step != 1:
            raise ValueError("CSRNDArray only supports continuous slicing on axis 0")
        if stop <= start:
            raise ShapeError(message(f"x[{key}] selects no rows of {len(self)}"))
        indptr = self._parts[0].asnumpy()[start : stop + 1]
        first, last = int(indptr[0]), int(indptr[-1])
        values, columns = (part.asnumpy()[first:last] for part in (self._values, self._parts[1]))
        return make(
            "csr", values, (indptr - first, columns), (stop - start, self._shape[1]), self._ctx
        )

    def asscipy(self) -> Any:
        """The matrix as a ``scipy.sparse.csr_matrix``; ImportError without SciPy."""
        try:
            from scipy.sparse import csr_matrix as scipy_matrix
        except ImportError as error:
            raise ImportError("asscipy needs SciPy: pip install scipy") from error
        indptr, indices = (part.asnumpy() for part in self._parts)
        return scipy_matrix((self._values.asnumpy(), indices, indptr), shape=self._shape)


class RowSparseNDArray(BaseSparseNDArray):
    """An array of which some rows are stored: ``x[indices[i]] == data[i]``, the others are 0."""

    __slots__ = ()
    _kind = "row_sparse"

    def __getitem__(self, key: Any) -> RowSparseNDArray:
        """Only ``x[:]``, the array itself."""
        if isinstance(key, slice) and key == slice(None):
            return self
        raise ValueError(
            message(
                f"RowSparseNDArray only supports [:], got {key!r}",
                where=[user_line()],
                fix='Convert it first: x.tostype("default").',
            )
        )

    def retain(self, indices: Any) -> RowSparseNDArray:
        """The array with only the rows in *indices* stored."""
        wanted = indices.asnumpy() if isinstance(indices, NDArray) else np.asarray(indices)
        rows = self._parts[0].asnumpy()
        kept = np.isin(rows, wanted.astype(np.int64))
        return make(
            "row_sparse", self._values.asnumpy()[kept], (rows[kept],), self._shape, self._ctx
        )


CLASSES: dict[str, type[BaseSparseNDArray]] = {"csr": CSRNDArray, "row_sparse": RowSparseNDArray}


# ---- between storages ---------------------------------------------------------------------------


def _dense_csr(values: np.ndarray, parts: Sequence[np.ndarray], shape: Any) -> np.ndarray:
    indptr, columns = parts
    dense = np.zeros(shape, values.dtype)
    rows = np.repeat(np.arange(shape[0]), np.diff(indptr))
    np.add.at(dense, (rows, columns), values)  # elements that are stored twice add up
    return dense


def _dense_rows(values: np.ndarray, parts: Sequence[np.ndarray], shape: Any) -> np.ndarray:
    dense = np.zeros(shape, values.dtype)
    dense[parts[0]] = values
    return dense


_DENSE = {"csr": _dense_csr, "row_sparse": _dense_rows}


def make(
    stype: str, values: np.ndarray, parts: Iterable[np.ndarray], shape: Any, ctx: Context
) -> Any:
    """An array of NumPy parts that are known to fit together."""
    aux = [from_host(np.asarray(part, np.int64), ctx) for part in parts]
    return CLASSES[stype]()._fill(from_host(values, ctx), aux, shape)


def from_dense(x: NDArray, stype: str) -> Any:
    """A dense array in the storage *stype*: its elements or rows that are not zero."""
    if stype not in CLASSES:
        raise ValueError(f"unknown storage type {stype!r}; use default, csr or row_sparse")
    host = x.asnumpy()
    if stype == "csr":
        if host.ndim != 2:
            raise ShapeError(message(f"a csr array has 2 axes, got shape {host.shape}"))
        rows, columns = np.nonzero(host)
        indptr = np.searchsorted(rows, np.arange(host.shape[0] + 1))
        made = make("csr", host[rows, columns], (indptr, columns), host.shape, x._ctx)
    else:
        if not host.ndim:
            raise ShapeError(message("a row_sparse array has at least one axis, got shape ()"))
        (rows,) = np.nonzero(host.reshape(len(host), -1).any(axis=1))
        made = make("row_sparse", host[rows], (rows,), host.shape, x._ctx)
    made._node = x._node
    return made


def record_of(x: BaseSparseNDArray) -> Record:
    """The array as MXNet's files have it; DataFileError when its parts do not fit together."""
    parts = [part.asnumpy() for part in x._parts]
    kind = x._ctx.device_typeid
    device = (1, 0) if kind > 5 else (kind, x._ctx.device_id)
    return Record.sparse(x._kind, x._values.asnumpy(), parts, x._shape, device)


def from_record(record: Record) -> Any:
    """The array of a sparse record of a file, on ``cpu(0)``."""
    return make(record.stype, record.values(), record.aux, record.shape, Context("cpu", 0))


def _rebuild(stype: str, values: np.ndarray, parts: Any, shape: Any, ctx: str) -> Any:
    return make(stype, values, parts, shape, as_context(ctx))
