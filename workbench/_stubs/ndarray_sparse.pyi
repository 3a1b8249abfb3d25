# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.ndarray.core import NDArray

def ElementWiseSum(*args: NDArray, num_args: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sum of all inputs, arrays of one shape."""

def Embedding(data: NDArray, weight: NDArray, input_dim: int = ..., output_dim: int = ..., dtype: Any = ..., sparse_grad: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Rows of a table: (...) indices × (input_dim, output_dim) → (..., output_dim)."""

def FullyConnected(data: NDArray, weight: NDArray, bias: NDArray | None = ..., num_hidden: int = ..., no_bias: bool = ..., flatten: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """An affine map, ``out = data · weightᵀ + bias``: (N, K) × (H, K) → (N, H)."""

def LinearRegressionOutput(data: NDArray, label: NDArray, grad_scale: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*data*, with the gradient of the squared error against *label*: ``data - label``."""

def LogisticRegressionOutput(data: NDArray, label: NDArray, grad_scale: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``sigmoid(data)``, with the gradient of the cross entropy against *label*."""

def MAERegressionOutput(data: NDArray, label: NDArray, grad_scale: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*data*, with the gradient of the absolute error against *label*: ``sign(data - label)``."""

def abs(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``|data|``."""

def adagrad_update(weight: NDArray, grad: NDArray, history: NDArray, lr: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``history += g²``; ``weight - lr · (g / sqrt(history + epsilon) + wd · weight)``."""

def adam_update(weight: NDArray, grad: NDArray, mean: NDArray, var: NDArray, lr: float = ..., beta1: float = ..., beta2: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``mean`` and ``var`` follow g and g²; ``weight - lr · mean / (sqrt(var) + epsilon)``."""

def add_n(*args: NDArray, num_args: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sum of all inputs, arrays of one shape."""

def arccos(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverse cosine."""

def arccosh(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverse hyperbolic cosine."""

def arcsin(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverse sine."""

def arcsinh(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverse hyperbolic sine."""

def arctan(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverse tangent."""

def arctanh(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverse hyperbolic tangent."""

def broadcast_add(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs + rhs`` with broadcasting."""

def broadcast_div(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs / rhs`` with broadcasting; integers are cut towards zero."""

def broadcast_minus(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs - rhs`` with broadcasting."""

def broadcast_mul(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs * rhs`` with broadcasting."""

def broadcast_plus(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs + rhs`` with broadcasting."""

def broadcast_sub(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs - rhs`` with broadcasting."""

def cast_storage(data: NDArray, stype: Literal['csr', 'default', 'row_sparse'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data* in another storage."""

def cbrt(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The cube root."""

def ceil(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The smallest whole number above; the gradient is zero."""

def clip(data: NDArray, a_min: float = ..., a_max: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``min(a_max, max(a_min, data))``; nan stays nan."""

def concat(*args: NDArray, num_args: int = ..., dim: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inputs one after the other along axis *dim*; all other sizes are equal."""

def cos(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The cosine."""

def cosh(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The hyperbolic cosine."""

def degrees(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Radians to degrees."""

def dot(lhs: NDArray, rhs: NDArray, transpose_a: bool = ..., transpose_b: bool = ..., forward_stype: Literal['csr', 'default', 'row_sparse'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The product over the last axis of *lhs* and the first of *rhs*: (..., K) × (K, ...)."""

def elemwise_add(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs + rhs``, arrays of one shape."""

def elemwise_div(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs / rhs``, arrays of one shape; integers are cut towards zero."""

def elemwise_mul(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs * rhs``, arrays of one shape."""

def elemwise_sub(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs - rhs``, arrays of one shape."""

def exp(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``e ** data``."""

def expm1(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``e ** data - 1``, exact near 0."""

def fix(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The whole number towards zero; the gradient is zero."""

def floor(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The largest whole number below; the gradient is zero."""

def ftrl_update(weight: NDArray, grad: NDArray, z: NDArray, n: NDArray, lr: float = ..., lamda1: float = ..., beta: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-sign(z) · max(|z| - lamda1, 0) / ((beta + sqrt(n)) / lr + wd)``."""

def gamma(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The gamma function ``Γ(data)``."""

def gammaln(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``log |Γ(data)|``."""

def log(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The natural logarithm."""

def log10(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The logarithm to base 10."""

def log1p(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``log(1 + data)``, exact near 0."""

def log2(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The logarithm to base 2."""

def make_loss(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data* whose gradient is 1, whatever comes from above."""

def mean(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The mean over axes, in the dtype of the input."""

def negative(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-data``."""

def norm(data: NDArray, ord: int = ..., axis: int | Sequence[int] | None = ..., out_dtype: Any | None = ..., keepdims: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The length of vectors along axes: ``Σ|data|`` or ``√Σdata²``."""

def radians(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Degrees to radians."""

def relu(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``max(data, 0)``; nan stays nan."""

def rint(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The nearest whole number, halves downwards as in MXNet; the gradient is zero."""

def round(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The nearest whole number, halves away from zero; the gradient is zero."""

def rsqrt(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``1 / √data``."""

def sgd_mom_update(weight: NDArray, grad: NDArray, mom: NDArray, lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``mom = momentum · mom - lr · (g + wd · weight)``; ``weight + mom``."""

def sgd_update(weight: NDArray, grad: NDArray, lr: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``weight - lr · (g + wd · weight)``."""

def sigmoid(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``1 / (1 + exp(-data))``."""

def sign(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """-1, 0 or 1, and 0 of nan; the gradient is zero."""

def sin(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sine."""

def sinh(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The hyperbolic sine."""

def slice(data: NDArray, begin: int | Sequence[int] = ..., end: int | Sequence[int] = ..., step: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data[begin[0]:end[0]:step[0], ...]``."""

def sqrt(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``√data``."""

def square(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data²``."""

def stop_gradient(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data* through which no gradient flows back."""

def sum(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sum over axes, in the dtype of the input."""

def tan(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The tangent."""

def tanh(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The hyperbolic tangent."""

def trunc(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The whole number towards zero; the gradient is zero."""

def where(condition: NDArray, x: NDArray, y: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*x* where the condition is not 0, else *y*."""

def zeros_like(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Zeros of *data*'s shape and dtype."""
