"""Operators on 8-bit numbers and their ranges; see :mod:`.quantize` for what the numbers mean.

Arrays come first, then the two ends of each one's range, (1,) each; the range of the result is
two more outputs. Bodies compute in floats wide enough to be exact, which is what int32 gives, and
round once. None of these operators has a gradient.
"""

import copy

from ..error import ParameterError, ShapeError, message
from . import rules
from .index import Embedding
from .join import Concat
from .nn_activation import Activation
from .nn_norm import BatchNorm
from .nn_pool import Pooling
from .params import Bool, Float
from .quantize import STEPS, check_dtype, real, saturated, vector
from .registry import Op, op
from .shape import Flatten

OUTPUTS = ["output", "min_output", "max_output"]
_RANGE = {"min_data": ([-1.0],), "max_data": ([0.5],)}


def params_of(single):
    """The parameters of an operator for one of the same arguments."""
    return {name: copy.copy(param) for name, param in single.params.items()}


def shapes_of(single, count):
    """Shape rule: that of *single* for the first *count* inputs; all others are ranges."""

    def rule(p, ins):
        arrays, outs = single.shape_rule(p, list(ins[:count]))
        ranges = [rules.merge(one, (1,), "range") for one in ins[count:]]
        return [*arrays, *ranges], [outs[0], (1,), (1,)]

    return rule


def first_dtype(p, ins, n):
    """Dtype rule: the numbers keep their dtype, ranges are float32."""
    return ins, [ins[0], "float32", "float32"]


# ---- the range stays --------------------------------------------------------------------------


def _keeps_range(name, single, body, examples, doc, check=None):
    """Register ``_contrib_quantized_NAME``: *body* on the numbers alone, whose range stays."""

    def ranged(xp, data, min_data, max_data, **params):
        check_dtype(f"quantized_{name}", data, "uint8", "int8")
        if check:
            check(params)
        kept = (one.astype("float32") for one in (min_data, max_data))
        return body(xp, data, params), *kept

    return Op(
        f"_contrib_quantized_{name}",
        ranged,
        ("data", "min_data", "max_data"),
        params=params_of(single),
        outputs=3,
        output_names=OUTPUTS,
        infer=shapes_of(single, 1),
        dtype=first_dtype,
        zero_grad=True,
        examples=[{**one, **_RANGE} for one in examples],
        like=[single],
        doc=doc,
    )


def _only_relu(params):
    if params["act_type"] != "relu":
        raise ParameterError(
            message("_contrib_quantized_act only supports act_type=relu for now"),
        )


_keeps_range(
    "act",
    Activation,
    lambda xp, data, params: xp.maximum(data, data.dtype.type(0)),
    [{"data": ("int8", (3, 4)), "act_type": "relu"}],
    "Activation of 8-bit numbers; ``relu`` alone. Their range stays.",
    _only_relu,
)
_keeps_range(
    "flatten",
    Flatten,
    lambda xp, data, params: data.reshape(data.shape[0], -1).copy(),
    [{"data": ("uint8", (2, 3, 4))}],
    "Flatten of 8-bit numbers. Their range stays.",
)


def _only_max_and_avg(params):
    if params["pool_type"] not in ("max", "avg"):
        raise ParameterError(
            message("QuantizedPoolingOp only supports pool_type=max/avg for now"),
        )


def _pool(xp, data, params):
    """A mean that counts padding divides by the whole window, also where that sticks out."""
    data, dtype = data.astype("float32"), data.dtype.name
    inner = params["count_include_pad"] is False or params["global_pool"]
    if params["pool_type"] == "max" or inner:
        return saturated(xp, Pooling.body(xp, data, **params), dtype)
    sums = Pooling.body(xp, data, **{**params, "pool_type": "sum"})
    return saturated(xp, sums / rules.prod(params["kernel"]), dtype)


_keeps_range(
    "pooling",
    Pooling,
    _pool,
    [
        {"data": ("int8", (1, 2, 4, 4)), "kernel": (2, 2)},
        {"data": ("uint8", (1, 2, 4, 4)), "kernel": (3, 2), "pool_type": "avg", "pad": (1, 0)},
    ],
    "Pooling of 8-bit numbers, ``max`` or ``avg``. Their range stays.",
    _only_max_and_avg,
)


# ---- lookup -----------------------------------------------------------------------------------


def _embedding(xp, data, weight, min_weight, max_weight, **params):
    check_dtype("quantized_embedding", weight, "int8")
    kept = (one.astype("float32") for one in (min_weight, max_weight))
    return Embedding.body(xp, data, weight, **params), *kept


Op(
    "_contrib_quantized_embedding",
    _embedding,
    ("data", "weight", "min_weight", "max_weight"),
    params=params_of(Embedding),
    outputs=3,
    output_names=OUTPUTS,
    infer=shapes_of(Embedding, 2),
    dtype=lambda p, ins, n: (ins, ["int8", "float32", "float32"]),
    zero_grad=True,
    examples=[
        {
            "data": ("int", 5, (2, 3)),
            "weight": ("int8", (5, 4)),
            "min_weight": ([-1.0],),
            "max_weight": ([0.5],),
            "input_dim": 5,
            "output_dim": 4,
        }
    ],
    like=[Embedding],
    doc="Rows of a table of int8: (...) indices × (input_dim, output_dim). Its range stays.",
)


# ---- several together -------------------------------------------------------------------------


def _concat(xp, *args, num_args, dim):
    data, ranges = args[:num_args], args[num_args:]
    dtype = "int8" if any(one.dtype == "int8" for one in data) else "uint8"
    lows = xp.concatenate(ranges[::2]).astype("float32")
    highs = xp.concatenate(ranges[1::2]).astype("float32")
    low, high = xp.minimum(lows.min(), 0).reshape(1), xp.maximum(highs.max(), 0).reshape(1)
    scale = STEPS[dtype] / real(xp, low, high)
    parts = []
    for one, a, b in zip(data, ranges[::2], ranges[1::2], strict=True):
        check_dtype("quantized_concat", one, "uint8", "int8")
        factor = scale / (STEPS[one.dtype.name] / real(xp, a, b))
        parts.append(saturated(xp, one.astype("float32") * factor, dtype))
    return xp.concatenate(parts, axis=dim), low.astype("float32"), high.astype("float32")


def _concat_shape(p, ins):
    count = p["num_args"]
    if len(ins) != 3 * count:
        raise ShapeError(f"{count} arrays and their ranges are {3 * count} inputs, got {len(ins)}")
    return shapes_of(Concat, count)(p, ins)


def _concat_dtype(p, ins, n):
    data = ins[: p["num_args"]]
    known = "int8" if "int8" in data else "uint8"
    return ins, [None if None in data and known != "int8" else known, "float32", "float32"]


Op(
    "_contrib_quantized_concat",
    _concat,
    ("args",),
    variadic=True,
    params=params_of(Concat),
    outputs=3,
    output_names=OUTPUTS,
    infer=_concat_shape,
    dtype=_concat_dtype,
    zero_grad=True,
    examples=[
        {
            "args": [
                *(("int8", (2, 3)), ("uint8", (2, 2))),
                *(([-1.0],), ([0.5],), ([0.0],), ([2.0],)),
            ],
            "num_args": 2,
        }
    ],
    like=[Concat],
    doc="""
    8-bit arrays one after the other along axis *dim*, in a range that holds all of theirs.

    Inputs are all arrays, then the two ends of each one's range; *num_args* counts the arrays.
    int8 where one of them is, else uint8.
    """,
)

# ---- arithmetic -------------------------------------------------------------------------------

_TWO = {
    "lhs": ("int8", (3, 4)),
    "rhs": ("int8", (3, 4)),
    "lhs_min": ([-1.0],),
    "lhs_max": ([0.5],),
    "rhs_min": ([-2.0],),
    "rhs_max": ([1.5],),
}
_CALIBRATED = {"min_calib_range": -2.5, "max_calib_range": 2.0}


def _two_shape(p, ins):
    if ins[0] is not None and ins[1] is not None and len(ins[0]) != len(ins[1]):
        raise ShapeError(f"Shape inconsistent, quantized arrays do not broadcast, got {ins[:2]}")
    (lhs, rhs), (out,) = rules.shape_same(p, ins[:2])
    ranges = [rules.merge(one, (1,), "range") for one in ins[2:]]
    return [lhs, rhs, *ranges], [out, (1,), (1,)]


def _is_calibrated(p):
    return p["min_calib_range"] is not None and p["max_calib_range"] is not None


def _sum_dtype(p, ins, n):
    if not _is_calibrated(p):
        return ins, ["int32", "float32", "float32"]
    return ins, [ins[0] if ins[0] == ins[1] else "int8", "float32", "float32"]


@op(
    "_contrib_quantized_elemwise_add",
    outputs=3,
    output_names=OUTPUTS,
    infer=_two_shape,
    dtype=_sum_dtype,
    zero_grad=True,
    examples=[_TWO, {**_TWO, **_CALIBRATED}, {**_TWO, "rhs": ("uint8", (3, 4)), **_CALIBRATED}],
)
def quantized_add(
    xp,
    lhs,
    rhs,
    lhs_min,
    lhs_max,
    rhs_min,
    rhs_max,
    *,
    min_calib_range: Float(optional=True) = None,  # least value of the sum, for 8-bit results
    max_calib_range: Float(optional=True) = None,  # largest value of the sum
):
    """``lhs + rhs`` of 8-bit arrays of one shape, and the range of the sum.

    int32, of the range that the sum can have; 8-bit where its range is given.
    """
    params = {"min_calib_range": min_calib_range, "max_calib_range": max_calib_range}
    dtype = _sum_dtype(params, [lhs.dtype.name, rhs.dtype.name], 3)[1][0]
    for one in (lhs, rhs):
        check_dtype("quantized_elemwise_add", one, "uint8", "int8")
    terms = (lhs, real(xp, lhs_min, lhs_max)), (rhs, real(xp, rhs_min, rhs_max))
    if not _is_calibrated(params):
        high = terms[0][1] + terms[1][1]
        factors = [r * STEPS["int32"] / (high * STEPS[one.dtype.name]) for one, r in terms]
        total = sum(one.astype("float32") * f for (one, _), f in zip(terms, factors, strict=True))
        return _as_int32(xp, total), -high, high
    low, high = vector(xp, min_calib_range), vector(xp, max_calib_range)
    scale = STEPS[dtype] / real(xp, low, high)
    total = 0
    for one, r in terms:
        term = one.astype("float32") * (scale / (STEPS[one.dtype.name] / r))
        if one.dtype == "uint8" and dtype == "int8":  # the unsigned one becomes int8 first
            term = xp.clip(xp.rint(term), -128, 127)
        total = total + term
    return saturated(xp, total, dtype), low, high


def _as_int32(xp, values):
    """Floats as the nearest int32, saturated."""
    limit = 2**31 - 1
    return xp.clip(xp.rint(values.astype("float64")), -limit - 1, limit).astype("int32")


def _product_shape(p, ins):
    known, outs = _two_shape(p, ins)
    return known, outs[:1] if p["enable_float_output"] else outs


def _product_dtype(p, ins, n):
    if p["enable_float_output"]:
        return ins, ["float32"]
    return ins, ["int8" if _is_calibrated(p) else "int32", "float32", "float32"]


@op(
    "_contrib_quantized_elemwise_mul",
    outputs=lambda p: 1 if p["enable_float_output"] else 3,
    output_names=OUTPUTS,
    infer=_product_shape,
    dtype=_product_dtype,
    zero_grad=True,
    examples=[_TWO, {**_TWO, **_CALIBRATED}, {**_TWO, "enable_float_output": True}],
)
def quantized_mul(
    xp,
    lhs,
    rhs,
    lhs_min,
    lhs_max,
    rhs_min,
    rhs_max,
    *,
    min_calib_range: Float(optional=True) = None,  # least value of the product, for int8 results
    max_calib_range: Float(optional=True) = None,  # largest value of the product
    enable_float_output: Bool = False,  # give the product itself, float32, and no range
):
    """``lhs · rhs`` of int8 arrays of one shape, and the range of the product.

    int32, of the range that the product can have; int8 where its range is given: cut towards zero
    and not saturated, as in MXNet 1.9.1.
    """
    for one in (lhs, rhs):
        check_dtype("quantized_elemwise_mul", one, "int8")
    product = lhs.astype("int32") * rhs
    reals = real(xp, lhs_min, lhs_max), real(xp, rhs_min, rhs_max)
    unit = (reals[0] / STEPS["int8"]) * (reals[1] / STEPS["int8"])
    if enable_float_output:
        return (product.astype("float32") * unit,)
    if min_calib_range is None or max_calib_range is None:
        return product, *range_of_product(xp, *reals)
    low, high = vector(xp, min_calib_range), vector(xp, max_calib_range)
    factor = unit * (STEPS["int8"] / real(xp, low, high))
    return (product.astype("float32") * factor).astype("int32").astype("int8"), low, high


def range_of_product(xp, one, other, data_dtype="int8"):
    """The range of int32 sums of products of int8 by int8, or of uint8 by int8."""
    steps = 127 if data_dtype == "int8" else 255
    high = one / 127 * (other / steps) * STEPS["int32"]
    return -high, high


# ---- batch normalization ----------------------------------------------------------------------


def _batch_norm(xp, data, gamma, beta, moving_mean, moving_var, min_data, max_data, **p):
    check_dtype("quantized_batch_norm", data, "uint8", "int8")
    low, high = p["min_calib_range"], p["max_calib_range"]
    if low is None or high is None:
        raise ParameterError(
            message(
                "quantized_batch_norm: min_calib_range or max_calib_range is not available",
                fix="Give the range of the result.",
            )
        )
    x = data.astype("float32")
    if data.dtype == "uint8":
        x = xp.clip(xp.rint(x * (STEPS["int8"] / STEPS["uint8"])), -128, 127)
    channels = [1] * data.ndim
    channels[p["axis"]] = -1
    low, high = vector(xp, low), vector(xp, high)
    r = real(xp, low, high)
    scale = gamma / xp.sqrt(moving_var + p["eps"])
    # epsilon counts twice in MXNet 1.9.1: its normalization runs again over a variance of 1
    factor = scale * real(xp, min_data, max_data) / (r * (1 + p["eps"]) ** 0.5)
    shift = (beta - moving_mean * scale) * (STEPS["int8"] / r)
    out = saturated(xp, x * factor.reshape(channels) + shift.reshape(channels), "int8")
    return out, low, high


Op(
    "_contrib_quantized_batch_norm",
    _batch_norm,
    ("data", "gamma", "beta", "moving_mean", "moving_var", "min_data", "max_data"),
    params=params_of(BatchNorm),
    aux=["moving_mean", "moving_var"],
    outputs=3,
    output_names=OUTPUTS,
    infer=shapes_of(BatchNorm, 5),
    dtype=lambda p, ins, n: (ins, ["int8", "float32", "float32"]),
    zero_grad=True,
    examples=[
        {
            "data": (kind, (2, 3, 4)),
            "gamma": (3,),
            "beta": (3,),
            "moving_mean": (3,),
            "moving_var": ("positive", (3,)),
            **_RANGE,
            **_CALIBRATED,
        }
        for kind in ("int8", "uint8")
    ],
    like=[BatchNorm],
    doc="""
    BatchNorm of 8-bit numbers by the moving statistics; int8 of the range that is given.

    gamma counts whatever *fix_gamma* says, as in MXNet 1.9.1.
    """,
)
