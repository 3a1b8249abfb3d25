"""Copies of arrays, on this and other devices, and views of other shapes."""

from __future__ import annotations

import warnings
from operator import index
from typing import Any

import numpy as np

from ..backend import activate
from ..context import Context
from ..dtypes import as_dtype
from ..error import ParameterError, ShapeError, message, user_line
from ..ops import get
from ..ops.shape import decode, fill
from . import indexing, invoke, queued, tape
from .core import NDArray, on, wrap
from .creation import from_host
from .entry import function_of
from .functions import split_v2
from .rules import run_of

__all__ = ["Copies"]


class Copies:
    """Copies and views."""

    def copy(self: Any) -> NDArray:
        """A copy on the same device; differentiable."""
        return self.copyto(self._ctx)

    def copyto(self: Any, other: Any) -> NDArray:
        """Copy to a device (a new array) or into an array (which is returned)."""
        if isinstance(other, NDArray):
            if other is self:
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
        from . import sparse_array

        return sparse_array.from_dense(self, stype)

    def astype(self: Any, dtype: Any, copy: bool = True) -> NDArray:
        """The values as another dtype; the array itself if it has that and *copy* is False."""
        if dtype is None:
            raise TypeError("astype: a dtype is needed")
        wanted = as_dtype(dtype)
        if not copy and wanted == self._data.dtype:
            return self
        return invoke.invoke(get("Cast"), (self,), {"dtype": wanted.name}, None, {})

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
            raise TypeError(f"reshape takes shape and reverse, not {sorted(unknown)}")
        try:
            codes = tuple(map(index, shape))
        except TypeError:
            raise ShapeError(
                message(f"reshape: a shape is made of ints, got {shape}", where=[user_line()])
            ) from None
        return _reshape_view(self, codes, bool(kwargs.get("reverse")))

    def reshape_like(self: Any, rhs: NDArray, *args: Any, **kwargs: Any) -> NDArray:
        """A view with the shape of *rhs*."""
        return self.reshape(rhs.shape)

    def flatten(self: Any, inplace: bool = False, **kwargs: Any) -> NDArray:
        """The array as a matrix, all axes but the first in one.

        With *inplace* it shares the memory, otherwise it is a copy; see :func:`mx.nd.flatten`.
        """
        if not inplace:
            return function_of(get("Flatten"))(self, **kwargs)
        rows = self.shape[0] if self.ndim else 1
        return _view(self, (rows, self.size // max(rows, 1)))

    def expand_dims(self: Any, axis: int, inplace: bool = False, **kwargs: Any) -> NDArray:
        """The array with an axis of size 1 at *axis*.

        With *inplace* it shares the memory, otherwise it is a copy; see :func:`mx.nd.expand_dims`.
        """
        if not inplace:
            return function_of(get("expand_dims"))(self, axis=axis, **kwargs)
        if not -self.ndim - 1 <= axis <= self.ndim:
            raise ParameterError(f"axis {axis} is out of range for {self.ndim}d array")
        place = axis % (self.ndim + 1)
        return _view(self, (*self.shape[:place], 1, *self.shape[place:]))

    def squeeze(self: Any, axis: Any = None, inplace: bool = False, **kwargs: Any) -> NDArray:
        """The array without the axes of size 1, or without those in *axis*; never of rank 0.

        With *inplace* it shares the memory, otherwise it is a copy; see :func:`mx.nd.squeeze`.
        """
        op = get("squeeze")
        if not inplace:
            return function_of(op)(self, axis=axis, **kwargs)
        p, *_ = invoke.prepare(op, (self,), {"axis": axis}, self._ctx)
        _, (shape,) = op.infer_shape(p, [self.shape])
        return _view(self, shape)

    def broadcast_to(self: Any, shape: Any) -> NDArray:
        """A copy in which axes of size 1 (and axes added in front) are repeated to *shape*."""
        wanted = (shape,) if isinstance(shape, int) else tuple(shape)
        extra = max(0, len(wanted) - self.ndim)
        source = self.reshape((1,) * extra + self.shape) if extra else self
        return invoke.invoke(get("broadcast_to"), (source,), {"shape": wanted}, None, {})

    def split_v2(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Parts along an axis; see :func:`mx.nd.split_v2`."""
        return split_v2(self, *args, **kwargs)

    def __copy__(self: Any) -> NDArray:
        return self.copy()

    def __deepcopy__(self: Any, memo: dict[int, Any]) -> NDArray:
        return self.copy()

    def __reduce__(self: Any) -> Any:
        return rebuild, (self.asnumpy(), str(self._ctx))

    def __getstate__(self: Any) -> dict[str, Any]:
        """The state as MXNet's pickles have it: ``{"handle": bytes of one array record}``."""
        from .serialize import record_bytes

        return {"handle": bytearray(record_bytes(self))}

    def __setstate__(self: Any, state: dict[str, Any]) -> None:
        """The state of MXNet's own pickles: ``{"handle": bytes of one array record}``."""
        from .serialize import array_from_record

        values = array_from_record(bytes(state["handle"]))
        _become(self, from_host(values, Context("cpu", 0)))


def _become(x: NDArray, made: NDArray) -> None:
    x.__class__ = made.__class__
    x._data, x._ctx, x._node, x._var = made._data, made._ctx, None, None


def rebuild(values: np.ndarray, ctx: str) -> NDArray:
    """The array that a pickle holds, on the device that it was on."""
    return from_host(values, invoke.as_context(ctx))


def _copy_between(x: NDArray, target: Context) -> NDArray:
    """A copy on another (or the same) device, on the tape when recording."""
    activate(target)
    source = x._ctx.backend
    if queued.goes_to_queue(target, (x,), (), x._data.nbytes / 4000.0):
        made = _pushed_copy(x, target)
    else:
        if x._var is not None:
            x.wait_to_read()
        with on(target):
            if source is target.backend:
                raw = source.xp.array(x._data, order="C")
            else:
                raw = target.backend.from_host(source.to_host(x._data))
        made = wrap(raw, target)
    if tape.local.recording and x._node is not None:
        made._node = [
            tape.next_seq(),
            _copy_run,
            None,
            (x._node,),
            (x._ctx,),
            None,
            target,
        ]
    return made


def _pushed_copy(x: NDArray, target: Context) -> NDArray:
    source, raw = x._ctx.backend, x._data
    with on(target):
        buffer = target.backend.xp.empty(raw.shape, raw.dtype)
    made = wrap(buffer, target)

    def run() -> None:
        buffer[...] = (
            raw if source is target.backend else target.backend.from_host(source.to_host(raw))
        )

    queued.push(run, (x,), (made,), target, "_copyto", nbytes=raw.nbytes)
    return made


def _copy_run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
    """Gradient of a copy between devices: the copy back."""
    (source,) = saves
    if isinstance(g, NDArray):
        return (g.copyto(source),)
    with on(source):
        if isinstance(g, source.backend.array_type):
            return (source.backend.xp.asarray(g),)
        return (source.backend.from_host(_host_of(g)),)


def _host_of(raw: Any) -> np.ndarray:
    return raw if isinstance(raw, np.ndarray) else raw.get()


_copy_run.op, _copy_run.save_names = None, ("source",)  # type: ignore[attr-defined]


def _reshape_view(x: NDArray, codes: tuple[int, ...], reverse: bool) -> NDArray:
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
    return _view(x, shape)


def _view(x: NDArray, shape: tuple[int, ...]) -> NDArray:
    """The array in another shape of the same size, sharing the memory."""
    made = wrap(x._data.reshape(shape), x._ctx)
    indexing.share(x, made)
    if tape.local.recording and x._node is not None:
        run = run_of(get("Reshape"))
        saves = tuple(x.shape for _ in run.op.save_names)  # type: ignore[attr-defined]
        p = {"shape": shape, "reverse": False, "target_shape": (), "keep_highest": False}
        made._node = [tape.next_seq(), run, None, (x._node,), saves, p, x._ctx]
    return made
