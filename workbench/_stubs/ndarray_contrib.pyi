# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.ndarray.core import NDArray

def AdaptiveAvgPooling2D(data: NDArray, output_size: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Means of cells that cover an image of any size: (N, C, H, W) → (N, C, h, w)."""

def BatchNormWithReLU(data: NDArray, gamma: NDArray, beta: NDArray, moving_mean: NDArray, moving_var: NDArray, eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., axis: int = ..., cudnn_off: bool = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``max(BatchNorm(data, gamma, beta, moving_mean, moving_var), 0)``."""

def BilinearResize2D(data: NDArray, like: NDArray | None = ..., height: int = ..., width: int = ..., scale_height: float | None = ..., scale_width: float | None = ..., mode: Literal['like', 'odd_scale', 'size', 'to_even_down', 'to_even_up', 'to_odd_down', 'to_odd_up'] = ..., align_corners: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Images resized by bilinear interpolation: (N, C, H, W) → (N, C, H', W')."""

def CTCLoss(data: NDArray, label: NDArray, data_lengths: NDArray | None = ..., label_lengths: NDArray | None = ..., use_data_lengths: bool = ..., use_label_lengths: bool = ..., blank_label: Literal['first', 'last'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-log`` of the probability of each label sequence: (T, N, C), (N, L) → (N,)."""

def DeformableConvolution(data: NDArray, offset: NDArray, weight: NDArray, bias: NDArray | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., num_deformable_group: int = ..., workspace: int = ..., no_bias: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Convolution whose taps read, between pixels, where *offset* moves them."""

def DeformablePSROIPooling(data: NDArray, rois: NDArray, trans: NDArray | None = ..., spatial_scale: float = ..., output_dim: int = ..., group_size: int = ..., pooled_size: int = ..., part_size: int = ..., sample_per_part: int = ..., trans_std: float = ..., no_trans: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """PSROIPooling of samples between the elements, each part moved by *trans*."""

def ModulatedDeformableConvolution(data: NDArray, offset: NDArray, mask: NDArray, weight: NDArray, bias: NDArray | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., num_deformable_group: int = ..., workspace: int = ..., no_bias: bool = ..., im2col_step: int = ..., layout: Literal['NCDHW', 'NCHW', 'NCW'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """DeformableConvolution whose taps are also weighted by a *mask* for every place."""

def MultiBoxDetection(cls_prob: NDArray, loc_pred: NDArray, anchor: NDArray, clip: bool = ..., threshold: float = ..., background_id: int = ..., nms_threshold: float = ..., force_suppress: bool = ..., variances: float | Sequence[float] = ..., nms_topk: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Detections from what a network says of its anchors: (B, A, 6)."""

def MultiBoxPrior(data: NDArray, sizes: float | Sequence[float] = ..., ratios: float | Sequence[float] = ..., clip: bool = ..., steps: float | Sequence[float] = ..., offsets: float | Sequence[float] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Prior boxes around the cells of a feature map: (N, C, H, W) → (1, H · W · K, 4) corners."""

def MultiBoxTarget(anchor: NDArray, label: NDArray, cls_pred: NDArray, overlap_threshold: float = ..., ignore_label: float = ..., negative_mining_ratio: float = ..., negative_mining_thresh: float = ..., minimum_negative_samples: int = ..., variances: float | Sequence[float] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """What each anchor should say: offsets, which of them count, and a class."""

def MultiProposal(cls_prob: NDArray, bbox_pred: NDArray, im_info: NDArray, rpn_pre_nms_top_n: int = ..., rpn_post_nms_top_n: int = ..., threshold: float = ..., rpn_min_size: int = ..., scales: float | Sequence[float] = ..., ratios: float | Sequence[float] = ..., feature_stride: int = ..., output_score: bool = ..., iou_loss: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """Proposal for several images: (N · post, 5) with the image's number first, and scores."""

def PSROIPooling(data: NDArray, rois: NDArray, spatial_scale: float = ..., output_dim: int = ..., pooled_size: int = ..., group_size: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The mean of each part of a region, in channels of its own: → (R, output_dim, s, s)."""

def Proposal(cls_prob: NDArray, bbox_pred: NDArray, im_info: NDArray, rpn_pre_nms_top_n: int = ..., rpn_post_nms_top_n: int = ..., threshold: float = ..., rpn_min_size: int = ..., scales: float | Sequence[float] = ..., ratios: float | Sequence[float] = ..., feature_stride: int = ..., output_score: bool = ..., iou_loss: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """The regions of one image that look most like objects: (post, 5), and scores (post, 1)."""

def ROIAlign(data: NDArray, rois: NDArray, pooled_size: int | Sequence[int] = ..., spatial_scale: float = ..., sample_ratio: int = ..., position_sensitive: bool = ..., aligned: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The mean of samples in each part of a region: (N, C, H, W) and (R, 5) → (R, C, h, w)."""

def RROIAlign(data: NDArray, rois: NDArray, pooled_size: int | Sequence[int] = ..., spatial_scale: float = ..., sampling_ratio: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """ROIAlign of rotated regions: (N, C, H, W) and (R, 6) → (R, C, h, w)."""

def SparseEmbedding(data: NDArray, weight: NDArray, input_dim: int = ..., output_dim: int = ..., dtype: Any = ..., sparse_grad: bool = ..., deterministic: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Rows of a table, as ``Embedding``, with a row_sparse gradient of the table."""

def SyncBatchNorm(data: NDArray, gamma: NDArray, beta: NDArray, moving_mean: NDArray, moving_var: NDArray, eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., ndev: int = ..., key: str = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """BatchNorm along axis 1 over a batch whose parts lie on *ndev* devices."""

def allclose(a: NDArray, b: NDArray, rtol: float = ..., atol: float = ..., equal_nan: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """1 where ``|a - b| <= atol + rtol · |b|`` for all elements, else 0; shape (), uint8."""

def arange_like(data: NDArray, start: float = ..., step: float = ..., repeat: int = ..., ctx: Any = ..., axis: int | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``start, start + step, ...`` in the shape of *data*, or as long as one of its axes."""

def bipartite_matching(data: NDArray, is_ascend: bool = ..., threshold: float = ..., topk: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Pair rows with columns, the best score first: (..., N, M) → (..., N) and (..., M)."""

def boolean_mask(data: NDArray, index: NDArray, axis: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The rows whose entry in *index* is not 0: (N, ...), (N,) → (how many, ...)."""

def box_decode(data: NDArray, anchors: NDArray, std0: float = ..., std1: float = ..., std2: float = ..., std3: float = ..., clip: float = ..., format: Literal['center', 'corner'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Boxes from what a network says of *anchors*: (B, N, 4) and (1, N, 4) → (B, N, 4) corners."""

def box_encode(samples: NDArray, matches: NDArray, anchors: NDArray, refs: NDArray, means: NDArray, stds: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """What a network has to learn to move *anchors* onto the boxes that they match."""

def box_iou(lhs: NDArray, rhs: NDArray, format: Literal['center', 'corner'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Intersection over union of each box with each: (..., 4) and (:::, 4) → (..., :::)."""

def box_nms(data: NDArray, overlap_thresh: float = ..., valid_thresh: float = ..., topk: int = ..., coord_start: int = ..., score_index: int = ..., id_index: int = ..., background_id: int = ..., force_suppress: bool = ..., in_format: Literal['center', 'corner'] = ..., out_format: Literal['center', 'corner'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Non-maximum suppression: the boxes that no better one overlaps, best first."""

def box_non_maximum_suppression(data: NDArray, overlap_thresh: float = ..., valid_thresh: float = ..., topk: int = ..., coord_start: int = ..., score_index: int = ..., id_index: int = ..., background_id: int = ..., force_suppress: bool = ..., in_format: Literal['center', 'corner'] = ..., out_format: Literal['center', 'corner'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Non-maximum suppression: the boxes that no better one overlaps, best first."""

def calibrate_entropy(hist: NDArray, hist_edges: NDArray, num_quantized_bins: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """The threshold at which quantization to a few bins loses least, and what it loses."""

def count_sketch(data: NDArray, h: NDArray, s: NDArray, out_dim: int = ..., processing_batch_size: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Add each column of *data*, times its sign, to one of *out_dim* columns: (..., D) → (..., K)."""

def ctc_loss(data: NDArray, label: NDArray, data_lengths: NDArray | None = ..., label_lengths: NDArray | None = ..., use_data_lengths: bool = ..., use_label_lengths: bool = ..., blank_label: Literal['first', 'last'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``-log`` of the probability of each label sequence: (T, N, C), (N, L) → (N,)."""

def dequantize(data: NDArray, min_range: NDArray, max_range: NDArray, out_type: Literal['float32'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The floats that 8-bit numbers of a range stand for: (...), (1,), (1,) → (...)."""

def dgl_adjacency(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Ones in float32 where the graph has edges; (N, N) → (N, N)."""

def dgl_csr_neighbor_non_uniform_sample(*args: NDArray, num_args: int = ..., num_hops: int = ..., num_neighbor: int = ..., max_num_vertices: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """As ``dgl_csr_neighbor_uniform_sample``, a vertex being drawn by its weight."""

def dgl_csr_neighbor_uniform_sample(*args: NDArray, num_args: int = ..., num_hops: int = ..., num_neighbor: int = ..., max_num_vertices: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """Neighbours of seeds, drawn evenly: graph, seeds (K,), ... → vertices, graphs, layers."""

def dgl_graph_compact(*args: NDArray, num_args: int = ..., return_mapping: bool = ..., graph_sizes: int | Sequence[int] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """Sampled graphs without empty rows and columns: graphs, ..., lists of vertices, ... → graphs."""

def dgl_subgraph(*args: NDArray, num_args: int = ..., return_mapping: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """The subgraph of each list of vertices, which ascend: graph, (K,), ... → (K, K), ..."""

def div_sqrt_dim(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``data / sqrt(size of the last axis)``."""

def edge_id(data: NDArray, u: NDArray, v: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The number of the edge from each node of *u* to that of *v*: (N, M), (K,), (K,) → (K,)."""

def fft(data: NDArray, compute_size: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Fourier transform of real numbers along the last axis: (..., d) → (..., 2 d)."""

def getnnz(data: NDArray, axis: int | None = ..., out_type: Any = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """How many elements are stored (csr), or are not zero; shape (1,) without an axis."""

def gradientmultiplier(data: NDArray, scalar: float = ..., is_int: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *data* whose gradient is *scalar* times the usual one."""

def group_adagrad_update(weight: NDArray, grad: NDArray, history: NDArray, lr: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., epsilon: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``weight - lr · g / sqrt(history + epsilon)``, one rate a row: (N, ...), (N, ...), (N, 1)."""

def hawkesll(lda: NDArray, alpha: NDArray, beta: NDArray, state: NDArray, lags: NDArray, marks: NDArray, valid_length: NDArray, max_time: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Log likelihood of Hawkes processes: (N,), and their states at the end (N, K)."""

def ifft(data: NDArray, compute_size: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The real part of the inverse Fourier transform, times d: (..., 2 d) → (..., d)."""

def index_array(data: NDArray, axes: int | Sequence[int] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The place of every element along the axes, as a new last axis: (...) → (..., axes), int64."""

def index_copy(old_tensor: NDArray, index_vector: NDArray, new_tensor: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A copy of *old_tensor* in which rows are replaced: row ``index[i]`` by row i of the new."""

def interleaved_matmul_encdec_qk(queries: NDArray, keys_values: NDArray, heads: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Scores of queries with another sequence's keys: → (B · heads, S of queries, S of keys)."""

def interleaved_matmul_encdec_valatt(keys_values: NDArray, attention: NDArray, heads: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``attention · values`` of another sequence: → (S of queries, B, heads · D)."""

def interleaved_matmul_selfatt_qk(queries_keys_values: NDArray, heads: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Scores of a sequence with itself, ``q · kᵀ / sqrt(D)``: → (B · heads, S, S)."""

def interleaved_matmul_selfatt_valatt(queries_keys_values: NDArray, attention: NDArray, heads: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``attention · values`` of a sequence: (S, B, 3 · heads · D) → (S, B, heads · D)."""

def quadratic(data: NDArray, a: float = ..., b: float = ..., c: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``a · data² + b · data + c``."""

def quantize(data: NDArray, min_range: NDArray, max_range: NDArray, out_type: Literal['int8', 'uint8'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Floats of a given range as 8-bit numbers, and the range: (...), (1,), (1,)."""

def quantize_asym(data: NDArray, min_calib_range: float | None = ..., max_calib_range: float | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """``data · scale + shift`` as uint8, and *scale* and *shift*: (...), (1,), (1,)."""

def quantize_v2(data: NDArray, out_type: Literal['auto', 'int8', 'uint8'] = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Floats as 8-bit numbers, and their range: (...), (1,), (1,)."""

def quantized_act(data: NDArray, min_data: NDArray, max_data: NDArray, act_type: Literal['relu', 'sigmoid', 'tanh', 'softrelu', 'softsign'] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Activation of 8-bit numbers; ``relu`` alone. Their range stays."""

def quantized_batch_norm(data: NDArray, gamma: NDArray, beta: NDArray, moving_mean: NDArray, moving_var: NDArray, min_data: NDArray, max_data: NDArray, eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., axis: int = ..., cudnn_off: bool = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """BatchNorm of 8-bit numbers by the moving statistics; int8 of the range that is given."""

def quantized_concat(*args: NDArray, num_args: int = ..., dim: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """8-bit arrays one after the other along axis *dim*, in a range that holds all of theirs."""

def quantized_conv(data: NDArray, weight: NDArray, bias: NDArray | None = ..., min_data: NDArray | None = ..., max_data: NDArray | None = ..., min_weight: NDArray | None = ..., max_weight: NDArray | None = ..., min_bias: NDArray | None = ..., max_bias: NDArray | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., workspace: int = ..., no_bias: bool = ..., cudnn_tune: Literal['fastest', 'limited_workspace', 'off'] | None = ..., cudnn_off: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Convolution of 8-bit data and int8 weights: int32 and its range."""

def quantized_elemwise_add(lhs: NDArray, rhs: NDArray, lhs_min: NDArray, lhs_max: NDArray, rhs_min: NDArray, rhs_max: NDArray, min_calib_range: float | None = ..., max_calib_range: float | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """``lhs + rhs`` of 8-bit arrays of one shape, and the range of the sum."""

def quantized_elemwise_mul(lhs: NDArray, rhs: NDArray, lhs_min: NDArray, lhs_max: NDArray, rhs_min: NDArray, rhs_max: NDArray, min_calib_range: float | None = ..., max_calib_range: float | None = ..., enable_float_output: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """``lhs · rhs`` of int8 arrays of one shape, and the range of the product."""

def quantized_embedding(data: NDArray, weight: NDArray, min_weight: NDArray, max_weight: NDArray, input_dim: int = ..., output_dim: int = ..., dtype: Any = ..., sparse_grad: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Rows of a table of int8: (...) indices × (input_dim, output_dim). Its range stays."""

def quantized_flatten(data: NDArray, min_data: NDArray, max_data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Flatten of 8-bit numbers. Their range stays."""

def quantized_fully_connected(data: NDArray, weight: NDArray, bias: NDArray | None = ..., min_data: NDArray | None = ..., max_data: NDArray | None = ..., min_weight: NDArray | None = ..., max_weight: NDArray | None = ..., min_bias: NDArray | None = ..., max_bias: NDArray | None = ..., num_hidden: int = ..., no_bias: bool = ..., flatten: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """FullyConnected of 8-bit data and int8 weights: int32 and its range."""

def quantized_pooling(data: NDArray, min_data: NDArray, max_data: NDArray, kernel: int | Sequence[int] = ..., pool_type: Literal['avg', 'lp', 'max', 'sum'] = ..., global_pool: bool = ..., cudnn_off: bool = ..., pooling_convention: Literal['full', 'same', 'valid'] = ..., stride: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., p_value: int | None = ..., count_include_pad: bool | None = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC', 'NWC'] | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """Pooling of 8-bit numbers, ``max`` or ``avg``. Their range stays."""

def quantized_rnn(data: NDArray, parameters: NDArray, state: NDArray, state_cell: NDArray, data_scale: NDArray, data_shift: NDArray, state_size: int = ..., num_layers: int = ..., bidirectional: bool = ..., mode: Literal['gru', 'lstm', 'rnn_relu', 'rnn_tanh'] = ..., p: float = ..., state_outputs: bool = ..., projection_size: int | None = ..., lstm_state_clip_min: float | None = ..., lstm_state_clip_max: float | None = ..., lstm_state_clip_nan: bool = ..., use_sequence_length: bool = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> Any:
    """RNN of uint8 data, an LSTM alone; float32."""

def requantize(data: NDArray, min_range: NDArray, max_range: NDArray, out_type: Literal['auto', 'int8', 'uint8'] = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> list[NDArray]:
    """int32 numbers of a range as 8-bit numbers of a smaller one, and that range."""

def round_ste(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``round`` whose gradient passes unchanged (straight-through estimator)."""

def sign_ste(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``sign`` whose gradient passes unchanged (straight-through estimator)."""
