"""Reading, resizing, cropping and rotating."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import workbench as mx
from workbench import nd
from workbench.data import data_path
from workbench.error import DataFileError, MXNetError, ParameterError, ShapeError

IMAGE = np.arange(420).reshape(10, 14, 3).astype("uint8")
GRADIENT = data_path("images") + "/gradient.png"


def image() -> nd.NDArray:
    return nd.array(IMAGE, dtype="uint8")


def test_img_is_the_same_module():
    assert mx.img is mx.image
    assert mx.img.image.imread is mx.image.imread


def test_reading_is_decoding_the_file():
    with open(GRADIENT, "rb") as file:
        content = file.read()
    made = mx.image.imread(GRADIENT)
    assert made.shape == (6, 8, 3)
    assert made[0, 2].asnumpy().tolist() == [72, 0, 40]
    for buf in (content, bytearray(content), np.frombuffer(content, "uint8")):
        assert np.array_equal(mx.image.imdecode(buf).asnumpy(), made.asnumpy())
    blue_first = mx.image.imdecode(content, to_rgb=0).asnumpy()
    assert np.array_equal(blue_first[..., ::-1], made.asnumpy())
    assert mx.image.imread(GRADIENT, 0).shape == (6, 8, 1)
    out = nd.zeros((6, 8, 3), dtype="uint8")
    assert mx.image.imdecode(content, out=out) is out
    assert np.array_equal(out.asnumpy(), made.asnumpy())


def test_what_cannot_be_read():
    pytest.importorskip("PIL")
    with pytest.raises(MXNetError, match="cannot read the image"):
        mx.image.imread("/no such folder/blah.jpg")
    with pytest.raises(MXNetError, match="no bytes"):
        mx.image.imdecode(b"")
    with pytest.raises(DataFileError, match="no image"):
        mx.image.imdecode(b"clearly not image content")
    with pytest.raises(ValueError, match="must be of type bytes"):
        mx.image.imdecode("text")


@given(st.data())
@settings(deadline=None)
def test_mutated_files_never_crash(data):
    pillow = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    pillow.fromarray(IMAGE).save(file, data.draw(st.sampled_from(["JPEG", "PNG", "BMP"])))
    content = bytearray(file.getvalue())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        made = mx.image.imdecode(bytes(content[: data.draw(st.integers(1, len(content)))]))
    except DataFileError:
        return
    assert made.shape[2] == 3


def test_sizes():
    assert mx.image.imresize(image(), 6, 8).shape == (8, 6, 3)
    assert mx.image.resize_short(image(), 6).shape == (6, 8, 3)
    tall = nd.transpose(image(), axes=(1, 0, 2))
    assert mx.image.resize_short(tall, 5, interp=9).shape == (7, 5, 3)
    with pytest.raises(MXNetError, match="interpolation"):
        mx.image.imresize(image(), 5, 5, interp=9)
    with pytest.raises(ParameterError, match="Unknown interp method 8"):
        mx.image.resize_short(image(), 5, interp=8)
    with pytest.raises(ShapeError, match="height, width, channels"):
        mx.image.resize_short(nd.ones((4, 5)), 5)


def test_scale_down():
    assert mx.image.scale_down((640, 480), (720, 120)) == (640, 106)
    assert mx.image.scale_down((360, 1000), (480, 500)) == (360, 375)
    assert mx.image.scale_down((300, 400), (0, 0)) == (0, 0)


def test_crops():
    assert np.array_equal(mx.image.fixed_crop(image(), 1, 2, 5, 6).asnumpy(), IMAGE[2:8, 1:6])
    assert mx.image.fixed_crop(image(), 1, 2, 5, 6, (3, 4), 1).shape == (4, 3, 3)
    part, place = mx.image.center_crop(image(), (6, 4))
    assert place == (4, 3, 6, 4)
    assert np.array_equal(part.asnumpy(), IMAGE[3:7, 4:10])
    assert mx.image.center_crop(image(), (28, 10))[0].shape == (10, 28, 3)


@pytest.mark.parametrize(
    "crop",
    [
        lambda x: mx.image.random_crop(x, (6, 4)),
        lambda x: mx.image.random_size_crop(x, (6, 4), (0.2, 0.5), (0.5, 2)),
        lambda x: mx.image.random_size_crop(x, (6, 4), 0.3, (0.9, 1.1), interp=10),
    ],
)
def test_random_crops_follow_pythons_seed(crop):
    made = []
    for _ in range(2):
        random.seed(11)
        part, (x, y, width, height) = crop(image())
        assert part.shape == (4, 6, 3)
        assert 0 <= x <= 14 - width
        assert 0 <= y <= 10 - height
        made.append(part.asnumpy())
    assert np.array_equal(*made)


def test_a_crop_that_never_fits_is_the_middle():
    _, place = mx.image.random_size_crop(image(), (14, 10), (0.9, 1), (9, 9.5))
    assert place == (0, 0, 14, 10)
    with pytest.warns(DeprecationWarning, match="min_area"):
        mx.image.random_size_crop(image(), (6, 4), None, (1, 1), min_area=0.5)
    with pytest.raises(TypeError, match="unexpected"):
        mx.image.random_size_crop(image(), (6, 4), 0.5, (1, 1), minarea=0.5)


def test_color_normalize():
    source = np.random.default_rng(0).random((4, 5, 3)).astype("float32")
    mean, std = np.array([0.1, 0.2, 0.3]), np.array([2.0, 3.0, 4.0])
    made = mx.image.color_normalize(nd.array(source), nd.array(mean), nd.array(std))
    np.testing.assert_allclose(made.asnumpy(), (source - mean) / std, rtol=1e-5, atol=1e-6)
    assert np.array_equal(mx.image.color_normalize(nd.array(source), None).asnumpy(), source)


def test_a_border():
    made = mx.image.copyMakeBorder(image(), 1, 2, 3, 1, values=(7, 8, 9)).asnumpy()
    assert made.shape == (13, 18, 3)
    assert np.array_equal(made[1:11, 3:17], IMAGE)
    assert made[0, 0].tolist() == [7, 8, 9]
    out = nd.zeros((10, 16, 3), dtype="uint8")
    mx.image.copyMakeBorder(image(), 0, 0, 1, 1, type=1, out=out)
    assert np.array_equal(out.asnumpy()[:, 0], IMAGE[:, 0])
