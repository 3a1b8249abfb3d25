"""Changes to the pixels of one uint8 image (height, width, channels), on the host.

*rng* is the :class:`numpy.random.Generator` of the image. Source: ``src/io/image_aug_default.cc``
of MXNet 1.9.1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..error import ShapeError, message
from ..ops.image_color import from_hls, to_hls
from ..ops.image_resample import KERNELS, LINEAR, NEAREST, resized
from .options import Augmentation

__all__ = ["augmented", "hls_shifted", "resize_short", "resize_to", "warped"]

Rng = np.random.Generator
Pixels = np.ndarray[Any, Any]

_EDGE = 8  # pixels around an image: more than any kernel reaches beyond it
_GREY = np.array([0.299, 0.587, 0.114], np.float32)
#: principal components of ImageNet's colours times their standard deviations, one row a channel
_LIGHTING = np.array(
    [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]
) * [55.46, 4.794, 1.148]


def augmented(image: Pixels, how: Augmentation, size: tuple[int, int], rng: Rng) -> Pixels:
    """An image after all steps that *how* asks for; *size* is the final (height, width)."""
    if how.resize != -1:
        image = resize_short(image, how.resize, how.inter_method, rng)
    image = _moved(image, how, rng)
    if how.pad > 0:
        edge = (how.pad, how.pad)
        image = np.pad(image, (edge, edge, (0, 0)), constant_values=how.fill_value)
    image = _cropped(image, how, size, rng)
    if image.shape[2] == 1:
        return image
    colors, rest = image[..., :3], image[..., 3:]
    colors = _jittered(colors, how, rng)
    if how.random_h or how.random_s or how.random_l:
        limits = (how.random_h, how.random_l, how.random_s)
        mixed = [(rng.random() + 4 * rng.random()) / 5 for _ in limits]
        shift = [int(one * limit * 2 - limit) for one, limit in zip(mixed, limits, strict=True)]
        colors = hls_shifted(colors, *shift)
    if how.pca_noise > 0:
        change = _LIGHTING @ rng.normal(0, how.pca_noise, 3)
        colors = np.clip(np.trunc(colors + change), 0, 255).astype(np.uint8)
    return np.concatenate([colors, rest], axis=2) if rest.size else colors


# ---- sizes ----------------------------------------------------------------------------------


def resize_short(image: Pixels, size: int, method: int, rng: Rng) -> Pixels:
    """The shorter edge resized to *size* pixels."""
    rows, columns = image.shape[:2]
    if rows > columns:
        return resize_to(image, (size, size * rows // columns), method, rng)
    return resize_to(image, (size * columns // rows, size), method, rng)


def resize_to(image: Pixels, size: tuple[int, int], method: int, rng: Rng) -> Pixels:
    """The image at (width, height); method 9 chooses by the sizes, 10 at random."""
    width, height = size
    if width < 1 or height < 1:
        raise ShapeError(
            message(f"an image would have the size {width} x {height}", fix="Resize it to more.")
        )
    chosen = _interpolation(method, image.shape[:2], (height, width), rng)
    return resized(np, image, width, height, chosen)


def _interpolation(method: int, old: tuple[int, ...], new: tuple[int, int], rng: Rng) -> int:
    if method == 10:
        return int(rng.integers(0, 5))
    if method != 9:
        return method
    if new[0] > old[0] and new[1] > old[1]:
        return 2
    return 3 if new[0] < old[0] and new[1] < old[1] else 1


def _cropped(image: Pixels, how: Augmentation, size: tuple[int, int], rng: Rng) -> Pixels:
    """A part of the image of the final size."""
    height, width = size
    if how.random_resized_crop:
        part = _random_part(image, how, rng)
        if part is not None:
            return resize_to(part, (width, height), how.inter_method, rng)
    elif how.max_crop_size != -1 or how.min_crop_size != -1:
        part = _square(image, how, rng)
        return resize_to(part, (width, height), how.inter_method, rng)
    rows, columns = image.shape[:2]
    if rows < height:
        image = resize_to(image, (height * columns // rows, height), how.inter_method, rng)
    rows, columns = image.shape[:2]
    if columns < width:
        image = resize_to(image, (width, width * rows // columns), how.inter_method, rng)
    rows, columns = image.shape[:2]
    if rows < height or columns < width:
        raise ShapeError(
            message(
                f"input image size smaller than input shape: {columns} x {rows}",
                fix=f"Choose another resize or data_shape than {width} x {height}.",
            )
        )
    y, x = _corner((rows - height, columns - width), how, rng)
    return image[y : y + height, x : x + width]


def _corner(room: tuple[int, int], how: Augmentation, rng: Rng) -> tuple[int, int]:
    if not how.rand_crop:
        return room[0] // 2, room[1] // 2
    return int(rng.integers(0, room[0] + 1)), int(rng.integers(0, room[1] + 1))


def _square(image: Pixels, how: Augmentation, rng: Rng) -> Pixels:
    rows, columns = image.shape[:2]
    if min(rows, columns) < how.max_crop_size:
        raise ShapeError(
            message(
                f"input image size smaller than max_crop_size: {columns} x {rows}",
                fix="Resize to more, or choose a smaller max_crop_size.",
            )
        )
    side = int(rng.integers(max(1, how.min_crop_size), how.max_crop_size + 1))
    y, x = _corner((rows - side, columns - side), how, rng)
    return image[y : y + side, x : x + side]


def _random_part(image: Pixels, how: Augmentation, rng: Rng) -> Pixels | None:
    """A part of random area and aspect ratio; None where ten attempts find none that fits."""
    areas, ratios = (how.min_random_area, how.max_random_area), how.ratios
    if areas == ratios == (1.0, 1.0):
        return None
    rows, columns = image.shape[:2]
    for _ in range(10):
        area, ratio = rng.uniform(*areas) * rows * columns, rng.uniform(*ratios)
        height, width = round(math.sqrt(area / ratio)), round(math.sqrt(area * ratio))
        if rng.random() > 0.5:
            height, width = width, height
        if 0 < height <= rows and 0 < width <= columns:
            y = int(rng.integers(0, rows - height + 1))
            x = int(rng.integers(0, columns - width + 1))
            return image[y : y + height, x : x + width]
    return None


# ---- affine maps ----------------------------------------------------------------------------


def _moved(image: Pixels, how: Augmentation, rng: Rng) -> Pixels:
    """The image sheared, rotated, scaled and stretched at random."""
    stretch = how.ratios if not how.random_resized_crop else (1.0, 1.0)
    scales = (how.min_random_scale, how.max_random_scale)
    turned = how.max_rotate_angle > 0 or how.rotate > 0 or how.rotate_list != (0,)
    sized = (how.min_img_size, how.max_img_size) != (0.0, 1e10)
    still = not (turned or how.max_shear_ratio > 0 or sized)
    if still and scales == stretch == (1.0, 1.0):
        return image
    shear = rng.uniform(-1, 1) * how.max_shear_ratio
    angle = float(rng.integers(-how.max_rotate_angle, how.max_rotate_angle + 1))
    if how.rotate > 0:
        angle = how.rotate
    if how.rotate_list != (0,):
        angle = int(rng.choice(how.rotate_list))
    scale = 1.0 if how.random_resized_crop else rng.uniform(*scales)
    ratio = rng.uniform(*stretch)
    down = 2 * scale / (1 + ratio)
    across = ratio * down
    rows, columns = image.shape[:2]
    width, height = (
        max(how.min_img_size, min(how.max_img_size, scale * n)) for n in (columns, rows)
    )
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    matrix = np.array(
        [
            [down * cosine - shear * sine * across, down * sine + shear * cosine * across],
            [-sine * across, cosine * across],
        ]
    )
    middle = (np.array([width, height]) - matrix @ [columns, rows]) / 2
    size = (int(width), int(height))
    chosen = _interpolation(how.inter_method, (rows, columns), size[::-1], rng)
    return warped(image, matrix, middle, size, chosen, how.fill_value)


def warped(
    image: Pixels, matrix: Pixels, shift: Pixels, size: tuple[int, int], interp: int, fill: int
) -> Pixels:
    """The image under the affine map ``(x, y) -> matrix (x, y) + shift``; *fill* around it.

    Places are rounded to 1/32 of a pixel, as OpenCV does.
    """
    width, height = size
    if width < 1 or height < 1 or abs(np.linalg.det(matrix)) < 1e-12:
        raise ShapeError(
            message(f"an image would be warped to {width} x {height}", fix="Choose larger scales.")
        )
    x, y = np.meshgrid(np.arange(width) - shift[0], np.arange(height) - shift[1])
    across, down = (
        np.floor(32 * (row[0] * x + row[1] * y) + 0.5) / 32 for row in np.linalg.inv(matrix)
    )
    rows, columns, channels = image.shape
    border = ((_EDGE, _EDGE), (_EDGE, _EDGE), (0, 0))
    source = np.pad(image, border, constant_values=fill)
    if interp == NEAREST:
        return source[_places(np.rint(down), rows), _places(np.rint(across), columns)]
    offsets, weights = KERNELS.get(interp, KERNELS[LINEAR])  # there is no area here
    above, before = np.floor(down), np.floor(across)
    row_weights = weights(np, (down - above).astype(np.float32))
    column_weights = weights(np, (across - before).astype(np.float32))
    row, column = _places(above, rows), _places(before, columns)
    total = np.zeros((height, width, channels), np.float32)
    for i, row_weight in zip(offsets, row_weights, strict=True):
        for j, column_weight in zip(offsets, column_weights, strict=True):
            total += source[row + i, column + j] * (row_weight * column_weight)[..., None]
    return np.clip(np.rint(total), 0, 255).astype(np.uint8)


def _places(place: Pixels, size: int) -> Pixels:
    """Numbers of pixels in the padded image; those far outside as if they were just outside."""
    outside = _EDGE - 4
    return np.clip(place, -outside, size - 1 + outside).astype(np.int64) + _EDGE


# ---- colours --------------------------------------------------------------------------------


def _jittered(image: Pixels, how: Augmentation, rng: Rng) -> Pixels:
    """Brightness, contrast and saturation changed in random order."""
    limits = (how.brightness, how.contrast, how.saturation)
    if max(limits) <= 0:
        return image
    factors = [1 + rng.uniform(-one, one) for one in limits]
    for which in rng.permutation(3):
        factor = np.float32(factors[which])
        if which == 0:
            change: Any = 0.0
        elif which == 1:
            change = (1 - factor) * (image @ _GREY).mean()
        else:
            change = (1 - factor) * (image @ _GREY)[..., None]
        image = np.clip(np.rint(image * factor + change), 0, 255).astype(np.uint8)
    return image


def hls_shifted(image: Pixels, hue: int, light: int, saturation: int) -> Pixels:
    """Hue (of 180), lightness and saturation (of 255) with something added, within their limits."""
    hues, lights, saturations = to_hls(np, image.astype(np.float32) / 255)
    hues = np.clip(np.rint(hues % 6 * 30) + hue, 0, 180) / 30
    lights = np.clip(np.rint(lights * 255) + light, 0, 255) / 255
    saturations = np.clip(np.rint(saturations * 255) + saturation, 0, 255) / 255
    colors = from_hls(np, hues, lights, saturations)
    return np.clip(np.rint(colors * 255), 0, 255).astype(np.uint8)
