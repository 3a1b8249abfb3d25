"""Backends: what a context's device is made of. The only room that imports cupy.

``activate(ctx)`` fills in ``ctx.backend`` and ``ctx.table`` on first use; from then on an array
finds its kernels by two loads, ``array._ctx.table[op.index]``.
"""

from __future__ import annotations

import threading
from typing import Any

from ..context import Context
from .protocol import Backend, KernelTable, check_device

__all__ = ["Backend", "KernelTable", "activate", "backend_named", "gpu_count", "gpu_memory_info", "live_backends"]

_KIND_TO_BACKEND = {
    "cpu": "numpy",
    "cpu_pinned": "numpy",
    "cpu_shared": "numpy",
    "gpu": "cupy",
    "loopback": "loopback",
}
_backends: dict[str, Any] = {}
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
        ctx.backend = backend
        ctx.table = backend.device_table(ctx.device_id)
    return ctx


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
