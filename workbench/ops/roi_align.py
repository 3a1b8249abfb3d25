"""Means of samples between the elements of a map (He et al. 2017, Mask R-CNN; Ma et al. 2018).

Everything here is linear in the data: a region's numbers are fixed weights times the cells of the
map. An upright region needs no weight for each pair of a number and a cell, only one matrix for
its rows and one for its columns.
"""

import math

from ..error import OperatorError, ShapeError, message
from .box_help import need_floats
from .params import Bool, Float, Int, Shape
from .registry import op
from .roi_help import (
    channels_last,
    channels_second,
    check_pooled_size,
    images_of,
    region_inputs,
    regions,
)

_ROIS = ([[0.0, 0.5, 0.0, 3.0, 4.2], [1.0, 1.0, 1.5, 5.0, 2.0], [-1.0, 0.0, 0.0, 2.0, 2.0]],)


# ---- weights of rows and columns ------------------------------------------------------------


def _neighbours(xp, place, length):
    """Where a sample lies between two elements: the first, the second, the share of the second.

    And whether it counts: up to one element outside it has the value of the border.
    """
    counts = (place >= -1) & (place <= length)
    place = xp.clip(xp.where(counts, place, 0), 0, length - 1)
    low = xp.floor(place)
    share = place - low
    low = low.astype("int64")
    return low, xp.minimum(low + 1, length - 1), share, counts


def _axis_weights(xp, start, size, pooled, samples, length):
    """How much of each of *length* elements is in each of *pooled* numbers: (R, pooled, length).

    Regions begin at *start* (R,) and have *size* (R,); a number is the mean of *samples* evenly
    spread ones, one for each element if that is not positive.
    """
    step = (size / pooled).reshape(-1, 1, 1)
    count = xp.maximum(xp.ceil(step) if samples <= 0 else xp.full_like(step, samples), 1)
    sample = xp.arange(int(count.max()) if count.size else 0, dtype=start.dtype)
    number = xp.arange(pooled, dtype=start.dtype).reshape(1, -1, 1)
    place = start.reshape(-1, 1, 1) + number * step + (sample + 0.5) * step / count
    low, high, share, counts = _neighbours(xp, place, length)
    weight = (counts & (sample < count)) / count
    made = xp.zeros((start.shape[0], pooled, length), start.dtype)
    row = xp.arange(start.shape[0] * pooled).reshape(-1, pooled, 1) * length
    flat = made.reshape(-1)
    xp.add.at(flat, (row + low).reshape(-1), (weight * (1 - share)).astype(start.dtype).reshape(-1))
    xp.add.at(flat, (row + high).reshape(-1), (weight * share).astype(start.dtype).reshape(-1))
    return made


class _Upright:
    """The weights of upright regions: (R, PH, H) for rows, (R, PW, W) for columns."""

    def __init__(self, xp, rois, shape, pooled_size, spatial_scale, sample_ratio, aligned):
        count, height, width, _ = shape
        corners = rois[:, 1:] * spatial_scale - (0.5 if aligned else 0.0)
        size = corners[:, 2:] - corners[:, :2]
        if not aligned:
            size = xp.maximum(size, 1)
        elif size.size and not bool((size > 0).all()):
            raise OperatorError(
                message(
                    "with aligned=True every region needs a positive size",
                    fix="Filter the regions, or use aligned=False.",
                )
            )
        self.images = images_of(xp, rois, count).tolist()
        self.rows = _axis_weights(
            xp, corners[:, 1], size[:, 1], pooled_size[0], sample_ratio, height
        )
        self.columns = _axis_weights(
            xp, corners[:, 0], size[:, 0], pooled_size[1], sample_ratio, width
        )

    def __call__(self, xp):
        """For each region that reads something: number, image, rows and columns, their weights."""
        used = [(one != 0).any(axis=1) for one in (self.rows, self.columns)]
        for r, image in enumerate(self.images):
            if image >= 0:
                y, x = (xp.flatnonzero(one[r]) for one in used)
                if y.size and x.size:
                    yield r, image, (y.reshape(-1, 1), x), self.rows[r][:, y], self.columns[r][:, x]


# ---- ROIAlign -------------------------------------------------------------------------------

_ALIGN_EXAMPLES = [
    {"data": (2, 3, 6, 7), "rois": _ROIS, "pooled_size": (2, 2), "spatial_scale": 1.0},
    {
        "data": (2, 8, 6, 7),
        "rois": _ROIS,
        "pooled_size": (2, 2),
        "spatial_scale": 0.5,
        "sample_ratio": 2,
        "position_sensitive": True,
    },
    {
        "data": (2, 2, 6, 7),
        "rois": _ROIS,
        "pooled_size": (3, 1),
        "spatial_scale": 1.0,
        "sample_ratio": 1,
        "aligned": True,
    },
]


def _align_shape(p, ins):
    check_pooled_size("ROIAlign", p["pooled_size"])
    data, rois = region_inputs(ins)
    if data is None or rois is None:
        return [data, rois], [None]
    channels, parts = data[1], math.prod(p["pooled_size"])
    if p["position_sensitive"]:
        if channels % parts:
            raise ShapeError(
                f"Shape inconsistent, {channels} channels are no multiple of the {parts} parts "
                "that position_sensitive needs"
            )
        channels //= parts
    return [data, rois], [(rois[0], channels, *p["pooled_size"])]


@op("_contrib_ROIAlign", infer=_align_shape, examples=_ALIGN_EXAMPLES)
def ROIAlign(
    xp,
    data,
    rois,
    *,
    pooled_size: Shape,  # height and width of the result
    spatial_scale: Float(min=0, max=1),  # size of the feature map relative to the image
    sample_ratio: Int = -1,  # samples of a part along each axis; one per element if not positive
    position_sensitive: Bool = False,  # each part reads channels of its own
    aligned: Bool = False,  # elements are squares around their places: half an element less
):
    """The mean of samples in each part of a region: (N, C, H, W) and (R, 5) → (R, C, h, w).

    A row of rois is the number of an image, and left, top, right, bottom in it. Nothing is rounded:
    a sample between elements is their bilinear mean. Zero where the number is negative; a number
    beyond the last image raises OperatorError. Regions are at least one element large, or with
    *aligned* refused. rois get no gradient.
    """
    need_floats(data, rois)
    shape = (data.shape[0], *data.shape[2:], data.shape[1])
    upright = _Upright(xp, rois, shape, pooled_size, spatial_scale, sample_ratio, aligned)
    if position_sensitive:
        return _read_sensitive(xp, data, upright, pooled_size)
    maps = channels_last(xp, data)
    out = xp.zeros((rois.shape[0], *pooled_size, data.shape[1]), data.dtype)
    for r, image, cells, rows, columns in upright(xp):
        here = maps[image][cells]
        part = rows @ here.reshape(here.shape[0], -1)
        out[r] = columns @ part.reshape(-1, *here.shape[1:])
    return channels_second(xp, out)


def _by_part(data, pooled_size):
    """(N, C h w, H, W) → (N, h, w, H, W, C): the channels that each part reads, last."""
    height, width = pooled_size
    count, channels, *sizes = data.shape
    apart = data.reshape(count, channels // (height * width), height, width, *sizes)
    return apart.transpose(0, 2, 3, 4, 5, 1)


def _read_sensitive(xp, data, upright, pooled_size):
    maps = xp.ascontiguousarray(_by_part(data, pooled_size))
    height, width = pooled_size
    out = xp.zeros((len(upright.images), height, width, maps.shape[-1]), data.dtype)
    for r, image, cells, rows, columns in upright(xp):
        here = maps[image][:, :, cells[0], cells[1]]  # (h, w, y, x, C)
        part = rows[:, None, None] @ here.reshape(*here.shape[:3], -1)
        out[r] = (columns[None, :, None] @ part.reshape(height, width, *here.shape[3:]))[:, :, 0]
    return channels_second(xp, out)


ROIAlign.grad(
    data=lambda F, g, rois, data_shape, p: F._backward_ROIAlign(g, rois, shape=data_shape, **p)
)


@op(
    "_backward_ROIAlign",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[
        {
            **{name: value for name, value in example.items() if name != "data"},
            "grad": (3, 2 if i else 3, *example["pooled_size"]),
            "shape": example["data"],
        }
        for i, example in enumerate(_ALIGN_EXAMPLES)
    ],
)
def backward_roi_align(
    xp,
    grad,
    rois,
    *,
    pooled_size: Shape,  # height and width of the result
    spatial_scale: Float,  # size of the feature map relative to the image
    sample_ratio: Int = -1,  # samples per part along each axis
    position_sensitive: Bool = False,  # each part reads channels of its own
    aligned: Bool = False,  # half an element less
    shape: Shape,  # shape of the data
):
    """The gradient of ROIAlign's data: each number spread over the cells that it is a mean of."""
    last = (shape[0], *shape[2:], shape[1])
    upright = _Upright(xp, rois, last, pooled_size, spatial_scale, sample_ratio, aligned)
    if position_sensitive:
        return _spread_sensitive(xp, grad, upright, pooled_size, shape)
    made = xp.zeros(last, grad.dtype)
    grads = channels_last(xp, grad)
    for r, image, cells, rows, columns in upright(xp):
        part = rows.T @ grads[r].reshape(pooled_size[0], -1)
        made[image][cells] += columns.T @ part.reshape(-1, *grads.shape[2:])
    return channels_second(xp, made)


def _spread_sensitive(xp, grad, upright, pooled_size, shape):
    made = xp.zeros(shape, grad.dtype)
    maps = _by_part(made, pooled_size)
    grads = channels_last(xp, grad)
    for r, image, cells, rows, columns in upright(xp):
        weights = rows[:, None, :, None, None] * columns[None, :, None, :, None]
        maps[image][:, :, cells[0], cells[1]] += weights * grads[r][:, :, None, None]
    return made


backward_roi_align.grad(
    grad=lambda F, g, rois, p: F._contrib_ROIAlign(
        g, rois, **{name: value for name, value in p.items() if name != "shape"}
    )
)


# ---- RROIAlign ------------------------------------------------------------------------------


class _Rotated:
    """The weights of rotated regions: for each the cells that it reads, and (PH · PW, cells)."""

    def __init__(self, xp, rois, shape, pooled_size, spatial_scale, sampling_ratio):
        self.images = images_of(xp, rois, shape[0]).tolist()
        self.sizes, self.pooled = shape[1:3], pooled_size
        self.center = rois[:, 1:3] * spatial_scale
        self.size = xp.maximum(rois[:, 3:5] * spatial_scale, 1)
        turn = rois[:, 5] * (math.pi / 180)
        self.cos, self.sin = xp.cos(turn), xp.sin(turn)
        if sampling_ratio > 0:
            self.samples = [[sampling_ratio] * 2] * len(self.images)
        else:
            parts = xp.asarray(pooled_size[::-1], dtype=rois.dtype)
            self.samples = xp.ceil(self.size / parts).astype("int64").tolist()

    def _along(self, xp, r, axis):
        """Distances of the samples from the centre along one axis of the region."""
        parts, samples, size = self.pooled[1 - axis], self.samples[r][axis], self.size[r, axis]
        place = (xp.arange(parts * samples, dtype=self.size.dtype) + 0.5) / (parts * samples)
        return ((place - 0.5) * size).reshape(parts, samples)

    def __call__(self, xp):
        """For each region with an image: number, image, flat cells, weights."""
        for r, image in enumerate(self.images):
            if image >= 0:
                yield r, image, *self._weights(xp, r)

    def _weights(self, xp, r):
        x = self._along(xp, r, 0)[None, :, None, :]
        y = self._along(xp, r, 1)[:, None, :, None]
        turned_x = x * self.cos[r] + y * self.sin[r] + self.center[r, 0]
        turned_y = y * self.cos[r] - x * self.sin[r] + self.center[r, 1]
        height, width = self.sizes
        left, right, right_share, inside = _neighbours(xp, turned_x, width)
        top, bottom, low_share, inside_too = _neighbours(xp, turned_y, height)
        weight = (inside & inside_too) / (x.shape[3] * y.shape[2])
        corners = [
            (top, left, (1 - low_share) * (1 - right_share)),
            (top, right, (1 - low_share) * right_share),
            (bottom, left, low_share * (1 - right_share)),
            (bottom, right, low_share * right_share),
        ]
        numbers = math.prod(self.pooled)
        cell = xp.stack([(i * width + j).reshape(numbers, -1) for i, j, _ in corners])
        share = xp.stack([(weight * one).reshape(numbers, -1) for _, _, one in corners])
        used = xp.zeros(height * width, "bool")
        used[cell.reshape(-1)] = True
        cells, rank = xp.flatnonzero(used), xp.cumsum(used) - 1
        made = xp.zeros((numbers, cells.size), self.size.dtype)
        row = xp.arange(numbers).reshape(1, -1, 1) * cells.size
        flat = (row + rank[cell]).reshape(-1)
        xp.add.at(made.reshape(-1), flat, share.astype(made.dtype).reshape(-1))
        return cells, made


_ROTATED = (
    [
        [0.0, 3.0, 3.0, 4.0, 2.0, 30.0],
        [1.0, 2.0, 3.0, 3.0, 4.0, 0.0],
        [-1.0, 0.0, 0.0, 1.0, 1.0, 0],
    ],
)
_RROI_EXAMPLES = [
    {"data": (2, 3, 6, 7), "rois": _ROTATED, "pooled_size": (2, 2), "spatial_scale": 1.0},
    {
        "data": (2, 2, 6, 7),
        "rois": _ROTATED,
        "pooled_size": (2, 3),
        "spatial_scale": 0.5,
        "sampling_ratio": 2,
    },
]


@op("_contrib_RROIAlign", infer=regions("RROIAlign", 6), examples=_RROI_EXAMPLES)
def RROIAlign(
    xp,
    data,
    rois,
    *,
    pooled_size: Shape,  # height and width of the result
    spatial_scale: Float(min=0, max=1),  # size of the feature map relative to the image
    sampling_ratio: Int = -1,  # samples of a part along an axis; one per element if not positive
):
    """ROIAlign of rotated regions: (N, C, H, W) and (R, 6) → (R, C, h, w).

    A row of rois is the number of an image, x and y of the centre, width, height, and an angle in
    degrees, counter-clockwise. Has a gradient of the data, which MXNet does not offer.
    """
    need_floats(data, rois)
    maps = channels_last(xp, data)
    rotated = _Rotated(xp, rois, maps.shape, pooled_size, spatial_scale, sampling_ratio)
    cells_first = maps.reshape(data.shape[0], -1, data.shape[1])
    out = xp.zeros((rois.shape[0], math.prod(pooled_size), data.shape[1]), data.dtype)
    for r, image, cells, weights in rotated(xp):
        out[r] = weights @ cells_first[image][cells]
    return channels_second(xp, out.reshape(-1, *pooled_size, data.shape[1]))


RROIAlign.grad(
    data=lambda F, g, rois, data_shape, p: F._backward_RROIAlign(g, rois, shape=data_shape, **p)
)


@op(
    "_backward_RROIAlign",
    infer=lambda p, ins: (ins, [p["shape"]]),
    examples=[
        {
            **{name: value for name, value in example.items() if name != "data"},
            "grad": (3, example["data"][1], *example["pooled_size"]),
            "shape": example["data"],
        }
        for example in _RROI_EXAMPLES
    ],
)
def backward_rroi_align(
    xp,
    grad,
    rois,
    *,
    pooled_size: Shape,  # height and width of the result
    spatial_scale: Float,  # size of the feature map relative to the image
    sampling_ratio: Int = -1,  # samples per part along each axis
    shape: Shape,  # shape of the data
):
    """The gradient of RROIAlign's data."""
    count, channels, height, width = shape
    last = (count, height, width, channels)
    rotated = _Rotated(xp, rois, last, pooled_size, spatial_scale, sampling_ratio)
    made = xp.zeros((count, height * width, channels), grad.dtype)
    grads = channels_last(xp, grad).reshape(grad.shape[0], -1, channels)
    for r, image, cells, weights in rotated(xp):
        made[image][cells] += weights.T @ grads[r]
    return channels_second(xp, made.reshape(last))


backward_rroi_align.grad(
    grad=lambda F, g, rois, p: F._contrib_RROIAlign(
        g, rois, **{name: value for name, value in p.items() if name != "shape"}
    )
)
