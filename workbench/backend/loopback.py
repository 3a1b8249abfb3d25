"""The loopback device: NumPy behind a foreign array type, so that a laptop tests GPU discipline.

A :class:`LoopbackArray` cannot be seen by NumPy, mixes with no host array, and is reached only
through this module's ``xp`` and its own operators and methods. What runs here runs on CuPy as
far as mixing, conversions and hidden synchronization go.
"""

from __future__ import annotations

import contextlib
import functools
import types
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from .protocol import KernelTable

__all__ = ["LoopbackArray", "LoopbackBackend", "LoopbackNamespace", "MixedArraysError"]

DEVICES = 4


class MixedArraysError(TypeError):
    """A host array met an array of the loopback device, or NumPy was called on one."""


class LoopbackArray:
    """A foreign array: attributes and operators of an ndarray, unknown to NumPy."""

    __slots__ = ("__weakref__", "_host")
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, host: np.ndarray) -> None:
        self._host = host

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise MixedArraysError("NumPy was called on an array of the loopback device; use .get()")

    def __array_function__(self, function: Any, *args: Any) -> Any:
        raise MixedArraysError(f"{function.__name__} of NumPy was called on a loopback array")

    def get(self) -> np.ndarray:
        """A copy on the host, as ``cupy.ndarray.get``."""
        return self._host.copy()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._host, name)
        return _foreign_call(found) if callable(found) else _wrap(found)

    def __getitem__(self, key: Any) -> Any:
        return _wrap(self._host[_unwrap(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._host[_unwrap(key)] = _unwrap(value)

    def __len__(self) -> int:
        return len(self._host)

    def __bool__(self) -> bool:
        return bool(self._host)

    def __int__(self) -> int:
        return int(self._host)

    def __float__(self) -> float:
        return float(self._host)

    def __index__(self) -> int:
        return self._host.__index__()

    def __repr__(self) -> str:
        return f"LoopbackArray({self._host!r})"


def _wrap(value: Any) -> Any:
    """Host arrays (and NumPy scalars, which CuPy does not have) as foreign arrays."""
    if isinstance(value, np.ndarray):
        return LoopbackArray(value)
    if isinstance(value, np.generic):
        return LoopbackArray(np.asarray(value))
    if isinstance(value, (tuple, list)) and any(
        isinstance(x, (np.ndarray, np.generic)) for x in value
    ):
        return [_wrap(x) for x in value] if isinstance(value, list) else tuple(map(_wrap, value))
    return value


def _unwrap(value: Any) -> Any:
    """Foreign arrays as host arrays; a host array with axes is refused."""
    if isinstance(value, LoopbackArray):
        return value._host
    if isinstance(value, np.ndarray) and value.ndim:
        raise MixedArraysError(
            f"a host array of shape {value.shape} was given to the loopback device"
        )
    if isinstance(value, (tuple, list)):
        return type(value)(_unwrap(x) for x in value)
    if isinstance(value, slice):
        return slice(_unwrap(value.start), _unwrap(value.stop), _unwrap(value.step))
    return value


def _foreign_call(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        made = function(
            *[_unwrap(one) for one in args], **{k: _unwrap(v) for k, v in kwargs.items()}
        )
        for given in (*args, kwargs.get("out")):
            if isinstance(given, LoopbackArray) and given._host is made:
                return given
        return _wrap(made)

    return functools.wraps(function, updated=())(call) if hasattr(function, "__name__") else call


def _operator(name: str) -> Callable[..., Any]:
    def method(self: LoopbackArray, *others: Any) -> Any:
        if any(isinstance(o, np.ndarray) and o.ndim for o in others):
            raise MixedArraysError("a host array met a loopback array in an operator")
        made = getattr(self._host, name)(*[_unwrap(o) for o in others])
        if made is NotImplemented:
            return made
        return self if made is self._host else _wrap(made)

    method.__name__ = name
    return method


for _name in (
    *[
        f"__{r}{n}__"
        for r in ("", "r", "i")
        for n in (
            "add",
            "sub",
            "mul",
            "truediv",
            "floordiv",
            "mod",
            "pow",
            "and",
            "or",
            "xor",
            "lshift",
            "rshift",
            "matmul",
        )
    ],
    *[f"__{n}__" for n in ("lt", "le", "gt", "ge", "eq", "ne", "neg", "pos", "abs", "invert")],
):
    setattr(LoopbackArray, _name, _operator(_name))


class _ForeignUfunc:
    """A ufunc with its methods (``add.at``, ``maximum.reduce``) for foreign arrays."""

    def __init__(self, ufunc: Any) -> None:
        self._ufunc, self._call = ufunc, _foreign_call(ufunc)
        self.__name__ = ufunc.__name__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._ufunc, name)
        return _foreign_call(found) if callable(found) else found


class LoopbackNamespace:
    """``xp`` of the loopback device: NumPy's functions over foreign arrays."""

    def __init__(self, module: Any = np) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._module, name)
        if isinstance(found, np.ufunc):
            made: Any = _ForeignUfunc(found)
        elif isinstance(found, types.ModuleType):
            made = LoopbackNamespace(found)
        elif isinstance(found, type) or not callable(found):
            made = LoopbackArray if found is np.ndarray else found
        else:
            made = _foreign_call(found)
        setattr(self, name, made)
        return made


class _HostStreams:
    """MXNet's random streams, drawn on the host and sent to the device."""

    def __init__(self, streams: Any) -> None:
        self._streams = streams

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._streams, name)
        return _received_call(found) if callable(found) else found


def _received_call(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        return _wrap(function(*[_unwrap(a) for a in args], **kwargs))

    return call


class LoopbackBackend:
    """Devices ``loopback(0)`` to ``loopback(3)``."""

    name = "loopback"
    array_type = LoopbackArray
    asynchronous = False

    def __init__(self) -> None:
        self.xp: Any = LoopbackNamespace()
        self._rng: Any = None
        self.table = KernelTable(self)

    @property
    def rng(self) -> Any:
        """The device's own random streams."""
        if self._rng is None:
            from .streams import Streams

            self._rng = _HostStreams(Streams(0))
        return self._rng

    def device_count(self) -> int:
        """A handful of devices."""
        return DEVICES

    def device_table(self, device_id: int) -> KernelTable:
        """One table serves all devices."""
        return self.table

    def device(self, device_id: int) -> AbstractContextManager[Any]:
        """All loopback devices share the host's memory."""
        return contextlib.nullcontext()

    def from_host(self, array: Any) -> LoopbackArray:
        """A foreign copy of a host array."""
        return LoopbackArray(np.array(array, order="C"))

    def to_host(self, raw: LoopbackArray) -> np.ndarray:
        """A host copy."""
        return np.array(raw._host, order="C")

    def scalar(self, value: Any, dtype: np.dtype) -> Any:
        """A NumPy scalar, which CuPy takes beside its arrays too."""
        if isinstance(value, LoopbackArray):
            value = value._host
        with np.errstate(all="ignore"):
            return np.asarray(value).astype(dtype)[()]

    def synchronize(self) -> None:
        """Everything runs at the call."""

    def empty_cache(self) -> None:
        """Nothing is pooled."""

    def memory_info(self, device_id: int) -> tuple[int, int]:
        """The host's memory."""
        from . import backend_named

        return backend_named("numpy").memory_info(0)

    def memory_held(self, device_id: int) -> tuple[int, int]:
        """The host process's."""
        from . import backend_named

        return backend_named("numpy").memory_held(0)
