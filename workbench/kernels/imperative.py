"""Trace bodies that change arrays in place and take numbers that differ from call to call.

An optimizer's body reads ``mom *= momentum; mom -= g``. Here its arrays are :class:`Variable`
stand-ins that remember what was done to them, and its numbers are :class:`Scalar` stand-ins:
``-lr`` or ``1 - beta2`` stays a formula, which each call evaluates anew in double precision. What
the body decides by a number (``if wd:``) is written down, and the trace serves the calls for
which the decisions come out alike.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .elemwise import Fused, fused
from .trace import Expr, NotTraceable, Recorder

__all__ = ["Scalar", "Traced", "Variable", "trace_update"]

Numbers = Mapping[str, Any]


class Scalar:
    """A number that is computed from parameters: ``compute(params)``."""

    __slots__ = ("compute", "trace")
    __array_ufunc__ = None

    def __init__(self, trace: _Trace, compute: Callable[[Numbers], float]) -> None:
        self.trace, self.compute = trace, compute

    def _decide(self, test: Callable[[float], bool]) -> bool:
        compute = self.compute
        return self.trace.decide(lambda params: test(compute(params)))

    def __bool__(self) -> bool:
        return self._decide(bool)

    def __float__(self) -> float:
        raise NotTraceable("the body makes a plain number of a parameter")

    def __neg__(self) -> Scalar:
        compute = self.compute
        return Scalar(self.trace, lambda params: -compute(params))


def _scalar_operator(function: Callable[..., Any], reflected: bool) -> Callable[..., Any]:
    def apply(self: Scalar, other: Any) -> Any:
        mine, theirs = self.compute, _computes(other)
        if theirs is None:
            return NotImplemented
        left, right = (theirs, mine) if reflected else (mine, theirs)
        return Scalar(self.trace, lambda params: function(left(params), right(params)))

    return apply


def _computes(value: Any) -> Callable[[Numbers], float] | None:
    if isinstance(value, Scalar):
        return value.compute
    return (lambda params: value) if isinstance(value, (int, float)) else None


def _scalar_comparison(function: Callable[..., bool]) -> Callable[..., Any]:
    def apply(self: Scalar, other: Any) -> Any:
        if not isinstance(other, (int, float)):
            return NotImplemented
        return self._decide(lambda number: function(number, other))

    return apply


class Variable:
    """An array that may be changed in place; ``expr`` is its present value."""

    __slots__ = ("expr", "trace")
    __array_ufunc__ = None
    __hash__ = object.__hash__

    def __init__(self, trace: _Trace, expr: Expr) -> None:
        self.trace, self.expr = trace, expr

    @property
    def dtype(self) -> Any:
        """The dtype that the array would have."""
        return self.expr.dtype

    def astype(self, dtype: Any, copy: bool = True) -> Variable:
        """A fresh array of that dtype."""
        return Variable(self.trace, self.expr.astype(dtype))

    def copy(self) -> Variable:
        """A fresh array."""
        return Variable(self.trace, self.expr)

    def __setitem__(self, key: Any, value: Any) -> None:
        if key is not Ellipsis:
            raise NotTraceable("the body writes a part of an array")
        self.expr = self.trace.xp.real(self.trace.lower(value))

    def __bool__(self) -> bool:
        raise NotTraceable("the body asks for the truth of an array")

    def __neg__(self) -> Variable:
        return Variable(self.trace, -self.expr)


def _operator(name: str, in_place: bool) -> Callable[..., Any]:
    function = getattr(operator, name)

    def apply(self: Variable, other: Any) -> Variable:
        result = function(self.expr, self.trace.lower(other))
        if not in_place:
            return Variable(self.trace, result)
        self.expr = result
        return self

    return apply


def _reflected(name: str) -> Callable[..., Any]:
    function = getattr(operator, name)
    return lambda self, other: Variable(self.trace, function(self.trace.lower(other), self.expr))


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(Scalar, f"__{_name}__", _scalar_operator(getattr(operator, _name), False))
    setattr(Scalar, f"__r{_name}__", _scalar_operator(getattr(operator, _name), True))
    setattr(Variable, f"__{_name}__", _operator(_name, in_place=False))
    setattr(Variable, f"__i{_name}__", _operator(_name, in_place=True))
    setattr(Variable, f"__r{_name}__", _reflected(_name))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Scalar, f"__{_name}__", _scalar_comparison(getattr(operator, _name)))
    setattr(Variable, f"__{_name}__", _operator(_name, in_place=False))


class _Trace:
    """Plays ``xp`` for bodies of Variables, over a Recorder."""

    def __init__(self, dtype: Any, params: Numbers) -> None:
        self.xp = Recorder(dtype)
        self.params = params
        self.decisions: list[tuple[Callable[[Numbers], bool], bool]] = []
        self.scalars: list[Scalar] = []

    def decide(self, test: Callable[[Numbers], bool]) -> bool:
        outcome = test(self.params)
        self.decisions.append((test, outcome))
        return outcome

    def lower(self, value: Any) -> Any:
        """What the Recorder takes for a Variable, a Scalar or a plain number."""
        if isinstance(value, Variable):
            return value.expr
        if isinstance(value, Scalar):
            self.scalars.append(value)
            return self.xp.scalar()
        return value

    def __getattr__(self, name: str) -> Any:
        function = getattr(self.xp, name)
        if not callable(function) or isinstance(function, type):
            return function

        def call(*args: Any, out: Variable | None = None) -> Variable:
            result = Variable(self, function(*[self.lower(arg) for arg in args]))
            if out is None:
                return result
            out.expr = result.expr
            return out

        return call


def is_number(value: Any) -> bool:
    """Whether a parameter is a number that may differ from call to call."""
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


class Traced:
    """A trace: the kernel, the numbers it takes, and the decisions it was made under."""

    def __init__(self, kernel: Fused, trace: _Trace) -> None:
        self.kernel, self._decisions = kernel, trace.decisions
        self._computes = [scalar.compute for scalar in trace.scalars]

    def serves(self, params: Numbers) -> bool:
        """Whether the body would decide alike for these parameters."""
        return all([test(params) == outcome for test, outcome in self._decisions])

    def scalars(self, params: Numbers) -> list[float]:
        """The numbers that the kernel takes for these parameters."""
        return [compute(params) for compute in self._computes]


def trace_update(
    body: Callable[..., Any],
    inputs: Sequence[str],
    changed: Sequence[str],
    params: Numbers,
    dtype: Any,
) -> Traced:
    """Trace ``body(xp, *arrays, **params)``, which returns one array and changes others.

    Parameters
    ----------
    inputs : names of the arrays
    changed : those that the body changes in place, in the order of the kernel's further outputs
    params : present values; numbers become Scalars, others are taken as they are

    Returns
    -------
    The kernel's outputs are what the body returns, then the new values of *changed*.
    """
    trace = _Trace(dtype, params)
    arrays = {name: Variable(trace, trace.xp.input()) for name in inputs}
    numbers: dict[str, Any] = {
        name: Scalar(trace, operator.itemgetter(name)) if is_number(value) else value
        for name, value in params.items()
    }
    result = body(trace, *arrays.values(), **numbers)
    outputs = [result.expr, *[arrays[name].expr for name in changed]]
    return Traced(fused([trace.xp.real(output) for output in outputs]), trace)
