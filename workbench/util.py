"""``mx.util``: NumPy semantics as thread-local switches, environment variables, GPU questions."""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from ._surface import error_for, getattr_for
from .context import Context
from .error import ContextError, ParameterError, message

__all__ = [
    "get_cuda_compute_capability",
    "get_gpu_count",
    "get_gpu_memory",
    "getenv",
    "is_np_array",
    "is_np_shape",
    "np_array",
    "np_shape",
    "reset_np",
    "set_module",
    "set_np",
    "set_np_shape",
    "setenv",
    "use_np",
    "use_np_array",
    "use_np_shape",
]

__getattr__ = getattr_for(__name__)
T = TypeVar("T")


class _Switches(threading.local):
    shape = False
    array = False


_switches = _Switches()


def is_np_shape() -> bool:
    """True where ``()`` and a 0 in a shape are sizes; otherwise they mean "unknown" to Symbol."""
    return _switches.shape


def is_np_array() -> bool:
    """True where blocks and parameters make ``mx.np.ndarray`` and not ``mx.nd.NDArray``."""
    return _switches.array


def set_np_shape(active: bool) -> bool:
    """Switch NumPy shapes on or off for the calling thread; return what it was before."""
    before, _switches.shape = _switches.shape, bool(active)
    return before


def _set_np_array(active: bool) -> bool:
    """Switch NumPy arrays on or off for the calling thread; return what it was before.

    Raises NotYetInWorkbench as long as there is no ``mx.np.ndarray`` to make: a switch that is on
    and does nothing would hand ``mx.nd.NDArray`` to code that relies on the other class.
    """
    if active and not hasattr(importlib.import_module(f"{__package__}.numpy"), "ndarray"):
        raise error_for(f"{__package__}.numpy", "ndarray")
    before, _switches.array = _switches.array, bool(active)
    return before


def set_np(shape: bool = True, array: bool = True) -> None:
    """Switch both NumPy semantics for the calling thread.

    Raises
    ------
    ValueError
        Arrays without shapes.
    NotYetInWorkbench
        Arrays, as long as ``mx.np`` is not built.
    """
    if array and not shape:
        raise ParameterError("NumPy Shape semantics is required in using NumPy array semantics.")
    _set_np_array(array)
    set_np_shape(shape)


def reset_np() -> None:
    """Switch both NumPy semantics off."""
    set_np(shape=False, array=False)


class _Scope:
    """A switch that is set in a ``with`` block and set back after it; None leaves it alone."""

    def __init__(self, switch: Callable[[bool], bool], active: bool | None) -> None:
        self._switch, self._active = switch, active
        self._before: list[bool] = []

    def __enter__(self) -> None:
        if self._active is not None:
            self._before.append(self._switch(self._active))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._active is not None:
            self._switch(self._before.pop())


class _NumpyShapeScope(_Scope):
    """What :func:`np_shape` gives."""

    def __init__(self, is_np_shape: bool | None) -> None:
        super().__init__(set_np_shape, is_np_shape)


class _NumpyArrayScope(_Scope):
    """What :func:`np_array` gives."""

    def __init__(self, is_np_array: bool | None) -> None:
        super().__init__(_set_np_array, is_np_array)
        self._is_np_array = is_np_array


def np_shape(active: bool = True) -> _NumpyShapeScope:
    """NumPy shapes on (or off) inside a ``with`` block."""
    return _NumpyShapeScope(active)


def np_array(active: bool = True) -> _NumpyArrayScope:
    """NumPy arrays on (or off) inside a ``with`` block."""
    return _NumpyArrayScope(active)


def use_np_shape(func: T) -> T:
    """Decorate a function, or every method of a class, to run with NumPy shapes."""
    return _decorate(func, np_shape, "use_np_shape")


def use_np_array(func: T) -> T:
    """Decorate a function, or every method of a class, to run with NumPy arrays."""
    return _decorate(func, np_array, "use_np_array")


def use_np(func: T) -> T:
    """Decorate a function, or every method of a class, to run with NumPy shapes and arrays."""
    return use_np_shape(use_np_array(func))


def _decorate(target: Any, scope: Callable[[], _Scope], decorator: str) -> Any:
    if inspect.isclass(target):
        for name, member in list(vars(target).items()):
            if inspect.isfunction(member):
                setattr(target, name, _decorate(member, scope, decorator))
            elif isinstance(member, staticmethod):
                setattr(target, name, staticmethod(_decorate(member.__func__, scope, decorator)))
            elif isinstance(member, classmethod):
                setattr(target, name, classmethod(_decorate(member.__func__, scope, decorator)))
            elif isinstance(member, property):
                parts = (member.fget, member.fset, member.fdel)
                get, put, delete = (part and _decorate(part, scope, decorator) for part in parts)
                setattr(target, name, property(get, put, delete, member.__doc__))
        return target
    if not callable(target):
        raise TypeError(
            f"{decorator} can only decorate classes and callable objects, "
            f"while received a {type(target)}"
        )

    @functools.wraps(target)
    def inside(*args: Any, **kwargs: Any) -> Any:
        with scope():
            return target(*args, **kwargs)

    return inside


def set_module(module: str) -> Callable[[T], T]:
    """Decorator that sets ``__module__``, for functions shown under a public path."""

    def decorator(func: T) -> T:
        func.__module__ = module
        return func

    return decorator


def getenv(name: str) -> str | None:
    """An environment variable, or None."""
    return os.environ.get(name)


def setenv(name: str, value: str | None) -> None:
    """Set an environment variable of this process; None takes it away."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def get_gpu_count() -> int:
    """How many GPUs there are: 0 without CuPy or without a driver."""
    from . import context

    return int(context.num_gpus())


def get_gpu_memory(gpu_dev_id: int) -> tuple[int, int]:
    """Free and total memory of a GPU in bytes."""
    from . import context

    free, total = context.gpu_memory_info(gpu_dev_id)
    return free, total


def get_cuda_compute_capability(ctx: Context) -> int:
    """The compute capability of a GPU: 70 for ``sm_70``.

    Raises
    ------
    ValueError
        *ctx* is not a GPU.
    ContextError
        There is no such GPU, or CuPy is not installed.
    """
    if not isinstance(ctx, Context):
        raise TypeError(f"ctx must be a Context, got {ctx!r}")
    if ctx.device_type != "gpu":
        raise ParameterError(
            f"Expecting a gpu context to get cuda compute capability, while received ctx {ctx}"
        )
    if ctx.device_id >= get_gpu_count():
        raise ContextError(
            message(f"{ctx} does not exist", fix="mx.context.num_gpus() says how many there are.")
        )
    return int(importlib.import_module("cupy").cuda.Device(ctx.device_id).compute_capability)
