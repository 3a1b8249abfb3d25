"""The slow way of ``x + y``, ``2 - x``, ``x *= y``: numbers, NumPy arrays, slow arrays."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from ..error import ShapeError, message, user_line
from ..ops.registry import Op
from . import tape
from .core import NDArray, wrap
from .creation import array
from .invoke import check, explain, invoke, record

__all__ = ["as_number", "assign_in_place", "binary_slow", "reflected_slow", "scalar_call"]


def binary_slow(op: Op, scalar_op: Op, lhs: NDArray, rhs: Any) -> Any:
    """``lhs OP rhs`` where the fast tests failed: other numbers, NumPy arrays, slow arrays."""
    if isinstance(rhs, NDArray):
        return invoke(op, (lhs, rhs), {}, None, {})
    number = as_number(rhs)
    if number is not None:
        return invoke(scalar_op, (lhs,), {"scalar": number}, None, {})
    if isinstance(rhs, np.ndarray):
        return invoke(op, (lhs, array(rhs, ctx=lhs._ctx, dtype=lhs.dtype)), {}, None, {})
    return NotImplemented


def as_number(value: Any) -> float | int | bool | None:
    """A Python number for anything that is one (NumPy scalars, 0-d arrays), else None."""
    if isinstance(value, numbers.Number) and not isinstance(value, complex):
        return value  # type: ignore[return-value]
    if isinstance(value, (np.generic, np.ndarray)) and np.ndim(value) == 0:
        return value.item()
    return None


def scalar_call(op: Op, scalar_op: Op, x: NDArray, number: Any, swapped: bool) -> Any:
    """``number OP x``: the kernel of *op* on a 0-d number and the array."""
    if x.__class__ is not NDArray or x._data.dtype.kind == "b":
        return invoke(scalar_op, (x,), {"scalar": number}, None, {})
    ctx, raw = x._ctx, x._data
    try:
        s = ctx.backend.scalar(number, raw.dtype)
        result = ctx.table[op.index](s, raw) if swapped else ctx.table[op.index](raw, s)
    except Exception as error:
        raise explain(scalar_op, (x,), error) from None
    made = wrap(result, ctx)
    if tape.local.recording and x._node is not None:
        p = {"scalar": s, "is_int": True}
        record(scalar_op, (x,), (raw,), (result,), p, ctx, [made])
    return made


def reflected_slow(op: Op, x: NDArray, other: Any) -> Any:
    """``other OP x`` for a NumPy array on the left."""
    if not isinstance(other, np.ndarray):
        return NotImplemented
    return invoke(op, (array(other, ctx=x._ctx, dtype=x.dtype), x), {}, None, {})


def _grown(op: Op, x: NDArray, other: NDArray) -> ShapeError:
    return ShapeError(
        message(
            f"{op.name}: Shape inconsistent, {x.shape} cannot hold the result",
            where=[f"lhs {x.shape}, rhs {other.shape}", user_line()],
            fix="In place the array keeps its shape; write x = x + y.",
        )
    )


def assign_in_place(op: Op, scalar_op: Op, x: NDArray, other: Any) -> None:
    """``x OP= other`` into x's own memory."""
    if isinstance(other, NDArray):
        if other.__class__ is NDArray and x.__class__ is NDArray and x._var is None:
            check(op, (x, other), {})
            if op.ufunc and x._ctx is other._ctx:
                try:
                    x._ctx.table[op.index](x._data, other._data, out=x._data)
                except Exception as error:
                    if np.broadcast_shapes(x.shape, other.shape) != x.shape:
                        raise _grown(op, x, other) from None
                    raise explain(op, (x, other), error) from None
                return
        invoke(op, (x, other), {}, x, {})
        return
    number = as_number(other)
    if number is not None:
        raw = x._data
        if op.ufunc and x.__class__ is NDArray and x._var is None and raw.dtype.kind != "b":
            x._ctx.table[op.index](raw, x._ctx.backend.scalar(number, raw.dtype), out=raw)
            return
        invoke(scalar_op, (x,), {"scalar": number}, x, {})
        return
    if isinstance(other, np.ndarray):
        invoke(op, (x, array(other, ctx=x._ctx, dtype=x.dtype)), {}, x, {})
        return
    raise TypeError(
        message(
            f"{op.name}: type {type(other).__name__} is not supported",
            where=[user_line()],
            fix="Use a number, a NumPy array or an NDArray.",
        )
    )
