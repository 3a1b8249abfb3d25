"""Run an operator's body on stand-ins for arrays, and get its formula as an expression.

The bodies of the element-wise families are scalar expressions over ``xp``. A :class:`Recorder`
plays ``xp``, its inputs play the arrays:

>>> xp = Recorder("float32")
>>> a, b = xp.inputs(2)
>>> xp.tanh(a * b + 1)
tanh(((in0 * in1) + 1))

Equal subexpressions are one node. What is not element by element, or leaves the dtype of the
arrays, raises :class:`NotTraceable`; such a body is simply not fused.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..error import GraphError, message

__all__ = ["Expr", "NotTraceable", "Recorder", "listing", "reachable"]

_ONE_REAL = """absolute negative positive sqrt cbrt square reciprocal sign rint floor ceil trunc
    exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh
    arccosh arctanh radians degrees"""
_TWO_REALS = """add subtract multiply divide power maximum minimum fmax fmin arctan2 hypot fmod
    remainder floor_divide copysign"""
_COMPARISONS = "equal not_equal less less_equal greater greater_equal"


def _arities(one: str, two: str) -> dict[str, int]:
    return {**dict.fromkeys(one.split(), 1), **dict.fromkeys(two.split(), 2)}


#: functions of xp that map reals to reals, and how many arguments they take
REAL = _arities(_ONE_REAL, _TWO_REALS)
#: functions that map reals to truth values
TRUTH = _arities("isnan isinf isfinite signbit", _COMPARISONS)
#: functions of truth values; reals are compared with 0 first
LOGICAL = _arities("logical_not", "logical_and logical_or logical_xor")
ALIASES = {
    "abs": "absolute",
    "fabs": "absolute",
    "true_divide": "divide",
    "mod": "remainder",
    "pow": "power",
    "fix": "trunc",
    "deg2rad": "radians",
    "rad2deg": "degrees",
    "bitwise_and": "logical_and",
    "bitwise_or": "logical_or",
    "bitwise_xor": "logical_xor",
    "invert": "logical_not",
}
_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
_SIGNS |= {"equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<="}
_SIGNS |= {"greater": ">", "greater_equal": ">="}


class NotTraceable(GraphError):
    """A body does something that is no element-wise expression in one dtype."""


def _refuse(what: str) -> NotTraceable:
    return NotTraceable(
        message(
            f"not an element-wise expression: {what}",
            fix="Run the operator's own body; it cannot be fused.",
        )
    )


class Expr:
    """One node of an expression; to the body that is traced it looks like an array.

    Attributes
    ----------
    op : ``"input"``, ``"const"``, ``"scalar"`` (a number that each call gives), ``"real"`` (truth
        value as 0 or 1), ``"where"``, or the name of a function of xp
    args : the nodes it is computed from
    value : number of the input or scalar, or value of the constant
    truth : whether it is a truth value and not a real number
    """

    __slots__ = ("args", "index", "op", "truth", "value", "xp")
    __array_ufunc__ = None  # so that NumPy scalars leave the operators to us
    __hash__ = object.__hash__

    def __init__(
        self, xp: Recorder, op: str, args: tuple[Expr, ...], value: Any, truth: bool, index: int
    ) -> None:
        self.xp, self.op, self.args, self.value = xp, op, args, value
        self.truth, self.index = truth, index

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype that the array would have."""
        return np.dtype(np.bool_) if self.truth else self.xp.dtype

    def astype(self, dtype: Any, copy: bool = True) -> Expr:
        """As a real of the recorder's dtype or as a truth value; no other dtype."""
        if np.dtype(dtype) == self.xp.dtype:
            return self.xp.real(self)
        if np.dtype(dtype) == np.bool_:
            return self.xp.truth(self)
        raise _refuse(f"a cast to {np.dtype(dtype)}")

    def clip(self, low: Any = None, high: Any = None) -> Expr:
        """Limit to ``[low, high]``."""
        return self.xp.clip(self, low, high)

    def __bool__(self) -> bool:
        raise _refuse("the body asks for the truth of an array")

    def __iter__(self) -> Iterator[Expr]:
        raise _refuse("the body iterates over an array")

    def __getitem__(self, key: Any) -> Expr:
        raise _refuse("the body indexes an array")

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise _refuse("the body hands an array to NumPy itself")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _refuse(f"the body reads .{name} of an array")

    def __repr__(self) -> str:
        if self.op in ("input", "scalar"):
            return f"{'in' if self.op == 'input' else 's'}{self.value}"
        if self.op == "const":
            return f"{self.value:g}"
        texts = [repr(arg) for arg in self.args]
        if self.op in _SIGNS:
            return f"({texts[0]} {_SIGNS[self.op]} {texts[1]})"
        return f"{self.op}({', '.join(texts)})"

    def __neg__(self) -> Expr:
        return self.xp.negative(self)

    def __pos__(self) -> Expr:
        return self

    def __abs__(self) -> Expr:
        return self.xp.absolute(self)

    def __invert__(self) -> Expr:
        if not self.truth:
            raise _refuse("~ of a real number")
        return self.xp.logical_not(self)


def _operator(function: str, reflected: bool) -> Callable[[Expr, Any], Any]:
    def apply(self: Expr, other: Any) -> Any:
        args = (other, self) if reflected else (self, other)
        if function.startswith("logical") and not all(self.xp.lift(a).truth for a in args):
            raise _refuse("& or | of real numbers")
        return getattr(self.xp, function)(*args)

    return apply


_OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power",
    "mod": "remainder", "floordiv": "floor_divide", "and": "logical_and", "or": "logical_or",
    "xor": "logical_xor",
}  # fmt: skip
for _dunder, _name in _OPERATORS.items():
    setattr(Expr, f"__{_dunder}__", _operator(_name, reflected=False))
    setattr(Expr, f"__r{_dunder}__", _operator(_name, reflected=True))
for _dunder, _name in {
    "eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater",
    "ge": "greater_equal",
}.items():  # fmt: skip
    setattr(Expr, f"__{_dunder}__", _operator(_name, reflected=False))


class Recorder:
    """Plays ``xp``: its functions record what they are asked to compute.

    Parameters
    ----------
    dtype : dtype of all arrays, float32 or float64
    """

    pi, e, inf, nan, newaxis = math.pi, math.e, math.inf, math.nan, None
    bool_, float32, float64 = np.bool_, np.float32, np.float64

    def __init__(self, dtype: Any = "float32") -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        if self.dtype not in (np.dtype("float32"), np.dtype("float64")):
            raise _refuse(f"arrays of {self.dtype}")
        self.input_count = self.scalar_count = 0
        self._nodes: dict[Any, Expr] = {}

    def input(self) -> Expr:
        """A stand-in for one more input array."""
        self.input_count += 1
        return self._node("input", (), self.input_count - 1)

    def inputs(self, count: int) -> list[Expr]:
        """Stand-ins for *count* more input arrays."""
        return [self.input() for _ in range(count)]

    def scalar(self) -> Expr:
        """A number that is given at each call, beside the arrays."""
        self.scalar_count += 1
        return self._node("scalar", (), self.scalar_count - 1)

    # ---- numbers, truth values ------------------------------------------------------------

    def lift(self, value: Any) -> Expr:
        """A node for a number or a 0-d array; nodes stay what they are."""
        if isinstance(value, Expr):
            if value.xp is not self:
                raise _refuse("nodes of two recorders")
            return value
        number = np.asarray(value)
        if number.ndim or number.dtype.kind not in "biuf":
            raise _refuse(f"a constant {type(value).__name__}")
        if np.result_type(self.dtype, value if number.dtype.kind == "f" else 0) != self.dtype:
            raise _refuse(f"a {number.dtype} constant among arrays of {self.dtype}")
        return self._node("const", (), float(number.astype(self.dtype)))

    def real(self, value: Any) -> Expr:
        """As a real number: truth values become 0 and 1."""
        node = self.lift(value)
        return self._node("real", (node,)) if node.truth else node

    def truth(self, value: Any) -> Expr:
        """As a truth value: whether it differs from 0."""
        node = self.lift(value)
        return node if node.truth else self.not_equal(node, 0)

    def where(self, condition: Any, chosen: Any, other: Any) -> Expr:
        """*chosen* where *condition*, else *other*."""
        args = (self.truth(condition), self.real(chosen), self.real(other))
        return self._node("where", args)

    def clip(self, data: Any, a_min: Any = None, a_max: Any = None) -> Expr:
        """``minimum(maximum(data, a_min), a_max)``; a bound of None is no bound."""
        node = self.real(data)
        if a_min is not None:
            node = self.maximum(node, a_min)
        return node if a_max is None else self.minimum(node, a_max)

    def asarray(self, value: Any, dtype: Any = None) -> Expr:
        """The node itself."""
        node = self.lift(value)
        return node if dtype is None else node.astype(dtype)

    array = asarray

    def full_like(self, data: Expr, value: Any, dtype: Any = None) -> Expr:
        """A constant."""
        return self.asarray(value, dtype)

    def zeros_like(self, data: Expr, dtype: Any = None) -> Expr:
        """The constant 0."""
        return self.asarray(0.0, dtype)

    def ones_like(self, data: Expr, dtype: Any = None) -> Expr:
        """The constant 1."""
        return self.asarray(1.0, dtype)

    # ---- functions by name ----------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        op = ALIASES.get(name, name)
        if op in REAL:
            return lambda *args, **options: self._real_function(op, args, options)
        for table, convert in ((TRUTH, self.real), (LOGICAL, self.truth)):
            if op in table:
                return partial(self._truth_function, op, table, convert)
        if name.startswith("__"):
            raise AttributeError(name)
        raise _refuse(f"xp.{name}")

    def _truth_function(
        self, op: str, table: dict[str, int], convert: Callable[[Any], Expr], *args: Any
    ) -> Expr:
        return self._node(op, self._checked(op, table, args, convert), truth=True)

    def _real_function(self, op: str, args: tuple[Any, ...], options: dict[str, Any]) -> Expr:
        if options:
            raise _refuse(f"xp.{op} with {', '.join(options)}=")
        if len(args) > 1 and all(self.lift(arg).truth for arg in args):
            if op not in _OF_TRUTH:
                raise _refuse(f"xp.{op} of truth values")
            return self._node(_OF_TRUTH[op], tuple(map(self.truth, args)), truth=True)
        nodes = self._checked(op, REAL, args, self.real)
        if op == "positive":
            return nodes[0]
        if op == "power" and nodes[1].op == "const" and nodes[1].value in _POWERS:
            return _POWERS[nodes[1].value](self, nodes[0])
        return self._node(op, nodes)

    def _checked(
        self, op: str, table: dict[str, int], args: Sequence[Any], convert: Callable[[Any], Expr]
    ) -> tuple[Expr, ...]:
        if len(args) != table[op]:
            raise _refuse(f"xp.{op} of {len(args)} arguments")
        return tuple(convert(arg) for arg in args)

    def _node(
        self, op: str, args: tuple[Expr, ...], value: Any = None, truth: bool = False
    ) -> Expr:
        # a constant's text tells 0.0 from -0.0 and makes nan equal to itself
        key = (op, tuple(arg.index for arg in args), repr(value))
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Expr(self, op, args, value, truth, len(self._nodes))
        return node


#: what NumPy makes of sums and products of truth values
_OF_TRUTH = {"add": "logical_or", "multiply": "logical_and"}
#: powers that need no power function
_POWERS: dict[float, Callable[[Recorder, Expr], Expr]] = {
    1.0: lambda xp, x: x,
    2.0: lambda xp, x: xp.square(x),
    3.0: lambda xp, x: xp.multiply(xp.square(x), x),
    0.5: lambda xp, x: xp.sqrt(x),
    -0.5: lambda xp, x: xp.reciprocal(xp.sqrt(x)),
    -1.0: lambda xp, x: xp.reciprocal(x),
    -2.0: lambda xp, x: xp.reciprocal(xp.square(x)),
}


def reachable(outputs: Sequence[Expr]) -> list[Expr]:
    """The nodes that the outputs depend on, themselves included; arguments come first."""
    found: dict[int, Expr] = {}
    stack = list(outputs)
    while stack:
        node = stack.pop()
        if node.index not in found:
            found[node.index] = node
            stack.extend(node.args)
    return sorted(found.values(), key=operator.attrgetter("index"))


def listing(outputs: Sequence[Expr]) -> str:
    """The nodes as numbered lines: the same text for the same expression.

    >>> xp = Recorder("float32")
    >>> a = xp.input()
    >>> print(listing([xp.exp(a) * 2]))
    0 input 0
    1 exp 0
    2 const 2.0
    3 multiply 1 2
    out 3
    """
    nodes = reachable(outputs)
    number = {node.index: i for i, node in enumerate(nodes)}
    lines = []
    for i, node in enumerate(nodes):
        words = [str(number[arg.index]) for arg in node.args]
        if node.value is not None:
            words.append(repr(node.value))
        lines.append(" ".join([str(i), node.op, *words]))
    return "\n".join([*lines, "out " + " ".join(str(number[node.index]) for node in outputs)])
