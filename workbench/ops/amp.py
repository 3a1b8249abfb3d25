"""Casts of automatic mixed precision: between floats only, everything else passes through."""

from .params import Bool, DType, Int
from .registry import op

#: what these operators change; float64 stays as it is
_FLOATS = frozenset({"float16", "float32", "bfloat16"})


def _amp_dtype(p, ins, n):
    return ins, [p["dtype"] if ins[0] in _FLOATS else ins[0]]


@op(
    infer="same",
    dtype=_amp_dtype,
    examples=[{"data": (3, 4), "dtype": "float32"}, {"data": (3, 4), "dtype": "float16"}],
)
def amp_cast(
    xp,
    data,
    *,
    dtype: DType,  # what arrays of float16, bfloat16 and float32 are cast to
):
    """*data* in another dtype where it is of float16, bfloat16 or float32, else a copy."""
    if data.dtype.name not in _FLOATS:
        return data.copy()
    if dtype in ("int8", "uint8", "int32", "int64"):
        data = xp.rint(data)  # as the cast of oneDNN, not as that of C
    return data.astype(dtype)


amp_cast.grad(data=lambda F, g, data: F._cast_like(g, data))


def _common(dtypes, narrow):
    """The dtype that all floats among these are cast to; None where one is unknown."""
    floats = [one for one in dtypes if one in _FLOATS]
    if None in dtypes or not floats:
        return None
    short = next((one for one in floats if one != "float32"), "float32")
    wide = "float32" if "float32" in floats else short
    return short if narrow else wide


def _multicast_dtype(p, ins, n):
    common = _common(ins, p["cast_narrow"])
    return ins, [common if one in _FLOATS else one for one in ins]


@op(
    outputs=lambda p: p["num_outputs"],
    infer=lambda p, ins: (ins, list(ins)),
    dtype=_multicast_dtype,
    examples=[
        {"args": [(3, 4), (2,)], "num_outputs": 2},
        {"args": [(3, 4)], "num_outputs": 1, "cast_narrow": True},
    ],
)
def amp_multicast(
    xp,
    *args,
    num_outputs: Int(min=1),  # how many arrays
    cast_narrow: Bool = False,  # cast to the narrowest of the dtypes instead of the widest
):
    """All arrays of float16, bfloat16 and float32 in the widest dtype among them."""
    common = _common([one.dtype.name for one in args], cast_narrow)
    return tuple(one.astype(common) if one.dtype.name in _FLOATS else one.copy() for one in args)


amp_multicast.grad(
    args=lambda F, g, args: [
        None if one is None else F._cast_like(one, given)
        for one, given in zip(g, args, strict=True)
    ]
)
