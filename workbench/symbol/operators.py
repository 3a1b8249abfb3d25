"""``a + b``, ``2 ** a``, ``a > 0`` on symbols: one line of the table for each operator."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Number
from typing import TYPE_CHECKING, Any

from ..base import NotImplementedForSymbol

if TYPE_CHECKING:
    from .symbol import Symbol

    class Members:
        """What is put onto the class below, for type checkers."""

        __add__: Callable[..., Symbol]
        __radd__: Callable[..., Symbol]
        __sub__: Callable[..., Symbol]
        __rsub__: Callable[..., Symbol]
        __mul__: Callable[..., Symbol]
        __rmul__: Callable[..., Symbol]
        __truediv__: Callable[..., Symbol]
        __rtruediv__: Callable[..., Symbol]
        __mod__: Callable[..., Symbol]
        __rmod__: Callable[..., Symbol]
        __pow__: Callable[..., Symbol]
        __rpow__: Callable[..., Symbol]
        __lt__: Callable[..., Symbol]
        __le__: Callable[..., Symbol]
        __gt__: Callable[..., Symbol]
        __ge__: Callable[..., Symbol]
        __eq__: Callable[..., Symbol]  # type: ignore[assignment]
        __ne__: Callable[..., Symbol]  # type: ignore[assignment]

else:
    Members = object

__all__ = ["Operators"]


class Operators(Members):
    """Base of Symbol with Python's operators.

    Between symbols they are element-wise, without broadcasting, as in MXNet: use
    ``mx.sym.broadcast_add`` and its like where shapes differ.
    """

    __slots__ = ()

    def __neg__(self) -> Symbol:
        """``-a``, which is ``a * -1``."""
        return self * -1.0

    def __abs__(self) -> Any:
        """``abs(a)``."""
        return self.abs()  # type: ignore[attr-defined]


#: Python's name → function of two symbols, function of symbol and number
BINARY = {
    "add": ("_Plus", "_PlusScalar"),
    "sub": ("_Minus", "_MinusScalar"),
    "mul": ("_Mul", "_MulScalar"),
    "truediv": ("_Div", "_DivScalar"),
    "mod": ("_Mod", "_ModScalar"),
    "pow": ("_Power", "_PowerScalar"),
    "eq": ("_equal", "_equal_scalar"),
    "ne": ("_not_equal", "_not_equal_scalar"),
    "gt": ("_greater", "_greater_scalar"),
    "ge": ("_greater_equal", "_greater_equal_scalar"),
    "lt": ("_lesser", "_lesser_scalar"),
    "le": ("_lesser_equal", "_lesser_equal_scalar"),
}
#: the number on the left
REFLECTED = {
    "radd": "_PlusScalar",
    "rsub": "_RMinusScalar",
    "rmul": "_MulScalar",
    "rtruediv": "_RDivScalar",
    "rmod": "_RModScalar",
    "rpow": "_rpower_scalar",
}
#: methods of arrays with values, and what to use instead
OF_ARRAYS = ("as_in_context", "asnumpy", "asscalar", "backward", "copy", "detach", "wait_to_read")
IN_PLACE = {"iadd": "+=", "isub": "-=", "imul": "*=", "itruediv": "/="}


def _binary(name: str, of_symbols: str, of_number: str) -> Callable[..., Any]:
    def operator(self: Any, other: Any) -> Any:
        from .compose import function

        if isinstance(other, Operators):
            return function(of_symbols)(self, other)
        if isinstance(other, Number):
            return function(of_number)(self, scalar=other)
        raise TypeError(f"type {type(other)} not supported")

    operator.__name__ = operator.__qualname__ = f"__{name}__"
    operator.__doc__ = f"``{of_symbols}`` of two symbols, ``{of_number}`` of symbol and number."
    return operator


def _reflected(name: str, of_number: str) -> Callable[..., Any]:
    def operator(self: Any, other: Any) -> Any:
        from .compose import function

        if isinstance(other, Number):
            return function(of_number)(self, scalar=other)
        raise TypeError(f"type {type(other)} not supported")

    operator.__name__ = operator.__qualname__ = f"__{name}__"
    operator.__doc__ = f"``{of_number}`` with the number on the left."
    return operator


def _refused(name: str, sign: str) -> Callable[..., Any]:
    def operator(self: Any, other: Any) -> Any:
        raise NotImplementedForSymbol(operator, sign, other)

    operator.__name__ = operator.__qualname__ = f"__{name}__"
    operator.__doc__ = f"Refused: a symbol has no memory that ``{sign}`` could write into."
    return operator


for _name, _functions in BINARY.items():
    setattr(Operators, f"__{_name}__", _binary(_name, *_functions))
for _name, _function in REFLECTED.items():
    setattr(Operators, f"__{_name}__", _reflected(_name, _function))
for _name, _sign in IN_PLACE.items():
    setattr(Operators, f"__{_name}__", _refused(_name, _sign))


def _of_arrays(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedForSymbol(method, None)

    method.__name__, method.__qualname__ = name, f"Symbol.{name}"
    method.__doc__ = "Refused: a symbol has no values."
    return method


for _name in OF_ARRAYS:
    setattr(Operators, _name, _of_arrays(_name))
