# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.ndarray.core import NDArray

def det(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The determinants; shape (1,) for one matrix. The gradient of a singular one is zero."""

def extractdiag(A: NDArray, offset: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A diagonal of each matrix, as a vector."""

def extracttrian(A: NDArray, offset: int = ..., lower: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A triangle of each matrix, as a vector: a lower one by rows, an upper one by columns."""

def gelqf(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Q with orthonormal rows and a lower triangular L with ``L · Q = A``."""

def gemm(A: NDArray, B: NDArray, C: NDArray, transpose_a: bool = ..., transpose_b: bool = ..., alpha: float = ..., beta: float = ..., axis: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``alpha · op(A) · op(B) + beta · C``, matrix by matrix."""

def gemm2(A: NDArray, B: NDArray, transpose_a: bool = ..., transpose_b: bool = ..., alpha: float = ..., axis: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``alpha · op(A) · op(B)``, matrix by matrix."""

def inverse(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverses of square matrices."""

def makediag(A: NDArray, offset: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A matrix for each vector, which stands on a diagonal."""

def maketrian(A: NDArray, offset: int = ..., lower: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A matrix for each vector, which fills a triangle as ``extracttrian`` reads it."""

def potrf(A: NDArray, lower: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The triangular L of ``L · Lᵀ = A``, symmetric and positive definite; Lᵀ if not *lower*."""

def potri(A: NDArray, lower: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverse of ``A · Aᵀ`` from its triangular factor A; of ``Aᵀ · A`` if not *lower*."""

def slogdet(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Sign and logarithm of the absolute value of the determinants."""

def sumlogdiag(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Σ log of the diagonal of each matrix; shape (1,) for one matrix."""

def syevd(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Eigenvectors U, as rows, and rising eigenvalues L of symmetric matrices: ``U · A = L · U``."""

def syrk(A: NDArray, transpose: bool = ..., alpha: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``alpha · A · Aᵀ``."""

def trmm(A: NDArray, B: NDArray, transpose: bool = ..., rightside: bool = ..., lower: bool = ..., alpha: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``alpha · op(A) · B`` for a triangular A."""

def trsm(A: NDArray, B: NDArray, transpose: bool = ..., rightside: bool = ..., lower: bool = ..., alpha: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The X of ``op(A) · X = alpha · B`` for a triangular A."""
