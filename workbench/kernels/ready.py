"""Machine code together with its arguments: a block of int64 that is filled in before a call."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import threads
from .elemwise import address_of

__all__ = ["SLACK", "Ready", "zeros"]

Array = np.ndarray
#: floats that a vector may reach over the end of a scratch array
SLACK = 64


def zeros(size: int) -> Array:
    """Memory for scratch: what lies behind its end may be read, too."""
    return np.zeros(size + SLACK, np.float32)


def _filled(size: int, number: float) -> Array:
    return np.full(size + SLACK, number, np.float32) if number else zeros(size)


class Ready:
    """Machine code with its block of arguments and its scratch arrays.

    A call takes a block that no other call uses, so that several threads may call at once.
    """

    def __init__(self, code: Callable[[int], None], names: str, values: dict[str, int]) -> None:
        self._code = code
        self._names = [name.rstrip("*") for name in names.split()]
        self._values = values
        self._sizes: dict[str, tuple[int, float]] = {}
        self._held: list[Array] = []
        self._idle: list[tuple[Any, list[Array]]] = []

    def table(self, name: str, array: Array) -> None:
        """An array that all calls read; it may be empty."""
        array = array if array.size else np.zeros(1, array.dtype)
        self._held.append(array)
        self._values[name] = address_of(array)

    def scratch(self, name: str, size: int, number: float = 0.0) -> None:
        """An array of which each block has its own; at first *number* is everywhere."""
        self._sizes[name] = size, number

    def _block(self) -> tuple[Any, list[Array]]:
        held = [_filled(*one) for one in self._sizes.values()]
        own = dict(zip(self._sizes, map(address_of, held), strict=True))
        values = {**self._values, **own}
        words = [values.get(name, 0) for name in self._names]
        return (ctypes.c_int64 * len(words))(*words), held

    def direct(self, arrays: int) -> Callable[..., Any]:
        """A cheap call with so many float32 arrays, which are checked; see :func:`.llvm.direct`.

        It keeps the interpreter's lock: for what is short.
        """
        from .llvm.direct import direct

        block, held = self._block()
        return direct(self._code, [np.float32] * arrays, list(block), keep=(self._held, held))

    def __call__(self, *arrays: Array) -> None:
        """Run on the arrays of the first fields."""
        self._run([self._take(arrays)], arrays)

    def in_parts(self, parts: int, *arrays: Array | Sequence[Array]) -> None:
        """Run with each core doing a share of the range from ``first`` to ``last``.

        Parameters
        ----------
        parts : into how many shares, see :func:`.threads.count`
        arrays : those of the first fields; a sequence has one for each part
        """
        first, last = self._names.index("first"), self._names.index("last")
        count = self._values["last"]
        blocks = []
        for i in range(parts):
            block = self._take([a if isinstance(a, np.ndarray) else a[i] for a in arrays])
            block[0][first], block[0][last] = count * i // parts, count * (i + 1) // parts
            blocks.append(block)
        self._run(blocks, arrays)

    def _take(self, arrays: Sequence[Array]) -> tuple[Any, list[Array]]:
        try:  # one operation each way, so that threads need no lock
            block = self._idle.pop()
        except IndexError:
            block = self._block()
        for i, array in enumerate(arrays):
            block[0][i] = address_of(array)
        return block

    def _run(self, blocks: list[tuple[Any, list[Array]]], arrays: Any) -> None:
        # a caller that is interrupted leaves: everything must live until the last thread is done
        calls = [(self._code, ctypes.addressof(one[0]), (self, one, arrays)) for one in blocks]
        threads.run_all(calls)
        self._idle += blocks
