"""What the region operators share: which image a region is of, where it lies, their shape rule."""

from ..error import OperatorError, ParameterError, ShapeError, message
from . import rules


def images_of(xp, rois, count):
    """The image of each region, int64 (R,), negative for none; OperatorError beyond the last."""
    made = rois[:, 0].astype("int64")
    if made.size and int(made.max()) >= count:
        raise OperatorError(
            message(
                f"image {int(made.max())} in rois is out of range 0 .. {count - 1}",
                fix="The first column of rois is the number of the image in data.",
            )
        )
    return made


def rounded(xp, x):
    """To the nearest whole number, halves away from zero, as C's round."""
    return xp.copysign(xp.floor(xp.abs(x) + 0.5), x)


def channels_last(xp, data):
    """(N, C, H, W) → (N, H, W, C): what is read at a place lies together."""
    return xp.ascontiguousarray(data.transpose(0, 2, 3, 1))


def channels_second(xp, data):
    """(..., H, W, C) → (..., C, H, W)."""
    order = (*range(data.ndim - 3), data.ndim - 1, data.ndim - 3, data.ndim - 2)
    return xp.ascontiguousarray(data.transpose(order))


def check_pooled_size(name, pooled_size):
    """ParameterError unless it is two positive numbers."""
    if len(pooled_size) != 2 or min(pooled_size) < 1:
        raise ParameterError(
            message(
                f"{name}: pooled_size must be two positive numbers, got {pooled_size}",
                fix="Give the height and width of the result: pooled_size=(7, 7).",
            )
        )


def regions(name, columns=5):
    """A shape rule: data (N, C, H, W) and rois (R, columns) → (R, C, *pooled_size)."""

    def rule(p, ins):
        check_pooled_size(name, p["pooled_size"])
        data, rois = region_inputs(ins, columns)
        if data is None or rois is None:
            return [data, rois], [None]
        return [data, rois], [(rois[0], data[1], *p["pooled_size"])]

    return rule


def region_inputs(ins, columns=5):
    """The shapes of data and rois, checked."""
    data, rois = ins[:2]
    if data is not None and len(data) != 4:
        raise ShapeError(f"Shape inconsistent, data: (N, C, H, W) is expected, got {data}")
    if rois is not None:
        rois = rules.merge(rois, (0, columns), "rois")
    return data, rois
