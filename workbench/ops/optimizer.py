"""Updates of one weight by its gradient; states are changed in place.

All of them first take ``grad · rescale_grad``, clipped to ``± clip_gradient`` where that is
positive, and where the text says g. Without *out* the new weight is a fresh array.
"""

from .params import Bool, Float
from .registry import op

_GRAD = {"weight": (3, 4), "grad": (3, 4)}


def rescaled(xp, grad, rescale_grad, clip_gradient):
    """The gradient as the updates take it; a fresh array."""
    g = grad * rescale_grad
    if clip_gradient >= 0:
        xp.clip(g, -clip_gradient, clip_gradient, out=g)
    return g


def written(weight, out, step):
    """``weight + step`` in *out* where one is given."""
    if out is None:
        return weight + step
    if out is weight:
        out += step
    else:
        out[...] = weight + step
    return out


def stored(out, value):
    """*value*, in *out* where one is given."""
    if out is None:
        return value
    out[...] = value
    return out


def decayed(xp, grad, weight, wd, rescale_grad, clip_gradient):
    """``g + wd · weight``, the usual start."""
    g = rescaled(xp, grad, rescale_grad, clip_gradient)
    if wd:
        g += wd * weight
    return g


def decayed_first(xp, grad, weight, wd, rescale_grad, clip_gradient):
    """``g + wd · weight``, clipped only after the sum, as some updates of MXNet do."""
    g = grad * rescale_grad
    if wd:
        g += wd * weight
    if clip_gradient >= 0:
        xp.clip(g, -clip_gradient, clip_gradient, out=g)
    return g


@op(
    aliases=["_sparse_sgd_update"],
    infer="update",
    storage="update",
    examples=[{**_GRAD, "lr": 0.1, "wd": 0.01, "clip_gradient": 0.5}],
)
def sgd_update(
    xp,
    weight,
    grad,
    *,
    lr: Float,  # learning rate
    wd: Float = 0.0,  # weight decay
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    lazy_update: Bool = True,  # leave rows alone whose gradient is missing (row_sparse)
    out=None,
):
    """``weight - lr · (g + wd · weight)``."""
    g = decayed(xp, grad, weight, wd, rescale_grad, clip_gradient)
    g *= -lr
    return written(weight, out, g)


@op(
    aliases=["_sparse_sgd_mom_update"],
    infer="update",
    storage="update",
    mutates=["mom"],
    examples=[{**_GRAD, "mom": (3, 4), "lr": 0.1, "momentum": 0.9, "wd": 0.01}],
)
def sgd_mom_update(
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
    lazy_update: Bool = True,  # leave rows alone whose gradient is missing (row_sparse)
    out=None,
):
    """``mom = momentum · mom - lr · (g + wd · weight)``; ``weight + mom``."""
    g = decayed(xp, grad, weight, wd, rescale_grad, clip_gradient)
    g *= lr
    mom *= momentum
    mom -= g
    return written(weight, out, mom)


@op(
    infer="update",
    mutates=["mom"],
    examples=[{**_GRAD, "mom": (3, 4), "lr": 0.1, "momentum": 0.9}],
)
def nag_mom_update(
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
    out=None,
):
    """Nesterov's momentum: ``mom = momentum · mom - lr · g``; ``weight + momentum · mom - lr · g``.

    g includes ``wd · weight``. As in MXNet 1.9.1, which reads the weight again after it wrote
    it, mom includes the decay of the new weight where *out* is *weight*.
    """
    g = decayed(xp, grad, weight, wd, rescale_grad, clip_gradient)
    g *= lr
    mom *= momentum
    mom -= g
    step = momentum * mom - g
    if wd and out is weight:
        mom -= lr * wd * step
    return written(weight, out, step)


@op(
    aliases=["_sparse_adam_update"],
    infer="update",
    storage="update",
    mutates=["mean", "var"],
    examples=[{**_GRAD, "mean": (3, 4), "var": ("positive", (3, 4)), "lr": 0.1, "wd": 0.01}],
)
def adam_update(
    xp,
    weight,
    grad,
    mean,
    var,
    *,
    lr: Float,  # learning rate, the correction of the bias included
    beta1: Float = 0.9,  # decay of the mean
    beta2: Float = 0.999,  # decay of the variance
    epsilon: Float = 1e-8,
    wd: Float = 0.0,  # weight decay
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    lazy_update: Bool = True,  # leave rows alone whose gradient is missing (row_sparse)
    out=None,
):
    """``mean`` and ``var`` follow g and g²; ``weight - lr · mean / (sqrt(var) + epsilon)``.

    g includes ``wd · weight``, and is clipped after that, as in MXNet. Kingma and Ba 2015.
    """
    g = decayed_first(xp, grad, weight, wd, rescale_grad, clip_gradient)
    mean *= beta1
    mean += (1 - beta1) * g
    g *= g
    g *= 1 - beta2
    var *= beta2
    var += g
    xp.sqrt(var, out=g)
    g += epsilon
    xp.divide(mean, g, out=g)
    g *= -lr
    return written(weight, out, g)
