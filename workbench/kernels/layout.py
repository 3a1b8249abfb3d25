"""How arrays that broadcast lie under a loop over rows and columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy.typing as npt

__all__ = ["FULL", "ONE", "Layout", "layout_of"]

FULL, ONE = "f", "s"
Shape = tuple[int, ...]


class Layout(NamedTuple):
    """The result as rows and columns, and each input under it.

    ``kinds`` has a letter for each input: ``f``, a value for each element of a row, or ``s``, one
    value for the whole row. ``steps`` are elements from one row to the next: 0 where all rows
    read the same.
    """

    rows: int
    columns: int
    kinds: str
    steps: tuple[int, ...]


def layout_of(arrays: Sequence[npt.NDArray[Any]], shape: Shape) -> Layout | None:
    """The layout of *arrays* under a contiguous result of *shape*; None if there is none.

    There is one when every array is contiguous and is, for one place to split the shape in two,
    all of it, the left part, the right part, or a single number.
    """
    kinds = ""
    for array in arrays:
        if not array.flags.c_contiguous:
            return None
        kinds += FULL if array.shape == shape else ONE if array.size == 1 else "?"
    if "?" not in kinds:
        return Layout(1, math.prod(shape), kinds, (0,) * len(arrays))
    padded = [(1,) * (len(shape) - array.ndim) + array.shape for array in arrays]
    for split in range(1, len(shape)):
        layout = _split_at(split, shape, padded)
        if layout is not None:
            return layout
    return None


def _split_at(split: int, shape: Shape, padded: Sequence[Shape]) -> Layout | None:
    left, right = shape[:split], shape[split:]
    columns = math.prod(right)
    kinds, steps = "", []
    for own in padded:
        if own == shape:
            kind, step = FULL, columns
        elif math.prod(own) == 1:
            kind, step = ONE, 0
        elif own[split:] == right and math.prod(own[:split]) == 1:
            kind, step = FULL, 0
        elif own[:split] == left and math.prod(own[split:]) == 1:
            kind, step = ONE, 1
        else:
            return None
        kinds += kind
        steps.append(step)
    return Layout(math.prod(left), columns, kinds, tuple(steps))
