"""The fully connected layer."""

from ..error import ShapeError
from . import rules
from .params import Bool, Int
from .registry import op


@op(
    aliases=["_npx_fully_connected", "_sparse_FullyConnected"],
    optional_when=lambda p: ["bias"] if p["no_bias"] else [],
    examples=[
        {"data": (5, 6), "weight": (7, 6), "bias": (7,), "num_hidden": 7},
        {"data": (5, 2, 3), "weight": (7, 6), "num_hidden": 7, "no_bias": True},
        {"data": (5, 3), "weight": (7, 3), "bias": (7, 1), "num_hidden": 7},
        {"data": (5, 2, 3), "weight": (7, 3), "bias": (7,), "num_hidden": 7, "flatten": False},
    ],
)
def FullyConnected(
    xp,
    data,
    weight,
    bias=None,
    *,
    num_hidden: Int(min=1),  # units in the output
    no_bias: Bool = False,  # leave the bias out
    flatten: Bool = True,  # take all axes but the first as one
):
    """An affine map, ``out = data · weightᵀ + bias``: (N, K) × (H, K) → (N, H).

    Without *flatten* it maps the last axis: (..., K) → (..., H). The bias is (H,) or (H, 1).
    """
    rows = data if data.ndim == 2 else data.reshape(-1, weight.shape[1])
    out = _product(xp, rows, weight)
    if bias is not None:
        out += bias if bias.ndim == 1 else bias.reshape(-1)
    return out if flatten or data.ndim == 2 else out.reshape((*data.shape[:-1], num_hidden))


def _product(xp, rows, weight):
    """``rows · weightᵀ``, C-contiguous.

    A BLAS repacks the transposed factor; where the rows are few and the weight is large,
    ``(weight · rowsᵀ)ᵀ`` repacks the small one: 0.87 of the time for (64, 784) × (256, 784),
    0.48 for (16, 1024) × (1024, 1024), with the copy at the end (OpenBLAS 0.3.30, Zen 4).
    """
    if swaps_factors(rows, weight):
        out = xp.empty((len(rows), len(weight)), rows.dtype)
        out[...] = xp.dot(weight, rows.T).T
        return out
    return xp.dot(rows, weight.T)


_FEW_ROWS, _LARGE = 128, 1 << 15


def swaps_factors(rows, weight):
    """Whether the product is computed the other way round."""
    few = 1 < len(rows) <= _FEW_ROWS and len(weight) >= 2 * len(rows)
    return few and weight.size >= _LARGE


@FullyConnected.infer
def _dense_shape(p, ins):
    data, weight, *bias = ins
    units, flatten = p["num_hidden"], p["flatten"]
    if data is None:  # as in MXNet, not even the number of units is told then
        return [None, weight, *bias], [None]
    if not data:
        raise ShapeError("Shape inconsistent, data is a scalar")
    width = rules.prod(data[1:]) if flatten else data[-1]
    weight = rules.merge(weight, (units, width), "weight")
    bias = [None if p["no_bias"] else _bias_shape(one, units) for one in bias]
    out = (data[0], units) if flatten else (*data[:-1], units)
    return [data, weight, *bias], [out]


def _bias_shape(shape, units):
    column = shape is not None and len(shape) == 2
    return rules.merge(shape, (units, 1) if column else (units,), "bias")


def _bias_grad(F, g, bias_shape):
    summed = F._sum_to(g, shape=bias_shape[:1])
    return summed if len(bias_shape) == 1 else F._reshape_to(summed, shape=bias_shape)


def _rows(F, g, p):
    return F.reshape(g, shape=(-1, p["num_hidden"]))


def _data_grad(F, g, weight, data_shape, p):
    if len(data_shape) == 2:
        return F.dot(g, weight)
    return F._reshape_to(F.dot(_rows(F, g, p), weight), shape=data_shape)


def _weight_grad(F, g, data, data_shape, weight_shape, p):
    if len(data_shape) == 2:
        return F.dot(g, data, transpose_a=True)
    rows = F.reshape(data, shape=(-1, weight_shape[1]))
    return F.dot(_rows(F, g, p), rows, transpose_a=True)


FullyConnected.grad(
    data=_data_grad,
    weight=_weight_grad,
    bias=_bias_grad,
)
