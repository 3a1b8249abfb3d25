"""AdamW and LAMB: Adam whose weight decay, or whose size of step, is apart from the gradient."""

import math

from . import rules
from .optimizer import rescaled, stored
from .params import Bool, Float, Int
from .registry import op

_GRAD = {"weight": (3, 4), "grad": (3, 4), "mean": (3, 4), "var": ("positive", (3, 4))}
_EPSILON = 9.99999993922529e-09
_LAMB_EPSILON = 9.999999974752427e-07


def moments(g, mean, var, beta1, beta2):
    """Let *mean* and *var* follow g and g²."""
    mean *= beta1
    mean += (1 - beta1) * g
    var *= beta2
    var += (1 - beta2) * g * g


# ---- AdamW ----------------------------------------------------------------------------------


def usable(rescale_grad):
    """The array *rescale_grad* as a number; None where MXNet skips the update."""
    scale = float(rescale_grad.reshape(-1)[0])
    return scale if math.isfinite(scale) and scale else None


def adamw_step(xp, weight, g, mean, var, lr, beta1, beta2, epsilon, wd, eta):
    """The new weight; Loshchilov and Hutter, Decoupled weight decay regularization, 2019."""
    moments(g, mean, var, beta1, beta2)
    return weight - eta * (lr * mean / (xp.sqrt(var) + epsilon) + wd * weight)


def _adamw_shape(p, ins):
    shape = None
    for one in ins[:-1]:
        shape = rules.merge(shape, one)
    return [shape] * (len(ins) - 1) + [ins[-1]], [shape]


@op(
    infer=_adamw_shape,
    dtype="first",
    mutates=["grad", "mean", "var"],
    examples=[
        {**_GRAD, "rescale_grad": ([0.5],), "lr": 0.1, "eta": 0.9, "wd": 0.01},
        {**_GRAD, "rescale_grad": ([0.0],), "lr": 0.1, "eta": 0.9},
    ],
)
def _adamw_update(
    xp,
    weight,
    grad,
    mean,
    var,
    rescale_grad,
    *,
    lr: Float,  # learning rate
    beta1: Float = 0.8999999761581421,  # decay of the mean
    beta2: Float = 0.9990000128746033,  # decay of the variance
    epsilon: Float = _EPSILON,
    wd: Float = 0.0,  # weight decay
    eta: Float,  # factor of the whole step, by the schedule
    clip_gradient: Float = -1.0,
    out=None,
):
    """``weight - eta · (lr · mean / (sqrt(var) + epsilon) + wd · weight)``.

    *mean* and *var* follow g and g²; the gradient itself becomes g, as in MXNet. Nothing changes
    where *rescale_grad*, an array of one element, is 0, infinite or nan.
    """
    scale = usable(rescale_grad)
    if scale is None:
        return stored(out, weight.copy())
    grad[...] = rescaled(xp, grad, scale, clip_gradient)
    return stored(out, adamw_step(xp, weight, grad, mean, var, lr, beta1, beta2, epsilon, wd, eta))


# ---- LAMB: You et al., Large batch optimization for deep learning, 2020 ---------------------


def lamb_direction(xp, weight, g, mean, var, beta1, beta2, epsilon, t, bias_correction, wd):
    """What LAMB's second phase scales, and the states after it."""
    moments(g, mean, var, beta1, beta2)
    if bias_correction:
        mean, var = mean / (1 - beta1**t), var / (1 - beta2**t)
    return mean / (xp.sqrt(var) + epsilon) + wd * weight


def lamb_rate(xp, lr, r1, r2, lower_bound, upper_bound):
    """``lr · r1 / r2`` with r1 limited; lr where one of them is zero."""
    if lower_bound >= 0:
        r1 = xp.maximum(r1, lower_bound)
    if upper_bound >= 0:
        r1 = xp.minimum(r1, upper_bound)
    degenerate = (r1 == 0) | (r2 == 0)
    return lr * xp.where(degenerate, 1, r1 / xp.where(degenerate, 1, r2))


@op(
    infer="update",
    mutates=["mean", "var"],
    examples=[
        {**_GRAD, "t": 2, "wd": 0.01},
        {**_GRAD, "t": 1, "wd": 0.0, "bias_correction": False, "clip_gradient": 0.5},
    ],
)
def lamb_update_phase1(
    xp,
    weight,
    grad,
    mean,
    var,
    *,
    beta1: Float = 0.8999999761581421,  # decay of the mean
    beta2: Float = 0.9990000128746033,  # decay of the variance
    epsilon: Float = _LAMB_EPSILON,
    t: Int,  # how many updates there were, this one included
    bias_correction: Bool = True,  # divide mean and var by 1 - betaᵗ
    wd: Float,  # weight decay
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    out=None,
):
    """LAMB's direction: ``mean / (sqrt(var) + epsilon) + wd · weight``."""
    g = rescaled(xp, grad, rescale_grad, clip_gradient)
    return stored(
        out,
        lamb_direction(xp, weight, g, mean, var, beta1, beta2, epsilon, t, bias_correction, wd),
    )


def _phase2_shape(p, ins):
    weight = rules.merge(ins[0], ins[1])
    norms = [rules.merge(r, (1,)) for r in ins[2:4]]
    return [weight, weight, *norms], [weight]


@op(
    infer=_phase2_shape,
    examples=[
        {"weight": (3, 4), "g": (3, 4), "r1": ([1.5],), "r2": ([0.5],), "lr": 0.1},
        {"weight": (3, 4), "g": (3, 4), "r1": ([0.0],), "r2": ([0.5],), "lr": 0.1},
        {
            "weight": (3, 4),
            "g": (3, 4),
            "r1": ([1.5],),
            "r2": ([0.5],),
            "lr": 0.1,
            "lower_bound": 0.1,
            "upper_bound": 1.0,
        },
    ],
)
def lamb_update_phase2(
    xp,
    weight,
    g,
    r1,
    r2,
    *,
    lr: Float,  # learning rate
    lower_bound: Float = -1.0,  # limits r1 from below, where positive
    upper_bound: Float = -1.0,  # limits r1 from above, where positive
    out=None,
):
    """``weight - lr · r1 / r2 · g``: r1 and r2 are the norms of the weight and of g."""
    return stored(out, weight - lamb_rate(xp, lr, r1, r2, lower_bound, upper_bound) * g)
