"""Padding, blocks, diagonals and pieces of arrays."""

from itertools import pairwise

from ..error import ParameterError, ShapeError, message
from . import rules
from .nn_conv import columns, out_size, uncolumns
from .params import Bool, Enum, Float, Int, Shape
from .registry import op

# ---- Pad -----------------------------------------------------------------------------------------


def _pairs(pad_width):
    return tuple(zip(pad_width[::2], pad_width[1::2], strict=True))


def _modes(mode, value):
    return {"mode": mode, "constant_values": value} if mode == "constant" else {"mode": mode}


@op(
    aliases=["pad"],
    examples=[
        {"data": (1, 2, 3, 3), "mode": mode, "pad_width": (0, 0, 0, 0, 1, 2, 2, 1)}
        for mode in ("constant", "edge", "reflect")
    ],
)
def Pad(
    xp,
    data,
    *,
    mode: Enum("constant", "edge", "reflect"),
    pad_width: Shape,  # how many elements before and after, for each axis
    constant_value: Float = 0.0,  # what constant adds
):
    """Elements added at both ends of each axis: a constant, the edge, or a mirror image.

    The array has 4 or 5 axes.
    """
    return xp.pad(data, _pairs(pad_width), **_modes(mode, constant_value))


@Pad.infer
def _pad_shape(p, ins):
    pairs = p["pad_width"]
    if ins[0] is None:
        return ins, [None]
    if len(ins[0]) not in (4, 5):
        raise ShapeError(f"Pad: arrays of 4 or 5 axes only, as in MXNet 1.9.1, got {ins[0]}")
    if len(pairs) != 2 * len(ins[0]):
        raise ShapeError(f"Pad: pad_width {pairs} needs two numbers for each axis of {ins[0]}")
    return ins, [tuple(n and n + a + b for n, (a, b) in zip(ins[0], _pairs(pairs), strict=True))]


def _pad_back(F, g, data_shape, p):
    return F._backward_Pad(g, mode=p["mode"], pad_width=p["pad_width"], shape=data_shape)


Pad.grad(data=_pad_back)


@op(
    "_backward_Pad",
    infer="given",
    examples=[
        {
            "data": (1, 1, 2, 5),
            "mode": mode,
            "pad_width": (0, 0, 0, 0, 0, 0, 1, 1),
            "shape": (1, 1, 2, 3),
        }
        for mode in ("constant", "edge", "reflect")
    ],
)
def backward_pad(
    xp, data, *, mode: Enum("constant", "edge", "reflect"), pad_width: Shape, shape: Shape
):
    """The gradient of Pad's data: what was copied from an element is added up."""
    inside = tuple(slice(a, a + n) for n, (a, _) in zip(shape, _pairs(pad_width), strict=True))
    if mode == "constant":
        return data[inside].copy()
    made = data
    for axis, (before, after) in enumerate(_pairs(pad_width)):
        if before or after:
            made = _fold(made, axis, before, after, shape[axis], mode)
    return made.copy() if made is data else made


def _fold(data, axis, before, after, size, mode):
    """Add what lies before and after the middle of one axis to where it was copied from."""
    lead = (slice(None),) * axis
    made = data[(*lead, slice(before, before + size))].copy()
    for i in range(before):
        source = 0 if mode == "edge" else before - i
        made[(*lead, source)] += data[(*lead, i)]
    for i in range(after):
        source = size - 1 if mode == "edge" else size - 2 - i
        made[(*lead, source)] += data[(*lead, before + size + i)]
    return made


backward_pad.grad(
    data=lambda F, g, p: F.Pad(g, mode=p["mode"], pad_width=p["pad_width"], constant_value=0.0)
)

# ---- depth and space -----------------------------------------------------------------------------


def _blocks(shape, size, deep):
    """Shape after moving blocks from depth (axis 1) into space, or back."""
    if len(shape) != 4:
        raise ShapeError(f"Shape inconsistent, 4 axes are expected, got {shape}")
    n, c, h, w = shape
    if deep:
        if c % (size * size):
            raise ShapeError(f"{c} channels cannot be cut into blocks of {size} × {size}")
        return n, c // (size * size), h * size, w * size
    if h % size or w % size:
        raise ShapeError(f"{h} × {w} cannot be cut into blocks of {size} × {size}")
    return n, c * size * size, h // size, w // size


def _refuse_empty(shape):
    if 0 in shape:
        raise ShapeError(f"Shape inconsistent, there are no blocks in an array of shape {shape}")


def _block_rule(deep):
    return lambda p, ins: (
        ins,
        [None if ins[0] is None else _blocks(ins[0], p["block_size"], deep)],
    )


@op(infer=_block_rule(True), examples=[{"data": (1, 8, 2, 3), "block_size": 2}])
def depth_to_space(xp, data, *, block_size: Int(min=1)):
    """Channels become blocks of places: (N, b² C, H, W) → (N, C, b H, b W)."""
    _refuse_empty(data.shape)
    b, (n, c, h, w) = block_size, data.shape
    parts = data.reshape(n, b, b, c // (b * b), h, w).transpose(0, 3, 4, 1, 5, 2)
    return parts.reshape(_blocks(data.shape, b, True))


@op(infer=_block_rule(False), examples=[{"data": (1, 2, 4, 6), "block_size": 2}])
def space_to_depth(xp, data, *, block_size: Int(min=1)):
    """Blocks of places become channels: (N, C, b H, b W) → (N, b² C, H, W)."""
    _refuse_empty(data.shape)
    b, (n, c, h, w) = block_size, data.shape
    parts = data.reshape(n, c, h // b, b, w // b, b).transpose(0, 3, 5, 1, 2, 4)
    return parts.reshape(_blocks(data.shape, b, False))


depth_to_space.grad(data=lambda F, g, p: F.space_to_depth(g, block_size=p["block_size"]))
space_to_depth.grad(data=lambda F, g, p: F.depth_to_space(g, block_size=p["block_size"]))

# ---- diag ----------------------------------------------------------------------------------------


@op(
    examples=[
        {"data": (3, 4), "k": 1},
        {"data": (3,), "k": -1},
        {"data": (2, 3, 4), "axis1": 0, "axis2": 2},
    ]
)
def diag(
    xp,
    data,
    *,
    k: Int = 0,  # which diagonal; positive above the main one
    axis1: Int = 0,  # axis of the rows
    axis2: Int = 1,  # axis of the columns
):
    """The diagonal of a matrix as the last axis, or the matrix with a vector on its diagonal."""
    if data.ndim == 1:
        return xp.diag(data, k)
    return xp.ascontiguousarray(xp.diagonal(data, k, axis1, axis2))


@diag.infer
def _diag_shape(p, ins):
    shape, k = ins[0], p["k"]
    if shape is None:
        return ins, [None]
    if len(shape) == 1:
        size = shape[0] and shape[0] + abs(k)
        return ins, [(size, size)]
    a, b = (rules.one_axis(p[name], len(shape)) for name in ("axis1", "axis2"))
    rest = tuple(n for i, n in enumerate(shape) if i not in (a, b))
    if not shape[a] or not shape[b]:
        return ins, [(*rest, 0)]
    rows, columns_ = shape[a] + min(k, 0), shape[b] - max(k, 0)
    if rows < 0 or columns_ < 0:
        raise ShapeError(f"Diagonal does not exist, number {k} of {(shape[a], shape[b])}")
    return ins, [(*rest, max(0, min(rows, columns_)))]


diag.grad(
    data=lambda F, g, data_shape, p: F._backward_diag(
        g, k=p["k"], axis1=p["axis1"], axis2=p["axis2"], shape=data_shape
    )
)


@op("_backward_diag", infer="given", examples=[{"data": (3,), "k": 1, "shape": (3, 4)}])
def backward_diag(xp, data, *, k: Int = 0, axis1: Int = 0, axis2: Int = 1, shape: Shape):
    """Zeros of *shape* with *data* where ``diag`` reads it."""
    if len(shape) == 1:
        return xp.ascontiguousarray(xp.diagonal(data, k))
    made = xp.zeros(shape, data.dtype)
    i = xp.arange(data.shape[-1])
    moved = xp.moveaxis(made, (axis1, axis2), (-2, -1))
    moved[..., i + max(-k, 0), i + max(k, 0)] = data
    return made


backward_diag.grad(data=lambda F, g, p: F.diag(g, k=p["k"], axis1=p["axis1"], axis2=p["axis2"]))

# ---- split_v2 ------------------------------------------------------------------------------------


def _starts(p, size):
    """Where each piece begins, and the end."""
    if p["sections"]:
        if size % p["sections"]:
            raise ShapeError(f"split_v2: cannot cut {size} into {p['sections']} equal parts")
        step = size // p["sections"]
        return [i * step for i in range(p["sections"])] + [size]
    return [*p["indices"], size]


def _pieces(p):
    return p["sections"] or len(p["indices"])


@op(
    "_split_v2",
    aliases=["_npi_split"],
    outputs=_pieces,
    views=True,
    examples=[
        {"data": (6, 4), "indices": (0, 2, 3), "axis": 0},
        {"data": (6, 4), "indices": (0,), "sections": 4, "axis": 1, "squeeze_axis": True},
    ],
)
def split_v2(
    xp,
    data,
    *,
    indices: Shape,  # where each piece begins
    axis: Int = 1,  # axis to cut
    squeeze_axis: Bool = False,  # drop the axis where the pieces have size 1
    sections: Int = 0,  # how many equal parts, instead of indices
):
    """Pieces of an array along an axis."""
    axis = rules.one_axis(axis, data.ndim)
    starts = _starts({"indices": indices, "sections": sections}, data.shape[axis])
    lead = (slice(None),) * axis
    parts = [data[(*lead, slice(a, b))] for a, b in pairwise(starts)]
    return tuple(part.squeeze(axis) if squeeze_axis else part for part in parts)


@split_v2.infer
def _split_v2_shape(p, ins):
    data, count = ins[0], _pieces(p)
    if data is None:
        return ins, [None] * count
    axis = rules.one_axis(p["axis"], len(data))
    rest = data[axis + 1 :]
    if not data[axis]:
        kept = () if p["squeeze_axis"] else (0,)
        return ins, [(*data[:axis], *kept, *rest)] * count
    starts = _starts(p, data[axis])
    sizes = [b - a for a, b in pairwise(starts)]
    if min(sizes) < 0 or (p["squeeze_axis"] and set(sizes) != {1}):
        raise ShapeError(f"split_v2: cannot cut axis {axis} of {data} at {p['indices']}")
    return ins, [(*data[:axis], *(() if p["squeeze_axis"] else (size,)), *rest) for size in sizes]


def _split_v2_back(F, g, p):
    if p["squeeze_axis"]:
        return F.stack(*g, axis=p["axis"], num_args=len(g))
    return F.Concat(*g, dim=p["axis"], num_args=len(g))


split_v2.grad(data=_split_v2_back)

# ---- columns -----------------------------------------------------------------------------------


def _window(kernel, stride, dilate, pad):
    rank = len(kernel)
    return kernel, stride or (1,) * rank, dilate or (1,) * rank, pad or (0,) * rank


_WINDOW = ("kernel", "stride", "dilate", "pad")


def _columns_shape(p, ins):
    data = ins[0]
    if data is None:
        return ins, [None]
    if len(data) != 4:
        raise ShapeError(f"im2col: 4 axes are expected, got {data}")
    window = _window(*(p[name] for name in _WINDOW))
    places = [out_size(*one) for one in zip(data[2:], *window, strict=True)]
    taps = rules.prod(p["kernel"])
    return ins, [(data[0], data[1] * taps, rules.prod(places))]


@op(infer=_columns_shape, examples=[{"data": (2, 2, 5, 5), "kernel": (2, 3), "pad": (1, 0)}])
def im2col(xp, data, *, kernel: Shape, stride: Shape = (), dilate: Shape = (), pad: Shape = ()):
    """What each tap of a kernel sees: (N, C, H, W) → (N, C · kh · kw, places)."""
    cols = columns(xp, data, *_window(kernel, stride, dilate, pad))
    taps = cols.shape[0] * rules.prod(kernel)
    return xp.ascontiguousarray(cols.reshape(taps, data.shape[0], -1).swapaxes(0, 1))


@op(examples=[{"data": (2, 8, 9), "output_size": (4, 4), "kernel": (2, 2)}])
def col2im(
    xp,
    data,
    *,
    output_size: Shape,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
):
    """The sum of what each tap has: (N, C · kh · kw, places) → (N, C, H, W)."""
    window = _window(kernel, stride, dilate, pad)
    places = [out_size(*one) for one in zip(output_size, *window, strict=True)]
    n, channels = data.shape[0], data.shape[1] // rules.prod(kernel)
    cols = data.swapaxes(0, 1).reshape((channels, *kernel, n, *places))
    return uncolumns(xp, cols, output_size, *window)


@col2im.infer
def _col2im_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    if ins[0][1] % rules.prod(p["kernel"]):
        raise ParameterError(message(f"col2im: {ins[0][1]} rows for kernel {p['kernel']}"))
    return ins, [(ins[0][0], ins[0][1] // rules.prod(p["kernel"]), *p["output_size"])]


im2col.grad(
    data=lambda F, g, data_shape, p: F.col2im(
        g, output_size=data_shape[2:], **{name: p[name] for name in _WINDOW}
    )
)
col2im.grad(data=lambda F, g, p: F.im2col(g, **{name: p[name] for name in _WINDOW}))
