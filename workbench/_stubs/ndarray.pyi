# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.ndarray.core import NDArray

def Activation(data: NDArray, act_type: Literal['relu', 'sigmoid', 'tanh', 'softrelu', 'softsign'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """relu, sigmoid, tanh, softrelu ``log(1 + exp(x))`` or softsign ``x / (1 + |x|)``."""

def BatchNorm(data: NDArray, gamma: NDArray, beta: NDArray, moving_mean: NDArray, moving_var: NDArray, eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., axis: int = ..., cudnn_off: bool = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, statistics of each channel."""

def BatchNorm_v1(data: NDArray, gamma: NDArray, beta: NDArray, moving_mean: NDArray, moving_var: NDArray, eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """BatchNorm along axis 1 as old files have it: its third output is the variance."""

def BilinearSampler(data: NDArray, grid: NDArray, cudnn_off: bool | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Images read at the places of a grid: (N, C, H, W), (N, 2, h, w) → (N, C, h, w)."""

def BlockGrad(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data* through which no gradient flows back."""

def CTCLoss(data: NDArray, label: NDArray, data_lengths: NDArray | None = ..., label_lengths: NDArray | None = ..., use_data_lengths: bool = ..., use_label_lengths: bool = ..., blank_label: Literal['first', 'last'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-log`` of the probability of each label sequence: (T, N, C), (N, L) → (N,)."""

def Cast(data: NDArray, dtype: Any = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*data* in another dtype; floats lose their fraction and wrap round as in C."""

def Concat(*args: NDArray, num_args: int = ..., dim: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inputs one after the other along axis *dim*; all other sizes are equal."""

def Convolution(data: NDArray, weight: NDArray, bias: NDArray | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., workspace: int = ..., no_bias: bool = ..., cudnn_tune: Literal['fastest', 'limited_workspace', 'off'] | None = ..., cudnn_off: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Cross-correlation: (N, C, H, W) × (F, C / groups, kh, kw) → (N, F, H', W')."""

def Convolution_v1(data: NDArray, weight: NDArray, bias: NDArray | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., workspace: int = ..., no_bias: bool = ..., cudnn_tune: Literal['fastest', 'limited_workspace', 'off'] | None = ..., cudnn_off: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Cross-correlation: (N, C, H, W) × (F, C / groups, kh, kw) → (N, F, H', W')."""

def Correlation(data1: NDArray, data2: NDArray, kernel_size: int = ..., max_displacement: int = ..., stride1: int = ..., stride2: int = ..., pad_size: int = ..., is_multiply: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Patches of two images compared: 2 × (N, C, H, W) → (N, D², H', W')."""

def Crop(*args: NDArray, num_args: int = ..., offset: int | Sequence[int] = ..., h_w: int | Sequence[int] = ..., center_crop: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A part of each image: (N, C, H, W) → (N, C, h, w)."""

def Deconvolution(data: NDArray, weight: NDArray, bias: NDArray | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., adj: int | Sequence[int] = ..., target_shape: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., workspace: int = ..., no_bias: bool = ..., cudnn_tune: Literal['fastest', 'limited_workspace', 'off'] | None = ..., cudnn_off: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Transposed convolution: (N, C, H, W) × (C, F / groups, kh, kw) → (N, F, H', W')."""

def Dropout(data: NDArray, p: float = ..., mode: Literal['always', 'training'] = ..., axes: int | Sequence[int] = ..., cudnn_off: bool | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Zero a random share *p* of the elements and divide the others by ``1 - p``."""

def ElementWiseSum(*args: NDArray, num_args: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sum of all inputs, arrays of one shape."""

def Embedding(data: NDArray, weight: NDArray, input_dim: int = ..., output_dim: int = ..., dtype: Any = ..., sparse_grad: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Rows of a table: (...) indices × (input_dim, output_dim) → (..., output_dim)."""

def Flatten(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """All axes but the first as one: (N, ...) → (N, K)."""

def FullyConnected(data: NDArray, weight: NDArray, bias: NDArray | None = ..., num_hidden: int = ..., no_bias: bool = ..., flatten: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """An affine map, ``out = data · weightᵀ + bias``: (N, K) × (H, K) → (N, H)."""

def GridGenerator(data: NDArray, transform_type: Literal['affine', 'warp'] = ..., target_shape: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Where BilinearSampler is to read: x and y from -1 to 1 for each pixel, (N, 2, h, w)."""

def GroupNorm(data: NDArray, gamma: NDArray, beta: NDArray, num_groups: int = ..., eps: float = ..., output_mean_var: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, for each group of channels."""

def IdentityAttachKLSparseReg(data: NDArray, moving_avg: NDArray, sparseness_target: float = ..., penalty: float = ..., momentum: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data*, to whose gradient a penalty on its mean is added."""

def InstanceNorm(data: NDArray, gamma: NDArray, beta: NDArray, eps: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, for each channel of each sample."""

def L2Normalization(data: NDArray, eps: float = ..., mode: Literal['channel', 'instance', 'spatial'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data / sqrt(Σ data² + eps)``."""

def LRN(data: NDArray, alpha: float = ..., beta: float = ..., knorm: float = ..., nsize: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data / (knorm + alpha / nsize · Σ data²) ** beta``, the sum over neighbouring channels."""

def LayerNorm(data: NDArray, gamma: NDArray, beta: NDArray, axis: int = ..., eps: float = ..., output_mean_var: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, statistics along one axis."""

def LeakyReLU(data: NDArray, gamma: NDArray | None = ..., act_type: Literal['elu', 'gelu', 'leaky', 'prelu', 'rrelu', 'selu'] = ..., slope: float = ..., lower_bound: float = ..., upper_bound: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Activations that let something of negative numbers through."""

def LinearRegressionOutput(data: NDArray, label: NDArray, grad_scale: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*data*, with the gradient of the squared error against *label*: ``data - label``."""

def LogisticRegressionOutput(data: NDArray, label: NDArray, grad_scale: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``sigmoid(data)``, with the gradient of the cross entropy against *label*."""

def MAERegressionOutput(data: NDArray, label: NDArray, grad_scale: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*data*, with the gradient of the absolute error against *label*: ``sign(data - label)``."""

def MakeLoss(data: NDArray, grad_scale: float = ..., valid_thresh: float = ..., normalization: Literal['batch', 'null', 'valid'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data* whose gradient is *grad_scale*, whatever comes from above."""

def Pad(data: NDArray, mode: Literal['constant', 'edge', 'reflect'] = ..., pad_width: int | Sequence[int] = ..., constant_value: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Elements added at both ends of each axis: a constant, the edge, or a mirror image."""

def Pooling(data: NDArray, kernel: int | Sequence[int] = ..., pool_type: Literal['avg', 'lp', 'max', 'sum'] = ..., global_pool: bool = ..., cudnn_off: bool = ..., pooling_convention: Literal['full', 'same', 'valid'] = ..., stride: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., p_value: int | None = ..., count_include_pad: bool | None = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC', 'NWC'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One value for each window: (N, C, H, W) → (N, C, H', W')."""

def Pooling_v1(data: NDArray, kernel: int | Sequence[int] = ..., pool_type: Literal['avg', 'lp', 'max', 'sum'] = ..., global_pool: bool = ..., cudnn_off: bool = ..., pooling_convention: Literal['full', 'same', 'valid'] = ..., stride: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., p_value: int | None = ..., count_include_pad: bool | None = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC', 'NWC'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One value for each window: (N, C, H, W) → (N, C, H', W')."""

def RNN(data: NDArray, parameters: NDArray, state: NDArray, state_cell: NDArray | None = ..., sequence_length: NDArray | None = ..., state_size: int = ..., num_layers: int = ..., bidirectional: bool = ..., mode: Literal['gru', 'lstm', 'rnn_relu', 'rnn_tanh'] = ..., p: float = ..., state_outputs: bool = ..., projection_size: int | None = ..., lstm_state_clip_min: float | None = ..., lstm_state_clip_max: float | None = ..., lstm_state_clip_nan: bool = ..., use_sequence_length: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """Sequences (T, N, I) through recurrent layers: (T, N, directions · H), and the last states."""

def ROIPooling(data: NDArray, rois: NDArray, pooled_size: int | Sequence[int] = ..., spatial_scale: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The largest element of each part of a region: (N, C, H, W) and (R, 5) → (R, C, h, w)."""

def Reshape(data: NDArray, shape: int | Sequence[int] = ..., reverse: bool = ..., target_shape: int | Sequence[int] = ..., keep_highest: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The same elements in the same order in another shape."""

def SVMOutput(data: NDArray, label: NDArray, margin: float = ..., regularization_coefficient: float = ..., use_linear: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of the scores *data*, with the gradient of hinge losses, one class against the rest."""

def SequenceLast(data: NDArray, sequence_length: NDArray | None = ..., use_sequence_length: bool = ..., axis: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The last element of each sequence: (T, N, ...) → (N, ...)."""

def SequenceMask(data: NDArray, sequence_length: NDArray | None = ..., use_sequence_length: bool = ..., value: float = ..., axis: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*data* with *value* from the end of each sequence on: (T, N, ...)."""

def SequenceReverse(data: NDArray, sequence_length: NDArray | None = ..., use_sequence_length: bool = ..., axis: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Each sequence backwards up to its end; what follows stays: (T, N, ...)."""

def SliceChannel(data: NDArray, num_outputs: int = ..., axis: int = ..., squeeze_axis: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """Equal parts along an axis."""

def Softmax(data: NDArray, label: NDArray, grad_scale: float = ..., ignore_label: float = ..., multi_output: bool = ..., use_ignore: bool = ..., preserve_shape: bool = ..., normalization: Literal['batch', 'null', 'valid'] = ..., out_grad: bool = ..., smooth_alpha: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """softmax, with the gradient of the cross entropy against *label*: ``out - one_hot(label)``."""

def SoftmaxActivation(data: NDArray, mode: Literal['channel', 'instance'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """softmax over axis 1 (channel), or over the last axis (instance)."""

def SoftmaxOutput(data: NDArray, label: NDArray, grad_scale: float = ..., ignore_label: float = ..., multi_output: bool = ..., use_ignore: bool = ..., preserve_shape: bool = ..., normalization: Literal['batch', 'null', 'valid'] = ..., out_grad: bool = ..., smooth_alpha: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """softmax, with the gradient of the cross entropy against *label*: ``out - one_hot(label)``."""

def SpatialTransformer(data: NDArray, loc: NDArray, target_shape: int | Sequence[int] = ..., transform_type: Literal['affine'] = ..., sampler_type: Literal['bilinear'] = ..., cudnn_off: bool | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Images seen through affine maps: (N, C, H, W), (N, 6) → (N, C, h, w)."""

def SwapAxis(data: NDArray, dim1: int = ..., dim2: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Two axes exchanged."""

def UpSampling(*args: NDArray, scale: int = ..., num_filter: int = ..., sample_type: Literal['bilinear', 'nearest'] = ..., multi_input_mode: Literal['concat', 'sum'] = ..., num_args: int = ..., workspace: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Images enlarged: (N, C, H, W) → (N, C, scale · H, scale · W)."""

def abs(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``|data|``."""

def adam_update(weight: NDArray, grad: NDArray, mean: NDArray, var: NDArray, lr: float = ..., beta1: float = ..., beta2: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``mean`` and ``var`` follow g and g²; ``weight - lr · mean / (sqrt(var) + epsilon)``."""

def add_n(*args: NDArray, num_args: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sum of all inputs, arrays of one shape."""

def all_finite(data: NDArray, init_output: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where no element is infinite or nan, else 0; shape (1,)."""

def amp_cast(data: NDArray, dtype: Any = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*data* in another dtype where it is of float16, bfloat16 or float32, else a copy."""

def amp_multicast(*args: NDArray, num_outputs: int = ..., cast_narrow: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """All arrays of float16, bfloat16 and float32 in the widest dtype among them."""

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

def argmax(data: NDArray, axis: int | None = ..., keepdims: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The index of the largest element, the first of several, in *data*'s dtype."""

def argmax_channel(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The index of the largest element along axis 1: (N, C, ...) → (N, ...)."""

def argmin(data: NDArray, axis: int | None = ..., keepdims: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The index of the smallest element, the first of several, in *data*'s dtype."""

def argsort(data: NDArray, axis: int | None = ..., is_ascend: bool = ..., dtype: Any = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The indices that sort along an axis; the gradient is zero."""

def batch_dot(lhs: NDArray, rhs: NDArray, transpose_a: bool = ..., transpose_b: bool = ..., forward_stype: Literal['csr', 'default', 'row_sparse'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A product of matrices for each leading index: (B, M, K) × (B, K, N) → (B, M, N)."""

def batch_take(a: NDArray, indices: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``out[i] = a[i, indices[i]]``: (N, K), (N,) → (N,)."""

def broadcast_add(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs + rhs`` with broadcasting."""

def broadcast_axes(data: NDArray, axis: int | Sequence[int] = ..., size: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Repeat the given axes, which have size 1."""

def broadcast_axis(data: NDArray, axis: int | Sequence[int] = ..., size: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Repeat the given axes, which have size 1."""

def broadcast_div(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs / rhs`` with broadcasting; integers are cut towards zero."""

def broadcast_equal(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``lhs == rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_greater(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``lhs > rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_greater_equal(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``lhs >= rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_hypot(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``sqrt(lhs² + rhs²)`` with broadcasting."""

def broadcast_lesser(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``lhs < rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_lesser_equal(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``lhs <= rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_like(lhs: NDArray, rhs: NDArray, lhs_axes: int | Sequence[int] | None = ..., rhs_axes: int | Sequence[int] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Repeat axes of *lhs* until it has the shape, or the given sizes, of *rhs*."""

def broadcast_logical_and(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``lhs and rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_logical_or(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``lhs or rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_logical_xor(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``lhs xor rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_maximum(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The larger of *lhs* and *rhs*, with broadcasting."""

def broadcast_minimum(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The smaller of *lhs* and *rhs*, with broadcasting."""

def broadcast_minus(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs - rhs`` with broadcasting."""

def broadcast_mod(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs mod rhs`` with the sign of *rhs*, with broadcasting; 0 where *rhs* is 0."""

def broadcast_mul(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs * rhs`` with broadcasting."""

def broadcast_not_equal(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``lhs != rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_plus(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs + rhs`` with broadcasting."""

def broadcast_power(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs ** rhs`` with broadcasting."""

def broadcast_sub(lhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lhs - rhs`` with broadcasting."""

def broadcast_to(data: NDArray, shape: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Repeat axes of size 1 until the array has the given shape."""

def cast(data: NDArray, dtype: Any = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*data* in another dtype; floats lose their fraction and wrap round as in C."""

def cast_storage(data: NDArray, stype: Literal['csr', 'default', 'row_sparse'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data* in another storage."""

def cbrt(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The cube root."""

def ceil(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The smallest whole number above; the gradient is zero."""

def choose_element_0index(data: NDArray, index: NDArray, axis: int | None = ..., keepdims: bool = ..., mode: Literal['clip', 'wrap'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One element along *axis* for each place: ``out[i] = data[i, index[i]]``."""

def clip(data: NDArray, a_min: float = ..., a_max: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``min(a_max, max(a_min, data))``; nan stays nan."""

def col2im(data: NDArray, output_size: int | Sequence[int] = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sum of what each tap has: (N, C · kh · kw, places) → (N, C, H, W)."""

def concat(*args: NDArray, num_args: int = ..., dim: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inputs one after the other along axis *dim*; all other sizes are equal."""

def cos(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The cosine."""

def cosh(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The hyperbolic cosine."""

def crop(data: NDArray, begin: int | Sequence[int] = ..., end: int | Sequence[int] = ..., step: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data[begin[0]:end[0]:step[0], ...]``."""

def ctc_loss(data: NDArray, label: NDArray, data_lengths: NDArray | None = ..., label_lengths: NDArray | None = ..., use_data_lengths: bool = ..., use_label_lengths: bool = ..., blank_label: Literal['first', 'last'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-log`` of the probability of each label sequence: (T, N, C), (N, L) → (N,)."""

def cumsum(a: NDArray, axis: int | None = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Sums of all elements up to each one: the shape of *a*, or (size,) without *axis*."""

def degrees(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Radians to degrees."""

def depth_to_space(data: NDArray, block_size: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Channels become blocks of places: (N, b² C, H, W) → (N, C, b H, b W)."""

def diag(data: NDArray, k: int = ..., axis1: int = ..., axis2: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The diagonal of a matrix as the last axis, or the matrix with a vector on its diagonal."""

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

def erf(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The error function."""

def erfinv(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverse of the error function."""

def exp(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``e ** data``."""

def expand_dims(data: NDArray, axis: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A new axis of size 1."""

def expm1(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``e ** data - 1``, exact near 0."""

def fill_element_0index(lhs: NDArray, mhs: NDArray, rhs: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *lhs* in which ``out[i, rhs[i]] = mhs[i]``: (N, K), (N,), (N,) → (N, K)."""

def fix(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The whole number towards zero; the gradient is zero."""

def flatten(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """All axes but the first as one: (N, ...) → (N, K)."""

def flip(data: NDArray, axis: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The elements along the given axes in reverse order."""

def floor(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The largest whole number below; the gradient is zero."""

def ftml_update(weight: NDArray, grad: NDArray, d: NDArray, v: NDArray, z: NDArray, lr: float = ..., beta1: float = ..., beta2: float = ..., epsilon: float = ..., t: int = ..., wd: float = ..., rescale_grad: float = ..., clip_grad: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-z / d``, after *v* followed g² and"""

def ftrl_update(weight: NDArray, grad: NDArray, z: NDArray, n: NDArray, lr: float = ..., lamda1: float = ..., beta: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-sign(z) · max(|z| - lamda1, 0) / ((beta + sqrt(n)) / lr + wd)``."""

def gamma(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The gamma function ``Γ(data)``."""

def gammaln(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``log |Γ(data)|``."""

def gather_nd(data: NDArray, indices: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data[indices[0], indices[1], ...]``: (M, Y...) → (Y..., the axes left over)."""

def hard_sigmoid(data: NDArray, alpha: float = ..., beta: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``min(1, max(0, alpha · data + beta))``."""

def identity(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data*."""

def im2col(data: NDArray, kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """What each tap of a kernel sees: (N, C, H, W) → (N, C · kh · kw, places)."""

def khatri_rao(*args: NDArray, num_args: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The Kronecker product column by column: (M1, N), (M2, N), ... → (M1 · M2 · ..., N)."""

def lamb_update_phase1(weight: NDArray, grad: NDArray, mean: NDArray, var: NDArray, beta1: float = ..., beta2: float = ..., epsilon: float = ..., t: int = ..., bias_correction: bool = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """LAMB's direction: ``mean / (sqrt(var) + epsilon) + wd · weight``."""

def lamb_update_phase2(weight: NDArray, g: NDArray, r1: NDArray, r2: NDArray, lr: float = ..., lower_bound: float = ..., upper_bound: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``weight - lr · r1 / r2 · g``: r1 and r2 are the norms of the weight and of g."""

def linalg_det(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The determinants; shape (1,) for one matrix. The gradient of a singular one is zero."""

def linalg_extractdiag(A: NDArray, offset: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A diagonal of each matrix, as a vector."""

def linalg_extracttrian(A: NDArray, offset: int = ..., lower: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A triangle of each matrix, as a vector: a lower one by rows, an upper one by columns."""

def linalg_gelqf(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Q with orthonormal rows and a lower triangular L with ``L · Q = A``."""

def linalg_gemm(A: NDArray, B: NDArray, C: NDArray, transpose_a: bool = ..., transpose_b: bool = ..., alpha: float = ..., beta: float = ..., axis: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``alpha · op(A) · op(B) + beta · C``, matrix by matrix."""

def linalg_gemm2(A: NDArray, B: NDArray, transpose_a: bool = ..., transpose_b: bool = ..., alpha: float = ..., axis: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``alpha · op(A) · op(B)``, matrix by matrix."""

def linalg_inverse(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverses of square matrices."""

def linalg_makediag(A: NDArray, offset: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A matrix for each vector, which stands on a diagonal."""

def linalg_maketrian(A: NDArray, offset: int = ..., lower: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A matrix for each vector, which fills a triangle as ``extracttrian`` reads it."""

def linalg_potrf(A: NDArray, lower: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The triangular L of ``L · Lᵀ = A``, symmetric and positive definite; Lᵀ if not *lower*."""

def linalg_potri(A: NDArray, lower: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inverse of ``A · Aᵀ`` from its triangular factor A; of ``Aᵀ · A`` if not *lower*."""

def linalg_slogdet(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Sign and logarithm of the absolute value of the determinants."""

def linalg_sumlogdiag(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Σ log of the diagonal of each matrix; shape (1,) for one matrix."""

def linalg_syevd(A: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Eigenvectors U, as rows, and rising eigenvalues L of symmetric matrices: ``U · A = L · U``."""

def linalg_syrk(A: NDArray, transpose: bool = ..., alpha: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``alpha · A · Aᵀ``."""

def linalg_trmm(A: NDArray, B: NDArray, transpose: bool = ..., rightside: bool = ..., lower: bool = ..., alpha: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``alpha · op(A) · B`` for a triangular A."""

def linalg_trsm(A: NDArray, B: NDArray, transpose: bool = ..., rightside: bool = ..., lower: bool = ..., alpha: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The X of ``op(A) · X = alpha · B`` for a triangular A."""

def log(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The natural logarithm."""

def log10(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The logarithm to base 10."""

def log1p(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``log(1 + data)``, exact near 0."""

def log2(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The logarithm to base 2."""

def log_softmax(data: NDArray, axis: int = ..., temperature: float | None = ..., dtype: Any | None = ..., use_length: bool | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``log(softmax(data / t))`` along an axis, without overflow."""

def logical_not(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where *data* is 0, else 0; the gradient is zero."""

def make_loss(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data* whose gradient is 1, whatever comes from above."""

def max(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The largest element along axes."""

def max_axis(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The largest element along axes."""

def mean(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The mean over axes, in the dtype of the input."""

def min(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The smallest element along axes."""

def min_axis(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The smallest element along axes."""

def moments(data: NDArray, axes: int | Sequence[int] | None = ..., keepdims: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """The mean and the variance ``mean((data - mean)²)`` along axes."""

def mp_lamb_update_phase1(weight: NDArray, grad: NDArray, mean: NDArray, var: NDArray, weight32: NDArray, beta1: float = ..., beta2: float = ..., epsilon: float = ..., t: int = ..., bias_correction: bool = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lamb_update_phase1`` of the copy *weight32*, in its dtype."""

def mp_lamb_update_phase2(weight: NDArray, g: NDArray, r1: NDArray, r2: NDArray, weight32: NDArray, lr: float = ..., lower_bound: float = ..., upper_bound: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lamb_update_phase2`` of the copy *weight32*, rounded to the weight's dtype."""

def mp_nag_mom_update(weight: NDArray, grad: NDArray, mom: NDArray, weight32: NDArray, lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``nag_mom_update`` of the copy *weight32*, which *weight* then follows."""

def mp_sgd_mom_update(weight: NDArray, grad: NDArray, mom: NDArray, weight32: NDArray, lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``sgd_mom_update`` of the copy *weight32*, which *weight* then follows."""

def mp_sgd_update(weight: NDArray, grad: NDArray, weight32: NDArray, lr: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``sgd_update`` of the copy *weight32*, which *weight* then follows."""

def multi_all_finite(*args: NDArray, num_arrays: int = ..., init_output: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where no element of any array is infinite or nan, else 0; shape (1,)."""

def multi_lars(lrs: NDArray, weights_sum_sq: NDArray, grads_sum_sq: NDArray, wds: NDArray, eta: float = ..., eps: float = ..., rescale_grad: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``lr · eta · |w| / (|g| · rescale_grad + wd · |w| + eps)`` for each weight."""

def multi_mp_sgd_mom_update(*args: NDArray, lrs: float | Sequence[float] = ..., wds: float | Sequence[float] = ..., momentum: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``mp_sgd_mom_update`` of many weights, each with its own rate and decay."""

def multi_mp_sgd_update(*args: NDArray, lrs: float | Sequence[float] = ..., wds: float | Sequence[float] = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``mp_sgd_update`` of many weights, each with its own rate and decay."""

def multi_sgd_mom_update(*args: NDArray, lrs: float | Sequence[float] = ..., wds: float | Sequence[float] = ..., momentum: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``sgd_mom_update`` of many weights, each with its own rate and decay."""

def multi_sgd_update(*args: NDArray, lrs: float | Sequence[float] = ..., wds: float | Sequence[float] = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``sgd_update`` of many weights, each with its own rate and decay."""

def multi_sum_sq(*args: NDArray, num_arrays: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Σ data² of each array, in one vector of float32."""

def nag_mom_update(weight: NDArray, grad: NDArray, mom: NDArray, lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Nesterov's momentum: ``mom = momentum · mom - lr · g``; ``weight + momentum · mom - lr · g``."""

def nanprod(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The product over axes; nan counts as 1."""

def nansum(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sum over axes; nan counts as 0."""

def negative(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-data``."""

def norm(data: NDArray, ord: int = ..., axis: int | Sequence[int] | None = ..., out_dtype: Any | None = ..., keepdims: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The length of vectors along axes: ``Σ|data|`` or ``√Σdata²``."""

def normal(loc: float = ..., scale: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of the normal distribution."""

def one_hot(indices: NDArray, depth: int = ..., on_value: float = ..., off_value: float = ..., dtype: Any = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A new last axis, *on_value* at the index and *off_value* elsewhere; the gradient is zero."""

def ones_like(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Ones of *data*'s shape and dtype."""

def pad(data: NDArray, mode: Literal['constant', 'edge', 'reflect'] = ..., pad_width: int | Sequence[int] = ..., constant_value: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Elements added at both ends of each axis: a constant, the edge, or a mirror image."""

def pick(data: NDArray, index: NDArray, axis: int | None = ..., keepdims: bool = ..., mode: Literal['clip', 'wrap'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One element along *axis* for each place: ``out[i] = data[i, index[i]]``."""

def preloaded_multi_mp_sgd_mom_update(*args: NDArray, momentum: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``mp_sgd_mom_update`` of many weights; rates and decays are the last two inputs."""

def preloaded_multi_mp_sgd_update(*args: NDArray, rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``mp_sgd_update`` of many weights; rates and decays are the last two inputs."""

def preloaded_multi_sgd_mom_update(*args: NDArray, momentum: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``sgd_mom_update`` of many weights; rates and decays are the last two inputs."""

def preloaded_multi_sgd_update(*args: NDArray, rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``sgd_update`` of many weights; rates and decays are the last two inputs."""

def prod(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The product over axes, in the dtype of the input."""

def radians(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Degrees to radians."""

def random_exponential(lam: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of the exponential distribution."""

def random_gamma(alpha: float = ..., beta: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of the gamma distribution, of mean ``alpha · beta``."""

def random_generalized_negative_binomial(mu: float = ..., alpha: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Counts of the negative binomial distribution by mean and dispersion."""

def random_negative_binomial(k: int = ..., p: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Failures before the *k*-th success."""

def random_normal(loc: float = ..., scale: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of the normal distribution."""

def random_pdf_dirichlet(sample: NDArray, alpha: NDArray, is_log: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The density of the Dirichlet distribution; the last axis holds the categories, or with *is_log* its logarithm."""

def random_pdf_exponential(sample: NDArray, lam: NDArray, is_log: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The density of the exponential distribution of rate *lam*, or with *is_log* its logarithm."""

def random_pdf_gamma(sample: NDArray, alpha: NDArray, beta: NDArray, is_log: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The density of the gamma distribution of shape *alpha* and rate *beta*, or with *is_log* its logarithm."""

def random_pdf_generalized_negative_binomial(sample: NDArray, mu: NDArray, alpha: NDArray, is_log: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The density of the negative binomial distribution of mean *mu* and dispersion *alpha*, or with *is_log* its logarithm."""

def random_pdf_negative_binomial(sample: NDArray, k: NDArray, p: NDArray, is_log: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The density of the negative binomial distribution: failures before *k* successes of probability *p*, or with *is_log* its logarithm."""

def random_pdf_normal(sample: NDArray, mu: NDArray, sigma: NDArray, is_log: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The density of the normal distribution of mean *mu* and standard deviation *sigma*, or with *is_log* its logarithm."""

def random_pdf_poisson(sample: NDArray, lam: NDArray, is_log: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The density of the Poisson distribution of mean *lam*, or with *is_log* its logarithm."""

def random_pdf_uniform(sample: NDArray, low: NDArray, high: NDArray, is_log: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The density of the uniform distribution over [low, high), also outside of it, or with *is_log* its logarithm."""

def random_poisson(lam: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Counts of the Poisson distribution."""

def random_randint(low: int = ..., high: int = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Whole numbers of equal probability in [low, high)."""

def random_uniform(low: float = ..., high: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of equal probability in [low, high)."""

def ravel_multi_index(data: NDArray, shape: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Flat numbers of elements from one row of *data* for each axis: (axes, M) → (M,)."""

def rcbrt(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One over the cube root."""

def reciprocal(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``1 / data``."""

def relu(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``max(data, 0)``; nan stays nan."""

def repeat(data: NDArray, repeats: int = ..., axis: int | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Each element repeated."""

def reset_arrays(*args: NDArray, num_arrays: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Set all elements of the arrays to zero; there is no output."""

def reshape(data: NDArray, shape: int | Sequence[int] = ..., reverse: bool = ..., target_shape: int | Sequence[int] = ..., keep_highest: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The same elements in the same order in another shape."""

def reshape_like(lhs: NDArray, rhs: NDArray, lhs_begin: int | None = ..., lhs_end: int | None = ..., rhs_begin: int | None = ..., rhs_end: int | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*lhs* in the shape of *rhs*, or with some of its axes replaced by some of *rhs*'s."""

def reverse(data: NDArray, axis: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The elements along the given axes in reverse order."""

def rint(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The nearest whole number, halves downwards as in MXNet; the gradient is zero."""

def rmsprop_update(weight: NDArray, grad: NDArray, n: NDArray, lr: float = ..., gamma1: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., clip_weights: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*n* follows g²; ``weight - lr · g / (sqrt(n) + epsilon)``."""

def rmspropalex_update(weight: NDArray, grad: NDArray, n: NDArray, g: NDArray, delta: NDArray, lr: float = ..., gamma1: float = ..., gamma2: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., clip_weights: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """RMSProp centred: *n* and *g* follow the gradient's square and the gradient,"""

def round(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The nearest whole number, halves away from zero; the gradient is zero."""

def rsqrt(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``1 / √data``."""

def sample_exponential(lam: NDArray, shape: int | Sequence[int] = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One distribution for each element of the parameters, *shape* draws of each: Numbers of the exponential distribution of rate *lam*."""

def sample_gamma(alpha: NDArray, beta: NDArray, shape: int | Sequence[int] = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One distribution for each element of the parameters, *shape* draws of each: Numbers of the gamma distribution of shape *alpha* and scale *beta*."""

def sample_generalized_negative_binomial(mu: NDArray, alpha: NDArray, shape: int | Sequence[int] = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One distribution for each element of the parameters, *shape* draws of each: Counts of mean *mu* and variance ``mu + alpha · mu²``."""

def sample_multinomial(data: NDArray, shape: int | Sequence[int] = ..., get_prob: bool = ..., dtype: Any = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """Indices drawn by the probabilities along the last axis: (..., K) → (..., shape)."""

def sample_negative_binomial(k: NDArray, p: NDArray, shape: int | Sequence[int] = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One distribution for each element of the parameters, *shape* draws of each: Failures before the *k*-th success of probability *p*."""

def sample_normal(mu: NDArray, sigma: NDArray, shape: int | Sequence[int] = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One distribution for each element of the parameters, *shape* draws of each: Numbers of the normal distribution."""

def sample_poisson(lam: NDArray, shape: int | Sequence[int] = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One distribution for each element of the parameters, *shape* draws of each: Counts of the Poisson distribution of mean *lam*."""

def sample_uniform(low: NDArray, high: NDArray, shape: int | Sequence[int] = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """One distribution for each element of the parameters, *shape* draws of each: Numbers of equal probability in [low, high)."""

def scatter_nd(data: NDArray, indices: NDArray, shape: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Zeros of *shape* with *data* where ``gather_nd`` would read it; the last one wins."""

def sgd_mom_update(weight: NDArray, grad: NDArray, mom: NDArray, lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``mom = momentum · mom - lr · (g + wd · weight)``; ``weight + mom``."""

def sgd_update(weight: NDArray, grad: NDArray, lr: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``weight - lr · (g + wd · weight)``."""

def shape_array(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sizes of *data* as an array of int64."""

def shuffle(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The rows in random order."""

def sigmoid(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``1 / (1 + exp(-data))``."""

def sign(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """-1, 0 or 1, and 0 of nan; the gradient is zero."""

def signsgd_update(weight: NDArray, grad: NDArray, lr: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``(1 - lr · wd) · weight - lr · sign(grad)``. Bernstein et al., signSGD, 2018."""

def signum_update(weight: NDArray, grad: NDArray, mom: NDArray, lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., wd_lh: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``(1 - lr · wd_lh) · weight + lr · sign(mom)``."""

def sin(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sine."""

def sinh(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The hyperbolic sine."""

def size_array(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The number of elements of *data* as an array of int64."""

def slice(data: NDArray, begin: int | Sequence[int] = ..., end: int | Sequence[int] = ..., step: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data[begin[0]:end[0]:step[0], ...]``."""

def slice_axis(data: NDArray, axis: int = ..., begin: int = ..., end: int | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The part from *begin* to *end* along one axis."""

def slice_like(data: NDArray, shape_like: NDArray, axes: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The leading part of *data* that has the sizes of *shape_like*."""

def smooth_l1(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``(s · data)² / 2`` where ``|data| < 1 / s²``, else ``|data| - 1 / (2 s²)``; s = scalar."""

def softmax(data: NDArray, length: NDArray | None = ..., axis: int = ..., temperature: float | None = ..., dtype: Any | None = ..., use_length: bool | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``exp(data / t) / Σ exp(data / t)`` along an axis."""

def softmax_cross_entropy(data: NDArray, label: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-Σ log softmax(data)[i, label[i]]`` over the batch: (N, C), (N,) → (1,)."""

def softmin(data: NDArray, axis: int = ..., temperature: float | None = ..., dtype: Any | None = ..., use_length: bool | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``softmax(-data)``."""

def softsign(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data / (1 + |data|)``."""

def sort(data: NDArray, axis: int | None = ..., is_ascend: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The elements in order along an axis."""

def space_to_depth(data: NDArray, block_size: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Blocks of places become channels: (N, C, b H, b W) → (N, b² C, H, W)."""

def split(data: NDArray, num_outputs: int = ..., axis: int = ..., squeeze_axis: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """Equal parts along an axis."""

def sqrt(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``√data``."""

def square(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data²``."""

def squeeze(data: NDArray, axis: int | Sequence[int] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Drop axes of size 1; what would become a scalar keeps shape (1,)."""

def stack(*args: NDArray, axis: int = ..., num_args: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The inputs, all of one shape, side by side along a new axis."""

def stop_gradient(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data* through which no gradient flows back."""

def sum(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sum over axes, in the dtype of the input."""

def sum_axis(data: NDArray, axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The sum over axes, in the dtype of the input."""

def swapaxes(data: NDArray, dim1: int = ..., dim2: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Two axes exchanged."""

def take(a: NDArray, indices: NDArray, axis: int = ..., mode: Literal['clip', 'raise', 'wrap'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Slices of *a* at *indices* along an axis: their shape takes the place of that axis."""

def tan(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The tangent."""

def tanh(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The hyperbolic tangent."""

def tile(data: NDArray, reps: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The whole array, repeated along its axes."""

def topk(data: NDArray, axis: int | None = ..., k: int = ..., ret_typ: Literal['both', 'indices', 'mask', 'value'] = ..., is_ascend: bool = ..., dtype: Any = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """The *k* largest elements along an axis in falling order."""

def transpose(data: NDArray, axes: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The axes in another order."""

def trunc(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The whole number towards zero; the gradient is zero."""

def uniform(low: float = ..., high: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Numbers of equal probability in [low, high)."""

def unravel_index(data: NDArray, shape: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The place along each axis of elements given by flat numbers: (M...) → (axes, M...)."""

def where(condition: NDArray, x: NDArray, y: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """*x* where the condition is not 0, else *y*."""

def zeros_like(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Zeros of *data*'s shape and dtype."""
