"""Element-wise operators of several functions: one pass over large arrays instead of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops.registry import Op
from .elemwise import Fused, traced
from .registry import kernel

__all__ = ["large", "whole"]

#: from here on one pass of machine code is faster than NumPy's passes by more than it costs
SMALLEST = 1 << 14
_FLOATS = (np.dtype("float32"), np.dtype("float64"))


def large(*arrays: Any, **params: Any) -> bool:
    """Whether these are large contiguous arrays of one shape and of float32 or float64."""
    first = arrays[0]
    if first.size < SMALLEST or first.dtype not in _FLOATS:
        return False
    return all(
        a.flags.c_contiguous and a.shape == first.shape and a.dtype == first.dtype for a in arrays
    )


def worth(*arrays: Any, act_type: str = "", **params: Any) -> bool:
    """Whether these are :func:`large` and the formula is more than one pass of NumPy's anyway."""
    return act_type != "relu" and large(*arrays)


@kernel("sigmoid", "softsign", "hard_sigmoid", "Activation", "round", "rint", "rsqrt", when=worth)
def whole(op: Op) -> Callable[..., Any]:
    """The operator's body as one fused kernel, made at the first call with a dtype."""
    made: dict[Any, Fused | None] = {}

    def run(*arrays: Any, **params: Any) -> Any:
        key = (arrays[0].dtype, *params.items())
        if key not in made:
            made[key] = traced(
                lambda xp, number, *inputs: op.body(xp, *inputs, **params), len(arrays), key[0]
            )
        fused = made[key]
        return op.body(np, *arrays, **params) if fused is None else fused(*arrays)

    return run
