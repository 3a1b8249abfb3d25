# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.ndarray.core import NDArray

class Fluent:
    def abs(self, **kwargs: Any) -> NDArray:
        """``|data|``."""

    def arccos(self, **kwargs: Any) -> NDArray:
        """The inverse cosine."""

    def arccosh(self, **kwargs: Any) -> NDArray:
        """The inverse hyperbolic cosine."""

    def arcsin(self, **kwargs: Any) -> NDArray:
        """The inverse sine."""

    def arcsinh(self, **kwargs: Any) -> NDArray:
        """The inverse hyperbolic sine."""

    def arctan(self, **kwargs: Any) -> NDArray:
        """The inverse tangent."""

    def arctanh(self, **kwargs: Any) -> NDArray:
        """The inverse hyperbolic tangent."""

    def argmax(self, axis: int | None = ..., keepdims: bool = ..., **kwargs: Any) -> NDArray:
        """The index of the largest element, the first of several, in *data*'s dtype."""

    def argmax_channel(self, **kwargs: Any) -> NDArray:
        """The index of the largest element along axis 1: (N, C, ...) → (N, ...)."""

    def argmin(self, axis: int | None = ..., keepdims: bool = ..., **kwargs: Any) -> NDArray:
        """The index of the smallest element, the first of several, in *data*'s dtype."""

    def argsort(self, axis: int | None = ..., is_ascend: bool = ..., dtype: Any = ..., **kwargs: Any) -> NDArray:
        """The indices that sort along an axis; the gradient is zero."""

    def batch_dot(self, rhs: NDArray, transpose_a: bool = ..., transpose_b: bool = ..., forward_stype: Literal['csr', 'default', 'row_sparse'] | None = ..., **kwargs: Any) -> NDArray:
        """A product of matrices for each leading index: (B, M, K) × (B, K, N) → (B, M, N)."""

    def broadcast_axes(self, axis: int | Sequence[int] = ..., size: int | Sequence[int] = ..., **kwargs: Any) -> NDArray:
        """Repeat the given axes, which have size 1."""

    def broadcast_like(self, rhs: NDArray, lhs_axes: int | Sequence[int] | None = ..., rhs_axes: int | Sequence[int] | None = ..., **kwargs: Any) -> NDArray:
        """Repeat axes of *lhs* until it has the shape, or the given sizes, of *rhs*."""

    def cbrt(self, **kwargs: Any) -> NDArray:
        """The cube root."""

    def ceil(self, **kwargs: Any) -> NDArray:
        """The smallest whole number above; the gradient is zero."""

    def clip(self, a_min: float = ..., a_max: float = ..., **kwargs: Any) -> NDArray:
        """``min(a_max, max(a_min, data))``; nan stays nan."""

    def cos(self, **kwargs: Any) -> NDArray:
        """The cosine."""

    def cosh(self, **kwargs: Any) -> NDArray:
        """The hyperbolic cosine."""

    def degrees(self, **kwargs: Any) -> NDArray:
        """Radians to degrees."""

    def depth_to_space(self, block_size: int = ..., **kwargs: Any) -> NDArray:
        """Channels become blocks of places: (N, b² C, H, W) → (N, C, b H, b W)."""

    def diag(self, k: int = ..., axis1: int = ..., axis2: int = ..., **kwargs: Any) -> NDArray:
        """The diagonal of a matrix as the last axis, or the matrix with a vector on its diagonal."""

    def dot(self, rhs: NDArray, transpose_a: bool = ..., transpose_b: bool = ..., forward_stype: Literal['csr', 'default', 'row_sparse'] | None = ..., **kwargs: Any) -> NDArray:
        """The product over the last axis of *lhs* and the first of *rhs*: (..., K) × (K, ...)."""

    def exp(self, **kwargs: Any) -> NDArray:
        """``e ** data``."""

    def expm1(self, **kwargs: Any) -> NDArray:
        """``e ** data - 1``, exact near 0."""

    def fix(self, **kwargs: Any) -> NDArray:
        """The whole number towards zero; the gradient is zero."""

    def flip(self, axis: int | Sequence[int] = ..., **kwargs: Any) -> NDArray:
        """The elements along the given axes in reverse order."""

    def floor(self, **kwargs: Any) -> NDArray:
        """The largest whole number below; the gradient is zero."""

    def log(self, **kwargs: Any) -> NDArray:
        """The natural logarithm."""

    def log10(self, **kwargs: Any) -> NDArray:
        """The logarithm to base 10."""

    def log1p(self, **kwargs: Any) -> NDArray:
        """``log(1 + data)``, exact near 0."""

    def log2(self, **kwargs: Any) -> NDArray:
        """The logarithm to base 2."""

    def log_softmax(self, axis: int = ..., temperature: float | None = ..., dtype: Any | None = ..., use_length: bool | None = ..., **kwargs: Any) -> NDArray:
        """``log(softmax(data / t))`` along an axis, without overflow."""

    def max(self, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., **kwargs: Any) -> NDArray:
        """The largest element along axes."""

    def mean(self, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., **kwargs: Any) -> NDArray:
        """The mean over axes, in the dtype of the input."""

    def min(self, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., **kwargs: Any) -> NDArray:
        """The smallest element along axes."""

    def nanprod(self, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., **kwargs: Any) -> NDArray:
        """The product over axes; nan counts as 1."""

    def nansum(self, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., **kwargs: Any) -> NDArray:
        """The sum over axes; nan counts as 0."""

    def norm(self, ord: int = ..., axis: int | Sequence[int] | None = ..., out_dtype: Any | None = ..., keepdims: bool = ..., **kwargs: Any) -> NDArray:
        """The length of vectors along axes: ``Σ|data|`` or ``√Σdata²``."""

    def one_hot(self, depth: int = ..., on_value: float = ..., off_value: float = ..., dtype: Any = ..., **kwargs: Any) -> NDArray:
        """A new last axis, *on_value* at the index and *off_value* elsewhere; the gradient is zero."""

    def ones_like(self, **kwargs: Any) -> NDArray:
        """Ones of *data*'s shape and dtype."""

    def pad(self, mode: Literal['constant', 'edge', 'reflect'] = ..., pad_width: int | Sequence[int] = ..., constant_value: float = ..., **kwargs: Any) -> NDArray:
        """Elements added at both ends of each axis: a constant, the edge, or a mirror image."""

    def pick(self, index: NDArray, axis: int | None = ..., keepdims: bool = ..., mode: Literal['clip', 'wrap'] = ..., **kwargs: Any) -> NDArray:
        """One element along *axis* for each place: ``out[i] = data[i, index[i]]``."""

    def prod(self, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., **kwargs: Any) -> NDArray:
        """The product over axes, in the dtype of the input."""

    def radians(self, **kwargs: Any) -> NDArray:
        """Degrees to radians."""

    def rcbrt(self, **kwargs: Any) -> NDArray:
        """One over the cube root."""

    def reciprocal(self, **kwargs: Any) -> NDArray:
        """``1 / data``."""

    def relu(self, **kwargs: Any) -> NDArray:
        """``max(data, 0)``; nan stays nan."""

    def repeat(self, repeats: int = ..., axis: int | None = ..., **kwargs: Any) -> NDArray:
        """Each element repeated."""

    def rint(self, **kwargs: Any) -> NDArray:
        """The nearest whole number, halves downwards as in MXNet; the gradient is zero."""

    def round(self, **kwargs: Any) -> NDArray:
        """The nearest whole number, halves away from zero; the gradient is zero."""

    def rsqrt(self, **kwargs: Any) -> NDArray:
        """``1 / √data``."""

    def shape_array(self, **kwargs: Any) -> NDArray:
        """The sizes of *data* as an array of int64."""

    def sigmoid(self, **kwargs: Any) -> NDArray:
        """``1 / (1 + exp(-data))``."""

    def sign(self, **kwargs: Any) -> NDArray:
        """-1, 0 or 1, and 0 of nan; the gradient is zero."""

    def sin(self, **kwargs: Any) -> NDArray:
        """The sine."""

    def sinh(self, **kwargs: Any) -> NDArray:
        """The hyperbolic sine."""

    def size_array(self, **kwargs: Any) -> NDArray:
        """The number of elements of *data* as an array of int64."""

    def slice(self, begin: int | Sequence[int] = ..., end: int | Sequence[int] = ..., step: int | Sequence[int] = ..., **kwargs: Any) -> NDArray:
        """``data[begin[0]:end[0]:step[0], ...]``."""

    def slice_axis(self, axis: int = ..., begin: int = ..., end: int | None = ..., **kwargs: Any) -> NDArray:
        """The part from *begin* to *end* along one axis."""

    def slice_like(self, shape_like: NDArray, axes: int | Sequence[int] = ..., **kwargs: Any) -> NDArray:
        """The leading part of *data* that has the sizes of *shape_like*."""

    def softmax(self, length: NDArray | None = ..., axis: int = ..., temperature: float | None = ..., dtype: Any | None = ..., use_length: bool | None = ..., **kwargs: Any) -> NDArray:
        """``exp(data / t) / Σ exp(data / t)`` along an axis."""

    def softmin(self, axis: int = ..., temperature: float | None = ..., dtype: Any | None = ..., use_length: bool | None = ..., **kwargs: Any) -> NDArray:
        """``softmax(-data)``."""

    def sort(self, axis: int | None = ..., is_ascend: bool = ..., **kwargs: Any) -> NDArray:
        """The elements in order along an axis."""

    def space_to_depth(self, block_size: int = ..., **kwargs: Any) -> NDArray:
        """Blocks of places become channels: (N, C, b H, b W) → (N, b² C, H, W)."""

    def split(self, num_outputs: int = ..., axis: int = ..., squeeze_axis: bool = ..., **kwargs: Any) -> Any:
        """Equal parts along an axis."""

    def sqrt(self, **kwargs: Any) -> NDArray:
        """``√data``."""

    def square(self, **kwargs: Any) -> NDArray:
        """``data²``."""

    def sum(self, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., **kwargs: Any) -> NDArray:
        """The sum over axes, in the dtype of the input."""

    def swapaxes(self, dim1: int = ..., dim2: int = ..., **kwargs: Any) -> NDArray:
        """Two axes exchanged."""

    def take(self, indices: NDArray, axis: int = ..., mode: Literal['clip', 'raise', 'wrap'] = ..., **kwargs: Any) -> NDArray:
        """Slices of *a* at *indices* along an axis: their shape takes the place of that axis."""

    def tan(self, **kwargs: Any) -> NDArray:
        """The tangent."""

    def tanh(self, **kwargs: Any) -> NDArray:
        """The hyperbolic tangent."""

    def tile(self, reps: int | Sequence[int] = ..., **kwargs: Any) -> NDArray:
        """The whole array, repeated along its axes."""

    def topk(self, axis: int | None = ..., k: int = ..., ret_typ: Literal['both', 'indices', 'mask', 'value'] = ..., is_ascend: bool = ..., dtype: Any = ..., **kwargs: Any) -> Any:
        """The *k* largest elements along an axis in falling order."""

    def transpose(self, axes: int | Sequence[int] = ..., **kwargs: Any) -> NDArray:
        """The axes in another order."""

    def trunc(self, **kwargs: Any) -> NDArray:
        """The whole number towards zero; the gradient is zero."""

    def zeros_like(self, **kwargs: Any) -> NDArray:
        """Zeros of *data*'s shape and dtype."""
