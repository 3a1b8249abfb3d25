"""The pixels of a PNG file, with NumPy and zlib alone: for where neither Pillow nor OpenCV is.

Source: PNG (Portable Network Graphics) Specification, 3rd edition, W3C. Interlaced files are left
to the libraries.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, NamedTuple

import numpy as np

from .error import DataFileError, message

__all__ = ["SIGNATURE", "decode"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _RGB, _PALETTE, _GREY_ALPHA, _RGBA = 0, 2, 3, 4, 6
_CHANNELS = {_GREY: 1, _RGB: 3, _PALETTE: 1, _GREY_ALPHA: 2, _RGBA: 4}
_MOST_INFLATED = 1032  # bytes that one byte of zlib's data can stand for
_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)

Array = np.ndarray[Any, Any]


class _Header(NamedTuple):
    width: int
    height: int
    depth: int  # bits of one number
    color: int

    @property
    def stride(self) -> int:
        """Bytes of one row, without the one that names its filter."""
        return -(-self.width * self.depth * _CHANNELS[self.color] // 8)


def decode(content: bytes) -> Array:
    """The pixels of a PNG file.

    Returns
    -------
    numpy.ndarray
        uint8, (height, width) when grey, else (height, width, 3) in red, green, blue.
        Transparency is left out, of 16 bits the upper 8 are kept.

    Raises
    ------
    DataFileError
        The file is truncated, corrupt or interlaced.
    """
    header, palette, packed = _chunks(content)
    expected = header.height * (header.stride + 1)
    if expected > _MOST_INFLATED * len(packed):
        raise _broken(f"{len(packed)} packed bytes cannot hold {expected} bytes of pixels")
    inflate = zlib.decompressobj()
    try:
        raw = inflate.decompress(packed, expected)
    except zlib.error as error:
        raise _broken(f"its data cannot be decompressed ({error})") from error
    if len(raw) < expected:
        raise _broken(f"{len(raw)} bytes of pixels instead of {expected}")
    lines = np.frombuffer(raw, np.uint8).reshape(header.height, header.stride + 1)
    distance = max(1, header.depth * _CHANNELS[header.color] // 8)
    rows = _unfiltered(lines[:, 0], lines[:, 1:], distance)
    return _pixels(header, rows, palette)


def _broken(problem: str) -> DataFileError:
    fix = "Write the file again; interlaced ones need Pillow (pip install pillow)."
    return DataFileError(message(f"a PNG file is broken: {problem}", fix=fix))


def _chunks(content: bytes) -> tuple[_Header, Array | None, bytes]:
    """The header, the palette and the compressed pixels."""
    header, palette, packed, at = None, None, [], len(SIGNATURE)
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        if len(data) < length:
            raise _broken(f"truncated in its part {kind!r}")
        if kind == b"IHDR":
            header = _header(data)
        elif kind == b"PLTE" and length % 3 == 0 and 0 < length <= 768:
            palette = np.frombuffer(data, np.uint8).reshape(-1, 3)
        elif kind == b"IDAT":
            packed.append(data)
        elif kind == b"IEND":
            break
        at += length + 12
    if header is None:
        raise _broken("it has no header")
    if header.color == _PALETTE and palette is None:
        raise _broken("it has no palette")
    return header, palette, b"".join(packed)


def _header(data: bytes) -> _Header:
    if len(data) != 13:
        raise _broken("its header has a wrong length")
    width, height, depth, color, _, _, interlaced = struct.unpack(">IIBBBBB", data)
    if not (width and height) or color not in _CHANNELS or depth not in (1, 2, 4, 8, 16):
        raise _broken("its header makes no sense")
    if interlaced:
        raise _broken("interlaced, which needs a library")
    if depth < 8 and color not in (_GREY, _PALETTE):
        raise _broken("its header makes no sense")
    return _Header(width, height, depth, color)


def _unfiltered(filters: Array, lines: Array, distance: int) -> Array:
    """Rows as they were before each was replaced by differences to its neighbours.

    A pixel needs those left of it, above it, and left above, *distance* bytes apart. All pixels of
    one diagonal are computed at once, row after row one pixel behind.
    """
    if filters.max() > _PAETH:
        raise _broken(f"a row has the unknown filter {filters.max()}")
    rows, stride = lines.shape
    if not filters.any():
        return lines
    steps = -(-stride // distance)
    out = np.zeros((rows + 1, (steps + 1) * distance), np.int32)
    out[1:, distance : distance + stride] = lines
    cells = out.reshape(rows + 1, steps + 1, distance)
    is_sub, is_up, is_average, is_paeth = (
        (filters == kind)[:, None] for kind in (_SUB, _UP, _AVERAGE, _PAETH)
    )
    every = np.arange(rows)
    for diagonal in range(rows + steps - 1):
        row = every[max(0, diagonal - steps + 1) : diagonal + 1]
        column = diagonal - row
        left, above = cells[row + 1, column], cells[row, column + 1]
        corner = cells[row, column]
        guess = np.where(is_sub[row], left, 0)
        guess = np.where(is_up[row], above, guess)
        guess = np.where(is_average[row], (left + above) >> 1, guess)
        guess = np.where(is_paeth[row], _paeth(left, above, corner), guess)
        cells[row + 1, column + 1] = (cells[row + 1, column + 1] + guess) & 255
    return out[1:, distance : distance + stride].astype(np.uint8)


def _paeth(left: Array, above: Array, corner: Array) -> Array:
    """Of three neighbours the one nearest to ``left + above - corner``; the first of equals."""
    by_left, by_above = abs(above - corner), abs(left - corner)
    by_corner = abs(left + above - 2 * corner)
    nearest = np.where(by_above <= by_corner, above, corner)
    return np.where((by_left <= by_above) & (by_left <= by_corner), left, nearest)


def _pixels(header: _Header, rows: Array, palette: Array | None) -> Array:
    channels = _CHANNELS[header.color]
    if header.depth < 8:
        numbers = _unpacked(rows, header.depth)[:, : header.width]
    else:  # big-endian: of 16 bits the first byte is the upper one
        numbers = rows[:, :: header.depth // 8]
    if header.color == _PALETTE:
        assert palette is not None
        if numbers.max() >= len(palette):
            raise _broken("a pixel lies outside the palette")
        return palette[numbers]
    if header.color == _GREY and header.depth < 8:
        numbers = numbers * np.uint8(255 // (2**header.depth - 1))
    image = numbers.reshape(header.height, header.width, channels)
    return np.ascontiguousarray(image[..., :3] if channels > 2 else image[..., 0])


def _unpacked(rows: Array, depth: int) -> Array:
    """Numbers of *depth* bits, several in a byte, as one byte each."""
    shifts = np.arange(8 - depth, -1, -depth, dtype=np.uint8)
    numbers: Array = (rows[..., None] >> shifts) & np.uint8(2**depth - 1)
    return numbers.reshape(len(rows), -1)
