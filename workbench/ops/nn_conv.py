"""Convolution over one, two or three axes.

Three operators share the work, each the gradient of the others: ``Convolution`` of data and
weight, ``_backward_Convolution_data`` of the output's gradient and the weight, and
``_backward_Convolution_weight`` of the output's gradient and the data. Each is one product of
matrices over *columns*, an array (C · taps, N · places) that holds what every tap of the kernel
sees: im2col of Chellapilla, Puri and Simard 2006.
"""

import itertools

from ..error import ParameterError, ShapeError, message
from . import rules
from .params import Bool, Enum, Int, Shape
from .registry import op

# ---- geometry -------------------------------------------------------------------------------


def _full(values, rank, default):
    """A parameter that is empty means *default* for each axis."""
    return tuple(values) if values else (default,) * rank


def _geometry(p):
    """stride, dilate and pad with one number for each axis of the kernel."""
    rank = len(p["kernel"])
    made = (_full(p["stride"], rank, 1), _full(p["dilate"], rank, 1), _full(p["pad"], rank, 0))
    if any(len(one) != rank for one in made):
        raise ShapeError(f"Convolution: stride, dilate, pad do not fit kernel {p['kernel']}")
    return made


def out_size(size, kernel, stride, dilate, pad):
    """Places of a kernel along an axis of this size, 0 where the size is unknown."""
    if not size:
        return 0
    reach = dilate * (kernel - 1) + 1
    if size + 2 * pad < reach:
        raise ShapeError(f"Convolution: kernel {kernel} exceeds input size {size} + 2 · {pad}")
    return (size + 2 * pad - reach) // stride + 1


def _out_sizes(sizes, p):
    return tuple(out_size(*one) for one in zip(sizes, p["kernel"], *_geometry(p), strict=True))


def _padded(xp, data, pad):
    """Zeros around all axes but the first two."""
    if not any(pad):
        return data
    inner = zip(data.shape[2:], pad, strict=True)
    made = xp.zeros((*data.shape[:2], *(n + 2 * a for n, a in inner)), data.dtype)
    inner = zip(data.shape[2:], pad, strict=True)
    made[(..., *(slice(a, a + n) for n, a in inner))] = data
    return made


def columns(xp, data, kernel, stride, dilate, pad):
    """What every tap sees: (N, C, sizes...) → (C, taps..., N, places...), contiguous."""
    data = _padded(xp, data, pad)
    axes = list(zip(data.shape[2:], kernel, stride, dilate, strict=True))
    places = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in axes]
    step = data.strides
    view = xp.lib.stride_tricks.as_strided(
        data,
        (data.shape[1], *kernel, data.shape[0], *places),
        (
            step[1],
            *(one * d for one, d in zip(step[2:], dilate, strict=True)),
            step[0],
            *(one * s for one, s in zip(step[2:], stride, strict=True)),
        ),
    )
    return xp.ascontiguousarray(view)


def uncolumns(xp, cols, sizes, kernel, stride, dilate, pad):
    """Undo :func:`columns`: add up what every tap has, (C, taps..., N, ...) → (N, C, sizes...)."""
    channels, n = cols.shape[0], cols.shape[1 + len(kernel)]
    places = cols.shape[2 + len(kernel) :]
    whole = xp.zeros(
        (channels, n, *(size + 2 * a for size, a in zip(sizes, pad, strict=True))), cols.dtype
    )
    for tap in itertools.product(*map(range, kernel)):
        seen = tuple(
            slice(t * d, t * d + s * (count - 1) + 1, s)
            for t, d, s, count in zip(tap, dilate, stride, places, strict=True)
        )
        whole[(..., *seen)] += cols[(slice(None), *tap)]
    inside = tuple(slice(a, a + size) for size, a in zip(sizes, pad, strict=True))
    return xp.ascontiguousarray(whole[(..., *inside)].swapaxes(0, 1))


def _by_channel(xp, array, groups):
    """(N, C, places...) → (groups, C / groups, N · places), contiguous."""
    made = xp.ascontiguousarray(array.swapaxes(0, 1))
    return made.reshape(groups, array.shape[1] // groups, -1)


def _product(xp, a, b):
    """Products of matrices, one for each group; a single one goes straight to BLAS."""
    return xp.dot(a[0], b[0])[None] if a.shape[0] == 1 else xp.matmul(a, b)


# ---- Convolution ----------------------------------------------------------------------------

_LAYOUTS = {1: "NCW", 2: "NCHW", 3: "NCDHW"}
_EXAMPLES = [
    {"data": (2, 3, 5, 5), "weight": (4, 3, 3, 3), "bias": (4,), "kernel": (3, 3), "num_filter": 4},
    {
        "data": (2, 4, 7, 6),
        "weight": (6, 2, 3, 2),
        "kernel": (3, 2),
        "stride": (2, 1),
        "dilate": (1, 2),
        "pad": (1, 2),
        "num_filter": 6,
        "num_group": 2,
        "no_bias": True,
    },
    {"data": (2, 3, 8), "weight": (4, 3, 3), "bias": (4,), "kernel": (3,), "num_filter": 4},
    {
        "data": (1, 2, 4, 4, 3),
        "weight": (3, 2, 2, 2, 2),
        "bias": (3,),
        "kernel": (2, 2, 2),
        "num_filter": 3,
    },
]


@op(
    aliases=["_npx_convolution", "Convolution_v1"],
    optional_when=lambda p: ["bias"] if p["no_bias"] else [],
    examples=_EXAMPLES,
)
def Convolution(
    xp,
    data,
    weight,
    bias=None,
    *,
    kernel: Shape,  # size of the kernel along each axis; its length says 1-D, 2-D or 3-D
    stride: Shape = (),  # distance of neighbouring places; 1 without it
    dilate: Shape = (),  # distance of neighbouring taps; 1 without it
    pad: Shape = (),  # zeros added at both ends; 0 without it
    num_filter: Int(min=1),  # channels of the output
    num_group: Int(min=1) = 1,  # groups of channels that do not see each other
    workspace: Int(min=0) = 1024,
    no_bias: Bool = False,  # leave the bias out
    cudnn_tune: Enum("fastest", "limited_workspace", "off", optional=True) = None,
    cudnn_off: Bool = False,
    layout: Enum("NCDHW", "NCHW", "NCW", "NDHWC", "NHWC", optional=True) = None,
):
    """Cross-correlation: (N, C, H, W) × (F, C / groups, kh, kw) → (N, F, H', W').

    ``H' = (H + 2 pad - dilate (kh - 1) - 1) // stride + 1``.
    """
    places = {"kernel": kernel, "stride": stride, "dilate": dilate, "pad": pad}
    cols = columns(xp, data, kernel, *_geometry(places))
    cols = cols.reshape(num_group, -1, _size_of(cols, len(kernel)))
    out = _product(xp, weight.reshape(num_group, num_filter // num_group, -1), cols)
    out = out.reshape((num_filter, data.shape[0], *_out_sizes(data.shape[2:], places)))
    made = xp.empty((data.shape[0], num_filter, *out.shape[2:]), out.dtype)
    if bias is None:
        made[...] = out.swapaxes(0, 1)
        return made
    return xp.add(out.swapaxes(0, 1), bias.reshape((1, -1) + (1,) * len(kernel)), out=made)


def _size_of(cols, rank):
    """Places of all images together."""
    return rules.prod(cols.shape[1 + rank :])


def _check(p, data):
    rank = len(p["kernel"])
    if p["layout"] not in (None, _LAYOUTS.get(rank)):
        raise ParameterError(
            message(
                f"Convolution: layout {p['layout']} is not supported for a kernel of {rank} axes",
                fix=f"Use {_LAYOUTS.get(rank)}, and transpose the data before.",
            )
        )
    if rank not in _LAYOUTS:
        raise ShapeError(f"Convolution: a kernel of 1, 2 or 3 axes is expected, got {p['kernel']}")
    if p["num_filter"] % p["num_group"]:
        raise ShapeError(f"Convolution: {p['num_filter']} filters in {p['num_group']} equal groups")
    if data is not None and len(data) != rank + 2:
        raise ShapeError(f"Convolution: Shape inconsistent, data {data} for kernel {p['kernel']}")


@Convolution.infer
def _convolution_shape(p, ins):
    data, weight, *bias = ins
    _check(p, data)
    weight = rules.merge(weight, (p["num_filter"], 0, *p["kernel"]), "weight")
    bias = [None if p["no_bias"] else rules.merge(one, (p["num_filter"],)) for one in bias]
    if data is None:
        return [None, weight, *bias], [None]
    if data[1] % p["num_group"]:
        raise ShapeError(f"Convolution: {data[1]} channels in {p['num_group']} equal groups")
    expected = (p["num_filter"], data[1] // p["num_group"], *p["kernel"])
    weight = rules.merge(weight, expected, "weight")
    out = (data[0], p["num_filter"], *_out_sizes(data[2:], p))
    return [data, weight, *bias], [out]


@Convolution.infer_from_outputs
def _convolution_from_output(p, ins, outs):
    """The batch size, and for stride 1 the sizes that give the output's."""
    data, out = ins[0], outs[0]
    if data is None or out is None or len(data) != len(out):
        return ins
    sizes = [
        n or (_size_before(made, *how) if made else 0)
        for n, made, *how in zip(data[2:], out[2:], p["kernel"], *_geometry(p), strict=True)
    ]
    return [(data[0] or out[0], data[1], *sizes), *ins[1:]]


def _size_before(made, kernel, stride, dilate, pad):
    """The size that gives *made*; 0 where several do."""
    return made - 1 + (kernel - 1) * dilate + 1 - 2 * pad if stride == 1 else 0


def _places(p):
    names = ("kernel", "stride", "dilate", "pad", "num_filter", "num_group")
    return {name: p[name] for name in names}


def _bias_grad(F, g, data_shape):
    return F.sum(g, axis=(1,), exclude=True)


Convolution.grad(
    data=lambda F, g, weight, data_shape, p: F._backward_Convolution_data(
        g, weight, shape=data_shape, **_places(p)
    ),
    weight=lambda F, g, data, p: F._backward_Convolution_weight(g, data, **_places(p)),
    bias=_bias_grad,
)


# ---- its gradients --------------------------------------------------------------------------


@op(
    "_backward_Convolution_data",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[
        {
            "grad": (2, 4, 3, 3),
            "weight": (4, 3, 3, 3),
            "kernel": (3, 3),
            "num_filter": 4,
            "shape": (2, 3, 5, 5),
        }
    ],
)
def backward_data(
    xp,
    grad,
    weight,
    *,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
    num_filter: Int,
    num_group: Int = 1,
    shape: Shape,  # shape of the data
):
    """The gradient of Convolution's data from that of its output."""
    places = {"kernel": kernel, "stride": stride, "dilate": dilate, "pad": pad}
    rows = weight.reshape(num_group, num_filter // num_group, -1).swapaxes(1, 2)
    cols = _product(xp, rows, _by_channel(xp, grad, num_group))
    cols = cols.reshape((shape[1], *kernel, grad.shape[0], *grad.shape[2:]))
    return uncolumns(xp, cols, shape[2:], kernel, *_geometry(places))


@op(
    "_backward_Convolution_weight",
    infer=lambda p, ins: (
        ins,
        [(p["num_filter"], ins[1][1] // p["num_group"], *p["kernel"]) if ins[1] else None],
    ),
    examples=[{"grad": (2, 4, 3, 3), "data": (2, 3, 5, 5), "kernel": (3, 3), "num_filter": 4}],
)
def backward_weight(
    xp,
    grad,
    data,
    *,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
    num_filter: Int,
    num_group: Int = 1,
):
    """The gradient of Convolution's weight from that of its output."""
    places = {"kernel": kernel, "stride": stride, "dilate": dilate, "pad": pad}
    cols = columns(xp, data, kernel, *_geometry(places))
    cols = cols.reshape(num_group, -1, _size_of(cols, len(kernel)))
    out = _product(xp, _by_channel(xp, grad, num_group), cols.swapaxes(1, 2))
    return out.reshape(num_filter, data.shape[1] // num_group, *kernel)


backward_data.grad(
    grad=lambda F, g, weight, p: F.Convolution(g, weight, no_bias=True, **_places(p)),
    weight=lambda F, g, grad, p: F._backward_Convolution_weight(grad, g, **_places(p)),
)
backward_weight.grad(
    grad=lambda F, g, data, p: F.Convolution(data, g, no_bias=True, **_places(p)),
    data=lambda F, g, grad, data_shape, p: F._backward_Convolution_data(
        grad, g, shape=data_shape, **_places(p)
    ),
)
