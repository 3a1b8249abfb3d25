"""Gradient rules of element-wise operators as one pass of machine code each.

A rule over F is itself a scalar expression, ``lambda F, g, out: g * (1 - out * out)``: run with a
namespace F of operators on a recorder it gives a kernel like any body. Large or small, float32
arrays on the host then cost one call instead of one for each operator of the rule.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops import find
from ..ops.registry import Op, Rule
from . import llvm
from .elemwise import Fused, fused
from .trace import Expr, NotTraceable, Recorder, reachable

__all__ = ["fused_rule"]

_F32 = np.dtype("float32")
_SHAPES_KEPT = 1024


class _Operators:
    """F of a recorder: the element-wise operators by name, and what else is one element each."""

    def __init__(self, xp: Recorder) -> None:
        self._xp = xp

    def __getattr__(self, name: str) -> Callable[..., Any]:
        xp, op = self._xp, find(name)
        if op is None or not (op.elementwise or op.name == "where"):
            raise NotTraceable(f"F.{name} is not element by element")
        if op.name == "where":
            return lambda condition, x, y: xp.where(condition, x, y)
        return lambda *args, **params: op.body(xp, *args, **params)


def fused_rule(op: Op, rule: Rule) -> Callable[..., Any]:
    """The rule, or a function like it that is faster for float32 arrays of the host."""
    names = rule.saves
    if not (op.elementwise or op.name == "where") or any(n.endswith("_shape") for n in names):
        return rule.function
    return _with_parameters(rule) if "p" in names else _without(rule)


def _without(rule: Rule) -> Callable[..., Any]:
    function = rule.function
    kept: dict[Any, Any] = {}
    count, empty, array = len(rule.saves), np.empty, np.ndarray
    if count > 3:
        return function

    def run(F: Any, g: Any, *saves: Any) -> Any:
        if g.__class__ is array and g.dtype is _F32:
            key = (g.shape, *[one.shape for one in saves])
            try:
                call = kept[key]
            except KeyError:
                call = _keep(kept, key, function, saves, {})
            if call is not None:
                out = empty(key[0], _F32)
                if call(g, *saves, out) is out:
                    return out
        return function(F, g, *saves)

    return run


def _with_parameters(rule: Rule) -> Callable[..., Any]:
    """The same where the rule reads parameters, its last argument."""
    function = rule.function
    kept: dict[Any, Any] = {}
    empty, array = np.empty, np.ndarray
    if rule.saves[-1] != "p":
        return function

    def run(F: Any, g: Any, *saves: Any) -> Any:
        if g.__class__ is array and g.dtype is _F32:
            *arrays, p = saves
            try:
                key = (g.shape, *[one.shape for one in arrays], *p.values())
                call = kept[key]
            except KeyError:
                call = _keep(kept, key, function, arrays, p)
            except TypeError:  # a number that is kept as an array, which has no hash
                return function(F, g, *saves)
            if call is not None:
                out = empty(key[0], _F32)
                if call(g, *arrays, out) is out:
                    return out
        return function(F, g, *saves)

    return run


def _keep(kept: dict[Any, Any], key: Any, function: Any, arrays: Any, p: dict[str, Any]) -> Any:
    """The call for these shapes; None where the rule is run as it is."""
    if len(kept) > _SHAPES_KEPT:
        kept.clear()
    kept[key] = call = None if not llvm.available() else _made(function, key[0], arrays, p)
    return call


_fused: dict[Any, Fused | None] = {}


def _made(function: Any, shape: Any, arrays: Any, p: dict[str, Any]) -> Any:
    if any(one.__class__ is not np.ndarray or one.shape != shape for one in arrays):
        return None
    key = (function, len(arrays), *p.values())
    if key not in _fused:
        _fused[key] = _traced(function, len(arrays), p)
    found = _fused[key]
    return None if found is None else found.direct([shape] * (1 + len(arrays)))


def _traced(function: Any, count: int, p: dict[str, Any]) -> Fused | None:
    """The rule's kernel; None where it is no expression, or only one operation."""
    xp = Recorder("float32")
    g, *saves = xp.inputs(1 + count)
    words = [p] if p else []
    try:
        result = function(_Operators(xp), g, *saves, *words)
        if not isinstance(result, Expr):
            return None
        expression = xp.real(result)
        operations = [node for node in reachable([expression]) if node.args]
        return fused(expression) if len(operations) > 1 else None
    except NotTraceable:
        return None
