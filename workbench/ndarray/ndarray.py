"""What an NDArray can do: attributes, copies, waiting, gradients; put onto the class of core.

Operators of arrays and numbers are in :mod:`.methods`, reading and writing parts in
:mod:`.indexing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import engine
from .._surface import getattr_for
from ..context import Context
from ..dtypes import as_dtype
from ..error import ContextError, DTypeError, MXNetError, ShapeError, message, user_line
from . import indexing, invoke, queued, tape
from .core import NDArray, wrap
from .creation import checked_shape, from_host

__all__ = ["NDArray"]

__getattr__ = getattr_for(__name__)


def _install(cls: type) -> type:
    """Put the members of a class of definitions onto NDArray."""
    for name, member in vars(cls).items():
        if name not in ("__module__", "__dict__", "__weakref__", "__qualname__"):
            setattr(NDArray, name, member)
            if hasattr(member, "__qualname__"):
                member.__qualname__ = f"NDArray.{name}"
    return cls


@_install
class _Attributes:
    """Shape, dtype, device, gradient."""

    @property
    def shape(self: Any) -> tuple[int, ...]:
        """Sizes along each axis; known at once, also while the values are being computed."""
        return self._data.shape

    @property
    def dtype(self: Any) -> type:
        """The NumPy scalar type of the elements, e.g. ``numpy.float32``."""
        return self._data.dtype.type

    @property
    def size(self: Any) -> int:
        """The number of elements."""
        return self._data.size

    @property
    def ndim(self: Any) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def context(self: Any) -> Context:
        """The device that holds the array."""
        return self._ctx

    ctx = context

    @property
    def stype(self: Any) -> str:
        """Storage type: ``"default"`` for a dense array."""
        return "default"

    @property
    def T(self: Any) -> NDArray:
        """A copy with the axes in reverse order."""
        return self if self.ndim < 2 else self.transpose()

    @property
    def grad(self: Any) -> NDArray | None:
        """The gradient buffer, after :meth:`attach_grad`; None for everything else."""
        node = self._node
        return node[tape.SAVES][0] if node is not None and node[tape.RUN] is tape.LEAF else None

    @property
    def handle(self: Any) -> Any:
        """The array itself; MXNet's pointer has no meaning here."""
        return self

    @property
    def _fresh_grad(self: Any) -> bool:
        node = self._node
        return bool(node is not None and node[tape.RUN] is tape.LEAF and node[tape.P])

    @_fresh_grad.setter
    def _fresh_grad(self: Any, value: bool) -> None:
        self._node[tape.P] = bool(value)

    def _take_fresh_grad(self: Any) -> NDArray | None:
        """The gradient that a backward has written since the last call; None where none has."""
        node = self._node
        if node is None or node[tape.RUN] is not tape.LEAF or not node[tape.P]:
            return None
        node[tape.P] = False
        return node[tape.SAVES][0]  # type: ignore[no-any-return]

    def __len__(self: Any) -> int:
        if not self._data.shape:
            raise TypeError("len() of an array without axes")
        return self._data.shape[0]

    def __iter__(self: Any) -> Iterator[NDArray]:
        for i in range(len(self)):
            yield self[i]

    def __getitem__(self: Any, key: Any) -> NDArray:
        return indexing.get_item(self, key)

    def __setitem__(self: Any, key: Any, value: Any) -> None:
        indexing.set_item(self, key, value)

    def __contains__(self: Any, value: Any) -> bool:
        return bool((self.asnumpy() == value).any())

    def __hash__(self: Any) -> int:
        return id(self) >> 4

    def __bool__(self: Any) -> bool:
        if self.size == 1:
            return bool(self.asscalar())
        raise ValueError(
            "The truth value of an NDArray with multiple elements is ambiguous. "
            "Compare with .asnumpy().any() or .all()."
        )

    def __repr__(self: Any) -> str:
        size = "x".join(str(n) for n in self.shape)
        return f"\n{self.asnumpy()!s}\n<NDArray {size} @{self._ctx}>"

    __str__ = __repr__

    def __float__(self: Any) -> float:
        return float(self._one("float"))

    def __int__(self: Any) -> int:
        return int(self._one("int"))

    def __index__(self: Any) -> int:
        if self._data.dtype.kind not in "iu" or self.size != 1:
            raise TypeError("only an integer array of one element can be used as an index")
        return int(self.asscalar())

    def _one(self: Any, kind: str) -> Any:
        if self.size != 1:
            raise TypeError(f"{kind}() needs an array of one element, got shape {self.shape}")
        return self.asscalar()


@_install
class _Waiting:
    """Points where the caller waits for queued work."""

    def wait_to_read(self: Any) -> None:
        """Wait until the values are there; raises what went wrong while computing them."""
        if self._var is not None:
            engine.wait(self._var)
            queued.settle(self)
        elif self._ctx.backend.asynchronous:
            self._ctx.backend.synchronize()

    def wait_to_write(self: Any) -> None:
        """Wait until nobody reads or writes the memory any more."""
        if self._var is not None:
            engine.wait_to_write(self._var)
            queued.settle(self)

    def asnumpy(self: Any) -> np.ndarray:
        """The values as a fresh, writable NumPy array; waits for them."""
        if self._var is not None:
            self.wait_to_read()
        return self._ctx.backend.to_host(self._data)

    def asscalar(self: Any) -> Any:
        """The only element as a NumPy scalar; ValueError for more than one."""
        if self.size != 1:
            raise ValueError("The current array is not a scalar")
        return self.asnumpy().reshape(-1)[0]

    def item(self: Any) -> Any:
        """The only element as a Python number."""
        return self.asscalar().item()

    def tolist(self: Any) -> Any:
        """The values as nested lists of Python numbers."""
        return self.asnumpy().tolist()

    def __array_ufunc__(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """NumPy's ufuncs: ``array + NDArray`` is an NDArray, everything else NumPy's own."""
        reflected = _REFLECTED.get(ufunc.__name__)
        if reflected and method == "__call__" and not kwargs and inputs[1] is self:
            return getattr(self, reflected)(inputs[0])
        if "out" in kwargs and any(isinstance(one, NDArray) for one in kwargs["out"]):
            return NotImplemented
        values = [one.asnumpy() if isinstance(one, NDArray) else one for one in inputs]
        return getattr(ufunc, method)(*values, **kwargs)

    def to_dlpack_for_read(self: Any) -> Any:
        """A DLPack capsule of the memory, for reading; waits for queued writes."""
        self.wait_to_read()
        return self._data.__dlpack__()

    def to_dlpack_for_write(self: Any) -> Any:
        """A DLPack capsule of the memory, for writing; waits for queued readers and writes."""
        self.wait_to_write()
        return self._data.__dlpack__()

    def __dlpack__(self: Any, **kwargs: Any) -> Any:
        self.wait_to_read()
        return self._data.__dlpack__(**kwargs)

    def __dlpack_device__(self: Any) -> Any:
        return self._data.__dlpack_device__()

    def __array__(self: Any, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("an NDArray cannot be shared with NumPy without a copy")
        values = self.asnumpy()
        return values if dtype is None else values.astype(dtype)


_REFLECTED = {
    "add": "__radd__",
    "subtract": "__rsub__",
    "multiply": "__rmul__",
    "divide": "__rtruediv__",
    "true_divide": "__rtruediv__",
    "remainder": "__rmod__",
    "power": "__rpow__",
    "equal": "__eq__",
    "not_equal": "__ne__",
    "less": "__gt__",
    "less_equal": "__ge__",
    "greater": "__lt__",
    "greater_equal": "__le__",
}


@_install
class _Copies:
    """Copies and views."""

    def copy(self: Any) -> NDArray:
        """A copy on the same device; differentiable."""
        return self.copyto(self._ctx)

    def copyto(self: Any, other: Any) -> NDArray:
        """Copy to a device (a new array) or into an array (which is returned)."""
        if isinstance(other, NDArray):
            if other is self:
                import warnings

                warnings.warn(
                    "You are attempting to copy an array to itself", RuntimeWarning, stacklevel=2
                )
                return self
            if other.shape != self.shape:
                raise ShapeError(
                    message(
                        f"copyto: Shape inconsistent, source {self.shape}, target {other.shape}",
                        where=[user_line()],
                    )
                )
            other[:] = self
            return other
        if isinstance(other, Context):
            return _copy_between(self, other)
        raise TypeError(f"copyto does not support type {type(other).__name__}")

    def as_in_context(self: Any, context: Context) -> NDArray:
        """The array itself when it is on *context*, else a copy there."""
        return self if self._ctx is context else self.copyto(context)

    as_in_ctx = as_in_context

    def as_nd_ndarray(self: Any) -> NDArray:
        """The array itself: it has the ``mx.nd`` surface."""
        return self

    def as_np_ndarray(self: Any) -> Any:
        """The array with the ``mx.np`` surface; memory and history are shared."""
        from ..numpy import ndarray

        made = ndarray()
        made._data, made._ctx, made._node = self._data, self._ctx, self._node
        made._var = self._var
        return made

    def tostype(self: Any, stype: str) -> Any:
        """The array in another storage: ``"default"``, ``"csr"`` or ``"row_sparse"``."""
        if stype == "default":
            return self.copy()
        from . import sparse

        return sparse.from_dense(self, stype)

    def astype(self: Any, dtype: Any, copy: bool = True) -> NDArray:
        """The values as another dtype; the array itself when *copy* is False and nothing changes."""
        if dtype is None:
            raise TypeError("astype: a dtype is needed")
        wanted = as_dtype(dtype)
        if not copy and wanted == self._data.dtype:
            return self
        from . import Cast

        return Cast(self, dtype=wanted.name)

    def detach(self: Any) -> NDArray:
        """An array that shares the memory and is outside the recorded graph."""
        made = wrap(self._data, self._ctx)
        indexing.share(self, made)
        return made

    def reshape(self: Any, *shape: Any, **kwargs: Any) -> NDArray:
        """A view of another shape; MXNet's codes 0, -1, -2, -3, -4 and ``reverse=True``."""
        if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
            shape = tuple(shape[0])
        elif not shape:
            given = kwargs.get("shape")
            if given is None:
                raise ValueError("Shape must be provided.")
            shape = (given,) if isinstance(given, int) else tuple(given)
        unknown = set(kwargs) - {"shape", "reverse"}
        if unknown:
            raise TypeError(f"reshape got unknown arguments {sorted(unknown)}; it takes shape, reverse")
        return _reshape_view(self, tuple(int(n) for n in shape), bool(kwargs.get("reverse", False)))

    def reshape_like(self: Any, rhs: NDArray, *args: Any, **kwargs: Any) -> NDArray:
        """A view with the shape of *rhs*."""
        return self.reshape(rhs.shape)

    def broadcast_to(self: Any, shape: Any) -> NDArray:
        """A copy in which axes of size 1 (and axes added in front) are repeated to *shape*."""
        from . import broadcast_to

        wanted = (shape,) if isinstance(shape, int) else tuple(shape)
        if len(wanted) > self.ndim:
            return broadcast_to(self.reshape((1,) * (len(wanted) - self.ndim) + self.shape), wanted)
        return broadcast_to(self, shape=wanted)

    def __copy__(self: Any) -> NDArray:
        return self.copy()

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> NDArray:
        return self.copy()

    def __reduce__(self: Any) -> Any:
        return _rebuild, (self.asnumpy(), str(self._ctx))

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        """The state of MXNet's own pickles: ``{"handle": bytes of one array record}``."""
        from .serialize import array_from_record

        values = array_from_record(bytes(state["handle"]))
        made = from_host(values, Context("cpu", 0))
        self.__class__ = made.__class__
        self._data, self._ctx, self._node, self._var = made._data, made._ctx, None, None


def _rebuild(values: np.ndarray, ctx: str) -> NDArray:
    return from_host(values, invoke.as_context(ctx))


def _copy_between(x: NDArray, target: Context) -> NDArray:
    """A copy on another (or the same) device, on the tape when recording."""
    from ..backend import activate

    activate(target)
    source = x._ctx.backend
    if queued.goes_to_queue(target, (x,), (), x._data.nbytes / 4000.0):
        made = _pushed_copy(x, target)
    else:
        if x._var is not None:
            x.wait_to_read()
        if source is target.backend:
            with source.device(target.device_id):
                raw = source.xp.array(x._data, order="C")
        else:
            raw = target.backend.from_host(source.to_host(x._data))
        made = wrap(raw, target)
    if tape.local.recording and x._node is not None:
        made._node = [
            tape.next_seq(), _copy_run, None, (x._node,), (x._ctx,), None, target,
        ]
    return made


def _pushed_copy(x: NDArray, target: Context) -> NDArray:
    source, raw = x._ctx.backend, x._data
    with target.backend.device(target.device_id):
        buffer = target.backend.xp.empty(raw.shape, raw.dtype)
    made = wrap(buffer, target)

    def run() -> None:
        buffer[...] = raw if source is target.backend else target.backend.from_host(
            source.to_host(raw)
        )

    queued.push(run, (x,), (made,), target, "_copyto", nbytes=raw.nbytes)
    return made


def _copy_run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
    """Gradient of a copy between devices: the copy back."""
    (source,) = saves
    if isinstance(g, NDArray):
        return (g.copyto(source),)
    if isinstance(g, source.backend.array_type):
        return (g,)
    return (source.backend.from_host(_host_of(g)),)


def _host_of(raw: Any) -> np.ndarray:
    return raw if isinstance(raw, np.ndarray) else raw.get()


_copy_run.op, _copy_run.save_names = None, ("source",)  # type: ignore[attr-defined]


def _reshape_view(x: NDArray, codes: tuple[int, ...], reverse: bool) -> NDArray:
    from ..ops.shape import decode, fill

    try:
        if reverse:
            shape = fill(decode(codes[::-1], x.shape[::-1])[::-1], x.shape)
        else:
            shape = fill(decode(codes, x.shape), x.shape)
    except ShapeError as error:
        raise ShapeError(
            message(
                str(error),
                where=[f"array {x.shape}", user_line()],
                fix="Use -1 for one size to be computed.",
            )
        ) from None
    raw = x._data.reshape(shape)
    made = wrap(raw, x._ctx)
    indexing.share(x, made)
    if tape.local.recording and x._node is not None:
        from ..ops import get
        from .entry import run_of

        run = run_of(get("Reshape"))
        saves = tuple(x.shape for _ in run.op.save_names)  # type: ignore[attr-defined]
        p = {"shape": shape, "reverse": False, "target_shape": (), "keep_highest": False}
        made._node = [tape.next_seq(), run, None, (x._node,), saves, p, x._ctx]
    return made


@_install
class _Gradients:
    """What autograd needs of an array."""

    def attach_grad(self: Any, grad_req: str = "write", stype: str | None = None) -> None:
        """Ask for gradients: a buffer of zeros that backward writes (or adds to).

        The array becomes a leaf: what it was computed from gets no gradient through it.
        """
        if grad_req not in ("write", "add", "null"):
            raise ValueError(f"grad_req must be 'write', 'add' or 'null', got {grad_req!r}")
        with self._ctx.backend.device(self._ctx.device_id):
            grad = wrap(self._ctx.backend.xp.zeros(self._data.shape, self._data.dtype), self._ctx)
        self._node = tape.leaf(grad, grad_req, self._ctx)

    def backward(
        self: Any,
        out_grad: NDArray | None = None,
        retain_graph: bool = False,
        train_mode: bool = True,
    ) -> None:
        """Gradients of the sum of this array into the leaves behind it."""
        tape.backward([self], None if out_grad is None else [out_grad], retain_graph, train_mode)

    def zero_grad(self: Any) -> None:
        """Set the gradient buffer to zero."""
        if self.grad is None:
            raise MXNetError("zero_grad: the array has no gradient; call attach_grad() first")
        self.grad[:] = 0


def check_same_dtype(x: NDArray, y: NDArray) -> None:
    """DTypeError when two arrays differ in dtype."""
    if x._data.dtype != y._data.dtype:
        raise DTypeError(f"dtypes differ: {x._data.dtype} and {y._data.dtype}")


def check_same_context(x: NDArray, y: NDArray) -> None:
    """ContextError when two arrays are on different devices."""
    if x._ctx is not y._ctx:
        raise ContextError(f"devices differ: {x._ctx} and {y._ctx}")


def moveaxis(tensor: NDArray, source: int, destination: int) -> NDArray:
    """A copy with one axis moved to another place; the others keep their order."""
    axes = list(range(tensor.ndim))
    try:
        axis = axes.pop(source)
    except IndexError:
        raise ValueError(f"Source should verify 0 <= source < tensor.ndim, got {source}") from None
    if not -tensor.ndim <= destination < tensor.ndim:
        raise ValueError(f"Destination should verify 0 <= destination < ndim, got {destination}")
    axes.insert(destination % tensor.ndim, axis)
    return tensor.transpose(axes)


__all__ += ["checked_shape", "moveaxis"]
