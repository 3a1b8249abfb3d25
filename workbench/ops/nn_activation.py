"""Activations that are chosen by a word."""

import math

from ..error import ShapeError
from . import special
from .families import for_all_dtypes
from .params import Enum, Float
from .registry import op


def _softrelu(xp, data):
    """``log(1 + exp(data))`` without overflow."""
    return xp.maximum(data, 0) + xp.log1p(xp.exp(-xp.absolute(data)))


#: name → (formula, gradient rule). This relu makes 0 of nan, that of ``nd.relu`` does not: so
#: it is in MXNet 1.9.1.
_ACTIVATIONS = {
    "relu": (lambda xp, data: xp.fmax(data, 0), lambda F, g, data, out: g * (out > 0)),
    "sigmoid": (
        lambda xp, data: 1 / (1 + xp.exp(-data)),
        lambda F, g, data, out: g * out * (1 - out),
    ),
    "tanh": (lambda xp, data: xp.tanh(data), lambda F, g, data, out: g * (1 - out * out)),
    "softrelu": (_softrelu, lambda F, g, data, out: g * F.sigmoid(data)),
    "softsign": (
        lambda xp, data: data / (1 + xp.absolute(data)),
        lambda F, g, data, out: g / F.square(1 + F.abs(data)),
    ),
}


_BODIES = {word: for_all_dtypes(formula) for word, (formula, _) in _ACTIVATIONS.items()}


@op(
    aliases=["_npx_activation"],
    infer="same",
    elementwise=True,
    examples=[{"data": (3, 4), "act_type": word} for word in _ACTIVATIONS],
)
def Activation(xp, data, *, act_type: Enum(*_ACTIVATIONS)):
    """relu, sigmoid, tanh, softrelu ``log(1 + exp(x))`` or softsign ``x / (1 + |x|)``."""
    return _BODIES[act_type](xp, data)


Activation.grad(data=lambda F, g, data, out, p: _ACTIVATIONS[p["act_type"]][1](F, g, data, out))


# ---- LeakyReLU ---------------------------------------------------------------------------------

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805
_gelu_erf = special.by_precision(special.erf, special.erf64)


def _elu(xp, data, slope):
    return xp.where(data > 0, data, slope * xp.expm1(xp.minimum(data, 0)))


def _spread(gamma, data):
    """The shape in which slopes of shape *gamma* broadcast against data of shape *data*.

    The last axis of the slopes is that of the channels, one before it that of the examples.
    """
    left, shape = list(gamma), [1] * len(data)
    for axis in reversed(range(min(2, len(data)))):
        if left and left[-1] in (1, data[axis]):
            shape[axis] = left.pop()
    if left:
        raise ShapeError(f"Cannot broadcast gamma to data. gamma: {gamma}, data: {data}")
    return tuple(shape)


@op(
    aliases=["_npx_leaky_relu"],
    optional_when=lambda p: [] if p["act_type"] == "prelu" else ["gamma"],
    outputs=2,
    visible=1,
    examples=[
        *({"data": (3, 4), "act_type": word} for word in ("leaky", "elu", "selu", "gelu")),
        {"data": (2, 3, 2), "gamma": (3,), "act_type": "prelu"},
        {"data": (3, 4), "act_type": "rrelu"},
    ],
)
def LeakyReLU(
    xp,
    data,
    gamma=None,
    *,
    act_type: Enum("elu", "gelu", "leaky", "prelu", "rrelu", "selu") = "leaky",
    slope: Float = 0.25,  # of leaky; factor of elu
    lower_bound: Float = 0.125,  # rrelu: smallest slope
    upper_bound: Float = 0.334,  # rrelu: largest slope
    train,
    rng,
):
    """Activations that let something of negative numbers through.

    leaky ``slope · x``, elu and selu ``slope · (exp(x) - 1)``, gelu ``x · Φ(x)`` with the normal
    distribution, prelu with a learnt slope *gamma* for each channel (or each example and channel),
    rrelu with a random slope in training and its mean otherwise. The hidden second output holds
    the slopes of rrelu.
    """
    slopes = xp.zeros(1, data.dtype)
    if act_type == "gelu":
        return data * (0.5 + 0.5 * _gelu_erf(xp, data * math.sqrt(0.5))), slopes
    if act_type == "selu":
        return _elu(xp, data, _SELU_ALPHA) * _SELU_SCALE, slopes
    if act_type == "elu":
        return _elu(xp, data, slope), slopes
    if act_type == "prelu":
        slopes = gamma.copy()
        slope = gamma.reshape(_spread(gamma.shape, data.shape))
    elif act_type == "rrelu":
        if train:
            draws = xp.asarray(rng.uniform(data.size, data.dtype)).reshape(data.shape)
            slopes = (draws * (upper_bound - lower_bound) + lower_bound).astype(data.dtype)
        else:
            slopes = slopes + (lower_bound + upper_bound) / 2
        slope = slopes
    return xp.where(data > 0, data, data * slope), slopes


@LeakyReLU.infer
def _leaky_shape(p, ins):
    data, gamma = ins if len(ins) == 2 else (ins[0], None)
    if p["act_type"] != "prelu" and p["act_type"] != "rrelu":
        return [data, gamma][: len(ins)], [data, (1,)]
    if p["act_type"] == "rrelu":
        # one slope for each element in training, one for all of them otherwise
        return [data, gamma][: len(ins)], [data, data]
    if gamma is None and data is not None:
        gamma = (data[min(1, len(data) - 1)],)
    return [data, gamma], [data, gamma]


def _leaky_back(F, g, data, gamma, outs, data_shape, gamma_shape, p):
    """Gradients of data and gamma."""
    kind, g, out = p["act_type"], g[0], outs[0]
    if kind == "gelu":
        phi = F.exp(F.square(data) * -0.5) * (1 / math.sqrt(2 * math.pi))
        return g * (0.5 * (F.erf(data * math.sqrt(0.5)) + 1) + data * phi), None
    if kind == "elu":
        return g * F.where(data > 0, F.ones_like(data), out + p["slope"]), None
    if kind == "selu":
        # what MXNet 1.9.1 computes; the slope below 0 would be out + scale · alpha
        slope = F.where(data > 0, F.ones_like(data), out + _SELU_ALPHA)
        return g * slope * _SELU_SCALE, None
    if kind == "leaky":
        return g * F.where(data > 0, F.ones_like(data), F.ones_like(data) * p["slope"]), None
    if kind == "rrelu":
        return F.where(data > 0, g, F.broadcast_mul(g, outs[1])), None
    shape = _spread(gamma_shape, data_shape)
    slope = F._reshape_to(gamma, shape=shape)
    d_gamma = F._sum_to(F.where(data > 0, F.zeros_like(data), g * data), shape=shape)
    grads = F.where(data > 0, g, F.broadcast_mul(g, slope))
    return grads, F._reshape_to(d_gamma, shape=gamma_shape)


LeakyReLU.grad_joint(_leaky_back)
