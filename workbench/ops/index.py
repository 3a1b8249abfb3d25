"""Reading and writing at places that arrays of numbers name.

Indices may be of any dtype; floats are cut to whole numbers first.
"""

from ..error import IndexOutOfRange, ShapeError, message
from . import rules
from .params import Bool, DType, Enum, Float, Int, Shape
from .registry import op
from .storage import Storage


def places_of(xp, indices, size, mode):
    """Indices as int64 within 0 .. size - 1."""
    indices = indices.astype("int64")
    if mode == "clip":
        return xp.minimum(xp.maximum(indices, 0), max(size - 1, 0))  # half of what xp.clip takes
    if mode == "wrap":
        return indices % max(size, 1)
    if indices.size and (int(indices.min()) < 0 or int(indices.max()) >= size):
        raise IndexOutOfRange(
            message(
                f"take: an index is out of range 0 .. {size - 1}",
                fix="Use mode='clip' or mode='wrap', or correct the indices.",
            )
        )
    return indices


# ---- take, Embedding ------------------------------------------------------------------------


@op(
    aliases=["_npi_take"],
    dtype="first",
    storage=Storage(lambda p, s: "csr" if s[0] == "csr" and p["axis"] == 0 else "default"),
    examples=[
        {"a": (4, 3), "indices": ("int", 4, (2, 5))},
        {"a": (4, 3), "indices": ("int", 9, (2,)), "axis": 1, "mode": "wrap"},
    ],
)
def take(
    xp,
    a,
    indices,
    *,
    axis: Int = 0,  # axis to read along
    mode: Enum("clip", "raise", "wrap") = "clip",  # what an index out of range means
):
    """Slices of *a* at *indices* along an axis: their shape takes the place of that axis."""
    return xp.take(a, places_of(xp, indices, a.shape[axis], mode), axis=axis)


@take.infer
def _take_shape(p, ins):
    a, indices = ins
    if a is None or indices is None:
        return ins, [None]
    axis = rules.one_axis(p["axis"], len(a))
    return ins, [(a[:axis] + indices + a[axis + 1 :]) or (1,)]


take.grad(
    a=lambda F, g, indices, a_shape, p: F._backward_take(
        g, indices, axis=p["axis"], mode=p["mode"], shape=a_shape
    )
)


@op(
    "_backward_take",
    dtype="first",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[{"data": (2, 5, 3), "indices": ("int", 4, (2, 5)), "shape": (4, 3)}],
)
def backward_take(
    xp, data, indices, *, axis: Int = 0, mode: Enum("clip", "raise", "wrap") = "clip", shape: Shape
):
    """Zeros of *shape* with the slices of *data* added where ``take`` would read them."""
    axis = rules.one_axis(axis, len(shape))
    places = places_of(xp, indices, shape[axis], mode).reshape(-1)
    out = xp.zeros(shape, data.dtype)
    lead, rest = rules.prod(shape[:axis]), rules.prod(shape[axis + 1 :])
    flat = out.reshape(lead, shape[axis], rest)
    add_at(xp, flat.swapaxes(0, 1), places, data.reshape(lead, places.size, rest).swapaxes(0, 1))
    return out


def add_at(xp, out, places, values):
    """``out[places] += values`` along the first axis, where places may repeat."""
    if not places.size:
        return
    order = xp.argsort(places, kind="stable")
    sorted_places = places[order]
    first = xp.concatenate([xp.ones(1, dtype="bool"), sorted_places[1:] != sorted_places[:-1]])
    if bool(first.all()):
        out[places] += values
        return
    xp.add.at(out, places, values)


backward_take.grad(data=lambda F, g, indices, p: F.take(g, indices, axis=p["axis"], mode=p["mode"]))


@op(
    aliases=["_npx_embedding", "_sparse_Embedding"],
    dtype=lambda p, ins, n: ([ins[0], ins[1] or p["dtype"]], [ins[1] or p["dtype"]]),
    examples=[{"data": ("int", 5, (2, 3)), "weight": (5, 4), "input_dim": 5, "output_dim": 4}],
)
def Embedding(
    xp,
    data,
    weight,
    *,
    input_dim: Int(min=1),  # how many rows the table has
    output_dim: Int(min=1),  # how long a row is
    dtype: DType = "float32",  # dtype of the table
    sparse_grad: Bool = False,  # a row_sparse gradient of the table
):
    """Rows of a table: (...) indices × (input_dim, output_dim) → (..., output_dim).

    Indices out of range read the nearest row.
    """
    return xp.take(weight, places_of(xp, data, input_dim, "clip"), axis=0)


@Embedding.infer
def _embedding_shape(p, ins):
    weight = rules.merge(ins[1], (p["input_dim"], p["output_dim"]))
    return [ins[0], weight], [None if ins[0] is None else (*ins[0], p["output_dim"])]


Embedding.grad(
    weight=lambda F, g, data, weight_shape: F._backward_take(g, data, shape=weight_shape)
)


# ---- pick, one_hot, batch_take --------------------------------------------------------------


@op(
    aliases=["_npx_pick", "choose_element_0index"],
    dtype="first",
    examples=[
        {"data": (3, 4), "index": ("int", 4, (3,))},
        {"data": (3, 4), "index": ("int", 3, (1, 4)), "axis": 0, "keepdims": True},
    ],
)
def pick(
    xp,
    data,
    index,
    *,
    axis: Int(optional=True) = -1,  # axis to pick from; None reads the flat array
    keepdims: Bool = False,  # keep that axis, with size 1
    mode: Enum("clip", "wrap") = "clip",  # what an index out of range means
):
    """One element along *axis* for each place: ``out[i] = data[i, index[i]]``."""
    if axis is None:
        places = places_of(xp, index, data.size, mode)
        return data.reshape(-1)[places]
    axis = rules.one_axis(axis, data.ndim)
    kept = _with_one(data.shape, axis)
    places = places_of(xp, index, data.shape[axis], mode)
    if axis == data.ndim - 1:
        out = data.reshape(-1)[_in_rows(xp, places, data.shape)].reshape(kept)
    else:
        out = xp.take_along_axis(data, places.reshape(kept), axis)
    return out if keepdims else out.reshape((kept[:axis] + kept[axis + 1 :]) or (1,))


def _in_rows(xp, places, shape):
    """Where the places, one in each row along the last axis, lie in the flat array."""
    width = shape[-1]
    return places.reshape(-1) + xp.arange(0, rules.prod(shape), width or 1)


def _with_one(shape, axis):
    return (*shape[:axis], 1, *shape[axis + 1 :])


@pick.infer
def _pick_shape(p, ins):
    data, index = ins
    if data is None:
        return ins, [None]
    if p["axis"] is None:
        return ins, [index]
    axis = rules.one_axis(p["axis"], len(data))
    kept, dropped = _with_one(data, axis), (data[:axis] + data[axis + 1 :]) or (1,)
    if index is not None:
        rules.merge(index, kept if len(index) == len(data) else dropped, "data and index")
    return [data, index or (kept if p["keepdims"] else dropped)], [
        kept if p["keepdims"] else dropped
    ]


pick.grad(
    data=lambda F, g, index, data_shape, p: F._backward_pick(
        g, index, axis=p["axis"], mode=p["mode"], shape=data_shape
    )
)


@op(
    "_backward_pick",
    dtype="first",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[{"data": (3,), "index": ("int", 4, (3,)), "shape": (3, 4)}],
)
def backward_pick(
    xp,
    data,
    index,
    *,
    axis: Int(optional=True) = -1,
    mode: Enum("clip", "wrap") = "clip",
    shape: Shape,
):
    """Zeros of *shape* with *data* where ``pick`` would read it."""
    if axis is None:
        flat = xp.zeros(rules.prod(shape), data.dtype)
        places = places_of(xp, index, flat.size, mode).reshape(-1)
        xp.add.at(flat, places, data.reshape(-1))
        return flat.reshape(shape)
    axis = rules.one_axis(axis, len(shape))
    kept = _with_one(shape, axis)
    places = places_of(xp, index, shape[axis], mode)
    if axis == len(shape) - 1:
        flat = xp.zeros(rules.prod(shape), data.dtype)
        flat[_in_rows(xp, places, shape)] = data.reshape(-1)
        return flat.reshape(shape)
    places = places.reshape(kept)
    count = xp.arange(shape[axis]).reshape([-1 if i == axis else 1 for i in range(len(shape))])
    return (count == places) * data.reshape(kept)


backward_pick.grad(
    data=lambda F, g, index, data_shape, p: F._reshape_to(
        F.pick(g, index, axis=p["axis"], mode=p["mode"]), shape=data_shape
    )
)


@op(
    aliases=["_npx_one_hot"],
    zero_grad=True,
    infer=lambda p, ins: (ins, [None if ins[0] is None else (*ins[0], p["depth"])]),
    dtype=lambda p, ins, n: (ins, [p["dtype"]]),
    examples=[{"indices": ("int", 4, (2, 3)), "depth": 4}],
)
def one_hot(
    xp,
    indices,
    *,
    depth: Int(min=0),  # length of the new axis
    on_value: Float = 1.0,  # value at the index
    off_value: Float = 0.0,  # value elsewhere
    dtype: DType = "float32",
):
    """A new last axis, *on_value* at the index and *off_value* elsewhere; the gradient is zero."""
    hit = indices.astype("int64")[..., None] == xp.arange(depth)
    if on_value == 1 and off_value == 0:
        return hit.astype(dtype)
    return xp.where(hit, on_value, off_value).astype(dtype)


@op(dtype="first", examples=[{"a": (3, 4), "indices": ("int", 4, (3,))}])
def batch_take(xp, a, indices):
    """``out[i] = a[i, indices[i]]``: (N, K), (N,) → (N,)."""
    return pick.body(xp, a, indices)


batch_take.shape_rule = lambda p, ins: (ins, [ins[1]])
batch_take.grad(a=lambda F, g, indices, a_shape: F._backward_pick(g, indices, shape=a_shape))


# ---- gather_nd, scatter_nd ------------------------------------------------------------------


def _columns(indices):
    """The indices (M, ...) as M arrays, one for each leading axis of the data."""
    indices = indices.astype("int64")
    return tuple(indices[i] for i in range(indices.shape[0]))


@op(
    aliases=["_npi_gather_nd", "_npx_gather_nd"],
    dtype="first",
    examples=[
        {"data": (3, 4), "indices": ("int", 3, (2, 5))},
        {"data": (3, 4), "indices": ("int", 3, (1, 2))},
    ],
)
def gather_nd(xp, data, indices):
    """``data[indices[0], indices[1], ...]``: (M, Y...) → (Y..., the axes left over)."""
    try:
        return data[_columns(indices)]
    except IndexError as error:
        raise IndexOutOfRange(message(f"gather_nd: {error}")) from None


@gather_nd.infer
def _gather_shape(p, ins):
    data, indices = ins
    if data is None or not indices or not indices[0]:
        return ins, [None]
    if indices[0] > len(data):
        raise ShapeError(f"gather_nd: {indices[0]} indices for {len(data)} axes")
    return ins, [(indices[1:] + data[indices[0] :]) or (1,)]


gather_nd.grad(
    data=lambda F, g, indices, data_shape: F._backward_gather_nd(g, indices, shape=data_shape)
)


@op(
    "_backward_gather_nd",
    dtype="first",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[{"data": (5,), "indices": ("int", 3, (2, 5)), "shape": (3, 4)}],
)
def backward_gather_nd(xp, data, indices, *, shape: Shape):
    """Zeros of *shape* with *data* added where ``gather_nd`` would read it."""
    out = xp.zeros(shape, data.dtype)
    xp.add.at(out, _columns(indices), data)
    return out


backward_gather_nd.grad(data=lambda F, g, indices: F.gather_nd(g, indices))


@op(
    dtype="first",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[{"data": (2,), "indices": ([[0, 2], [1, 3]],), "shape": (3, 4)}],
)
def scatter_nd(xp, data, indices, *, shape: Shape):
    """Zeros of *shape* with *data* where ``gather_nd`` would read it; the last one wins."""
    out = xp.zeros(shape, data.dtype)
    out[_columns(indices)] = data
    return out


scatter_nd.grad(data=lambda F, g, indices: F.gather_nd(g, indices))


@op(
    "_scatter_set_nd",
    aliases=["_npi_scatter_set_nd"],
    infer="like",
    dtype="first",
    examples=[{"lhs": (3, 4), "rhs": (2,), "indices": ([[0, 2], [1, 3]],), "shape": (3, 4)}],
)
def scatter_set_nd(xp, lhs, rhs, indices, *, shape: Shape):
    """A copy of *lhs* with *rhs* where ``gather_nd`` would read it."""
    out = lhs.copy()
    out[_columns(indices)] = rhs
    return out


scatter_set_nd.grad(
    lhs=lambda F, g, rhs, indices, p: F._scatter_set_nd(
        g, F.zeros_like(rhs), indices, shape=p["shape"]
    ),
    rhs=lambda F, g, indices: F.gather_nd(g, indices),
)
