"""Arithmetic of an array and a number: ``x + 1``, ``1 - x``, ``x ** 2`` and the like.

In a rule ``p["scalar"]`` is the number, as a Python number or as a 0-d array of the array's
dtype.
"""

import math

from .elemwise_binary import divide_integers, hypot, mod, mod_integers
from .families import REAL, scalar
from .storage import keeps_where

_POSITIVE = [{"data": ("positive", (3, 4)), "scalar": 1.5}]

scalar(
    "_plus_scalar",
    lambda xp, data, scalar: data + scalar,
    aliases=["_PlusScalar"],
    data=lambda F, g: g,
    storage=keeps_where(lambda p: p["scalar"] == 0),
    doc="``data + scalar``.",
)
scalar(
    "_minus_scalar",
    lambda xp, data, scalar: data - scalar,
    aliases=["_MinusScalar"],
    data=lambda F, g: g,
    storage=keeps_where(lambda p: p["scalar"] == 0),
    doc="``data - scalar``.",
)
scalar(
    "_rminus_scalar",
    lambda xp, data, scalar: scalar - data,
    aliases=["_RMinusScalar"],
    data=lambda F, g: -g,
    doc="``scalar - data``.",
)
scalar(
    "_mul_scalar",
    lambda xp, data, scalar: data * scalar,
    aliases=["_MulScalar"],
    data=lambda F, g, p: g * p["scalar"],
    storage="keeps",
    doc="``data * scalar``.",
)
scalar(
    "_div_scalar",
    lambda xp, data, scalar: data / scalar,
    integers=divide_integers,
    aliases=["_DivScalar"],
    data=lambda F, g, p: g / p["scalar"],
    storage="keeps",
    doc="``data / scalar``; integers are cut towards zero.",
)
scalar(
    "_rdiv_scalar",
    lambda xp, data, scalar: scalar / data,
    integers=lambda xp, data, scalar: divide_integers(xp, scalar, data),
    aliases=["_RDivScalar"],
    data=lambda F, g, data, out: -g * out / data,
    doc="``scalar / data``; integers are cut towards zero.",
    examples=_POSITIVE,
)
scalar(
    "_mod_scalar",
    mod,
    integers=mod_integers,
    aliases=["_ModScalar"],
    data=lambda F, g: g,
    doc="``data mod scalar`` with the sign of *scalar*; 0 where it is 0.",
)
scalar(
    "_rmod_scalar",
    lambda xp, data, scalar: mod(xp, scalar, data),
    integers=lambda xp, data, scalar: mod_integers(xp, scalar, data),
    aliases=["_RModScalar"],
    data=lambda F, g, data, p: -g * F.floor(p["scalar"] / data),
    doc="``scalar mod data`` with the sign of *data*; 0 where it is 0.",
    examples=_POSITIVE,
)
scalar(
    "_power_scalar",
    lambda xp, data, scalar: data**scalar,
    integers=REAL,
    aliases=["_PowerScalar"],
    data=lambda F, g, data, p: g * p["scalar"] * data ** (p["scalar"] - 1),
    doc="``data ** scalar``.",
    examples=_POSITIVE,
)
scalar(
    "_rpower_scalar",
    lambda xp, data, scalar: scalar**data,
    integers=REAL,
    aliases=["_RPowerScalar"],
    data=lambda F, g, out, p: g * out * _log(p["scalar"]),
    doc="``scalar ** data``.",
)
scalar(
    "_maximum_scalar",
    lambda xp, data, scalar: xp.maximum(data, scalar),
    aliases=["_MaximumScalar", "_npi_maximum_scalar"],
    data=lambda F, g, data, p: g * (data >= p["scalar"]),
    doc="The larger of *data* and *scalar*.",
)
scalar(
    "_minimum_scalar",
    lambda xp, data, scalar: xp.minimum(data, scalar),
    aliases=["_MinimumScalar", "_npi_minimum_scalar"],
    data=lambda F, g, data, p: g * (data <= p["scalar"]),
    doc="The smaller of *data* and *scalar*.",
)
scalar(
    "_hypot_scalar",
    hypot,
    integers=REAL,
    aliases=["_HypotScalar", "_npi_hypot_scalar"],
    data=lambda F, g, data, out: g * data / out,
    doc="``sqrt(data² + scalar²)``.",
)


def _smooth_l1(xp, data, scalar):
    square = scalar * scalar
    size = xp.absolute(data)
    return xp.where(size > 1 / square, size - 0.5 / square, data * data * (0.5 * square))


scalar(
    "smooth_l1",
    _smooth_l1,
    integers=REAL,
    aliases=["_npx_smooth_l1"],
    data=lambda F, g, data, p: (
        g * F.clip(data * (p["scalar"] * p["scalar"]), a_min=-1.0, a_max=1.0)
    ),
    doc="``(s · data)² / 2`` where ``|data| < 1 / s²``, else ``|data| - 1 / (2 s²)``; s = scalar.",
)


def _log(number):
    """The logarithm as IEEE has it: -inf of 0, nan of a negative number."""
    number = float(number)
    if number > 0:
        return math.log(number)
    return -math.inf if number == 0 else math.nan


scalar(
    "_scatter_plus_scalar",
    lambda xp, data, scalar: data + scalar,
    data=lambda F, g: g,
    storage="keeps",
    doc="``data + scalar``; of a sparse array only the stored values change.",
)
scalar(
    "_scatter_minus_scalar",
    lambda xp, data, scalar: data - scalar,
    data=lambda F, g: g,
    storage="keeps",
    doc="``data - scalar``; of a sparse array only the stored values change.",
)
