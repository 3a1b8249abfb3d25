"""A stand-in for the ``cupy`` module, made of the loopback array.

It has what :mod:`workbench.backend.cupy` uses of CuPy, so that the backend runs as it would on a
GPU; a real GPU is then a run and not a port. An array knows the GPU that was current when it was
made, and may be computed with only while that one is current.
"""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from workbench.backend import loopback
from workbench.backend.loopback import LoopbackArray, LoopbackNamespace

DEVICES = 2
#: what CuPy tells or gives as a view without launching anything
_HARMLESS = frozenset({"dtype", "flags", "nbytes", "ndim", "shape", "size", "itemsize", "strides"})
_VIEWS = frozenset({"reshape", "ravel", "squeeze", "transpose", "view"})


class WrongDevice(RuntimeError):
    """An array was computed with while another GPU was current."""


class _Current:
    device = 0


class GpuArray(LoopbackArray):
    """A foreign array that belongs to one GPU."""

    __slots__ = ("_memory", "device_id")

    def __init__(self, host: np.ndarray, device_id: int | None = None) -> None:
        self._memory = host
        self.device_id = _Current.device if device_id is None else device_id

    @property
    def _host(self) -> np.ndarray:  # type: ignore[override]
        if self.device_id != _Current.device:
            raise WrongDevice(f"an array of GPU {self.device_id}, but {_Current.device} is current")
        return self._memory

    def get(self) -> np.ndarray:
        """A copy on the host, whatever GPU is current."""
        return self._memory.copy()

    def __len__(self) -> int:
        return len(self._memory)

    def __getattr__(self, name: str) -> Any:
        if name in _HARMLESS:
            return getattr(self._memory, name)
        if name in _VIEWS and self._memory.flags.c_contiguous:
            method = getattr(self._memory, name)
            return lambda *args, **kwargs: GpuArray(method(*args, **kwargs), self.device_id)
        return super().__getattr__(name)

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if all(p is None or p is Ellipsis or isinstance(p, (int, slice)) for p in parts):
            return GpuArray(np.asarray(self._memory[key]), self.device_id)
        return super().__getitem__(key)


def _wrap(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return GpuArray(np.asarray(value))
    if isinstance(value, (tuple, list)) and any(isinstance(x, np.ndarray) for x in value):
        return type(value)(_wrap(x) for x in value)
    return value


class _Array:
    """``cupy.array``: the one function of CuPy that takes host arrays, and any GPU's."""

    def __call__(self, source: Any, *args: Any, **kwargs: Any) -> LoopbackArray:
        host = source._memory if isinstance(source, GpuArray) else source
        return _wrap(np.array(host, *args, **kwargs))


class StandInCupy(types.ModuleType):
    """The module object that ``import cupy`` finds."""

    def __init__(self) -> None:
        super().__init__("cupy")
        self._namespace = LoopbackNamespace()
        self.ndarray = GpuArray
        self.array = _Array()
        self.launched: list[int] = []
        self.cuda = types.SimpleNamespace(
            Device=self._device,
            runtime=types.SimpleNamespace(
                CUDARuntimeError=RuntimeError,
                getDeviceCount=lambda: DEVICES,
                deviceSynchronize=lambda: None,
                memGetInfo=lambda: (1 << 30, 2 << 30),
            ),
        )

    @contextlib.contextmanager
    def _device(self, device_id: int) -> Iterator[None]:
        self.launched.append(device_id)
        before, _Current.device = _Current.device, device_id
        try:
            yield
        finally:
            _Current.device = before

    def get_default_memory_pool(self) -> Any:
        return types.SimpleNamespace(free_all_blocks=lambda: None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._namespace, name)


@contextlib.contextmanager
def installed() -> Iterator[StandInCupy]:
    """``import cupy`` gives the stand-in inside this block; gpu contexts start afresh."""
    from workbench import backend
    from workbench.context import Context

    stand_in, before = StandInCupy(), sys.modules.get("cupy")
    sys.modules["cupy"] = stand_in
    plain_wrap, loopback._wrap = loopback._wrap, _wrap
    try:
        yield stand_in
    finally:
        loopback._wrap = plain_wrap
        if before is None:
            del sys.modules["cupy"]
        else:
            sys.modules["cupy"] = before
        backend._backends.pop("cupy", None)
        backend._active[:] = [ctx for ctx in backend._active if ctx.device_type != "gpu"]
        for (kind, _), ctx in list(Context._all.items()):
            if kind == "gpu":
                ctx.table = ctx.backend = ctx.array_class = None
