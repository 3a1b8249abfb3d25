"""Reductions along axes: sum, mean, max, norm, argmax and their like.

A reduction over all axes has shape (1,), as in MXNet, unless *keepdims*.
"""

import functools
import os

from ..error import DTypeError, message
from . import rules
from .params import Bool, DType, Int, Shape
from .registry import op

_EXAMPLES = [
    {"data": (3, 4)},
    {"data": (2, 3, 4), "axis": (0, 2)},
    {"data": (2, 3, 4), "axis": 1, "exclude": True, "keepdims": True},
]


@functools.lru_cache(maxsize=1024)
def _axes(rank, axis, exclude):
    return rules.reduced_axes({"axis": axis, "exclude": exclude}, rank)


def _lost(p, shape):
    """What ``_expand_to`` and ``_sum_to`` need to know of a reduction of this shape."""
    return {"shape": shape, "axes": _axes(len(shape), p["axis"], p.get("exclude", False))}


def _shaped(out, keepdims):
    """A full reduction without *keepdims* has shape (1,)."""
    return out if keepdims or out.ndim else out.reshape(1)


def _reduction(name, reduce, doc, aliases=(), examples=_EXAMPLES):
    """One operator ``reduce(xp, data, axes, keepdims)`` with the usual parameters."""

    def body(
        xp,
        data,
        *,
        axis: Shape(optional=True) = None,  # axes to reduce; all of them without it
        keepdims: Bool = False,  # keep the reduced axes, with size 1
        exclude: Bool = False,  # reduce all axes but the given ones
    ):
        axes = _axes(data.ndim, axis, exclude)
        return _shaped(reduce(xp, data, axes, keepdims), keepdims)

    body.__doc__ = doc
    return op(name, infer="reduce", aliases=aliases, examples=examples)(body)


_sum = _reduction(
    "sum",
    lambda xp, data, axes, keep: data.sum(axis=axes, dtype=data.dtype, keepdims=keep),
    "The sum over axes, in the dtype of the input.",
    aliases=["_sparse_sum", "sum_axis"],
)
_sum.grad(data=lambda F, g, data_shape, p: F._expand_to(g, **_lost(p, data_shape)))


def _mean(xp, data, axes, keep):
    count = _product(data.shape, axes)
    if count == 1 and data.size:  # a loss per sample often has one element left to take
        return data.reshape(_left(data.shape, axes, keep)).copy()
    total = data.sum(axis=axes, dtype=data.dtype, keepdims=keep)
    mean = total / count
    # not for floats alone: NumPy 1 divides a scalar float32 by an int in float64
    return mean if mean.dtype == data.dtype else mean.astype(data.dtype)


mean = _reduction(
    "mean", _mean, "The mean over axes, in the dtype of the input.", aliases=["_sparse_mean"]
)


def _mean_grad(F, g, data_shape, p):
    count = _count(p, data_shape)
    return F._expand_to(g if count == 1 else g / count, **_lost(p, data_shape))


mean.grad(data=_mean_grad)


def _count(p, shape):
    return _product(shape, _axes(len(shape), p["axis"], p["exclude"]))


@functools.lru_cache(maxsize=1024)
def _left(shape, axes, keep):
    """The shape that a reduction of *axes* leaves."""
    if keep:
        return tuple(1 if i in axes else n for i, n in enumerate(shape))
    return tuple(n for i, n in enumerate(shape) if i not in axes)


@functools.lru_cache(maxsize=1024)
def _product(shape, axes):
    return max(1, rules.prod([shape[i] for i in axes]))


@op(
    "_backward_extreme",
    infer=lambda p, ins: (ins, [ins[1]]),
    dtype="first",
    examples=[{"grad": (3,), "data": (3, 4), "extreme": (3,), "axes": (1,)}],
)
def backward_extreme(
    xp,
    grad,
    data,
    extreme,
    *,
    axes: Shape,  # axes that the reduction removed
):
    """The gradient of the largest or smallest: whole for every element equal to it, as in MXNet."""
    kept = [1 if i in axes else n for i, n in enumerate(data.shape)]
    return grad.reshape(kept) * (data == extreme.reshape(kept))


def _hits_of(F, g, grad_shape, data, extreme, p):
    hits = data == F._expand_to(extreme, shape=data.shape, axes=p["axes"])
    return F._sum_to(g * hits, shape=grad_shape, axes=p["axes"])


backward_extreme.grad(grad=_hits_of)


def _extreme_grad(F, g, data, out, data_shape, p):
    axes = _axes(len(data_shape), p["axis"], p.get("exclude", False))
    return F._backward_extreme(g, data, out, axes=axes)


_max = _reduction(
    "max",
    lambda xp, data, axes, keep: data.max(axis=axes, keepdims=keep),
    "The largest element along axes.",
    aliases=["max_axis"],
)
_max.grad(data=_extreme_grad)
_min = _reduction(
    "min",
    lambda xp, data, axes, keep: data.min(axis=axes, keepdims=keep),
    "The smallest element along axes.",
    aliases=["min_axis"],
)
_min.grad(data=_extreme_grad)

prod = _reduction(
    "prod",
    lambda xp, data, axes, keep: data.prod(axis=axes, dtype=data.dtype, keepdims=keep),
    "The product over axes, in the dtype of the input.",
)
prod.grad(
    data=lambda F, g, data, out, data_shape, p: F._expand_to(g * out, **_lost(p, data_shape)) / data
)
nansum = _reduction(
    "nansum",
    lambda xp, data, axes, keep: xp.where(data != data, data.dtype.type(0), data).sum(
        axis=axes, dtype=data.dtype, keepdims=keep
    ),
    "The sum over axes; nan counts as 0.",
)
nansum.grad(
    data=lambda F, g, data, data_shape, p: F._expand_to(g, **_lost(p, data_shape)) * (data == data)
)
nanprod = _reduction(
    "nanprod",
    lambda xp, data, axes, keep: xp.where(data != data, data.dtype.type(1), data).prod(
        axis=axes, dtype=data.dtype, keepdims=keep
    ),
    "The product over axes; nan counts as 1.",
)


def _nanprod_grad(F, g, data, out, data_shape, p):
    grad = F._expand_to(g * out, **_lost(p, data_shape)) / data
    return F.where(data == data, grad, F.zeros_like(grad))


nanprod.grad(data=_nanprod_grad)


# ---- norm -----------------------------------------------------------------------------------


def _norm_dtype(p, ins, n):
    if ins[0] is not None:
        _check_out_dtype(p["out_dtype"], ins[0])
    return ins, [p["out_dtype"] or ins[0]]


def _check_out_dtype(out, data):
    """MXNet computes in another dtype only where it is told to take care."""
    exact = os.environ.get("MXNET_SAFE_ACCUMULATION", "0") not in ("", "0")
    if out is not None and out != data and not exact:
        raise DTypeError(
            message(
                f"norm: out_dtype {out} of {data} data is not supported",
                fix="Set MXNET_SAFE_ACCUMULATION=1, or convert with astype.",
            )
        )


@op(
    aliases=["_sparse_norm"],
    infer="reduce",
    dtype=_norm_dtype,
    examples=[{"data": (3, 4)}, {"data": (2, 3, 4), "axis": (0, 2), "ord": 1}],
)
def norm(
    xp,
    data,
    *,
    ord: Int(min=1, max=2) = 2,  # 1 for the sum of magnitudes, 2 for Euclid's length
    axis: Shape(optional=True) = None,  # axes to reduce; all of them without it
    out_dtype: DType(optional=True) = None,  # dtype of the result
    keepdims: Bool = False,  # keep the reduced axes, with size 1
):
    """The length of vectors along axes: ``Σ|data|`` or ``√Σdata²``."""
    _check_out_dtype(out_dtype, data.dtype.name)
    given = out_dtype or data.dtype
    if xp.dtype(given).itemsize > data.dtype.itemsize:  # add up in the wider of the two
        data = data.astype(given)
    axes = rules.axes_of(axis, data.ndim)
    size = xp.absolute(data)
    if ord == 1:
        out = size.sum(axis=axes, dtype=data.dtype, keepdims=keepdims)
    elif data.dtype.kind == "f":
        out = xp.sqrt((data * data).sum(axis=axes, keepdims=keepdims))
    else:
        out = _length_of_integers(xp, size, axes, keepdims)
    return _shaped(xp.asarray(out), keepdims).astype(given, copy=False)


def _length_of_integers(xp, size, axes, keep):
    """What MXNet's scaled sum of squares gives in integers: only the largest elements count."""
    top = size.max(axis=axes, keepdims=True)
    return size.max(axis=axes, keepdims=keep) * xp.sqrt((size == top).sum(axis=axes, keepdims=keep))


def _norm_grad(F, g, data, out, data_shape, p):
    lost = _lost({"axis": p["axis"]}, data_shape)
    g = F._cast_like(g, data)
    if p["ord"] == 1:
        return F._expand_to(g, **lost) * F.sign(data)
    return F._expand_to(g / F._cast_like(out, data), **lost) * data


norm.grad(data=_norm_grad)


# ---- places of extremes ---------------------------------------------------------------------


def _place(name, doc):
    def body(
        xp,
        data,
        *,
        axis: Int(optional=True) = None,  # axis to search along; all elements without it
        keepdims: Bool = False,  # keep the axis, with size 1
    ):
        where = getattr(data, name)
        if axis is None:
            place = xp.asarray(where(), dtype=data.dtype)
            return place.reshape((1,) * (data.ndim if keepdims else 1))
        place = where(axis=axis).astype(data.dtype)
        if keepdims:
            return xp.expand_dims(place, axis)
        return place if place.ndim else place.reshape(1)

    body.__doc__ = doc
    made = op(
        name,
        zero_grad=True,
        infer=lambda p, ins: rules.shape_reduce(p, ins),
        examples=[{"data": (3, 4)}, {"data": (2, 3), "axis": 1, "keepdims": True}],
    )
    return made(body)


_place("argmax", "The index of the largest element, the first of several, in *data*'s dtype.")
_place("argmin", "The index of the smallest element, the first of several, in *data*'s dtype.")


@op(zero_grad=True, examples=[{"data": (3, 4)}])
def argmax_channel(xp, data):
    """The index of the largest element along axis 1: (N, C, ...) → (N, ...)."""
    return data.argmax(axis=1).astype(data.dtype)


argmax_channel.shape_rule = lambda p, ins: (
    ins,
    [None if ins[0] is None else ins[0][:1] + ins[0][2:]],
)


# ---- running sums -----------------------------------------------------------------------------


@op(
    "_np_cumsum",
    aliases=["cumsum"],
    dtype=lambda p, ins, n: (ins, [p["dtype"] or ins[0]]),
    examples=[{"a": (3, 4), "axis": 1}, {"a": (2, 3)}, {"a": (2, 3), "axis": -2}],
)
def cumsum(
    xp,
    a,
    *,
    axis: Int(optional=True) = None,  # axis to add up along; the flat array without it
    dtype: DType(optional=True) = None,  # dtype of the sums; that of *a* without it
):
    """Sums of all elements up to each one: the shape of *a*, or (size,) without *axis*."""
    return xp.cumsum(a, axis=axis, dtype=dtype or a.dtype)


@cumsum.infer
def _cumsum_shape(p, ins):
    shape = ins[0]
    if shape is None:
        return ins, [None]
    if p["axis"] is None:
        return ins, [(rules.prod(shape),)]
    rules.one_axis(p["axis"], len(shape))
    return ins, [shape]


def _cumsum_back(F, g, a, a_shape, p):
    """Sums of all later gradients."""
    axis = 0 if p["axis"] is None else p["axis"] % len(a_shape)
    made = F.reverse(F.cumsum(F.reverse(g, axis=(axis,)), axis=axis), axis=(axis,))
    made = F._reshape_to(made, shape=a_shape) if p["axis"] is None else made
    return F._cast_like(made, a)


cumsum.grad(a=_cumsum_back)
