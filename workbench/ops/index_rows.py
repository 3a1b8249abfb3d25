"""Rows chosen, replaced and filled, as contrib and older operators have it."""

from ..error import OperatorError, ParameterError, ShapeError, message
from . import rules
from .index import one_hot
from .params import Int, Shape
from .registry import op


def checked_places(indices, size, name):
    """Indices as int64; OperatorError where one is not in 0 .. size - 1."""
    places = indices.astype("int64")
    if places.size and (int(places.min()) < 0 or int(places.max()) >= size):
        raise OperatorError(
            message(
                f"{name}: an index is out of range 0 .. {size - 1}",
                fix="Give indices of what is there.",
            )
        )
    return places


# ---- index_copy -----------------------------------------------------------------------------


@op(
    "_contrib_index_copy",
    dtype=lambda p, ins, n: ([ins[0] or ins[2], ins[1], ins[2] or ins[0]], [ins[0] or ins[2]]),
    examples=[
        {"old_tensor": (4, 3), "index_vector": ([2, 0],), "new_tensor": (2, 3)},
        {"old_tensor": (4,), "index_vector": ([1],), "new_tensor": (1,)},
    ],
)
def index_copy(xp, old_tensor, index_vector, new_tensor):
    """A copy of *old_tensor* in which rows are replaced: row ``index[i]`` by row i of the new.

    Of equal indices the last one counts: (N, ...), (M,), (M, ...) → (N, ...).
    """
    places = checked_places(index_vector, old_tensor.shape[0], "index_copy")
    out = old_tensor.copy()
    out[places] = new_tensor
    return out


@index_copy.infer
def _index_copy_shape(p, ins):
    old, index, new = ins
    if index is not None and len(index) != 1:
        raise ShapeError(f"index_vector has one axis, got {index}")
    if old is not None and new is not None:
        if len(old) != len(new):
            raise ShapeError(f"Shape inconsistent, {old} and {new} differ in rank")
        rules.merge(old[1:], new[1:], "rows")
        if index and index[0] and new[0] and index[0] != new[0]:
            raise ShapeError(f"Shape inconsistent, {index[0]} indices for {new[0]} rows")
    return ins, [old]


index_copy.grad(
    old_tensor=lambda F, g, index_vector, new_tensor: F._contrib_index_copy(
        g, index_vector, F.zeros_like(new_tensor)
    ),
    new_tensor=lambda F, g, index_vector: F.take(g, index_vector),
)


# ---- boolean_mask ---------------------------------------------------------------------------


def _chosen(xp, data, index, axis):
    """Where the mask is not 0."""
    if axis != 0:
        raise ParameterError(
            message(f"boolean_mask: axis {axis} is not supported", fix="Use axis=0.")
        )
    if index.shape != data.shape[:1]:
        raise ShapeError(f"index of shape {data.shape[:1]} is needed, got {index.shape}")
    return xp.flatnonzero(index)


@op(
    "_contrib_boolean_mask",
    aliases=["_npi_boolean_mask"],
    dtype="first",
    dynamic_shape=True,
    examples=[
        {"data": (4, 3), "index": ([0, 1, 1, 0],)},
        {"data": (3,), "index": ([0, 0, 0],)},
    ],
)
def boolean_mask(
    xp,
    data,
    index,
    *,
    axis: Int = 0,  # must be 0
):
    """The rows whose entry in *index* is not 0: (N, ...), (N,) → (how many, ...).

    The shape depends on the values: a graph with it runs operator by operator.
    """
    return data[_chosen(xp, data, index, axis)]


boolean_mask.grad(
    data=lambda F, g, index, data_shape: F._backward_boolean_mask(g, index, shape=data_shape)
)


@op(
    "_backward_boolean_mask",
    dtype="first",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[{"data": (2, 3), "index": ([0, 1, 1, 0],), "shape": (4, 3)}],
)
def backward_boolean_mask(xp, data, index, *, shape: Shape):
    """Zeros of *shape* with the rows of *data* where ``boolean_mask`` takes them from."""
    out = xp.zeros(shape, data.dtype)
    out[xp.flatnonzero(index)] = data
    return out


backward_boolean_mask.grad(data=lambda F, g, index: F._contrib_boolean_mask(g, index))


# ---- one element in each row ----------------------------------------------------------------


@op(
    infer=lambda p, ins: (ins, [ins[0]]),
    dtype="first",
    examples=[{"lhs": (3, 4), "mhs": (3,), "rhs": ("int", 4, (3,))}],
)
def fill_element_0index(xp, lhs, mhs, rhs):
    """A copy of *lhs* in which ``out[i, rhs[i]] = mhs[i]``: (N, K), (N,), (N,) → (N, K)."""
    places = checked_places(rhs, lhs.shape[1], "fill_element_0index")
    out = lhs.copy()
    out[xp.arange(lhs.shape[0]), places] = mhs
    return out


fill_element_0index.grad(
    lhs=lambda F, g, mhs, rhs: F.fill_element_0index(g, F.zeros_like(mhs), rhs),
    mhs=lambda F, g, rhs: F.pick(g, rhs),
)


@op(
    infer=lambda p, ins: (ins, [ins[1]]),
    dtype="second",
    zero_grad=True,
    examples=[{"lhs": ("int", 4, (3,)), "rhs": (3, 4)}],
)
def _onehot_encode(xp, lhs, rhs):
    """1 at the column that *lhs* names, 0 elsewhere, in the shape of *rhs*: (N,), (N, K) → (N, K).

    An index that is no column leaves its row 0.
    """
    return one_hot.body(xp, lhs, depth=rhs.shape[1], dtype=rhs.dtype.name)
