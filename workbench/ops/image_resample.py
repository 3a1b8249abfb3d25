"""Resizing images as OpenCV does it: weighted sums of neighbours, across and then down.

Images are (..., height, width, channels). For every new pixel of an axis there are *taps*: the
numbers of the old pixels it is made of, and their weights, both (taps, new size). uint8 images are
computed in fixed point with 11 bits, as OpenCV does, so that results agree to one unit.

Source: OpenCV 3.4 ``imgproc/resize.cpp``; checked against images resized by MXNet 1.9.1.
"""

import math

from ..error import ParameterError, ShapeError, message

NEAREST, LINEAR, CUBIC, AREA, LANCZOS, LINEAR_EXACT = range(6)
_BITS = 11


def resized(xp, images, width, height, interp):
    """Images at another size, with the dtype that they have.

    *interp* is OpenCV's number: 0 nearest, 1 bilinear, 2 bicubic over 4 x 4 pixels, 3 mean over
    the area (bilinear where an edge grows), 4 Lanczos over 8 x 8 pixels, 5 as 1.
    """
    rows, columns = images.shape[-3:-1]
    if (width, height) == (columns, rows):
        return images.copy()
    if not (rows and columns):
        raise ShapeError(message("an image without pixels cannot be resized", fix="Leave it out."))
    if interp == NEAREST:
        return images.take(_nearest(xp, rows, height), -3).take(_nearest(xp, columns, width), -2)
    if interp == AREA and width <= columns and height <= rows:
        return _area(xp, images, width, height)
    if interp != AREA and interp not in KERNELS:
        raise ParameterError(
            message(
                f"Unknown interpolation method {interp}",
                fix="Use 0 nearest, 1 bilinear, 2 bicubic, 3 area or 4 Lanczos.",
            )
        )
    edges = ((columns, width), (rows, height))
    if interp == AREA:
        across, down = (_area_taps(xp, old, new) for old, new in edges)
    else:
        across, down = (_taps(xp, old, new, *KERNELS[interp]) for old, new in edges)
    shape = (*images.shape[:-3], height, width, images.shape[-1])
    if images.dtype.name == "uint8":
        return _in_fixed_point(xp, images, across, down).reshape(shape)
    wide = _across(xp, images.astype(_real(images), copy=False), across)
    return _delivered(xp, _down(wide, down), images.dtype).reshape(shape)


def _real(images):
    """The dtype in which images of this dtype are computed."""
    if images.dtype.kind == "f" and images.dtype.itemsize < 8:
        return "float32"
    return "float64"


def _delivered(xp, values, dtype):
    """Computed values in the dtype of the image, rounded and held within its range."""
    if dtype.kind == "f":
        return values.astype(dtype, copy=False)
    bits = 8 * dtype.itemsize
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if dtype.kind == "i" else (0, 2**bits - 1)
    return xp.clip(xp.rint(values), float(low), float(high)).astype(dtype)


# ---- taps -----------------------------------------------------------------------------------


def _nearest(xp, old, new):
    return xp.minimum(xp.arange(new) * _scale(old, new), old - 1).astype("int64")


def _scale(old, new):
    """Old pixels in a new one, divided twice as OpenCV does: the last bit matters to nearest."""
    return 1 / (new / old)


def _positions(xp, old, new):
    """For each new pixel the old one before its centre, and the fraction beyond that."""
    centre = ((xp.arange(new) + 0.5) * _scale(old, new) - 0.5).astype("float32")
    before = xp.floor(centre)
    return before.astype("int64"), centre - before


def _inside(xp, before, offsets, old):
    """Numbers of the old pixels at *offsets* from *before*, the edge for what lies beyond."""
    return xp.clip(xp.stack([before + i for i in offsets]), 0, old - 1)


def _area_taps(xp, old, new):
    """OpenCV's "area" where an edge grows: bilinear between the edges of pixels."""
    place = xp.arange(new)
    before = xp.floor(place * _scale(old, new))
    beyond = ((place + 1) - (before + 1) * (new / old)).astype("float32")
    beyond = xp.maximum(beyond, 0)
    beyond = beyond - xp.floor(beyond)
    return _inside(xp, before.astype("int64"), (0, 1), old), linear_weights(xp, beyond)


def _taps(xp, old, new, offsets, weights):
    before, beyond = _positions(xp, old, new)
    return _inside(xp, before, offsets, old), weights(xp, beyond)


# ---- weights of the old pixels around a place, x beyond the one before it -----------------------


def linear_weights(xp, x):
    """Of two pixels."""
    return xp.stack([1 - x, x])


def cubic_weights(xp, x):
    """Of four pixels: Keys' cubic convolution with a = -0.75."""
    a = -0.75
    first = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    second = ((a + 2) * x - (a + 3)) * x * x + 1
    third = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1
    return xp.stack([first, second, third, 1 - first - second - third]).astype("float32")


def lanczos_weights(xp, x):
    """Of eight pixels: ``sin(πd) sin(πd / 4) / d²`` at distance d, made to sum to 1.

    The first factor is the same for all eight but for its sign.
    """
    distance = xp.stack([x - i for i in range(-3, 5)]).astype("float64")
    each = (slice(None), *(None,) * x.ndim)
    alternating = (xp.arange(8) % 2 * -2 + 1)[each]
    on_pixel = x < 2.0**-23
    safe = xp.where(on_pixel, 1.0, distance)
    weights = alternating * xp.sin(safe * (math.pi / 4)) / (safe * safe)
    weights = weights / xp.where(on_pixel, 1.0, weights.sum(0))
    exact = (xp.arange(8) == 3)[each]
    return xp.where(on_pixel, exact.astype("float64"), weights).astype("float32")


#: of each interpolation by weighted sums: where the pixels lie, and their weights
KERNELS = {
    LINEAR: ((0, 1), linear_weights),
    CUBIC: (range(-1, 3), cubic_weights),
    LANCZOS: (range(-3, 5), lanczos_weights),
    LINEAR_EXACT: ((0, 1), linear_weights),
}


# ---- weighted sums ------------------------------------------------------------------------------
# on (..., height, width * channels): long rows of numbers are what NumPy is fast at


def _across(xp, images, taps):
    """Weighted sums of columns: (..., H, W, C) → (..., H, new W * C)."""
    indices, weights = taps
    columns, channels = images.shape[-2:]
    flat = images.reshape(*images.shape[:-2], columns * channels)
    places = (indices[:, :, None] * channels + xp.arange(channels)).reshape(len(indices), -1)
    return _weighted(flat, -1, places, xp.repeat(weights, channels, axis=1))


def _down(images, taps):
    """Weighted sums of rows: (..., H, W * C) → (..., new H, W * C)."""
    indices, weights = taps
    return _weighted(images, -2, indices, weights[:, :, None])


def _weighted(images, axis, indices, weights):
    total = images.take(indices[0], axis) * weights[0]
    for i in range(1, len(indices)):
        total += images.take(indices[i], axis) * weights[i]
    return total


def _in_fixed_point(xp, images, across, down):
    """The weighted sums of uint8 pixels, with weights of 11 bits."""
    across, (rows, row_weights) = _fixed(xp, across), _fixed(xp, down)
    if len(across[0]) == 2:  # beyond the edge OpenCV drops the fraction, across only
        outside = across[0][0] == across[0][1]
        edge = xp.stack([xp.ones_like(outside), xp.zeros_like(outside)]).astype("int32")
        across = across[0], xp.where(outside, edge << _BITS, across[1])
    wide = _across(xp, images, across)
    if len(rows) == 2:  # OpenCV's bilinear kernel drops bits on the way
        wide >>= 4
        first, second = (
            wide.take(row, -2) * weight[:, None] >> 16
            for row, weight in zip(rows, row_weights, strict=True)
        )
        tall = (first + second + 2) >> 2
    else:
        tall = (_down(wide, (rows, row_weights)) + (1 << (2 * _BITS - 1))) >> (2 * _BITS)
    return xp.clip(tall, 0, 255).astype("uint8")


def _fixed(xp, taps):
    index, weights = taps
    return index, xp.rint(weights * (1 << _BITS)).astype("int32")


# ---- area -------------------------------------------------------------------------------------


def _area(xp, images, width, height):
    """Means over the part of the image that each new pixel covers."""
    columns, channels = images.shape[-2:]
    flat = images.reshape(*images.shape[:-2], columns * channels).astype("float64")
    tall = _means(xp, flat, height).reshape(*images.shape[:-3], height, columns, channels)
    return _delivered(xp, _means(xp, tall, width), images.dtype)


def _means(xp, values, new):
    """Means over *new* stretches of equal length of the last axis but one."""
    old = values.shape[-2]
    edges = xp.arange(new + 1) * _scale(old, new)
    before = xp.minimum(edges.astype("int64"), old - 1)
    sums = xp.cumsum(values, axis=-2)
    # the integral from the beginning to each edge: whole pixels before it, and a part of one
    reached = sums.take(before, -2) - values.take(before, -2) * (before + 1 - edges)[:, None]
    return (reached[..., 1:, :] - reached[..., :-1, :]) / _scale(old, new)
