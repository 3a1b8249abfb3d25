"""Operators of arrays (``x + y``, ``x += 1``, ``x == y``) and the fluent methods (``x.exp()``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..error import MXNetError
from ..ops import find, get
from . import invoke, operands, tape
from .core import NDArray
from .entry import binary_method, function_of
from .source import compile_source

#: dunder, operator of two arrays, operator with a number, the same with the number on the left
ARITHMETIC = (
    ("add", "broadcast_add", "_plus_scalar", "_plus_scalar"),
    ("sub", "broadcast_sub", "_minus_scalar", "_rminus_scalar"),
    ("mul", "broadcast_mul", "_mul_scalar", "_mul_scalar"),
    ("truediv", "broadcast_div", "_div_scalar", "_rdiv_scalar"),
    ("mod", "broadcast_mod", "_mod_scalar", "_rmod_scalar"),
    ("pow", "broadcast_power", "_power_scalar", "_rpower_scalar"),
)
COMPARISONS = (
    ("eq", "broadcast_equal", "_equal_scalar"),
    ("ne", "broadcast_not_equal", "_not_equal_scalar"),
    ("gt", "broadcast_greater", "_greater_scalar"),
    ("ge", "broadcast_greater_equal", "_greater_equal_scalar"),
    ("lt", "broadcast_lesser", "_lesser_scalar"),
    ("le", "broadcast_lesser_equal", "_lesser_equal_scalar"),
)
#: operators that NDArray has as methods of its own
_NOT_FLUENT = frozenset({"Reshape", "reshape", "reshape_like", "broadcast_to", "_copy", "cast"})


class _Lazy:
    """Descriptor that makes a method on first use and puts it in its own place."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self.name, self.make = name, make

    def __get__(self, instance: Any, owner: type) -> Any:
        made = self.make()
        setattr(NDArray, self.name, made)
        return getattr(owner if instance is None else instance, self.name)


def _negative(self: NDArray) -> NDArray:
    return self * -1.0 if self._data.dtype.kind == "f" else self * -1


def install() -> None:
    """Put all operators and fluent methods onto NDArray."""
    for name, op, scalar, reflected in ARITHMETIC:
        _install_binary(f"__{name}__", op, scalar)
        _install_reflected(f"__r{name}__", op, reflected)
        setattr(NDArray, f"__i{name}__", _in_place(f"__i{name}__", op, scalar))
    for name, op, scalar in COMPARISONS:
        _install_binary(f"__{name}__", op, scalar)
    NDArray.__div__, NDArray.__rdiv__ = _alias("__truediv__"), _alias("__rtruediv__")  # type: ignore[attr-defined]
    NDArray.__idiv__ = _alias("__itruediv__")  # type: ignore[attr-defined]
    NDArray.__neg__ = _negative
    NDArray.__abs__ = lambda self: self.abs()
    NDArray.__array_priority__ = 1000.0  # type: ignore[attr-defined]


def _alias(name: str) -> Callable[..., Any]:
    return lambda self, *args: getattr(self, name)(*args)


def _install_binary(name: str, op: str, scalar: str) -> None:
    made = binary_method(name, get(op), get(scalar))
    setattr(NDArray, name, made)


def _install_reflected(name: str, op: str, scalar: str) -> None:
    record, scalar_op = get(op), get(scalar)

    def reflected(self: NDArray, other: Any) -> Any:
        number = operands.as_number(other)
        if number is not None:
            return operands.scalar_call(record, scalar_op, self, number, swapped=True)
        return operands.reflected_slow(record, self, other)

    reflected.__name__, reflected.__qualname__ = name, f"NDArray.{name}"
    reflected.__doc__ = f"Number on the left; see ``nd.{scalar}``."
    setattr(NDArray, name, reflected)


def _in_place(name: str, op: str, scalar: str) -> Callable[..., Any]:
    record, scalar_op = get(op), get(scalar)

    def in_place(self: NDArray, other: Any) -> NDArray:
        if tape.local.recording and any(
            isinstance(one, NDArray) and tape.is_recorded(one) for one in (self, other)
        ):
            raise MXNetError(invoke.recorded_write(name))
        operands.assign_in_place(record, scalar_op, self, other)
        return self

    in_place.__name__, in_place.__qualname__ = name, f"NDArray.{name}"
    in_place.__doc__ = f"Element-wise into the array itself; see ``nd.{op}``."
    return in_place


def fluent(name: str) -> Callable[..., Any] | None:
    """The method ``x.NAME(...)``: the function of that operator with x as its first input."""
    op = find(name)
    if op is None or name in _NOT_FLUENT or op.variadic or not op.inputs:
        return None
    function = function_of(op, name)
    parts = [f"{n}=None" for n in op.inputs[1:]] + [f"{n}=_Null" for n in op.params]
    handed = [f"{n}={n}" for n in (*op.inputs[1:], *op.params)]
    source = (
        f"def {name}(self, {', '.join([*parts, '**kwargs'])}):\n"
        f"    return FUNCTION({', '.join(['self', *handed, '**kwargs'])})"
    )
    made = compile_source(f"NDArray.{name}", source, FUNCTION=function)
    made.__doc__, made.__qualname__ = function.__doc__, f"NDArray.{name}"
    return made


FLUENT = frozenset(
    (
        "abs",
        "arccos",
        "arccosh",
        "arcsin",
        "arcsinh",
        "arctan",
        "arctanh",
        "argmax",
        "argmax_channel",
        "argmin",
        "argsort",
        "batch_dot",
        "broadcast_axes",
        "broadcast_like",
        "cbrt",
        "ceil",
        "clip",
        "cos",
        "cosh",
        "degrees",
        "depth_to_space",
        "diag",
        "dot",
        "exp",
        "expm1",
        "fix",
        "flip",
        "floor",
        "log",
        "log10",
        "log1p",
        "log2",
        "log_softmax",
        "max",
        "mean",
        "min",
        "nanprod",
        "nansum",
        "norm",
        "one_hot",
        "ones_like",
        "pad",
        "pick",
        "prod",
        "radians",
        "rcbrt",
        "reciprocal",
        "relu",
        "repeat",
        "rint",
        "round",
        "rsqrt",
        "shape_array",
        "sigmoid",
        "sign",
        "sin",
        "sinh",
        "size_array",
        "slice",
        "slice_axis",
        "slice_like",
        "softmax",
        "softmin",
        "sort",
        "space_to_depth",
        "split",
        "sqrt",
        "square",
        "sum",
        "swapaxes",
        "take",
        "tan",
        "tanh",
        "tile",
        "topk",
        "transpose",
        "trunc",
        "zeros_like",
    )
)
for _name in FLUENT:
    setattr(NDArray, _name, _Lazy(_name, lambda _name=_name: fluent_or_refuse(_name)))  # type: ignore[misc]


def fluent_or_refuse(name: str) -> Any:
    """The fluent method, or a property that says that its operator is not built yet."""
    made = fluent(name)
    if made is not None:
        return made
    from ..error import NotYetInWorkbench

    def refuse(self: NDArray) -> Any:
        raise NotYetInWorkbench(f"NDArray.{name} is not in Workbench yet; see docs/compat.md")

    return property(refuse)
