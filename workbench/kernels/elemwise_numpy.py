"""An expression on NumPy: its functions in turn, into temporaries that are used again.

Large contiguous arrays are walked through in blocks that stay in the level-2 cache, which is
faster than one pass over memory for each function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from .trace import Expr, reachable

__all__ = ["Program"]

Array = npt.NDArray[Any]
BLOCK = 32768


def _where(condition: Array, chosen: Array, other: Array, out: Array) -> None:
    np.copyto(out, other)
    np.copyto(out, chosen, where=condition)


def _copy(value: Array, out: Array) -> None:
    np.copyto(out, value)


def _maximum(a: Array, b: Array, out: Array) -> None:
    np.maximum(a, b, out=out)


def _minimum(a: Array, b: Array, out: Array) -> None:
    np.minimum(a, b, out=out)


#: NumPy's own take the output as their last positional argument, which is the fastest form
_OWN: dict[str, Callable[..., Any]] = {
    "where": _where,
    "real": _copy,
    "maximum": _maximum,
    "minimum": _minimum,
}


class Program:
    """The steps of an expression over numbered slots.

    Slots are the inputs, the constants, the scalars, the outputs, and temporaries. Values that do
    not live at the same time share a temporary; an output is computed where it is to end.
    """

    def __init__(self, outputs: Sequence[Expr]) -> None:
        self.dtype = outputs[0].xp.dtype
        nodes = reachable(outputs)
        constants = [node for node in nodes if node.op == "const"]
        self._constants = [np.array(node.value, self.dtype) for node in constants]
        xp = outputs[0].xp
        self._slot = {node.index: node.value for node in nodes if node.op == "input"}
        for i, node in enumerate(constants, xp.input_count):
            self._slot[node.index] = i
        first_scalar = xp.input_count + len(constants)
        for node in nodes:
            if node.op == "scalar":
                self._slot[node.index] = first_scalar + node.value
        first_output = first_scalar + xp.scalar_count
        self._first_temporary = first_output + len(outputs)
        self._temporaries: list[np.dtype[Any]] = []
        #: each step's function, and what picks its arguments and its output from the slots
        self._steps: list[tuple[Callable[..., Any], Callable[[Any], tuple[Any, ...]]]] = []
        self._plan(nodes, {out.index: first_output + i for i, out in enumerate(outputs)})
        for i, out in enumerate(outputs, first_output):
            if self._slot[out.index] != i:  # an input, a constant, or an output twice
                self._steps.append((_copy, itemgetter(self._slot[out.index], i)))

    def _plan(self, nodes: Sequence[Expr], outputs: dict[int, int]) -> None:
        last = {arg.index: node.index for node in nodes for arg in node.args}
        free: list[int] = []
        for node in nodes:
            if not node.args:
                continue
            place = outputs.get(node.index)
            self._slot[node.index] = self._temporary(node, free) if place is None else place
            places = [self._slot[arg.index] for arg in node.args]
            function = _OWN.get(node.op) or getattr(np, node.op)
            self._steps.append((function, itemgetter(*places, self._slot[node.index])))
            for index in {arg.index for arg in node.args}:
                if last[index] == node.index and self._slot[index] >= self._first_temporary:
                    free.append(self._slot[index])

    def _temporary(self, node: Expr, free: list[int]) -> int:
        dtype = np.dtype(np.bool_) if node.truth else self.dtype
        for used in free:
            if self._temporaries[used - self._first_temporary] == dtype:
                free.remove(used)
                return used
        self._temporaries.append(dtype)
        return self._first_temporary + len(self._temporaries) - 1

    def bind(
        self, inputs: Sequence[Array], outputs: Sequence[Array], scalars: Sequence[float] = ()
    ) -> Callable[[], None]:
        """What computes *inputs*, which broadcast, into *outputs*, which no input overlaps."""
        numbers = [*self._constants, *(np.array(number, self.dtype) for number in scalars)]
        shape, size = outputs[0].shape, outputs[0].size
        if size > BLOCK and all(
            a.flags.c_contiguous and (a.shape == shape or a.size == 1) for a in (*inputs, *outputs)
        ):
            flat = [a.reshape(-1) for a in inputs], [a.reshape(-1) for a in outputs]
            return lambda: self._in_blocks(*flat, numbers, size)
        temporaries = [np.empty(shape, dtype) for dtype in self._temporaries]
        slots = (*inputs, *numbers, *outputs, *temporaries)

        def run() -> None:
            with np.errstate(all="ignore"):
                for function, picked in self._steps:
                    function(*picked(slots))

        return run

    def _in_blocks(
        self, inputs: list[Array], outputs: list[Array], numbers: list[Array], size: int
    ) -> None:
        temporaries = [np.empty(BLOCK, dtype) for dtype in self._temporaries]
        with np.errstate(all="ignore"):
            for begin in range(0, size, BLOCK):
                part = slice(begin, begin + BLOCK)
                slots = [a if a.size == 1 else a[part] for a in inputs]
                slots += numbers
                slots += [a[part] for a in outputs]
                count = min(BLOCK, size - begin)
                slots += temporaries if count == BLOCK else [t[:count] for t in temporaries]
                for function, picked in self._steps:
                    function(*picked(slots))
