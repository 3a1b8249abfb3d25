"""Floats as 8-bit whole numbers and back.

A quantized array goes with the range of the floats that it stands for, two arrays of shape (1,).
Zero stays zero: with r = max(|min|, |max|) the number q stands for ``q · r / steps``, where
*steps* is 127.5 for int8, 255.5 for uint8 and 2³¹ for int32. Numbers are rounded to the nearest,
to the even one of two, and saturate. None of these operators has a gradient.
"""

from ..error import DTypeError, message
from . import rules
from .params import Enum, Float
from .registry import op

STEPS = {"int8": 127.5, "uint8": 255.5, "int32": 2.0**31}
_LIMITS = {"int8": (-128, 127), "uint8": (0, 255)}


def real(xp, low, high):
    """r of a range: the larger absolute value, float32."""
    return xp.maximum(xp.absolute(low), xp.absolute(high)).astype("float32", copy=False)


def saturated(xp, values, dtype):
    """Floats as the nearest whole numbers of *dtype*."""
    return xp.clip(xp.rint(values), *_LIMITS[dtype]).astype(dtype)


def vector(xp, number):
    """A Python number as an array of shape (1,), float32."""
    return xp.full((1,), number, "float32")


def check_dtype(name, data, *allowed):
    """DTypeError unless *data* has one of the dtypes."""
    if data.dtype.name not in allowed:
        raise DTypeError(
            message(
                f"{name} only supports {' and '.join(allowed)} as input type, got {data.dtype}",
                fix="Quantize the array first.",
            )
        )


def with_range(p, ins):
    """Shape rule: data and its range → data and the new range."""
    ranges = [rules.merge(one, (1,), "range") for one in ins[1:]]
    return [ins[0], *ranges], [ins[0], (1,), (1,)]


def _out_type(p):
    """The dtype of quantize_v2's and requantize's result."""
    if p["out_type"] != "auto":
        return p["out_type"]
    low = p["min_calib_range"]
    return "uint8" if low is not None and p["max_calib_range"] is not None and low >= 0 else "int8"


def _ranged(dtype_of):
    return lambda p, ins, n: (ins, [dtype_of(p), "float32", "float32"])


def _calibrated(xp, low, high):
    """The range given by parameters, or None."""
    return None if low is None or high is None else (vector(xp, low), vector(xp, high))


def _extremes(xp, data):
    """The range of the data themselves."""
    return data.min().reshape(1), data.max().reshape(1)


# ---- quantize -------------------------------------------------------------------------------


@op(
    "_contrib_quantize",
    outputs=3,
    infer=with_range,
    dtype=_ranged(lambda p: p["out_type"]),
    zero_grad=True,
    examples=[
        {"data": (3, 4), "min_range": ([-1.0],), "max_range": ([0.5],), "out_type": "int8"},
        {"data": ("unit", (3, 4)), "min_range": ([0.0],), "max_range": ([1.0],)},
    ],
)
def quantize(
    xp,
    data,
    min_range,
    max_range,
    *,
    out_type: Enum("int8", "uint8") = "uint8",  # dtype of the result
):
    """Floats of a given range as 8-bit numbers, and the range: (...), (1,), (1,).

    int8 has 127 steps here, uint8 255; the range of int8 is made symmetric.
    """
    r = real(xp, min_range, max_range)
    out = saturated(xp, data * (_LIMITS[out_type][1] / r), out_type)
    return out, *_written_range(xp, out_type, r, min_range, max_range)


def _written_range(xp, dtype, r, low, high):
    if dtype == "int8":
        return -r, r.copy()
    return tuple(one.astype("float32") for one in (low, high))


@op(
    "_contrib_quantize_v2",
    outputs=3,
    infer=with_range,
    dtype=_ranged(_out_type),
    zero_grad=True,
    examples=[
        {"data": (3, 4)},
        {"data": (3, 4), "out_type": "auto", "min_calib_range": 0.0, "max_calib_range": 0.5},
        {"data": ("int8", (3, 4)), "min_calib_range": -2.0, "max_calib_range": 1.0},
    ],
)
def quantize_v2(
    xp,
    data,
    *,
    out_type: Enum("auto", "int8", "uint8") = "int8",  # auto: uint8 where the range has no minus
    min_calib_range: Float(optional=True) = None,  # least value; that of the data without it
    max_calib_range: Float(optional=True) = None,  # largest value; that of the data without it
):
    """Floats as 8-bit numbers, and their range: (...), (1,), (1,).

    8-bit numbers stay as they are.
    """
    given = _calibrated(xp, min_calib_range, max_calib_range)
    dtype = data.dtype.name
    if dtype in _LIMITS:
        steps = STEPS[dtype]
        low = 0 if dtype == "uint8" else -steps
        return data.copy(), *(given or (vector(xp, low), vector(xp, steps)))
    dtype = _out_type(
        {
            "out_type": out_type,
            "min_calib_range": min_calib_range,
            "max_calib_range": max_calib_range,
        }
    )
    low, high = given or _extremes(xp, data)
    r = real(xp, low, high)
    scale = STEPS[dtype] / xp.where(r > 0, r, xp.ones_like(r))
    return saturated(xp, data * scale, dtype), *_written_range(xp, dtype, r, low, high)


@op(
    "_contrib_quantize_asym",
    outputs=3,
    output_names=["output", "scale", "shift"],
    infer=with_range,
    dtype=_ranged(lambda p: "uint8"),
    zero_grad=True,
    examples=[
        {"data": (2, 3, 4)},
        {"data": (2, 3, 4), "min_calib_range": -0.5, "max_calib_range": 0.6},
    ],
)
def quantize_asym(
    xp,
    data,
    *,
    min_calib_range: Float(optional=True) = None,  # least value; that of the data without it
    max_calib_range: Float(optional=True) = None,  # largest value; that of the data without it
):
    """``data · scale + shift`` as uint8, and *scale* and *shift*: (...), (1,), (1,).

    The range is mapped to 0 .. 255. int8 is shifted by 128, uint8 stays as it is.
    """
    if data.dtype.name in _LIMITS:
        shift = 128 if data.dtype == "int8" else 0
        shifted = (data.astype("int32") + shift).astype("uint8")
        return shifted, vector(xp, 1), vector(xp, shift)
    low, high = _calibrated(xp, min_calib_range, max_calib_range) or _extremes(xp, data)
    scale = (255 / (high - low)).astype("float32", copy=False)
    shift = (255 - high * scale).astype("float32", copy=False)
    return saturated(xp, data * scale + shift, "uint8"), scale, shift


# ---- dequantize, requantize -----------------------------------------------------------------


@op(
    "_contrib_dequantize",
    infer=lambda p, ins: (with_range(p, ins)[0], [ins[0]]),
    dtype=lambda p, ins, n: (ins, ["float32"]),
    zero_grad=True,
    examples=[
        {"data": (kind, (3, 4)), "min_range": ([-1.0],), "max_range": ([0.5],)}
        for kind in ("int8", "uint8")
    ],
)
def dequantize(
    xp,
    data,
    min_range,
    max_range,
    *,
    out_type: Enum("float32") = "float32",  # dtype of the result
):
    """The floats that 8-bit numbers of a range stand for: (...), (1,), (1,) → (...)."""
    check_dtype("dequantize", data, "uint8", "int8")
    scale = real(xp, min_range, max_range) / STEPS[data.dtype.name]
    return data.astype("float32") * scale


@op(
    "_contrib_requantize",
    outputs=3,
    infer=with_range,
    dtype=_ranged(_out_type),
    zero_grad=True,
    examples=[
        {"data": ("int32", (3, 4)), "min_range": ([-9.0],), "max_range": ([9.0],), **more}
        for more in ({}, {"out_type": "uint8", "min_calib_range": 0.0, "max_calib_range": 4.0})
    ],
)
def requantize(
    xp,
    data,
    min_range,
    max_range,
    *,
    out_type: Enum("auto", "int8", "uint8") = "int8",  # auto: uint8 where the range has no minus
    min_calib_range: Float(optional=True) = None,  # least value; that of the data without it
    max_calib_range: Float(optional=True) = None,  # largest value; that of the data without it
):
    """int32 numbers of a range as 8-bit numbers of a smaller one, and that range."""
    check_dtype("requantize", data, "int32")
    unit = real(xp, min_range, max_range) / STEPS["int32"]
    given = _calibrated(xp, min_calib_range, max_calib_range)
    if given:
        r = real(xp, *given)
    else:
        r = real(xp, *(one.astype("float32") for one in _extremes(xp, data))) * unit
    params = {"out_type": out_type, "min_calib_range": min_calib_range}
    dtype = _out_type({**params, "max_calib_range": max_calib_range})
    steps = float(_LIMITS[dtype][1])
    out = saturated(xp, data.astype("float32") * (unit * (steps / r)), dtype)
    return out, xp.zeros_like(r) if dtype == "uint8" else -r, r.copy()
