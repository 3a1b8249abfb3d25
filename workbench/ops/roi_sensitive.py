"""Regions whose parts read channels of their own (Dai et al. 2016, R-FCN; 2017, deformable)."""

from ..error import ParameterError, ShapeError, message
from . import rules
from .box_help import need_floats
from .params import Bool, Float, Int, Shape
from .registry import op
from .roi_help import images_of, region_inputs, rounded

_ROIS = ([[0.0, 0.5, 0.0, 3.0, 4.2], [1.0, 1.0, 1.5, 5.0, 2.0], [-1.0, 0.0, 0.0, 2.0, 2.0]],)


def _extent(xp, rois, axis, spatial_scale):
    """Where the regions begin along an axis and how long they are, both (R, 1)."""
    start = rounded(xp, rois[:, 1 + axis]) * spatial_scale
    end = (rounded(xp, rois[:, 3 + axis]) + 1) * spatial_scale
    return start.reshape(-1, 1), xp.maximum(end - start, 0.1).reshape(-1, 1)


def _group_of(xp, pooled_size, group_size):
    """The group of channels that each part reads, along one axis."""
    return xp.arange(pooled_size) * group_size // pooled_size


def _sensitive_shape(name):
    def rule(p, ins):
        for word in ("output_dim", "pooled_size"):
            if p[word] < 1:
                raise ParameterError(message(f"{name}: {word} must be positive, got {p[word]}"))
        data, rois = region_inputs(ins)
        group = p["group_size"] or p["pooled_size"]
        channels = p["output_dim"] * group * group
        if data is not None and data[1] not in (0, channels):
            raise ShapeError(
                f"Shape inconsistent, data: output_dim · group_size² = {channels} channels are "
                f"expected, got {data[1]}"
            )
        size = p["pooled_size"]
        out = None if rois is None else (rois[0], p["output_dim"], size, size)
        return [data, rois, *ins[2:]], [out]

    return rule


# ---- PSROIPooling ---------------------------------------------------------------------------


class _Means:
    """The corners of all parts in a table of sums, as flat indices of its rows of channels.

    The sum over a part is read from four corners of the sums over all elements above and to the
    left, whatever the part's size.
    """

    def __init__(self, xp, shape, rois, spatial_scale, output_dim, pooled_size, group_size):
        count, _, height, width = shape
        image = images_of(xp, rois, count).reshape(-1, 1, 1)
        top, bottom = self._parts(xp, rois, 1, spatial_scale, pooled_size, height)
        left, right = self._parts(xp, rois, 0, spatial_scale, pooled_size, width)
        top, bottom = top[:, :, None], bottom[:, :, None]
        left, right = left[:, None], right[:, None]
        area = (bottom - top) * (right - left)
        there = (bottom > top) & (right > left) & (image >= 0)
        self.share = xp.where(there, 1 / xp.maximum(area, 1), 0)[..., None]
        group = _group_of(xp, pooled_size, group_size)
        plane = (xp.maximum(image, 0) * group_size + group.reshape(-1, 1)) * group_size + group
        base = plane * ((height + 1) * (width + 1))
        self.corners = [
            (base + y * (width + 1) + x, sign)
            for y, x, sign in (
                (bottom, right, 1), (top, right, -1), (bottom, left, -1), (top, left, 1)
            )
        ]  # fmt: skip
        self.table = (count, group_size, group_size, height + 1, width + 1, output_dim)

    @staticmethod
    def _parts(xp, rois, axis, spatial_scale, pooled, length):
        """First element, and that after the last, of each part along an axis: two (R, pooled)."""
        start, size = _extent(xp, rois, axis, spatial_scale)
        step = xp.arange(pooled + 1, dtype=rois.dtype) * (size / pooled)
        first = xp.clip(xp.floor(step[:, :-1] + start), 0, length)
        last = xp.clip(xp.ceil(step[:, 1:] + start), 0, length)
        return first.astype("int64"), last.astype("int64")


_PS_EXAMPLES = [
    {"data": (2, 8, 6, 7), "rois": _ROIS, "spatial_scale": 1.0, "output_dim": 2, "pooled_size": 2},
    {
        "data": (2, 4, 6, 7),
        "rois": _ROIS,
        "spatial_scale": 0.5,
        "output_dim": 1,
        "pooled_size": 3,
        "group_size": 2,
    },
]


@op("_contrib_PSROIPooling", infer=_sensitive_shape("PSROIPooling"), examples=_PS_EXAMPLES)
def PSROIPooling(
    xp,
    data,
    rois,
    *,
    spatial_scale: Float(min=0, max=1),  # size of the feature map relative to the image
    output_dim: Int,  # channels of the result
    pooled_size: Int,  # height and width of the result
    group_size: Int(min=0) = 0,  # parts with channels of their own along an axis; all when 0
):
    """The mean of each part of a region, in channels of its own: → (R, output_dim, s, s).

    data (N, output_dim · group_size², H, W); a row of rois is the number of an image, and left,
    top, right, bottom in it, ends included and rounded. Zero where a part is empty or the number is
    negative. rois get no gradient.
    """
    need_floats(data, rois)
    group = group_size or pooled_size
    means = _Means(xp, data.shape, rois, spatial_scale, output_dim, pooled_size, group)
    sums = xp.zeros(means.table, "float64")
    maps = data.reshape(data.shape[0], output_dim, group, group, *data.shape[2:])
    down = maps.transpose(0, 2, 3, 4, 5, 1).cumsum(axis=3, dtype="float64")
    sums[:, :, :, 1:, 1:] = down.cumsum(axis=4)
    flat = sums.reshape(-1, output_dim)
    total = sum(sign * flat[place] for place, sign in means.corners) * means.share
    return xp.ascontiguousarray(total.transpose(0, 3, 1, 2)).astype(data.dtype, copy=False)


PSROIPooling.grad(
    data=lambda F, g, rois, data_shape, p: F._backward_PSROIPooling(g, rois, shape=data_shape, **p)
)


@op(
    "_backward_PSROIPooling",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[
        {
            **{name: value for name, value in example.items() if name != "data"},
            "grad": (3, example["output_dim"], example["pooled_size"], example["pooled_size"]),
            "shape": example["data"],
        }
        for example in _PS_EXAMPLES
    ],
)
def backward_psroi_pooling(
    xp,
    grad,
    rois,
    *,
    spatial_scale: Float,  # size of the feature map relative to the image
    output_dim: Int,  # channels of the result
    pooled_size: Int,  # height and width of the result
    group_size: Int = 0,  # parts with channels of their own along an axis
    shape: Shape,  # shape of the data
):
    """The gradient of PSROIPooling's data: marks at the corners, summed up from below and right."""
    group = group_size or pooled_size
    means = _Means(xp, shape, rois, spatial_scale, output_dim, pooled_size, group)
    marks = xp.zeros(rules.prod(means.table), "float64")
    share = grad.transpose(0, 2, 3, 1) * means.share
    channel = xp.arange(output_dim)
    for place, sign in means.corners:
        at = place[..., None] * output_dim + channel
        xp.add.at(marks, at.reshape(-1), (sign * share).reshape(-1))
    marks = marks.reshape(means.table)[:, :, :, ::-1, ::-1]
    sums = marks.cumsum(axis=3).cumsum(axis=4)[:, :, :, ::-1, ::-1][:, :, :, 1:, 1:]
    made = xp.ascontiguousarray(sums.transpose(0, 5, 1, 2, 3, 4)).reshape(shape)
    return made.astype(grad.dtype, copy=False)


backward_psroi_pooling.grad(
    grad=lambda F, g, rois, p: F._contrib_PSROIPooling(
        g, rois, **{name: value for name, value in p.items() if name != "shape"}
    )
)


# ---- DeformablePSROIPooling -----------------------------------------------------------------

#: numbers that are read between elements at a time
_AT_ONCE = 1 << 20


class _Samples:
    """Where the samples of regions r lie, and what their neighbours weigh.

    Axes: region, class, part down, part across, sample down, sample across.
    """

    def __init__(self, xp, rois, trans, sizes, p):
        start_x, size_x = _extent(xp, rois, 0, p["spatial_scale"])
        start_y, size_y = _extent(xp, rois, 1, p["spatial_scale"])
        x = self._places(xp, start_x - 0.5, size_x, p)[:, None, None, :, None, :]
        y = self._places(xp, start_y - 0.5, size_y, p)[:, None, :, None, :, None]
        self.reach = size_x.reshape(-1, 1, 1, 1), size_y.reshape(-1, 1, 1, 1)
        if trans is not None:
            self.part = self._part(xp, p, rois.dtype)
            moved = trans[:, :, self.part[:, None], self.part] * p["trans_std"]
            x = x + (moved[:, 0::2] * self.reach[0])[..., None, None]
            y = y + (moved[:, 1::2] * self.reach[1])[..., None, None]
        height, width = sizes
        counts = (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)
        x = xp.clip(xp.where(counts, x, 0), 0, width - 1)
        y = xp.clip(xp.where(counts, y, 0), 0, height - 1)
        left, top = xp.floor(x), xp.floor(y)
        self.right_share, self.low_share = x - left, y - top
        self.across = left.astype("int64"), xp.ceil(x).astype("int64")
        self.down = top.astype("int64"), xp.ceil(y).astype("int64")
        self.counts = counts[..., None]
        self.share = 1 / xp.maximum(counts.sum(axis=(4, 5)), 1).astype(rois.dtype)

    @staticmethod
    def _places(xp, start, size, p):
        """Of samples along one axis before they are moved: (R, parts, samples)."""
        bin_size = (size / p["pooled_size"]).reshape(-1, 1, 1)
        part = xp.arange(p["pooled_size"], dtype=size.dtype).reshape(1, -1, 1)
        step = xp.arange(p["sample_per_part"], dtype=size.dtype) / p["sample_per_part"]
        return start.reshape(-1, 1, 1) + (part + step) * bin_size

    @staticmethod
    def _part(xp, p, dtype):
        part = xp.arange(p["pooled_size"], dtype=dtype) / p["pooled_size"]
        return xp.floor(part * (p["part_size"] or p["pooled_size"])).astype("int64")

    def neighbours(self):
        """(row, column, weight) of the four elements around each sample."""
        lower, righter = self.low_share, self.right_share
        for i, y_share in ((0, 1 - lower), (1, lower)):
            for j, x_share in ((0, 1 - righter), (1, righter)):
                yield self.down[i], self.across[j], (y_share * x_share)[..., None]


def _deformed(xp, data, rois, trans, p):
    """For parts of the regions with an image: which, flat base index of cells, their samples.

    A cell is the channels that one class reads at one place: axis 2 of ``_cells``.
    """
    count, _, height, width = data
    image = images_of(xp, rois, count)
    classes = 1 if trans is None else trans.shape[1] // 2
    group = _group_of(xp, p["pooled_size"], p["group_size"])
    numbers = p["output_dim"] * (p["pooled_size"] * p["sample_per_part"]) ** 2
    step = max(_AT_ONCE // max(numbers, 1), 1)
    chosen = xp.flatnonzero(image >= 0)
    for at in range(0, chosen.shape[0], step):
        r = chosen[at : at + step]
        plane = image[r].reshape(-1, 1) * classes + xp.arange(classes)
        plane = plane[:, :, None, None] * p["group_size"] + group.reshape(-1, 1)
        plane = plane * p["group_size"] + group
        samples = _Samples(xp, rois[r], None if trans is None else trans[r], (height, width), p)
        yield r, plane[..., None, None] * (height * width), samples


def _cells(xp, data, classes, p):
    """(N, C, H, W) → (N · classes · groups² · H · W, channels of a class)."""
    count, _, height, width = data.shape
    each, group = p["output_dim"] // classes, p["group_size"]
    apart = data.reshape(count, classes, each, group, group, height, width)
    return xp.ascontiguousarray(apart.transpose(0, 1, 3, 4, 5, 6, 2)).reshape(-1, each)


_DEFORMABLE_EXAMPLES = [
    {
        "data": (2, 8, 6, 7),
        "rois": _ROIS,
        "spatial_scale": 1.0,
        "output_dim": 2,
        "group_size": 2,
        "pooled_size": 2,
        "no_trans": True,
    },
    {
        "data": (2, 8, 6, 7),
        "rois": _ROIS,
        "trans": (3, 4, 2, 2),
        "spatial_scale": 0.5,
        "output_dim": 2,
        "group_size": 2,
        "pooled_size": 3,
        "part_size": 2,
        "sample_per_part": 2,
        "trans_std": 0.3,
    },
]


def _deformable_shape(p, ins):
    for word in ("group_size", "sample_per_part"):
        if p[word] < 1:
            raise ParameterError(
                message(f"DeformablePSROIPooling: {word} must be positive, got {p[word]}")
            )
    ins, outs = _sensitive_shape("DeformablePSROIPooling")(p, ins)
    if not p["no_trans"]:
        part = p["part_size"] or p["pooled_size"]
        rois = 0 if ins[1] is None else ins[1][0]
        trans = rules.merge(ins[2], (rois, 0, part, part), "trans")
        if trans[1] and (trans[1] % 2 or p["output_dim"] % (trans[1] // 2)):
            raise ShapeError(
                f"Shape inconsistent, trans: 2 · classes channels are expected, and output_dim "
                f"{p['output_dim']} a multiple of the classes, got {trans}"
            )
        ins[2] = trans
    return ins, outs


@op(
    "_contrib_DeformablePSROIPooling",
    optional_when=lambda p: ["trans"] if p["no_trans"] else [],
    infer=_deformable_shape,
    examples=_DEFORMABLE_EXAMPLES,
)
def DeformablePSROIPooling(
    xp,
    data,
    rois,
    trans=None,
    *,
    spatial_scale: Float(min=0, max=1),  # size of the feature map relative to the image
    output_dim: Int,  # channels of the result
    group_size: Int,  # parts with channels of their own along an axis
    pooled_size: Int,  # height and width of the result
    part_size: Int(min=0) = 0,  # height and width of trans; those of the result when 0
    sample_per_part: Int = 1,  # samples of each part along an axis
    trans_std: Float(min=0, max=1) = 0.0,  # how far 1 in trans moves, in sizes of the region
    no_trans: Bool = False,  # nothing moves, and trans is left out
):
    """PSROIPooling of samples between the elements, each part moved by *trans*.

    data (N, output_dim · group_size², H, W), rois (R, 5), trans (R, 2 · classes, s', s'), x before
    y → (R, output_dim, s, s). Zero where no sample is inside. rois get no gradient.
    """
    need_floats(data, rois)
    p = _places_of(spatial_scale, output_dim, group_size, pooled_size)
    p |= {"part_size": part_size, "sample_per_part": sample_per_part, "trans_std": trans_std}
    classes = 1 if trans is None else trans.shape[1] // 2
    width, cells = data.shape[3], _cells(xp, data, classes, p)
    out = xp.zeros((rois.shape[0], output_dim, pooled_size, pooled_size), data.dtype)
    for r, base, samples in _deformed(xp, data.shape, rois, trans, p):
        read = 0
        for y, x, weight in samples.neighbours():
            read = read + cells[base + y * width + x] * weight
        total = (read * samples.counts).sum(axis=(4, 5)) * samples.share[..., None]
        out[r] = total.transpose(0, 1, 4, 2, 3).reshape(-1, *out.shape[1:])
    return out


def _places_of(spatial_scale, output_dim, group_size, pooled_size):
    return {
        "spatial_scale": spatial_scale,
        "output_dim": output_dim,
        "group_size": group_size,
        "pooled_size": pooled_size,
    }


def _deformable_back(F, g, data, rois, trans, p):
    grads = F._backward_DeformablePSROIPooling(g, data, rois, trans, **p)
    return (grads[0], None, None if p["no_trans"] else grads[1])


DeformablePSROIPooling.grad_joint(_deformable_back)


@op(
    "_backward_DeformablePSROIPooling",
    outputs=lambda p: 1 if p["no_trans"] else 2,
    optional_when=lambda p: ["trans"] if p["no_trans"] else [],
    infer=lambda p, ins: (ins, [ins[1]] if p["no_trans"] else [ins[1], ins[3]]),
    examples=[{**example, "grad": (3, 2, example["pooled_size"], example["pooled_size"])}
              for example in _DEFORMABLE_EXAMPLES],
)  # fmt: skip
def backward_deformable(
    xp,
    grad,
    data,
    rois,
    trans=None,
    *,
    spatial_scale: Float,  # size of the feature map relative to the image
    output_dim: Int,  # channels of the result
    group_size: Int,  # parts with channels of their own along an axis
    pooled_size: Int,  # height and width of the result
    part_size: Int = 0,  # height and width of trans
    sample_per_part: Int = 1,  # samples of each part along an axis
    trans_std: Float = 0.0,  # how far 1 in trans moves
    no_trans: Bool = False,  # nothing moves
):
    """The gradients of DeformablePSROIPooling's data and trans."""
    p = _places_of(spatial_scale, output_dim, group_size, pooled_size)
    p |= {"part_size": part_size, "sample_per_part": sample_per_part, "trans_std": trans_std}
    classes = 1 if trans is None else trans.shape[1] // 2
    count, _, height, width = data.shape
    each = output_dim // classes
    cells = _cells(xp, data, classes, p)
    d_cells, channel = xp.zeros(cells.size, grad.dtype), xp.arange(each)
    d_trans = None if trans is None else xp.zeros_like(trans)
    for r, base, samples in _deformed(xp, data.shape, rois, trans, p):
        given = grad[r].reshape(-1, classes, each, pooled_size, pooled_size)
        share = given.transpose(0, 1, 3, 4, 2) * samples.share[..., None]
        share = share[:, :, :, :, None, None] * samples.counts
        for y, x, weight in samples.neighbours():
            at = (base + y * width + x)[..., None] * each + channel
            xp.add.at(d_cells, at.reshape(-1), (share * weight).reshape(-1))
        if trans is not None:
            _move(xp, d_trans, r, samples, share, _around(cells, base, width, samples), trans_std)
    apart = d_cells.reshape(count, classes, group_size, group_size, height, width, each)
    d_data = xp.ascontiguousarray(apart.transpose(0, 1, 6, 2, 3, 4, 5)).reshape(data.shape)
    return (d_data,) if trans is None else (d_data, d_trans)


def _around(cells, base, width, samples):
    """What the four elements around each sample hold: by row, by column."""
    return [[cells[base + y * width + x] for x in samples.across] for y in samples.down]


def _move(xp, d_trans, r, samples, share, around, trans_std):
    """Add to the gradient of trans what moving a part changes."""
    (a, b), (c, d) = around
    lower, righter = samples.low_share[..., None], samples.right_share[..., None]
    along_x = (b - a) * (1 - lower) + (d - c) * lower
    along_y = (c - a) * (1 - righter) + (d - b) * righter
    region, kind = r.reshape(-1, 1, 1, 1), xp.arange(share.shape[1]).reshape(1, -1, 1, 1)
    for axis, slope in enumerate((along_x, along_y)):
        total = (slope * share).sum(axis=(4, 5, 6)) * (samples.reach[axis] * trans_std)
        xp.add.at(
            d_trans,
            (region, kind * 2 + axis, samples.part.reshape(-1, 1), samples.part),
            total,
        )
