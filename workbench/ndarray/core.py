"""The array class itself: slots and nothing else, so that entries can make one in 0.1 µs.

Attributes and methods are put onto it by :mod:`.ndarray`; this module exists so that entries,
the slow way and the methods can all import the class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..backend import activate
from ..context import Context

__all__ = ["NDArray", "QueuedNDArray", "wrap"]


class NDArrayBase:
    """Root of the array classes, as in MXNet."""

    __slots__ = ("__weakref__", "_ctx", "_data", "_node", "_var")

    #: raw array of the device's backend
    _data: Any
    #: the device
    _ctx: Context
    #: tape node, leaf, or None
    _node: Any
    #: engine variable, or None while nobody but the caller touches the memory
    _var: Any


class NDArray(NDArrayBase):
    """An array on a device, computed asynchronously; MXNet's ``mx.nd.NDArray``.

    An instance whose class is exactly this one is ready, and its device's work is done by the
    calling thread. See :class:`QueuedNDArray` for the others.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        # What .ndarray and .methods put onto the class, for type checkers.
        def __getattr__(self, name: str) -> Any: ...
        def __setattr__(self, name: str, value: Any) -> None: ...
        def __getitem__(self, key: Any) -> NDArray: ...
        def __setitem__(self, key: Any, value: Any) -> None: ...
        def __len__(self) -> int: ...
        def __neg__(self) -> NDArray: ...
        def __add__(self, other: Any) -> NDArray: ...
        def __radd__(self, other: Any) -> NDArray: ...
        def __sub__(self, other: Any) -> NDArray: ...
        def __rsub__(self, other: Any) -> NDArray: ...
        def __mul__(self, other: Any) -> NDArray: ...
        def __rmul__(self, other: Any) -> NDArray: ...
        def __truediv__(self, other: Any) -> NDArray: ...
        def __rtruediv__(self, other: Any) -> NDArray: ...
        def __pow__(self, other: Any) -> NDArray: ...
        def __lt__(self, other: Any) -> NDArray: ...
        def __le__(self, other: Any) -> NDArray: ...
        def __gt__(self, other: Any) -> NDArray: ...
        def __ge__(self, other: Any) -> NDArray: ...


class QueuedNDArray(NDArray):
    """An array that is not ready, or whose device has a queue of its own, or of rank 0.

    Entries test for the exact class :class:`NDArray`; an array of this class fails the test and
    goes the slow way, which waits, pushes or places as needed. Users see one class.
    """

    __slots__ = ()


QueuedNDArray.__name__ = "NDArray"
QueuedNDArray.__qualname__ = "NDArray"


def class_on(ctx: Context) -> type[NDArray]:
    """The class of a ready array on *ctx*."""
    if ctx.array_class is None:
        activate(ctx)
        home = ctx.device_id == 0 or ctx.backend.asynchronous
        ctx.array_class = NDArray if home else QueuedNDArray
    return ctx.array_class


def wrap(raw: Any, ctx: Context) -> NDArray:
    """An NDArray over a raw array of *ctx*'s backend; no copy."""
    if not hasattr(raw, "shape") or raw.shape == ():
        activate(ctx)
        made: NDArray = QueuedNDArray()
        raw = ctx.backend.xp.asarray(raw)
    else:
        made = (ctx.array_class or class_on(ctx))()
    made._data = raw
    made._ctx = ctx
    made._node = made._var = None
    return made
