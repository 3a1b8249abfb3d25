"""Families: operators that differ in one formula are one line each.

``unary("tanh", data=lambda F, g, out: g * (1 - out * out))`` registers an operator whose body is
``xp.tanh``; a callable instead of the name gives the body as a scalar expression. The formulas of
these families are such expressions throughout: functions of xp, Python's operators, numbers and
``.astype(data.dtype)``, so that running one with a recording ``xp``
(:mod:`workbench.kernels.trace`) gives the code generator its formula.

A formula speaks of floats. For arrays of integers *integers* says what to do: EXACT, the formula
is right for them too; REAL, compute in float64 and cast back, as MXNet's kernels do; or another
formula.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from .params import Bool, Number
from .registry import Op
from .storage import Storage, keeps_where

__all__ = ["EXACT", "REAL", "binary", "broadcast", "compare", "for_all_dtypes", "scalar", "unary"]

Formula = str | Callable[..., Any]
Rule = Callable[..., Any] | None

EXACT, REAL = "exact", "real"
#: comparisons that MXNet keeps sparse where they are false of zeros
_OF_ZERO = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def _ufunc_formula(name: str, arity: int) -> Callable[..., Any]:
    """``xp.NAME``; a plan over floats takes that function itself, by the attribute ``ufunc``."""
    made: Any
    if arity == 1:
        made = lambda xp, data: getattr(xp, name)(data)  # noqa: E731
    else:
        made = lambda xp, lhs, rhs: getattr(xp, name)(lhs, rhs)  # noqa: E731
    made.ufunc = name
    return made


def _through_float(formula: Callable[..., Any]) -> Callable[..., Any]:
    def integers(xp: Any, *arrays: Any) -> Any:
        return formula(xp, *[a.astype("float64") for a in arrays]).astype(arrays[0].dtype)

    return integers


def for_all_dtypes(
    formula: Callable[..., Any], integers: Any = REAL, arity: int = 1
) -> Callable[..., Any]:
    """The formula, but for arrays of integers what *integers* says."""
    if integers == EXACT:
        return formula
    other = _through_float(formula) if integers == REAL else integers
    if arity == 1:
        return lambda xp, data: (formula if data.dtype.kind == "f" else other)(xp, data)
    return lambda xp, lhs, rhs: (formula if lhs.dtype.kind == "f" else other)(xp, lhs, rhs)


def _make(
    name: str,
    formula: Formula | None,
    inputs: tuple[str, ...],
    integers: Any,
    body: Callable[..., Any] | None = None,
    **options: Any,
) -> Op:
    given = name if formula is None else formula
    arity = len(inputs)
    made = _ufunc_formula(given, arity) if isinstance(given, str) else given
    return Op(
        name,
        body or for_all_dtypes(made, integers, arity),
        inputs,
        # the table may take xp's function itself only where it serves every dtype
        ufunc=given if isinstance(given, str) and integers == EXACT else None,
        float_ufunc=given if isinstance(given, str) else None,
        elementwise=True,
        **options,
    )


def unary(
    name: str,
    formula: Formula | None = None,
    *,
    data: Rule = None,
    integers: Any = REAL,
    doc: str,
    **options: Any,
) -> Op:
    """An element-wise function of one array; *data* is its gradient rule (None: zero)."""
    options.setdefault("examples", [{"data": (3, 4)}])
    options.setdefault("zero_grad", data is None)
    made = _make(name, formula, ("data",), integers, infer="same", doc=doc, **options)
    return made.grad(data=data) if data else made


def binary(
    name: str,
    formula: Formula | None = None,
    *,
    lhs: Rule = None,
    rhs: Rule = None,
    integers: Any = EXACT,
    doc: str,
    **options: Any,
) -> Op:
    """An element-wise function of two arrays of one shape."""
    options.setdefault("examples", [{"lhs": (3, 4), "rhs": (3, 4)}])
    return _two(name, formula, lhs, rhs, integers, infer="same", doc=doc, **options)


def broadcast(
    name: str,
    formula: Formula | None = None,
    *,
    lhs: Rule = None,
    rhs: Rule = None,
    integers: Any = EXACT,
    doc: str,
    **options: Any,
) -> Op:
    """An element-wise function of two arrays that broadcast as in NumPy.

    The rules give gradients of the output's shape; who runs them sums over what was broadcast.
    """
    options.setdefault(
        "examples", [{"lhs": (3, 4), "rhs": (3, 4)}, {"lhs": (2, 1, 4), "rhs": (1, 3, 1)}]
    )
    return _two(
        name, formula, lhs, rhs, integers, infer="broadcast", doc=doc, broadcasts=True, **options
    )


def _two(
    name: str, formula: Formula | None, lhs: Rule, rhs: Rule, integers: Any, **options: Any
) -> Op:
    made = _make(name, formula, ("lhs", "rhs"), integers, zero_grad=lhs is None, **options)
    if lhs is not None and rhs is not None:
        made.grad(lhs=lhs, rhs=rhs)
    return made


def scalar(
    name: str,
    formula: Callable[..., Any],
    *,
    data: Rule = None,
    integers: Any = EXACT,
    doc: str,
    **options: Any,
) -> Op:
    """An element-wise function of an array and a number, ``formula(xp, data, scalar)``.

    The number is cast to the array's dtype first, as MXNet does (int32 ``[3] + 2.5`` is ``[5]``);
    arrays of bool count as int64.
    Who calls the body passes *scalar* as a 0-d array of that dtype; in the record it is a
    parameter, as in ``symbol.json``.
    """
    number, is_int = Number(), Bool()
    number.default, is_int.default = 1, True
    options.setdefault("examples", [{"data": (3, 4), "scalar": 1.5}])
    made = Op(
        name,
        for_all_dtypes(formula, integers, 2),
        ("data",),
        params={"scalar": number, "is_int": is_int},
        infer="same",
        dtype="number",
        elementwise=True,
        doc=doc,
        zero_grad=data is None,
        **options,
    )
    return made.grad(data=data) if data else made


def _compared(sign: str) -> Storage | None:
    """Zeros stay zeros where ``0 sign scalar`` does not hold."""
    holds = _OF_ZERO.get(sign)
    return None if holds is None else keeps_where(lambda p: not holds(0, p["scalar"]))


def compare(names: tuple[str, str, str], formula: Callable[..., Any], *, sign: str) -> None:
    """Three operators of one comparison: broadcasting, of equal shapes, with a number.

    *names* are the three names; *formula* gives booleans. Results are 0 and 1 in the dtype of
    the input, as in MXNet, and the gradient is zero.
    """

    def body(xp: Any, lhs: Any, rhs: Any) -> Any:
        return formula(xp, lhs, rhs).astype(lhs.dtype)

    broadcasting, equal_shapes, with_number = names
    words = "1 where {}, else 0, in the inputs' dtype; the gradient is zero."
    whole = {"lhs": ("int", 3, (3, 4)), "rhs": ("int", 3, (3, 4))}
    wide = {"lhs": ("int", 3, (2, 1, 4)), "rhs": ("int", 3, (3, 1))}
    said = words.format(f"``lhs {sign} rhs``")
    broadcast(broadcasting, body, doc=said, examples=[whole, wide])
    alias = "_".join(part.capitalize() for part in equal_shapes.split("_"))
    binary(equal_shapes, body, doc=said, aliases=[alias], examples=[whole])
    alias = "_" + "".join(part.capitalize() for part in with_number.split("_"))
    scalar(
        with_number,
        body,
        doc=words.format(f"``data {sign} scalar``"),
        aliases=[alias],
        storage=_compared(sign),
        examples=[{"data": ("int", 3, (3, 4)), "scalar": 1}],
    )
