"""Updates of many weights in one call; states are changed in place.

Inputs come weight by weight: weight, gradient, states, then those of the next weight. Outputs
are the new weights.
"""

from .optimizer import decayed, written
from .params import Float, Floats, Int
from .registry import op


def _every(count):
    """Shapes: each weight's inputs are alike, and so is its output."""

    def shape(p, ins):
        return ins, [ins[i * count] for i in range(p["num_weights"])]

    return shape


def _dtype(p, ins, n):
    count = len(ins) // n
    return ins, [ins[i * count] for i in range(n)]


def _groups(arrays, count, out):
    """For each weight its inputs, and where to write it."""
    n = len(arrays) // count
    outs = [None] * n if out is None else out
    return [(*arrays[i * count : (i + 1) * count], outs[i]) for i in range(n)]


_MULTI = {"outputs": lambda p: p["num_weights"], "dtype": _dtype, "mutates": ["args"]}


@op(
    infer=_every(2),
    examples=[
        {
            "args": [(3, 4), (3, 4), (2,), (2,)],
            "lrs": (0.1, 0.2),
            "wds": (0.0, 0.01),
            "num_weights": 2,
        }
    ],
    **_MULTI,
)
def multi_sgd_update(
    xp,
    *args,
    lrs: Floats,  # learning rate of each weight
    wds: Floats,  # weight decay of each weight
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    num_weights: Int(min=1) = 1,
    out=None,
):
    """``sgd_update`` of many weights."""
    made = []
    for i, (weight, grad, one) in enumerate(_groups(args, 2, out)):
        g = decayed(xp, grad, weight, wds[i], rescale_grad, clip_gradient)
        g *= -lrs[i]
        made.append(written(weight, one, g))
    return tuple(made)


@op(
    infer=_every(3),
    examples=[
        {
            "args": [(3, 4), (3, 4), (3, 4), (2,), (2,), (2,)],
            "lrs": (0.1, 0.2),
            "wds": (0.0, 0.01),
            "momentum": 0.9,
            "num_weights": 2,
        }
    ],
    **_MULTI,
)
def multi_sgd_mom_update(
    xp,
    *args,
    lrs: Floats,  # learning rate of each weight
    wds: Floats,  # weight decay of each weight
    momentum: Float = 0.0,
    rescale_grad: Float = 1.0,
    clip_gradient: Float = -1.0,
    num_weights: Int(min=1) = 1,
    out=None,
):
    """``sgd_mom_update`` of many weights."""
    made = []
    for i, (weight, grad, mom, one) in enumerate(_groups(args, 3, out)):
        g = decayed(xp, grad, weight, wds[i], rescale_grad, clip_gradient)
        g *= lrs[i]
        mom *= momentum
        mom -= g
        made.append(written(weight, one, mom))
    return tuple(made)
