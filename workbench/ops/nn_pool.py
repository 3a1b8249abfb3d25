"""Pooling: the largest element, mean, sum or p-norm of a window that moves over the places."""

import itertools
import math

from ..error import ParameterError, ShapeError, message
from .params import Bool, Enum, Int, Shape
from .registry import op

_TYPES = Enum("avg", "lp", "max", "sum")
#: that of lp is made of that of sum
_BACK_TYPES = Enum("avg", "max", "sum")


# ---- geometry -------------------------------------------------------------------------------


class Window:
    """Where the windows lie: one entry for each pooled axis in every tuple."""

    def __init__(self, sizes, p):
        rank = len(sizes)
        if p["global_pool"]:
            self.kernel, self.stride, self.pad = sizes, (1,) * rank, (0,) * rank
        else:
            self.kernel = p["kernel"]
            self.stride = p["stride"] or (1,) * rank
            self.pad = p["pad"] or (0,) * rank
            if p["pooling_convention"] == "same":
                self.pad = (0,) * rank
        if not len(self.kernel) == len(self.stride) == len(self.pad) == rank:
            raise ShapeError(f"Pooling: kernel, stride, pad do not fit {rank} axes")
        self.sizes = sizes
        self.out = tuple(
            self._count(*one, p["pooling_convention"])
            for one in zip(sizes, self.kernel, self.stride, self.pad, strict=True)
        )

    @staticmethod
    def _count(size, kernel, stride, pad, convention):
        """Windows along an axis: those that fit, with full also one that sticks out, with same
        one for each step of the stride."""
        if not size:
            return 0
        if convention == "same":
            return -(-size // stride)
        room = size + 2 * pad - kernel
        if room < 0:
            raise ShapeError(f"Pooling: kernel {kernel} exceeds input size {size} + 2 · {pad}")
        return (-(-room // stride) if convention == "full" else room // stride) + 1

    def plain(self):
        """True when no window leaves the array."""
        return not any(self.pad) and all(
            (n - 1) * s + k <= size
            for n, s, k, size in zip(self.out, self.stride, self.kernel, self.sizes, strict=True)
        )

    def padded_sizes(self):
        """Sizes that all windows fit into."""
        return tuple(
            max(size + 2 * a, (n - 1) * s + k)
            for size, a, n, s, k in zip(
                self.sizes, self.pad, self.out, self.stride, self.kernel, strict=True
            )
        )

    def padded(self, xp, data, value):
        """The data with *value* around it."""
        if self.plain():
            return data
        made = xp.full((*data.shape[:2], *self.padded_sizes()), value, data.dtype)
        made[self.inside()] = data
        return made

    def inside(self):
        """Where the data lies in the padded array."""
        return (
            ...,
            *(slice(a, a + n) for a, n in zip(self.pad, self.sizes, strict=True)),
        )

    def taps(self):
        """For each element of the window: which elements of the array it is, in all windows."""
        for tap in itertools.product(*map(range, self.kernel)):
            yield (
                ...,
                *(
                    slice(t, t + s * (n - 1) + 1, s)
                    for t, s, n in zip(tap, self.stride, self.out, strict=True)
                ),
            )

    def counts(self, xp, dtype, include_pad):
        """How many elements each window has, shaped to broadcast against the output."""
        made = xp.ones((1,) * len(self.sizes), dtype)
        for i, (size, k, s, a, n) in enumerate(
            zip(self.sizes, self.kernel, self.stride, self.pad, self.out, strict=True)
        ):
            low, high = (-a, size + a) if include_pad else (0, size)
            lengths = [max(min(j * s - a + k, high) - max(j * s - a, low), 1) for j in range(n)]
            shape = [n if j == i else 1 for j in range(len(self.sizes))]
            made = made * xp.asarray(lengths, dtype=dtype).reshape(shape)
        return made


def _last(layout):
    return layout is not None and layout.endswith("C")


def _moved(data, layout, back=False):
    """Channels second, however *layout* has them."""
    if not _last(layout):
        return data
    rank = data.ndim
    order = (0, rank - 1, *range(1, rank - 1))
    if back:
        order = (0, *range(2, rank), 1)
    return data.transpose(order)


# ---- Pooling --------------------------------------------------------------------------------

_EXAMPLES = [
    {"data": (2, 3, 6, 6), "kernel": (2, 2), "stride": (2, 2)},
    {"data": (2, 3, 7, 6), "kernel": (3, 2), "stride": (2, 1), "pad": (1, 0), "pool_type": "avg"},
    {
        "data": (2, 3, 7),
        "kernel": (3,),
        "stride": (2,),
        "pool_type": "sum",
        "pooling_convention": "full",
    },
    {"data": ("positive", (2, 3, 4, 4)), "kernel": (2, 2), "pool_type": "lp", "p_value": 2},
    {"data": (2, 3, 4, 5), "global_pool": True, "pool_type": "avg"},
    {"data": (1, 2, 4, 4, 4), "kernel": (2, 2, 2)},
    {"data": (2, 6, 6, 3), "kernel": (2, 2), "layout": "NHWC"},
]


@op(aliases=["_npx_pooling", "Pooling_v1"], examples=_EXAMPLES)
def Pooling(
    xp,
    data,
    *,
    kernel: Shape = (),  # size of the window along each axis
    pool_type: _TYPES = "max",
    global_pool: Bool = False,  # one window over everything
    cudnn_off: Bool = False,
    pooling_convention: Enum("full", "same", "valid") = "valid",  # full: also what sticks out
    stride: Shape = (),  # distance of neighbouring windows; 1 without it
    pad: Shape = (),  # elements added at both ends
    p_value: Int(min=1, max=3, optional=True) = None,  # p of lp
    count_include_pad: Bool(optional=True) = None,  # avg: padding counts; True without it
    layout: Enum("NCDHW", "NCHW", "NCW", "NDHWC", "NHWC", "NWC", optional=True) = None,
):
    """One value for each window: (N, C, H, W) → (N, C, H', W').

    ``H' = (H + 2 pad - kernel) / stride + 1``, rounded down (valid) or up (full);
    ``W / stride``, rounded up, with same, for data of one axis of places.
    """
    places = {
        "kernel": kernel,
        "global_pool": global_pool,
        "pooling_convention": pooling_convention,
        "stride": stride,
        "pad": pad,
    }
    data = _moved(data, layout)
    window = Window(data.shape[2:], places)
    out = _REDUCERS[pool_type](xp, data, window, p_value, count_include_pad)
    return xp.ascontiguousarray(_moved(out, layout, back=True))


def _pool_max(xp, data, window, p_value, include_pad):
    low = (xp.finfo if data.dtype.kind == "f" else xp.iinfo)(data.dtype).min
    data = window.padded(xp, data, low)
    taps = window.taps()
    out = data[next(taps)].copy()
    for seen in taps:
        xp.maximum(out, data[seen], out=out)
    return out


def _pool_sum(xp, data, window, p_value, include_pad):
    if window.out == (1,) * len(window.out) and window.plain() and window.kernel == window.sizes:
        return data.sum(axis=tuple(range(2, data.ndim)), keepdims=True, dtype=data.dtype)
    data = window.padded(xp, data, 0)
    taps = window.taps()
    out = data[next(taps)].copy()
    for seen in taps:
        out += data[seen]
    return out


def _pool_avg(xp, data, window, p_value, include_pad):
    out = _pool_sum(xp, data, window, p_value, include_pad)
    return out / window.counts(xp, data.dtype, include_pad in (None, True))


def _pool_lp(xp, data, window, p_value, include_pad):
    """``(Σ x^p)^(1/p)``, without magnitudes: an odd p keeps signs, as in MXNet."""
    total = _pool_sum(xp, data**p_value, window, p_value, include_pad)
    return (total, xp.sqrt(total), xp.cbrt(total))[p_value - 1]


_REDUCERS = {"max": _pool_max, "sum": _pool_sum, "avg": _pool_avg, "lp": _pool_lp}


@Pooling.infer
def _pooling_shape(p, ins):
    if p["pool_type"] == "lp" and not p["p_value"]:
        raise ParameterError(message("Pooling: lp needs p_value", fix="Give p_value=2."))
    data = ins[0]
    if data is None:
        return ins, [None]
    if not 3 <= len(data) <= 5:
        raise ShapeError(f"Pooling: Shape inconsistent, 3 to 5 axes are expected, got {data}")
    if p["pooling_convention"] == "same" and (len(data) != 3 or p["pad"] != (0, 0, 0)):
        raise ParameterError(
            message(
                "Pooling: pooling_convention 'same' is for one axis of places, without padding",
                fix="Use 'full', or give pad=(0, 0, 0): MXNet reads three whatever the data.",
            )
        )
    last = _last(p["layout"])
    sizes = data[1:-1] if last else data[2:]
    out = (1,) * len(sizes) if p["global_pool"] else Window(sizes, p).out
    return ins, [(data[0], *out, data[-1]) if last else (*data[:2], *out)]


def _pooling_back(F, g, data, out, p):
    p = {name: value for name, value in p.items() if name != "cudnn_off"}
    power = p["p_value"]
    if p["pool_type"] != "lp" or power == 1:
        kind = "sum" if p["pool_type"] == "lp" else p["pool_type"]
        return F._backward_Pooling(g, data, out, **{**p, "pool_type": kind})
    share = g * out ** (1 - power)
    return F._backward_Pooling(share, data, out, **{**p, "pool_type": "sum"}) * data ** (power - 1)


Pooling.grad(data=_pooling_back)


# ---- its gradient ---------------------------------------------------------------------------


@op(
    "_backward_Pooling",
    infer=lambda p, ins: (ins, [ins[1]]),
    examples=[
        {
            "grad": (2, 3, 3, 3),
            "data": (2, 3, 6, 6),
            "pooled": (2, 3, 3, 3),
            "kernel": (2, 2),
            "stride": (2, 2),
            "pool_type": "avg",
        }
    ],
)
def backward_pooling(
    xp,
    grad,
    data,
    pooled,
    *,
    kernel: Shape = (),
    pool_type: _BACK_TYPES = "max",
    global_pool: Bool = False,
    pooling_convention: Enum("full", "same", "valid") = "valid",
    stride: Shape = (),
    pad: Shape = (),
    p_value: Int(optional=True) = None,
    count_include_pad: Bool(optional=True) = None,
    layout: Enum("NCDHW", "NCHW", "NCW", "NDHWC", "NHWC", "NWC", optional=True) = None,
):
    """The gradient of Pooling's data; of several largest elements the first gets it."""
    places = {
        "kernel": kernel,
        "global_pool": global_pool,
        "pooling_convention": pooling_convention,
        "stride": stride,
        "pad": pad,
    }
    grad, data, pooled = (_moved(one, layout) for one in (grad, data, pooled))
    window = Window(data.shape[2:], places)
    if pool_type == "max":
        made = _spread_max(xp, grad, data, pooled, window)
    else:
        if pool_type == "avg":
            grad = grad / window.counts(xp, grad.dtype, count_include_pad in (None, True))
        made = _spread(xp, grad, window)
    return xp.ascontiguousarray(_moved(made, layout, back=True))


backward_pooling.grad(grad=lambda F, g, data, pooled, p: F._reread_Pooling(g, data, pooled, **p))


@op(
    "_reread_Pooling",
    infer=lambda p, ins: (ins, [ins[2]]),
    examples=[
        {
            "values": (2, 3, 6, 6),
            "data": (2, 3, 6, 6),
            "pooled": (2, 3, 3, 3),
            "kernel": (2, 2),
            "stride": (2, 2),
            "pool_type": "sum",
        }
    ],
)
def reread_pooling(
    xp,
    values,
    data,
    pooled,
    *,
    kernel: Shape = (),
    pool_type: _BACK_TYPES = "max",
    global_pool: Bool = False,
    pooling_convention: Enum("full", "same", "valid") = "valid",
    stride: Shape = (),
    pad: Shape = (),
    p_value: Int(optional=True) = None,
    count_include_pad: Bool(optional=True) = None,
    layout: Enum("NCDHW", "NCHW", "NCW", "NDHWC", "NHWC", "NWC", optional=True) = None,
):
    """Pool *values* with the weights that pooling *data* had: the gradient of the gradient.

    For max it reads values where data was the largest; for avg and sum it is Pooling itself.
    """
    places = {
        "kernel": kernel,
        "global_pool": global_pool,
        "pooling_convention": pooling_convention,
        "stride": stride,
        "pad": pad,
    }
    values, data, pooled = (_moved(one, layout) for one in (values, data, pooled))
    window = Window(data.shape[2:], places)
    if pool_type == "max":
        made = _read_max(xp, values, data, pooled, window)
    else:
        made = _REDUCERS[pool_type](xp, values, window, p_value, count_include_pad)
    return xp.ascontiguousarray(_moved(made, layout, back=True))


reread_pooling.grad(values=lambda F, g, data, pooled, p: F._backward_Pooling(g, data, pooled, **p))


def _spread(xp, share, window):
    """Give *share* to every element of its window."""
    made = xp.zeros((*share.shape[:2], *window.padded_sizes()), share.dtype)
    for seen in window.taps():
        made[seen] += share
    return made[window.inside()]


def _first_largest(xp, data, pooled, window):
    """For each tap: its places, and in which windows it is the first largest element."""
    left = xp.ones(pooled.shape, "bool")
    for seen in window.taps():
        hit = data[seen] == pooled
        hit &= left
        left &= ~hit
        yield seen, hit


def _read_max(xp, values, data, pooled, window):
    """The elements of *values* where *data* was the largest of its window."""
    data, values = window.padded(xp, data, -math.inf), window.padded(xp, values, 0)
    made = xp.zeros(pooled.shape, values.dtype)
    for seen, hit in _first_largest(xp, data, pooled, window):
        made += values[seen] * hit
    return made


def _spread_max(xp, grad, data, pooled, window):
    """Give the gradient to the first element of each window that is the largest."""
    data = window.padded(xp, data, -math.inf)
    made = xp.zeros(data.shape, grad.dtype)
    apart = all(s >= k for s, k in zip(window.stride, window.kernel, strict=True))
    for seen, hit in _first_largest(xp, data, pooled, window):
        if apart:
            xp.multiply(grad, hit, out=made[seen])
        else:
            made[seen] += grad * hit
    return made if window.plain() else made[window.inside()]
