"""A stand-in for the ``cupy`` module, made of the loopback array.

It has what :mod:`workbench.backend.cupy` uses of CuPy, so that the backend runs as it would on a
GPU; a real GPU is then a run and not a port.
"""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Iterator
from typing import Any

from workbench.backend.loopback import LoopbackArray, LoopbackNamespace, _wrap

DEVICES = 2


class _Array:
    """``cupy.array``: the one function of CuPy that takes host arrays."""

    def __call__(self, source: Any, *args: Any, **kwargs: Any) -> LoopbackArray:
        import numpy as np

        host = source._host if isinstance(source, LoopbackArray) else source
        return _wrap(np.array(host, *args, **kwargs))


class StandInCupy(types.ModuleType):
    """The module object that ``import cupy`` finds."""

    def __init__(self) -> None:
        super().__init__("cupy")
        self._namespace = LoopbackNamespace()
        self.ndarray = LoopbackArray
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
        yield

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
    try:
        yield stand_in
    finally:
        if before is None:
            del sys.modules["cupy"]
        else:
            sys.modules["cupy"] = before
        backend._backends.pop("cupy", None)
        for (kind, _), ctx in list(Context._all.items()):
            if kind == "gpu":
                ctx.table = ctx.backend = ctx.array_class = None
