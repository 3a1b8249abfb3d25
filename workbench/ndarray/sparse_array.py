"""The classes of sparse arrays, and the ways between sparse, dense and the records of files.

The parts (values, indices, row pointers) are NDArrays; :mod:`.storage` calls operators with them.
Parts that do not fit together are found when the array is used, or by ``check_format()``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import engine
from ..base import NotSupportedForSparseNDArray
from ..context import Context
from ..dtypes import as_dtype
from ..error import DataFileError, MXNetError, ShapeError, message, user_line
from ..ops import get
from ..ops.sparse import Csr, Rows, of_dense
from . import tape
from .container import Record, unpack_record
from .core import NDArray, QueuedNDArray, on, wrap
from .creation import from_host
from .invoke import as_context, invoke, recorded_write
from .room import check_room
from .sparse_format import check_range, disorder, misfit
from .storage import as_stored

__all__ = [
    "BaseSparseNDArray",
    "CSRNDArray",
    "RowSparseNDArray",
    "any_sparse",
    "from_dense",
    "from_raw",
    "from_record",
]


class BaseSparseNDArray(QueuedNDArray):
    """What csr and row_sparse arrays share; made by the functions of this module."""

    __slots__ = ("_held", "_shape")
    #: the values and the index arrays; empty until :meth:`_fill`
    _held: tuple[NDArray, ...]

    _kind = ""

    def __new__(cls, *args: Any) -> Any:
        """An array without parts, as unpickling needs it; see :func:`csr_matrix`."""
        made = object.__new__(cls)
        made._node = made._var = None
        made._held = ()
        return made

    def _fill(self, values: NDArray, parts: Sequence[NDArray], shape: Iterable[int]) -> Any:
        self._held, self._ctx, self._shape = (values, *parts), values._ctx, tuple(shape)
        return self

    def _wait(self) -> None:
        """Wait for a backward that was pushed and writes this array."""
        if self._var is not None:
            engine.wait(self._var)

    @property
    def _values(self) -> NDArray:
        self._wait()
        return self._held[0]

    @property
    def _parts(self) -> tuple[NDArray, ...]:
        self._wait()
        return self._held[1:]

    def _adopt(self, raw: Any) -> Any:
        """Take over the parts of a raw sparse array of this storage."""
        if not self._held or raw.data is not self._held[0]._data:
            with on(self._ctx):
                parts = [wrap(_int64(part), self._ctx) for part in raw.parts]
            self._fill(wrap(raw.data, self._ctx), parts, raw.shape)
        return self

    def _stored_parts(self) -> Any:
        """The raw parts, waited for and in range; MXNetError where they do not fit together."""
        self.wait_to_read()
        with on(self._ctx):
            return self._raw_parts()

    def _raw_parts(self) -> Any:
        values, *parts = [part._data for part in self._held]
        raw = _RAW[self._kind](self._ctx.backend.xp, values, *parts, self._shape)
        check_range(raw)
        return raw.canonical() if self._kind == "row_sparse" else raw

    def _ordered(self) -> Any:
        """This array with ascending indices, each once."""
        raw = self._stored_parts()
        with on(self._ctx):
            return self._adopt(raw.canonical())

    @property
    def _data(self) -> Any:
        """A dense copy for code that wants a raw array; what is written into it is lost."""
        raw = self._stored_parts()
        check_room(
            f"a dense copy of a {self._kind} array", self._shape, raw.dtype.itemsize, self._ctx
        )
        with on(self._ctx):
            return raw.dense()

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes along each axis, of the array that is meant."""
        return self._shape

    @property
    def dtype(self) -> type:
        """The NumPy scalar type of the values."""
        return self._held[0].dtype

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
        return len(self._held) - 1

    @property
    def _aux_types(self) -> list[type]:
        return [part.dtype for part in self._held[1:]]

    def _aux_data(self, i: int) -> NDArray:
        """A copy of index array *i*: indptr, indices (csr) or indices (row_sparse)."""
        return self._parts[i].copy()

    def __len__(self) -> int:
        return self._shape[0]

    def __repr__(self) -> str:
        size = "x".join(map(str, self._shape))
        return f"\n<{type(self).__name__} {size} @{self._ctx}>"

    __str__ = __repr__
    __hash__ = NDArray.__hash__

    def __reduce__(self) -> Any:
        parts = [part.asnumpy() for part in (self._values, *self._parts)]
        return rebuild, (self._kind, parts[0], parts[1:], self._shape, str(self._ctx))

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

    def wait_to_write(self) -> None:
        """Wait until nobody reads or writes any part."""
        if self._var is not None:
            engine.wait_to_write(self._var)
        for part in (self._values, *self._parts):
            part.wait_to_write()

    def asnumpy(self) -> np.ndarray:
        """The values as a dense NumPy array."""
        return self._ctx.backend.to_host(self._data)

    def tostype(self, stype: str) -> Any:
        """A copy in the storage *stype*: its own, or ``"default"``."""
        if stype == self._kind:
            return self.copy()
        if stype != "default":
            raise ValueError(f"cast_storage from {self._kind} to {stype} is not supported")
        made = wrap(self._data, self._ctx)
        made._node = self._node
        return made

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        """The array with values of another dtype; itself when *copy* is False and none changes."""
        if not copy and as_dtype(dtype) == as_dtype(self.dtype):
            return self
        parts = [part.copy() for part in self._parts]
        return type(self)()._fill(self._values.astype(dtype), parts, self._shape)

    def copy(self) -> Any:
        """A copy on the same device; differentiable."""
        return invoke(get("_copy"), (self,), {}, None, {})

    def detach(self) -> Any:
        """An array that shares the parts and is outside the recorded graph."""
        return type(self)()._fill(self._values, self._parts, self._shape)

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
        """Raise MXNetError when the parts do not fit together, or do not ascend.

        Without *full_check* only their sizes are compared.
        """
        shapes = [part.shape for part in (self._values, *self._parts)]
        problem = misfit(self._kind, shapes, self._shape)
        if full_check and not problem:
            parts = [part.asnumpy() for part in self._parts]
            problem = disorder(self._kind, self._values.asnumpy(), parts, self._shape)
        if problem:
            raise MXNetError(message(f"check_format: {problem}", where=[user_line()]))

    def __setitem__(self, key: Any, value: Any) -> None:
        if not (isinstance(key, slice) and key == slice(None)):
            raise ValueError(
                message(
                    f"{type(self).__name__} only supports [:] for assignment, got {key!r}",
                    where=[user_line()],
                    fix='Assign to x[:], or convert with x.tostype("default") first.',
                )
            )
        self.wait_to_write()
        made = value if isinstance(value, BaseSparseNDArray) else self._stored(value)
        if made.shape != self._shape:
            raise ShapeError(
                message(
                    f"x[:] = value: Shape inconsistent, x {self._shape}, value {made.shape}",
                    where=[user_line()],
                )
            )
        if (
            tape.local.recording
            and self._node is not None
            and self._node[tape.RUN] is not tape.LEAF
        ):
            raise MXNetError(recorded_write("x[:] ="))
        if made._kind != self._kind:
            made = from_dense(made.tostype("default"), self._kind)
        values, *parts = [part.copyto(self._ctx) for part in (made._values, *made._parts)]
        self._fill(values.astype(self.dtype, copy=False), parts, made._shape)

    def _stored(self, value: Any) -> BaseSparseNDArray:
        """A number or an array-like as a sparse array of this kind and shape."""
        if isinstance(value, NDArray):
            return from_dense(value, self._kind)
        host = np.asarray(value)
        if host.ndim == 0 and host == 0:
            return invoke(get("zeros_like"), (self,), {}, None, {})
        if host.ndim == 0:
            host = np.full(self._shape, host)
        return from_dense(from_host(host.astype(self.dtype), self._ctx), self._kind)

    def _store_gradient(self, req: str, g: Any) -> None:
        """Write, or add, a raw gradient (dense, by rows, or ZERO) into this buffer."""
        if req == "null" or (req == "add" and g is tape.ZERO):
            return
        xp = self._ctx.backend.xp
        with on(self._ctx):
            if g is tape.ZERO:
                g = xp.zeros(self._shape, self._held[0]._data.dtype)
            if req == "add":
                before = self._raw_parts()  # who runs this has waited for all that came before
                g = g + (before if isinstance(g, Rows) else before.dense())
            self._adopt(as_stored(xp, g, self._kind))

    # ---- arithmetic ---------------------------------------------------------------------------

    def __neg__(self) -> Any:
        return invoke(get("negative"), (self,), {}, None, {})


def arithmetic(lhs: Any, rhs: Any, elemwise: str, broadcasting: str) -> Any:
    """``lhs OP rhs`` of two arrays, one of them sparse: equal shapes are a case of their own."""
    name = elemwise if lhs.shape == rhs.shape else broadcasting
    return invoke(get(name), (lhs, rhs), {}, None, {})


def _operator(name: str, elemwise: str, broadcasting: str) -> Any:
    """``x OP y`` of a sparse x: of another array of its shape by the element-wise operator."""

    def method(self: BaseSparseNDArray, other: Any) -> Any:
        if isinstance(other, NDArray):
            return arithmetic(self, other, elemwise, broadcasting)
        return getattr(NDArray, name)(self, other)

    method.__name__, method.__qualname__ = name, f"BaseSparseNDArray.{name}"
    method.__doc__ = f"Element-wise; see ``nd.{elemwise}`` and ``nd.{broadcasting}``."
    return method


def _in_place(name: str) -> Any:
    """``x OP= y``: the parts of x are replaced; x stays the same object."""

    def method(self: BaseSparseNDArray, other: Any) -> BaseSparseNDArray:
        made = getattr(self, name)(other)
        if made is NotImplemented:
            return NotImplemented
        self[:] = made
        return self

    method.__name__, method.__qualname__ = f"__i{name[2:]}", f"BaseSparseNDArray.__i{name[2:]}"
    method.__doc__ = f"As ``{name}``; the parts of the array are replaced."
    return method


for _name, _stem in (("add", "add"), ("sub", "sub"), ("mul", "mul"), ("truediv", "div")):
    _made = _operator(f"__{_name}__", f"elemwise_{_stem}", f"broadcast_{_stem}")
    setattr(BaseSparseNDArray, f"__{_name}__", _made)
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
        given = {"begin": (start,), "end": (stop,)}
        return invoke(get("slice"), (self,), given, None, {})

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
        """The array with exactly the rows in *indices* stored, those that are zero included."""
        if not isinstance(indices, NDArray):
            indices = from_host(np.asarray(indices, np.int64), self._ctx)
        return invoke(get("_sparse_retain"), (self, indices), {}, None, {})


CLASSES: dict[str, type[BaseSparseNDArray]] = {"csr": CSRNDArray, "row_sparse": RowSparseNDArray}
_STORED = frozenset(CLASSES.values())


def any_sparse(arrays: Iterable[Any]) -> bool:
    """True where one of the arrays is csr or row_sparse; takes 0.05 µs for each."""
    return not _STORED.isdisjoint(map(type, arrays))


# ---- between storages ---------------------------------------------------------------------------


_RAW: dict[str, Any] = {"csr": Csr, "row_sparse": Rows}


def _int64(raw: Any) -> Any:
    return raw if raw.dtype.name == "int64" else raw.astype("int64")


def from_raw(raw: Any, ctx: Context) -> Any:
    """The array of a raw sparse array on *ctx*; no copy."""
    made = CLASSES[raw.stype]()
    made._ctx = ctx
    return made._adopt(raw)


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
    if stype == "csr" and x.ndim != 2:
        raise ShapeError(message(f"a csr array has 2 axes, got shape {x.shape}"))
    if not x.ndim:
        raise ShapeError(message("a row_sparse array has at least one axis, got shape ()"))
    x.wait_to_read()
    with on(x._ctx):
        raw = of_dense(x._ctx.backend.xp, x._data, stype)
    made = from_raw(raw, x._ctx)
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
    aux = list(record.aux)
    if record.stype == "csr" and not aux[0].size:  # MXNet's way to store nothing at all
        aux[0] = np.zeros(record.shape[0] + 1, np.int64)
    return make(record.stype, record.values(), aux, record.shape, Context("cpu", 0))


def rebuild(stype: str, values: np.ndarray, parts: Any, shape: Any, ctx: str) -> Any:
    """The array that a pickle holds, on the device that it was on."""
    return make(stype, values, parts, shape, as_context(ctx))
