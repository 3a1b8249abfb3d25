"""Arithmetic of two arrays that broadcast as in NumPy, and broadcasting itself.

``x + y`` of NDArrays is ``broadcast_add``, whatever the shapes.
"""

import functools

from ..error import ParameterError, ShapeError
from . import rules
from .elemwise_binary import (
    ADD,
    DIV,
    HYPOT,
    MAXIMUM,
    MINIMUM,
    MOD,
    MUL,
    POWER,
    SUB,
    divide_integers,
    hypot,
    mod,
    mod_integers,
)
from .families import REAL, broadcast
from .params import Float, Shape
from .registry import op

_BY_POSITIVE = [
    {"lhs": (3, 4), "rhs": ("positive", (3, 4))},
    {"lhs": (2, 1, 4), "rhs": ("positive", (3, 1))},
]

broadcast(
    "broadcast_add",
    "add",
    aliases=["_sparse_broadcast_add", "_sparse_broadcast_plus", "broadcast_plus"],
    doc="``lhs + rhs`` with broadcasting.",
    **ADD,
)
broadcast(
    "broadcast_sub",
    "subtract",
    aliases=["_sparse_broadcast_minus", "_sparse_broadcast_sub", "broadcast_minus"],
    doc="``lhs - rhs`` with broadcasting.",
    **SUB,
)
broadcast(
    "broadcast_mul",
    "multiply",
    aliases=["_sparse_broadcast_mul"],
    storage="left",
    doc="``lhs * rhs`` with broadcasting.",
    **MUL,
)
broadcast(
    "broadcast_div",
    lambda xp, lhs, rhs: lhs / rhs,
    integers=divide_integers,
    aliases=["_sparse_broadcast_div"],
    storage="left",
    doc="``lhs / rhs`` with broadcasting; integers are cut towards zero.",
    examples=_BY_POSITIVE,
    **DIV,
)
broadcast(
    "_floor_quotient",
    lambda xp, lhs, rhs: xp.floor(lhs / rhs),
    integers=lambda xp, lhs, rhs: lhs * 0,
    doc="The quotient rounded down, as the gradient of a remainder needs it; 0 for integers.",
    examples=[{"lhs": (3, 4), "rhs": ("positive", (3, 4))}],
    lhs=lambda F, g: g * 0,
    rhs=lambda F, g: g * 0,
)
broadcast(
    "broadcast_mod",
    mod,
    integers=mod_integers,
    doc="``lhs mod rhs`` with the sign of *rhs*, with broadcasting; 0 where *rhs* is 0.",
    examples=_BY_POSITIVE,
    **MOD,
)
broadcast(
    "broadcast_power",
    lambda xp, lhs, rhs: xp.power(lhs, rhs),
    integers=REAL,
    doc="``lhs ** rhs`` with broadcasting.",
    examples=[
        {"lhs": ("positive", (3, 4)), "rhs": (3, 4)},
        {"lhs": ("positive", (2, 1, 4)), "rhs": (3, 1)},
    ],
    **POWER,
)
broadcast(
    "broadcast_maximum",
    "maximum",
    aliases=["_npi_maximum"],
    doc="The larger of *lhs* and *rhs*, with broadcasting.",
    **MAXIMUM,
)
broadcast(
    "broadcast_minimum",
    "minimum",
    aliases=["_npi_minimum"],
    doc="The smaller of *lhs* and *rhs*, with broadcasting.",
    **MINIMUM,
)
broadcast(
    "broadcast_hypot",
    hypot,
    integers=REAL,
    doc="``sqrt(lhs² + rhs²)`` with broadcasting.",
    **HYPOT,
)


# ---- broadcasting itself --------------------------------------------------------------------


def _broadcast_copy(xp, data, shape):
    out = xp.empty(shape, data.dtype)
    out[...] = data
    return out


@op(examples=[{"data": (1, 3, 1), "shape": (2, 3, 4)}, {"data": (2, 1), "shape": (0, 3)}])
def broadcast_to(xp, data, *, shape: Shape = ()):  # shape of the result; 0 keeps the size
    """Repeat axes of size 1 until the array has the given shape.

    ``shape`` has as many numbers as *data* has axes.
    """
    return _broadcast_copy(xp, data, _target(shape, data.shape))


def _target(shape, data_shape):
    return tuple(new or old for new, old in zip(shape, data_shape, strict=True))


@broadcast_to.infer
def _broadcast_to_shape(p, ins):
    shape, data = p["shape"], ins[0]
    if data is None:
        return ins, [shape if shape and 0 not in shape else None]
    if len(shape) != len(data):
        raise ShapeError(f"Shape inconsistent, cannot broadcast {data} to {shape}")
    for new, old in zip(shape, data, strict=True):
        if new and old not in (0, 1, new):
            raise ShapeError(f"Shape inconsistent, cannot broadcast {data} to {shape}")
    return ins, [_target(shape, data)]


broadcast_to.grad(data=lambda F, g, data_shape: F._sum_to(g, shape=data_shape))


@op(
    aliases=["broadcast_axes"],
    examples=[{"data": (1, 2, 1), "axis": (0, 2), "size": (3, 4)}],
)
def broadcast_axis(
    xp,
    data,
    *,
    axis: Shape = (),  # axes of size 1 to repeat
    size: Shape = (),  # how often, one number for each axis
):
    """Repeat the given axes, which have size 1."""
    return _broadcast_copy(xp, data, _with_sizes(data.shape, axis, size))


def _with_sizes(shape, axis, size):
    sizes = list(shape)
    for one, n in zip(axis, size, strict=True):
        sizes[rules.one_axis(one, len(shape))] = n
    return tuple(sizes)


@broadcast_axis.infer
def _broadcast_axis_shape(p, ins):
    axis, size = p["axis"], p["size"]
    if len(axis) != len(size):
        raise ShapeError(f"axis {axis} and size {size} differ in length")
    if ins[0] is None:
        return ins, [None]
    for one in axis:
        if ins[0][rules.one_axis(one, len(ins[0]))] not in (0, 1):
            raise ShapeError(f"Shape inconsistent, axis {one} of {ins[0]} has not size 1")
    return ins, [_with_sizes(ins[0], axis, size)]


broadcast_axis.grad(data=lambda F, g, data_shape: F._sum_to(g, shape=data_shape))


@op(
    dtype="first",
    examples=[
        {"lhs": (1, 3), "rhs": (2, 3)},
        {"lhs": (2, 1), "rhs": (5, 2, 7), "lhs_axes": (1,), "rhs_axes": (2,)},
    ],
)
def broadcast_like(
    xp,
    lhs,
    rhs,
    *,
    lhs_axes: Shape(optional=True) = None,  # axes of lhs to repeat; all without it
    rhs_axes: Shape(optional=True) = None,  # the axes of rhs whose sizes they take
):
    """Repeat axes of *lhs* until it has the shape, or the given sizes, of *rhs*."""
    shape = _like(lhs.shape, rhs.shape, lhs_axes, rhs_axes)
    return _broadcast_copy(xp, lhs, shape)


def _like(lhs, rhs, lhs_axes, rhs_axes):
    if lhs_axes is None or rhs_axes is None:
        return rhs
    return _with_sizes(lhs, lhs_axes, [rhs[rules.one_axis(a, len(rhs))] for a in rhs_axes])


@broadcast_like.infer
def _broadcast_like_shape(p, ins):
    lhs, rhs = ins
    if lhs is None or rhs is None:
        return ins, [None if rhs is None or p["lhs_axes"] is not None else rhs]
    if () in (p["lhs_axes"], p["rhs_axes"]):
        raise ParameterError("Empty axes tuple is not allowed")
    if any(lhs[rules.one_axis(a, len(lhs))] not in (0, 1) for a in p["lhs_axes"] or ()):
        raise ShapeError(f"Shape inconsistent, axes {p['lhs_axes']} of {lhs} have not size 1")
    shape = _like(lhs, rhs, p["lhs_axes"], p["rhs_axes"])
    if 0 not in lhs + shape and rules.broadcast(lhs, shape) != shape:
        raise ShapeError(f"Shape inconsistent, cannot broadcast {lhs} to {shape}")
    return ins, [shape]


broadcast_like.grad(lhs=lambda F, g, lhs_shape: F._sum_to(g, shape=lhs_shape))


# ---- Workbench's own ------------------------------------------------------------------------


@op("_sum_to", views=True, examples=[{"data": (2, 3, 4), "shape": (3, 1)}])
def sum_to(
    xp,
    data,
    *,
    shape: Shape,  # shape of the result, literally
    axes: Shape = (),  # axes to sum over; without it, whatever broadcasting had repeated
):
    """Undo ``_expand_to``, and broadcasting: sum until the array has the given shape."""
    if data.shape == shape:
        return data
    out = data.sum(axis=axes or _repeated(data.shape, shape))
    return out if out.shape == shape else out.reshape(shape)


@functools.lru_cache(maxsize=1024)
def _repeated(wide, shape):
    """The axes of *wide* that broadcasting *shape* to it had added or repeated."""
    extra = len(wide) - len(shape)
    return tuple(range(extra)) + tuple(
        i + extra for i, n in enumerate(shape) if n == 1 and wide[i + extra] != 1
    )


@op("_expand_to", views=True, examples=[{"data": (2, 4), "axes": (1,), "shape": (2, 3, 4)}])
def expand_to(
    xp,
    data,
    *,
    shape: Shape,  # shape of the result, literally
    axes: Shape = (),  # axes of the result that a reduction had removed
):
    """Undo a sum: repeat *data* along *axes* until it has the given shape."""
    if axes:
        data = data.reshape([1 if i in axes else n for i, n in enumerate(shape)])
    return data if data.shape == shape else xp.broadcast_to(data, shape)


sum_to.shape_rule = expand_to.shape_rule = lambda p, ins: (ins, [p["shape"]])
sum_to.grad(data=lambda F, g, data_shape, p: F._expand_to(g, shape=data_shape, axes=p["axes"]))
expand_to.grad(data=lambda F, g, data_shape, p: F._sum_to(g, shape=data_shape, axes=p["axes"]))


@op("_full_like", zero_grad=True, examples=[{"data": (2, 3), "shape": (3,), "value": 2.0}])
def full_like(xp, data, *, shape: Shape, value: Float = 0.0):
    """An array of one number with *data*'s dtype and device, of any shape."""
    return xp.full(shape, value, data.dtype)


full_like.shape_rule = expand_to.shape_rule
