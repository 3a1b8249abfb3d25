"""Updates by signs, by running squares and by the leader; see :mod:`.optimizer` for g."""

from . import rules
from .optimizer import decayed, decayed_first, rescaled, stored
from .params import Float, Int
from .registry import op

_GRAD = {"weight": (3, 4), "grad": (3, 4), "lr": 0.1, "wd": 0.01}
_POSITIVE = ("positive", (3, 4))


def _sign(xp, x):
    return (x > 0).astype(x.dtype) - (x < 0).astype(x.dtype)


def _clipped(xp, weight, limit):
    return xp.clip(weight, -limit, limit) if limit >= 0 else weight


@op(infer="update", examples=[_GRAD])
def signsgd_update(
    xp,
    weight,
    grad,
    *,
    lr: Float,  # learning rate
    wd: Float = 0.0,  # weight decay, apart from the gradient
    rescale_grad: Float = 1.0,  # changes nothing: only the sign counts
    clip_gradient: Float = -1.0,  # changes nothing either
    out=None,
):
    """``(1 - lr · wd) · weight - lr · sign(grad)``. Bernstein et al., signSGD, 2018."""
    return stored(out, (1 - lr * wd) * weight - lr * _sign(xp, grad))


@op(infer="update", mutates=["mom"], examples=[{**_GRAD, "mom": (3, 4), "momentum": 0.9}])
def signum_update(
    xp,
    weight,
    grad,
    mom,
    *,
    lr: Float,  # learning rate
    momentum: Float = 0.0,
    wd: Float = 0.0,  # weight decay
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    wd_lh: Float = 0.0,  # weight decay apart from the gradient
    out=None,
):
    """``(1 - lr · wd_lh) · weight + lr · sign(mom)``.

    Before, ``mom = momentum · mom - (1 - momentum) · g``. g includes ``wd · weight``.
    Bernstein et al., signSGD, 2018.
    """
    g = decayed(xp, grad, weight, wd, rescale_grad, clip_gradient)
    mom *= momentum
    mom -= (1 - momentum) * g
    return stored(out, (1 - lr * wd_lh) * weight + lr * _sign(xp, mom))


@op(infer="update", mutates=["n"], examples=[{**_GRAD, "n": _POSITIVE, "clip_weights": 0.7}])
def rmsprop_update(
    xp,
    weight,
    grad,
    n,
    *,
    lr: Float,  # learning rate
    gamma1: Float = 0.949999988079071,  # decay of n
    epsilon: Float = 9.99999993922529e-09,
    wd: Float = 0.0,  # weight decay
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    clip_weights: Float = -1.0,  # limits the new weights, where positive
    out=None,
):
    """*n* follows g²; ``weight - lr · g / (sqrt(n) + epsilon)``.

    g includes ``wd · weight`` and is clipped after that. Tieleman and Hinton 2012.
    """
    g = decayed_first(xp, grad, weight, wd, rescale_grad, clip_gradient)
    n *= gamma1
    n += (1 - gamma1) * g * g
    return stored(out, _clipped(xp, weight - lr * g / (xp.sqrt(n) + epsilon), clip_weights))


@op(
    infer="update",
    mutates=["n", "g", "delta"],
    examples=[{**_GRAD, "n": ("above 1", (3, 4)), "g": (3, 4), "delta": (3, 4)}],
)
def rmspropalex_update(
    xp,
    weight,
    grad,
    n,
    g,
    delta,
    *,
    lr: Float,  # learning rate
    gamma1: Float = 0.949999988079071,  # decay of n and g
    gamma2: Float = 0.8999999761581421,  # decay of delta
    epsilon: Float = 9.99999993922529e-09,
    wd: Float = 0.0,  # weight decay
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    clip_weights: Float = -1.0,  # limits the new weights, where positive
    out=None,
):
    """RMSProp centred: *n* and *g* follow the gradient's square and the gradient,

    ``delta = gamma2 · delta - lr · grad / sqrt(n - g² + epsilon)``, the new weight is
    ``weight + delta``. The gradient includes ``wd · weight`` and is clipped after
    that. Graves 2013, equations 38 to 45.
    """
    slope = decayed_first(xp, grad, weight, wd, rescale_grad, clip_gradient)
    n *= gamma1
    n += (1 - gamma1) * slope * slope
    g *= gamma1
    g += (1 - gamma1) * slope
    delta *= gamma2
    delta -= lr * slope / xp.sqrt(n - g * g + epsilon)
    return stored(out, _clipped(xp, weight + delta, clip_weights))


@op(
    aliases=["_sparse_ftrl_update"],
    infer="update",
    storage="update",
    mutates=["z", "n"],
    examples=[{**_GRAD, "z": (3, 4), "n": _POSITIVE}],
)
def ftrl_update(
    xp,
    weight,
    grad,
    z,
    n,
    *,
    lr: Float,  # learning rate
    lamda1: Float = 0.009999999776482582,  # weight of the absolute values
    beta: Float = 1.0,  # added to sqrt(n)
    wd: Float = 0.0,  # weight of the squares
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    out=None,
):
    """``-sign(z) · max(|z| - lamda1, 0) / ((beta + sqrt(n)) / lr + wd)``.

    Before, ``z += g - (sqrt(n + g²) - sqrt(n)) · weight / lr`` and ``n += g²``. McMahan et al.,
    Ad click prediction, 2013.
    """
    g = rescaled(xp, grad, rescale_grad, clip_gradient)
    square = g * g
    z += g - (xp.sqrt(n + square) - xp.sqrt(n)) * weight / lr
    n += square
    top = -_sign(xp, z) * xp.maximum(xp.absolute(z) - lamda1, 0)
    return stored(out, top / ((beta + xp.sqrt(n)) / lr + wd))


@op(
    infer="update",
    mutates=["d", "v", "z"],
    examples=[{**_GRAD, "d": _POSITIVE, "v": _POSITIVE, "z": (3, 4), "t": 2}],
)
def ftml_update(
    xp,
    weight,
    grad,
    d,
    v,
    z,
    *,
    lr: Float(min=0),  # learning rate
    beta1: Float(min=0, max=1) = 0.6000000238418579,  # decay of z
    beta2: Float(min=0, max=1) = 0.9990000128746033,  # decay of v
    epsilon: Float = 9.99999993922529e-09,
    t: Int,  # how many updates there were, this one included
    wd: Float = 0.0,  # weight decay
    rescale_grad: Float = 1.0,
    clip_grad: Float = -1.0,  # gradients are clipped to [-it, it]; not when it is negative
    out=None,
):
    """``-z / d``, after *v* followed g² and

    ``d' = (1 - beta1ᵗ) / lr · (sqrt(v / (1 - beta2ᵗ)) + epsilon)``,
    ``z = beta1 · z + (1 - beta1) · g - (d' - beta1 · d) · weight``. g includes ``wd · weight``
    and is clipped after that. Zheng and Kwok, Follow the moving leader, 2017.
    """
    g = decayed_first(xp, grad, weight, wd, rescale_grad, clip_grad)
    v *= beta2
    v += (1 - beta2) * g * g
    new_d = (1 - beta1**t) / lr * (xp.sqrt(v / (1 - beta2**t)) + epsilon)
    z *= beta1
    z += (1 - beta1) * g - (new_d - beta1 * d) * weight
    d[...] = new_d
    return stored(out, -z / d)


@op(
    "_contrib_group_adagrad_update",
    dtype="first",
    storage="update",
    mutates=["history"],
    examples=[{"weight": (3, 4), "grad": (3, 4), "history": ("positive", (3, 1)), "lr": 0.1}],
)
def group_adagrad_update(
    xp,
    weight,
    grad,
    history,
    *,
    lr: Float,  # learning rate
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    epsilon: Float = 1e-5,  # added to the history
    out=None,
):
    """``weight - lr · g / sqrt(history + epsilon)``, one rate a row: (N, ...), (N, ...), (N, 1).

    Before, the mean of g² along each row is added to *history*. Duchi et al., 2011.
    """
    g = rescaled(xp, grad, rescale_grad, clip_gradient)
    rows = g.reshape(g.shape[0], -1)
    history += xp.square(rows).mean(axis=1, dtype=g.dtype).reshape(history.shape)
    scale = xp.sqrt(history + epsilon).reshape((-1,) + (1,) * (g.ndim - 1))
    return stored(out, weight - lr * g / scale)


@group_adagrad_update.infer
def _group_adagrad_shape(p, ins):
    weight = rules.merge(ins[0], ins[1], "weight and grad")
    history = ins[2]
    if weight is not None:
        history = rules.merge(history, (weight[0],) + (1,) * (len(weight) - 1), "history")
    return [weight, weight, history], [weight]
