"""How arrays that broadcast lie under a loop over rows and columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

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


def layout_of(shapes: Sequence[Shape], shape: Shape) -> Layout | None:
    """The layout of contiguous arrays under a contiguous result of *shape*, if there is one.

    There is one when, for one place to split the shape in two, every array is all of it, the left
    part, the right part, or a single number.
    """
    kinds = ""
    for own in shapes:
        kinds += FULL if own == shape else ONE if math.prod(own) == 1 else "?"
    if "?" not in kinds:
        return Layout(1, math.prod(shape), kinds, (0,) * len(shapes))
    padded = [(1,) * (len(shape) - len(own)) + own for own in shapes]
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
