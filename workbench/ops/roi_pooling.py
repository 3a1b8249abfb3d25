"""The largest element of each part of a region (Girshick 2015, Fast R-CNN)."""

from . import rules
from .box_help import need_floats
from .params import Float, Shape
from .registry import op
from .roi_help import channels_last, channels_second, regions, rounded

_ROIS = ([[0.0, 0.0, 0.0, 3.0, 4.0], [1.0, 1.0, 1.0, 5.0, 2.0], [-1.0, 0.0, 0.0, 2.0, 2.0]],)


# ---- where the parts lie --------------------------------------------------------------------


def _parts(xp, rois, axis, spatial_scale, pooled, length):
    """First element, and that after the last, of each part along an axis: two int64 (R, pooled)."""
    ends = rounded(xp, xp.nan_to_num(rois[:, [1 + axis, 3 + axis]]) * spatial_scale)
    start = ends[:, :1]
    size = xp.maximum(ends[:, 1:] - start + 1, 1) / pooled
    step = xp.arange(pooled + 1, dtype=rois.dtype)
    first = xp.clip(xp.floor(step[:-1] * size) + start, 0, length)
    last = xp.clip(xp.ceil(step[1:] * size) + start, 0, length)
    return first.astype("int64"), last.astype("int64")


class _Parts:
    """The parts of all regions, by the powers of two that their sizes hold.

    A window of n elements is covered by two of 2^k ≤ n, one at each end; so four reads from a
    table of maxima of 2^k × 2^l windows give the maximum of a part of any size.
    """

    def __init__(self, xp, data_shape, rois, pooled_size, spatial_scale):
        count, _, height, width = data_shape
        geometry = rois.astype("float32") if rois.dtype.itemsize < 4 else rois
        self.top, self.bottom = _parts(xp, geometry, 1, spatial_scale, pooled_size[0], height)
        self.left, self.right = _parts(xp, geometry, 0, spatial_scale, pooled_size[1], width)
        self.image = rois[:, 0].astype("int64")
        inside = ((self.image >= 0) & (self.image < count)).reshape(-1, 1)
        self.tall = self._powers(xp, self.bottom - self.top, inside)
        self.wide = self._powers(xp, self.right - self.left, inside)

    @staticmethod
    def _powers(xp, sizes, inside):
        """The largest k with 2^k ≤ size; -1 for an empty part."""
        some = (sizes > 0) & inside
        return xp.where(some, xp.log2(xp.maximum(sizes, 1)), -1).astype("int64")

    def read(self, xp, table, join, out):
        """Fill *out* (R, PH, PW, ...) from *table*, what ``join(one, other)`` makes of windows."""
        for k in range(self._most(self.tall) + 1):
            row = table
            for m in range(self._most(self.wide) + 1):
                self._read_windows(xp, row, join, out, k, m)
                if m < self._most(self.wide):
                    row = join(row[:, :, : -(1 << m)], row[:, :, 1 << m :])
            if k < self._most(self.tall):
                table = join(table[:, : -(1 << k)], table[:, 1 << k :])
        return out

    @staticmethod
    def _most(powers):
        return int(powers.max()) if powers.size else -1

    def _read_windows(self, xp, row, join, out, k, m):
        here = (self.tall == k)[:, :, None] & (self.wide == m)[:, None, :]
        r, i, j = xp.nonzero(here)
        if not r.size:
            return
        image, top, left = self.image[r], self.top[r, i], self.left[r, j]
        bottom, right = self.bottom[r, i] - (1 << k), self.right[r, j] - (1 << m)
        upper = join(row[image, top, left], row[image, top, right])
        out[r, i, j] = join(upper, join(row[image, bottom, left], row[image, bottom, right]))


# ---- ROIPooling -----------------------------------------------------------------------------


@op(
    "ROIPooling",
    aliases=["_npx_roi_pooling"],
    infer=regions("ROIPooling"),
    examples=[
        {"data": (2, 3, 6, 7), "rois": _ROIS, "pooled_size": (2, 2), "spatial_scale": 1.0},
        {"data": (2, 1, 6, 7), "rois": _ROIS, "pooled_size": (3, 1), "spatial_scale": 0.5},
    ],
)
def ROIPooling(
    xp,
    data,
    rois,
    *,
    pooled_size: Shape,  # height and width of the result
    spatial_scale: Float(min=0, max=1),  # size of the feature map relative to the image
):
    """The largest element of each part of a region: (N, C, H, W) and (R, 5) → (R, C, h, w).

    A row of rois is the number of an image, and left, top, right, bottom in it, ends included. The
    corners are rounded, the region is cut into h × w parts, which may share an edge. Zero where a
    part or an image is not there. Of equal largest elements the first gets the gradient; rois get
    none.
    """
    need_floats(data, rois)
    parts = _Parts(xp, data.shape, rois, pooled_size, spatial_scale)
    out = xp.zeros((rois.shape[0], *pooled_size, data.shape[1]), data.dtype)
    return channels_second(xp, parts.read(xp, channels_last(xp, data), xp.maximum, out))


@op(
    "_roi_largest",
    infer=regions("_roi_largest"),
    dtype=lambda p, ins, n: (ins, ["int64"]),
    zero_grad=True,
    examples=[{"data": (2, 3, 6, 7), "rois": _ROIS, "pooled_size": (2, 2), "spatial_scale": 1.0}],
)
def roi_largest(
    xp,
    data,
    rois,
    *,
    pooled_size: Shape,  # height and width of the result
    spatial_scale: Float,  # size of the feature map relative to the image
):
    """Where ROIPooling read each number: its index in the flat data; data.size for nowhere."""
    parts = _Parts(xp, data.shape, rois, pooled_size, spatial_scale)
    _, channels, height, width = data.shape
    values = channels_last(xp, data)
    places = xp.arange(height * width, dtype="int32").reshape(1, height, width, 1)
    found = _Pair(xp, values, xp.broadcast_to(places, values.shape))
    shape = (rois.shape[0], *pooled_size, channels)
    out = _Pair(xp, xp.zeros(shape, data.dtype), xp.full(shape, -1, "int32"))
    place = channels_second(xp, parts.read(xp, found, _Pair.first_largest, out).places)
    plane = parts.image.reshape(-1, 1) * channels + xp.arange(channels)
    made = place + plane.reshape(*plane.shape, 1, 1) * (height * width)
    return xp.where(place < 0, data.size, made)


class _Pair:
    """Largest values together with their places in the image."""

    def __init__(self, xp, values, places):
        self.xp, self.values, self.places = xp, values, places

    def __getitem__(self, key):
        return _Pair(self.xp, self.values[key], self.places[key])

    def __setitem__(self, key, other):
        self.values[key], self.places[key] = other.values, other.places

    def first_largest(self, other):
        """The larger ones; of equal ones those that come first in the image."""
        earlier = (other.values == self.values) & (other.places < self.places)
        wins = (other.values > self.values) | earlier
        return _Pair(
            self.xp,
            self.xp.where(wins, other.values, self.values),
            self.xp.where(wins, other.places, self.places),
        )


def _pooling_back(F, g, data, rois, data_shape, rois_shape, p):
    """Add each gradient where its number was read; one place more takes those of nowhere."""
    size, flat = (
        rules.prod(data_shape),
        (rois_shape[0] * data_shape[1] * rules.prod(p["pooled_size"]),),
    )
    places = F._reshape_to(F._roi_largest(data, rois, **p), shape=flat)
    grad = F._put_along(F._reshape_to(g, shape=flat), places, axis=0, shape=(size + 1,))
    return F._reshape_to(F.slice_axis(grad, axis=0, begin=0, end=size), shape=data_shape)


ROIPooling.grad(data=_pooling_back)
