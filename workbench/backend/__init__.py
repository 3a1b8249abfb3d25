"""Backends: what a context's device is made of. The only room that imports cupy.

``activate(ctx)`` fills in ``ctx.backend`` and ``ctx.table`` on first use; from then on an array
finds its kernels by two loads, ``array._ctx.table[op.index]``.
"""

from __future__ import annotations

import threading
from typing import Any

from ..context import Context
from ..ops.registry import Op
from .protocol import Backend, Kernel, KernelTable, check_device
from .timed import TimedTable, Timer

__all__ = [
    "Backend",
    "KernelTable",
    "activate",
    "backend_named",
    "gpu_count",
    "gpu_memory_info",
    "live_backends",
    "plain_kernel",
    "set_timer",
]

_KIND_TO_BACKEND = {
    "cpu": "numpy",
    "cpu_pinned": "numpy",
    "cpu_shared": "numpy",
    "gpu": "cupy",
    "loopback": "loopback",
}
_backends: dict[str, Any] = {}
_active: list[Context] = []
_timer: Timer | None = None
_lock = threading.RLock()


def backend_named(name: str) -> Any:
    """The backend ``"numpy"``, ``"cupy"`` or ``"loopback"``, made on first use."""
    with _lock:
        if name not in _backends:
            _backends[name] = _make(name)
        return _backends[name]


def _make(name: str) -> Any:
    if name == "numpy":
        from .numpy import NumpyBackend

        return NumpyBackend()
    if name == "cupy":
        from .cupy import CupyBackend

        return CupyBackend()
    from .loopback import LoopbackBackend

    return LoopbackBackend()


def activate(ctx: Context) -> Context:
    """Fill in *ctx*'s backend and kernel table; ContextError when there is no such device."""
    if ctx.table is None:
        backend = backend_named(_KIND_TO_BACKEND[ctx.device_type])
        check_device(backend, ctx)
        with _lock:
            ctx.backend = backend
            if ctx not in _active:
                _active.append(ctx)
            ctx.table = _table_for(ctx)
    return ctx


def _table_for(ctx: Context) -> KernelTable:
    plain: KernelTable = ctx.backend.device_table(ctx.device_id)
    return plain if _timer is None else TimedTable(plain, ctx, _timer)


def set_timer(timer: Timer | None) -> None:
    """Give every context, also those activated later, a table of timed kernels; None: plain ones.

    A call that is under way finishes with the kernel that it has.
    """
    global _timer
    with _lock:
        _timer = timer
        for ctx in _active:
            ctx.table = _table_for(ctx)


def plain_kernel(ctx: Context, op: Op) -> Kernel:
    """An operator's kernel on *ctx*, never timed: for work that is timed as a whole."""
    return ctx.backend.device_table(ctx.device_id).of(op)


def live_backends() -> list[Any]:
    """The backends that are in use."""
    with _lock:
        return list(_backends.values())


def gpu_count() -> int:
    """How many GPUs can be used: 0 when CuPy or a device is missing."""
    from .cupy import device_count

    return device_count()


def gpu_memory_info(device_id: int = 0) -> tuple[int, int]:
    """Free and total bytes of a GPU; ContextError when there is no such GPU."""
    ctx = activate(Context("gpu", device_id))
    return ctx.backend.memory_info(device_id)
