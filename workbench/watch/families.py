"""Operators by family, and what is written in their boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .stats import flag, shape_of

__all__ = ["FAMILIES", "FILL", "INK", "detail", "family", "label", "short"]

Shape = Sequence[int]

FAMILIES = {
    "input": "null _zeros _ones zeros ones _arange _full",
    "dense": "Convolution Deconvolution FullyConnected dot batch_dot Embedding _linalg_gemm2 "
    "_linalg_gemm Correlation DeformableConvolution",
    "norm": "BatchNorm LayerNorm InstanceNorm GroupNorm L2Normalization LRN SyncBatchNorm",
    "activation": "Activation LeakyReLU relu sigmoid tanh softsign softrelu clip hard_sigmoid "
    "gelu erf softmax log_softmax softmin SoftmaxActivation",
    "pooling": "Pooling mean sum max min nansum prod norm argmax argmin topk UpSampling "
    "BilinearResize2D AdaptiveAvgPooling2D ROIPooling ROIAlign",
    "combine": "elemwise_add elemwise_sub elemwise_mul elemwise_div broadcast_add broadcast_sub "
    "broadcast_mul broadcast_div broadcast_power broadcast_maximum broadcast_minimum add_n "
    "ElementWiseSum Concat concat stack where maximum minimum _maximum _minimum _grad_add",
    "shape": "Flatten flatten Reshape reshape transpose SwapAxis swapaxes expand_dims squeeze "
    "slice slice_axis slice_like SliceChannel split tile repeat Pad pad Cast cast Crop flip "
    "reverse broadcast_to broadcast_like broadcast_axis take pick gather_nd one_hot depth_to_space "
    "space_to_depth BlockGrad identity _copy",
    "random": "Dropout shuffle",
    "loss": "SoftmaxOutput LinearRegressionOutput LogisticRegressionOutput MAERegressionOutput "
    "SVMOutput MakeLoss make_loss softmax_cross_entropy CTCLoss smooth_l1",
    "recurrent": "RNN _foreach _while_loop _cond",
}
"""Family → operator names. Anything else is ``other``, but for the endings in :func:`family`."""

FILL = {
    "input": "#ffffff",
    "dense": "#8ecae6",
    "norm": "#ead7a4",
    "activation": "#f4a261",
    "pooling": "#b9bb9f",
    "combine": "#cdb4db",
    "shape": "#dfe3e8",
    "random": "#f2b8c6",
    "loss": "#f4a3a3",
    "recurrent": "#a3d9b1",
    "other": "#f1f1ee",
}
INK = {
    "input": "#6b7280",
    "dense": "#2b7ea1",
    "norm": "#9a7b1f",
    "activation": "#b8621b",
    "pooling": "#6b6e4e",
    "combine": "#7d5a94",
    "shape": "#6b7280",
    "random": "#a8485f",
    "loss": "#a83232",
    "recurrent": "#2f7d46",
    "other": "#77776f",
}
"""Colour of frames and stripes; the fills carry black text at a contrast above 7."""

_FAMILY = {name: group for group, names in FAMILIES.items() for name in names.split()}


def family(op: str) -> str:
    """The family of an operator, from its name."""
    name = op.removeprefix("_contrib_").removeprefix("_npx_").removeprefix("_np_")
    known = _FAMILY.get(op) or _FAMILY.get(name)
    if known:
        return known
    if name.startswith(("_random_", "_sample_", "random_", "sample_")):
        return "random"
    if name.endswith("_scalar") or name.startswith(("broadcast_", "elemwise_")):
        return "combine"
    if name.lower().endswith(("loss", "output")):
        return "loss"
    return "other"


def label(op: str, name: str, attrs: Mapping[str, str]) -> str:
    """What is written in the box of one operator."""
    if op == "null":
        return name
    if op in ("Activation", "LeakyReLU"):
        return attrs.get("act_type", "leaky" if op == "LeakyReLU" else op)
    if op in ("Convolution", "Deconvolution", "Pooling"):
        words = {"Pooling": f"{attrs.get('pool_type', 'max')} pool"}.get(op, op)
        if op == "Pooling" and flag(attrs, "global_pool"):
            return f"global {words}"
        if (groups := _groups(attrs)) > 1:
            words = "Depthwise" if str(groups) == attrs.get("num_filter") else "Grouped conv"
        kernel = times(shape_of(attrs.get("kernel")))
        stride = shape_of(attrs.get("stride"))
        step = f" /{stride[0]}" if stride and max(stride) > 1 else ""
        return f"{words} {kernel}{step}".strip()
    if op.endswith("_scalar") and "scalar" in attrs:
        sign = _SIGNS.get(op.strip("_").removesuffix("_scalar"))
        if sign:
            return sign.format(attrs["scalar"])
    if op == "clip" and attrs.get("a_min", "").strip("0.") == "":
        return f"relu{attrs.get('a_max', '').removesuffix('.0')}"
    if op == "fused":
        return attrs.get("operators", op)
    if op == "Dropout" and "p" in attrs:
        return f"Dropout {attrs['p']}"
    return _NAMES.get(op, op)


def short(op: str, name: str, attrs: Mapping[str, str]) -> str:
    """As :func:`label`, for a stripe of a stack."""
    return label(op, name, attrs).replace("Convolution", "Conv")


def detail(out_shapes: Sequence[Shape | None]) -> str:
    """The small line in a box: the shape of the first output, without its batch axis."""
    shape = out_shapes[0] if out_shapes else None
    if shape is None:
        return ""
    if not len(shape):
        return "scalar"
    return times(shape[1:] if len(shape) > 1 else shape)


def times(shape: Shape) -> str:
    """A shape as ``64×56×56``."""
    return "×".join(str(length) for length in shape)


def _groups(attrs: Mapping[str, str]) -> int:
    groups = shape_of(attrs.get("num_group"), (1,))
    return groups[0] if groups else 1


_SIGNS = {
    "plus": "+ {}",
    "minus": "- {}",
    "rminus": "{} -",
    "mul": "× {}",
    "div": "÷ {}",
    "rdiv": "{} ÷",
    "power": "^ {}",
    "maximum": "max {}",
    "minimum": "min {}",
}

_NAMES = {
    "elemwise_add": "add",
    "_Plus": "add",
    "broadcast_add": "add",
    "elemwise_sub": "subtract",
    "broadcast_sub": "subtract",
    "elemwise_mul": "multiply",
    "broadcast_mul": "multiply",
    "elemwise_div": "divide",
    "broadcast_div": "divide",
    "add_n": "sum of all",
    "FullyConnected": "Dense",
    "SliceChannel": "split",
}
