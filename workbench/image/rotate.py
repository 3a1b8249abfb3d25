"""Rotating images: tensors (channels, height, width), or batches of them."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from .. import ndarray as nd
from ..error import DTypeError, ShapeError, message
from ..ndarray import NDArray

__all__ = ["imrotate", "random_rotate"]


def imrotate(
    src: NDArray, rotation_degrees: Any, zoom_in: bool = False, zoom_out: bool = False
) -> NDArray:
    """Images turned around their middle, interpolated between four pixels.

    Parameters
    ----------
    src : NDArray
        float32, (C, H, W) or (N, C, H, W).
    rotation_degrees : float or NDArray
        The angle in degrees; of a batch also one for each image, (N,).
    zoom_in : bool
        Enlarge until nothing but image is seen.
    zoom_out : bool
        Shrink until all of the image is seen.

    Returns
    -------
    NDArray
        Like *src*; 0 where there is no image.
    """
    if zoom_in and zoom_out:
        raise ValueError("`zoom_in` and `zoom_out` cannot be both True")
    if np.dtype(src.dtype) != np.float32:
        raise DTypeError(
            message(
                "Only `float32` images are supported by this function",
                where=[f"src {src.shape} {np.dtype(src.dtype).name}"],
                fix="Call astype('float32') first.",
            )
        )
    if len(src.shape) == 3:
        if not isinstance(rotation_degrees, Real):
            raise TypeError(
                "When a single image is passed the rotation angle is required to be a scalar."
            )
        return imrotate(src.expand_dims(axis=0), rotation_degrees, zoom_in, zoom_out)[0]
    if len(src.shape) != 4:
        raise ShapeError(
            message(
                "Only 3D and 4D are supported by this function",
                where=[f"src {src.shape}"],
                fix="Give (channels, height, width) or a batch of it.",
            )
        )
    angles = _angles(rotation_degrees, src)
    return nd.BilinearSampler(src, _grid(angles, src, zoom_in, zoom_out))


def _angles(degrees: Any, src: NDArray) -> NDArray:
    """One angle in radians for each image of a batch."""
    count = src.shape[0]
    if isinstance(degrees, Real):
        return nd.full((count,), np.pi / 180 * float(degrees), ctx=src.context)
    if len(degrees) != count:
        raise ShapeError(
            message(
                "The number of images must be equal to the number of rotation angles",
                where=[f"{count} images, {len(degrees)} angles"],
                fix="Give one angle, or one for each image.",
            )
        )
    if not isinstance(degrees, NDArray):
        degrees = nd.array(degrees)
    return degrees.as_in_context(src.context).astype("float32") * (np.pi / 180)


def _grid(angles: NDArray, src: NDArray, zoom_in: bool, zoom_out: bool) -> NDArray:
    """(N, 2, H, W): where each pixel comes from, x and y between -1 and 1."""
    height, width = src.shape[2:]
    half_height, half_width = (height - 1) / 2, (width - 1) / 2
    rows = (nd.arange(height, ctx=src.context) - half_height).reshape((1, height, 1))
    columns = (nd.arange(width, ctx=src.context) - half_width).reshape((1, 1, width))
    angles = angles.reshape((-1, 1, 1))
    sine, cosine = nd.sin(angles), nd.cos(angles)
    shape = (src.shape[0], height, width)
    x = nd.broadcast_sub(nd.broadcast_mul(columns, cosine), nd.broadcast_mul(rows, sine))
    y = nd.broadcast_add(nd.broadcast_mul(columns, sine), nd.broadcast_mul(rows, cosine))
    grid = nd.stack(
        (x / max(half_width, 1e-6)).broadcast_to(shape),
        (y / max(half_height, 1e-6)).broadcast_to(shape),
        axis=1,
    )
    if not (zoom_in or zoom_out):
        return grid
    widest, highest = _extent(angles, width, height)
    if zoom_out:
        scale = nd.maximum(widest / width, highest / height)
    else:
        scale = nd.minimum(width / widest, height / highest)
    return nd.broadcast_mul(grid, scale.expand_dims(axis=3))


def _extent(angles: NDArray, width: int, height: int) -> tuple[NDArray, NDArray]:
    """Width and height of the smallest upright rectangles around the turned images."""
    diagonal, corner = float(np.hypot(width, height)), float(np.arctan2(height, width))
    turned = nd.abs(angles)
    reach = [(nd.cos(a), nd.sin(a)) for a in (corner + turned, corner - turned)]
    (x1, y1), (x2, y2) = reach
    widest = nd.maximum(nd.abs(x1), nd.abs(x2)) * diagonal
    return widest, nd.maximum(nd.abs(y1), nd.abs(y2)) * diagonal


def random_rotate(
    src: NDArray, angle_limits: tuple[float, float], zoom_in: bool = False, zoom_out: bool = False
) -> NDArray:
    """Images turned by angles of equal probability within *angle_limits*, in degrees.

    The random numbers are NumPy's (``numpy.random.seed``). Otherwise as :func:`imrotate`.
    """
    low, high = angle_limits
    if len(src.shape) == 3:
        return imrotate(src, float(np.random.uniform(low, high)), zoom_in, zoom_out)
    angles = nd.array(np.random.uniform(low, high, size=src.shape[0]), ctx=src.context)
    return imrotate(src, angles, zoom_in, zoom_out)
