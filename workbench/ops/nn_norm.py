"""Normalisation: subtract a mean, divide by a spread, scale and shift."""

from ..error import OperatorError, message
from . import rules
from .nn_norm_twice import batch_norm_twice
from .params import Bool, Enum, Float, Int
from .registry import op
from .storage import Storage

# ---- BatchNorm ------------------------------------------------------------------------------


def channels(array, rank, axis):
    """A vector over the channels, shaped to broadcast against the data."""
    return array.reshape([-1 if i == axis else 1 for i in range(rank)])


def wide(data):
    """float16 is summed in float32."""
    return data.astype("float32") if data.dtype.itemsize == 2 else data


def sum_of(xp, array, axis):
    """The sum over all axes but *axis*."""
    lead, rest = rules.prod(array.shape[:axis]), rules.prod(array.shape[axis + 1 :])
    array = array.reshape(lead, array.shape[axis], rest)
    return array.sum(axis=2).sum(axis=0)


def norm_shapes(p, ins):
    """Shape rule: data, and vectors over its channels."""
    data = ins[0]
    if data is None:
        return ins, [None] * 3
    channels = (data[rules.one_axis(p["axis"], len(data))],)
    vectors = [rules.merge(one, channels) for one in ins[1:]]
    return [data, *vectors], [data, channels, channels]


def norm_dtypes(p, ins, n):
    """Dtype rule: float16 data have float32 vectors."""
    wide = "float32" if ins[0] == "float16" else ins[0]
    return [ins[0], *[one or wide for one in ins[1:]]], [ins[0], wide, wide]


def _batch_norm_stype(p, stypes):
    if p["fix_gamma"] and set(stypes) != {"default"}:
        raise OperatorError(
            message(
                "BatchNorm: fix_gamma=True is not supported for sparse arrays",
                fix='Pass fix_gamma=False, or convert with x.tostype("default").',
            )
        )
    return "default"


@op(
    aliases=["_npx_batch_norm"],
    storage=Storage(_batch_norm_stype),
    aux=["moving_mean", "moving_var"],
    mutates=["gamma"],
    outputs=3,
    output_names=["output", "mean", "var"],
    visible=lambda p: 3 if p["output_mean_var"] else 1,
    infer=norm_shapes,
    dtype=norm_dtypes,
    examples=[
        {
            "data": (4, 3, 2),
            "gamma": (3,),
            "beta": (3,),
            "moving_mean": (3,),
            "moving_var": ("positive", (3,)),
            "fix_gamma": False,
            **more,
        }
        for more in ({}, {"use_global_stats": True}, {"fix_gamma": True})
    ],
)
def BatchNorm(
    xp,
    data,
    gamma,
    beta,
    moving_mean,
    moving_var,
    *,
    eps: Float(min=0) = 0.0010000000474974513,  # added to the variance
    momentum: Float = 0.9,  # share of the old moving statistics that is kept
    fix_gamma: Bool = True,  # take gamma as 1, and set it so
    use_global_stats: Bool = False,  # normalise by the moving statistics also in training
    output_mean_var: Bool = False,  # also return the mean and 1 / sqrt(var + eps)
    axis: Int = 1,  # axis of the channels
    cudnn_off: Bool = False,
    min_calib_range: Float(optional=True) = None,
    max_calib_range: Float(optional=True) = None,
    train,
):
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, statistics of each channel.

    In training they are those of the batch, over all axes but *axis* (variance over N, not
    N - 1); otherwise the moving ones. As in MXNet 1.9.1 the moving statistics change when the
    gradient is computed, not here. Batch normalization, Ioffe and Szegedy 2015.
    """
    moving = use_global_stats or not train
    out, mean, _, scale = normalised(
        xp, data, gamma, beta, moving_mean, moving_var, eps, fix_gamma, moving, axis
    )
    return out, mean, scale


def normalised(
    xp, data, gamma, beta, moving_mean, moving_var, eps, fix_gamma, moving, axis, shared=None
):
    """The output, mean, variance and 1 / sqrt(var + eps) of a batch normalization.

    *moving*: by the moving statistics; *shared*: by this mean and variance; else by those of the
    data. *gamma* becomes 1 where it is fixed.
    """
    axis = rules.one_axis(axis, data.ndim)
    x = wide(data)
    if moving:
        mean, var = moving_mean.copy(), moving_var.copy()
        centred = x - channels(moving_mean, x.ndim, axis)
    elif shared is not None:
        mean, var = shared
        centred = x - channels(mean, x.ndim, axis)
    else:
        count = max(1, x.size // max(1, x.shape[axis]))
        mean = sum_of(xp, x, axis) / count
        centred = x - channels(mean, x.ndim, axis)
        var = sum_of(xp, centred * centred, axis) / count
    scale = 1 / xp.sqrt(var + eps)
    if fix_gamma:
        gamma[...] = 1
    factor = scale if fix_gamma else scale * gamma
    centred *= channels(factor, x.ndim, axis)
    centred += channels(beta, x.ndim, axis)
    return centred.astype(data.dtype, copy=False), mean, var, scale


def _batch_norm_back(F, g, data, gamma, moving_mean, moving_var, outs, p):
    kept = {name: p[name] for name in ("eps", "momentum", "fix_gamma", "axis")}
    moving = p["use_global_stats"] or not p["train"]
    grads = F._backward_BatchNorm(
        g[0], data, gamma, outs[1], outs[2], moving_mean, moving_var, moving=moving, **kept
    )
    return (*grads, None, None)


BatchNorm.grad_joint(_batch_norm_back)


@op(
    "_backward_BatchNorm",
    mutates=["moving_mean", "moving_var"],
    outputs=3,
    dtype=lambda p, ins, n: (ins, [ins[1], ins[2], ins[2]]),
    infer=lambda p, ins: (ins, [ins[1], ins[2], ins[2]]),
    examples=[
        {
            "grad": (4, 3, 2),
            "data": (4, 3, 2),
            "gamma": (3,),
            "mean": (3,),
            "scale": ("positive", (3,)),
            "moving_mean": (3,),
            "moving_var": ("positive", (3,)),
            "axis": 1,
            "moving": False,
        }
    ],
)
def backward_batch_norm(
    xp,
    grad,
    data,
    gamma,
    mean,
    scale,
    moving_mean,
    moving_var,
    *,
    eps: Float = 0.001,
    momentum: Float = 0.9,
    fix_gamma: Bool = False,
    axis: Int = 1,
    moving: Bool,  # the forward normalised by the moving statistics
):
    """Gradients of data, gamma and beta; moves the moving statistics towards the batch's.

    *mean* and *scale* are the forward's, scale = 1 / sqrt(var + eps).
    """
    axis = rules.one_axis(axis, data.ndim)
    g, x = wide(grad), wide(data)
    normal = x - channels(mean, x.ndim, axis)
    d_beta = sum_of(xp, g, axis)
    # float16: MXNet rounds each product before it adds them up in float32
    products = wide((g * normal).astype(data.dtype, copy=False))
    d_gamma = sum_of(xp, products, axis) * scale
    normal *= channels(scale, x.ndim, axis)
    factor = scale if fix_gamma else scale * gamma
    if moving:
        d_data = g * channels(factor, x.ndim, axis)
    else:
        count = max(1, x.size // max(1, x.shape[axis]))
        normal *= channels(d_gamma / -count, x.ndim, axis)
        normal += g
        normal -= channels(d_beta / count, x.ndim, axis)
        normal *= channels(factor, x.ndim, axis)
        d_data = normal
        moving_mean *= momentum
        moving_mean += (1 - momentum) * mean
        moving_var *= momentum
        moving_var += (1 - momentum) * (1 / (scale * scale) - eps)
    if fix_gamma:
        d_gamma = xp.zeros_like(d_gamma)
    return d_data.astype(data.dtype, copy=False), d_gamma, d_beta


backward_batch_norm.grad_joint(batch_norm_twice)


# ---- LayerNorm ------------------------------------------------------------------------------


@op(
    aliases=["_npx_layer_norm"],
    outputs=3,
    output_names=["output", "mean", "std"],
    visible=lambda p: 3 if p["output_mean_var"] else 1,
    examples=[
        {"data": (3, 4), "gamma": (4,), "beta": (4,)},
        {"data": (2, 3, 4), "gamma": (3,), "beta": (3,), "axis": 1},
    ],
)
def LayerNorm(
    xp,
    data,
    gamma,
    beta,
    *,
    axis: Int = -1,  # axis to normalise along
    eps: Float = 1e-5,  # added to the variance
    output_mean_var: Bool = False,  # also return the mean and sqrt(var + eps)
):
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, statistics along one axis.

    Layer normalization, Ba, Kiros and Hinton 2016.
    """
    axis = rules.one_axis(axis, data.ndim)
    x = wide(data)
    mean = x.mean(axis=axis, keepdims=True)
    centred = x - mean
    spread = xp.sqrt((centred * centred).mean(axis=axis, keepdims=True) + eps)
    centred /= spread
    out = centred * channels(gamma, x.ndim, axis) + channels(beta, x.ndim, axis)
    return tuple(one.astype(data.dtype, copy=False) for one in (out, mean, spread))


@LayerNorm.infer
def _layer_norm_shape(p, ins):
    ins, outs = norm_shapes(p, ins)
    if ins[0] is None:
        return ins, outs
    axis = rules.one_axis(p["axis"], len(ins[0]))
    kept = (*ins[0][:axis], 1, *ins[0][axis + 1 :])
    return ins, [ins[0], kept, kept]


def _layer_norm_back(F, g, data, gamma, outs, data_shape, gamma_shape, p):
    axis = rules.one_axis(p["axis"], len(data_shape))
    others = tuple(i for i in range(len(data_shape)) if i != axis)
    normal = F.broadcast_div(F.broadcast_sub(data, outs[1]), outs[2])
    shape = tuple(n if i == axis else 1 for i, n in enumerate(data_shape))
    scaled = F.broadcast_mul(g[0], F._reshape_to(gamma, shape=shape))

    def centred(x):
        return F.broadcast_sub(x, F.mean(x, axis=(axis,), keepdims=True))

    inner = centred(scaled) - F.broadcast_mul(
        normal, F.mean(scaled * normal, axis=(axis,), keepdims=True)
    )
    d_data = F.broadcast_div(inner, outs[2])
    if not p["output_mean_var"]:
        # hidden outputs have gradients where this rule itself is differentiated; where they are
        # visible MXNet ignores theirs
        size = data_shape[axis]
        if g[1] is not None:
            d_data = F.broadcast_add(d_data, g[1] / size)
        if g[2] is not None:
            d_data = d_data + F.broadcast_mul(normal, g[2] / size)
    return (
        d_data,
        F._sum_to(g[0] * normal, shape=gamma_shape, axes=others),
        F._sum_to(g[0], shape=gamma_shape, axes=others),
    )


LayerNorm.grad_joint(_layer_norm_back)


# ---- L2Normalization ------------------------------------------------------------------------


def _normed_axes(mode, rank):
    if mode == "channel":
        return (1,)
    return tuple(range(1 if mode == "instance" else 2, rank))


@op(
    outputs=2,
    visible=1,
    examples=[{"data": (2, 3, 4), "mode": mode} for mode in ("instance", "channel", "spatial")],
)
def L2Normalization(
    xp,
    data,
    *,
    eps: Float = 1e-10,  # added to the sum of squares
    mode: Enum("channel", "instance", "spatial") = "instance",
):
    """``data / sqrt(Σ data² + eps)``.

    The sum runs over all axes but the first (instance), over axis 1 (channel), or over axes 2
    and up (spatial).
    """
    axes = _normed_axes(mode, data.ndim)
    norm = xp.sqrt((data * data).sum(axis=axes, keepdims=True) + eps)
    return data / norm, norm


@L2Normalization.infer
def _l2_shape(p, ins):
    if ins[0] is None:
        return ins, [None, None]
    axes = _normed_axes(p["mode"], len(ins[0]))
    return ins, [ins[0], tuple(1 if i in axes else n for i, n in enumerate(ins[0]))]


def _l2_back(F, g, outs, data_shape, p):
    axes = _normed_axes(p["mode"], len(data_shape))
    inner = F.sum(g[0] * outs[0], axis=axes, keepdims=True)
    grad = F.broadcast_div(g[0] - F.broadcast_mul(outs[0], inner), outs[1])
    return grad if g[1] is None else grad + F.broadcast_mul(outs[0], g[1])


L2Normalization.grad(data=_l2_back)
