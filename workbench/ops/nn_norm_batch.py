"""Other batch normalizations: over several devices, with a ReLU, and that of old files."""

from .nn_norm import BatchNorm, norm_dtypes, norm_shapes, normalised
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


@op(
    "_contrib_SyncBatchNorm",
    infer=_over_channels,
    examples=[{**_VECTORS, "fix_gamma": False, "key": "a"}],
    like=[BatchNorm],
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
    """BatchNorm over a batch whose parts lie on several devices, along axis 1."""
    moving = use_global_stats or not train
    return normalised(xp, data, gamma, beta, moving_mean, moving_var, eps, fix_gamma, moving, 1)[:3]


SyncBatchNorm.grad_joint(_back_from_var)


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
