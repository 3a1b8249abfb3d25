"""Diagonals and triangles of matrices as vectors, and back."""

import math

from ..error import ShapeError
from .params import Bool, Int
from .registry import op


def _size(shape):
    """Rows of the square matrices; 0 where unknown."""
    if len(shape) < 2 or (shape[-1] and shape[-2] and shape[-1] != shape[-2]):
        raise ShapeError(f"Shape inconsistent, square matrices are needed, got {shape}")
    return shape[-1] or shape[-2]


def _inner(shape, offset):
    """Length of a diagonal, or rows of the triangle beyond it; 0 where unknown."""
    size = _size(shape)
    if size and abs(offset) >= size:
        raise ShapeError(f"offset {offset} is outside of {shape}")
    return size and size - abs(offset)


# ---- diagonals ------------------------------------------------------------------------------


def _extract_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    return ins, [(*ins[0][:-2], _inner(ins[0], p["offset"]))]


@op(
    aliases=["linalg_extractdiag"],
    infer=_extract_shape,
    examples=[{"A": (2, 4, 4)}, {"A": (3, 3), "offset": -1}],
)
def _linalg_extractdiag(
    xp,
    A,
    *,
    offset: Int = 0,  # which diagonal; positive above the main one
):
    """A diagonal of each matrix, as a vector."""
    return xp.diagonal(A, offset, -2, -1).copy()


def _make_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    size = ins[0][-1] and ins[0][-1] + abs(p["offset"])
    return ins, [(*ins[0][:-1], size, size)]


@op(
    aliases=["linalg_makediag"],
    infer=_make_shape,
    examples=[{"A": (2, 3)}, {"A": (3,), "offset": -1}],
)
def _linalg_makediag(
    xp,
    A,
    *,
    offset: Int = 0,  # which diagonal; positive above the main one
):
    """A matrix for each vector, which stands on a diagonal."""
    length = A.shape[-1]
    size = length + abs(offset)
    out = xp.zeros((*A.shape[:-1], size, size), A.dtype)
    places = xp.arange(length)
    out[..., places + max(0, -offset), places + max(0, offset)] = A
    return out


_linalg_extractdiag.grad(A=lambda F, g, p: F._linalg_makediag(g, offset=p["offset"]))
_linalg_makediag.grad(A=lambda F, g, p: F._linalg_extractdiag(g, offset=p["offset"]))


@op(
    aliases=["linalg_sumlogdiag"],
    infer=lambda p, ins: (ins, [None if ins[0] is None else ins[0][:-2] or (1,)]),
    examples=[{"A": ("symmetric", (3, 3))}, {"A": ("symmetric", (2, 3, 3))}],
)
def _linalg_sumlogdiag(xp, A):
    """Σ log of the diagonal of each matrix; shape (1,) for one matrix."""
    diagonal = xp.diagonal(A, 0, -2, -1)
    return xp.log(diagonal).sum(axis=-1).reshape(A.shape[:-2] or (1,))


def _sumlogdiag_back(F, g, A, A_shape):
    wide = F._reshape_to(g, shape=(*A_shape[:-2], 1))
    return F._linalg_makediag(F.broadcast_div(wide, F._linalg_extractdiag(A)))


_linalg_sumlogdiag.grad(A=_sumlogdiag_back)


# ---- triangles ------------------------------------------------------------------------------


def _places(xp, size, offset, lower):
    """Rows and columns of a triangle; the sign of an offset says which one.

    A lower one goes row by row, an upper one column by column.
    """
    if offset < 0 or (lower and not offset):
        return xp.tril_indices(size, offset)
    columns, rows = xp.tril_indices(size, -offset)
    return rows, columns


@op(
    aliases=["linalg_extracttrian"],
    examples=[{"A": (2, 3, 3)}, {"A": (3, 3), "lower": False}, {"A": (3, 3), "offset": 1}],
)
def _linalg_extracttrian(
    xp,
    A,
    *,
    offset: Int = 0,  # the diagonal that bounds it; above 0 an upper triangle, below a lower one
    lower: Bool = True,  # which one where offset is 0
):
    """A triangle of each matrix, as a vector: a lower one by rows, an upper one by columns."""
    rows, columns = _places(xp, A.shape[-1], offset, lower)
    return A[..., rows, columns]


@_linalg_extracttrian.infer
def _extracttrian_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    rows = _inner(ins[0], p["offset"])
    return ins, [(*ins[0][:-2], rows * (rows + 1) // 2)]


@op(
    aliases=["linalg_maketrian"],
    examples=[{"A": (2, 6)}, {"A": (6,), "lower": False}, {"A": (3,), "offset": 1}],
)
def _linalg_maketrian(
    xp,
    A,
    *,
    offset: Int = 0,  # the diagonal that bounds it; above 0 an upper triangle, below a lower one
    lower: Bool = True,  # which one where offset is 0
):
    """A matrix for each vector, which fills a triangle as ``extracttrian`` reads it."""
    size = _rows(A.shape[-1]) + abs(offset)
    out = xp.zeros((*A.shape[:-1], size, size), A.dtype)
    rows, columns = _places(xp, size, offset, lower)
    out[..., rows, columns] = A
    return out


def _rows(length):
    """Rows of the triangle with so many elements."""
    rows = (math.isqrt(8 * length + 1) - 1) // 2
    if rows * (rows + 1) // 2 != length:
        raise ShapeError(f"{length} elements fill no triangle")
    return rows


@_linalg_maketrian.infer
def _maketrian_shape(p, ins):
    if ins[0] is None:
        return ins, [None]
    length = ins[0][-1]
    size = length and _rows(length) + abs(p["offset"])
    return ins, [(*ins[0][:-1], size, size)]


_linalg_extracttrian.grad(
    A=lambda F, g, p: F._linalg_maketrian(g, offset=p["offset"], lower=p["lower"])
)
_linalg_maketrian.grad(
    A=lambda F, g, p: F._linalg_extracttrian(g, offset=p["offset"], lower=p["lower"])
)


# ---- for the gradients of factors -----------------------------------------------------------


def turned(F, x):
    """The transposes of all matrices."""
    return F.swapaxes(x, dim1=-2, dim2=-1)


def triangle(F, x, lower):
    """*x* with zeros in the other triangle."""
    return F._linalg_maketrian(F._linalg_extracttrian(x, lower=lower), lower=lower)


def mirrored(F, x):
    """The symmetric matrix of which *x* gives the lower triangle."""
    half = triangle(F, x, lower=True)
    return half + turned(F, half) - F._linalg_makediag(F._linalg_extractdiag(half))
