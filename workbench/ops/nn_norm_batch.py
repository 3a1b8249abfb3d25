"""Other batch normalizations: over several devices, with a ReLU, and that of old files."""

from .. import meeting
from .nn_norm import BatchNorm, channels, norm_dtypes, norm_shapes, normalised, sum_of, wide
from .params import Bool, Float, Int, Str
from .registry import op

_VECTORS = {
    "data": (3, 2, 2),
    "gamma": (2,),
    "beta": (2,),
    "moving_mean": (2,),
    "moving_var": ("positive", (2,)),
}
_RECORD = {
    "aux": ["moving_mean", "moving_var"],
    "mutates": ["gamma"],
    "outputs": 3,
    "output_names": ["output", "mean", "var"],
    "visible": lambda p: 3 if p["output_mean_var"] else 1,
    "dtype": norm_dtypes,
}


def _over_channels(p, ins):
    """The rule of BatchNorm where the channels are axis 1."""
    return norm_shapes({"axis": 1}, ins)


def _back(F, g, data, gamma, moving_mean, moving_var, mean, scale, p):
    grads = F._backward_BatchNorm(
        g,
        data,
        gamma,
        mean,
        scale,
        moving_mean,
        moving_var,
        moving=p["use_global_stats"] or not p["train"],
        axis=p.get("axis", 1),
        **{name: p[name] for name in ("eps", "momentum", "fix_gamma")},
    )
    return (*grads, None, None)


def _back_from_var(F, g, data, gamma, moving_mean, moving_var, outs, p):
    scale = F.rsqrt(outs[2] + p["eps"])
    return _back(F, g[0], data, gamma, moving_mean, moving_var, outs[1], scale, p)


# ---- BatchNormWithReLU ------------------------------------------------------------------------


@op(
    "_contrib_BatchNormWithReLU",
    infer=norm_shapes,
    examples=[
        {**_VECTORS, "fix_gamma": False},
        {**_VECTORS, "use_global_stats": True},
    ],
    like=[BatchNorm],
    **_RECORD,
)
def BatchNormWithReLU(
    xp,
    data,
    gamma,
    beta,
    moving_mean,
    moving_var,
    *,
    eps: Float(min=0) = 0.0010000000474974513,
    momentum: Float = 0.9,
    fix_gamma: Bool = True,
    use_global_stats: Bool = False,
    output_mean_var: Bool = False,
    axis: Int = 1,
    cudnn_off: Bool = False,
    min_calib_range: Float(optional=True) = None,
    max_calib_range: Float(optional=True) = None,
    train,
):
    """``max(BatchNorm(data, gamma, beta, moving_mean, moving_var), 0)``."""
    moving = use_global_stats or not train
    out, mean, _, scale = normalised(
        xp, data, gamma, beta, moving_mean, moving_var, eps, fix_gamma, moving, axis
    )
    return xp.maximum(out, 0, out=out), mean, scale


def _relu_back(F, g, data, gamma, moving_mean, moving_var, outs, p):
    open_ = g[0] * F._greater_scalar(outs[0], scalar=0)
    return _back(F, open_, data, gamma, moving_mean, moving_var, outs[1], outs[2], p)


BatchNormWithReLU.grad_joint(_relu_back)


# ---- SyncBatchNorm ----------------------------------------------------------------------------


def _over_all_parts(xp, what, ndev, count, *vectors):
    """How many numbers all devices have for each channel, and a row of each vector for each.

    The numbers go through lists of Python's floats: no device sees another one's arrays.
    """
    brought = meeting.gather(what, ndev, (count, *(one.tolist() for one in vectors)))
    counts, *rows = zip(*brought, strict=True)
    counts = xp.asarray(counts, dtype="float64").reshape(-1, 1)
    return counts, [xp.asarray(list(one), dtype="float64") for one in rows]


def _shared_statistics(xp, x, key, ndev):
    """Mean and variance over the parts of all devices, each weighted by its size."""
    count = max(1, x.size // max(1, x.shape[1]))
    mean = sum_of(xp, x, 1) / count
    centred = x - channels(mean, x.ndim, 1)
    squares = sum_of(xp, centred * centred, 1)
    counts, (means, squares) = _over_all_parts(
        xp, f"SyncBatchNorm {key}", ndev, count, mean, squares
    )
    total = counts.sum()
    mean = (counts * means).sum(axis=0) / total
    var = (squares + counts * (means - mean) ** 2).sum(axis=0) / total
    return mean.astype(x.dtype), var.astype(x.dtype)


def _meets(p):
    return p["ndev"] > 1 and p["train"] and not p["use_global_stats"]


@op(
    "_contrib_SyncBatchNorm",
    infer=_over_channels,
    examples=[{**_VECTORS, "fix_gamma": False, "key": "a"}],
    like=[BatchNorm],
    meets=_meets,
    **_RECORD,
)
def SyncBatchNorm(
    xp,
    data,
    gamma,
    beta,
    moving_mean,
    moving_var,
    *,
    eps: Float(min=0) = 0.001,
    momentum: Float = 0.9,
    fix_gamma: Bool = True,
    use_global_stats: Bool = False,
    output_mean_var: Bool = False,  # also return mean and variance
    ndev: Int(min=1) = 1,  # how many devices each have a part of the batch
    key: Str,  # which layer: the parts of one batch have the same key
    train,
):
    """BatchNorm along axis 1 over a batch whose parts lie on *ndev* devices.

    In training the statistics are those of all parts, as are the sums in the gradient of *data*;
    gradients of *gamma* and *beta* are those of the part, for a Trainer adds them up. All parts
    must be started before a result is read. Context encoding for semantic segmentation, Zhang
    and others 2018.
    """
    shared = None
    if ndev > 1 and train and not use_global_stats:
        shared = _shared_statistics(xp, wide(data), key, ndev)
    moving = use_global_stats or not train
    return normalised(
        xp, data, gamma, beta, moving_mean, moving_var, eps, fix_gamma, moving, 1, shared
    )[:3]


def _sync_back(F, g, data, gamma, moving_mean, moving_var, outs, p):
    if not _meets(p):
        return _back_from_var(F, g, data, gamma, moving_mean, moving_var, outs, p)
    grads = F._backward_SyncBatchNorm(
        g[0],
        data,
        gamma,
        outs[1],
        outs[2],
        moving_mean,
        moving_var,
        **{name: p[name] for name in ("eps", "momentum", "fix_gamma", "ndev", "key")},
    )
    return (*grads, None, None)


SyncBatchNorm.grad_joint(_sync_back)


@op(
    "_backward_SyncBatchNorm",
    mutates=["moving_mean", "moving_var"],
    outputs=3,
    dtype=lambda p, ins, n: (ins, [ins[1], ins[3], ins[3]]),
    infer=lambda p, ins: (ins, [ins[1], ins[3], ins[3]]),
    meets=lambda p: p["ndev"] > 1,
    examples=[
        {
            "grad": (3, 2, 2),
            "data": (3, 2, 2),
            "gamma": (2,),
            "mean": (2,),
            "var": ("positive", (2,)),
            "moving_mean": (2,),
            "moving_var": ("positive", (2,)),
            "key": "a",
        }
    ],
)
def backward_sync_batch_norm(
    xp,
    grad,
    data,
    gamma,
    mean,
    var,
    moving_mean,
    moving_var,
    *,
    eps: Float = 0.001,
    momentum: Float = 0.9,
    fix_gamma: Bool = False,
    ndev: Int = 1,
    key: Str,
):
    """Gradients of SyncBatchNorm's data, gamma and beta; moves the moving statistics."""
    g, x = wide(grad), wide(data)
    scale = 1 / xp.sqrt(var + eps)
    normal = (x - channels(mean, x.ndim, 1)) * channels(scale, x.ndim, 1)
    d_beta, d_gamma = sum_of(xp, g, 1), sum_of(xp, g * normal, 1)
    count = max(1, x.size // max(1, x.shape[1]))
    sums = [d_beta, d_gamma]
    if ndev > 1:
        counts, rows = _over_all_parts(xp, f"SyncBatchNorm {key} backward", ndev, count, *sums)
        sums = [one.sum(axis=0).astype(x.dtype) for one in rows]
        count = float(counts.sum())
    normal *= channels(sums[1] / count, x.ndim, 1)
    factor = scale if fix_gamma else scale * gamma
    d_data = (g - channels(sums[0] / count, x.ndim, 1) - normal) * channels(factor, x.ndim, 1)
    moving_mean *= momentum
    moving_mean += (1 - momentum) * mean
    moving_var *= momentum
    moving_var += (1 - momentum) * var
    if fix_gamma:
        d_gamma = xp.zeros_like(d_gamma)
    return d_data.astype(data.dtype, copy=False), d_gamma, d_beta


# ---- BatchNorm_v1 -----------------------------------------------------------------------------


@op(
    infer=_over_channels,
    examples=[{**_VECTORS, "fix_gamma": False}, {**_VECTORS, "use_global_stats": True}],
    like=[BatchNorm],
    **_RECORD,
)
def BatchNorm_v1(
    xp,
    data,
    gamma,
    beta,
    moving_mean,
    moving_var,
    *,
    eps: Float(min=0) = 0.001,
    momentum: Float = 0.9,
    fix_gamma: Bool = True,
    use_global_stats: Bool = False,
    output_mean_var: Bool = False,  # also return mean and variance
    train,
):
    """BatchNorm along axis 1 as old files have it: its third output is the variance."""
    moving = use_global_stats or not train
    return normalised(xp, data, gamma, beta, moving_mean, moving_var, eps, fix_gamma, moving, 1)[:3]


BatchNorm_v1.grad_joint(_back_from_var)
