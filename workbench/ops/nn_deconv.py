"""Transposed convolution: what is the gradient of a convolution, as a layer of its own."""

import os

from ..error import ShapeError
from . import rules
from .nn_conv import _check, _geometry, backward_data
from .params import Bool, Enum, Int, Shape
from .registry import op


def _padding(p, sizes):
    """pad and adj for each axis; with *target_shape* those that lead to it."""
    stride, dilate, pad = _geometry(p)
    adj = tuple(p["adj"]) if p["adj"] else (0,) * len(pad)
    if not p["target_shape"]:
        return pad, adj
    pads, adjs = [], []
    for size, target, k, s, d in zip(
        sizes, p["target_shape"], p["kernel"], stride, dilate, strict=True
    ):
        excess = s * (size - 1) + d * (k - 1) + 1 - target
        if excess < 0:
            raise ShapeError(f"Deconvolution: target_shape {p['target_shape']} is too large")
        pads.append((excess + 1) // 2)
        adjs.append(excess % 2)
    return tuple(pads), tuple(adjs)


def _refuse_cut(p, sizes):
    """MXNet 1.9.1 on the CPU, unless its oneDNN is switched off, cannot compute these."""
    pads, adjs = _padding(p, sizes)
    if any(pads) and p["target_shape"] and os.environ.get("MXNET_MKLDNN_ENABLED", "1") != "0":
        raise ShapeError(
            f"Deconvolution: target_shape {p['target_shape']} cuts off what the kernel reaches: "
            f"give pad={pads}, adj={adjs} instead, or set MXNET_MKLDNN_ENABLED=0"
        )


def _out_sizes(p, sizes):
    if p["target_shape"] and 0 in sizes:
        return p["target_shape"]
    stride, dilate, _ = _geometry(p)
    pad, adj = _padding(p, sizes)
    if any(a >= s for a, s in zip(adj, stride, strict=True)) and not p["target_shape"]:
        raise ShapeError(f"Deconvolution: adj {adj} must be below stride {stride}")
    return tuple(
        n and s * (n - 1) + d * (k - 1) + 1 - 2 * a + b
        for n, k, s, d, a, b in zip(sizes, p["kernel"], stride, dilate, pad, adj, strict=True)
    )


@op(
    aliases=["_npx_deconvolution"],
    optional_when=lambda p: ["bias"] if p["no_bias"] else [],
    examples=[
        {"data": (2, 3, 4, 4), "weight": (3, 4, 3, 3), "kernel": (3, 3), "num_filter": 4},
        {
            "data": (2, 4, 3, 4),
            "weight": (4, 3, 2, 3),
            "bias": (6,),
            "kernel": (2, 3),
            "stride": (2, 2),
            "pad": (1, 1),
            "adj": (1, 0),
            "num_filter": 6,
            "num_group": 2,
            "no_bias": False,
        },
        {
            "data": (1, 2, 5),
            "weight": (2, 3, 4),
            "kernel": (4,),
            "stride": (2,),
            "target_shape": (12,),
            "num_filter": 3,
        },
    ],
)
def Deconvolution(
    xp,
    data,
    weight,
    bias=None,
    *,
    kernel: Shape,  # size of the kernel along each axis; its length says 1-D, 2-D or 3-D
    stride: Shape = (),  # distance of the places that neighbouring inputs write to
    dilate: Shape = (),  # distance of neighbouring taps
    pad: Shape = (),  # elements cut off at both ends
    adj: Shape = (),  # elements added at the far end
    target_shape: Shape = (),  # sizes of the output, instead of pad and adj
    num_filter: Int(min=1),  # channels of the output
    num_group: Int(min=1) = 1,  # groups of channels that do not see each other
    workspace: Int(min=0) = 512,
    no_bias: Bool = True,  # leave the bias out
    cudnn_tune: Enum("fastest", "limited_workspace", "off", optional=True) = None,
    cudnn_off: Bool = False,
    layout: Enum("NCDHW", "NCHW", "NCW", "NDHWC", "NHWC", optional=True) = None,
):
    """Transposed convolution: (N, C, H, W) × (C, F / groups, kh, kw) → (N, F, H', W').

    ``H' = (H - 1) stride + dilate (kh - 1) + 1 - 2 pad + adj``.
    """
    p = {
        "kernel": kernel,
        "stride": stride,
        "dilate": dilate,
        "pad": pad,
        "adj": adj,
        "target_shape": target_shape,
    }
    _refuse_cut(p, data.shape[2:])
    out = backward_data.body(
        xp,
        data,
        weight,
        num_filter=data.shape[1],
        num_group=num_group,
        shape=(data.shape[0], num_filter, *_out_sizes(p, data.shape[2:])),
        **_as_convolution(p, data.shape),
    )
    if bias is not None:
        out += bias.reshape((1, -1) + (1,) * len(kernel))
    return out


def _as_convolution(p, data_shape):
    """Geometry of the convolution whose gradient this is."""
    stride, dilate, _ = _geometry(p)
    pad, _ = _padding(p, data_shape[2:])
    return {"kernel": p["kernel"], "stride": stride, "dilate": dilate, "pad": pad}


@Deconvolution.infer
def _deconvolution_shape(p, ins):
    data, weight, *bias = ins
    _check(p, data)
    bias = [None if p["no_bias"] else rules.merge(one, (p["num_filter"],)) for one in bias]
    if data is None:
        return [None, weight, *bias], [None]
    expected = (data[1], p["num_filter"] // p["num_group"], *p["kernel"])
    weight = rules.merge(weight, expected, "weight")
    return [data, weight, *bias], [(data[0], p["num_filter"], *_out_sizes(p, data[2:]))]


def _data_grad(F, g, weight, data_shape, p):
    return F.Convolution(
        g,
        weight,
        num_filter=data_shape[1],
        num_group=p["num_group"],
        no_bias=True,
        **_as_convolution(p, data_shape),
    )


def _weight_grad(F, g, data, data_shape, p):
    return F._backward_Convolution_weight(
        data,
        g,
        num_filter=data_shape[1],
        num_group=p["num_group"],
        **_as_convolution(p, data_shape),
    )


Deconvolution.grad(
    data=_data_grad,
    weight=_weight_grad,
    bias=lambda F, g: F.sum(g, axis=(1,), exclude=True),
)
