"""The numbers of elements: flat ones, one for each axis, and counted along an array."""

import functools

from ..error import ShapeError
from . import rules
from .params import Float, Int, Shape
from .registry import op


def _given_shape(p):
    if not p["shape"]:
        raise ShapeError("Empty shape parameter")
    return p["shape"]


@op(
    "_ravel_multi_index",
    aliases=["ravel_multi_index"],
    zero_grad=True,
    examples=[{"data": ([[0, 2, 1], [3, 0, 2]],), "shape": (3, 4)}],
)
def ravel_multi_index(
    xp,
    data,
    *,
    shape: Shape = (),  # of the array whose elements are numbered
):
    """Flat numbers of elements from one row of *data* for each axis: (axes, M) → (M,)."""
    rows = data.astype("int64")
    out = functools.reduce(lambda flat, i: flat * shape[i] + rows[i], range(1, len(shape)), rows[0])
    return out.astype(data.dtype)


@ravel_multi_index.infer
def _ravel_shape(p, ins):
    shape = _given_shape(p)
    if ins[0] is None:
        return ins, [None]
    if len(ins[0]) != 2:
        raise ShapeError(f"Input to ravel operator must be two-dimensional, got {ins[0]}")
    rules.merge(ins[0], (len(shape), 0), "data and shape")
    return ins, [ins[0][1:]]


@op(
    "_unravel_index",
    aliases=["unravel_index"],
    zero_grad=True,
    infer=lambda p, ins: (ins, [None if ins[0] is None else (len(_given_shape(p)), *ins[0])]),
    examples=[{"data": ([5, 11, 0],), "shape": (3, 4)}, {"data": ([[7, 1]],), "shape": (2, 2, 3)}],
)
def unravel_index(
    xp,
    data,
    *,
    shape: Shape = (),  # of the array whose elements are numbered
):
    """The place along each axis of elements given by flat numbers: (M...) → (axes, M...).

    The first axis takes what is left, so that its size does not matter.
    """
    places, left = [], data.astype("int64")
    for size in shape[:0:-1]:
        whole = xp.trunc(left / size).astype("int64")
        places.append(left - whole * size)
        left = whole
    return xp.stack([left, *places[::-1]]).astype(data.dtype)


@op(
    "_contrib_index_array",
    zero_grad=True,
    dtype=lambda p, ins, n: (ins, ["int64"]),
    examples=[{"data": (2, 3)}, {"data": (2, 3, 2), "axes": (2, 0)}],
)
def index_array(
    xp,
    data,
    *,
    axes: Shape(optional=True) = None,  # which axes; all of them without it
):
    """The place of every element along the axes, as a new last axis: (...) → (..., axes), int64."""
    chosen = range(data.ndim) if axes is None else [axis % data.ndim for axis in axes]
    out = xp.empty((*data.shape, len(chosen)), "int64")
    for i, axis in enumerate(chosen):
        out[..., i] = xp.arange(data.shape[axis]).reshape(
            [-1 if other == axis else 1 for other in range(data.ndim)]
        )
    return out


@index_array.infer
def _index_array_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    return ins, [(*ins[0], len(ins[0] if p["axes"] is None else p["axes"]))]


@op(
    "_contrib_arange_like",
    aliases=["_npx_arange_like"],
    zero_grad=True,
    examples=[
        {"data": (2, 3), "start": 1.0, "step": 0.5},
        {"data": (4, 2), "axis": 0, "repeat": 2},
    ],
)
def arange_like(
    xp,
    data,
    *,
    start: Float = 0.0,  # first value
    step: Float = 1.0,  # distance of neighbours
    repeat: Int(min=1) = 1,  # how often each value comes
    axis: Int(optional=True) = None,  # count along this axis; through the whole array without it
):
    """``start, start + step, ...`` in the shape of *data*, or as long as one of its axes."""
    shape = data.shape if axis is None else (data.shape[axis],)
    count = xp.arange(rules.prod(shape)) // repeat
    return (start + step * count.astype("float64")).astype(data.dtype).reshape(shape)


@arange_like.infer
def _arange_like_shape(p, ins):
    if ins[0] is None or p["axis"] is None:
        return ins, [ins[0]]
    return ins, [(ins[0][rules.one_axis(p["axis"], len(ins[0]))],)]


#: MXNet's parameter ctx: the result lies where *data* does
arange_like.extra_params = ("ctx",)
