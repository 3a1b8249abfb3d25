"""Cropping and resizing images (height, width, channels) in NumPy, as OpenCV rounds them.

Source: OpenCV's ``imgproc/resize.cpp``; checked against images resized by MXNet 1.9.1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ....error import ParameterError, ShapeError, message

__all__ = ["center_crop", "crop", "resize", "scale_down"]

NEAREST, LINEAR, CUBIC, AREA, AUTO = 0, 1, 2, 3, 9
_BITS = 11  # of the fixed-point weights for uint8

Size = tuple[int, int]
Taps = tuple[np.ndarray, np.ndarray]


def scale_down(source: Size, size: Size) -> Size:
    """The largest (width, height) of *size*'s aspect ratio that fits into *source*.

    >>> scale_down((360, 1000), (480, 500))
    (360, 375)
    """
    width, height = float(size[0]), float(size[1])
    if source[1] < height:
        width, height = width * source[1] / height, float(source[1])
    if source[0] < width:
        width, height = float(source[0]), height * source[0] / width
    return int(width), int(height)


def crop(image: np.ndarray, x: int, y: int, width: int, height: int) -> np.ndarray:
    """The rectangle of *image* whose upper left corner is (x, y); ShapeError outside."""
    rows, columns = image.shape[-3:-1]
    if min(x, y) < 0 or min(width, height) < 1 or x + width > columns or y + height > rows:
        raise ShapeError(
            message(
                f"a crop of {width} x {height} at ({x}, {y}) leaves the image",
                where=[f"image of width {columns}, height {rows}"],
                fix="Choose a rectangle inside the image.",
            )
        )
    return image[..., y : y + height, x : x + width, :]


def center_crop(image: np.ndarray, size: Size, interpolation: int = LINEAR) -> np.ndarray:
    """The middle of an image, as (width, height); enlarged where the image is too small."""
    rows, columns = image.shape[:2]
    width, height = scale_down((columns, rows), size)
    part = crop(image, (columns - width) // 2, (rows - height) // 2, width, height)
    return part if (width, height) == tuple(size) else resize(part, size, interpolation)


def resize(image: np.ndarray, size: Size, interpolation: int = LINEAR) -> np.ndarray:
    """An image at (width, height), with the dtype that it has.

    Parameters
    ----------
    image : numpy.ndarray
        (height, width, channels), uint8 or floating point.
    size : (int, int)
        New width and height.
    interpolation : int
        OpenCV's number: 0 nearest, 1 bilinear, 2 bicubic, 3 area, 9 bicubic to enlarge and area
        to shrink.
    """
    width, height = size
    rows, columns = image.shape[:2]
    if width < 1 or height < 1:
        raise ParameterError(f"an image cannot be resized to {width} x {height}")
    if (width, height) == (columns, rows):
        return image.copy()
    if interpolation == AUTO:
        interpolation = CUBIC if width > columns and height > rows else AREA
    if interpolation == NEAREST:
        down = np.minimum(np.arange(height) * (rows / height), rows - 1).astype(int)
        across = np.minimum(np.arange(width) * (columns / width), columns - 1).astype(int)
        return image[down][:, across]
    if interpolation == AREA and width <= columns and height <= rows:
        return _area(image, width, height)
    taps = {LINEAR: _linear_taps, AREA: _area_taps, CUBIC: _cubic_taps}.get(interpolation)
    if taps is None:
        raise ParameterError(
            message(
                f"interpolation {interpolation} is not known",
                fix="Use 0 nearest, 1 bilinear, 2 bicubic, 3 area or 9 automatic.",
            )
        )
    return _separable(image, taps, width, height)


def _positions(old: int, new: int) -> tuple[np.ndarray, np.ndarray]:
    """For each new pixel the old one before its centre, and the fraction beyond that."""
    centre = ((np.arange(new) + 0.5) * (old / new) - 0.5).astype(np.float32)
    before = np.floor(centre)
    return before.astype(int), (centre - before).astype(np.float32)


def _linear_taps(old: int, new: int) -> Taps:
    before, beyond = _positions(old, new)
    index = np.clip(np.stack([before, before + 1]), 0, old - 1)
    return index, np.stack([1 - beyond, beyond])


def _area_taps(old: int, new: int) -> Taps:
    """OpenCV's "area" where one edge grows: bilinear between the pixels' edges."""
    place = np.arange(new)
    before = np.floor(place * (old / new))
    beyond = ((place + 1) - (before + 1) * (new / old)).astype(np.float32)
    beyond = np.where(beyond <= 0, np.float32(0), beyond - np.floor(beyond))
    index = np.clip(np.stack([before, before + 1]), 0, old - 1).astype(int)
    return index, np.stack([1 - beyond, beyond])


def _cubic_taps(old: int, new: int) -> Taps:
    before, x = _positions(old, new)
    a = np.float32(-0.75)
    first = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    second = ((a + 2) * x - (a + 3)) * x * x + 1
    third = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1
    index = np.clip(np.stack([before + i for i in (-1, 0, 1, 2)]), 0, old - 1)
    return index, np.stack([first, second, third, 1 - first - second - third])


def _separable(
    image: np.ndarray, taps: Callable[[int, int], Taps], width: int, height: int
) -> np.ndarray:
    """Weighted sums across, then down; in fixed point for uint8."""
    across, across_weights = taps(image.shape[1], width)
    down, down_weights = taps(image.shape[0], height)
    if image.dtype != np.uint8:
        wide = sum(image[:, i] * w[:, None] for i, w in zip(across, across_weights, strict=True))
        tall = sum(wide[i] * w[:, None, None] for i, w in zip(down, down_weights, strict=True))
        return tall.astype(image.dtype)
    across_weights, down_weights = _fixed(across_weights), _fixed(down_weights)
    if len(across) == 2:  # beyond the edge OpenCV drops the fraction, across only
        outside = across[0] == across[1]
        across_weights[:, outside] = [[1 << _BITS], [0]]
    source = image.astype(np.int32)
    wide = sum(source[:, i] * w[:, None] for i, w in zip(across, across_weights, strict=True))
    if len(down) == 2:  # OpenCV's bilinear kernel drops bits on the way
        terms = [
            (w[:, None, None] * (wide[i] >> 4)) >> 16
            for i, w in zip(down, down_weights, strict=True)
        ]
        tall = (sum(terms) + 2) >> 2
    else:
        tall = sum(wide[i] * w[:, None, None] for i, w in zip(down, down_weights, strict=True))
        tall = (tall + (1 << (2 * _BITS - 1))) >> (2 * _BITS)
    return np.clip(tall, 0, 255).astype(np.uint8)


def _fixed(weights: np.ndarray) -> np.ndarray:
    return np.rint(weights * (1 << _BITS)).astype(np.int32)


def _area(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Means over the part of the image that each new pixel covers."""
    down = _coverage(image.shape[0], height)
    across = _coverage(image.shape[1], width)
    mean = np.einsum("yi,xj,ijc->yxc", down, across, image.astype(np.float64), optimize=True)
    if image.dtype == np.uint8:
        return np.clip(np.rint(mean), 0, 255).astype(np.uint8)
    return mean.astype(image.dtype)


def _coverage(old: int, new: int) -> np.ndarray:
    """(new, old) shares of each old pixel in each new one; rows sum to 1."""
    edges = np.arange(new + 1) * (old / new)
    low, high = edges[:-1, None], edges[1:, None]
    pixel = np.arange(old)
    return np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None) / (high - low)
