"""Products, factors and determinants of matrices, which are the last two axes.

Leading axes count matrices. Triangular operands: what stands in the other triangle is not read,
and gets a zero gradient. Gradients with respect to a symmetric matrix are symmetric. Source of
the gradients of factors: Murray, Differentiation of the Cholesky decomposition, 2016; Seeger et
al., Auto-differentiating linear algebra, 2017.
"""

from functools import partial

from ..error import ShapeError
from . import rules
from .linalg_parts import mirrored, triangle, turned
from .matrix import left_grad, right_grad
from .params import Bool, Float, Int
from .registry import op

_SQUARE = [{"A": (3, 3)}, {"A": (2, 3, 3)}]
_SYMMETRIC = [{"A": ("symmetric", (3, 3))}, {"A": ("symmetric", (2, 3, 3))}]
_FACTORED = [*_SYMMETRIC, {"A": ("symmetric", (3, 3)), "lower": False}]


def square(p, ins):
    """Shape rule: square matrices give square matrices."""
    return [_square(ins[0])], [ins[0]]


def _square(shape):
    if shape is None:
        return None
    if len(shape) < 2 or (shape[-1] and shape[-2] and shape[-1] != shape[-2]):
        raise ShapeError(f"Shape inconsistent, square matrices are needed, got {shape}")
    return shape


def _t(x):
    return x.swapaxes(-1, -2)


# ---- products -------------------------------------------------------------------------------


def _gemm_shape(p, ins):
    a, b = ins[:2]
    if a is None or b is None:
        return ins, [ins[2] if len(ins) == 3 else None]
    if len(a) != len(b) or len(a) < 2:
        raise ShapeError(f"Shape inconsistent, {a} × {b}")
    rows = rules.one_axis(p["axis"], len(a))
    if rows == len(a) - 1:
        raise ShapeError(f"axis {p['axis']} is that of the columns")
    rest = [tuple(n for i, n in enumerate(shape[:-1]) if i != rows) for shape in (a, b)]
    batch = rules.merge(*rest, "batch")
    m, k = (a[-1], a[rows]) if p["transpose_a"] else (a[rows], a[-1])
    k2, n = (b[-1], b[rows]) if p["transpose_b"] else (b[rows], b[-1])
    if k and k2 and k != k2:
        raise ShapeError(f"Shape inconsistent, {k} of {a} against {k2} of {b}")
    out = (*batch[:rows], m, *batch[rows:], n)
    if len(ins) == 2:
        return ins, [out]
    out = rules.merge(out, ins[2], "C")
    return [a, b, out], [out]


@op(
    aliases=["linalg_gemm2"],
    infer=_gemm_shape,
    examples=[
        {"A": (3, 4), "B": (4, 5), "alpha": 2.0},
        {"A": (2, 4, 3), "B": (2, 5, 4), "transpose_a": True, "transpose_b": True},
        {"A": (3, 2, 4), "B": (4, 2, 5), "axis": 0},
    ],
)
def _linalg_gemm2(
    xp,
    A,
    B,
    *,
    transpose_a: Bool = False,  # take the transposes of A's matrices
    transpose_b: Bool = False,  # take the transposes of B's matrices
    alpha: Float = 1.0,
    axis: Int = -2,  # axis of the rows; the columns are the last
):
    """``alpha · op(A) · op(B)``, matrix by matrix."""
    a, b = xp.moveaxis(A, axis, -2), xp.moveaxis(B, axis, -2)
    out = xp.matmul(_t(a) if transpose_a else a, _t(b) if transpose_b else b)
    if alpha != 1:
        out *= alpha
    return xp.moveaxis(out, -2, axis)


def _product(F, p):
    return partial(F._linalg_gemm2, alpha=p["alpha"], axis=p["axis"])


_linalg_gemm2.grad(
    A=lambda F, g, B, p: left_grad(_product(F, p), g, B, p),
    B=lambda F, g, A, p: right_grad(_product(F, p), A, g, p),
)


@op(
    aliases=["linalg_gemm"],
    infer=_gemm_shape,
    examples=[
        {"A": (3, 4), "B": (4, 5), "C": (3, 5), "alpha": 2.0, "beta": 0.5},
        {"A": (2, 4, 3), "B": (2, 5, 4), "C": (2, 3, 5), "transpose_a": True, "transpose_b": True},
    ],
)
def _linalg_gemm(
    xp,
    A,
    B,
    C,
    *,
    transpose_a: Bool = False,  # take the transposes of A's matrices
    transpose_b: Bool = False,  # take the transposes of B's matrices
    alpha: Float = 1.0,
    beta: Float = 1.0,
    axis: Int = -2,  # axis of the rows; the columns are the last
):
    """``alpha · op(A) · op(B) + beta · C``, matrix by matrix."""
    product = _linalg_gemm2.body(
        xp, A, B, transpose_a=transpose_a, transpose_b=transpose_b, alpha=alpha, axis=axis
    )
    return product + beta * C


_linalg_gemm.grad(
    A=lambda F, g, B, p: left_grad(_product(F, p), g, B, p),
    B=lambda F, g, A, p: right_grad(_product(F, p), A, g, p),
    C=lambda F, g, p: g * p["beta"],
)


def _syrk_shape(p, ins):
    a = ins[0]
    if a is None:
        return ins, [None]
    if len(a) < 2:
        raise ShapeError(f"Shape inconsistent, matrices are needed, got {a}")
    size = a[-1] if p["transpose"] else a[-2]
    return ins, [(*a[:-2], size, size)]


@op(
    aliases=["linalg_syrk"],
    infer=_syrk_shape,
    examples=[{"A": (2, 3), "alpha": 2.0}, {"A": (2, 2, 3), "transpose": True}],
)
def _linalg_syrk(
    xp,
    A,
    *,
    transpose: Bool = False,  # Aᵀ · A instead
    alpha: Float = 1.0,
):
    """``alpha · A · Aᵀ``."""
    out = xp.matmul(_t(A), A) if transpose else xp.matmul(A, _t(A))
    return alpha * out


def _syrk_back(F, g, A, p):
    product = partial(F._linalg_gemm2, alpha=p["alpha"])
    if p["transpose"]:
        return product(A, g) + product(A, g, transpose_b=True)
    return product(g, A) + product(g, A, transpose_a=True)


_linalg_syrk.grad(A=_syrk_back)


# ---- triangular matrices --------------------------------------------------------------------


def _triangular_shape(p, ins):
    a, b = ins
    if a is None or b is None:
        return ins, [b]
    _square(a)
    if len(a) != len(b):
        raise ShapeError(f"Shape inconsistent, {a} × {b}")
    size = b[-1] if p["rightside"] else b[-2]
    if a[-1] and size and a[-1] != size:
        raise ShapeError(f"Shape inconsistent, {a} × {b}")
    rules.merge(a[:-2], b[:-2], "batch")
    return ins, [b]


def _triangular(xp, A, lower, transpose):
    half = xp.tril(A) if lower else xp.triu(A)
    return _t(half) if transpose else half


_TRIANGULAR = [
    {"A": ("symmetric", (3, 3)), "B": (3, 2), "alpha": 2.0},
    {"A": ("symmetric", (2, 3, 3)), "B": (2, 3, 2), "lower": False, "transpose": True},
    {"A": ("symmetric", (3, 3)), "B": (2, 3), "rightside": True},
    {"A": ("symmetric", (3, 3)), "B": (2, 3), "rightside": True, "transpose": True},
]


@op(aliases=["linalg_trmm"], infer=_triangular_shape, examples=_TRIANGULAR)
def _linalg_trmm(
    xp,
    A,
    B,
    *,
    transpose: Bool = False,  # take the transposes of A's matrices
    rightside: Bool = False,  # B · op(A) instead of op(A) · B
    lower: Bool = True,  # A is lower triangular, not upper
    alpha: Float = 1.0,
):
    """``alpha · op(A) · B`` for a triangular A."""
    half = _triangular(xp, A, lower, transpose)
    return alpha * (xp.matmul(B, half) if rightside else xp.matmul(half, B))


def _turned(p, alpha):
    """The parameters of the same operator for the transposed matrix."""
    kept = {name: p[name] for name in ("rightside", "lower")}
    return {**kept, "transpose": not p["transpose"], "alpha": alpha}


def _trmm_left(F, g, B, p):
    product, ta = partial(F._linalg_gemm2, alpha=p["alpha"]), p["transpose"]
    if p["rightside"] == ta:
        grad = product(g, B, transpose_a=ta, transpose_b=not ta)
    else:
        grad = product(B, g, transpose_a=not ta, transpose_b=ta)
    return triangle(F, grad, p["lower"])


_linalg_trmm.grad(A=_trmm_left, B=lambda F, g, A, p: F._linalg_trmm(A, g, **_turned(p, p["alpha"])))


@op(aliases=["linalg_trsm"], infer=_triangular_shape, examples=_TRIANGULAR)
def _linalg_trsm(
    xp,
    A,
    B,
    *,
    transpose: Bool = False,  # take the transposes of A's matrices
    rightside: Bool = False,  # X · op(A) instead of op(A) · X
    lower: Bool = True,  # A is lower triangular, not upper
    alpha: Float = 1.0,
):
    """The X of ``op(A) · X = alpha · B`` for a triangular A."""
    half = _triangular(xp, A, lower, transpose)
    if rightside:
        return _t(xp.linalg.solve(_t(half), alpha * _t(B)))
    return xp.linalg.solve(half, alpha * B)


def _trsm_left(F, g, A, out, p):
    product, ta = partial(F._linalg_gemm2, alpha=-1.0), p["transpose"]
    inner = F._linalg_trsm(A, g, **_turned(p, 1.0))
    if p["rightside"] == ta:
        grad = product(inner, out, transpose_a=ta, transpose_b=not ta)
    else:
        grad = product(out, inner, transpose_a=not ta, transpose_b=ta)
    return triangle(F, grad, p["lower"])


_linalg_trsm.grad(A=_trsm_left, B=lambda F, g, A, p: F._linalg_trsm(A, g, **_turned(p, p["alpha"])))


# ---- Cholesky -------------------------------------------------------------------------------


@op(aliases=["linalg_potrf"], infer=square, examples=_FACTORED)
def _linalg_potrf(
    xp,
    A,
    *,
    lower: Bool = True,  # the lower triangular factor, not the upper
):
    """The triangular L of ``L · Lᵀ = A``, symmetric and positive definite; Lᵀ if not *lower*."""
    factor = xp.linalg.cholesky(A)
    return factor if lower else xp.ascontiguousarray(_t(factor))


def _potrf_back(F, g, out, p):
    if not p["lower"]:
        return _lower_potrf_back(F, turned(F, g), turned(F, out))
    return _lower_potrf_back(F, g, out)


def _lower_potrf_back(F, g, out):
    inner = mirrored(F, F._linalg_trmm(out, g, transpose=True))
    left = F._linalg_trsm(out, inner, transpose=True)
    return F._linalg_trsm(out, left, rightside=True, alpha=0.5)


_linalg_potrf.grad(A=_potrf_back)


@op(aliases=["linalg_potri"], infer=square, examples=_FACTORED)
def _linalg_potri(
    xp,
    A,
    *,
    lower: Bool = True,  # A is lower triangular, not upper
):
    """The inverse of ``A · Aᵀ`` from its triangular factor A; of ``Aᵀ · A`` if not *lower*."""
    inverse = xp.linalg.inv(xp.tril(A) if lower else _t(xp.triu(A)))
    return xp.matmul(_t(inverse), inverse)


def _potri_back(F, g, A, out, p):
    if not p["lower"]:
        return turned(F, _lower_potri_back(F, g, turned(F, A), out))
    return _lower_potri_back(F, g, A, out)


def _lower_potri_back(F, g, A, out):
    half = F._linalg_gemm2(out, g) + F._linalg_gemm2(out, g, transpose_b=True)
    grad = F._linalg_trsm(A, half, rightside=True, transpose=True, alpha=-1.0)
    return triangle(F, grad, lower=True)


_linalg_potri.grad(A=_potri_back)


# ---- inverse and determinants ---------------------------------------------------------------


@op(aliases=["_npi_inv", "linalg_inverse"], infer=square, examples=_SQUARE)
def _linalg_inverse(xp, A):
    """The inverses of square matrices."""
    return xp.linalg.inv(A)


def _inverse_back(F, g, out):
    right = F._linalg_gemm2(g, out, transpose_b=True)
    return F._linalg_gemm2(out, right, transpose_a=True, alpha=-1.0)


_linalg_inverse.grad(A=_inverse_back)


def _batch(count):
    """Shape rule: *count* numbers for each square matrix."""

    def rule(p, ins):
        shape = _square(ins[0])
        out = None if shape is None else shape[:-2] or (1,)
        return [shape], [out] * count

    return rule


def _weighted_inverse(F, A, weight, singular, shape):
    """``weight · A⁻ᵀ``; a *singular* A, whose weight is zero, makes place for one that is not."""
    numbers = shape[:-2]
    ones = F._reshape_to(singular, shape=(*numbers, 1))
    eye = F._linalg_makediag(F.broadcast_to(ones, shape=shape[:-1]))
    inverse = F._linalg_inverse(A + eye)
    return F.broadcast_mul(turned(F, inverse), F._reshape_to(weight, shape=(*numbers, 1, 1)))


@op(
    aliases=["_npi_det", "linalg_det"],
    output_names=["output0"],
    infer=_batch(1),
    examples=_SQUARE,
)
def _linalg_det(xp, A):
    """The determinants; shape (1,) for one matrix. The gradient of a singular one is zero."""
    return xp.linalg.det(A).reshape(A.shape[:-2] or (1,)).astype(A.dtype, copy=False)


_linalg_det.grad(
    A=lambda F, g, A, out, A_shape: _weighted_inverse(F, A, g * out, out == 0, A_shape)
)


@op(
    aliases=["_npi_slogdet", "linalg_slogdet"],
    outputs=2,
    infer=_batch(2),
    examples=_SQUARE,
)
def _linalg_slogdet(xp, A):
    """Sign and logarithm of the absolute value of the determinants.

    The gradient of a singular matrix is zero, and so is that of all signs.
    """
    sign, log = xp.linalg.slogdet(A)
    shape = A.shape[:-2] or (1,)
    return tuple(xp.asarray(x).reshape(shape).astype(A.dtype, copy=False) for x in (sign, log))


def _slogdet_back(F, g, A, outs, A_shape):
    if g[1] is None:
        return None
    weight = g[1] * F.abs(outs[0])
    return _weighted_inverse(F, A, weight, outs[0] == 0, A_shape)


_linalg_slogdet.grad(A=_slogdet_back)
