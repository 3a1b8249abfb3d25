"""A fused kernel for arrays of known shapes, as a plan calls it.

What :class:`~.elemwise.Fused` finds out in each call (how the shapes lie, the block of arguments)
is found out once. A call then fills in addresses: some 2 µs instead of 8, so that even chains over
a few hundred elements gain. Large ones are shared among the cores.
"""

from __future__ import annotations

import ctypes
import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import llvm, threads
from .elemwise import Array, Fused, address_of
from .layout import FULL, Layout, layout_of

__all__ = ["SMALLEST", "FusedAt", "fused_at"]

#: elements from which on machine code is worth a call of its own
SMALLEST = 256
#: elements up to which a call keeps the interpreter's lock: some 50 µs
HELD = 1 << 15
#: elements that are worth another core
SHARE = 1 << 17
#: shares begin where a cache line does
_ALIGNED = 64


def fused_at(kernel: Fused, shapes: Sequence[tuple[int, ...]]) -> FusedAt | None:
    """The kernel for arrays of these shapes; None where NumPy is to compute it."""
    shape = np.broadcast_shapes(*shapes)
    layout = layout_of(shapes, shape)
    if math.prod(shape) < SMALLEST or layout is None or not llvm.available():
        return None
    from . import elemwise_llvm

    if not elemwise_llvm.supported(kernel.outputs):
        return None
    return FusedAt(kernel, shape, layout)


class FusedAt:
    """``run(*arrays)`` gives fresh outputs; ``run.into(*arrays, *outs)`` writes them.

    An output may be one of the inputs; else they share no memory. May be called from several
    threads: a call takes a set of blocks that no other call uses.
    """

    def __init__(self, kernel: Fused, shape: tuple[int, ...], layout: Layout) -> None:
        from . import elemwise_llvm

        self.kernel, self.shape, self.layout = kernel, shape, layout
        self._code = elemwise_llvm.compile_expression(kernel.outputs, layout.kinds)
        self._numbers = np.array([*elemwise_llvm.constants_of(kernel.outputs), 0.0], kernel.dtype)
        self._header = elemwise_llvm.HEADER
        self._outs, self._ins = len(kernel.outputs), len(layout.kinds)
        self._shares = self._divided()
        self._idle: list[list[Any]] = []
        self._single = self._outs == 1
        self._dtype = kernel.dtype
        self._short = self._direct()

    def _divided(self) -> list[tuple[int, int, int]]:
        """First, count and total of each core's rows; of its columns where there is one row."""
        rows, columns = self.layout.rows, self.layout.columns
        parts = max(1, min(threads.count(), rows * columns // SHARE))
        size = columns if rows == 1 else rows
        unit = _ALIGNED if rows == 1 else 1
        bounds = [size * i // parts // unit * unit for i in range(parts)] + [size]
        return [(a, b - a, size) for a, b in itertools.pairwise(bounds) if b > a]

    def _direct(self) -> Callable[..., Any] | None:
        """A cheap call of the inputs, then the outputs, for what is short."""
        from .llvm.direct import MOST_ARRAYS, direct

        count = self._outs + self._ins
        if self.layout.rows * self.layout.columns > HELD or count > MOST_ARRAYS:
            return None
        (block,) = self._blocks()
        outs = [self._header + 2 * i for i in range(self._outs)]
        ins = [self._header + 2 * i for i in range(self._outs, count)]
        dtypes = [self._dtype] * count
        return direct(self._code, dtypes, list(block), [*ins, *outs], keep=self._numbers)

    def _blocks(self) -> list[Any]:
        """A block of arguments for each share, all but the addresses of the arrays."""
        made = []
        steps = [*[self.layout.columns] * self._outs, *self.layout.steps]
        for _, count, _ in self._shares:
            one_row = self.layout.rows == 1
            words = [1 if one_row else count, count if one_row else self.layout.columns]
            words.append(address_of(self._numbers))
            for step in steps:
                words += (0, step)
            made.append((ctypes.c_int64 * len(words))(*words))
        return made

    def __call__(self, *arrays: Array) -> Any:
        """The outputs, fresh: an array, or a tuple of several."""
        outs = [np.empty(self.shape, self._dtype) for _ in range(self._outs)]
        if self._short is None or self._short(*arrays, *outs) is not outs[-1]:
            self._run(outs, arrays)
        return outs[0] if self._single else outs

    def into(self, *arrays: Array | None) -> Any:
        """Write into the outputs that stand behind the inputs; None is for a fresh one."""
        outs: Any = arrays[self._ins :]
        if self._short is not None and self._short(*arrays) is outs[-1] is not None:
            return outs[0] if self._single else outs
        ins: Any = arrays[: self._ins]
        outs = [np.empty(self.shape, self._dtype) if one is None else one for one in outs]
        if not all([one.flags.c_contiguous for one in outs]):
            self.kernel(*ins, out=outs)
        elif self._short is None or self._short(*ins, *outs) is not outs[-1]:
            self._run(outs, ins)
        return outs[0] if self._single else outs

    def _run(self, outs: Sequence[Array], ins: Sequence[Array]) -> None:
        for array in ins:
            if not array.flags.c_contiguous:
                ins = [np.ascontiguousarray(one) for one in ins]
                break
        try:  # one operation each way, so that threads need no lock
            blocks = self._idle.pop()
        except IndexError:
            blocks = self._blocks()
        if len(blocks) == 1:
            block, place = blocks[0], self._header
            for array in (*outs, *ins):
                block[place] = address_of(array)
                place += 2
            self._code(ctypes.addressof(block))
        else:
            self._run_shared(blocks, (*outs, *ins))
        self._idle.append(blocks)

    def _run_shared(self, blocks: list[Any], arrays: tuple[Array, ...]) -> None:
        addresses = [address_of(array) for array in arrays]
        strides = self._bytes_by_share()
        calls = []
        for block, (first, _, _) in zip(blocks, self._shares, strict=True):
            place = self._header
            for address, stride in zip(addresses, strides, strict=True):
                block[place] = address + first * stride
                place += 2
            calls.append((self._code, ctypes.addressof(block), (self, block, arrays)))
        threads.run_all(calls)

    def _bytes_by_share(self) -> list[int]:
        """By how much each array's address moves from one row (or column) to the next."""
        size, layout = self._dtype.itemsize, self.layout
        if layout.rows == 1:
            kinds = FULL * self._outs + layout.kinds
            return [size if kind == FULL else 0 for kind in kinds]
        return [size * step for step in (*[layout.columns] * self._outs, *layout.steps)]
