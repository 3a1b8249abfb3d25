"""Element-wise operators of several functions: one pass over large arrays instead of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ops.registry import Op
from . import llvm
from .elemwise import Fused, traced
from .registry import kernel, prepare

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


#: the traced kernels of operators by name, dtype and parameters
_traced: dict[Any, Fused | None] = {}


_SMALL = """relu sigmoid softsign hard_sigmoid Activation clip smooth_l1 rsqrt where"""


@prepare(*_SMALL.split())
def small(op: Op, arrays: Sequence[Any], params: dict[str, Any]) -> Callable[..., Any] | None:
    """The operator's body as one pass of machine code, for float32 arrays of these shapes."""
    if not llvm.available() or any(a.dtype is not _FLOATS[0] for a in arrays):
        return None
    key = (op.name, *params.items())
    if key not in _traced:
        _traced[key] = traced(
            lambda xp, number, *inputs: _formula(op, xp, number, inputs, params),
            len(arrays),
            "float32",
        )
    fused = _traced[key]
    shapes = [a.shape for a in arrays]
    if any(shape != shapes[0] for shape in shapes):
        return None
    call = None if fused is None else fused.direct(shapes)
    if call is None:
        return None
    shape, dtype, empty = shapes[0], _FLOATS[0], np.empty

    def run(*given: Any) -> Any:
        out = empty(shape, dtype)
        if call(*given, out) is out:
            return out
        if all([a.dtype is dtype for a in given]):
            return fused(*given)  # type: ignore[misc]
        return op.body(np, *given, **params)

    return run


def _formula(op: Op, xp: Any, number: Any, inputs: Any, params: dict[str, Any]) -> Any:
    if op.name == "where":
        condition, *values = inputs
        return xp.where(condition, *values)
    if op.is_scalar:
        return op.body(xp, *inputs, number(params["scalar"], "float32"))
    return op.body(xp, *inputs, **params)
