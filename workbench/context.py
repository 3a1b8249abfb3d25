"""Devices by MXNet's names: ``cpu(0)``, ``gpu(1)``; the current one is a thread's own.

A Context is a value: equal contexts are the same object, so ``is`` compares them. The backend
that serves a context, and whether the device exists, is settled by :mod:`workbench.backend`.
"""

from __future__ import annotations

import threading
from typing import Any, ClassVar

from ._surface import getattr_for
from .error import ContextError, message
from .scopes import ClassProperties, classproperty

__all__ = ["Context", "Device", "cpu", "cpu_pinned", "current_context", "gpu", "loopback"]

# The only questions about devices that have to ask the storey above.
__getattr__ = getattr_for(
    __name__, {"num_gpus": "backend:gpu_count", "gpu_memory_info": "backend:gpu_memory_info"}
)


class UnknownDeviceType(ContextError, KeyError):
    """No such kind of device; a KeyError, as in MXNet."""

    __str__ = Exception.__str__  # KeyError's quotes the text


class _Default(threading.local):
    """Each thread's current context, :func:`cpu` where no other was set."""

    value: Context

    def __init__(self) -> None:
        self.before: list[Context] = []


class Context(metaclass=ClassProperties):
    """A device: a kind (``"cpu"``, ``"gpu"``, ...) and a number.

    Contexts are interned, hashable and usable as a ``with`` block that makes them the calling
    thread's default. ``loopback`` is Workbench's own test device: NumPy behind a foreign type.
    """

    devtype2str: ClassVar[dict[int, str]] = {
        1: "cpu",
        2: "gpu",
        3: "cpu_pinned",
        5: "cpu_shared",
        99: "loopback",
    }
    devstr2type: ClassVar[dict[str, int]] = {name: code for code, name in devtype2str.items()}
    _all: ClassVar[dict[tuple[str, int], Context]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()
    _default_ctx: ClassVar[_Default] = _Default()

    __slots__ = ("__weakref__", "array_class", "backend", "device_id", "device_type", "table")

    device_type: str
    device_id: int
    #: kernel table and backend of the device, filled in by workbench.backend on first use
    table: Any
    backend: Any
    #: class of this device's arrays, filled in by workbench.ndarray
    array_class: Any

    def __new__(cls, device_type: str | Context, device_id: int = 0) -> Context:
        if isinstance(device_type, Context):
            return device_type
        key = (device_type, int(device_id))
        found = cls._all.get(key)
        if found is not None:
            return found
        if device_type not in cls.devstr2type:
            raise UnknownDeviceType(
                message(
                    f"unknown device type {device_type!r}",
                    fix=f"Use one of {', '.join(cls.devstr2type)}.",
                )
            )
        if key[1] < 0:
            raise ContextError(f"device numbers start at 0, got {device_type}({device_id})")
        with cls._lock:
            return cls._all.setdefault(key, cls._make(*key))

    @classmethod
    def _make(cls, device_type: str, device_id: int) -> Context:
        self = object.__new__(cls)
        self.device_type, self.device_id = device_type, device_id
        self.table = self.backend = self.array_class = None
        return self

    @property
    def device_typeid(self) -> int:
        """MXNet's number of the kind of device: 1 for cpu, 2 for gpu."""
        return self.devstr2type[self.device_type]

    def __reduce__(self) -> tuple[type[Context], tuple[str, int]]:
        return Context, (self.device_type, self.device_id)

    def __deepcopy__(self, memo: dict[int, Any]) -> Context:
        return self

    def __copy__(self) -> Context:
        return self

    def __repr__(self) -> str:
        return f"{self.device_type}({self.device_id})"

    def __enter__(self) -> Context:
        default = self._default_ctx
        default.before.append(default.value)
        default.value = self
        return self

    def __exit__(self, *exc: object) -> None:
        default = self._default_ctx
        default.value = default.before.pop()

    def empty_cache(self) -> None:
        """Give the memory that the device's pool keeps for reuse back to the system."""
        if self.backend is not None:
            self.backend.empty_cache()

    def _get_default(cls) -> Context:
        """The calling thread's current context; can be assigned, ``with ctx:`` sets it back."""
        return cls._default_ctx.value

    def _set_default(cls, value: Context) -> None:
        cls._default_ctx.value = value

    default_ctx = classproperty(_get_default, _set_default)


Device = Context
_Default.value = Context("cpu", 0)


def current_context() -> Context:
    """The calling thread's default device: the innermost ``with ctx:``, else ``cpu(0)``."""
    return Context._default_ctx.value


def cpu(device_id: int = 0) -> Context:
    """The CPU; ``cpu(1)`` is a second queue of work on the same memory."""
    return Context("cpu", device_id)


def cpu_pinned(device_id: int = 0) -> Context:
    """Page-locked host memory; without a GPU the same as ordinary memory."""
    return Context("cpu_pinned", device_id)


def gpu(device_id: int = 0) -> Context:
    """A GPU. Making the context never fails; the first array on a missing GPU does."""
    return Context("gpu", device_id)


def loopback(device_id: int = 0) -> Context:
    """A device over NumPy with a foreign array type, for testing device discipline."""
    return Context("loopback", device_id)
