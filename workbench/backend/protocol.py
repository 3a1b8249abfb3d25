"""What a backend must offer, and the kernel table that serves its devices.

A backend owns the arrays of one kind of device. Everything above it holds its raw arrays without
knowing their type, and computes with them by the kernel table: a list indexed by ``op.index``
whose entries are called ``kernel(*arrays, **params)``. An entry is the operator's body bound to
the backend's ``xp``, or a registered kernel that is faster and falls back to the body.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

from ..context import Context
from ..ops import all_ops
from ..ops.registry import Op

__all__ = ["Backend", "KernelTable"]

Kernel = Callable[..., Any]


class Backend(Protocol):
    """One kind of device. Raw arrays are whatever ``xp`` makes."""

    name: str
    #: the type of raw arrays
    array_type: type[Any]
    #: True when a call only launches work and the device runs it later by itself
    asynchronous: bool

    @property
    def xp(self) -> Any:
        """The array namespace that bodies compute with."""

    @property
    def rng(self) -> Any:
        """The device's random streams."""

    def device_count(self) -> int:
        """How many devices of this kind there are."""

    def device_table(self, device_id: int) -> KernelTable:
        """The kernels that run on that device; one table where memory is shared."""

    def device(self, device_id: int) -> AbstractContextManager[Any]:
        """A block in which ``xp`` allocates and computes on that device."""

    def from_host(self, array: Any) -> Any:
        """A fresh raw array with the values of a NumPy array."""

    def to_host(self, raw: Any) -> Any:
        """A fresh, writable NumPy array with the values of a raw array; waits for them."""

    def scalar(self, value: Any, dtype: Any) -> Any:
        """A number as bodies take it: cast to *dtype* as C does, broadcast against anything."""

    def synchronize(self) -> None:
        """Wait until everything launched on this backend's devices has run."""

    def empty_cache(self) -> None:
        """Give pooled memory back to the system."""

    def memory_info(self, device_id: int) -> tuple[int, int]:
        """Free and total bytes of a device."""

    def memory_held(self, device_id: int) -> tuple[int, int]:
        """Bytes held for a device now, and the most so far; 0 where nobody counts."""


class KernelTable(list[Kernel]):
    """The kernels of one backend by ``op.index``; grows when operators are registered."""

    def __init__(self, backend: Backend, device_id: int | None = None) -> None:
        super().__init__()
        self.backend, self.device_id = backend, device_id
        self.extend_to_registry()

    def extend_to_registry(self) -> None:
        """Add the entries of operators that were registered since the last call."""
        for op in list(all_ops())[len(self) :]:
            self.append(self.bind(op))

    def of(self, op: Op) -> Kernel:
        """The entry of an operator, also of one registered just now."""
        if op.index >= len(self):
            self.extend_to_registry()
        return self[op.index]

    def prepared(self, op: Op, arrays: Sequence[Any], params: dict[str, Any]) -> Kernel | None:
        """A function of arrays alone for these shapes and parameters, where there is one.

        It takes arrays whose first has the dtype of the first given, and gives what the table's
        own kernel gives.
        """
        return None

    def bind(self, op: Op) -> Kernel:
        """The operator's body as a kernel of this backend, run on the table's device."""
        kernel = self._bind(op)
        if self.device_id is None:
            return kernel
        device_id, enter = self.device_id, self.backend.device

        def on_device(*arrays: Any, **params: Any) -> Any:
            with enter(device_id):
                return kernel(*arrays, **params)

        return on_device

    def _bind(self, op: Op) -> Kernel:
        xp = self.backend.xp
        if op.ufunc is not None:
            return getattr(xp, op.ufunc)
        if op.is_scalar:
            return self._scalar_kernel(op)
        return partial(op.body, xp)

    def _scalar_kernel(self, op: Op) -> Kernel:
        body, xp, number = op.body, self.backend.xp, self.backend.scalar

        def kernel(data: Any, *, scalar: Any, is_int: bool = True) -> Any:
            if data.dtype.kind == "b":
                data = data.astype("int64")
            return body(xp, data, number(scalar, data.dtype))

        return kernel


def check_device(backend: Backend, ctx: Context) -> None:
    """Raise ContextError when the machine has no such device."""
    from ..error import ContextError, message, user_line

    count = backend.device_count()
    if ctx.device_id >= count:
        raise ContextError(
            message(
                f"{ctx} does not exist: this machine has {count} device(s) of kind "
                f"{ctx.device_type!r}",
                where=[user_line()],
                fix="Use mx.cpu(), or ask mx.context.num_gpus() first.",
            )
        )
