"""What single operators compute on the parts of sparse arrays; families are in :mod:`.storage`."""

from .elemwise_binary import add_n
from .index import Embedding, places_of, take
from .index_rows import checked_places
from .init import zeros_like
from .join import Concat
from .matrix import dot
from .optimizer import adam_update, sgd_mom_update, sgd_update
from .optimizer_adaptive import ftrl_update, group_adagrad_update
from .reduce import _sum, mean, norm
from .registry import get
from .slice import _key, slice_
from .sparse import Csr, Rows, group_sum
from .sparse_ops import (
    SparseEmbedding,
    _contrib_getnnz,
    _sparse_retain,
    _square_sum,
    adagrad_update,
    edge_id,
)

# ---- products -------------------------------------------------------------------------------


def _rows_of(x, rows):
    return x.take(rows) if isinstance(x, Rows) else x[rows]


def _times(a, b):
    """``A · B`` of a csr matrix and a dense or row_sparse one; dense."""
    groups, sums = group_sum(a.xp, a.data[:, None] * _rows_of(b, a.indices), a.rows())
    out = a.xp.zeros((a.shape[0], b.shape[1]), a.data.dtype)
    out[groups] = sums
    return out


def _transposed_times(a, b):
    """``Aᵀ · B`` of a csr matrix: only the rows of columns in which A has something."""
    columns, sums = group_sum(a.xp, a.data[:, None] * _rows_of(b, a.rows()), a.indices)
    return Rows(a.xp, sums, columns, (a.shape[1], b.shape[1]))


@dot.stored("csr", "default")
@dot.stored("csr", "row_sparse")
def _dot_csr(kernel, lhs, rhs, *, transpose_a, transpose_b, forward_stype):
    if len(rhs.shape) != 2 or (transpose_b and isinstance(rhs, Rows)):
        return NotImplemented
    return (_transposed_times if transpose_a else _times)(lhs, rhs.T if transpose_b else rhs)


@dot.stored("default", "csr")
def _dot_by_csr(kernel, lhs, rhs, *, transpose_a, transpose_b, forward_stype):
    if len(lhs.shape) != 2:
        return NotImplemented
    left = lhs if transpose_a else lhs.T
    if transpose_b:
        return _times(rhs, left).T.copy()
    made = _transposed_times(rhs, left)
    if forward_stype == "default":
        return made.dense().T.copy()
    xp, columns, count = rhs.xp, made.indices, left.shape[1]
    indptr = xp.arange(count + 1) * columns.shape[0]
    shape = (count, rhs.shape[1])
    return Csr(xp, made.data.T.reshape(-1), indptr, xp.tile(columns, count), shape)


@dot.row_grad("rhs", lambda p, stypes: stypes[0] == "csr" and not p["transpose_b"])
def _dot_right_grad(xp, g, inputs, p):
    lhs = inputs[0]
    return (_times if p["transpose_a"] else _transposed_times)(lhs, g)


# ---- tables -------------------------------------------------------------------------------------


@Embedding.stored("default", "row_sparse")
@SparseEmbedding.stored("default", "row_sparse")
def _embedding_of_rows(kernel, data, weight, **p):
    return weight.take(places_of(weight.xp, data, weight.shape[0], "clip"))


@Embedding.row_grad("weight", lambda p, stypes: p["sparse_grad"], dense=True)
@SparseEmbedding.row_grad("weight", lambda p, stypes: True, dense=True)
def _embedding_grad(xp, g, inputs, p):
    shape = p["input_dim"], p["output_dim"]
    rows = places_of(xp, inputs[0], shape[0], "clip").reshape(-1)
    indices, sums = group_sum(xp, g.reshape(rows.shape[0], shape[1]), rows)
    return Rows(xp, sums, indices, shape)


@_sparse_retain.stored("row_sparse", "default")
def _retain(kernel, data, indices):
    rows = data.xp.unique(indices.astype("int64"))
    return Rows(data.xp, data.take(rows), rows, data.shape)  # rows of zeros too, as in MXNet


@_sparse_retain.row_grad("data", lambda p, stypes: True, dense=True)
def _retain_grad(xp, g, inputs, p):
    rows = xp.unique(inputs[1].astype("int64"))
    return Rows(xp, g[rows], rows, g.shape)


# ---- parts of csr, and several together -----------------------------------------------------


@slice_.stored("csr")
def _slice_csr(kernel, data, *, begin, end, step):
    xp, key = data.xp, _key(begin, end, step, 2)
    if any(one.step not in (None, 1) for one in key):
        return NotImplemented
    bounds = [one.indices(n)[:2] for one, n in zip(key, data.shape, strict=False)]
    (first, last), (left, right) = (*bounds, (0, data.shape[1]))[:2]
    indptr = data.indptr[first : last + 1]
    start, stop = int(indptr[0]), int(indptr[-1])
    indptr, columns, values = indptr - start, data.indices[start:stop], data.data[start:stop]
    inside = (columns >= left) & (columns < right)
    before = xp.concatenate([xp.zeros(1, "int64"), xp.cumsum(inside)])
    shape = (last - first, right - left)
    return Csr(xp, values[inside], before[indptr], columns[inside] - left, shape)


@take.stored("csr", "default")
def _take_csr(kernel, a, indices, *, axis, mode):
    if axis != 0 or len(indices.shape) != 1:
        return NotImplemented
    places, indptr = a.elements(places_of(a.xp, indices, a.shape[0], mode))
    shape = (indices.shape[0], a.shape[1])
    return Csr(a.xp, a.data[places], indptr, a.indices[places], shape)


@Concat.stored("csr", ...)
def _concat_csr(kernel, *args, num_args, dim):
    if dim != 0:
        return NotImplemented
    xp, pointers, at = args[0].xp, [args[0].indptr[:1]], 0
    for one in args:
        pointers.append(one.indptr[1:] + at)
        at += one.data.shape[0]
    shape = (sum(one.shape[0] for one in args), args[0].shape[1])
    data, indices = (xp.concatenate([getattr(a, n) for a in args]) for n in ("data", "indices"))
    return Csr(xp, data, xp.concatenate(pointers), indices, shape)


@add_n.stored("row_sparse", ...)
def _add_rows(kernel, *args, num_args):
    xp = args[0].xp
    rows = xp.concatenate([one.indices for one in args])
    indices, sums = group_sum(xp, xp.concatenate([one.data for one in args]), rows)
    return Rows(xp, sums, indices, args[0].shape)


@zeros_like.stored("csr")
@zeros_like.stored("row_sparse")
def _nothing(kernel, data):
    xp, none = data.xp, data.data[:0]
    if isinstance(data, Csr):
        return Csr(xp, none.copy(), xp.zeros_like(data.indptr), data.indices[:0], data.shape)
    return Rows(xp, none.copy(), data.indices[:0], data.shape)


# ---- reductions -----------------------------------------------------------------------------


def _sum_csr(data, axis, keepdims):
    """Sums over one axis or both, of the stored elements."""
    xp, (rows, columns) = data.xp, data.shape
    axes = {0, 1} if axis is None else {n % 2 for n in axis}
    if axes == {0, 1}:
        return data.data.sum(dtype=data.data.dtype).reshape((1, 1) if keepdims else (1,))
    groups, size = (data.rows(), rows) if axes == {1} else (data.indices, columns)
    places, sums = group_sum(xp, data.data, groups)
    out = xp.zeros(size, data.data.dtype)
    out[places] = sums
    if not keepdims:
        return out
    return out.reshape((rows, 1) if axes == {1} else (1, columns))


@_sum.stored("csr")
def _sum_of_csr(kernel, data, *, axis, keepdims, exclude):
    if exclude or axis == ():
        return NotImplemented
    return _sum_csr(data, axis, keepdims)


@mean.stored("csr")
def _mean_of_csr(kernel, data, *, axis, keepdims, exclude):
    if exclude or axis == () or data.data.dtype.kind != "f":
        return NotImplemented
    total = _sum_csr(data, axis, keepdims)
    size = data.shape[0] * data.shape[1]
    count = size // max(1, total.shape[0] * (total.shape[1] if keepdims else 1))
    return (total / count).astype(data.data.dtype, copy=False)


@norm.stored("csr")
@norm.stored("row_sparse")
def _norm_of_stored(kernel, data, *, axis, keepdims, **p):
    if axis is not None:
        return NotImplemented
    length = kernel(data.data, axis=None, keepdims=False, **p)
    return length.reshape((1,) * len(data.shape) if keepdims else (1,))


@_square_sum.stored("row_sparse")
def _square_sum_of_rows(kernel, data, *, axis, keepdims, exclude):
    if exclude or len(data.shape) != 2 or axis not in ((0,), (1,)):
        return NotImplemented
    if axis == (0,):
        return (data.data * data.data).sum(axis=0, keepdims=keepdims)
    lengths = (data.data * data.data).sum(axis=1, keepdims=True)
    made = Rows(data.xp, lengths, data.indices, (data.shape[0], 1))
    return made if keepdims else made.dense().reshape(-1)


@_square_sum.row_grad(
    "data",
    lambda p, stypes: (
        tuple(stypes) == ("row_sparse",) and p["axis"] in ((0,), (1,)) and not p["exclude"]
    ),
)
def _square_sum_grad(xp, g, inputs, p):
    data = inputs[0]
    there = g.reshape(1, -1) if p["axis"] == (0,) else g.reshape(-1, 1)[data.indices]
    return data.with_values(2 * data.data * there)


@get("square").row_grad("data", lambda p, stypes: tuple(stypes) == ("row_sparse",))
def _square_grad(xp, g, inputs, p):
    data = inputs[0]
    return data.with_values(2 * data.data * g[data.indices])


@_contrib_getnnz.stored("csr")
def _stored_elements(kernel, data, *, axis, out_type):
    if axis is None:
        return data.indptr[-1:].astype(out_type)
    if axis == 1:
        return (data.indptr[1:] - data.indptr[:-1]).astype(out_type)
    return NotImplemented


@edge_id.stored("csr", "default", "default")
def _stored_edges(kernel, data, u, v):
    xp, data = data.xp, data.canonical()
    rows, columns = (
        checked_places(one, n, "edge_id") for one, n in zip((u, v), data.shape, strict=True)
    )
    wanted, keys = rows * data.shape[1] + columns, data.keys()
    if not keys.shape[0]:
        return xp.full(wanted.shape, -1, data.data.dtype)
    places = xp.minimum(xp.searchsorted(keys, wanted), keys.shape[0] - 1)
    return xp.where(keys[places] == wanted, data.data[places], data.data.dtype.type(-1))


# ---- updates by rows ------------------------------------------------------------------------


def _rows_alone(kernel, weight, grad, *states, out=None, **p):
    """An update of the rows that the gradient stores; weight and states keep all others."""
    rows = grad.indices
    if not rows.shape[0] and out is weight:
        return weight
    parts = [_rows_of(one, rows) for one in (weight, *states)]
    new = kernel(parts[0], grad.data, *parts[1:], **p)
    target = weight
    if out is not weight:
        copied = weight.data.copy() if isinstance(weight, Rows) else weight.copy()
        target = weight.with_values(copied) if isinstance(weight, Rows) else copied
    for one, values in ((target, new), *zip(states, parts[1:], strict=True)):
        if isinstance(one, Rows):
            one.put(rows, values)
        else:
            one[rows] = values
    return target


def _lazy(kernel, *inputs, lazy_update, **p):
    return _rows_alone(kernel, *inputs, **p) if lazy_update else NotImplemented


for _update, _body in (
    (sgd_update, _lazy),
    (sgd_mom_update, _lazy),
    (adam_update, _lazy),
    (ftrl_update, _rows_alone),
    (adagrad_update, _rows_alone),
    (group_adagrad_update, _rows_alone),
):
    _states = len(_update.inputs) - 2
    _update.stored("row_sparse", "row_sparse", *["row_sparse"] * _states)(_body)
    if _update is not ftrl_update:  # which MXNet computes on dense copies then
        _update.stored("default", "row_sparse", *["default"] * _states)(_body)
