"""Activations that are chosen by a word."""

from .families import for_all_dtypes
from .params import Enum
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
    formula=lambda xp, data, *, act_type: _ACTIVATIONS[act_type][0](xp, data),
    examples=[{"data": (3, 4), "act_type": word} for word in _ACTIVATIONS],
)
def Activation(xp, data, *, act_type: Enum(*_ACTIVATIONS)):
    """relu, sigmoid, tanh, softrelu ``log(1 + exp(x))`` or softsign ``x / (1 + |x|)``."""
    return _BODIES[act_type](xp, data)


Activation.grad(data=lambda F, g, data, out, p: _ACTIVATIONS[p["act_type"]][1](F, g, data, out))


# ---- LeakyReLU ------------------------------------------------------------------------------

_SELU_ALPHA, _SELU_LAMBDA = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
