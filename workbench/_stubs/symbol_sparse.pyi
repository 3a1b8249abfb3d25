# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.symbol.symbol import Symbol

def ElementWiseSum(*args: Symbol, num_args: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sum of all inputs, arrays of one shape."""

def Embedding(data: Symbol | None = ..., weight: Symbol | None = ..., input_dim: int = ..., output_dim: int = ..., dtype: Any = ..., sparse_grad: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Rows of a table: (...) indices × (input_dim, output_dim) → (..., output_dim)."""

def FullyConnected(data: Symbol | None = ..., weight: Symbol | None = ..., bias: Symbol | None = ..., num_hidden: int = ..., no_bias: bool = ..., flatten: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """An affine map, ``out = data · weightᵀ + bias``: (N, K) × (H, K) → (N, H)."""

def LinearRegressionOutput(data: Symbol | None = ..., label: Symbol | None = ..., grad_scale: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*data*, with the gradient of the squared error against *label*: ``data - label``."""

def LogisticRegressionOutput(data: Symbol | None = ..., label: Symbol | None = ..., grad_scale: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sigmoid(data)``, with the gradient of the cross entropy against *label*."""

def MAERegressionOutput(data: Symbol | None = ..., label: Symbol | None = ..., grad_scale: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*data*, with the gradient of the absolute error against *label*: ``sign(data - label)``."""

def abs(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``|data|``."""

def adagrad_update(weight: Symbol | None = ..., grad: Symbol | None = ..., history: Symbol | None = ..., lr: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``history += g²``; ``weight - lr · (g / sqrt(history + epsilon) + wd · weight)``."""

def adam_update(weight: Symbol | None = ..., grad: Symbol | None = ..., mean: Symbol | None = ..., var: Symbol | None = ..., lr: float = ..., beta1: float = ..., beta2: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``mean`` and ``var`` follow g and g²; ``weight - lr · mean / (sqrt(var) + epsilon)``."""

def add_n(*args: Symbol, num_args: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sum of all inputs, arrays of one shape."""

def arccos(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverse cosine."""

def arccosh(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverse hyperbolic cosine."""

def arcsin(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverse sine."""

def arcsinh(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverse hyperbolic sine."""

def arctan(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverse tangent."""

def arctanh(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverse hyperbolic tangent."""

def broadcast_add(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs + rhs`` with broadcasting."""

def broadcast_div(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs / rhs`` with broadcasting; integers are cut towards zero."""

def broadcast_minus(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs - rhs`` with broadcasting."""

def broadcast_mul(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs * rhs`` with broadcasting."""

def broadcast_plus(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs + rhs`` with broadcasting."""

def broadcast_sub(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs - rhs`` with broadcasting."""

def cast_storage(data: Symbol | None = ..., stype: Literal['csr', 'default', 'row_sparse'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data* in another storage."""

def cbrt(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The cube root."""

def ceil(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The smallest whole number above; the gradient is zero."""

def clip(data: Symbol | None = ..., a_min: float = ..., a_max: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``min(a_max, max(a_min, data))``; nan stays nan."""

def concat(*args: Symbol, num_args: int = ..., dim: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inputs one after the other along axis *dim*; all other sizes are equal."""

def cos(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The cosine."""

def cosh(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The hyperbolic cosine."""

def degrees(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Radians to degrees."""

def dot(lhs: Symbol | None = ..., rhs: Symbol | None = ..., transpose_a: bool = ..., transpose_b: bool = ..., forward_stype: Literal['csr', 'default', 'row_sparse'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The product over the last axis of *lhs* and the first of *rhs*: (..., K) × (K, ...)."""

def elemwise_add(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs + rhs``, arrays of one shape."""

def elemwise_div(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs / rhs``, arrays of one shape; integers are cut towards zero."""

def elemwise_mul(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs * rhs``, arrays of one shape."""

def elemwise_sub(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs - rhs``, arrays of one shape."""

def exp(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``e ** data``."""

def expm1(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``e ** data - 1``, exact near 0."""

def fix(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The whole number towards zero; the gradient is zero."""

def floor(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The largest whole number below; the gradient is zero."""

def ftrl_update(weight: Symbol | None = ..., grad: Symbol | None = ..., z: Symbol | None = ..., n: Symbol | None = ..., lr: float = ..., lamda1: float = ..., beta: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-sign(z) · max(|z| - lamda1, 0) / ((beta + sqrt(n)) / lr + wd)``."""

def gamma(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The gamma function ``Γ(data)``."""

def gammaln(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``log |Γ(data)|``."""

def log(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The natural logarithm."""

def log10(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The logarithm to base 10."""

def log1p(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``log(1 + data)``, exact near 0."""

def log2(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The logarithm to base 2."""

def make_loss(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data* whose gradient is 1, whatever comes from above."""

def mean(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The mean over axes, in the dtype of the input."""

def negative(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-data``."""

def norm(data: Symbol | None = ..., ord: int = ..., axis: int | Sequence[int] | None = ..., out_dtype: Any | None = ..., keepdims: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The length of vectors along axes: ``Σ|data|`` or ``√Σdata²``."""

def radians(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Degrees to radians."""

def relu(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``max(data, 0)``; nan stays nan."""

def retain(data: Symbol | None = ..., indices: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*data* with zeros in all rows but those at *indices*; (N, ...), (K,) → (N, ...)."""

def rint(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The nearest whole number, halves downwards as in MXNet; the gradient is zero."""

def round(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The nearest whole number, halves away from zero; the gradient is zero."""

def rsqrt(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``1 / √data``."""

def sgd_mom_update(weight: Symbol | None = ..., grad: Symbol | None = ..., mom: Symbol | None = ..., lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``mom = momentum · mom - lr · (g + wd · weight)``; ``weight + mom``."""

def sgd_update(weight: Symbol | None = ..., grad: Symbol | None = ..., lr: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``weight - lr · (g + wd · weight)``."""

def sigmoid(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``1 / (1 + exp(-data))``."""

def sign(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """-1, 0 or 1, and 0 of nan; the gradient is zero."""

def sin(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sine."""

def sinh(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The hyperbolic sine."""

def slice(data: Symbol | None = ..., begin: int | Sequence[int] = ..., end: int | Sequence[int] = ..., step: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data[begin[0]:end[0]:step[0], ...]``."""

def sqrt(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``√data``."""

def square(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data²``."""

def stop_gradient(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data* through which no gradient flows back."""

def sum(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sum over axes, in the dtype of the input."""

def tan(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The tangent."""

def tanh(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The hyperbolic tangent."""

def trunc(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The whole number towards zero; the gradient is zero."""

def where(condition: Symbol | None = ..., x: Symbol | None = ..., y: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*x* where the condition is not 0, else *y*."""

def zeros_like(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Zeros of *data*'s shape and dtype."""
