"""The same elements in another shape or order."""

from ..error import ParameterError, ShapeError
from . import rules
from .params import Bool, Int, Shape
from .registry import op


@op("_reshape_to", views=True, examples=[{"data": (2, 6), "shape": (3, 4)}])
def reshape_to(xp, data, *, shape: Shape):
    """*data* in exactly this shape; the gradient of everything that reshapes."""
    return data.reshape(shape)


reshape_to.shape_rule = lambda p, ins: (ins, [p["shape"]])


def _back(F, g, data_shape):
    return F._reshape_to(g, shape=data_shape)


reshape_to.grad(data=_back)


# ---- Reshape --------------------------------------------------------------------------------


@op(
    aliases=["reshape"],
    views=True,
    examples=[
        {"data": (2, 3, 4), "shape": (6, 4)},
        {"data": (2, 3, 4), "shape": (0, -1)},
        {"data": (2, 3, 4), "shape": (-4, 1, 2, -2)},
        {"data": (2, 3, 4), "shape": (-3, 0), "reverse": True},
    ],
)
def Reshape(
    xp,
    data,
    *,
    shape: Shape = (),  # sizes and codes, see above
    reverse: Bool = False,  # match sizes and codes from the right
    target_shape: Shape = (),  # the parameter of old files; 0 keeps a size
    keep_highest: Bool = False,  # with target_shape: keep the first size
):
    """The same elements in the same order in another shape.

    A size may be a code: 0 keeps the size in that place, -1 takes what is left (once),
    -2 keeps all remaining sizes, -3 joins two, -4 splits one into the two that follow.
    """
    return data.reshape(_reshaped(data.shape, shape, reverse, target_shape, keep_highest))


@Reshape.infer_from_outputs
def _reshape_from_output(p, ins, outs):
    """The one unknown size of the input, where the output is known: elements are as many."""
    (data,), (out,) = ins, outs
    if data is None or data.count(0) != 1 or not out or 0 in out:
        return ins
    rest = rules.prod(n for n in data if n)
    size, left = divmod(rules.prod(out), rest)
    return ins if left else [tuple(n or size for n in data)]


def _reshaped(data, shape, reverse, target_shape, keep_highest):
    if not shape and target_shape:
        first = data[:1] if keep_highest else target_shape[:1]
        sizes = first + target_shape[1:]
        shape = tuple(n or -1 for n in sizes) if 0 in sizes else sizes
        return fill(shape, data)
    if not shape:
        return data
    if reverse:
        return fill(decode(shape[::-1], data[::-1])[::-1], data)
    return fill(decode(shape, data), data)


def decode(codes, data):
    """Sizes for the codes of Reshape; -1 where the size is still to be filled in.

    >>> decode((-3, -4, 2, -1), (2, 3, 8))
    (6, 2, 4)
    """
    sizes, at, i = [], 0, 0

    def take():
        nonlocal at
        if at >= len(data):
            raise ShapeError(f"reshape: {codes} asks for more axes than {data} has")
        at += 1
        return data[at - 1]

    while i < len(codes):
        code = codes[i]
        i += 1
        if code == 0:
            sizes.append(take())
        elif code == -1 or code > 0:
            sizes.append(code)
            at += 1
        elif code == -2:
            sizes.extend(data[at:])
            at = max(at, len(data))
        elif code == -3:
            sizes.append(take() * take())
        elif code == -4:
            pair = codes[i : i + 2]
            i += 2
            sizes.extend(_split(take(), pair))
        else:
            raise ShapeError(f"reshape: unknown code {code} in {codes}")
    return tuple(sizes)


def _split(size, pair):
    if len(pair) != 2 or pair.count(-1) > 1 or any(n < -1 or n == 0 for n in pair):
        raise ShapeError(f"reshape: -4 must be followed by two sizes, got {pair}")
    if not size:
        return tuple(max(n, 0) for n in pair)
    known = pair[0] if pair[1] == -1 else pair[1]
    pair = tuple(size // known if n == -1 else n for n in pair)
    if pair[0] * pair[1] != size:
        raise ShapeError(f"reshape: cannot split {size} into {pair}")
    return pair


def fill(sizes, data):
    """Replace the one -1 by the size that is left; ShapeError when the sizes do not fit."""
    total, known = rules.prod(data), rules.prod([n for n in sizes if n != -1])
    if sizes.count(-1) > 1:
        raise ShapeError(f"reshape: more than one -1 in {sizes}")
    if -1 in sizes:
        if known == 0 or total % known:
            raise ShapeError(f"reshape: cannot reshape {data} to {sizes}")
        return tuple(total // known if n == -1 else n for n in sizes)
    if known != total:
        raise ShapeError(f"reshape: cannot reshape {data} to {sizes}")
    return sizes


@Reshape.infer
def _reshape_shape(p, ins):
    data, shape = ins[0], p["shape"]
    if data is None or 0 in data:
        return ins, [_reshaped_partly(data, shape, p)]
    rest = (p["reverse"], p["target_shape"], p["keep_highest"])
    return ins, [_reshaped(data, shape, *rest)]


def _reshaped_partly(data, shape, p):
    """What can be told of the result when sizes of *data* are unknown (or the array is empty)."""
    if not shape:
        return data if not p["target_shape"] else p["target_shape"]
    if all(n > 0 for n in shape):
        return shape
    if data is None or p["reverse"]:
        return None
    sizes = list(decode(shape, data))
    if -1 not in sizes or 0 in [n for n in sizes if n != -1]:
        return tuple(max(n, 0) for n in sizes)
    rest = list(data)
    for n in sizes:
        if n in rest:
            rest.remove(n)
    unknown = 0 in rest
    return tuple((0 if unknown else rules.prod(rest)) if n == -1 else n for n in sizes)


Reshape.grad(data=_back)


@op(
    examples=[{"lhs": (2, 6), "rhs": (3, 4)}],
    aliases=["_npx_reshape_like"],
    dtype="first",
    views=True,
)
def reshape_like(
    xp,
    lhs,
    rhs,
    *,
    lhs_begin: Int(optional=True) = None,  # first axis of lhs to replace
    lhs_end: Int(optional=True) = None,  # axis after the last one to replace
    rhs_begin: Int(optional=True) = None,  # first axis of rhs whose size is taken
    rhs_end: Int(optional=True) = None,  # axis after the last one
):
    """*lhs* in the shape of *rhs*, or with some of its axes replaced by some of *rhs*'s."""
    bounds = (lhs_begin, lhs_end, rhs_begin, rhs_end)
    return lhs.reshape(_shape_like(lhs.shape, rhs.shape, *bounds))


def _shape_like(lhs, rhs, lhs_begin, lhs_end, rhs_begin, rhs_end):
    a, b, _ = slice(lhs_begin, lhs_end).indices(len(lhs))
    c, d, _ = slice(rhs_begin, rhs_end).indices(len(rhs))
    shape = lhs[:a] + rhs[c:d] + lhs[b:]
    if rules.prod(shape) != rules.prod(lhs) and 0 not in lhs + rhs:
        raise ShapeError(f"Shape inconsistent, cannot reshape {lhs} to {shape}")
    return shape


@reshape_like.infer
def _reshape_like_shape(p, ins):
    lhs, rhs = ins
    if rhs is None or lhs is None:
        return ins, [None]
    return ins, [_shape_like(lhs, rhs, p["lhs_begin"], p["lhs_end"], p["rhs_begin"], p["rhs_end"])]


reshape_like.grad(lhs=lambda F, g, lhs_shape: F._reshape_to(g, shape=lhs_shape))


@op(aliases=["_npx_batch_flatten", "flatten"], views=True, examples=[{"data": (2, 3, 4)}])
def Flatten(xp, data):
    """All axes but the first as one: (N, ...) → (N, K)."""
    return data.reshape(_flat(data.shape))


def _flat(shape):
    return (*shape[:1], rules.prod(shape[1:]))


Flatten.shape_rule = lambda p, ins: (ins, [None if ins[0] is None else _flat(ins[0])])
Flatten.grad(data=_back)


@op(
    aliases=["_npi_expand_dims"],
    views=True,
    examples=[{"data": (2, 3), "axis": 1}, {"data": (2, 3), "axis": -1}],
)
def expand_dims(xp, data, *, axis: Int):  # where the new axis shall be
    """A new axis of size 1."""
    return data.reshape(_expanded(data.shape, axis))


def _expanded(shape, axis):
    axis = rules.one_axis(axis, len(shape) + 1)
    return (*shape[:axis], 1, *shape[axis:])


expand_dims.shape_rule = lambda p, ins: (
    ins,
    [None if ins[0] is None else _expanded(ins[0], p["axis"])],
)
expand_dims.grad(data=_back)


@op(views=True, examples=[{"data": (1, 3, 1)}, {"data": (1, 3, 1), "axis": 0}])
def squeeze(
    xp,
    data,
    *,
    axis: Shape(optional=True) = None,  # axes to drop; all of size 1 without it
):
    """Drop axes of size 1; what would become a scalar keeps shape (1,)."""
    return data.reshape(_squeezed(data.shape, axis))


def _squeezed(shape, axis):
    if axis is None:
        return tuple(n for n in shape if n != 1) or (1,)
    axes = [rules.one_axis(a, len(shape)) for a in axis]
    if len(set(axes)) != len(axes):
        raise ShapeError(f"squeeze: duplicate axes in {axis}")
    for a in axes:
        if shape[a] not in (0, 1):
            raise ShapeError(f"squeeze: axis {a} of {shape} has not size 1")
    return tuple(n for i, n in enumerate(shape) if i not in axes) or (1,)


@squeeze.infer
def _squeeze_shape(p, ins):
    if ins[0] is None or (p["axis"] is None and 0 in ins[0]):
        return ins, [None]
    return ins, [_squeezed(ins[0], p["axis"])]


squeeze.grad(data=_back)


# ---- order ----------------------------------------------------------------------------------


@op(views=True, examples=[{"data": (2, 3, 4)}, {"data": (2, 3, 4), "axes": (1, 0, 2)}])
def transpose(xp, data, *, axes: Shape = ()):  # the order of the axes; reversed without it
    """The axes in another order."""
    return data.transpose(_order(axes, data.ndim))


def _order(axes, rank):
    order = tuple(axes) or tuple(range(rank))[::-1]
    if sorted(order) != list(range(rank)):
        raise ShapeError(f"transpose: {axes} is no order of {rank} axes")
    return order


@transpose.infer
def _transpose_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    return ins, [tuple(ins[0][a] for a in _order(p["axes"], len(ins[0])))]


@transpose.infer_from_outputs
def _transpose_from_output(p, ins, outs):
    (out,) = outs
    if out is None:
        return ins
    order = _order(p["axes"], len(out))
    return [rules.merge(ins[0], tuple(out[order.index(i)] for i in range(len(order))))]


def _transpose_back(F, g, data_shape, p):
    order = _order(p["axes"], len(data_shape))
    return F.transpose(g, axes=tuple(order.index(i) for i in range(len(order))))


transpose.grad(data=_transpose_back)


@op(
    aliases=["_npi_swapaxes", "swapaxes"],
    views=True,
    examples=[{"data": (2, 3, 4), "dim1": 0, "dim2": 2}],
)
def SwapAxis(xp, data, *, dim1: Int = 0, dim2: Int = 0):
    """Two axes exchanged."""
    return data.swapaxes(dim1, dim2)


@SwapAxis.infer
def _swap_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    shape = list(ins[0])
    a, b = (rules.one_axis(p[name], len(shape)) for name in ("dim1", "dim2"))
    shape[a], shape[b] = shape[b], shape[a]
    return ins, [tuple(shape)]


SwapAxis.grad(data=lambda F, g, p: F.SwapAxis(g, dim1=p["dim1"], dim2=p["dim2"]))


@op(aliases=["flip"], views=True, examples=[{"data": (2, 3, 4), "axis": (0, 2)}])
def reverse(xp, data, *, axis: Shape):  # axes to turn round
    """The elements along the given axes in reverse order."""
    return data[tuple(slice(None, None, -1 if i in axis else 1) for i in range(data.ndim))]


@reverse.infer
def _reverse_shape(p, ins):
    if ins[0] is not None and not all(0 <= a < len(ins[0]) for a in p["axis"]):
        raise ShapeError(f"reverse: axis {p['axis']} is out of range for {len(ins[0])} dimensions")
    return ins, [ins[0]]


reverse.grad(data=lambda F, g, p: F.reverse(g, axis=p["axis"]))


# ---- repetition -----------------------------------------------------------------------------


@op(aliases=["_npi_tile"], examples=[{"data": (2, 3), "reps": (2, 1, 2)}])
def tile(xp, data, *, reps: Shape):  # how often along each axis, right-aligned
    """The whole array, repeated along its axes."""
    return xp.tile(data, reps)


def _aligned(shape, reps):
    rank = max(len(shape), len(reps))
    return (1,) * (rank - len(shape)) + shape, (1,) * (rank - len(reps)) + reps


@tile.infer
def _tile_shape(p, ins):
    if any(n < 1 for n in p["reps"]):
        raise ParameterError(f"invalid reps={p['reps']}, dim size must be positive")
    if ins[0] is None:
        return ins, [None]
    return ins, [tuple(n * r for n, r in zip(*_aligned(ins[0], p["reps"]), strict=True))]


def _tile_back(F, g, data_shape, p):
    shape, reps = _aligned(data_shape, p["reps"])
    pairs = tuple(x for pair in zip(reps, shape, strict=True) for x in pair)
    axes = tuple(range(0, len(pairs), 2))
    return F._sum_to(F._reshape_to(g, shape=pairs), shape=data_shape, axes=axes)


tile.grad(data=_tile_back)


@op(
    aliases=["_np_repeat"],
    examples=[{"data": (2, 3), "repeats": 2}, {"data": (2, 3), "repeats": 3, "axis": 1}],
)
def repeat(
    xp,
    data,
    *,
    repeats: Int(min=0),  # how often each element comes
    axis: Int(optional=True) = None,  # the axis; without it the array is flattened first
):
    """Each element repeated."""
    return xp.repeat(data, repeats, axis=axis)


@repeat.infer
def _repeat_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    if p["axis"] is None:
        return ins, [(rules.prod(ins[0]) * p["repeats"],)]
    axis = rules.one_axis(p["axis"], len(ins[0]))
    return ins, [tuple(n * p["repeats"] if i == axis else n for i, n in enumerate(ins[0]))]


def _repeat_back(F, g, data_shape, p):
    if p["axis"] is not None and rules.one_axis(p["axis"], len(data_shape)) == len(data_shape) - 1:
        return F._sum_blocks(g, across=p["repeats"])
    axis = len(data_shape) if p["axis"] is None else rules.one_axis(p["axis"], len(data_shape)) + 1
    spread = (*data_shape[:axis], p["repeats"], *data_shape[axis:])
    return F._sum_to(F._reshape_to(g, shape=spread), shape=data_shape, axes=(axis,))


repeat.grad(data=_repeat_back)


# ---- facts about arrays ---------------------------------------------------------------------


@op(
    aliases=["_npx_shape_array"],
    zero_grad=True,
    infer=lambda p, ins: (ins, [None if ins[0] is None else (len(ins[0]),)]),
    dtype=lambda p, ins, n: (ins, ["int64"]),
    examples=[{"data": (3, 4)}],
)
def shape_array(xp, data):
    """The sizes of *data* as an array of int64."""
    return xp.asarray(data.shape, dtype="int64")


@op(
    zero_grad=True,
    infer=lambda p, ins: (ins, [(1,)]),
    dtype=lambda p, ins, n: (ins, ["int64"]),
    examples=[{"data": (3, 4)}],
)
def size_array(xp, data):
    """The number of elements of *data* as an array of int64."""
    return xp.asarray([data.size], dtype="int64")
