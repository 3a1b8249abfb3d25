# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.ndarray.core import NDArray

def exponential_like(data: NDArray, lam: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of the exponential distribution. In the shape and dtype of *data*."""

def gamma_like(data: NDArray, alpha: float = ..., beta: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of the gamma distribution, of mean ``alpha · beta``. In the shape and dtype of *data*."""

def generalized_negative_binomial_like(data: NDArray, mu: float = ..., alpha: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Counts of the negative binomial distribution by mean and dispersion. In the shape and dtype of *data*."""

def negative_binomial_like(data: NDArray, k: int = ..., p: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Failures before the *k*-th success. In the shape and dtype of *data*."""

def normal_like(data: NDArray, loc: float = ..., scale: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of the normal distribution. In the shape and dtype of *data*."""

def poisson_like(data: NDArray, lam: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Counts of the Poisson distribution. In the shape and dtype of *data*."""

def uniform_like(data: NDArray, low: float = ..., high: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of equal probability in [low, high). In the shape and dtype of *data*."""
