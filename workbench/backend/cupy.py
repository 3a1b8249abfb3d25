"""NVIDIA GPUs by CuPy; imported only when a ``gpu(i)`` is used.

CuPy launches work on a stream and returns at once, so a GPU needs no queue of ours: a call is
the push, and reading an array is the wait. Needs ``pip install "workbench[cuda]"``.
"""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..error import ContextError, message, user_line
from .protocol import KernelTable

__all__ = ["CupyBackend", "device_count"]

_SCALARS_KEPT = 4096


def _cupy() -> Any:
    try:
        return importlib.import_module("cupy")
    except ImportError as error:
        raise ContextError(
            message(
                f"GPU contexts need CuPy, which cannot be imported: {error}",
                where=[user_line()],
                fix='pip install "workbench[cuda]" (and an NVIDIA driver), or use mx.cpu().',
            )
        ) from error


def device_count() -> int:
    """How many GPUs CuPy sees; 0 without CuPy, a driver or a GPU."""
    try:
        cupy = importlib.import_module("cupy")
    except ImportError:
        return 0
    try:
        return int(cupy.cuda.runtime.getDeviceCount())
    except cupy.cuda.runtime.CUDARuntimeError:
        return 0


class CupyBackend:
    """Devices ``gpu(i)``."""

    name = "cupy"
    asynchronous = True

    def __init__(self) -> None:
        self.xp: Any = _cupy()
        self.array_type = self.xp.ndarray
        self._rng: Any = None
        self._scalars: dict[Any, Any] = {}
        self.table = KernelTable(self)
        self._tables: dict[int, KernelTable] = {}

    @property
    def rng(self) -> Any:
        """MXNet's CPU streams, drawn on the host: the same seed gives the same numbers."""
        if self._rng is None:
            self._rng = _SentStreams(self)
        return self._rng

    def device_count(self) -> int:
        """How many GPUs there are."""
        return device_count()

    def device_table(self, device_id: int) -> KernelTable:
        """Device 0 is CuPy's current one; kernels of another switch to it and back."""
        if device_id == 0:
            return self.table
        if device_id not in self._tables:
            self._tables[device_id] = KernelTable(self, device_id)
        return self._tables[device_id]

    def device(self, device_id: int) -> AbstractContextManager[Any]:
        """A block in which CuPy allocates and launches on that GPU."""
        return self.xp.cuda.Device(device_id)

    def from_host(self, array: Any) -> Any:
        """A copy on the current GPU."""
        return self.xp.array(np.ascontiguousarray(array).reshape(np.shape(array)))

    def to_host(self, raw: Any) -> np.ndarray:
        """A copy on the host; waits for the GPU."""
        return np.array(raw.get(), order="C")

    def scalar(self, value: Any, dtype: np.dtype) -> Any:
        """A NumPy scalar of *dtype*: CuPy hands it to the kernel by value."""
        key = (value, dtype)
        try:
            return self._scalars[key]
        except (KeyError, TypeError):
            pass
        with np.errstate(all="ignore"):
            made = np.asarray(value).astype(dtype)[()]
        if value:
            if len(self._scalars) >= _SCALARS_KEPT:
                self._scalars.clear()
            self._scalars[key] = made
        return made

    def synchronize(self) -> None:
        """Wait until all GPUs have run what was launched."""
        for device_id in range(self.device_count()):
            with self.device(device_id):
                self.xp.cuda.runtime.deviceSynchronize()

    def empty_cache(self) -> None:
        """Give CuPy's pooled memory back to the driver."""
        self.xp.get_default_memory_pool().free_all_blocks()

    def memory_info(self, device_id: int) -> tuple[int, int]:
        """Free and total bytes of a GPU."""
        with self.device(device_id):
            free, total = self.xp.cuda.runtime.memGetInfo()
        return int(free), int(total)

    def memory_held(self, device_id: int) -> tuple[int, int]:
        """Used bytes of the pool, and all that it took from the device, which it keeps."""
        with self.device(device_id):
            pool = self.xp.get_default_memory_pool()
            return int(pool.used_bytes()), int(pool.total_bytes())


class _SentStreams:
    """Random streams on the host whose draws are copied to the current GPU."""

    def __init__(self, backend: CupyBackend) -> None:
        from .streams import Streams

        self._streams, self._backend = Streams(0), backend

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._streams, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            host = [
                self._backend.to_host(a) if isinstance(a, self._backend.array_type) else a
                for a in args
            ]
            made = found(*host, **kwargs)
            return self._backend.from_host(made) if isinstance(made, np.ndarray) else made

        return call
