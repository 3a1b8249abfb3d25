"""Reading, resizing and cropping images: NDArrays (height, width, channels).

Sizes and rectangles are width first, as in OpenCV. The random numbers are Python's
(``random.seed``), as in MXNet 1.9.1.
"""

from __future__ import annotations

import math
import numbers
import os
import random
import warnings
from typing import Any

import numpy as np

from .. import ndarray as nd
from ..error import DataFileError, ParameterError, ShapeError, message
from ..ndarray import NDArray

__all__ = [
    "center_crop",
    "color_normalize",
    "copyMakeBorder",
    "fixed_crop",
    "imdecode",
    "imread",
    "imresize",
    "random_crop",
    "random_size_crop",
    "resize_short",
    "scale_down",
]

Size = tuple[int, int]
Rectangle = tuple[int, int, int, int]


def imread(
    filename: str | os.PathLike[str], flag: int = 1, to_rgb: bool = True, out: Any = None
) -> NDArray:
    """The pixels of an image file.

    Parameters
    ----------
    filename : str
        Path of a JPEG or PNG file (or of another kind that Pillow knows).
    flag : {0, 1}
        1 for colour, 0 for grey.
    to_rgb : bool
        Colours in the order red, green, blue; else OpenCV's blue, green, red.
    out : NDArray, optional
        Where to write the pixels.

    Returns
    -------
    NDArray
        (height, width, 3 or 1), uint8.

    Raises
    ------
    StorageError
        The file cannot be read (MXNetError and OSError).
    DataFileError
        It holds no image (MXNetError and ValueError).
    """
    read = nd._internal._cvimread
    return read(filename=os.fspath(filename), flag=flag, to_rgb=bool(to_rgb), out=out)


def imdecode(buf: Any, flag: int = 1, to_rgb: bool = True, out: Any = None) -> NDArray:
    """The pixels of an encoded image.

    Parameters
    ----------
    buf : bytes, bytearray, numpy.ndarray or NDArray
        The content of a whole image file; arrays of uint8.
    flag, to_rgb, out
        As for :func:`imread`.

    Returns
    -------
    NDArray
        (height, width, 3 or 1), uint8.

    Raises
    ------
    DataFileError
        The bytes are no image.
    """
    if not isinstance(buf, NDArray):
        if not isinstance(buf, (bytes, bytearray, memoryview, np.ndarray)):
            raise ValueError(
                "buf must be of type bytes, bytearray or numpy.ndarray, "
                f"not {type(buf).__name__}; encode or read text as bytes"
            )
        content = np.frombuffer(buf, dtype=np.uint8)
        if not content.size:
            raise DataFileError(
                message("imdecode: no bytes", fix="Give the content of a whole image file.")
            )
        buf = nd.array(content, dtype=np.uint8)
    return nd._internal._cvimdecode(buf, flag=flag, to_rgb=bool(to_rgb), out=out)


def imresize(src: NDArray, w: int, h: int, interp: int = 1, out: Any = None) -> NDArray:
    """An image at another size, of the same dtype.

    Parameters
    ----------
    src : NDArray
        (height, width, channels).
    w, h : int
        New width and height.
    interp : int
        0 nearest, 1 bilinear, 2 bicubic, 3 mean over the area, 4 Lanczos. To shrink, area looks
        best; to enlarge, bicubic does.
    out : NDArray, optional
        Where to write the result.
    """
    return nd._internal._cvimresize(src, w=w, h=h, interp=interp, out=out)


def copyMakeBorder(
    src: NDArray,
    top: int,
    bot: int,
    left: int,
    right: int,
    type: int = 0,
    value: float = 0.0,
    values: Any = (),
    out: Any = None,
) -> NDArray:
    """An image with a border around it.

    Parameters
    ----------
    src : NDArray
        (height, width, channels).
    top, bot, left, right : int
        Pixels added on each side.
    type : int
        OpenCV's number: 0 a constant, 1 the edge repeated, 2 mirrored (``cba|abc|cba``),
        3 continued from the other side, 4 mirrored without the edge (``cb|abc|ba``).
    value : float
        The constant.
    values : tuple of float
        The constant of each channel, instead of *value*.
    out : NDArray, optional
        Where to write the result.
    """
    border = nd._internal._cvcopyMakeBorder
    options = {"top": top, "bot": bot, "left": left, "right": right, "type": type}
    values = tuple(values) if np.ndim(values) else (values,)
    return border(src, **options, value=value, values=values, out=out)


def interpolation_for(interp: int, sizes: tuple[int, int, int, int] | tuple[()] = ()) -> int:
    """OpenCV's number for an interpolation: 9 chooses by *sizes*, 10 at random.

    *sizes* are the old height and width, the new height and width: bicubic where both grow, area
    where both shrink, else bilinear.
    """
    if interp == 9:
        if not sizes:
            return 2
        rows, columns, height, width = sizes
        if height > rows and width > columns:
            return 2
        return 3 if height < rows and width < columns else 1
    if interp == 10:
        return random.randint(0, 4)
    if interp not in (0, 1, 2, 3, 4):
        raise ParameterError(
            message(
                f"Unknown interp method {interp}",
                fix="Use 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos, 9 or 10.",
            )
        )
    return interp


def resized(src: NDArray, size: Size, interp: int) -> NDArray:
    """*src* at (width, height), by an interpolation that may be 9 or 10."""
    rows, columns = _sizes(src)
    width, height = size
    chosen = interpolation_for(interp, (rows, columns, height, width))
    return imresize(src, width, height, interp=chosen)


def _sizes(src: NDArray) -> Size:
    """(rows, columns) of an image; ShapeError when it is none."""
    if len(src.shape) != 3:
        raise ShapeError(
            message(
                f"an image has shape (height, width, channels), not {src.shape}",
                fix="Pick one image of a batch, or add an axis with expand_dims.",
            )
        )
    return src.shape[0], src.shape[1]


def scale_down(src_size: Size, size: Size) -> Size:
    """The largest (width, height) of *size*'s aspect ratio that fits into *src_size*.

    >>> scale_down((640, 480), (720, 120))
    (640, 106)
    """
    width, height = float(size[0]), float(size[1])
    if src_size[1] < height:
        width, height = width * src_size[1] / height, float(src_size[1])
    if src_size[0] < width:
        width, height = float(src_size[0]), height * src_size[0] / width
    return int(width), int(height)


def resize_short(src: NDArray, size: int, interp: int = 2) -> NDArray:
    """An image whose shorter edge has *size* pixels, of the same aspect ratio.

    Parameters
    ----------
    src : NDArray
        (height, width, channels).
    size : int
    interp : int
        As for :func:`imresize`; 9 chooses by the sizes, 10 at random.

    Examples
    --------
    >>> from workbench import nd
    >>> resize_short(nd.zeros((40, 60, 3), dtype="uint8"), 20).shape
    (20, 30, 3)
    """
    rows, columns = _sizes(src)
    if rows > columns:
        return resized(src, (size, size * rows // columns), interp)
    return resized(src, (size * columns // rows, size), interp)


def fixed_crop(
    src: NDArray, x0: int, y0: int, w: int, h: int, size: Size | None = None, interp: int = 2
) -> NDArray:
    """A rectangle of an image, resized when *size* is given.

    Parameters
    ----------
    src : NDArray
        (height, width, channels).
    x0, y0 : int
        Left and upper edge.
    w, h : int
        Width and height; what reaches beyond the image is left out.
    size : (int, int), optional
        New width and height.
    interp : int
        As for :func:`resize_short`.
    """
    part = src[y0 : y0 + h, x0 : x0 + w]
    if size is None or (w, h) == tuple(size):
        return part
    return resized(part, size, interp)


def random_crop(src: NDArray, size: Size, interp: int = 2) -> tuple[NDArray, Rectangle]:
    """A part of (width, height) *size* at a random place, enlarged where the image is smaller.

    Returns
    -------
    NDArray
        The part.
    (int, int, int, int)
        x, y, width and height of the part in *src*.
    """
    rows, columns = _sizes(src)
    width, height = scale_down((columns, rows), size)
    x, y = random.randint(0, columns - width), random.randint(0, rows - height)
    return fixed_crop(src, x, y, width, height, size, interp), (x, y, width, height)


def center_crop(src: NDArray, size: Size, interp: int = 2) -> tuple[NDArray, Rectangle]:
    """The middle of an image, as :func:`random_crop` returns it.

    >>> from workbench import nd
    >>> center_crop(nd.zeros((10, 14, 3)), (6, 4))[1]
    (4, 3, 6, 4)
    """
    rows, columns = _sizes(src)
    width, height = scale_down((columns, rows), size)
    x, y = (columns - width) // 2, (rows - height) // 2
    return fixed_crop(src, x, y, width, height, size, interp), (x, y, width, height)


def random_size_crop(
    src: NDArray, size: Size, area: Any, ratio: tuple[float, float], interp: int = 2, **kwargs: Any
) -> tuple[NDArray, Rectangle]:
    """A part of random area and aspect ratio, resized to *size*.

    Parameters
    ----------
    src : NDArray
        (height, width, channels).
    size : (int, int)
        Final width and height.
    area : float or (float, float)
        Least, and largest, share of the image's area.
    ratio : (float, float)
        Least and largest width over height.
    interp : int
        As for :func:`resize_short`.

    Returns
    -------
    NDArray, (int, int, int, int)
        As :func:`random_crop`. Where ten attempts find no part that fits, the middle.
    """
    area = deprecated_area(area, kwargs)
    if isinstance(area, numbers.Number):
        area = (area, 1.0)
    rows, columns = _sizes(src)
    logarithms = [math.log(one) for one in ratio]
    for _ in range(10):
        target = random.uniform(area[0], area[1]) * rows * columns
        drawn = math.exp(random.uniform(*logarithms))
        width, height = round(math.sqrt(target * drawn)), round(math.sqrt(target / drawn))
        if 0 < width <= columns and 0 < height <= rows:
            x, y = random.randint(0, columns - width), random.randint(0, rows - height)
            return fixed_crop(src, x, y, width, height, size, interp), (x, y, width, height)
    return center_crop(src, size, interp)


def deprecated_area(area: Any, options: dict[str, Any]) -> Any:
    """*area*, or what was given under its old name *min_area*; TypeError for anything else."""
    options = dict(options)
    if "min_area" in options:
        warnings.warn(
            "`min_area` is deprecated. Please use `area` instead.", DeprecationWarning, stacklevel=3
        )
        area = options.pop("min_area")
    if options:
        raise TypeError(f"unexpected keyword arguments: {', '.join(options)}")
    return area


def color_normalize(src: NDArray, mean: Any, std: Any = None) -> NDArray:
    """``(src - mean) / std``, channel by channel; *mean* or *std* may be None.

    Parameters
    ----------
    src : NDArray
        (height, width, channels), of the dtype of *mean* and *std*.
    mean, std : NDArray or float or None
        One number for each channel.
    """
    if mean is not None:
        src = src - mean
    return src if std is None else src / std
