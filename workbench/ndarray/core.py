"""The array class itself: slots and nothing else, so that entries can make one in 0.1 µs.

Attributes and methods are put onto it by :mod:`.ndarray`; this module exists so that entries,
the slow way and the methods can all import the class.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
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


if TYPE_CHECKING:
    from .._stubs.fluent import Fluent
    from .attributes import Attributes
    from .copies import Copies
    from .gradients import Gradients
    from .waiting import Waiting

    class Members(Attributes, Waiting, Copies, Gradients, Fluent):
        """What :mod:`.ndarray` and :mod:`.methods` put onto the class, for type checkers."""

        __add__: Callable[..., NDArray]
        __radd__: Callable[..., NDArray]
        __iadd__: Callable[..., NDArray]
        __sub__: Callable[..., NDArray]
        __rsub__: Callable[..., NDArray]
        __isub__: Callable[..., NDArray]
        __mul__: Callable[..., NDArray]
        __rmul__: Callable[..., NDArray]
        __imul__: Callable[..., NDArray]
        __truediv__: Callable[..., NDArray]
        __rtruediv__: Callable[..., NDArray]
        __itruediv__: Callable[..., NDArray]
        __mod__: Callable[..., NDArray]
        __rmod__: Callable[..., NDArray]
        __imod__: Callable[..., NDArray]
        __pow__: Callable[..., NDArray]
        __rpow__: Callable[..., NDArray]
        __ipow__: Callable[..., NDArray]
        __neg__: Callable[..., NDArray]
        __abs__: Callable[..., NDArray]
        __lt__: Callable[..., NDArray]
        __le__: Callable[..., NDArray]
        __gt__: Callable[..., NDArray]
        __ge__: Callable[..., NDArray]
        __eq__: Callable[..., NDArray]  # type: ignore[assignment]
        __ne__: Callable[..., NDArray]  # type: ignore[assignment]

        def __getattr__(self, name: str) -> Any:
            """Fluent methods: ``x.exp()``."""

else:
    Members = object


class NDArray(NDArrayBase, Members):
    """An array on a device, computed asynchronously; MXNet's ``mx.nd.NDArray``.

    An instance whose class is exactly this one is ready, and its device's work is done by the
    calling thread. See :class:`QueuedNDArray` for the others.
    """

    __slots__ = ()


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


def on(ctx: Context) -> AbstractContextManager[Any]:
    """A block in which raw arrays of *ctx* are made, computed with and written."""
    backend: Any = ctx.backend
    return backend.device(ctx.device_id)


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
