"""Deformable convolution: every tap of the kernel reads where an offset moves it.

As in convolution, columns hold what every tap sees, here (N, groups, C / groups · taps, places),
and the rest is one product of matrices for each image and group.
"""

from ..error import ShapeError
from . import rules
from .nn_conv import _check, _geometry, out_size
from .nn_sampler import corners, images_of, read, rows_of, slopes, spread
from .params import Bool, Enum, Int, Shape
from .registry import op

_LAYOUT = Enum("NCDHW", "NCHW", "NCW", optional=True)
_PLACES = (
    "kernel",
    "stride",
    "dilate",
    "pad",
    "num_filter",
    "num_group",
    "num_deformable_group",
)


def _line(xp, kernel, stride, dilate, pad, places, dtype):
    """Where the taps along one axis read without offset: (taps, places)."""
    taps = xp.arange(kernel, dtype=dtype).reshape(-1, 1) * dilate
    return taps + xp.arange(places, dtype=dtype) * stride - pad


class _Columns:
    """What all taps read in images whose channels share offsets in *groups*.

    Without a mask (version 1) the image ends in its last pixels, with one (version 2) in zeros.
    """

    def __init__(self, xp, data, offset, mask, p):
        self.xp, self.p, self.shape = xp, p, data.shape
        groups, kernel = p["num_deformable_group"], p["kernel"]
        n, channels, *self.sizes = data.shape
        self.batch, self.places = n * groups, offset.shape[2:]
        self.data = data.reshape(self.batch, channels // groups, *self.sizes)
        moved = offset.reshape(self.batch, *kernel, 2, *self.places)
        lines = [
            _line(xp, k, s, d, a, count, data.dtype)
            for k, s, d, a, count in zip(kernel, *_geometry(p), self.places, strict=True)
        ]
        y = moved[:, :, :, 0] + lines[0][:, None, :, None]
        x = moved[:, :, :, 1] + lines[1][None, :, None, :]
        self.taps = (kernel[0] * kernel[1], rules.prod(self.places))
        y, x = (one.reshape(self.batch, -1) for one in (y, x))
        self.around = corners(xp, y, x, self.sizes, edge=mask is None)
        self.rows = rows_of(xp, self.data)
        self.mask = None if mask is None else mask.reshape(-1, 1)

    def matrices(self, values):
        """What :func:`read` gives as matrices for each image and group of the convolution."""
        if self.mask is not None:
            values = values * self.mask
        made = values.reshape(self.batch, *self.taps, -1).transpose(0, 3, 1, 2)
        groups, places = self.p["num_group"], self.taps[1]
        return self.xp.ascontiguousarray(made).reshape(self.shape[0], groups, -1, places)

    def values(self, matrices):
        """Undo :meth:`matrices`, but for the mask."""
        made = matrices.reshape(self.batch, -1, *self.taps).transpose(0, 2, 3, 1)
        return self.xp.ascontiguousarray(made).reshape(-1, self.data.shape[1])

    def read(self):
        """The value of every tap at every place, a table over the channels."""
        return read(self.xp, self.rows, self.around)

    def gradients(self, grad, offset_shape):
        """Gradients of data, offset and (None without one) mask from that of the matrices."""
        xp, d_mask = self.xp, None
        grad = self.values(grad)
        if self.mask is not None:
            d_mask = (grad * self.read()).sum(axis=1)
            grad = grad * self.mask
        d_data = spread(xp, grad, self.around, len(self.rows))
        d_data = images_of(xp, d_data, self.batch, self.sizes).reshape(self.shape)
        moved = [
            one.reshape(self.batch, self.taps[0], 1, self.taps[1])
            for one in slopes(xp, self.rows, grad, self.around)
        ]
        return d_data, xp.concatenate(moved, axis=2).reshape(offset_shape), d_mask


def _convolved(xp, columns, weight, bias, p):
    """The product of weight and columns."""
    groups = p["num_group"]
    matrices = columns.matrices(columns.read())
    out = xp.matmul(weight.reshape(groups, p["num_filter"] // groups, -1), matrices)
    out = out.reshape(matrices.shape[0], p["num_filter"], *columns.places)
    if bias is not None:
        out += bias.reshape(1, -1, 1, 1)
    return out


def _gradients(xp, grad, data, offset, mask, weight, p):
    """Gradients of data, offset, mask (None without one) and weight."""
    columns, groups = _Columns(xp, data, offset, mask, p), p["num_group"]
    g = grad.reshape(grad.shape[0], groups, p["num_filter"] // groups, -1)
    matrices = columns.matrices(columns.read())
    d_weight = xp.matmul(g, matrices.swapaxes(2, 3)).sum(axis=0).reshape(weight.shape)
    rows = weight.reshape(groups, p["num_filter"] // groups, -1).swapaxes(1, 2)
    parts = columns.gradients(xp.matmul(rows, g), offset.shape)
    return (*parts, d_weight)


def _shapes(p, data, offset, mask, weight, bias):
    """Completed shapes of the inputs, and that of the output."""
    _check(p, data)
    if len(p["kernel"]) != 2:
        raise ShapeError(f"a kernel of two axes is expected, got {p['kernel']}")
    weight = rules.merge(weight, (p["num_filter"], 0, *p["kernel"]), "weight")
    bias = None if p["no_bias"] else rules.merge(bias, (p["num_filter"],), "bias")
    if data is None:
        return [None, offset, mask, weight, bias], None
    if data[1] % p["num_group"] or data[1] % p["num_deformable_group"]:
        raise ShapeError(
            f"{data[1]} channels in {p['num_group']} and {p['num_deformable_group']} equal groups"
        )
    expected = (p["num_filter"], data[1] // p["num_group"], *p["kernel"])
    weight = rules.merge(weight, expected, "weight")
    sizes = zip(data[2:], p["kernel"], *_geometry(p), strict=True)
    places = tuple(out_size(*one) for one in sizes)
    taps = p["kernel"][0] * p["kernel"][1] * p["num_deformable_group"]
    offset = rules.merge(offset, (data[0], 2 * taps, *places), "offset")
    mask = rules.merge(mask, (data[0], taps, *places), "mask")
    return [data, offset, mask, weight, bias], (data[0], p["num_filter"], *places)


def _kept(p):
    return {name: p[name] for name in _PLACES}


# ---- DeformableConvolution --------------------------------------------------------------------

_EXAMPLE = {
    "data": (1, 4, 4, 5),
    "offset": ("unit", (1, 16, 2, 4)),
    "weight": (2, 2, 2, 2),
    "kernel": (2, 2),
    "stride": (2, 1),
    "num_filter": 2,
    "num_group": 2,
    "num_deformable_group": 2,
    "no_bias": True,
}


@op(
    "_contrib_DeformableConvolution",
    optional_when=lambda p: ["bias"] if p["no_bias"] else [],
    examples=[
        {
            "data": (2, 2, 3, 4),
            "offset": (2, 8, 2, 3),
            "weight": (2, 2, 2, 2),
            "bias": (2,),
            "kernel": (2, 2),
            "num_filter": 2,
        },
        _EXAMPLE,
    ],
)
def DeformableConvolution(
    xp,
    data,
    offset,
    weight,
    bias=None,
    *,
    kernel: Shape,  # height and width of the kernel
    stride: Shape = (),  # distance of neighbouring places; 1 without it
    dilate: Shape = (),  # distance of neighbouring taps; 1 without it
    pad: Shape = (),  # pixels around the image in which taps may begin; 0 without it
    num_filter: Int(min=1),  # channels of the output
    num_group: Int(min=1) = 1,  # groups of channels that do not see each other
    num_deformable_group: Int(min=1) = 1,  # groups of channels that share their offsets
    workspace: Int(min=0) = 1024,
    no_bias: Bool = False,  # leave the bias out
    layout: _LAYOUT = None,
):
    """Convolution whose taps read, between pixels, where *offset* moves them.

    (N, C, H, W), (N, 2 · groups · kh · kw, H', W'), (F, C / num_group, kh, kw) → (N, F, H', W').
    The offset holds y and x for each tap in turn, in pixels. Deformable convolutional networks,
    Dai and others 2017.
    """
    p = {
        "kernel": kernel,
        "stride": stride,
        "dilate": dilate,
        "pad": pad,
        "num_filter": num_filter,
        "num_group": num_group,
        "num_deformable_group": num_deformable_group,
    }
    return _convolved(xp, _Columns(xp, data, offset, None, p), weight, bias, p)


@DeformableConvolution.infer
def _deformable_shape(p, ins):
    data, offset, weight, bias = (*ins, None)[:4]
    known, out = _shapes(p, data, offset, None, weight, bias)
    del known[2]
    return known[: len(ins)], [out]


def _deformable_back(F, g, data, offset, weight, p):
    grads = F._backward_DeformableConvolution(g, data, offset, weight, **_kept(p))
    return (*grads, None if p["no_bias"] else F.sum(g, axis=(1,), exclude=True))


DeformableConvolution.grad_joint(_deformable_back)


@op(
    "_backward_DeformableConvolution",
    outputs=3,
    infer=lambda p, ins: (ins, list(ins[1:])),
    examples=[
        {"grad": (1, 2, 2, 4), **{k: v for k, v in _EXAMPLE.items() if k != "no_bias"}},
    ],
)
def backward_deformable(
    xp,
    grad,
    data,
    offset,
    weight,
    *,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
    num_filter: Int,
    num_group: Int = 1,
    num_deformable_group: Int = 1,
):
    """Gradients of DeformableConvolution's data, offset and weight."""
    p = {
        "kernel": kernel,
        "stride": stride,
        "dilate": dilate,
        "pad": pad,
        "num_filter": num_filter,
        "num_group": num_group,
        "num_deformable_group": num_deformable_group,
    }
    d_data, d_offset, _, d_weight = _gradients(xp, grad, data, offset, None, weight, p)
    return d_data, d_offset, d_weight


# ---- ModulatedDeformableConvolution -----------------------------------------------------------

_MODULATED = {**_EXAMPLE, "mask": ("unit", (1, 8, 2, 4))}


@op(
    "_contrib_ModulatedDeformableConvolution",
    optional_when=lambda p: ["bias"] if p["no_bias"] else [],
    examples=[
        {
            "data": (1, 2, 3, 4),
            "offset": (1, 8, 2, 3),
            "mask": ("unit", (1, 4, 2, 3)),
            "weight": (2, 2, 2, 2),
            "bias": (2,),
            "kernel": (2, 2),
            "num_filter": 2,
        },
        _MODULATED,
    ],
)
def ModulatedDeformableConvolution(
    xp,
    data,
    offset,
    mask,
    weight,
    bias=None,
    *,
    kernel: Shape,  # height and width of the kernel
    stride: Shape = (),  # distance of neighbouring places; 1 without it
    dilate: Shape = (),  # distance of neighbouring taps; 1 without it
    pad: Shape = (),  # zeros around the image; 0 without it
    num_filter: Int(min=1),  # channels of the output
    num_group: Int(min=1) = 1,  # groups of channels that do not see each other
    num_deformable_group: Int(min=1) = 1,  # groups of channels that share offsets and mask
    workspace: Int(min=0) = 1024,
    no_bias: Bool = False,  # leave the bias out
    im2col_step: Int(min=1) = 64,  # kept for MXNet's files, without effect
    layout: _LAYOUT = None,
):
    """DeformableConvolution whose taps are also weighted by a *mask* for every place.

    The mask is (N, groups · kh · kw, H', W'); outside of the image everything is 0. Deformable
    ConvNets v2, Zhu, Hu, Lin and Dai 2019. MXNet 1.9.1 has its gradient on the GPU only.
    """
    p = {
        "kernel": kernel,
        "stride": stride,
        "dilate": dilate,
        "pad": pad,
        "num_filter": num_filter,
        "num_group": num_group,
        "num_deformable_group": num_deformable_group,
    }
    return _convolved(xp, _Columns(xp, data, offset, mask, p), weight, bias, p)


@ModulatedDeformableConvolution.infer
def _modulated_shape(p, ins):
    known, out = _shapes(p, *(*ins, None)[:5])
    return known[: len(ins)], [out]


def _modulated_back(F, g, data, offset, mask, weight, p):
    grads = F._backward_ModulatedDeformableConvolution(g, data, offset, mask, weight, **_kept(p))
    return (*grads, None if p["no_bias"] else F.sum(g, axis=(1,), exclude=True))


ModulatedDeformableConvolution.grad_joint(_modulated_back)


@op(
    "_backward_ModulatedDeformableConvolution",
    outputs=4,
    infer=lambda p, ins: (ins, list(ins[1:])),
    examples=[
        {"grad": (1, 2, 2, 4), **{k: v for k, v in _MODULATED.items() if k != "no_bias"}},
    ],
)
def backward_modulated(
    xp,
    grad,
    data,
    offset,
    mask,
    weight,
    *,
    kernel: Shape,
    stride: Shape = (),
    dilate: Shape = (),
    pad: Shape = (),
    num_filter: Int,
    num_group: Int = 1,
    num_deformable_group: Int = 1,
):
    """Gradients of ModulatedDeformableConvolution's data, offset, mask and weight."""
    p = {
        "kernel": kernel,
        "stride": stride,
        "dilate": dilate,
        "pad": pad,
        "num_filter": num_filter,
        "num_group": num_group,
        "num_deformable_group": num_deformable_group,
    }
    d_data, d_offset, d_mask, d_weight = _gradients(xp, grad, data, offset, mask, weight, p)
    return d_data, d_offset, d_mask.reshape(mask.shape), d_weight
