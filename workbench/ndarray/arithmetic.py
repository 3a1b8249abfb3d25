"""Functions of two arrays or numbers: ``nd.add(x, 2)``, ``nd.maximum(0, x)``, ``nd.lesser(x, y)``.

Arrays broadcast against each other. With a number on either side the operator for numbers runs;
two numbers give a number.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from ..error import DTypeError, message, user_line
from ..ops import get
from .core import NDArray
from .invoke import invoke
from .operands import as_number

__all__ = [
    "add",
    "divide",
    "equal",
    "greater",
    "greater_equal",
    "lesser",
    "lesser_equal",
    "logical_and",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "modulo",
    "multiply",
    "not_equal",
    "power",
    "subtract",
    "true_divide",
]


def _apply(
    lhs: Any,
    rhs: Any,
    arrays: str,
    scalar: str,
    swapped: str,
    numbers: Callable[[Any, Any], Any],
) -> Any:
    """Run the operator for two arrays, for a number on the right or left, or of two numbers."""
    first, second = isinstance(lhs, NDArray), isinstance(rhs, NDArray)
    if first and second:
        return invoke(get(arrays), (lhs, rhs), {}, None, {})
    left, right = as_number(lhs), as_number(rhs)
    if first and right is not None:
        return invoke(get(scalar), (lhs,), {"scalar": right}, None, {})
    if second and left is not None:
        return invoke(get(swapped), (rhs,), {"scalar": left}, None, {})
    if left is not None and right is not None:
        return numbers(left, right)
    wrong = lhs if left is None and not first else rhs
    raise DTypeError(
        message(
            f"{arrays}: type {type(wrong).__name__} is not supported",
            where=[user_line()],
            fix="Give NDArrays or numbers.",
        )
    )


def _as_int(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], int]:
    return lambda lhs, rhs: int(compare(lhs, rhs))


def add(lhs: Any, rhs: Any) -> Any:
    """``lhs + rhs``, element by element."""
    return _apply(lhs, rhs, "broadcast_add", "_plus_scalar", "_plus_scalar", operator.add)


def subtract(lhs: Any, rhs: Any) -> Any:
    """``lhs - rhs``, element by element."""
    return _apply(lhs, rhs, "broadcast_sub", "_minus_scalar", "_rminus_scalar", operator.sub)


def multiply(lhs: Any, rhs: Any) -> Any:
    """``lhs * rhs``, element by element."""
    return _apply(lhs, rhs, "broadcast_mul", "_mul_scalar", "_mul_scalar", operator.mul)


def divide(lhs: Any, rhs: Any) -> Any:
    """``lhs / rhs``, element by element."""
    return _apply(lhs, rhs, "broadcast_div", "_div_scalar", "_rdiv_scalar", operator.truediv)


def modulo(lhs: Any, rhs: Any) -> Any:
    """``lhs % rhs`` with the sign of rhs, element by element."""
    return _apply(lhs, rhs, "broadcast_mod", "_mod_scalar", "_rmod_scalar", operator.mod)


def power(base: Any, exp: Any) -> Any:
    """``base ** exp``, element by element."""
    return _apply(base, exp, "broadcast_power", "_power_scalar", "_rpower_scalar", operator.pow)


def maximum(lhs: Any, rhs: Any) -> Any:
    """``max(lhs, rhs)``, element by element."""
    return _apply(lhs, rhs, "broadcast_maximum", "_maximum_scalar", "_maximum_scalar", max)


def minimum(lhs: Any, rhs: Any) -> Any:
    """``min(lhs, rhs)``, element by element."""
    return _apply(lhs, rhs, "broadcast_minimum", "_minimum_scalar", "_minimum_scalar", min)


def equal(lhs: Any, rhs: Any) -> Any:
    """``lhs == rhs``, element by element as 0 or 1 in the dtype of the array."""
    return _apply(
        lhs, rhs, "broadcast_equal", "_equal_scalar", "_equal_scalar", _as_int(operator.eq)
    )


def not_equal(lhs: Any, rhs: Any) -> Any:
    """``lhs != rhs``, element by element as 0 or 1 in the dtype of the array."""
    return _apply(
        lhs,
        rhs,
        "broadcast_not_equal",
        "_not_equal_scalar",
        "_not_equal_scalar",
        _as_int(operator.ne),
    )


def greater(lhs: Any, rhs: Any) -> Any:
    """``lhs > rhs``, element by element as 0 or 1 in the dtype of the array."""
    return _apply(
        lhs, rhs, "broadcast_greater", "_greater_scalar", "_lesser_scalar", _as_int(operator.gt)
    )


def greater_equal(lhs: Any, rhs: Any) -> Any:
    """``lhs >= rhs``, element by element as 0 or 1 in the dtype of the array."""
    return _apply(
        lhs,
        rhs,
        "broadcast_greater_equal",
        "_greater_equal_scalar",
        "_lesser_equal_scalar",
        _as_int(operator.ge),
    )


def lesser(lhs: Any, rhs: Any) -> Any:
    """``lhs < rhs``, element by element as 0 or 1 in the dtype of the array."""
    return _apply(
        lhs, rhs, "broadcast_lesser", "_lesser_scalar", "_greater_scalar", _as_int(operator.lt)
    )


def lesser_equal(lhs: Any, rhs: Any) -> Any:
    """``lhs <= rhs``, element by element as 0 or 1 in the dtype of the array."""
    return _apply(
        lhs,
        rhs,
        "broadcast_lesser_equal",
        "_lesser_equal_scalar",
        "_greater_equal_scalar",
        _as_int(operator.le),
    )


def logical_and(lhs: Any, rhs: Any) -> Any:
    """``lhs and rhs``, element by element as 0 or 1 in the dtype of the array."""
    return _apply(
        lhs,
        rhs,
        "broadcast_logical_and",
        "_logical_and_scalar",
        "_logical_and_scalar",
        _as_int(lambda x, y: bool(x) and bool(y)),
    )


def logical_or(lhs: Any, rhs: Any) -> Any:
    """``lhs or rhs``, element by element as 0 or 1 in the dtype of the array."""
    return _apply(
        lhs,
        rhs,
        "broadcast_logical_or",
        "_logical_or_scalar",
        "_logical_or_scalar",
        _as_int(lambda x, y: bool(x) or bool(y)),
    )


def logical_xor(lhs: Any, rhs: Any) -> Any:
    """``lhs xor rhs``, element by element as 0 or 1 in the dtype of the array."""
    return _apply(
        lhs,
        rhs,
        "broadcast_logical_xor",
        "_logical_xor_scalar",
        "_logical_xor_scalar",
        _as_int(lambda x, y: bool(x) is not bool(y)),
    )


true_divide = divide
