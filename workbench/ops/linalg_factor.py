"""Factors of matrices: eigenvectors, and a lower triangle times orthonormal rows."""

from ..error import ShapeError
from .linalg import square
from .linalg_parts import mirrored, turned
from .registry import op

#: eigenvalues nearer than this count as so far apart
_NEAREST = 1e-8


# ---- A = L · Q ------------------------------------------------------------------------------


def _gelqf_shape(p, ins):
    shape = ins[0]
    if shape is None:
        return ins, [None, None]
    if len(shape) < 2 or shape[-2] > shape[-1] > 0:
        raise ShapeError(f"Shape inconsistent, no more rows than columns are allowed: {shape}")
    return ins, [shape, (*shape[:-1], shape[-2])]


@op(
    aliases=["linalg_gelqf"],
    outputs=2,
    infer=_gelqf_shape,
    examples=[{"A": (2, 4)}, {"A": (2, 2, 3)}],
)
def _linalg_gelqf(xp, A):
    """Q with orthonormal rows and a lower triangular L with ``L · Q = A``.

    A has no more rows than columns.
    """
    q, r = xp.linalg.qr(A.swapaxes(-1, -2))
    return xp.ascontiguousarray(q.swapaxes(-1, -2)), xp.ascontiguousarray(r.swapaxes(-1, -2))


def _gelqf_back(F, g, outs):
    q, low = outs
    d_low, d_q = g[1], g[0]
    # the symmetric part of what turns Q and L into one another
    inner = None if d_low is None else F._linalg_trmm(low, d_low, transpose=True)
    if d_q is not None:
        minus = F._linalg_gemm2(d_q, q, transpose_b=True, alpha=-1.0)
        inner = minus if inner is None else inner + minus
    if inner is None:
        return None
    made = F._linalg_gemm2(mirrored(F, inner), q)
    return F._linalg_trsm(low, made if d_q is None else made + d_q, transpose=True)


_linalg_gelqf.grad(A=_gelqf_back)


# ---- A = Uᵀ · diag(L) · U -------------------------------------------------------------------


def _syevd_shape(p, ins):
    ins, outs = square(p, ins)
    return ins, [outs[0], None if outs[0] is None else outs[0][:-1]]


@op(
    aliases=["linalg_syevd"],
    outputs=2,
    infer=_syevd_shape,
    examples=[{"A": ("symmetric", (3, 3))}, {"A": ("symmetric", (2, 2, 2))}],
)
def _linalg_syevd(xp, A):
    """Eigenvectors U, as rows, and rising eigenvalues L of symmetric matrices: ``U · A = L · U``.

    The element of a vector with the largest absolute value is positive.
    """
    values, vectors = xp.linalg.eigh(A)
    rows = xp.ascontiguousarray(vectors.swapaxes(-1, -2))
    largest = xp.expand_dims(xp.absolute(rows).argmax(axis=-1), -1)
    rows *= xp.where(xp.take_along_axis(rows, largest, -1) < 0, -1, 1).astype(A.dtype)
    return rows, values


def _syevd_back(F, g, outs, A_shape):
    u, values = outs
    inner = None if g[1] is None else F._linalg_makediag(g[1])
    if g[0] is not None and A_shape[-1] > 1:
        x = F._linalg_gemm2(g[0], u, transpose_b=True)
        apart = F.broadcast_sub(F.expand_dims(values, axis=-1), F.expand_dims(values, axis=-2))
        ratio = (x - turned(F, x)) / (2 * F._maximum_scalar(apart, scalar=_NEAREST))
        low = F._linalg_maketrian(F._linalg_extracttrian(ratio, offset=-1), offset=-1)
        both = low + turned(F, low)
        inner = both if inner is None else inner + both
    if inner is None:
        return None
    return F._linalg_gemm2(F._linalg_gemm2(u, inner, transpose_a=True), u)


_linalg_syevd.grad(A=_syevd_back)
