# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.symbol.symbol import Symbol

def det(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The determinants; shape (1,) for one matrix. The gradient of a singular one is zero."""

def extractdiag(A: Symbol | None = ..., offset: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A diagonal of each matrix, as a vector."""

def extracttrian(A: Symbol | None = ..., offset: int = ..., lower: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A triangle of each matrix, as a vector: a lower one by rows, an upper one by columns."""

def gelqf(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Q with orthonormal rows and a lower triangular L with ``L · Q = A``."""

def gemm(A: Symbol | None = ..., B: Symbol | None = ..., C: Symbol | None = ..., transpose_a: bool = ..., transpose_b: bool = ..., alpha: float = ..., beta: float = ..., axis: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``alpha · op(A) · op(B) + beta · C``, matrix by matrix."""

def gemm2(A: Symbol | None = ..., B: Symbol | None = ..., transpose_a: bool = ..., transpose_b: bool = ..., alpha: float = ..., axis: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``alpha · op(A) · op(B)``, matrix by matrix."""

def inverse(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverses of square matrices."""

def makediag(A: Symbol | None = ..., offset: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A matrix for each vector, which stands on a diagonal."""

def maketrian(A: Symbol | None = ..., offset: int = ..., lower: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A matrix for each vector, which fills a triangle as ``extracttrian`` reads it."""

def potrf(A: Symbol | None = ..., lower: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The triangular L of ``L · Lᵀ = A``, symmetric and positive definite; Lᵀ if not *lower*."""

def potri(A: Symbol | None = ..., lower: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverse of ``A · Aᵀ`` from its triangular factor A; of ``Aᵀ · A`` if not *lower*."""

def slogdet(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Sign and logarithm of the absolute value of the determinants."""

def sumlogdiag(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Σ log of the diagonal of each matrix; shape (1,) for one matrix."""

def syevd(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Eigenvectors U, as rows, and rising eigenvalues L of symmetric matrices: ``U · A = L · U``."""

def syrk(A: Symbol | None = ..., transpose: bool = ..., alpha: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``alpha · A · Aᵀ``."""

def trmm(A: Symbol | None = ..., B: Symbol | None = ..., transpose: bool = ..., rightside: bool = ..., lower: bool = ..., alpha: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``alpha · op(A) · B`` for a triangular A."""

def trsm(A: Symbol | None = ..., B: Symbol | None = ..., transpose: bool = ..., rightside: bool = ..., lower: bool = ..., alpha: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The X of ``op(A) · X = alpha · B`` for a triangular A."""
