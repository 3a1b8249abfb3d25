"""Normalisation of each sample by itself: over groups of channels, or across channels."""

from ..error import ShapeError
from . import rules
from .params import Bool, Float, Int
from .registry import op

# ---- GroupNorm and InstanceNorm ----------------------------------------------------------------


def _normalise(xp, data, gamma, beta, groups, eps):
    """The output, and mean and sqrt(var + eps) of each group: (N, groups)."""
    x = data.astype("float32") if data.dtype.itemsize == 2 else data
    x = x.reshape(data.shape[0], groups, -1)
    mean = x.mean(axis=2, keepdims=True)
    centred = x - mean
    spread = xp.sqrt((centred * centred).mean(axis=2, keepdims=True) + eps)
    centred /= spread
    out = centred * gamma.reshape(1, groups, 1) + beta.reshape(1, groups, 1)
    outs = (out.reshape(data.shape), mean.reshape(-1, groups), spread.reshape(-1, groups))
    return tuple(one.astype(data.dtype, copy=False) for one in outs)


def _normalise_back(F, g, data, gamma, outs, data_shape, groups, hidden):
    """Gradients of data, gamma and beta.

    *hidden*: mean and spread are not visible, so that gradients of theirs come only from this
    rule being differentiated.
    """
    n = data_shape[0]
    size = max(1, rules.prod(data_shape[1:]) // groups)
    grouped, per_group = (n, groups, size), (n, groups, 1)
    x = F._reshape_to(data, shape=grouped)
    g0 = F._reshape_to(g[0], shape=grouped)
    mean, spread = (F._reshape_to(one, shape=per_group) for one in outs[1:])
    normal = F.broadcast_div(F.broadcast_sub(x, mean), spread)
    scaled = F.broadcast_mul(g0, F._reshape_to(gamma, shape=(1, groups, 1)))
    inner = F.broadcast_sub(scaled, F.mean(scaled, axis=(2,), keepdims=True))
    inner = inner - F.broadcast_mul(normal, F.mean(scaled * normal, axis=(2,), keepdims=True))
    d_data = F.broadcast_div(inner, spread)
    if hidden and g[1] is not None:
        d_data = F.broadcast_add(d_data, F._reshape_to(g[1], shape=per_group) / size)
    if hidden and g[2] is not None:
        share = F._reshape_to(g[2], shape=per_group) / size
        d_data = d_data + F.broadcast_mul(normal, share)
    over = {"shape": (groups,), "axes": (0, 2)}
    return (
        F._reshape_to(d_data, shape=data_shape),
        F._sum_to(g0 * normal, **over),
        F._sum_to(g0, **over),
    )


def _shapes(groups_of):
    def rule(p, ins):
        data, *vectors = ins
        if data is None:
            return ins, [None] * 3
        groups = groups_of(p, data)
        if groups and data[1] % groups:
            raise ShapeError(f"{data[1]} channels in {groups} equal groups")
        vectors = [rules.merge(one, (groups,)) for one in vectors]
        return [data, *vectors], [data, (data[0], groups), (data[0], groups)]

    return rule


@op(
    outputs=3,
    output_names=["output", "mean", "std"],
    visible=lambda p: 3 if p["output_mean_var"] else 1,
    infer=_shapes(lambda p, data: p["num_groups"]),
    examples=[{"data": (2, 4, 3), "gamma": (2,), "beta": (2,), "num_groups": 2}],
)
def GroupNorm(
    xp,
    data,
    gamma,
    beta,
    *,
    num_groups: Int(min=1) = 1,  # groups of channels
    eps: Float = 1e-5,  # added to the variance
    output_mean_var: Bool = False,  # also return the mean and sqrt(var + eps)
):
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, for each group of channels.

    As in MXNet 1.9.1, *gamma* and *beta* have one number for each group: (N, C, ...),
    (groups,), (groups,) → (N, C, ...). Group normalization, Wu and He 2018.
    """
    return _normalise(xp, data, gamma, beta, num_groups, eps)


GroupNorm.grad_joint(
    lambda F, g, data, gamma, outs, data_shape, p: _normalise_back(
        F, g, data, gamma, outs, data_shape, p["num_groups"], not p["output_mean_var"]
    )
)


@op(
    outputs=3,
    visible=1,
    infer=_shapes(lambda p, data: data[1]),
    examples=[{"data": (2, 3, 4), "gamma": (3,), "beta": (3,)}],
)
def InstanceNorm(
    xp,
    data,
    gamma,
    beta,
    *,
    eps: Float = 0.001,  # added to the variance
):
    """``(data - mean) / sqrt(var + eps) · gamma + beta``, for each channel of each sample.

    Instance normalization, Ulyanov, Vedaldi and Lempitsky 2016.
    """
    return _normalise(xp, data, gamma, beta, data.shape[1], eps)


InstanceNorm.grad_joint(
    lambda F, g, data, gamma, outs, data_shape: _normalise_back(
        F, g, data, gamma, outs, data_shape, data_shape[1], True
    )
)

# ---- LRN ---------------------------------------------------------------------------------------


@op("_window_sum", infer="same", examples=[{"data": (2, 5, 3), "size": 3}])
def window_sum(xp, data, *, size: Int(min=1)):  # an odd number
    """The sum over *size* neighbouring channels around each one: its own transpose."""
    total, reach = data.copy(), size // 2
    for shift in range(1, min(reach, data.shape[1] - 1) + 1):
        total[:, shift:] += data[:, :-shift]
        total[:, :-shift] += data[:, shift:]
    return total


window_sum.grad(data=lambda F, g, p: F._window_sum(g, size=p["size"]))


@op(
    outputs=2,
    visible=1,
    infer=lambda p, ins: (ins, [ins[0], ins[0]]),
    examples=[{"data": (2, 5, 2), "nsize": 3, "alpha": 0.5}],
)
def LRN(
    xp,
    data,
    *,
    alpha: Float = 0.0001,  # factor of the sum
    beta: Float = 0.75,  # exponent
    knorm: Float = 2.0,  # added to the sum
    nsize: Int(min=1),  # neighbouring channels that are summed over, an odd number
):
    """``data / (knorm + alpha / nsize · Σ data²) ** beta``, the sum over neighbouring channels.

    Local response normalization, Krizhevsky, Sutskever and Hinton 2012.
    """
    norm = window_sum.body(xp, data * data, size=nsize) * (alpha / nsize) + knorm
    return data * norm**-beta, norm


def _lrn_back(F, g, data, outs, p):
    """Also of the hidden norm, for gradients of gradients."""
    norm = outs[1]
    share = g[0] * outs[0] / norm * -p["beta"]
    if g[1] is not None:
        share = share + g[1]
    inner = F._window_sum(share, size=p["nsize"]) * (2 * p["alpha"] / p["nsize"])
    return g[0] * norm ** -p["beta"] + data * inner


LRN.grad(data=_lrn_back)
