"""Attention over sequences, with the projections of all heads interleaved in one array.

Arrays are (S, B, width): a sequence of S places, B samples. For each head the width holds D
numbers of the query, then D of the key, then D of the value (of key and value alone where
queries have an array of their own). Scores are (B · heads, S of queries, S of keys).
Vaswani et al., Attention is all you need, 2017.
"""

from ..error import ShapeError
from .params import Int
from .registry import op


@op("_contrib_div_sqrt_dim", infer="same", examples=[{"data": (2, 3)}])
def div_sqrt_dim(xp, data):
    """``data / sqrt(size of the last axis)``."""
    return (data / data.shape[-1] ** 0.5).astype(data.dtype, copy=False)


div_sqrt_dim.grad(data=lambda F, g, data_shape: F._contrib_div_sqrt_dim(g))


# ---- parts of an interleaved array --------------------------------------------------------------


def _part(F, data, shape, heads, parts, number):
    """Queries, keys or values as matrices: (S, B, parts · heads · D) → (B · heads, S, D)."""
    length, batch, width = shape
    rows = F._reshape_to(data, shape=(length, batch * heads, parts, width // (heads * parts)))
    one = F._getitem(rows, key=(slice(None), slice(None), number))
    return F.transpose(one, axes=(1, 0, 2))


def _interleaved(F, matrices, shape):
    """The inverse of ``_part``: matrices (B · heads, S, D) side by side in one array of *shape*."""
    rows = F.stack(*matrices, axis=2, num_args=len(matrices))
    return F._reshape_to(F.transpose(rows, axes=(1, 0, 2, 3)), shape=shape)


def _raw_part(data, heads, parts, number):
    """As ``_part``, of a raw array."""
    length, batch, width = data.shape
    rows = data.reshape(length, batch * heads, parts, width // (heads * parts))
    return rows[:, :, number].transpose(1, 0, 2)


def _width(name, shape, heads, parts):
    """Width of one head of an array of shape (S, B, parts · heads · D)."""
    if len(shape) != 3:
        raise ShapeError(f"{name} should be 3D in seq_length-batch-proj_dim, got {shape}")
    if shape[2] % (heads * parts):
        raise ShapeError(f"{name}: {shape[2]} is no multiple of {parts} · {heads} heads")
    return shape[2] // (heads * parts)


# ---- scores -------------------------------------------------------------------------------------


def _scores(xp, queries, keys):
    return xp.matmul(queries, keys.transpose(0, 2, 1)) / queries.dtype.type(
        queries.shape[-1] ** 0.5
    )


def _scores_back(F, g, queries, keys, size):
    """Gradients of queries and keys."""
    g = g / size**0.5
    return F.batch_dot(g, keys), F.batch_dot(g, queries, transpose_a=True)


@op(
    "_contrib_interleaved_matmul_selfatt_qk",
    examples=[{"queries_keys_values": (3, 2, 12), "heads": 2}],
)
def selfatt_qk(xp, queries_keys_values, *, heads: Int(min=1)):
    """Scores of a sequence with itself, ``q · kᵀ / sqrt(D)``: → (B · heads, S, S)."""
    q, k = (_raw_part(queries_keys_values, heads, 3, i) for i in range(2))
    return _scores(xp, q, k)


@selfatt_qk.infer
def _selfatt_qk_shape(p, ins):
    data = ins[0]
    if data is None:
        return ins, [None]
    _width("queries_keys_values", data, p["heads"], 3)
    return ins, [(data[1] * p["heads"], data[0], data[0])]


def _selfatt_qk_back(F, g, queries_keys_values, queries_keys_values_shape, p):
    shape, heads = queries_keys_values_shape, p["heads"]
    q, k = (_part(F, queries_keys_values, shape, heads, 3, i) for i in range(2))
    d_q, d_k = _scores_back(F, g, q, k, shape[2] // (3 * heads))
    return _interleaved(F, (d_q, d_k, F.zeros_like(d_q)), shape)


selfatt_qk.grad(queries_keys_values=_selfatt_qk_back)


@op(
    "_contrib_interleaved_matmul_encdec_qk",
    examples=[{"queries": (3, 2, 4), "keys_values": (5, 2, 8), "heads": 2}],
)
def encdec_qk(xp, queries, keys_values, *, heads: Int(min=1)):
    """Scores of queries with another sequence's keys: → (B · heads, S of queries, S of keys)."""
    return _scores(xp, _raw_part(queries, heads, 1, 0), _raw_part(keys_values, heads, 2, 0))


@encdec_qk.infer
def _encdec_qk_shape(p, ins):
    queries, keys = ins
    if queries is None or keys is None:
        return ins, [None]
    _width("queries", queries, p["heads"], 1)
    _width("keys_values", keys, p["heads"], 2)
    if (queries[1] and keys[1] and queries[1] != keys[1]) or (
        queries[2] and keys[2] and 2 * queries[2] != keys[2]
    ):
        raise ShapeError(f"keys_values {keys} has another batch or width than queries {queries}")
    return ins, [(queries[1] * p["heads"], queries[0], keys[0])]


def _encdec_qk_back(F, g, queries, keys_values, queries_shape, keys_values_shape, p):
    heads = p["heads"]
    q = _part(F, queries, queries_shape, heads, 1, 0)
    k = _part(F, keys_values, keys_values_shape, heads, 2, 0)
    d_q, d_k = _scores_back(F, g, q, k, queries_shape[2] // heads)
    return (
        _interleaved(F, (d_q,), queries_shape),
        _interleaved(F, (d_k, F.zeros_like(d_k)), keys_values_shape),
    )


encdec_qk.grad_joint(_encdec_qk_back)


# ---- values -------------------------------------------------------------------------------------


def _mixed(xp, attention, values, batch):
    """Values mixed by attention, heads side by side again: → (S of queries, B, heads · D)."""
    made = xp.matmul(attention, values).transpose(1, 0, 2)
    return xp.ascontiguousarray(made).reshape(made.shape[0], batch, -1)


def _mixed_shape(p, shape, attention, parts, same):
    """The shape of the mixture; *same*: queries are of the values' own sequence."""
    width = _width("keys_values" if parts == 2 else "queries_keys_values", shape, p["heads"], parts)
    if len(attention) != 3:
        raise ShapeError(f"attention should be 3D in batch-seq_length-seq_length, got {attention}")
    wanted = (shape[1] * p["heads"], shape[0] if same else attention[1], shape[0])
    if 0 not in (*attention, *wanted) and attention != wanted:
        raise ShapeError(f"attention of shape {wanted} is needed for {shape}, got {attention}")
    return attention[1], shape[1], width * p["heads"]


def _mixed_back(F, g, data, attention, shape, queries, heads, parts):
    """Gradients of the interleaved array, whose last part the values are, and of attention."""
    _, batch, width = shape
    g = _part(F, g, (queries, batch, width // parts), heads, 1, 0)
    values = _part(F, data, shape, heads, parts, parts - 1)
    d_values = F.batch_dot(attention, g, transpose_a=True)
    nothing = [F.zeros_like(d_values)] * (parts - 1)
    return (
        _interleaved(F, (*nothing, d_values), shape),
        F.batch_dot(g, values, transpose_b=True),
    )


@op(
    "_contrib_interleaved_matmul_selfatt_valatt",
    examples=[{"queries_keys_values": (3, 2, 12), "attention": (4, 3, 3), "heads": 2}],
)
def selfatt_valatt(xp, queries_keys_values, attention, *, heads: Int(min=1)):
    """``attention · values`` of a sequence: (S, B, 3 · heads · D) → (S, B, heads · D)."""
    values = _raw_part(queries_keys_values, heads, 3, 2)
    return _mixed(xp, attention, values, queries_keys_values.shape[1])


@selfatt_valatt.infer
def _selfatt_valatt_shape(p, ins):
    if None in ins:
        return ins, [None]
    return ins, [_mixed_shape(p, *ins, parts=3, same=True)]


selfatt_valatt.grad_joint(
    lambda F, g, queries_keys_values, attention, queries_keys_values_shape, attention_shape, p: (
        _mixed_back(
            F,
            g,
            queries_keys_values,
            attention,
            queries_keys_values_shape,
            attention_shape[1],
            p["heads"],
            parts=3,
        )
    )
)


@op(
    "_contrib_interleaved_matmul_encdec_valatt",
    examples=[{"keys_values": (5, 2, 8), "attention": (4, 3, 5), "heads": 2}],
)
def encdec_valatt(xp, keys_values, attention, *, heads: Int(min=1)):
    """``attention · values`` of another sequence: → (S of queries, B, heads · D)."""
    return _mixed(xp, attention, _raw_part(keys_values, heads, 2, 1), keys_values.shape[1])


@encdec_valatt.infer
def _encdec_valatt_shape(p, ins):
    if None in ins:
        return ins, [None]
    return ins, [_mixed_shape(p, *ins, parts=2, same=False)]


encdec_valatt.grad_joint(
    lambda F, g, keys_values, attention, keys_values_shape, attention_shape, p: _mixed_back(
        F, g, keys_values, attention, keys_values_shape, attention_shape[1], p["heads"], parts=2
    )
)
