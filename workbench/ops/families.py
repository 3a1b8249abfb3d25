"""Families: operators that differ in one formula are one line each.

``unary("tanh", data=lambda F, g, out: g * (1 - out * out))`` registers an operator whose body is
``xp.tanh``; a callable instead of the name gives the body as a scalar expression. The bodies of
these families are such expressions throughout, so that running one with a recording ``xp``
(:mod:`workbench.kernels.trace`) gives the code generator its formula.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .params import Bool, Number
from .registry import Op

Formula = str | Callable[..., Any]


def _ufunc_body(name: str, arity: int) -> Callable[..., Any]:
    if arity == 1:
        return lambda xp, data: getattr(xp, name)(data)
    return lambda xp, lhs, rhs: getattr(xp, name)(lhs, rhs)


def _make(name: str, formula: Formula | None, inputs: tuple[str, ...], **options: Any) -> Op:
    formula = name if formula is None else formula
    ufunc = formula if isinstance(formula, str) else None
    body = _ufunc_body(ufunc, len(inputs)) if ufunc else formula
    return Op(name, body, inputs, ufunc=ufunc, elementwise=True, **options)


def unary(
    name: str,
    formula: Formula | None = None,
    *,
    data: Callable[..., Any] | None = None,
    doc: str,
    **options: Any,
) -> Op:
    """An element-wise function of one array; *data* is its gradient rule (None: zero)."""
    options.setdefault("examples", [{"data": (3, 4)}])
    made = _make(
        name, formula, ("data",), infer="same", doc=doc, zero_grad=data is None, **options
    )
    return made.grad(data=data) if data else made


def binary(
    name: str,
    formula: Formula | None = None,
    *,
    lhs: Callable[..., Any] | None = None,
    rhs: Callable[..., Any] | None = None,
    doc: str,
    **options: Any,
) -> Op:
    """An element-wise function of two arrays of one shape."""
    options.setdefault("examples", [{"lhs": (3, 4), "rhs": (3, 4)}])
    return _two(name, formula, lhs, rhs, infer="same", doc=doc, **options)


def broadcast(
    name: str,
    formula: Formula | None = None,
    *,
    lhs: Callable[..., Any] | None = None,
    rhs: Callable[..., Any] | None = None,
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
        name, formula, lhs, rhs, infer="broadcast", doc=doc, broadcasts=True, **options
    )


def _two(
    name: str, formula: Formula | None, lhs: Any, rhs: Any, **options: Any
) -> Op:
    made = _make(name, formula, ("lhs", "rhs"), zero_grad=lhs is None, **options)
    if lhs is not None:
        made.grad(lhs=lhs, rhs=rhs)
    return made


def scalar(
    name: str,
    formula: Callable[..., Any],
    *,
    data: Callable[..., Any] | None = None,
    doc: str,
    **options: Any,
) -> Op:
    """An element-wise function of an array and a number, ``formula(xp, data, scalar)``.

    The number is cast to the array's dtype first, as MXNet does (int32 ``[3] + 2.5`` is ``[5]``).
    Who calls the body passes *scalar* as a 0-d array of that dtype; in the record it is a
    parameter, as in ``symbol.json``.
    """
    number, is_int = Number(), Bool()
    number.default, is_int.default = 1, True
    options.setdefault("examples", [{"data": (3, 4), "scalar": 1.5}])
    made = Op(
        name,
        formula,
        ("data",),
        params={"scalar": number, "is_int": is_int},
        infer="same",
        elementwise=True,
        doc=doc,
        zero_grad=data is None,
        **options,
    )
    return made.grad(data=data) if data else made
