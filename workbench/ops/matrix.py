"""Products of matrices."""

import functools

from ..error import ShapeError
from . import rules
from .params import Bool, Enum, Int
from .registry import op
from .storage import Storage

_STYPES = Enum("csr", "default", "row_sparse", optional=True)


def _flat(xp, array, contracted_last):
    """An array as a matrix whose rows (or columns) are the contracted axis."""
    if array.ndim == 2:
        return array
    if contracted_last:
        return array.reshape(-1, array.shape[-1])
    return array.reshape(array.shape[0], -1)


def _dot_stype(p, stypes):
    """What the parameter says; else where a sparse input leaves rows, or columns, empty."""
    lhs, rhs = stypes
    if p["forward_stype"]:
        return p["forward_stype"]
    if (lhs, rhs) == ("default", "csr") and not p["transpose_a"]:
        return "csr"
    by_rows = lhs == "csr" and rhs != "csr" and p["transpose_a"] and not p["transpose_b"]
    return "row_sparse" if by_rows else "default"


@op(
    aliases=["_sparse_dot"],
    storage=Storage(_dot_stype, asked="forward_stype"),
    examples=[
        {"lhs": (2, 3), "rhs": (3, 4)},
        {"lhs": (3, 2), "rhs": (4, 3), "transpose_a": True, "transpose_b": True},
        {"lhs": (2, 3, 4), "rhs": (4, 5, 2)},
        {"lhs": (4,), "rhs": (4,)},
    ],
)
def dot(
    xp,
    lhs,
    rhs,
    *,
    transpose_a: Bool = False,  # contract the first axis of lhs instead of the last
    transpose_b: Bool = False,  # contract the last axis of rhs instead of the first
    forward_stype: _STYPES = None,  # storage of the result, for sparse arrays
):
    """The product over the last axis of *lhs* and the first of *rhs*: (..., K) × (K, ...).

    Two vectors give shape (1,).
    """
    if lhs.ndim == rhs.ndim == 2:
        return xp.dot(lhs.T if transpose_a else lhs, rhs.T if transpose_b else rhs)
    if lhs.ndim == 1 and rhs.ndim == 1:
        return xp.dot(lhs, rhs).reshape(1)
    a = _flat(xp, lhs, contracted_last=not transpose_a)
    b = _flat(xp, rhs, contracted_last=transpose_b)
    out = xp.dot(a.T if transpose_a and lhs.ndim > 1 else a, b.T if transpose_b else b)
    return out.reshape(_dot_out(lhs.shape, rhs.shape, transpose_a, transpose_b))


def _dot_out(lhs, rhs, transpose_a, transpose_b):
    left = lhs[1:] if transpose_a else lhs[:-1]
    right = rhs[:-1] if transpose_b else rhs[1:]
    return (left + right) or (1,)


@dot.infer
def _dot_shape(p, ins):
    lhs, rhs = ins
    if lhs is None or rhs is None:
        return ins, [None]
    if not lhs or not rhs:
        raise ShapeError(f"dot: Shape inconsistent, a scalar in {lhs} × {rhs}")
    a = lhs[0] if p["transpose_a"] else lhs[-1]
    b = rhs[-1] if p["transpose_b"] else rhs[0]
    if a and b and a != b:
        raise ShapeError(f"dot: Shape inconsistent, {a} of {lhs} against {b} of {rhs}")
    return ins, [_dot_out(lhs, rhs, p["transpose_a"], p["transpose_b"])]


def _as_matrix(F, array, shape, contracted_last):
    if len(shape) == 2:
        return array
    if contracted_last:
        return F._reshape_to(array, shape=(rules.prod(shape[:-1]), shape[-1]))
    return F._reshape_to(array, shape=(shape[0], rules.prod(shape[1:])))


def left_grad(product, g, b, p):
    """The gradient of A in ``op(A) · op(B)``: four products, one for each pair of flags."""
    ta, tb = p["transpose_a"], p["transpose_b"]
    if ta:
        return product(b, g, transpose_a=tb, transpose_b=True)
    return product(g, b, transpose_b=not tb)


def right_grad(product, a, g, p):
    """The gradient of B in ``op(A) · op(B)``."""
    ta, tb = p["transpose_a"], p["transpose_b"]
    if tb:
        return product(g, a, transpose_a=True, transpose_b=ta)
    return product(a, g, transpose_a=not ta)


def _g_matrix(F, g, lhs_shape, rhs_shape, p):
    if len(lhs_shape) == len(rhs_shape) == 2:
        return g
    rows = rules.prod(lhs_shape[1:] if p["transpose_a"] else lhs_shape[:-1])
    columns = rules.prod(rhs_shape[:-1] if p["transpose_b"] else rhs_shape[1:])
    return F._reshape_to(g, shape=(rows, columns))


def _dot_left(F, g, rhs, lhs_shape, rhs_shape, p):
    g = _g_matrix(F, g, lhs_shape, rhs_shape, p)
    grad = left_grad(F.dot, g, _as_matrix(F, rhs, rhs_shape, p["transpose_b"]), p)
    return grad if len(lhs_shape) == 2 else F._reshape_to(grad, shape=lhs_shape)


def _dot_right(F, g, lhs, lhs_shape, rhs_shape, p):
    g = _g_matrix(F, g, lhs_shape, rhs_shape, p)
    grad = right_grad(F.dot, _as_matrix(F, lhs, lhs_shape, not p["transpose_a"]), g, p)
    return grad if len(rhs_shape) == 2 else F._reshape_to(grad, shape=rhs_shape)


dot.grad(lhs=_dot_left, rhs=_dot_right)


@op(
    aliases=["_npx_batch_dot"],
    examples=[
        {"lhs": (2, 3, 4), "rhs": (2, 4, 5)},
        {"lhs": (2, 4, 3), "rhs": (2, 5, 4), "transpose_a": True, "transpose_b": True},
    ],
)
def batch_dot(
    xp,
    lhs,
    rhs,
    *,
    transpose_a: Bool = False,  # take the transposes of lhs's matrices
    transpose_b: Bool = False,  # take the transposes of rhs's matrices
    forward_stype: _STYPES = None,  # storage of the result, for sparse arrays
):
    """A product of matrices for each leading index: (B, M, K) × (B, K, N) → (B, M, N)."""
    return xp.matmul(
        lhs.swapaxes(-1, -2) if transpose_a else lhs, rhs.swapaxes(-1, -2) if transpose_b else rhs
    )


@batch_dot.infer
def _batch_dot_shape(p, ins):
    lhs, rhs = ins
    if lhs is None or rhs is None:
        return ins, [None]
    if len(lhs) != len(rhs) or len(lhs) < 3:
        raise ShapeError(f"batch_dot: Shape inconsistent, {lhs} × {rhs}")
    batch = rules.merge(lhs[:-2], rhs[:-2], "batch")
    if 0 in (*lhs[-2:], *rhs[-2:]):
        return ins, [None]
    m, k = lhs[-2:][::-1] if p["transpose_a"] else lhs[-2:]
    k2, n = rhs[-2:][::-1] if p["transpose_b"] else rhs[-2:]
    if k and k2 and k != k2:
        raise ShapeError(f"batch_dot: Shape inconsistent, {k} of {lhs} against {k2} of {rhs}")
    return ins, [(*batch, m, n)]


batch_dot.grad(
    lhs=lambda F, g, rhs, p: left_grad(F.batch_dot, g, rhs, p),
    rhs=lambda F, g, lhs, p: right_grad(F.batch_dot, lhs, g, p),
)


@op(
    examples=[
        {"args": [(2, 3), (4, 3)], "num_args": 2},
        {"args": [(2, 2), (3, 2), (2, 2)], "num_args": 3},
    ]
)
def khatri_rao(
    xp,
    *args,
    num_args: Int(min=1),
):
    """The Kronecker product column by column: (M1, N), (M2, N), ... → (M1 · M2 · ..., N)."""
    return functools.reduce(
        lambda left, right: (left[:, None] * right).reshape(-1, right.shape[1]), args
    )


@khatri_rao.infer
def _khatri_rao_shape(p, ins):
    common = None
    for one in ins:
        if one is not None:
            if len(one) != 2:
                raise ShapeError(f"khatri_rao: matrices are needed, got {one}")
            common = rules.merge(common, (0, one[1]), "columns")
    rows = rules.prod([0 if one is None else one[0] for one in ins])
    return ins, [(rows, 0 if common is None else common[1])]


def _khatri_rao_back(F, g, args, args_shape, p):
    """The gradient of each matrix: the product of the others times g, summed over their rows."""
    sizes, columns = [shape[0] for shape in args_shape], args_shape[0][1]
    g = F._reshape_to(g, shape=(*sizes, columns))
    grads = []
    for i, size in enumerate(sizes):
        made = g
        for j, other in enumerate(args):
            if j != i:
                shape = [1] * len(sizes)
                shape[j] = sizes[j]
                made = F.broadcast_mul(made, F._reshape_to(other, shape=(*shape, columns)))
        over = tuple(j for j in range(len(sizes)) if j != i)
        grads.append(F._sum_to(made, shape=(size, columns), axes=over) if over else made)
    return grads


khatri_rao.grad(args=_khatri_rao_back)
