# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.symbol.symbol import Symbol

def exponential_like(data: Symbol | None = ..., lam: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of the exponential distribution. In the shape and dtype of *data*."""

def gamma_like(data: Symbol | None = ..., alpha: float = ..., beta: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of the gamma distribution, of mean ``alpha · beta``. In the shape and dtype of *data*."""

def generalized_negative_binomial_like(data: Symbol | None = ..., mu: float = ..., alpha: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Counts of the negative binomial distribution by mean and dispersion. In the shape and dtype of *data*."""

def negative_binomial_like(data: Symbol | None = ..., k: int = ..., p: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Failures before the *k*-th success. In the shape and dtype of *data*."""

def normal_like(data: Symbol | None = ..., loc: float = ..., scale: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of the normal distribution. In the shape and dtype of *data*."""

def poisson_like(data: Symbol | None = ..., lam: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Counts of the Poisson distribution. In the shape and dtype of *data*."""

def uniform_like(data: Symbol | None = ..., low: float = ..., high: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of equal probability in [low, high). In the shape and dtype of *data*."""
