"""Shape and dtype rules that many operators share, by name.

A shape is None (rank unknown) or a tuple in which 0 stands for an unknown size; a dtype is a
name or None. Rules complete what they can in both directions and raise on a contradiction:

``shape_rule(p, in_shapes) -> (in_shapes, out_shapes)``
``dtype_rule(p, in_dtypes, n_outputs) -> (in_dtypes, out_dtypes)``

Sizes of arrays that exist are never 0 here unless the array is empty, which the eager way
allows; a rule must therefore not invent sizes from a 0 it was given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..error import DTypeError, ShapeError

Shape = Any  # tuple[int, ...] | None
Pair = tuple[list[Any], list[Any]]

SHAPE: dict[str, Callable[..., Pair]] = {}
DTYPE: dict[str, Callable[..., Pair]] = {}


def shape_rule(function: Callable[..., Pair]) -> Callable[..., Pair]:
    """Register a shape rule under its function's name."""
    SHAPE[function.__name__.removeprefix("shape_")] = function
    return function


def dtype_rule(function: Callable[..., Pair]) -> Callable[..., Pair]:
    """Register a dtype rule under its function's name."""
    DTYPE[function.__name__.removeprefix("dtype_")] = function
    return function


# ---- partial shapes -------------------------------------------------------------------------


def known(shape: Shape) -> bool:
    """True when rank and every size are known."""
    return shape is not None and 0 not in shape


def merge(one: Shape, other: Shape, what: str = "inputs") -> Shape:
    """What two descriptions of the same shape say together; ShapeError when they differ.

    >>> merge((2, 0), (0, 3))
    (2, 3)
    """
    if one is None or other is None or one == other:
        return one if other is None else other
    if len(one) != len(other):
        raise ShapeError(f"Shape inconsistent, {what}: {one} and {other} differ in rank")
    for a, b in zip(one, other, strict=True):
        if a and b and a != b:
            raise ShapeError(f"Shape inconsistent, {what}: expected {one}, got {other}")
    return tuple(a or b for a, b in zip(one, other, strict=True))


def broadcast(one: Shape, other: Shape) -> Shape:
    """NumPy's broadcast of two shapes; unknown where it cannot be told.

    >>> broadcast((2, 1, 3), (4, 3))
    (2, 4, 3)
    """
    if one is None or other is None:
        return None
    rank = max(len(one), len(other))
    one, other = (1,) * (rank - len(one)) + one, (1,) * (rank - len(other)) + other
    sizes = []
    for a, b in zip(one, other, strict=True):
        if a == b or b == 1:
            sizes.append(a)
        elif a == 1:
            sizes.append(b)
        elif 0 in (a, b):
            sizes.append(a or b)
        else:
            raise ShapeError(f"Shape inconsistent, cannot broadcast {one} with {other}")
    return tuple(sizes)


def axes_of(axis: Any, rank: int) -> tuple[int, ...]:
    """Axes as sorted non-negative numbers; None or () means all. ShapeError out of range."""
    if axis is None or axis == ():
        return tuple(range(rank))
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    return tuple(sorted({one_axis(a, rank) for a in axes}))


def one_axis(axis: int, rank: int) -> int:
    """One axis as a non-negative number; ShapeError out of range."""
    if not -rank <= axis < rank:
        raise ShapeError(f"axis {axis} is out of range for {rank} dimensions")
    return axis % rank if rank else 0


def prod(sizes: Sequence[int]) -> int:
    """The product; 1 for none."""
    product = 1
    for size in sizes:
        product *= size
    return product


# ---- shape rules ----------------------------------------------------------------------------


@shape_rule
def shape_same(p: dict[str, Any], ins: list[Shape]) -> Pair:
    """All inputs and the output have one shape (element-wise operators)."""
    shape = None
    for one in ins:
        shape = merge(shape, one)
    return [shape] * len(ins), [shape]


@shape_rule
def shape_broadcast(p: dict[str, Any], ins: list[Shape]) -> Pair:
    """The output is the broadcast of the inputs; nothing is told about a missing input."""
    shape = ins[0]
    for one in ins[1:]:
        shape = broadcast(shape, one)
    return ins, [shape]


@shape_rule
def shape_reduce(p: dict[str, Any], ins: list[Shape]) -> Pair:
    """``axis``, ``keepdims``, ``exclude``; a full reduction has shape (1,), as in MXNet."""
    shape = ins[0]
    if shape is None:
        return ins, [None]
    axes = reduced_axes(p, len(shape))
    if p.get("keepdims"):
        return ins, [tuple(1 if i in axes else n for i, n in enumerate(shape))]
    return ins, [tuple(n for i, n in enumerate(shape) if i not in axes) or (1,)]


def reduced_axes(p: dict[str, Any], rank: int) -> tuple[int, ...]:
    """The axes that a reduction with these parameters removes."""
    axis = p.get("axis")
    axes = axes_of(axis, rank)
    if p.get("exclude") and axis not in (None, ()):
        axes = tuple(i for i in range(rank) if i not in axes)
    return axes


@shape_rule
def shape_like(p: dict[str, Any], ins: list[Shape]) -> Pair:
    """The output has the shape of the first input; other inputs are free."""
    return ins, [ins[0]]


@shape_rule
def shape_given(p: dict[str, Any], ins: list[Shape]) -> Pair:
    """No input: the parameter ``shape`` is that of the output, a size below 0 is not known yet."""
    shape = p.get("shape")
    return ins, [(1,) if shape is None else tuple(max(n, 0) for n in shape)]


@shape_rule
def shape_update(p: dict[str, Any], ins: list[Shape]) -> Pair:
    """An optimizer's update: weight, gradient and states share the shape of the output."""
    return shape_same(p, ins)


# ---- dtype rules ----------------------------------------------------------------------------


@dtype_rule
def dtype_same(p: dict[str, Any], ins: list[Any], n: int) -> Pair:
    """All inputs and outputs have one dtype; MXNet's nd operators never promote."""
    dtype = None
    for one in ins:
        if dtype is not None and one is not None and one != dtype:
            raise DTypeError(f"inputs of different dtypes, {dtype} and {one}")
        dtype = dtype or one
    return [dtype] * len(ins), [dtype] * n


@dtype_rule
def dtype_first(p: dict[str, Any], ins: list[Any], n: int) -> Pair:
    """The outputs have the dtype of the first input; other inputs are free."""
    return ins, [ins[0] if ins else None] * n


@dtype_rule
def dtype_number(p: dict[str, Any], ins: list[Any], n: int) -> Pair:
    """An array and a number: the array's dtype, but int64 for bool."""
    return ins, ["int64" if ins[0] == "bool" else ins[0]] * n


@dtype_rule
def dtype_given(p: dict[str, Any], ins: list[Any], n: int) -> Pair:
    """The parameter ``dtype``; float32 where it is not given."""
    return ins, [p.get("dtype") or "float32"] * n


@dtype_rule
def dtype_second(p: dict[str, Any], ins: list[Any], n: int) -> Pair:
    """The outputs have the dtype of the second input (values looked up by the first)."""
    return ins, [ins[1]] * n
