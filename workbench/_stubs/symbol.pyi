# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.symbol.symbol import Symbol

def Activation(data: Symbol | None = ..., act_type: Literal['relu', 'sigmoid', 'tanh', 'softrelu', 'softsign'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """relu, sigmoid, tanh, softrelu ``log(1 + exp(x))`` or softsign ``x / (1 + |x|)``."""

def BatchNorm(data: Symbol | None = ..., gamma: Symbol | None = ..., beta: Symbol | None = ..., moving_mean: Symbol | None = ..., moving_var: Symbol | None = ..., eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., axis: int = ..., cudnn_off: bool = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, statistics of each channel."""

def BatchNorm_v1(data: Symbol | None = ..., gamma: Symbol | None = ..., beta: Symbol | None = ..., moving_mean: Symbol | None = ..., moving_var: Symbol | None = ..., eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """BatchNorm along axis 1 as old files have it: its third output is the variance."""

def BilinearSampler(data: Symbol | None = ..., grid: Symbol | None = ..., cudnn_off: bool | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Images read at the places of a grid: (N, C, H, W), (N, 2, h, w) → (N, C, h, w)."""

def BlockGrad(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data* through which no gradient flows back."""

def CTCLoss(data: Symbol | None = ..., label: Symbol | None = ..., data_lengths: Symbol | None = ..., label_lengths: Symbol | None = ..., use_data_lengths: bool = ..., use_label_lengths: bool = ..., blank_label: Literal['first', 'last'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-log`` of the probability of each label sequence: (T, N, C), (N, L) → (N,)."""

def Cast(data: Symbol | None = ..., dtype: Any = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*data* in another dtype; floats lose their fraction and wrap round as in C."""

def Concat(*args: Symbol, num_args: int = ..., dim: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inputs one after the other along axis *dim*; all other sizes are equal."""

def Convolution(data: Symbol | None = ..., weight: Symbol | None = ..., bias: Symbol | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., workspace: int = ..., no_bias: bool = ..., cudnn_tune: Literal['fastest', 'limited_workspace', 'off'] | None = ..., cudnn_off: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Cross-correlation: (N, C, H, W) × (F, C / groups, kh, kw) → (N, F, H', W')."""

def Convolution_v1(data: Symbol | None = ..., weight: Symbol | None = ..., bias: Symbol | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., workspace: int = ..., no_bias: bool = ..., cudnn_tune: Literal['fastest', 'limited_workspace', 'off'] | None = ..., cudnn_off: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Cross-correlation: (N, C, H, W) × (F, C / groups, kh, kw) → (N, F, H', W')."""

def Correlation(data1: Symbol | None = ..., data2: Symbol | None = ..., kernel_size: int = ..., max_displacement: int = ..., stride1: int = ..., stride2: int = ..., pad_size: int = ..., is_multiply: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Patches of two images compared: 2 × (N, C, H, W) → (N, D², H', W')."""

def Crop(*args: Symbol, num_args: int = ..., offset: int | Sequence[int] = ..., h_w: int | Sequence[int] = ..., center_crop: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A part of each image: (N, C, H, W) → (N, C, h, w)."""

def Deconvolution(data: Symbol | None = ..., weight: Symbol | None = ..., bias: Symbol | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., adj: int | Sequence[int] = ..., target_shape: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., workspace: int = ..., no_bias: bool = ..., cudnn_tune: Literal['fastest', 'limited_workspace', 'off'] | None = ..., cudnn_off: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Transposed convolution: (N, C, H, W) × (C, F / groups, kh, kw) → (N, F, H', W')."""

def Dropout(data: Symbol | None = ..., p: float = ..., mode: Literal['always', 'training'] = ..., axes: int | Sequence[int] = ..., cudnn_off: bool | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Zero a random share *p* of the elements and divide the others by ``1 - p``."""

def ElementWiseSum(*args: Symbol, num_args: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sum of all inputs, arrays of one shape."""

def Embedding(data: Symbol | None = ..., weight: Symbol | None = ..., input_dim: int = ..., output_dim: int = ..., dtype: Any = ..., sparse_grad: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Rows of a table: (...) indices × (input_dim, output_dim) → (..., output_dim)."""

def Flatten(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """All axes but the first as one: (N, ...) → (N, K)."""

def FullyConnected(data: Symbol | None = ..., weight: Symbol | None = ..., bias: Symbol | None = ..., num_hidden: int = ..., no_bias: bool = ..., flatten: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """An affine map, ``out = data · weightᵀ + bias``: (N, K) × (H, K) → (N, H)."""

def GridGenerator(data: Symbol | None = ..., transform_type: Literal['affine', 'warp'] = ..., target_shape: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Where BilinearSampler is to read: x and y from -1 to 1 for each pixel, (N, 2, h, w)."""

def GroupNorm(data: Symbol | None = ..., gamma: Symbol | None = ..., beta: Symbol | None = ..., num_groups: int = ..., eps: float = ..., output_mean_var: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, for each group of channels."""

def IdentityAttachKLSparseReg(data: Symbol | None = ..., moving_avg: Symbol | None = ..., sparseness_target: float = ..., penalty: float = ..., momentum: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data*, to whose gradient a penalty on its mean is added."""

def InstanceNorm(data: Symbol | None = ..., gamma: Symbol | None = ..., beta: Symbol | None = ..., eps: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, for each channel of each sample."""

def L2Normalization(data: Symbol | None = ..., eps: float = ..., mode: Literal['channel', 'instance', 'spatial'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data / sqrt(Σ data² + eps)``."""

def LRN(data: Symbol | None = ..., alpha: float = ..., beta: float = ..., knorm: float = ..., nsize: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data / (knorm + alpha / nsize · Σ data²) ** beta``, the sum over neighbouring channels."""

def LayerNorm(data: Symbol | None = ..., gamma: Symbol | None = ..., beta: Symbol | None = ..., axis: int = ..., eps: float = ..., output_mean_var: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, statistics along one axis."""

def LeakyReLU(data: Symbol | None = ..., gamma: Symbol | None = ..., act_type: Literal['elu', 'gelu', 'leaky', 'prelu', 'rrelu', 'selu'] = ..., slope: float = ..., lower_bound: float = ..., upper_bound: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Activations that let something of negative numbers through."""

def LinearRegressionOutput(data: Symbol | None = ..., label: Symbol | None = ..., grad_scale: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*data*, with the gradient of the squared error against *label*: ``data - label``."""

def LogisticRegressionOutput(data: Symbol | None = ..., label: Symbol | None = ..., grad_scale: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sigmoid(data)``, with the gradient of the cross entropy against *label*."""

def MAERegressionOutput(data: Symbol | None = ..., label: Symbol | None = ..., grad_scale: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*data*, with the gradient of the absolute error against *label*: ``sign(data - label)``."""

def MakeLoss(data: Symbol | None = ..., grad_scale: float = ..., valid_thresh: float = ..., normalization: Literal['batch', 'null', 'valid'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data* whose gradient is *grad_scale*, whatever comes from above."""

def Pad(data: Symbol | None = ..., mode: Literal['constant', 'edge', 'reflect'] = ..., pad_width: int | Sequence[int] = ..., constant_value: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Elements added at both ends of each axis: a constant, the edge, or a mirror image."""

def Pooling(data: Symbol | None = ..., kernel: int | Sequence[int] = ..., pool_type: Literal['avg', 'lp', 'max', 'sum'] = ..., global_pool: bool = ..., cudnn_off: bool = ..., pooling_convention: Literal['full', 'same', 'valid'] = ..., stride: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., p_value: int | None = ..., count_include_pad: bool | None = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC', 'NWC'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One value for each window: (N, C, H, W) → (N, C, H', W')."""

def Pooling_v1(data: Symbol | None = ..., kernel: int | Sequence[int] = ..., pool_type: Literal['avg', 'lp', 'max', 'sum'] = ..., global_pool: bool = ..., cudnn_off: bool = ..., pooling_convention: Literal['full', 'same', 'valid'] = ..., stride: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., p_value: int | None = ..., count_include_pad: bool | None = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC', 'NWC'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One value for each window: (N, C, H, W) → (N, C, H', W')."""

def RNN(data: Symbol | None = ..., parameters: Symbol | None = ..., state: Symbol | None = ..., state_cell: Symbol | None = ..., sequence_length: Symbol | None = ..., state_size: int = ..., num_layers: int = ..., bidirectional: bool = ..., mode: Literal['gru', 'lstm', 'rnn_relu', 'rnn_tanh'] = ..., p: float = ..., state_outputs: bool = ..., projection_size: int | None = ..., lstm_state_clip_min: float | None = ..., lstm_state_clip_max: float | None = ..., lstm_state_clip_nan: bool = ..., use_sequence_length: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Sequences (T, N, I) through recurrent layers: (T, N, directions · H), and the last states."""

def ROIPooling(data: Symbol | None = ..., rois: Symbol | None = ..., pooled_size: int | Sequence[int] = ..., spatial_scale: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The largest element of each part of a region: (N, C, H, W) and (R, 5) → (R, C, h, w)."""

def Reshape(data: Symbol | None = ..., shape: int | Sequence[int] = ..., reverse: bool = ..., target_shape: int | Sequence[int] = ..., keep_highest: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The same elements in the same order in another shape."""

def SVMOutput(data: Symbol | None = ..., label: Symbol | None = ..., margin: float = ..., regularization_coefficient: float = ..., use_linear: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of the scores *data*, with the gradient of hinge losses, one class against the rest."""

def SequenceLast(data: Symbol | None = ..., sequence_length: Symbol | None = ..., use_sequence_length: bool = ..., axis: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The last element of each sequence: (T, N, ...) → (N, ...)."""

def SequenceMask(data: Symbol | None = ..., sequence_length: Symbol | None = ..., use_sequence_length: bool = ..., value: float = ..., axis: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*data* with *value* from the end of each sequence on: (T, N, ...)."""

def SequenceReverse(data: Symbol | None = ..., sequence_length: Symbol | None = ..., use_sequence_length: bool = ..., axis: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Each sequence backwards up to its end; what follows stays: (T, N, ...)."""

def SliceChannel(data: Symbol | None = ..., num_outputs: int = ..., axis: int = ..., squeeze_axis: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Equal parts along an axis."""

def Softmax(data: Symbol | None = ..., label: Symbol | None = ..., grad_scale: float = ..., ignore_label: float = ..., multi_output: bool = ..., use_ignore: bool = ..., preserve_shape: bool = ..., normalization: Literal['batch', 'null', 'valid'] = ..., out_grad: bool = ..., smooth_alpha: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """softmax, with the gradient of the cross entropy against *label*: ``out - one_hot(label)``."""

def SoftmaxActivation(data: Symbol | None = ..., mode: Literal['channel', 'instance'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """softmax over axis 1 (channel), or over the last axis (instance)."""

def SoftmaxOutput(data: Symbol | None = ..., label: Symbol | None = ..., grad_scale: float = ..., ignore_label: float = ..., multi_output: bool = ..., use_ignore: bool = ..., preserve_shape: bool = ..., normalization: Literal['batch', 'null', 'valid'] = ..., out_grad: bool = ..., smooth_alpha: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """softmax, with the gradient of the cross entropy against *label*: ``out - one_hot(label)``."""

def SpatialTransformer(data: Symbol | None = ..., loc: Symbol | None = ..., target_shape: int | Sequence[int] = ..., transform_type: Literal['affine'] = ..., sampler_type: Literal['bilinear'] = ..., cudnn_off: bool | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Images seen through affine maps: (N, C, H, W), (N, 6) → (N, C, h, w)."""

def SwapAxis(data: Symbol | None = ..., dim1: int = ..., dim2: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Two axes exchanged."""

def UpSampling(*args: Symbol, scale: int = ..., num_filter: int = ..., sample_type: Literal['bilinear', 'nearest'] = ..., multi_input_mode: Literal['concat', 'sum'] = ..., num_args: int = ..., workspace: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Images enlarged: (N, C, H, W) → (N, C, scale · H, scale · W)."""

def abs(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``|data|``."""

def adam_update(weight: Symbol | None = ..., grad: Symbol | None = ..., mean: Symbol | None = ..., var: Symbol | None = ..., lr: float = ..., beta1: float = ..., beta2: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``mean`` and ``var`` follow g and g²; ``weight - lr · mean / (sqrt(var) + epsilon)``."""

def add_n(*args: Symbol, num_args: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sum of all inputs, arrays of one shape."""

def all_finite(data: Symbol | None = ..., init_output: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where no element is infinite or nan, else 0; shape (1,)."""

def amp_cast(data: Symbol | None = ..., dtype: Any = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*data* in another dtype where it is of float16, bfloat16 or float32, else a copy."""

def amp_multicast(*args: Symbol, num_outputs: int = ..., cast_narrow: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """All arrays of float16, bfloat16 and float32 in the widest dtype among them."""

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

def argmax(data: Symbol | None = ..., axis: int | None = ..., keepdims: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The index of the largest element, the first of several, in *data*'s dtype."""

def argmax_channel(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The index of the largest element along axis 1: (N, C, ...) → (N, ...)."""

def argmin(data: Symbol | None = ..., axis: int | None = ..., keepdims: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The index of the smallest element, the first of several, in *data*'s dtype."""

def argsort(data: Symbol | None = ..., axis: int | None = ..., is_ascend: bool = ..., dtype: Any = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The indices that sort along an axis; the gradient is zero."""

def batch_dot(lhs: Symbol | None = ..., rhs: Symbol | None = ..., transpose_a: bool = ..., transpose_b: bool = ..., forward_stype: Literal['csr', 'default', 'row_sparse'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A product of matrices for each leading index: (B, M, K) × (B, K, N) → (B, M, N)."""

def batch_take(a: Symbol | None = ..., indices: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``out[i] = a[i, indices[i]]``: (N, K), (N,) → (N,)."""

def broadcast_add(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs + rhs`` with broadcasting."""

def broadcast_axes(data: Symbol | None = ..., axis: int | Sequence[int] = ..., size: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Repeat the given axes, which have size 1."""

def broadcast_axis(data: Symbol | None = ..., axis: int | Sequence[int] = ..., size: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Repeat the given axes, which have size 1."""

def broadcast_div(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs / rhs`` with broadcasting; integers are cut towards zero."""

def broadcast_equal(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``lhs == rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_greater(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``lhs > rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_greater_equal(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``lhs >= rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_hypot(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sqrt(lhs² + rhs²)`` with broadcasting."""

def broadcast_lesser(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``lhs < rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_lesser_equal(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``lhs <= rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_like(lhs: Symbol | None = ..., rhs: Symbol | None = ..., lhs_axes: int | Sequence[int] | None = ..., rhs_axes: int | Sequence[int] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Repeat axes of *lhs* until it has the shape, or the given sizes, of *rhs*."""

def broadcast_logical_and(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``lhs and rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_logical_or(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``lhs or rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_logical_xor(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``lhs xor rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_maximum(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The larger of *lhs* and *rhs*, with broadcasting."""

def broadcast_minimum(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The smaller of *lhs* and *rhs*, with broadcasting."""

def broadcast_minus(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs - rhs`` with broadcasting."""

def broadcast_mod(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs mod rhs`` with the sign of *rhs*, with broadcasting; 0 where *rhs* is 0."""

def broadcast_mul(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs * rhs`` with broadcasting."""

def broadcast_not_equal(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``lhs != rhs``, else 0, in the inputs' dtype; the gradient is zero."""

def broadcast_plus(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs + rhs`` with broadcasting."""

def broadcast_power(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs ** rhs`` with broadcasting."""

def broadcast_sub(lhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs - rhs`` with broadcasting."""

def broadcast_to(data: Symbol | None = ..., shape: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Repeat axes of size 1 until the array has the given shape."""

def cast(data: Symbol | None = ..., dtype: Any = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*data* in another dtype; floats lose their fraction and wrap round as in C."""

def cast_storage(data: Symbol | None = ..., stype: Literal['csr', 'default', 'row_sparse'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data* in another storage."""

def cbrt(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The cube root."""

def ceil(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The smallest whole number above; the gradient is zero."""

def choose_element_0index(data: Symbol | None = ..., index: Symbol | None = ..., axis: int | None = ..., keepdims: bool = ..., mode: Literal['clip', 'wrap'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One element along *axis* for each place: ``out[i] = data[i, index[i]]``."""

def clip(data: Symbol | None = ..., a_min: float = ..., a_max: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``min(a_max, max(a_min, data))``; nan stays nan."""

def col2im(data: Symbol | None = ..., output_size: int | Sequence[int] = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sum of what each tap has: (N, C · kh · kw, places) → (N, C, H, W)."""

def concat(*args: Symbol, num_args: int = ..., dim: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inputs one after the other along axis *dim*; all other sizes are equal."""

def cos(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The cosine."""

def cosh(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The hyperbolic cosine."""

def crop(data: Symbol | None = ..., begin: int | Sequence[int] = ..., end: int | Sequence[int] = ..., step: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data[begin[0]:end[0]:step[0], ...]``."""

def ctc_loss(data: Symbol | None = ..., label: Symbol | None = ..., data_lengths: Symbol | None = ..., label_lengths: Symbol | None = ..., use_data_lengths: bool = ..., use_label_lengths: bool = ..., blank_label: Literal['first', 'last'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-log`` of the probability of each label sequence: (T, N, C), (N, L) → (N,)."""

def cumsum(a: Symbol | None = ..., axis: int | None = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Sums of all elements up to each one: the shape of *a*, or (size,) without *axis*."""

def degrees(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Radians to degrees."""

def depth_to_space(data: Symbol | None = ..., block_size: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Channels become blocks of places: (N, b² C, H, W) → (N, C, b H, b W)."""

def diag(data: Symbol | None = ..., k: int = ..., axis1: int = ..., axis2: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The diagonal of a matrix as the last axis, or the matrix with a vector on its diagonal."""

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

def erf(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The error function."""

def erfinv(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverse of the error function."""

def exp(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``e ** data``."""

def expand_dims(data: Symbol | None = ..., axis: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A new axis of size 1."""

def expm1(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``e ** data - 1``, exact near 0."""

def fill_element_0index(lhs: Symbol | None = ..., mhs: Symbol | None = ..., rhs: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *lhs* in which ``out[i, rhs[i]] = mhs[i]``: (N, K), (N,), (N,) → (N, K)."""

def fix(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The whole number towards zero; the gradient is zero."""

def flatten(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """All axes but the first as one: (N, ...) → (N, K)."""

def flip(data: Symbol | None = ..., axis: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The elements along the given axes in reverse order."""

def floor(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The largest whole number below; the gradient is zero."""

def ftml_update(weight: Symbol | None = ..., grad: Symbol | None = ..., d: Symbol | None = ..., v: Symbol | None = ..., z: Symbol | None = ..., lr: float = ..., beta1: float = ..., beta2: float = ..., epsilon: float = ..., t: int = ..., wd: float = ..., rescale_grad: float = ..., clip_grad: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-z / d``, after *v* followed g² and"""

def ftrl_update(weight: Symbol | None = ..., grad: Symbol | None = ..., z: Symbol | None = ..., n: Symbol | None = ..., lr: float = ..., lamda1: float = ..., beta: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-sign(z) · max(|z| - lamda1, 0) / ((beta + sqrt(n)) / lr + wd)``."""

def gamma(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The gamma function ``Γ(data)``."""

def gammaln(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``log |Γ(data)|``."""

def gather_nd(data: Symbol | None = ..., indices: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data[indices[0], indices[1], ...]``: (M, Y...) → (Y..., the axes left over)."""

def hard_sigmoid(data: Symbol | None = ..., alpha: float = ..., beta: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``min(1, max(0, alpha · data + beta))``."""

def identity(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data*."""

def im2col(data: Symbol | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """What each tap of a kernel sees: (N, C, H, W) → (N, C · kh · kw, places)."""

def khatri_rao(*args: Symbol, num_args: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The Kronecker product column by column: (M1, N), (M2, N), ... → (M1 · M2 · ..., N)."""

def lamb_update_phase1(weight: Symbol | None = ..., grad: Symbol | None = ..., mean: Symbol | None = ..., var: Symbol | None = ..., beta1: float = ..., beta2: float = ..., epsilon: float = ..., t: int = ..., bias_correction: bool = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """LAMB's direction: ``mean / (sqrt(var) + epsilon) + wd · weight``."""

def lamb_update_phase2(weight: Symbol | None = ..., g: Symbol | None = ..., r1: Symbol | None = ..., r2: Symbol | None = ..., lr: float = ..., lower_bound: float = ..., upper_bound: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``weight - lr · r1 / r2 · g``: r1 and r2 are the norms of the weight and of g."""

def linalg_det(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The determinants; shape (1,) for one matrix. The gradient of a singular one is zero."""

def linalg_extractdiag(A: Symbol | None = ..., offset: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A diagonal of each matrix, as a vector."""

def linalg_extracttrian(A: Symbol | None = ..., offset: int = ..., lower: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A triangle of each matrix, as a vector: a lower one by rows, an upper one by columns."""

def linalg_gelqf(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Q with orthonormal rows and a lower triangular L with ``L · Q = A``."""

def linalg_gemm(A: Symbol | None = ..., B: Symbol | None = ..., C: Symbol | None = ..., transpose_a: bool = ..., transpose_b: bool = ..., alpha: float = ..., beta: float = ..., axis: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``alpha · op(A) · op(B) + beta · C``, matrix by matrix."""

def linalg_gemm2(A: Symbol | None = ..., B: Symbol | None = ..., transpose_a: bool = ..., transpose_b: bool = ..., alpha: float = ..., axis: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``alpha · op(A) · op(B)``, matrix by matrix."""

def linalg_inverse(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverses of square matrices."""

def linalg_makediag(A: Symbol | None = ..., offset: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A matrix for each vector, which stands on a diagonal."""

def linalg_maketrian(A: Symbol | None = ..., offset: int = ..., lower: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A matrix for each vector, which fills a triangle as ``extracttrian`` reads it."""

def linalg_potrf(A: Symbol | None = ..., lower: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The triangular L of ``L · Lᵀ = A``, symmetric and positive definite; Lᵀ if not *lower*."""

def linalg_potri(A: Symbol | None = ..., lower: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inverse of ``A · Aᵀ`` from its triangular factor A; of ``Aᵀ · A`` if not *lower*."""

def linalg_slogdet(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Sign and logarithm of the absolute value of the determinants."""

def linalg_sumlogdiag(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Σ log of the diagonal of each matrix; shape (1,) for one matrix."""

def linalg_syevd(A: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Eigenvectors U, as rows, and rising eigenvalues L of symmetric matrices: ``U · A = L · U``."""

def linalg_syrk(A: Symbol | None = ..., transpose: bool = ..., alpha: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``alpha · A · Aᵀ``."""

def linalg_trmm(A: Symbol | None = ..., B: Symbol | None = ..., transpose: bool = ..., rightside: bool = ..., lower: bool = ..., alpha: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``alpha · op(A) · B`` for a triangular A."""

def linalg_trsm(A: Symbol | None = ..., B: Symbol | None = ..., transpose: bool = ..., rightside: bool = ..., lower: bool = ..., alpha: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The X of ``op(A) · X = alpha · B`` for a triangular A."""

def log(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The natural logarithm."""

def log10(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The logarithm to base 10."""

def log1p(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``log(1 + data)``, exact near 0."""

def log2(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The logarithm to base 2."""

def log_softmax(data: Symbol | None = ..., axis: int = ..., temperature: float | None = ..., dtype: Any | None = ..., use_length: bool | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``log(softmax(data / t))`` along an axis, without overflow."""

def logical_not(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where *data* is 0, else 0; the gradient is zero."""

def make_loss(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data* whose gradient is 1, whatever comes from above."""

def max(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The largest element along axes."""

def max_axis(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The largest element along axes."""

def mean(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The mean over axes, in the dtype of the input."""

def min(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The smallest element along axes."""

def min_axis(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The smallest element along axes."""

def moments(data: Symbol | None = ..., axes: int | Sequence[int] | None = ..., keepdims: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The mean and the variance ``mean((data - mean)²)`` along axes."""

def mp_lamb_update_phase1(weight: Symbol | None = ..., grad: Symbol | None = ..., mean: Symbol | None = ..., var: Symbol | None = ..., weight32: Symbol | None = ..., beta1: float = ..., beta2: float = ..., epsilon: float = ..., t: int = ..., bias_correction: bool = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lamb_update_phase1`` of the copy *weight32*, in its dtype."""

def mp_lamb_update_phase2(weight: Symbol | None = ..., g: Symbol | None = ..., r1: Symbol | None = ..., r2: Symbol | None = ..., weight32: Symbol | None = ..., lr: float = ..., lower_bound: float = ..., upper_bound: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lamb_update_phase2`` of the copy *weight32*, rounded to the weight's dtype."""

def mp_nag_mom_update(weight: Symbol | None = ..., grad: Symbol | None = ..., mom: Symbol | None = ..., weight32: Symbol | None = ..., lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``nag_mom_update`` of the copy *weight32*, which *weight* then follows."""

def mp_sgd_mom_update(weight: Symbol | None = ..., grad: Symbol | None = ..., mom: Symbol | None = ..., weight32: Symbol | None = ..., lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sgd_mom_update`` of the copy *weight32*, which *weight* then follows."""

def mp_sgd_update(weight: Symbol | None = ..., grad: Symbol | None = ..., weight32: Symbol | None = ..., lr: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sgd_update`` of the copy *weight32*, which *weight* then follows."""

def multi_all_finite(*args: Symbol, num_arrays: int = ..., init_output: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where no element of any array is infinite or nan, else 0; shape (1,)."""

def multi_lars(lrs: Symbol | None = ..., weights_sum_sq: Symbol | None = ..., grads_sum_sq: Symbol | None = ..., wds: Symbol | None = ..., eta: float = ..., eps: float = ..., rescale_grad: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lr · eta · |w| / (|g| · rescale_grad + wd · |w| + eps)`` for each weight."""

def multi_mp_sgd_mom_update(*args: Symbol, lrs: float | Sequence[float] = ..., wds: float | Sequence[float] = ..., momentum: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``mp_sgd_mom_update`` of many weights, each with its own rate and decay."""

def multi_mp_sgd_update(*args: Symbol, lrs: float | Sequence[float] = ..., wds: float | Sequence[float] = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``mp_sgd_update`` of many weights, each with its own rate and decay."""

def multi_sgd_mom_update(*args: Symbol, lrs: float | Sequence[float] = ..., wds: float | Sequence[float] = ..., momentum: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sgd_mom_update`` of many weights, each with its own rate and decay."""

def multi_sgd_update(*args: Symbol, lrs: float | Sequence[float] = ..., wds: float | Sequence[float] = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sgd_update`` of many weights, each with its own rate and decay."""

def multi_sum_sq(*args: Symbol, num_arrays: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Σ data² of each array, in one vector of float32."""

def nag_mom_update(weight: Symbol | None = ..., grad: Symbol | None = ..., mom: Symbol | None = ..., lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Nesterov's momentum: ``mom = momentum · mom - lr · g``; ``weight + momentum · mom - lr · g``."""

def nanprod(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The product over axes; nan counts as 1."""

def nansum(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sum over axes; nan counts as 0."""

def negative(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-data``."""

def norm(data: Symbol | None = ..., ord: int = ..., axis: int | Sequence[int] | None = ..., out_dtype: Any | None = ..., keepdims: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The length of vectors along axes: ``Σ|data|`` or ``√Σdata²``."""

def normal(loc: float = ..., scale: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of the normal distribution."""

def one_hot(indices: Symbol | None = ..., depth: int = ..., on_value: float = ..., off_value: float = ..., dtype: Any = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A new last axis, *on_value* at the index and *off_value* elsewhere; the gradient is zero."""

def ones_like(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Ones of *data*'s shape and dtype."""

def pad(data: Symbol | None = ..., mode: Literal['constant', 'edge', 'reflect'] = ..., pad_width: int | Sequence[int] = ..., constant_value: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Elements added at both ends of each axis: a constant, the edge, or a mirror image."""

def pick(data: Symbol | None = ..., index: Symbol | None = ..., axis: int | None = ..., keepdims: bool = ..., mode: Literal['clip', 'wrap'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One element along *axis* for each place: ``out[i] = data[i, index[i]]``."""

def preloaded_multi_mp_sgd_mom_update(*args: Symbol, momentum: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``mp_sgd_mom_update`` of many weights; rates and decays are the last two inputs."""

def preloaded_multi_mp_sgd_update(*args: Symbol, rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``mp_sgd_update`` of many weights; rates and decays are the last two inputs."""

def preloaded_multi_sgd_mom_update(*args: Symbol, momentum: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sgd_mom_update`` of many weights; rates and decays are the last two inputs."""

def preloaded_multi_sgd_update(*args: Symbol, rescale_grad: float = ..., clip_gradient: float = ..., num_weights: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sgd_update`` of many weights; rates and decays are the last two inputs."""

def prod(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The product over axes, in the dtype of the input."""

def radians(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Degrees to radians."""

def random_exponential(lam: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of the exponential distribution."""

def random_gamma(alpha: float = ..., beta: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of the gamma distribution, of mean ``alpha · beta``."""

def random_generalized_negative_binomial(mu: float = ..., alpha: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Counts of the negative binomial distribution by mean and dispersion."""

def random_negative_binomial(k: int = ..., p: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Failures before the *k*-th success."""

def random_normal(loc: float = ..., scale: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of the normal distribution."""

def random_pdf_dirichlet(sample: Symbol | None = ..., alpha: Symbol | None = ..., is_log: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The density of the Dirichlet distribution; the last axis holds the categories, or with *is_log* its logarithm."""

def random_pdf_exponential(sample: Symbol | None = ..., lam: Symbol | None = ..., is_log: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The density of the exponential distribution of rate *lam*, or with *is_log* its logarithm."""

def random_pdf_gamma(sample: Symbol | None = ..., alpha: Symbol | None = ..., beta: Symbol | None = ..., is_log: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The density of the gamma distribution of shape *alpha* and rate *beta*, or with *is_log* its logarithm."""

def random_pdf_generalized_negative_binomial(sample: Symbol | None = ..., mu: Symbol | None = ..., alpha: Symbol | None = ..., is_log: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The density of the negative binomial distribution of mean *mu* and dispersion *alpha*, or with *is_log* its logarithm."""

def random_pdf_negative_binomial(sample: Symbol | None = ..., k: Symbol | None = ..., p: Symbol | None = ..., is_log: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The density of the negative binomial distribution: failures before *k* successes of probability *p*, or with *is_log* its logarithm."""

def random_pdf_normal(sample: Symbol | None = ..., mu: Symbol | None = ..., sigma: Symbol | None = ..., is_log: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The density of the normal distribution of mean *mu* and standard deviation *sigma*, or with *is_log* its logarithm."""

def random_pdf_poisson(sample: Symbol | None = ..., lam: Symbol | None = ..., is_log: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The density of the Poisson distribution of mean *lam*, or with *is_log* its logarithm."""

def random_pdf_uniform(sample: Symbol | None = ..., low: Symbol | None = ..., high: Symbol | None = ..., is_log: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The density of the uniform distribution over [low, high), also outside of it, or with *is_log* its logarithm."""

def random_poisson(lam: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Counts of the Poisson distribution."""

def random_randint(low: int = ..., high: int = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Whole numbers of equal probability in [low, high)."""

def random_uniform(low: float = ..., high: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of equal probability in [low, high)."""

def ravel_multi_index(data: Symbol | None = ..., shape: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Flat numbers of elements from one row of *data* for each axis: (axes, M) → (M,)."""

def rcbrt(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One over the cube root."""

def reciprocal(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``1 / data``."""

def relu(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``max(data, 0)``; nan stays nan."""

def repeat(data: Symbol | None = ..., repeats: int = ..., axis: int | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Each element repeated."""

def reset_arrays(*args: Symbol, num_arrays: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Set all elements of the arrays to zero; there is no output."""

def reshape(data: Symbol | None = ..., shape: int | Sequence[int] = ..., reverse: bool = ..., target_shape: int | Sequence[int] = ..., keep_highest: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The same elements in the same order in another shape."""

def reshape_like(lhs: Symbol | None = ..., rhs: Symbol | None = ..., lhs_begin: int | None = ..., lhs_end: int | None = ..., rhs_begin: int | None = ..., rhs_end: int | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*lhs* in the shape of *rhs*, or with some of its axes replaced by some of *rhs*'s."""

def reverse(data: Symbol | None = ..., axis: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The elements along the given axes in reverse order."""

def rint(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The nearest whole number, halves downwards as in MXNet; the gradient is zero."""

def rmsprop_update(weight: Symbol | None = ..., grad: Symbol | None = ..., n: Symbol | None = ..., lr: float = ..., gamma1: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., clip_weights: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*n* follows g²; ``weight - lr · g / (sqrt(n) + epsilon)``."""

def rmspropalex_update(weight: Symbol | None = ..., grad: Symbol | None = ..., n: Symbol | None = ..., g: Symbol | None = ..., delta: Symbol | None = ..., lr: float = ..., gamma1: float = ..., gamma2: float = ..., epsilon: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., clip_weights: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """RMSProp centred: *n* and *g* follow the gradient's square and the gradient,"""

def round(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The nearest whole number, halves away from zero; the gradient is zero."""

def rsqrt(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``1 / √data``."""

def sample_exponential(lam: Symbol | None = ..., shape: int | Sequence[int] = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One distribution for each element of the parameters, *shape* draws of each: Numbers of the exponential distribution of rate *lam*."""

def sample_gamma(alpha: Symbol | None = ..., beta: Symbol | None = ..., shape: int | Sequence[int] = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One distribution for each element of the parameters, *shape* draws of each: Numbers of the gamma distribution of shape *alpha* and scale *beta*."""

def sample_generalized_negative_binomial(mu: Symbol | None = ..., alpha: Symbol | None = ..., shape: int | Sequence[int] = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One distribution for each element of the parameters, *shape* draws of each: Counts of mean *mu* and variance ``mu + alpha · mu²``."""

def sample_multinomial(data: Symbol | None = ..., shape: int | Sequence[int] = ..., get_prob: bool = ..., dtype: Any = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Indices drawn by the probabilities along the last axis: (..., K) → (..., shape)."""

def sample_negative_binomial(k: Symbol | None = ..., p: Symbol | None = ..., shape: int | Sequence[int] = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One distribution for each element of the parameters, *shape* draws of each: Failures before the *k*-th success of probability *p*."""

def sample_normal(mu: Symbol | None = ..., sigma: Symbol | None = ..., shape: int | Sequence[int] = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One distribution for each element of the parameters, *shape* draws of each: Numbers of the normal distribution."""

def sample_poisson(lam: Symbol | None = ..., shape: int | Sequence[int] = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One distribution for each element of the parameters, *shape* draws of each: Counts of the Poisson distribution of mean *lam*."""

def sample_uniform(low: Symbol | None = ..., high: Symbol | None = ..., shape: int | Sequence[int] = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """One distribution for each element of the parameters, *shape* draws of each: Numbers of equal probability in [low, high)."""

def scatter_nd(data: Symbol | None = ..., indices: Symbol | None = ..., shape: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Zeros of *shape* with *data* where ``gather_nd`` would read it; the last one wins."""

def sgd_mom_update(weight: Symbol | None = ..., grad: Symbol | None = ..., mom: Symbol | None = ..., lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``mom = momentum · mom - lr · (g + wd · weight)``; ``weight + mom``."""

def sgd_update(weight: Symbol | None = ..., grad: Symbol | None = ..., lr: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., lazy_update: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``weight - lr · (g + wd · weight)``."""

def shape_array(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sizes of *data* as an array of int64."""

def shuffle(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The rows in random order."""

def sigmoid(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``1 / (1 + exp(-data))``."""

def sign(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """-1, 0 or 1, and 0 of nan; the gradient is zero."""

def signsgd_update(weight: Symbol | None = ..., grad: Symbol | None = ..., lr: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``(1 - lr · wd) · weight - lr · sign(grad)``. Bernstein et al., signSGD, 2018."""

def signum_update(weight: Symbol | None = ..., grad: Symbol | None = ..., mom: Symbol | None = ..., lr: float = ..., momentum: float = ..., wd: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., wd_lh: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``(1 - lr · wd_lh) · weight + lr · sign(mom)``."""

def sin(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sine."""

def sinh(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The hyperbolic sine."""

def size_array(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The number of elements of *data* as an array of int64."""

def slice(data: Symbol | None = ..., begin: int | Sequence[int] = ..., end: int | Sequence[int] = ..., step: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data[begin[0]:end[0]:step[0], ...]``."""

def slice_axis(data: Symbol | None = ..., axis: int = ..., begin: int = ..., end: int | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The part from *begin* to *end* along one axis."""

def slice_like(data: Symbol | None = ..., shape_like: Symbol | None = ..., axes: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The leading part of *data* that has the sizes of *shape_like*."""

def smooth_l1(data: Symbol | None = ..., scalar: float = ..., is_int: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``(s · data)² / 2`` where ``|data| < 1 / s²``, else ``|data| - 1 / (2 s²)``; s = scalar."""

def softmax(data: Symbol | None = ..., length: Symbol | None = ..., axis: int = ..., temperature: float | None = ..., dtype: Any | None = ..., use_length: bool | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``exp(data / t) / Σ exp(data / t)`` along an axis."""

def softmax_cross_entropy(data: Symbol | None = ..., label: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-Σ log softmax(data)[i, label[i]]`` over the batch: (N, C), (N,) → (1,)."""

def softmin(data: Symbol | None = ..., axis: int = ..., temperature: float | None = ..., dtype: Any | None = ..., use_length: bool | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``softmax(-data)``."""

def softsign(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data / (1 + |data|)``."""

def sort(data: Symbol | None = ..., axis: int | None = ..., is_ascend: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The elements in order along an axis."""

def space_to_depth(data: Symbol | None = ..., block_size: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Blocks of places become channels: (N, C, b H, b W) → (N, b² C, H, W)."""

def split(data: Symbol | None = ..., num_outputs: int = ..., axis: int = ..., squeeze_axis: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Equal parts along an axis."""

def sqrt(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``√data``."""

def square(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data²``."""

def squeeze(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Drop axes of size 1; what would become a scalar keeps shape (1,)."""

def stack(*args: Symbol, axis: int = ..., num_args: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The inputs, all of one shape, side by side along a new axis."""

def stop_gradient(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data* through which no gradient flows back."""

def sum(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sum over axes, in the dtype of the input."""

def sum_axis(data: Symbol | None = ..., axis: int | Sequence[int] | None = ..., keepdims: bool = ..., exclude: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The sum over axes, in the dtype of the input."""

def swapaxes(data: Symbol | None = ..., dim1: int = ..., dim2: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Two axes exchanged."""

def take(a: Symbol | None = ..., indices: Symbol | None = ..., axis: int = ..., mode: Literal['clip', 'raise', 'wrap'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Slices of *a* at *indices* along an axis: their shape takes the place of that axis."""

def tan(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The tangent."""

def tanh(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The hyperbolic tangent."""

def tile(data: Symbol | None = ..., reps: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The whole array, repeated along its axes."""

def topk(data: Symbol | None = ..., axis: int | None = ..., k: int = ..., ret_typ: Literal['both', 'indices', 'mask', 'value'] = ..., is_ascend: bool = ..., dtype: Any = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The *k* largest elements along an axis in falling order."""

def transpose(data: Symbol | None = ..., axes: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The axes in another order."""

def trunc(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The whole number towards zero; the gradient is zero."""

def uniform(low: float = ..., high: float = ..., shape: int | Sequence[int] | None = ..., ctx: Any = ..., dtype: Any | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Numbers of equal probability in [low, high)."""

def unravel_index(data: Symbol | None = ..., shape: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The place along each axis of elements given by flat numbers: (M...) → (axes, M...)."""

def where(condition: Symbol | None = ..., x: Symbol | None = ..., y: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """*x* where the condition is not 0, else *y*."""

def zeros_like(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Zeros of *data*'s shape and dtype."""
