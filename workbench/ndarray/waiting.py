"""Points where the caller waits for queued work: values as NumPy arrays, numbers, DLPack."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import engine
from . import queued
from .core import NDArray

__all__ = ["Waiting"]


class Waiting:
    """Points where the caller waits for queued work."""

    def wait_to_read(self: Any) -> None:
        """Wait until the values are there; raises what went wrong while computing them."""
        if self._var is not None:
            engine.wait(self._var)
            queued.settle(self)
        elif self._ctx.backend.asynchronous:
            self._ctx.backend.synchronize()

    def wait_to_write(self: Any) -> None:
        """Wait until nobody reads or writes the memory any more."""
        if self._var is not None:
            engine.wait_to_write(self._var)
            queued.settle(self)

    def asnumpy(self: Any) -> np.ndarray:
        """The values as a fresh, writable NumPy array; waits for them."""
        if self._var is not None:
            self.wait_to_read()
        return self._ctx.backend.to_host(self._data)

    def asscalar(self: Any) -> Any:
        """The only element as a NumPy scalar; ValueError for more than one."""
        if self.size != 1:
            raise ValueError("The current array is not a scalar")
        return self.asnumpy().reshape(-1)[0]

    def item(self: Any) -> Any:
        """The only element as a Python number."""
        return self.asscalar().item()

    def tolist(self: Any) -> Any:
        """The values as nested lists of Python numbers."""
        return self.asnumpy().tolist()

    def __array_ufunc__(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """NumPy's ufuncs: ``array + NDArray`` is an NDArray, everything else NumPy's own."""
        reflected = _REFLECTED.get(ufunc.__name__)
        if reflected and method == "__call__" and not kwargs and inputs[1] is self:
            return getattr(self, reflected)(inputs[0])
        if "out" in kwargs and any(isinstance(one, NDArray) for one in kwargs["out"]):
            return NotImplemented
        values = [one.asnumpy() if isinstance(one, NDArray) else one for one in inputs]
        return getattr(ufunc, method)(*values, **kwargs)

    def to_dlpack_for_read(self: Any) -> Any:
        """A DLPack capsule of the memory, for reading; waits for queued writes."""
        self.wait_to_read()
        return self._data.__dlpack__()

    def to_dlpack_for_write(self: Any) -> Any:
        """A DLPack capsule of the memory, for writing; waits for queued readers and writes."""
        self.wait_to_write()
        return self._data.__dlpack__()

    def __dlpack__(self: Any, **kwargs: Any) -> Any:
        self.wait_to_read()
        return self._data.__dlpack__(**kwargs)

    def __dlpack_device__(self: Any) -> Any:
        return self._data.__dlpack_device__()

    def __array__(self: Any, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("an NDArray cannot be shared with NumPy without a copy")
        values = self.asnumpy()
        return values if dtype is None else values.astype(dtype)


_REFLECTED = {
    "add": "__radd__",
    "subtract": "__rsub__",
    "multiply": "__rmul__",
    "divide": "__rtruediv__",
    "true_divide": "__rtruediv__",
    "remainder": "__rmod__",
    "power": "__rpow__",
    "equal": "__eq__",
    "not_equal": "__ne__",
    "less": "__gt__",
    "less_equal": "__ge__",
    "greater": "__lt__",
    "greater_equal": "__le__",
}
