"""softmax, log_softmax, softmin, and their masks by length."""

import os

from . import rules
from .params import Bool, DType, Enum, Float, Int
from .registry import op


def _masked(xp, data, length, axis):
    """*data* with -inf from ``length`` on along *axis*."""
    size = data.shape[axis]
    places = xp.arange(size).reshape([-1 if i == axis else 1 for i in range(data.ndim)])
    kept = places < xp.expand_dims(length, axis)
    return xp.where(kept, data, data.dtype.type("-inf")), kept


def _scaled(data, temperature):
    return data if temperature in (None, 1.0) else data / temperature


def _wide(data):
    """float16 is computed in float32."""
    return data.astype("float32") if data.dtype.itemsize == 2 else data


def _total(out, data, axis):
    """The sum along the axis, rounded to data's dtype as MXNet does."""
    return _wide(out.sum(axis=axis, keepdims=True).astype(data.dtype, copy=False))


def _stepwise_total(xp, out, data, axis):
    """The sum along the axis, rounded to data's dtype after each term as MXNet's loop does."""
    terms = xp.moveaxis(out, axis, 0)
    total = xp.zeros(terms.shape[1:], data.dtype)
    for term in terms:
        total = (total + term).astype(data.dtype)
    return xp.expand_dims(_wide(total), axis)


def _rounded(out, data, dtype):
    """Into data's dtype, and then into the one that was asked for."""
    out = out.astype(data.dtype, copy=False)
    return out if dtype is None else out.astype(dtype, copy=False)


def _exponentials(xp, data, axis):
    out = data - data.max(axis=axis, keepdims=True)
    return xp.exp(out, out=out)


def _shape(p, ins):
    data = ins[0]
    if data is None or len(ins) == 1:
        return ins, [data]
    axis = rules.one_axis(p["axis"], len(data))
    length = data[:axis] + data[axis + 1 :]
    return [data, rules.merge(ins[1], length, "length") if p["use_length"] else None], [data]


def _dtype(p, ins, n):
    return ins, [p["dtype"] or ins[0]]


_OPTIONS = {"dtype": _dtype, "infer": _shape}
_EXAMPLES = [{"data": (3, 4)}, {"data": (2, 3, 4), "axis": 1, "temperature": 2.0}]


def _softmax(xp, data, length, axis, temperature, dtype):
    axis = rules.one_axis(axis, data.ndim)
    x = _scaled(_wide(data), temperature)
    if length is None:
        out = _exponentials(xp, x, axis)
        out /= _total(out, data, axis)
    else:
        masked, kept = _masked(xp, x, length, axis)
        top = xp.where(kept, masked, 0).max(axis=axis, keepdims=True)
        out = xp.exp(masked - top)
        total = out.sum(axis=axis, keepdims=True)
        out /= xp.where(total == 0, x.dtype.type(1), total)
    return _rounded(out, data, dtype)


@op(
    "_backward_softmax",
    infer=lambda p, ins: (ins, [ins[1]]),
    dtype="first",
    examples=[
        {"grad": (3, 4), "result": (3, 4)},
        {"grad": (2, 3, 2), "result": (2, 3, 2), "axis": 1},
    ],
)
def backward_softmax(xp, grad, result, *, axis: Int = -1):  # axis that sums to 1
    """``result · (grad - Σ grad · result)``, the gradient of softmax from its output."""
    scaled = grad * result
    return scaled - result * scaled.sum(axis=axis, keepdims=True)


def _backward_softmax_result(F, g, grad, result, p):
    sums = {"axis": (p["axis"],), "keepdims": True}
    inner = grad - F.sum(grad * result, **sums)
    return g * inner - grad * F.sum(g * result, **sums)


backward_softmax.grad(
    grad=lambda F, g, result, p: F._backward_softmax(g, result, axis=p["axis"]),
    result=_backward_softmax_result,
)


def _softmax_back(F, g, out, p, sign=1):
    """``out · (g - Σ g · out)`` over the temperature."""
    grad = F._backward_softmax(g, out, axis=p["axis"])
    t = p["temperature"] or 1.0
    return grad if sign == t else grad * (sign / t)


@op(
    aliases=["_npx_softmax"],
    optional_when=lambda p: [] if p["use_length"] else ["length"],
    examples=[
        {"data": (3, 4)},
        {"data": (2, 3, 4), "axis": 1, "temperature": 2.0},
        {"data": (3, 4), "length": ([1, 4, 2],), "use_length": True},
    ],
    **_OPTIONS,
)
def softmax(
    xp,
    data,
    length=None,
    *,
    axis: Int = -1,  # axis that sums to 1
    temperature: Float(optional=True) = None,  # divides data first
    dtype: DType(optional=True) = None,  # dtype of the result
    use_length: Bool(optional=True) = False,  # mask by the second input
):
    """``exp(data / t) / Σ exp(data / t)`` along an axis.

    With *use_length* only the first ``length`` elements along the axis count, the rest are 0;
    *length* has data's shape without the axis.
    """
    return _softmax(xp, data, length, axis, temperature, dtype)


def _log_softmax(xp, data, axis, temperature, dtype):
    axis = rules.one_axis(axis, data.ndim)
    x = _scaled(_wide(data), temperature)
    out = x - x.max(axis=axis, keepdims=True)
    out -= xp.log(_total(xp.exp(out), data, axis))
    return _rounded(out, data, dtype)


def _in_dtype_of_data(rule):
    """The rule, with its result in data's dtype where *dtype* asked for another output."""

    def typed(F, g, data, out, p):
        grad = rule(F, g, out, p)
        return F._cast_like(grad, data) if p["dtype"] else grad

    return typed


softmax.grad(data=_in_dtype_of_data(_softmax_back))


@op(aliases=["_npx_log_softmax"], examples=_EXAMPLES, **_OPTIONS)
def log_softmax(
    xp,
    data,
    *,
    axis: Int = -1,  # axis whose exponentials sum to 1
    temperature: Float(optional=True) = None,  # divides data first
    dtype: DType(optional=True) = None,  # dtype of the result
    use_length: Bool(optional=True) = False,  # not used
):
    """``log(softmax(data / t))`` along an axis, without overflow."""
    return _log_softmax(xp, data, axis, temperature, dtype)


@op(
    "_backward_log_softmax",
    infer=lambda p, ins: (ins, [ins[1]]),
    dtype="first",
    examples=[{"grad": (3, 4), "result": (3, 4)}],
)
def backward_log_softmax(xp, grad, result, *, axis: Int = -1):  # axis of the sum
    """``grad - exp(result) · Σ grad``, the gradient of log_softmax from its output."""
    return grad - xp.exp(result) * grad.sum(axis=axis, keepdims=True)


def _backward_log_softmax_grad(F, g, result, p):
    return g - F.sum(g * F.exp(result), axis=(p["axis"],), keepdims=True)


backward_log_softmax.grad(
    grad=_backward_log_softmax_grad,
    result=lambda F, g, grad, result, p: (
        -g * F.exp(result) * F.sum(grad, axis=(p["axis"],), keepdims=True)
    ),
)


def _log_softmax_back(F, g, out, p):
    grad = F._backward_log_softmax(g, out, axis=p["axis"])
    return grad / p["temperature"] if p["temperature"] not in (None, 1.0) else grad


log_softmax.grad(data=_in_dtype_of_data(_log_softmax_back))


@op(examples=_EXAMPLES, **_OPTIONS)
def softmin(
    xp,
    data,
    *,
    axis: Int = -1,  # axis that sums to 1
    temperature: Float(optional=True) = None,  # divides data first
    dtype: DType(optional=True) = None,  # dtype of the result
    use_length: Bool(optional=True) = False,  # not used
):
    """``softmax(-data)``.

    The sum over float16 is rounded after each term, as in MXNet, unless MXNET_SAFE_ACCUMULATION=1.
    """
    axis = rules.one_axis(axis, data.ndim)
    out = _exponentials(xp, _scaled(-_wide(data), temperature), axis)
    if data.dtype.itemsize == 2 and os.environ.get("MXNET_SAFE_ACCUMULATION", "0") in ("", "0"):
        out /= _stepwise_total(xp, out, data, axis)
    else:
        out /= _total(out, data, axis)
    return _rounded(out, data, dtype)


softmin.grad(data=_in_dtype_of_data(lambda F, g, out, p: _softmax_back(F, g, out, p, sign=-1)))


@op(infer="same", examples=[{"data": (2, 3)}, {"data": (2, 3, 4), "mode": "channel"}])
def SoftmaxActivation(
    xp,
    data,
    *,
    mode: Enum("channel", "instance") = "instance",
):
    """softmax over axis 1 (channel), or over the last axis (instance)."""
    return _softmax(xp, data, None, 1 if mode == "channel" else -1, None, None)


def _activation_back(F, g, out):
    """As in MXNet, which sums over axis 1 here whatever the mode."""
    return F._backward_softmax(g, out, axis=1)


SoftmaxActivation.grad(data=_activation_back)
