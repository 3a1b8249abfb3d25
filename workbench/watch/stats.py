"""Numbers about a graph's nodes: parameters, floating-point operations, and what flows through.

Counts come from the operator's name, its attributes and shapes alone. A multiplication and an
addition are two operations. What is not listed costs one operation per element of its output.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["LIVE", "count_flops", "count_params", "live", "shape_of"]

Shape = tuple[int, ...]
Shapes = Sequence[Shape | None]
Attrs = Mapping[str, str]

LIVE = ("mean", "std", "absmax", "zero share", "grad norm")
"""Columns that :func:`live` fills, in this order."""


def count_flops(op: str, attrs: Attrs, in_shapes: Shapes, out_shapes: Shapes) -> int:
    """Operations of one forward call of *op*; 0 where shapes are not known.

    *in_shapes* are those of the data inputs first; parameters may be left out.
    """
    out = out_shapes[0] if out_shapes else None
    if out is None or op in _FREE:
        return 0
    counter = _FLOPS.get(op)
    if counter is None:
        return size(out)
    data = in_shapes[0] if in_shapes else None
    if data is None:
        return 0
    other = in_shapes[1] if len(in_shapes) > 1 else None
    return int(counter(attrs, data, out, other))


def count_params(op: str, attrs: Attrs, data: Shape | None) -> int:
    """Trained numbers that *op* reads, for an input of shape *data*; 0 where it is not known."""
    counter = _PARAMS.get(op)
    if counter is None or data is None or len(data) < 2:
        return 0
    return int(counter(attrs, data))


def live(data: npt.ArrayLike, grad: npt.ArrayLike | None = None) -> npt.NDArray[np.float32]:
    """Mean, standard deviation, greatest magnitude, share of zeros of *data*, norm of *grad*.

    Computed in float64, returned as float32 in the order of :data:`LIVE`. NaN and infinity are
    not left out: one of them in *data* shows in the result. NaN where nothing was given.
    """
    out = np.full(len(LIVE), np.nan, dtype=np.float32)
    values = np.asarray(data)
    if values.size:
        wide = values.astype(np.float64, copy=False)
        with np.errstate(all="ignore"):
            out[0], out[1] = wide.mean(), wide.std()
            out[2] = np.abs(wide).max()
        out[3] = 1 - np.count_nonzero(values) / values.size
    if grad is not None:
        with np.errstate(all="ignore"):
            out[4] = math.sqrt(float(np.square(np.asarray(grad, dtype=np.float64)).sum()))
    return out


def size(shape: Sequence[int]) -> int:
    """Number of elements."""
    return math.prod(shape)


def shape_of(text: str | None, default: Shape = ()) -> Shape:
    """The tuple that an attribute like ``"(3, 3)"``, ``"[3, 3]"`` or ``"3"`` stands for."""
    if not text:
        return default
    try:
        value = ast.literal_eval(text)
        return (
            tuple(int(one) for one in value) if isinstance(value, tuple | list) else (int(value),)
        )
    except (ValueError, TypeError, SyntaxError):
        return default


def flag(attrs: Attrs, name: str, default: bool = False) -> bool:
    """A boolean attribute as it stands in JSON."""
    return attrs.get(name, str(default)).lower() in ("true", "1")


def number(attrs: Attrs, name: str, default: int) -> int:
    """A whole-number attribute as it stands in JSON."""
    try:
        return int(float(attrs[name]))
    except (KeyError, ValueError):
        return default


def _conv(attrs: Attrs, data: Shape, out: Shape, other: Shape | None) -> float:
    window = size(shape_of(attrs.get("kernel"))) * data[1] / number(attrs, "num_group", 1)
    return size(out) * (2 * window + (not flag(attrs, "no_bias")))


def _deconv(attrs: Attrs, data: Shape, out: Shape, other: Shape | None) -> float:
    window = size(shape_of(attrs.get("kernel"))) * out[1] / number(attrs, "num_group", 1)
    return size(data) * 2 * window


def _dense(attrs: Attrs, data: Shape, out: Shape, other: Shape | None) -> float:
    width = size(data[1:]) if flag(attrs, "flatten", True) else data[-1]
    return size(out) * (2 * width + (not flag(attrs, "no_bias")))


def _dot(attrs: Attrs, data: Shape, out: Shape, other: Shape | None) -> float:
    inner = data[-2] if flag(attrs, "transpose_a") and len(data) > 1 else data[-1]
    return 2 * size(out) * inner


def _pool(attrs: Attrs, data: Shape, out: Shape, other: Shape | None) -> float:
    if flag(attrs, "global_pool"):
        return size(data)
    return size(out) * size(shape_of(attrs.get("kernel"), (1,)))


def _rnn(attrs: Attrs, data: Shape, out: Shape, other: Shape | None) -> float:
    steps, batch = data[0], data[1]
    return 2 * steps * batch * _rnn_params(attrs, (0, data[-1]))


def _per_element(cost: int) -> Callable[[Attrs, Shape, Shape, Shape | None], float]:
    return lambda attrs, data, out, other: cost * size(data)


_FLOPS: dict[str, Callable[[Attrs, Shape, Shape, Shape | None], float]] = {
    "Convolution": _conv,
    "Deconvolution": _deconv,
    "FullyConnected": _dense,
    "dot": _dot,
    "batch_dot": _dot,
    "_linalg_gemm2": _dot,
    "Pooling": _pool,
    "RNN": _rnn,
    "BatchNorm": _per_element(4),
    "LayerNorm": _per_element(8),
    "GroupNorm": _per_element(8),
    "InstanceNorm": _per_element(8),
    "softmax": _per_element(5),
    "log_softmax": _per_element(5),
    "SoftmaxOutput": _per_element(5),
    "SoftmaxActivation": _per_element(5),
    "mean": _per_element(1),
    "sum": _per_element(1),
    "max": _per_element(1),
    "min": _per_element(1),
}

_FREE = frozenset(
    {
        "null",
        "Flatten",
        "Reshape",
        "reshape",
        "flatten",
        "expand_dims",
        "squeeze",
        "identity",
        "_copy",
        "BlockGrad",
        "SliceChannel",
        "split",
        "slice",
        "slice_axis",
        "slice_like",
        "Concat",
        "concat",
        "stack",
        "transpose",
        "SwapAxis",
        "swapaxes",
        "Embedding",
        "take",
        "tile",
        "repeat",
        "Cast",
        "cast",
        "_zeros",
        "_ones",
        "zeros_like",
        "ones_like",
        "broadcast_to",
        "broadcast_like",
        "broadcast_axis",
        "Pad",
        "pad",
        "UpSampling",
        "shape_array",
        "one_hot",
        "pick",
    }
)


def _conv_params(attrs: Attrs, data: Shape) -> float:
    filters = number(attrs, "num_filter", 0)
    window = size(shape_of(attrs.get("kernel"))) * data[1] / number(attrs, "num_group", 1)
    return filters * (window + (not flag(attrs, "no_bias")))


def _deconv_params(attrs: Attrs, data: Shape) -> float:
    filters = number(attrs, "num_filter", 0)
    window = size(shape_of(attrs.get("kernel"))) * filters / number(attrs, "num_group", 1)
    return data[1] * window + (0 if flag(attrs, "no_bias", True) else filters)


def _dense_params(attrs: Attrs, data: Shape) -> float:
    width = size(data[1:]) if flag(attrs, "flatten", True) else data[-1]
    return number(attrs, "num_hidden", 0) * (width + (not flag(attrs, "no_bias")))


def _norm_params(attrs: Attrs, data: Shape) -> float:
    channels = data[number(attrs, "axis", 1)]
    return channels * (1 if flag(attrs, "fix_gamma") else 2)


def _layer_norm_params(attrs: Attrs, data: Shape) -> float:
    return 2 * data[number(attrs, "axis", -1)]


def _embedding_params(attrs: Attrs, data: Shape) -> float:
    return number(attrs, "input_dim", 0) * number(attrs, "output_dim", 0)


def _rnn_params(attrs: Attrs, data: Shape) -> float:
    hidden, layers = number(attrs, "state_size", 0), number(attrs, "num_layers", 1)
    gates = {"lstm": 4, "gru": 3}.get(attrs.get("mode", ""), 1)
    ways = 2 if flag(attrs, "bidirectional") else 1
    total, width = 0, data[-1]
    for _ in range(layers):
        total += ways * gates * hidden * (width + hidden + 2)
        width = hidden * ways
    return total


_PARAMS: dict[str, Callable[[Attrs, Shape], float]] = {
    "Convolution": _conv_params,
    "Deconvolution": _deconv_params,
    "FullyConnected": _dense_params,
    "BatchNorm": _norm_params,
    "InstanceNorm": _norm_params,
    "LayerNorm": _layer_norm_params,
    "GroupNorm": _norm_params,
    "Embedding": _embedding_params,
    "RNN": _rnn_params,
}
WITH_PARAMS = frozenset(_PARAMS)
"""Operators that read parameters."""
