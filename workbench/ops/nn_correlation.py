"""Correlation of two images: how like every patch of one is to patches around it in the other."""

import itertools

from ..error import ShapeError
from . import rules
from .params import Bool, Int
from .registry import op

_EXAMPLES = [
    {"data1": (1, 2, 4, 3), "data2": (1, 2, 4, 3), "pad_size": 1},
    {
        "data1": (1, 2, 4, 5),
        "data2": (1, 2, 4, 5),
        "kernel_size": 3,
        "max_displacement": 2,
        "stride1": 2,
        "stride2": 2,
        "pad_size": 3,
    },
    {"data1": (2, 1, 3, 3), "data2": (2, 1, 3, 3), "pad_size": 1, "is_multiply": False},
]


class _Patches:
    """Where the patches lie, in images with *pad_size* zeros around them."""

    def __init__(self, shape, p):
        self.kernel, self.reach, self.pad = p["kernel_size"], p["max_displacement"], p["pad_size"]
        self.stride, steps = p["stride1"], p["max_displacement"] // p["stride2"]
        border = self.reach + (self.kernel - 1) // 2
        self.sizes = shape[2:]
        #: patches along each axis, and the pixels that they span
        self.out = tuple(
            n and -(-(n + 2 * self.pad - 2 * border) // self.stride) for n in self.sizes
        )
        self.span = tuple((n - 1) * self.stride + self.kernel for n in self.out)
        around = [i * p["stride2"] for i in range(-steps, steps + 1)]
        self.shifts = list(itertools.product(around, around))
        self.share = 1 / (self.kernel**2 * shape[1]) if shape[1] else 0

    def padded(self, xp, data):
        """The image with zeros around it."""
        made = xp.zeros((*data.shape[:2], *(n + 2 * self.pad for n in data.shape[2:])), data.dtype)
        self.inside(made)[...] = data
        return made

    def inside(self, padded):
        """The image without the zeros around it."""
        height, width = self.sizes
        return padded[:, :, self.pad : self.pad + height, self.pad : self.pad + width]

    def shifted(self, padded, down=0, right=0):
        """All that the patches see when they are moved."""
        top, left = self.reach + down, self.reach + right
        return padded[:, :, top : top + self.span[0], left : left + self.span[1]]

    def taps(self, seen):
        """For each pixel of a patch its place in all of them."""
        for i, j in itertools.product(range(self.kernel), repeat=2):
            ends = [t + self.stride * (n - 1) + 1 for t, n in zip((i, j), self.out, strict=True)]
            yield seen[:, i : ends[0] : self.stride, j : ends[1] : self.stride]


@op(examples=_EXAMPLES)
def Correlation(
    xp,
    data1,
    data2,
    *,
    kernel_size: Int(min=1) = 1,  # side of a patch, an odd number
    max_displacement: Int(min=0) = 1,  # how far away patches are compared, in pixels
    stride1: Int(min=1) = 1,  # distance of neighbouring patches of data1
    stride2: Int(min=1) = 1,  # distance of neighbouring displacements
    pad_size: Int(min=0) = 0,  # zeros added on all sides
    is_multiply: Bool = True,  # compare by products; else by absolute differences
):
    """Patches of two images compared: 2 × (N, C, H, W) → (N, D², H', W').

    Channel i · D + j is the mean product of the patch in *data1* with the one in *data2* that is
    displaced by ``(i - D // 2, j - D // 2) · stride2``, D = 2 ⌊max_displacement / stride2⌋ + 1.
    FlowNet, Dosovitskiy and others 2015.
    """
    p = {
        "kernel_size": kernel_size,
        "max_displacement": max_displacement,
        "stride1": stride1,
        "stride2": stride2,
        "pad_size": pad_size,
    }
    patches = _Patches(data1.shape, p)
    one, other = patches.padded(xp, data1), patches.padded(xp, data2)
    out = xp.zeros((data1.shape[0], len(patches.shifts), *patches.out), data1.dtype)
    here = patches.shifted(one)
    for channel, shift in enumerate(patches.shifts):
        there = patches.shifted(other, *shift)
        seen = (here * there if is_multiply else abs(here - there)).sum(axis=1)
        for tap in patches.taps(seen):
            out[:, channel] += tap
    return out * patches.share


@Correlation.infer
def _correlation_shape(p, ins):
    shape = rules.merge(rules.merge(*ins), (0, 0, 0, 0))
    if p["kernel_size"] % 2 == 0:
        raise ShapeError(f"Correlation: kernel_size must be odd, got {p['kernel_size']}")
    patches = _Patches(shape, p)
    if any(n and m < 1 for n, m in zip(shape[2:], patches.out, strict=True)):
        raise ShapeError(f"Correlation: patches and displacements do not fit images {shape[2:]}")
    return [shape, shape], [(shape[0], len(patches.shifts), *patches.out)]


Correlation.grad_joint(lambda F, g, data1, data2, p: F._backward_Correlation(g, data1, data2, **p))


@op(
    "_backward_Correlation",
    outputs=2,
    infer=lambda p, ins: (ins, [ins[1], ins[2]]),
    examples=[{"grad": (1, 9, 4, 3), **_EXAMPLES[0]}],
)
def backward_correlation(
    xp,
    grad,
    data1,
    data2,
    *,
    kernel_size: Int = 1,
    max_displacement: Int = 1,
    stride1: Int = 1,
    stride2: Int = 1,
    pad_size: Int = 0,
    is_multiply: Bool = True,
):
    """Gradients of Correlation's images."""
    p = {
        "kernel_size": kernel_size,
        "max_displacement": max_displacement,
        "stride1": stride1,
        "stride2": stride2,
        "pad_size": pad_size,
    }
    patches = _Patches(data1.shape, p)
    one, other = patches.padded(xp, data1), patches.padded(xp, data2)
    d_one, d_other = xp.zeros_like(one), xp.zeros_like(other)
    here, share = patches.shifted(one), grad * patches.share
    for channel, shift in enumerate(patches.shifts):
        seen = xp.zeros((grad.shape[0], *patches.span), grad.dtype)
        for tap in patches.taps(seen):
            tap += share[:, channel]
        seen, there = seen[:, None], patches.shifted(other, *shift)
        if is_multiply:
            to_one, to_other = seen * there, seen * here
        else:
            to_one = xp.where(here >= there, seen, -seen)
            to_other = -to_one
        part = patches.shifted(d_one)
        part += to_one
        part = patches.shifted(d_other, *shift)
        part += to_other
    return patches.inside(d_one).copy(), patches.inside(d_other).copy()
