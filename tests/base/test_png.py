"""PNG files, decoded without a library."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, strategies as st

from workbench import _imagecodec, _png
from workbench.error import DataFileError

NOISE = np.random.default_rng(3).integers(0, 256, (13, 17, 4), dtype=np.uint8)
SMOOTH = (np.add.outer(np.arange(40), np.arange(50))[..., None] * [1, 2, 3] % 256).astype("uint8")


def part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))


def png(lines: np.ndarray, width: int, depth: int, color: int, *more: bytes, interlaced=0) -> bytes:
    """A file of *lines*, rows of bytes that begin with their filter."""
    header = struct.pack(">IIBBBBB", width, len(lines), depth, color, 0, 0, interlaced)
    data = zlib.compress(lines.astype(np.uint8).tobytes())
    parts = [part(b"IHDR", header), *more, part(b"IDAT", data), part(b"IEND", b"")]
    return _png.SIGNATURE + b"".join(parts)


def filtered(pixels: np.ndarray, filters: list[int]) -> np.ndarray:
    """Rows filtered as the specification says, one byte after another."""
    rows = pixels.reshape(len(pixels), -1).astype(int)
    distance = pixels.shape[2]
    lines = np.zeros((len(rows), rows.shape[1] + 1), int)
    for y, kind in enumerate(filters):
        lines[y, 0] = kind
        for x in range(rows.shape[1]):
            a = rows[y, x - distance] if x >= distance else 0
            b = rows[y - 1, x] if y else 0
            c = rows[y - 1, x - distance] if y and x >= distance else 0
            near = min((a, b, c), key=lambda one: abs(a + b - c - one))
            guess = [0, a, b, (a + b) // 2, near][kind]
            lines[y, x + 1] = (rows[y, x] - guess) % 256
    return lines


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_filter_is_undone(channels):
    pixels = NOISE[..., :channels]
    lines = filtered(pixels, [y % 5 for y in range(len(pixels))])
    color = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    made = _png.decode(png(lines, 17, 8, color))
    assert np.array_equal(made, pixels[..., 0] if channels < 3 else pixels[..., :3])


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_few_bits(depth):
    numbers = NOISE[..., 0] >> (8 - depth)
    bits = np.unpackbits(numbers[..., None], axis=2)[..., 8 - depth :].reshape(13, -1)
    lines = np.hstack([np.zeros((13, 1), int), np.packbits(bits, axis=1)])
    made = _png.decode(png(lines, 17, depth, 0))
    assert np.array_equal(made, numbers * (255 // (2**depth - 1)))
    palette = NOISE[0, : 2**depth, :3]
    made = _png.decode(png(lines, 17, depth, 3, part(b"PLTE", palette.tobytes())))
    assert np.array_equal(made, palette[numbers])


def test_sixteen_bits_keep_the_upper_eight():
    wide = np.stack([NOISE[..., 0], NOISE[..., 1]], -1).reshape(13, -1)
    made = _png.decode(png(np.hstack([np.zeros((13, 1), int), wide]), 17, 16, 0))
    assert np.array_equal(made, NOISE[..., 0])


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGB", "RGBA", "1", "I;16"])
def test_files_of_pillow(mode):
    pillow = pytest.importorskip("PIL.Image")
    if mode == "I;16":
        source = pillow.fromarray(SMOOTH[..., 0].astype("uint16") * 257)
        expected = SMOOTH[..., 0]
    else:
        source = pillow.fromarray(SMOOTH).convert(mode)
        expected = np.asarray(source.convert("L" if mode in ("L", "LA", "1") else "RGB"))
    file = io.BytesIO()
    source.save(file, "PNG")
    assert np.array_equal(_png.decode(file.getvalue()), expected)


def test_what_is_broken_says_so():
    good = png(filtered(NOISE, [4] * 13), 17, 8, 6)
    for bad, says in (
        (good[:60], "truncated"),
        (_png.SIGNATURE, "no header"),
        (png(np.full((2, 5), 7), 4, 8, 0), "unknown filter 7"),
        (png(np.zeros((2, 5)), 5, 8, 0), "10 bytes of pixels instead of 12"),
        (png(np.zeros((2, 5)), 2**32 - 1, 16, 6), "cannot hold"),
        (png(np.zeros((2, 5)), 4, 8, 0, interlaced=1), "interlaced"),
        (png(np.zeros((2, 5)), 4, 8, 3), "no palette"),
        (png(np.ones((2, 5)), 4, 8, 3, part(b"PLTE", b"abc")), "outside the palette"),
        (png(np.zeros((2, 5)), 4, 8, 5), "makes no sense"),
        (png(np.zeros((2, 5)), 0, 8, 0), "makes no sense"),
        (good.replace(b"IDAT", b"JDAT"), "0 packed bytes"),
    ):
        with pytest.raises(DataFileError, match=says):
            _png.decode(bad)


@given(st.data())
def test_mutated_files_never_crash(data):
    content = bytearray(png(filtered(NOISE[..., :3], [3] * 13), 17, 8, 2))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(8, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(8, len(content)))]
    try:
        made = _png.decode(bytes(content))
    except DataFileError:
        return
    assert made.dtype == np.uint8


@pytest.fixture
def without_libraries(monkeypatch):
    monkeypatch.setattr(_imagecodec, "_opencv", lambda: None)
    monkeypatch.setattr(_imagecodec, "_has_pillow", lambda: False)


@pytest.mark.parametrize("iscolor", [-1, 0, 1])
@pytest.mark.parametrize("rgb", [True, False])
def test_the_same_as_with_pillow(without_libraries, monkeypatch, iscolor, rgb):
    pytest.importorskip("PIL")
    grey, color = SMOOTH[..., :1], SMOOTH
    for pixels, kind in ((grey, 0), (color, 2)):
        content = png(filtered(pixels, [1] * 40), 50, 8, kind)
        made = _imagecodec.decode(content, iscolor, rgb)
        with monkeypatch.context() as patch:
            patch.setattr(_imagecodec, "_has_pillow", lambda: True)
            expected = _imagecodec.decode(content, iscolor, rgb)
        np.testing.assert_allclose(made.astype(int), expected, atol=1)
        assert made.shape == expected.shape
