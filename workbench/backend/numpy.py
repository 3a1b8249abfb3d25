"""The reference backend: NumPy, for every kind of CPU context."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from ..kernels.registry import faster, prepared
from ..ops.registry import Op
from .protocol import Kernel, KernelTable

__all__ = ["HostTable", "NumpyBackend"]

#: how many devices cpu(i) may name; each is a queue of work on the same cores
CPU_DEVICES = 1 << 16
_SCALARS_KEPT = 4096


class HostTable(KernelTable):
    """The bodies on NumPy, and before them the generated kernels that apply."""

    def bind(self, op: Op) -> Kernel:
        """The operator's body, or what chooses between it and its kernels at each call."""
        return faster(op, super().bind(op))

    def _bind(self, op: Op) -> Kernel:
        if op.ufunc is None and op.float_ufunc is not None and len(op.inputs) == 1:
            return _float_kernel(getattr(np, op.float_ufunc), super()._bind(op))
        return super()._bind(op)

    def prepared(self, op: Op, arrays: Sequence[Any], params: dict[str, Any]) -> Kernel | None:
        """What the kernels have for these shapes and parameters."""
        return prepared(op, arrays, params)


def _float_kernel(ufunc: Kernel, otherwise: Kernel) -> Kernel:
    """NumPy's own function for what is most common, without a look at what else there is."""
    single = np.dtype("float32")

    def kernel(data: Any) -> Any:
        return ufunc(data) if data.dtype is single else otherwise(data)

    return kernel


class NumpyBackend:
    """Devices ``cpu(i)``, ``cpu_pinned(i)`` and ``cpu_shared(i)``: one memory, one table."""

    name = "numpy"
    xp = np
    array_type = np.ndarray
    asynchronous = False

    def __init__(self) -> None:
        self._scalars: dict[Any, np.ndarray] = {}
        self._rng: Any = None
        self.table = HostTable(self)
        _keep_freed_memory()

    @property
    def rng(self) -> Any:
        """MXNet's random streams: one generator for all CPU contexts."""
        if self._rng is None:
            from .streams import Streams

            self._rng = Streams(0)
        return self._rng

    def device_count(self) -> int:
        """Any number of CPU queues may be named."""
        return CPU_DEVICES

    def device_table(self, device_id: int) -> KernelTable:
        """One table serves all devices."""
        return self.table

    def device(self, device_id: int) -> AbstractContextManager[Any]:
        """Nothing to switch: all CPU devices share one memory."""
        return contextlib.nullcontext()

    def from_host(self, array: Any) -> np.ndarray:
        """A fresh C-contiguous copy."""
        return np.array(array, order="C")

    def to_host(self, raw: Any) -> np.ndarray:
        """A fresh writable copy."""
        return np.array(raw, order="C")

    def scalar(self, value: Any, dtype: np.dtype) -> np.ndarray:
        """*value* as a 0-d array of *dtype*, cast as C casts; common numbers are kept.

        A 0-d array spares NumPy the conversion of a Python number: an addition of eight floats
        takes half the time.
        """
        key = (value, dtype)
        try:
            return self._scalars[key]
        except (KeyError, TypeError):
            pass
        with np.errstate(all="ignore"):
            made = np.asarray(value).astype(dtype)
        made.flags.writeable = False
        if value:  # 0.0 and -0.0 are equal keys
            if len(self._scalars) >= _SCALARS_KEPT:
                self._scalars.clear()
            self._scalars[key] = made
        return made

    def synchronize(self) -> None:
        """NumPy computes at the call."""

    def empty_cache(self) -> None:
        """NumPy returns memory by itself."""

    def memory_info(self, device_id: int) -> tuple[int, int]:
        """Free and total bytes of main memory, where the system tells."""
        import os

        try:
            page = os.sysconf("SC_PAGE_SIZE")
            return os.sysconf("SC_AVPHYS_PAGES") * page, os.sysconf("SC_PHYS_PAGES") * page
        except (AttributeError, ValueError, OSError):
            return 0, 0

    def memory_held(self, device_id: int) -> tuple[int, int]:
        """What the process occupies, and the most that it has: all CPU devices are in it."""
        from .resident import resident_bytes

        return resident_bytes()


def _keep_freed_memory() -> None:
    """Let the C library keep freed blocks of up to 32 MB instead of returning each to the system.

    Freeing one large block raises glibc's threshold for that; without it every fresh array of
    some megabytes is paid for by page faults (a LeNet convolution takes 6.2 ms instead of 1.4).
    """
    np.empty((31 << 20) // 4, "float32")
