# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.symbol.symbol import Symbol

def AdaptiveAvgPooling2D(data: Symbol | None = ..., output_size: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Means of cells that cover an image of any size: (N, C, H, W) → (N, C, h, w)."""

def BatchNormWithReLU(data: Symbol | None = ..., gamma: Symbol | None = ..., beta: Symbol | None = ..., moving_mean: Symbol | None = ..., moving_var: Symbol | None = ..., eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., axis: int = ..., cudnn_off: bool = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``max(BatchNorm(data, gamma, beta, moving_mean, moving_var), 0)``."""

def BilinearResize2D(data: Symbol | None = ..., like: Symbol | None = ..., height: int = ..., width: int = ..., scale_height: float | None = ..., scale_width: float | None = ..., mode: Literal['like', 'odd_scale', 'size', 'to_even_down', 'to_even_up', 'to_odd_down', 'to_odd_up'] = ..., align_corners: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Images resized by bilinear interpolation: (N, C, H, W) → (N, C, H', W')."""

def CTCLoss(data: Symbol | None = ..., label: Symbol | None = ..., data_lengths: Symbol | None = ..., label_lengths: Symbol | None = ..., use_data_lengths: bool = ..., use_label_lengths: bool = ..., blank_label: Literal['first', 'last'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-log`` of the probability of each label sequence: (T, N, C), (N, L) → (N,)."""

def DeformableConvolution(data: Symbol | None = ..., offset: Symbol | None = ..., weight: Symbol | None = ..., bias: Symbol | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., num_deformable_group: int = ..., workspace: int = ..., no_bias: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Convolution whose taps read, between pixels, where *offset* moves them."""

def DeformablePSROIPooling(data: Symbol | None = ..., rois: Symbol | None = ..., trans: Symbol | None = ..., spatial_scale: float = ..., output_dim: int = ..., group_size: int = ..., pooled_size: int = ..., part_size: int = ..., sample_per_part: int = ..., trans_std: float = ..., no_trans: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """PSROIPooling of samples between the elements, each part moved by *trans*."""

def ModulatedDeformableConvolution(data: Symbol | None = ..., offset: Symbol | None = ..., mask: Symbol | None = ..., weight: Symbol | None = ..., bias: Symbol | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., num_deformable_group: int = ..., workspace: int = ..., no_bias: bool = ..., im2col_step: int = ..., layout: Literal['NCDHW', 'NCHW', 'NCW'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """DeformableConvolution whose taps are also weighted by a *mask* for every place."""

def MultiBoxDetection(cls_prob: Symbol | None = ..., loc_pred: Symbol | None = ..., anchor: Symbol | None = ..., clip: bool = ..., threshold: float = ..., background_id: int = ..., nms_threshold: float = ..., force_suppress: bool = ..., variances: float | Sequence[float] = ..., nms_topk: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Detections from what a network says of its anchors: (B, A, 6)."""

def MultiBoxPrior(data: Symbol | None = ..., sizes: float | Sequence[float] = ..., ratios: float | Sequence[float] = ..., clip: bool = ..., steps: float | Sequence[float] = ..., offsets: float | Sequence[float] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Prior boxes around the cells of a feature map: (N, C, H, W) → (1, H · W · K, 4) corners."""

def MultiBoxTarget(anchor: Symbol | None = ..., label: Symbol | None = ..., cls_pred: Symbol | None = ..., overlap_threshold: float = ..., ignore_label: float = ..., negative_mining_ratio: float = ..., negative_mining_thresh: float = ..., minimum_negative_samples: int = ..., variances: float | Sequence[float] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """What each anchor should say: offsets, which of them count, and a class."""

def MultiProposal(cls_prob: Symbol | None = ..., bbox_pred: Symbol | None = ..., im_info: Symbol | None = ..., rpn_pre_nms_top_n: int = ..., rpn_post_nms_top_n: int = ..., threshold: float = ..., rpn_min_size: int = ..., scales: float | Sequence[float] = ..., ratios: float | Sequence[float] = ..., feature_stride: int = ..., output_score: bool = ..., iou_loss: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Proposal for several images: (N · post, 5) with the image's number first, and scores."""

def PSROIPooling(data: Symbol | None = ..., rois: Symbol | None = ..., spatial_scale: float = ..., output_dim: int = ..., pooled_size: int = ..., group_size: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The mean of each part of a region, in channels of its own: → (R, output_dim, s, s)."""

def Proposal(cls_prob: Symbol | None = ..., bbox_pred: Symbol | None = ..., im_info: Symbol | None = ..., rpn_pre_nms_top_n: int = ..., rpn_post_nms_top_n: int = ..., threshold: float = ..., rpn_min_size: int = ..., scales: float | Sequence[float] = ..., ratios: float | Sequence[float] = ..., feature_stride: int = ..., output_score: bool = ..., iou_loss: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The regions of one image that look most like objects: (post, 5), and scores (post, 1)."""

def ROIAlign(data: Symbol | None = ..., rois: Symbol | None = ..., pooled_size: int | Sequence[int] = ..., spatial_scale: float = ..., sample_ratio: int = ..., position_sensitive: bool = ..., aligned: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The mean of samples in each part of a region: (N, C, H, W) and (R, 5) → (R, C, h, w)."""

def RROIAlign(data: Symbol | None = ..., rois: Symbol | None = ..., pooled_size: int | Sequence[int] = ..., spatial_scale: float = ..., sampling_ratio: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """ROIAlign of rotated regions: (N, C, H, W) and (R, 6) → (R, C, h, w)."""

def SparseEmbedding(data: Symbol | None = ..., weight: Symbol | None = ..., input_dim: int = ..., output_dim: int = ..., dtype: Any = ..., sparse_grad: bool = ..., deterministic: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Rows of a table, as ``Embedding``, with a row_sparse gradient of the table."""

def SyncBatchNorm(data: Symbol | None = ..., gamma: Symbol | None = ..., beta: Symbol | None = ..., moving_mean: Symbol | None = ..., moving_var: Symbol | None = ..., eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., ndev: int = ..., key: str = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """BatchNorm along axis 1 over a batch whose parts lie on *ndev* devices."""

def allclose(a: Symbol | None = ..., b: Symbol | None = ..., rtol: float = ..., atol: float = ..., equal_nan: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """1 where ``|a - b| <= atol + rtol · |b|`` for all elements, else 0; shape (), uint8."""

def arange_like(data: Symbol | None = ..., start: float = ..., step: float = ..., repeat: int = ..., ctx: Any = ..., axis: int | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``start, start + step, ...`` in the shape of *data*, or as long as one of its axes."""

def bipartite_matching(data: Symbol | None = ..., is_ascend: bool = ..., threshold: float = ..., topk: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Pair rows with columns, the best score first: (..., N, M) → (..., N) and (..., M)."""

def boolean_mask(data: Symbol | None = ..., index: Symbol | None = ..., axis: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The rows whose entry in *index* is not 0: (N, ...), (N,) → (how many, ...)."""

def box_decode(data: Symbol | None = ..., anchors: Symbol | None = ..., std0: float = ..., std1: float = ..., std2: float = ..., std3: float = ..., clip: float = ..., format: Literal['center', 'corner'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Boxes from what a network says of *anchors*: (B, N, 4) and (1, N, 4) → (B, N, 4) corners."""

def box_encode(samples: Symbol | None = ..., matches: Symbol | None = ..., anchors: Symbol | None = ..., refs: Symbol | None = ..., means: Symbol | None = ..., stds: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """What a network has to learn to move *anchors* onto the boxes that they match."""

def box_iou(lhs: Symbol | None = ..., rhs: Symbol | None = ..., format: Literal['center', 'corner'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Intersection over union of each box with each: (..., 4) and (:::, 4) → (..., :::)."""

def box_nms(data: Symbol | None = ..., overlap_thresh: float = ..., valid_thresh: float = ..., topk: int = ..., coord_start: int = ..., score_index: int = ..., id_index: int = ..., background_id: int = ..., force_suppress: bool = ..., in_format: Literal['center', 'corner'] = ..., out_format: Literal['center', 'corner'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Non-maximum suppression: the boxes that no better one overlaps, best first."""

def box_non_maximum_suppression(data: Symbol | None = ..., overlap_thresh: float = ..., valid_thresh: float = ..., topk: int = ..., coord_start: int = ..., score_index: int = ..., id_index: int = ..., background_id: int = ..., force_suppress: bool = ..., in_format: Literal['center', 'corner'] = ..., out_format: Literal['center', 'corner'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Non-maximum suppression: the boxes that no better one overlaps, best first."""

def calibrate_entropy(hist: Symbol | None = ..., hist_edges: Symbol | None = ..., num_quantized_bins: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The threshold at which quantization to a few bins loses least, and what it loses."""

def count_sketch(data: Symbol | None = ..., h: Symbol | None = ..., s: Symbol | None = ..., out_dim: int = ..., processing_batch_size: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Add each column of *data*, times its sign, to one of *out_dim* columns: (..., D) → (..., K)."""

def ctc_loss(data: Symbol | None = ..., label: Symbol | None = ..., data_lengths: Symbol | None = ..., label_lengths: Symbol | None = ..., use_data_lengths: bool = ..., use_label_lengths: bool = ..., blank_label: Literal['first', 'last'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``-log`` of the probability of each label sequence: (T, N, C), (N, L) → (N,)."""

def dequantize(data: Symbol | None = ..., min_range: Symbol | None = ..., max_range: Symbol | None = ..., out_type: Literal['float32'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The floats that 8-bit numbers of a range stand for: (...), (1,), (1,) → (...)."""

def dgl_adjacency(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Ones in float32 where the graph has edges; (N, N) → (N, N)."""

def dgl_csr_neighbor_non_uniform_sample(*args: Symbol, num_args: int = ..., num_hops: int = ..., num_neighbor: int = ..., max_num_vertices: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """As ``dgl_csr_neighbor_uniform_sample``, a vertex being drawn by its weight."""

def dgl_csr_neighbor_uniform_sample(*args: Symbol, num_args: int = ..., num_hops: int = ..., num_neighbor: int = ..., max_num_vertices: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Neighbours of seeds, drawn evenly: graph, seeds (K,), ... → vertices, graphs, layers."""

def dgl_graph_compact(*args: Symbol, num_args: int = ..., return_mapping: bool = ..., graph_sizes: int | Sequence[int] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Sampled graphs without empty rows and columns: graphs, ..., lists of vertices, ... → graphs."""

def dgl_subgraph(*args: Symbol, num_args: int = ..., return_mapping: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The subgraph of each list of vertices, which ascend: graph, (K,), ... → (K, K), ..."""

def div_sqrt_dim(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data / sqrt(size of the last axis)``."""

def edge_id(data: Symbol | None = ..., u: Symbol | None = ..., v: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The number of the edge from each node of *u* to that of *v*: (N, M), (K,), (K,) → (K,)."""

def fft(data: Symbol | None = ..., compute_size: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Fourier transform of real numbers along the last axis: (..., d) → (..., 2 d)."""

def getnnz(data: Symbol | None = ..., axis: int | None = ..., out_type: Any = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """How many elements are stored (csr), or are not zero; shape (1,) without an axis."""

def gradientmultiplier(data: Symbol | None = ..., scalar: float = ..., is_int: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *data* whose gradient is *scalar* times the usual one."""

def group_adagrad_update(weight: Symbol | None = ..., grad: Symbol | None = ..., history: Symbol | None = ..., lr: float = ..., rescale_grad: float = ..., clip_gradient: float = ..., epsilon: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``weight - lr · g / sqrt(history + epsilon)``, one rate a row: (N, ...), (N, ...), (N, 1)."""

def hawkesll(lda: Symbol | None = ..., alpha: Symbol | None = ..., beta: Symbol | None = ..., state: Symbol | None = ..., lags: Symbol | None = ..., marks: Symbol | None = ..., valid_length: Symbol | None = ..., max_time: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Log likelihood of Hawkes processes: (N,), and their states at the end (N, K)."""

def ifft(data: Symbol | None = ..., compute_size: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The real part of the inverse Fourier transform, times d: (..., 2 d) → (..., d)."""

def index_array(data: Symbol | None = ..., axes: int | Sequence[int] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The place of every element along the axes, as a new last axis: (...) → (..., axes), int64."""

def index_copy(old_tensor: Symbol | None = ..., index_vector: Symbol | None = ..., new_tensor: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A copy of *old_tensor* in which rows are replaced: row ``index[i]`` by row i of the new."""

def interleaved_matmul_encdec_qk(queries: Symbol | None = ..., keys_values: Symbol | None = ..., heads: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Scores of queries with another sequence's keys: → (B · heads, S of queries, S of keys)."""

def interleaved_matmul_encdec_valatt(keys_values: Symbol | None = ..., attention: Symbol | None = ..., heads: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``attention · values`` of another sequence: → (S of queries, B, heads · D)."""

def interleaved_matmul_selfatt_qk(queries_keys_values: Symbol | None = ..., heads: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Scores of a sequence with itself, ``q · kᵀ / sqrt(D)``: → (B · heads, S, S)."""

def interleaved_matmul_selfatt_valatt(queries_keys_values: Symbol | None = ..., attention: Symbol | None = ..., heads: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``attention · values`` of a sequence: (S, B, 3 · heads · D) → (S, B, heads · D)."""

def quadratic(data: Symbol | None = ..., a: float = ..., b: float = ..., c: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``a · data² + b · data + c``."""

def quantize(data: Symbol | None = ..., min_range: Symbol | None = ..., max_range: Symbol | None = ..., out_type: Literal['int8', 'uint8'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Floats of a given range as 8-bit numbers, and the range: (...), (1,), (1,)."""

def quantize_asym(data: Symbol | None = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``data · scale + shift`` as uint8, and *scale* and *shift*: (...), (1,), (1,)."""

def quantize_v2(data: Symbol | None = ..., out_type: Literal['auto', 'int8', 'uint8'] = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Floats as 8-bit numbers, and their range: (...), (1,), (1,)."""

def quantized_act(data: Symbol | None = ..., min_data: Symbol | None = ..., max_data: Symbol | None = ..., act_type: Literal['relu', 'sigmoid', 'tanh', 'softrelu', 'softsign'] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Activation of 8-bit numbers; ``relu`` alone. Their range stays."""

def quantized_batch_norm(data: Symbol | None = ..., gamma: Symbol | None = ..., beta: Symbol | None = ..., moving_mean: Symbol | None = ..., moving_var: Symbol | None = ..., min_data: Symbol | None = ..., max_data: Symbol | None = ..., eps: float = ..., momentum: float = ..., fix_gamma: bool = ..., use_global_stats: bool = ..., output_mean_var: bool = ..., axis: int = ..., cudnn_off: bool = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """BatchNorm of 8-bit numbers by the moving statistics; int8 of the range that is given."""

def quantized_concat(*args: Symbol, num_args: int = ..., dim: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """8-bit arrays one after the other along axis *dim*, in a range that holds all of theirs."""

def quantized_conv(data: Symbol | None = ..., weight: Symbol | None = ..., bias: Symbol | None = ..., min_data: Symbol | None = ..., max_data: Symbol | None = ..., min_weight: Symbol | None = ..., max_weight: Symbol | None = ..., min_bias: Symbol | None = ..., max_bias: Symbol | None = ..., kernel: int | Sequence[int] = ..., stride: int | Sequence[int] = ..., dilate: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., num_filter: int = ..., num_group: int = ..., workspace: int = ..., no_bias: bool = ..., cudnn_tune: Literal['fastest', 'limited_workspace', 'off'] | None = ..., cudnn_off: bool = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Convolution of 8-bit data and int8 weights: int32 and its range."""

def quantized_elemwise_add(lhs: Symbol | None = ..., rhs: Symbol | None = ..., lhs_min: Symbol | None = ..., lhs_max: Symbol | None = ..., rhs_min: Symbol | None = ..., rhs_max: Symbol | None = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs + rhs`` of 8-bit arrays of one shape, and the range of the sum."""

def quantized_elemwise_mul(lhs: Symbol | None = ..., rhs: Symbol | None = ..., lhs_min: Symbol | None = ..., lhs_max: Symbol | None = ..., rhs_min: Symbol | None = ..., rhs_max: Symbol | None = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., enable_float_output: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``lhs · rhs`` of int8 arrays of one shape, and the range of the product."""

def quantized_embedding(data: Symbol | None = ..., weight: Symbol | None = ..., min_weight: Symbol | None = ..., max_weight: Symbol | None = ..., input_dim: int = ..., output_dim: int = ..., dtype: Any = ..., sparse_grad: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Rows of a table of int8: (...) indices × (input_dim, output_dim). Its range stays."""

def quantized_flatten(data: Symbol | None = ..., min_data: Symbol | None = ..., max_data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Flatten of 8-bit numbers. Their range stays."""

def quantized_fully_connected(data: Symbol | None = ..., weight: Symbol | None = ..., bias: Symbol | None = ..., min_data: Symbol | None = ..., max_data: Symbol | None = ..., min_weight: Symbol | None = ..., max_weight: Symbol | None = ..., min_bias: Symbol | None = ..., max_bias: Symbol | None = ..., num_hidden: int = ..., no_bias: bool = ..., flatten: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """FullyConnected of 8-bit data and int8 weights: int32 and its range."""

def quantized_pooling(data: Symbol | None = ..., min_data: Symbol | None = ..., max_data: Symbol | None = ..., kernel: int | Sequence[int] = ..., pool_type: Literal['avg', 'lp', 'max', 'sum'] = ..., global_pool: bool = ..., cudnn_off: bool = ..., pooling_convention: Literal['full', 'same', 'valid'] = ..., stride: int | Sequence[int] = ..., pad: int | Sequence[int] = ..., p_value: int | None = ..., count_include_pad: bool | None = ..., layout: Literal['NCDHW', 'NCHW', 'NCW', 'NDHWC', 'NHWC', 'NWC'] | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Pooling of 8-bit numbers, ``max`` or ``avg``. Their range stays."""

def quantized_rnn(data: Symbol | None = ..., parameters: Symbol | None = ..., state: Symbol | None = ..., state_cell: Symbol | None = ..., data_scale: Symbol | None = ..., data_shift: Symbol | None = ..., state_size: int = ..., num_layers: int = ..., bidirectional: bool = ..., mode: Literal['gru', 'lstm', 'rnn_relu', 'rnn_tanh'] = ..., p: float = ..., state_outputs: bool = ..., projection_size: int | None = ..., lstm_state_clip_min: float | None = ..., lstm_state_clip_max: float | None = ..., lstm_state_clip_nan: bool = ..., use_sequence_length: bool = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """RNN of uint8 data, an LSTM alone; float32."""

def requantize(data: Symbol | None = ..., min_range: Symbol | None = ..., max_range: Symbol | None = ..., out_type: Literal['auto', 'int8', 'uint8'] = ..., min_calib_range: float | None = ..., max_calib_range: float | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """int32 numbers of a range as 8-bit numbers of a smaller one, and that range."""

def round_ste(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``round`` whose gradient passes unchanged (straight-through estimator)."""

def sign_ste(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``sign`` whose gradient passes unchanged (straight-through estimator)."""
