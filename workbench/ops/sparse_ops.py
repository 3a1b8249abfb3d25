"""Operators made for sparse arrays; on dense ones they compute the same."""

from . import rules
from .index import places_of
from .index_rows import checked_places
from .optimizer import rescaled, written
from .params import Bool, DType, Float, Int, Shape
from .reduce import _axes, _lost, _shaped
from .registry import op
from .storage import Storage

# ---- tables and rows ------------------------------------------------------------------------


@op(
    "_contrib_SparseEmbedding",
    dtype=lambda p, ins, n: ([ins[0], ins[1] or p["dtype"]], [ins[1] or p["dtype"]]),
    examples=[{"data": ("int", 5, (2, 3)), "weight": (5, 4), "input_dim": 5, "output_dim": 4}],
)
def SparseEmbedding(
    xp,
    data,
    weight,
    *,
    input_dim: Int(min=1),  # how many rows the table has
    output_dim: Int(min=1),  # how long a row is
    dtype: DType = "float32",  # dtype of the table
    sparse_grad: Bool = False,  # not used: the gradient of the table is row_sparse anyway
    deterministic: Bool = False,  # not used: equal inputs give equal gradients anyway
):
    """Rows of a table, as ``Embedding``, with a row_sparse gradient of the table."""
    return xp.take(weight, places_of(xp, data, input_dim, "clip"), axis=0)


@SparseEmbedding.infer
def _embedding_shape(p, ins):
    weight = rules.merge(ins[1], (p["input_dim"], p["output_dim"]))
    return [ins[0], weight], [None if ins[0] is None else (*ins[0], p["output_dim"])]


SparseEmbedding.grad(
    weight=lambda F, g, data, weight_shape: F._backward_take(g, data, shape=weight_shape)
)


@op(
    dtype="first",
    infer=lambda p, ins: (ins, [ins[0]]),
    storage=Storage(lambda p, stypes: stypes[0]),
    examples=[{"data": (4, 3), "indices": ("int", 4, (2,))}],
)
def _sparse_retain(xp, data, indices):
    """*data* with zeros in all rows but those at *indices*; (N, ...), (K,) → (N, ...)."""
    rows = indices.astype("int64")
    out = xp.zeros_like(data)
    out[rows] = data[rows]
    return out


_sparse_retain.grad(data=lambda F, g, indices: F._sparse_retain(g, indices))


# ---- reductions -----------------------------------------------------------------------------


def _square_sum_stype(p, stypes):
    kept = stypes[0] == "row_sparse" and p["axis"] == (1,) and p["keepdims"]
    return "row_sparse" if kept else "default"


@op(
    infer="reduce",
    storage=Storage(_square_sum_stype),
    examples=[{"data": (3, 4)}, {"data": (3, 4), "axis": 1, "keepdims": True}],
)
def _square_sum(
    xp,
    data,
    *,
    axis: Shape(optional=True) = None,  # axes to reduce; all of them without it
    keepdims: Bool = False,  # keep the reduced axes, with size 1
    exclude: Bool = False,  # reduce all axes but the given ones
):
    """``Σ data²`` along axes."""
    total = (data * data).sum(
        axis=_axes(data.ndim, axis, exclude), dtype=data.dtype, keepdims=keepdims
    )
    return _shaped(total, keepdims)


_square_sum.grad(
    data=lambda F, g, data, data_shape, p: 2 * data * F._expand_to(g, **_lost(p, data_shape))
)


def _counts_shape(p, ins):
    shape = ins[0]
    if shape is None:
        return ins, [None]
    if p["axis"] is None:
        return ins, [(1,)]
    axis = rules.one_axis(p["axis"], len(shape))
    return ins, [shape[:axis] + shape[axis + 1 :]]


@op(
    infer=_counts_shape,
    dtype=lambda p, ins, n: (ins, [p["out_type"]]),
    zero_grad=True,
    examples=[{"data": ("int", 2, (3, 4))}, {"data": ("int", 2, (3, 4)), "axis": 1}],
)
def _contrib_getnnz(
    xp,
    data,
    *,
    axis: Int(optional=True) = None,  # axis to count along; None counts all
    out_type: DType = "int64",  # dtype of the result
):
    """How many elements are stored (csr), or are not zero; shape (1,) without an axis."""
    return _shaped((data != 0).sum(axis=axis), False).astype(out_type)


def _edge_shape(p, ins):
    places = rules.merge(ins[1], ins[2], "u and v")
    return [ins[0], places, places], [places]


@op(
    "_contrib_edge_id",
    dtype="first",
    infer=_edge_shape,
    zero_grad=True,
    examples=[{"data": ("int", 2, (3, 4)), "u": ([0, 2, 1],), "v": ([3, 0, 1],)}],
)
def edge_id(xp, data, u, v):
    """The number of the edge from each node of *u* to that of *v*: (N, M), (K,), (K,) → (K,).

    *data* is the graph: an element is the number of an edge. -1 where nothing is stored (csr), or
    where there is a zero.
    """
    rows, columns = (
        checked_places(one, n, "edge_id") for one, n in zip((u, v), data.shape, strict=True)
    )
    found = data[rows, columns]
    return xp.where(found != 0, found, data.dtype.type(-1))


# ---- updates --------------------------------------------------------------------------------


@op(
    "_sparse_adagrad_update",
    infer="update",
    storage="update",
    mutates=["history"],
    examples=[
        {"weight": (3, 4), "grad": (3, 4), "history": ("positive", (3, 4)), "lr": 0.1, "wd": 0.0}
    ],
)
def adagrad_update(
    xp,
    weight,
    grad,
    history,
    *,
    lr: Float,  # learning rate
    epsilon: Float = 1e-7,
    wd: Float = 0.0,  # weight decay, of the step itself
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    out=None,
):
    """``history += g²``; ``weight - lr · (g / sqrt(history + epsilon) + wd · weight)``.

    Duchi, Hazan and Singer 2011. Of row_sparse gradients only the stored rows are updated.
    """
    g = rescaled(xp, grad, rescale_grad, clip_gradient)
    history += g * g
    g /= xp.sqrt(history + epsilon)
    if wd:
        g += wd * weight
    g *= -lr
    return written(weight, out, g)
