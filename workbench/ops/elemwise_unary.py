"""Element-wise functions of one array."""

import math

from . import special
from .families import EXACT, unary
from .params import Float
from .registry import op
from .storage import keeps_where

_POSITIVE = [{"data": ("positive", (3, 4))}]
_UNIT = [{"data": ("unit", (3, 4))}]


def _line(name, formula, doc, grad=None, **options):
    """One operator; 1.9.1 registers most of them under a ``_sparse_`` name too."""
    if options.pop("sparse", True):
        options["aliases"] = [f"_sparse_{name}", *options.get("aliases", ())]
    unary(name, formula, data=grad, doc=doc, **options)


def _round_half_up(xp, size):
    """The nearest whole number of what is not negative; exact also where ``+ 0.5`` would round."""
    return xp.floor(size) + (size - xp.floor(size) >= 0.5)


def _round_half_away(xp, data):
    return xp.copysign(_round_half_up(xp, xp.absolute(data)), data)


# ---- rounding and signs ---------------------------------------------------------------------

_line(
    "abs",
    "absolute",
    "``|data|``.",
    lambda F, g, data: g * F.sign(data),
    integers=EXACT,
    storage="keeps",
)
_line("negative", "negative", "``-data``.", lambda F, g: -g, integers=EXACT, storage="keeps")
_line(
    "sign",
    lambda xp, data: (data > 0).astype(data.dtype) - (data < 0).astype(data.dtype),
    "-1, 0 or 1, and 0 of nan; the gradient is zero.",
    integers=EXACT,
    storage="keeps",
)
_line("floor", "floor", "The largest whole number below; the gradient is zero.", storage="keeps")
_line("ceil", "ceil", "The smallest whole number above; the gradient is zero.", storage="keeps")
_line("trunc", "trunc", "The whole number towards zero; the gradient is zero.", storage="keeps")
_line("fix", "trunc", "The whole number towards zero; the gradient is zero.", storage="keeps")
_line(
    "round",
    _round_half_away,
    "The nearest whole number, halves away from zero; the gradient is zero.",
    storage="keeps",
)
_line(
    "rint",
    lambda xp, data: xp.ceil(data - 0.5),
    "The nearest whole number, halves downwards as in MXNet; the gradient is zero.",
    storage="keeps",
)

# ---- powers ---------------------------------------------------------------------------------

_line(
    "square",
    "square",
    "``data²``.",
    lambda F, g, data: (g + g) * data,
    integers=EXACT,
    storage="keeps",
)
_line(
    "sqrt",
    "sqrt",
    "``√data``.",
    lambda F, g, out: g / (2 * out),
    examples=_POSITIVE,
    storage="keeps",
)
_line(
    "rsqrt",
    lambda xp, data: 1 / xp.sqrt(data),
    "``1 / √data``.",
    lambda F, g, data, out: -0.5 * g * out / data,
    examples=_POSITIVE,
)
_line(
    "cbrt",
    "cbrt",
    "The cube root.",
    lambda F, g, out: g / (3 * out * out),
    examples=_POSITIVE,
    storage="keeps",
)
_line(
    "rcbrt",
    lambda xp, data: 1 / xp.cbrt(data),
    "One over the cube root.",
    lambda F, g, data, out: g * out / (-3 * data),
    sparse=False,
    examples=_POSITIVE,
)
_line(
    "reciprocal",
    lambda xp, data: 1 / data,
    "``1 / data``.",
    lambda F, g, out: -g * out * out,
    sparse=False,
    examples=_POSITIVE,
)

# ---- exponentials and logarithms ------------------------------------------------------------

_line("exp", "exp", "``e ** data``.", lambda F, g, out: g * out)
_line(
    "expm1",
    "expm1",
    "``e ** data - 1``, exact near 0.",
    lambda F, g, out: g * (out + 1),
    storage="keeps",
)
_line("log", "log", "The natural logarithm.", lambda F, g, data: g / data, examples=_POSITIVE)
_line(
    "log10",
    "log10",
    "The logarithm to base 10.",
    lambda F, g, data: g / (math.log(10) * data),
    examples=_POSITIVE,
)
_line(
    "log2",
    "log2",
    "The logarithm to base 2.",
    lambda F, g, data: g / (math.log(2) * data),
    examples=_POSITIVE,
)
_line(
    "log1p",
    "log1p",
    "``log(1 + data)``, exact near 0.",
    lambda F, g, data: g / (1 + data),
    examples=_POSITIVE,
    storage="keeps",
)

# ---- trigonometry ---------------------------------------------------------------------------

_line("sin", "sin", "The sine.", lambda F, g, data: g * F.cos(data), storage="keeps")
_line("cos", "cos", "The cosine.", lambda F, g, data: -g * F.sin(data))
_line("tan", "tan", "The tangent.", lambda F, g, out: g * (1 + out * out), storage="keeps")
_line(
    "arcsin",
    "arcsin",
    "The inverse sine.",
    lambda F, g, data: g / F.sqrt(1 - data * data),
    examples=_UNIT,
    storage="keeps",
)
_line(
    "arccos",
    "arccos",
    "The inverse cosine.",
    lambda F, g, data: -g / F.sqrt(1 - data * data),
    examples=_UNIT,
)
_line(
    "arctan",
    "arctan",
    "The inverse tangent.",
    lambda F, g, data: g / (1 + data * data),
    storage="keeps",
)
_line("sinh", "sinh", "The hyperbolic sine.", lambda F, g, data: g * F.cosh(data), storage="keeps")
_line("cosh", "cosh", "The hyperbolic cosine.", lambda F, g, data: g * F.sinh(data))
_line(
    "tanh",
    "tanh",
    "The hyperbolic tangent.",
    lambda F, g, out: g * (1 - out * out),
    storage="keeps",
)
_line(
    "arcsinh",
    "arcsinh",
    "The inverse hyperbolic sine.",
    lambda F, g, data: g / F.sqrt(data * data + 1),
    storage="keeps",
)
_line(
    "arccosh",
    "arccosh",
    "The inverse hyperbolic cosine.",
    lambda F, g, data: g / F.sqrt(data * data - 1),
    examples=[{"data": ("above 1", (3, 4))}],
)
_line(
    "arctanh",
    "arctanh",
    "The inverse hyperbolic tangent.",
    lambda F, g, data: g / (1 - data * data),
    examples=_UNIT,
    storage="keeps",
)
_line(
    "degrees",
    lambda xp, data: data * (180 / math.pi),
    "Radians to degrees.",
    lambda F, g: g * (180 / math.pi),
    storage="keeps",
)
_line(
    "radians",
    lambda xp, data: data * (math.pi / 180),
    "Degrees to radians.",
    lambda F, g: g * (math.pi / 180),
    storage="keeps",
)

# ---- what networks use ----------------------------------------------------------------------

_line(
    "relu",
    lambda xp, data: xp.maximum(data, 0),
    "``max(data, 0)``; nan stays nan.",
    lambda F, g, out: F.where(out > 0, g, out),  # where out is not > 0 it is 0, or nan
    integers=EXACT,
    storage="keeps",
)
_line(
    "sigmoid",
    lambda xp, data: 1 / (1 + xp.exp(-data)),
    "``1 / (1 + exp(-data))``.",
    lambda F, g, out: g * out * (1 - out),
)
_line(
    "softsign",
    lambda xp, data: data / (1 + xp.absolute(data)),
    "``data / (1 + |data|)``.",
    lambda F, g, data: g / F.square(1 + F.abs(data)),
    sparse=False,
)
_line(
    "logical_not",
    lambda xp, data: (data == 0).astype(data.dtype),
    "1 where *data* is 0, else 0; the gradient is zero.",
    sparse=False,
    integers=EXACT,
)


@op(infer="same", elementwise=True, examples=[{"data": (3, 4)}])
def hard_sigmoid(
    xp,
    data,
    *,
    alpha: Float = 0.2,  # slope
    beta: Float = 0.5,  # value at 0
):
    """``min(1, max(0, alpha · data + beta))``."""
    line = xp.minimum(xp.maximum(data * alpha + beta, 0), 1)
    return line.astype(data.dtype, copy=False)


hard_sigmoid.grad(data=lambda F, g, out, p: g * p["alpha"] * (out > 0) * (out < 1))


@op(
    aliases=["_npi_clip", "_sparse_clip"],
    infer="same",
    storage=keeps_where(lambda p: p["a_min"] <= 0 <= p["a_max"]),
    elementwise=True,
    examples=[{"data": (3, 4), "a_min": -0.5, "a_max": 0.5}],
)
def clip(
    xp,
    data,
    *,
    a_min: Float,  # what is smaller becomes this
    a_max: Float,  # what is larger becomes this
):
    """``min(a_max, max(a_min, data))``; nan stays nan."""
    if data.dtype.kind != "f":
        a_min, a_max = int(a_min), int(a_max)
    return xp.minimum(xp.maximum(data, a_min), a_max)


clip.grad(data=lambda F, g, data, p: g * F.logical_not((data < p["a_min"]) + (data > p["a_max"])))


# ---- special functions ------------------------------------------------------------------------

_line(
    "erf",
    special.erf,
    "The error function.",
    lambda F, g, data: g * (2 / math.sqrt(math.pi)) * F.exp(-F.square(data)),
    sparse=False,
    aliases=["_npx_erf"],
    body=special.by_precision(special.erf, special.erf64),
)
_line(
    "erfinv",
    special.erfinv,
    "The inverse of the error function.",
    lambda F, g, out: g * (math.sqrt(math.pi) / 2) * F.exp(F.square(out)),
    sparse=False,
    aliases=["_npx_erfinv"],
    body=special.by_precision(special.erfinv, special.erfinv64, special.erfinv_whole),
    examples=_UNIT,
)
_line(
    "gammaln",
    special.gammaln,
    "``log |Γ(data)|``.",
    lambda F, g, data: g * F._digamma(data),
    aliases=["_npx_gammaln"],
    body=special.by_precision(special.gammaln, special.gammaln),
    examples=_POSITIVE,
)
_line(
    "gamma",
    special.gamma,
    "The gamma function ``Γ(data)``.",
    lambda F, g, data, out: g * out * F._digamma(data),
    aliases=["_npx_gamma"],
    body=special.by_precision(special.gamma, special.gamma),
    examples=_POSITIVE,
)
_line(
    "_digamma",
    special.digamma,
    "The slope of ``log Γ``.",
    lambda F, g, data: g * F._backward_digamma(data),
    sparse=False,
    body=special.by_precision(special.digamma, special.digamma),
    examples=_POSITIVE,
)
_line(
    "_backward_digamma",
    special.trigamma,
    "The slope of the slope of ``log Γ``; it has no gradient of its own.",
    sparse=False,
    zero_grad=False,
    body=special.by_precision(special.trigamma, special.trigamma),
    examples=_POSITIVE,
)

# ---- contrib ----------------------------------------------------------------------------------

_line(
    "_contrib_round_ste",
    _round_half_away,
    "``round`` whose gradient passes unchanged (straight-through estimator).",
    lambda F, g: g,
    storage="keeps",
)
_line(
    "_contrib_sign_ste",
    lambda xp, data: (data > 0).astype(data.dtype) - (data < 0).astype(data.dtype),
    "``sign`` whose gradient passes unchanged (straight-through estimator).",
    lambda F, g: g,
    integers=EXACT,
    storage="keeps",
)


@op(
    infer="same",
    storage=keeps_where(lambda p: p["c"] == 0, only="csr"),
    elementwise=True,
    examples=[{"data": (3, 4), "a": 2.0, "b": -1.0, "c": 0.5}],
)
def _contrib_quadratic(
    xp,
    data,
    *,
    a: Float = 0.0,  # factor of the square
    b: Float = 0.0,  # factor of the number itself
    c: Float = 0.0,  # added
):
    """``a · data² + b · data + c``."""
    return (a * data * data + b * data + c).astype(data.dtype, copy=False)


_contrib_quadratic.grad(data=lambda F, g, data, p: g * (2 * p["a"] * data + p["b"]))
