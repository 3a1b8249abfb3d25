"""How much memory the arrays of a device take."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..backend import activate
from ..context import Context, current_context
from .core import NDArray

__all__ = ["MemoryStats", "memory_stats"]


class MemoryStats(NamedTuple):
    """What :func:`memory_stats` gives, all but the first in bytes.

    Attributes
    ----------
    arrays : how many arrays of the device are alive
    live : what they take; views of one array count once
    held : what is held for the device: by the process, all its memory, for a CPU; by the pool of
        memory for a GPU
    peak : the most that has been held so far
    """

    arrays: int
    live: int
    held: int
    peak: int


def memory_stats(ctx: Context | None = None) -> MemoryStats:
    """Memory in use on a device, by default the current one.

    All CPU contexts share the memory of the process: ``held`` and ``peak`` are the same for each
    of them, ``arrays`` and ``live`` are their own. What the recorded graph keeps of arrays that
    nobody else has is only in ``held``. Takes some milliseconds: it looks at every object.

    >>> import workbench as mx
    >>> x = mx.nd.zeros((256, 1024), ctx=mx.cpu(7))
    >>> mx.profiler.memory_stats(mx.cpu(7)).live
    1048576
    """
    ctx = activate(current_context() if ctx is None else Context(ctx))
    buffers: dict[int, int] = {}
    count = 0
    for array in _arrays_on(ctx):
        count += 1
        owner = _owner(array._data)
        buffers[id(owner)] = owner.nbytes
    held, peak = ctx.backend.memory_held(ctx.device_id)
    return MemoryStats(count, sum(buffers.values()), held, peak)


def _arrays_on(ctx: Context) -> Iterator[Any]:
    for one in gc.get_objects():
        if isinstance(one, NDArray) and getattr(one, "_ctx", None) is ctx:
            yield from _dense_parts(one)


def _dense_parts(array: Any) -> Iterator[Any]:
    """The array itself; a sparse one is a holder of dense ones, which are found by themselves."""
    if hasattr(getattr(array, "_data", None), "nbytes"):
        yield array


def _owner(raw: Any) -> Any:
    """The raw array whose memory this one shows."""
    base = getattr(raw, "base", None)
    while base is not None and hasattr(base, "nbytes"):
        raw, base = base, getattr(base, "base", None)
    return raw
