"""Layers of 8-bit numbers with sums of 32 bits; see :mod:`.quantize` for what numbers mean."""

from ..error import ParameterError, message
from .nn_conv import Convolution
from .nn_dense import FullyConnected
from .nn_rnn import RNN, layers_in
from .quantize import STEPS, check_dtype, real
from .quantized import OUTPUTS, params_of, range_of_product, shapes_of
from .registry import Op

_ARRAYS = ("data", "weight", "bias")
_ENDS = ("min_data", "max_data", "min_weight", "max_weight", "min_bias", "max_bias")
_WEIGHT_RANGE = {"min_weight": ([-0.4],), "max_weight": ([0.5],)}
_RANGES = {"min_data": ([-1.0],), "max_data": ([0.5],), **_WEIGHT_RANGE}
_BIAS = {"min_bias": ([-0.1],), "max_bias": ([0.2],)}


def _layer(name, single, body, examples, doc):
    """Register ``_contrib_quantized_NAME``: int32 sums, as *single* gives them for floats."""
    return Op(
        f"_contrib_quantized_{name}",
        body,
        (*_ARRAYS, *_ENDS),
        optional=["bias", "min_bias", "max_bias"],
        optional_when=lambda p: ["bias", "min_bias", "max_bias"] if p["no_bias"] else [],
        params=params_of(single),
        outputs=3,
        output_names=OUTPUTS,
        infer=shapes_of(single, 3),
        dtype=lambda p, ins, n: (ins, ["int32", "float32", "float32"]),
        zero_grad=True,
        examples=examples,
        like=[single],
        doc=doc,
    )


def _sums(xp, single, data, weight, bias, params):
    """*single* of whole numbers, exactly: float64 holds every sum that int32 does."""
    wide = [None if one is None else one.astype("float64") for one in (data, weight, bias)]
    return single.body(xp, *wide, **params).astype("int32")


def _dense(
    xp,
    data,
    weight,
    bias=None,
    min_data=None,
    max_data=None,
    min_weight=None,
    max_weight=None,
    min_bias=None,
    max_bias=None,
    **params,
):
    check_dtype("quantized_fully_connected", data, "uint8", "int8")
    check_dtype("quantized_fully_connected", weight, "int8")
    r_data, r_weight = real(xp, min_data, max_data), real(xp, min_weight, max_weight)
    if bias is not None:
        scale = (STEPS[data.dtype.name] / r_data) * (STEPS["int8"] / r_weight)
        factor = scale * real(xp, min_bias, max_bias) / STEPS["int8"]
        bias = (bias.astype("float32") * factor).astype("int32")
    out = _sums(xp, FullyConnected, data, weight, bias, params)
    return out, *range_of_product(xp, r_data, r_weight, data.dtype.name)


_layer(
    "fully_connected",
    FullyConnected,
    _dense,
    [
        {
            "data": ("int8", (3, 5)),
            "weight": ("int8", (4, 5)),
            "bias": ("int8", (4,)),
            **_RANGES,
            **_BIAS,
            "num_hidden": 4,
        },
        {
            "data": ("uint8", (2, 3, 2)),
            "weight": ("int8", (4, 6)),
            **_RANGES,
            "num_hidden": 4,
            "no_bias": True,
        },
    ],
    """
    FullyConnected of 8-bit data and int8 weights: int32 and its range.

    The bias, int8 of its own range, is brought to the unit of the products first.
    """,
)


def _conv(
    xp,
    data,
    weight,
    bias=None,
    min_data=None,
    max_data=None,
    min_weight=None,
    max_weight=None,
    min_bias=None,
    max_bias=None,
    **params,
):
    check_dtype("quantized_conv", data, "uint8", "int8")
    check_dtype("quantized_conv", weight, "int8")
    out = _sums(xp, Convolution, data, weight, bias, params)
    reals = real(xp, min_data, max_data), real(xp, min_weight, max_weight)
    return out, *range_of_product(xp, *reals)


_layer(
    "conv",
    Convolution,
    _conv,
    [
        {
            "data": ("uint8", (1, 2, 5, 4)),
            "weight": ("int8", (3, 2, 2, 2)),
            "bias": ("int8", (3,)),
            **_RANGES,
            **_BIAS,
            "kernel": (2, 2),
            "num_filter": 3,
        },
        {
            "data": ("int8", (1, 2, 5, 4)),
            "weight": ("int8", (3, 2, 2, 2)),
            **_RANGES,
            "kernel": (2, 2),
            "stride": (2, 1),
            "num_filter": 3,
            "no_bias": True,
        },
    ],
    """
    Convolution of 8-bit data and int8 weights: int32 and its range.

    As in MXNet 1.9.1 on the CPU the bias is added as the whole numbers that it is, and the range
    is that of int8 data.
    """,
)


# ---- LSTM -------------------------------------------------------------------------------------


def _rnn(xp, data, parameters, state, state_cell, data_scale, data_shift, **params):
    check_dtype("quantized_rnn", data, "uint8")
    floats = (parameters, state, state_cell, data_scale, data_shift)
    vector, *states, scale, shift = (one.astype("float32") for one in floats)
    x = (data.astype("float32") - shift) / scale
    _round(xp, vector, x.shape, params)
    outs = RNN.body(xp, x, vector, *states, None, train=False, rng=None, **params)
    return outs[: 3 if params["state_outputs"] else 1]


def _round(xp, vector, shape, params):
    """Round weights in the vector to 127 steps, of one size for each row of the gates."""
    matrices = [
        matrix
        for ways in layers_in(vector, shape, params)
        for one in ways
        for matrix in (one.x_weight, one.h_weight)
    ]
    largest = xp.stack([xp.absolute(one).max(axis=1) for one in matrices]).max(axis=0)
    unit = xp.where(largest > 0, largest, xp.ones_like(largest))[:, None] / 127
    for one in matrices:
        one[...] = xp.rint(one / unit) * unit


def _rnn_shape(p, ins):
    if p["mode"] != "lstm":
        raise ParameterError(message("Quantized RNN operator only supports LSTM mode."))
    known, outs = RNN.shape_rule(p, list(ins[:4]))
    return [*known, (1,), (1,)], outs[: 3 if p["state_outputs"] else 1]


Op(
    "_contrib_quantized_rnn",
    _rnn,
    ("data", "parameters", "state", "state_cell", "data_scale", "data_shift"),
    params=params_of(RNN),
    outputs=lambda p: 3 if p["state_outputs"] else 1,
    output_names=["output", "state_output", "statecell_output"],
    infer=_rnn_shape,
    dtype=lambda p, ins, n: (ins, ["float32"] * n),
    zero_grad=True,
    examples=[
        {
            "data": ("uint8", (3, 2, 2)),
            "parameters": (84,),
            "state": (1, 2, 3),
            "state_cell": (1, 2, 3),
            "data_scale": ([100.0],),
            "data_shift": ([128.0],),
            "mode": "lstm",
            "state_size": 3,
            "num_layers": 1,
            "state_outputs": True,
        }
    ],
    like=[RNN],
    doc="""
    RNN of uint8 data, an LSTM alone; float32.

    The data stand for ``(data - data_shift) / data_scale`` (see ``quantize_asym``); weights are
    rounded to 127 steps of one size for each row of the gates, biases and states are floats.
    """,
)
