"""Machine code together with its arguments: a block of int64 that is filled in before a call."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np

from .elemwise import address_of

__all__ = ["SLACK", "Ready", "zeros"]

Array = np.ndarray
#: floats that a vector may reach over the end of a scratch array
SLACK = 64


def zeros(size: int) -> Array:
    """Memory for scratch: what lies behind its end may be read, too."""
    return np.zeros(size + SLACK, np.float32)


class Ready:
    """Machine code with its block of arguments and its scratch arrays.

    A call takes a block that no other call uses, so that several threads may call at once.
    """

    def __init__(self, code: Callable[[int], None], names: str, values: dict[str, int]) -> None:
        self._code = code
        self._names = [name.rstrip("*") for name in names.split()]
        self._values = values
        self._sizes: dict[str, int] = {}
        self._held: list[Array] = []
        self._idle: list[tuple[Any, list[Array]]] = []

    def table(self, name: str, array: Array) -> None:
        """An array that all calls read."""
        self._held.append(array)
        self._values[name] = address_of(array)

    def scratch(self, name: str, size: int) -> None:
        """An array of zeros at first, of which each block has its own."""
        self._sizes[name] = size

    def _block(self) -> tuple[Any, list[Array]]:
        held = [zeros(size) for size in self._sizes.values()]
        own = dict(zip(self._sizes, map(address_of, held), strict=True))
        values = {**self._values, **own}
        words = [values.get(name, 0) for name in self._names]
        return (ctypes.c_int64 * len(words))(*words), held

    def __call__(self, *arrays: Array) -> None:
        """Run on the arrays of the first fields."""
        try:  # one operation each way, so that threads need no lock
            block = self._idle.pop()
        except IndexError:
            block = self._block()
        words = block[0]
        for i, array in enumerate(arrays):
            words[i] = address_of(array)
        self._code(ctypes.addressof(words))
        self._idle.append(block)
