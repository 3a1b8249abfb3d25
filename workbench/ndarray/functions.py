"""Functions beside the operators: parts and order of axes, memory shared with others."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..context import cpu
from ..error import MXNetError, ParameterError, ShapeError, message, user_line
from ..ops import get
from .core import NDArray, wrap
from .invoke import invoke

__all__ = [
    "from_dlpack",
    "from_numpy",
    "imdecode",
    "moveaxis",
    "split_v2",
    "to_dlpack_for_read",
    "to_dlpack_for_write",
]


def split_v2(
    ary: NDArray, indices_or_sections: Any, axis: int = 0, squeeze_axis: bool = False
) -> Any:
    """Parts of an array along an axis.

    Parameters
    ----------
    ary : NDArray
    indices_or_sections : int or tuple of int
        how many equal parts, or where the second and later ones begin
    axis : int
    squeeze_axis : bool
        drop the axis, of which each part has one element then

    Returns
    -------
    NDArray, or a list of them for several parts
    """
    if isinstance(indices_or_sections, int):
        size = ary.shape[axis]
        if size % indices_or_sections:
            raise ShapeError(
                message(
                    "split_v2: array split does not result in an equal division",
                    where=[f"{size} along axis {axis} into {indices_or_sections}", user_line()],
                    fix="Give a divisor of the size, or a tuple of indices.",
                )
            )
        starts = tuple(range(0, size, size // indices_or_sections))
    elif isinstance(indices_or_sections, (tuple, list)):
        starts = (0, *indices_or_sections)
    else:
        raise ParameterError(
            message(
                "split_v2: indices_or_sections must be an int or a tuple of ints",
                where=[user_line()],
            )
        )
    given = {"indices": starts, "axis": axis, "squeeze_axis": squeeze_axis}
    return invoke(get("_split_v2"), (ary,), given, None, {})


def from_numpy(ndarray: np.ndarray, zero_copy: bool = True, array_cls: Any = NDArray) -> NDArray:
    """An NDArray on ``cpu(0)`` of a NumPy array, with its dtype.

    Parameters
    ----------
    ndarray : numpy.ndarray
        in C order when *zero_copy*; it becomes read-only then
    zero_copy : bool
        share the memory instead of copying it
    array_cls : type
        as in MXNet; the result is an NDArray whatever it says
    """
    from .creation import from_host

    if not zero_copy:
        return from_host(ndarray, cpu(0))
    if not ndarray.flags.c_contiguous:
        raise ValueError("Only c-contiguous arrays are supported for zero-copy")
    from_host(np.empty(1, ndarray.dtype), cpu(0))  # the device exists, the dtype is possible
    made = wrap(_shared(ndarray), cpu(0))
    ndarray.flags.writeable = False
    return made


def _shared(array: np.ndarray) -> np.ndarray:
    """The same memory to be written into, unless it is not NumPy's own and read-only.

    An array that was shared before is read-only itself, while the memory behind it is not.
    """
    owner = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    return _writable(array.view()) if owner.flags.owndata else array.view()


def to_dlpack_for_read(data: NDArray) -> Any:
    """A DLPack capsule of the memory, for reading; waits for queued writes."""
    return data.to_dlpack_for_read()


def to_dlpack_for_write(data: NDArray) -> Any:
    """A DLPack capsule of the memory, for writing; waits for queued readers and writes."""
    return data.to_dlpack_for_write()


class _Capsule:
    """What NumPy asks of a producer, over a capsule that is there already."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


def from_dlpack(dlpack: Any) -> NDArray:
    """An array on ``cpu(0)`` that shares memory with a DLPack capsule or producer."""
    source = dlpack if hasattr(dlpack, "__dlpack__") else _Capsule(dlpack)
    try:
        raw = np.from_dlpack(source)
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        raise MXNetError(
            message(
                f"from_dlpack: {error}",
                where=[user_line()],
                fix="Give an array in main memory, or its capsule that nobody has used yet.",
            )
        ) from None
    return wrap(_writable(raw) if source is not dlpack else raw, cpu(0))


def _writable(raw: np.ndarray) -> np.ndarray:
    """The same memory to be written into: a bare capsule cannot say, and NumPy plays safe."""
    if raw.flags.writeable or not raw.flags.c_contiguous:
        return raw
    buffer: Any = (ctypes.c_char * raw.nbytes).from_address(raw.ctypes.data)
    buffer.owner = raw
    return np.frombuffer(buffer, raw.dtype).reshape(raw.shape)


def moveaxis(tensor: NDArray, source: Any, destination: Any) -> NDArray:
    """A copy with axes moved to other places; the others keep their order.

    Parameters
    ----------
    tensor : NDArray
    source : int or sequence of int
        the axes to move
    destination : int or sequence of int
        where each of them goes

    Raises
    ------
    ValueError
        when an axis does not exist or is named twice, or the two are of different length
    """
    moved = _axes(source, tensor.ndim, "Source", "source")
    places = _axes(destination, tensor.ndim, "Destination", "destination")
    if len(moved) != len(places):
        raise ValueError(
            "`source` and `destination` arguments must have the same number of elements"
        )
    order = [axis for axis in range(tensor.ndim) if axis not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return tensor.transpose(order)


def _axes(given: Any, ndim: int, name: str, word: str) -> list[int]:
    """Axes as numbers from 0."""
    axes = [given] if isinstance(given, int) else list(given)
    wrong = [axis for axis in axes if not -ndim <= axis < ndim]
    if wrong:
        raise ValueError(f"{name} should verify 0 <= {word} < tensor.ndim ({ndim}), got {wrong[0]}")
    axes = [axis % ndim for axis in axes]
    if len(set(axes)) < len(axes):
        raise ValueError(f"repeated axis in {word} {given}")
    return axes


def imdecode(
    str_img: bytes,
    clip_rect: Sequence[int] = (0, 0, 0, 0),
    out: NDArray | None = None,
    index: int = 0,
    channels: int = 3,
    mean: NDArray | None = None,
) -> NDArray:
    """The pixels of an encoded image, channels first (blue, green, red); ``mx.image`` is newer.

    Parameters
    ----------
    str_img : bytes
        the content of a whole image file
    clip_rect : (int, int, int, int)
        x0, y0, x1, y1 of the part that is wanted; all of it where that is empty
    out : NDArray, optional
        (channels, height, width), or with one axis more in front, of which *index* is written
    index : int
    channels : int
        3, or 1 for shades of grey
    mean : NDArray, optional
        (channels, height, width), subtracted

    Returns
    -------
    NDArray
        *out*, or a new array of *mean*'s dtype or float32
    """
    options = {"flag": 0 if channels == 1 else 1, "to_rgb": False}
    buffer = from_numpy(np.frombuffer(str_img, np.uint8), zero_copy=False)
    pixels = invoke(get("_cvimdecode"), (buffer,), options, None, {})
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = clip_rect if clip_rect[1] != clip_rect[3] else (0, 0, width, height)
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise ShapeError(
            message(
                f"imdecode: clip_rect {tuple(clip_rect)} is no part of {width} x {height}",
                where=[user_line()],
            )
        )
    image = pixels[y0:y1, x0:x1].transpose((2, 0, 1))
    image = image.astype("float32" if mean is None else mean.dtype)
    image = image if mean is None else image - mean
    if out is None:
        return image
    if out.ndim == 4:
        out[index] = image
    else:
        out[:] = image
    return out
