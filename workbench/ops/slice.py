"""Parts of arrays along axes, and writing into them."""

from ..error import ShapeError
from . import rules
from .params import Bool, Float, Int, Shape
from .registry import op
from .storage import keeps_where


def _key(begin, end, step, rank):
    if len(begin) != len(end) or len(begin) > rank:
        raise ShapeError(f"slice: begin {begin} and end {end} do not fit {rank} axes")
    step = tuple(step) + (None,) * (len(begin) - len(step))
    return tuple(slice(*one) for one in zip(begin, end, step, strict=True))


def _sizes(key, shape):
    """The shape of ``x[key]`` for slices; 0 where the size is unknown."""
    sizes = list(shape)
    for i, one in enumerate(key):
        if one.step == 0:
            raise ShapeError("slice: step is 0")
        if shape[i]:
            sizes[i] = len(range(*one.indices(shape[i])))
            if not sizes[i]:
                raise ShapeError(f"slice: nothing between {one.start} and {one.stop} of {shape[i]}")
    return tuple(sizes)


def _slice_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    return ins, [_sizes(_key(p["begin"], p["end"], p["step"], len(ins[0])), ins[0])]


@op(
    "slice",
    aliases=["_npi_slice", "_npx_slice", "_sparse_slice", "crop"],
    views=True,
    infer=_slice_shape,
    storage=keeps_where(lambda p: all(one in (None, 1) for one in p["step"]), only="csr"),
    examples=[
        {"data": (4, 5), "begin": (1, None), "end": (3, 4)},
        {"data": (4, 5), "begin": (None, 4), "end": (None, None), "step": (2, -2)},
    ],
)
def slice_(
    xp,
    data,
    *,
    begin: Shape,  # first index along each of the leading axes; None for the end
    end: Shape,  # index after the last
    step: Shape = (),  # distance; negative to go backwards
):
    """``data[begin[0]:end[0]:step[0], ...]``."""
    return data[_key(begin, end, step, data.ndim)]


slice_.grad(
    data=lambda F, g, data_shape, p: F._getitem_backward(
        g, key=_key(p["begin"], p["end"], p["step"], len(data_shape)), shape=data_shape
    )
)


def _axis_key(p, rank):
    axis = rules.one_axis(p["axis"], rank)
    return (slice(None),) * axis + (slice(p["begin"], p["end"]),)


@op(
    views=True,
    infer=lambda p, ins: (
        ins,
        [None if ins[0] is None else _sizes(_axis_key(p, len(ins[0])), ins[0])],
    ),
    examples=[{"data": (3, 5), "axis": 1, "begin": 1, "end": -1}],
)
def slice_axis(
    xp,
    data,
    *,
    axis: Int,  # axis to cut
    begin: Int,  # first index
    end: Int(optional=True),  # index after the last; None for the end
):
    """The part from *begin* to *end* along one axis."""
    return data[_axis_key({"axis": axis, "begin": begin, "end": end}, data.ndim)]


slice_axis.grad(
    data=lambda F, g, data_shape, p: F._getitem_backward(
        g, key=_axis_key(p, len(data_shape)), shape=data_shape
    )
)


@op(
    dtype="first",
    views=True,
    examples=[
        {"data": (4, 5), "shape_like": (2, 3)},
        {"data": (4, 5), "shape_like": (7, 3), "axes": (1,)},
    ],
)
def slice_like(
    xp,
    data,
    shape_like,
    *,
    axes: Shape = (),  # axes to cut; all of them without it
):
    """The leading part of *data* that has the sizes of *shape_like*."""
    return data[_like_key(data.shape, shape_like.shape, axes)]


def _like_key(shape, like, axes):
    chosen = rules.axes_of(axes, len(shape))
    if not axes and len(shape) != len(like):
        raise ShapeError(f"slice_like: {shape} and {like} differ in rank")
    for a in chosen:
        if like[a] > shape[a]:
            raise ShapeError(f"slice_like: axis {a} of {shape} is shorter than that of {like}")
    return tuple(slice(like[i] if i in chosen else None) for i in range(len(shape)))


@slice_like.infer
def _slice_like_shape(p, ins):
    if ins[0] is None or ins[1] is None:
        return ins, [None]
    if 0 in ins[0] or 0 in ins[1]:
        chosen = rules.axes_of(p["axes"], len(ins[0]))
        return ins, [tuple(ins[1][i] if i in chosen else n for i, n in enumerate(ins[0]))]
    return ins, [_sizes(_like_key(ins[0], ins[1], p["axes"]), ins[0])]


slice_like.grad(
    data=lambda F, g, data_shape, shape_like_shape, p: F._getitem_backward(
        g, key=_like_key(data_shape, shape_like_shape, p["axes"]), shape=data_shape
    )
)


# ---- writing --------------------------------------------------------------------------------


def _region(p):
    return {name: p[name] for name in ("begin", "end", "step")}


@op(
    "_slice_assign",
    aliases=["_crop_assign", "_npi_slice_assign"],
    infer="like",
    examples=[{"lhs": (4, 5), "rhs": (2, 5), "begin": (1,), "end": (3,)}],
)
def slice_assign(xp, lhs, rhs, *, begin: Shape, end: Shape, step: Shape = ()):
    """A copy of *lhs* in which the part that ``slice`` would read is *rhs*."""
    made = lhs.copy()
    made[_key(begin, end, step, lhs.ndim)] = rhs
    return made


slice_assign.grad(
    lhs=lambda F, g, p: F._slice_assign_scalar(g, scalar=0.0, **_region(p)),
    rhs=lambda F, g, p: F.slice(g, **_region(p)),
)


@op(
    "_slice_assign_scalar",
    aliases=["_crop_assign_scalar", "_npi_slice_assign_scalar"],
    infer="same",
    examples=[{"data": (4, 5), "scalar": 2.0, "begin": (1,), "end": (3,)}],
)
def slice_assign_scalar(
    xp, data, *, scalar: Float = 0.0, begin: Shape, end: Shape, step: Shape = ()
):
    """A copy of *data* in which the part that ``slice`` would read is the number."""
    made = data.copy()
    made[_key(begin, end, step, data.ndim)] = scalar
    return made


slice_assign_scalar.grad(data=lambda F, g, p: F._slice_assign_scalar(g, scalar=0.0, **_region(p)))


# ---- splitting ------------------------------------------------------------------------------


@op(
    aliases=["split"],
    views=True,
    outputs=lambda p: p["num_outputs"],
    examples=[
        {"data": (2, 6), "num_outputs": 3},
        {"data": (2, 3, 4), "num_outputs": 2, "axis": 0, "squeeze_axis": True},
        {"data": (2, 6), "num_outputs": 1},
    ],
)
def SliceChannel(
    xp,
    data,
    *,
    num_outputs: Int(min=1),  # how many equal parts
    axis: Int = 1,  # the axis to cut
    squeeze_axis: Bool = False,  # drop the axis where the parts have size 1
):
    """Equal parts along an axis."""
    axis = rules.one_axis(axis, data.ndim)
    size = data.shape[axis] // num_outputs
    lead = (slice(None),) * axis
    if squeeze_axis:
        return tuple(data[(*lead, i)] for i in range(num_outputs))
    return tuple(data[(*lead, slice(i * size, (i + 1) * size))] for i in range(num_outputs))


@SliceChannel.infer
def _split_shape(p, ins):
    n, data = p["num_outputs"], ins[0]
    if data is None:
        return ins, [None] * n
    axis = rules.one_axis(p["axis"], len(data))
    if data[axis] % n or (p["squeeze_axis"] and data[axis] not in (0, n)):
        raise ShapeError(f"split: cannot cut axis {axis} of {data} into {n} equal parts")
    if p["squeeze_axis"]:
        return ins, [data[:axis] + data[axis + 1 :]] * n
    return ins, [(*data[:axis], data[axis] // n, *data[axis + 1 :])] * n


@SliceChannel.infer_from_outputs
def _split_from_outputs(p, ins, outs):
    """A part tells all sizes but the one along the axis, and that where it was not squeezed."""
    part = None
    for one in outs:
        part = rules.merge(part, one, "parts")
    if part is None:
        return ins
    axis = rules.one_axis(p["axis"], len(part) + p["squeeze_axis"])
    if p["squeeze_axis"]:
        whole = (*part[:axis], p["num_outputs"], *part[axis:])
    else:
        whole = (*part[:axis], part[axis] * p["num_outputs"], *part[axis + 1 :])
    return [rules.merge(ins[0], whole, "data")]


def _split_back(F, g, p):
    if p["squeeze_axis"]:
        return F.stack(*g, axis=p["axis"], num_args=len(g))
    return F.Concat(*g, dim=p["axis"], num_args=len(g))


SliceChannel.grad(data=_split_back)
