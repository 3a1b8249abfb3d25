"""Operators for images: sizes, colours, borders, files."""

from __future__ import annotations

import io

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.data import data_path
from workbench.error import (
    DataFileError,
    DTypeError,
    MXNetError,
    ParameterError,
    ShapeError,
    StorageError,
)
from workbench.ops.image_resample import resized

IMAGE = np.arange(420).reshape(10, 14, 3).astype("uint8")


def image(dtype: str = "uint8") -> nd.NDArray:
    return nd.array(IMAGE, dtype=dtype)


# ---- sizes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("interp", range(6))
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float16", "float64", "int32", "int8"])
def test_resizing_one_colour_keeps_it(interp, dtype):
    plain = np.full((7, 9, 2), 77, dtype)
    for width, height in [(3, 5), (20, 17), (9, 3), (9, 7), (1, 1)]:
        made = resized(np, plain, width, height, interp)
        assert made.shape == (height, width, 2)
        assert made.dtype == plain.dtype
        np.testing.assert_allclose(made, 77, rtol=1e-6)


def test_area_is_the_mean_and_nearest_picks():
    grid = np.array([[0, 2, 10, 20], [4, 6, 30, 40]], "uint8")[..., None]
    assert resized(np, grid, 2, 1, 3)[..., 0].tolist() == [[3, 25]]
    assert resized(np, grid, 2, 1, 0)[..., 0].tolist() == [[0, 10]]
    assert resized(np, grid.astype("float64"), 2, 1, 1)[..., 0].tolist() == [[3, 25]]


@pytest.mark.parametrize(
    ("interp", "expected"),
    [
        (0, [[0, 16, 48], [80, 96, 128]]),
        (1, [[25, 52, 78], [145, 172, 198]]),
        (2, [[19, 47, 75], [149, 177, 205]]),
        (3, [[33, 59, 84], [140, 165, 191]]),
    ],
)
def test_shrinking_gives_the_numbers_of_mxnet(interp, expected):
    ramp = np.arange(0, 240, 16, dtype="uint8").reshape(3, 5, 1)
    assert resized(np, ramp, 3, 2, interp)[..., 0].tolist() == expected


def test_enlarging_gives_the_numbers_of_mxnet():
    ramp = np.arange(12, dtype="uint8").reshape(2, 2, 3)
    assert resized(np, ramp, 5, 4, 1)[..., 0].tolist() == [
        [0, 0, 1, 3, 3],
        [2, 2, 3, 4, 5],
        [5, 5, 6, 7, 8],
        [6, 6, 7, 9, 9],
    ]


@pytest.mark.parametrize("interp", range(6))
def test_a_batch_is_resized_image_by_image(interp):
    batch = np.stack([IMAGE, IMAGE[::-1]])
    made = nd.image.resize(nd.array(batch, dtype="uint8"), size=(5, 20), interp=interp).asnumpy()
    for one, other in zip(made, batch, strict=True):
        assert np.array_equal(one, resized(np, other, 5, 20, interp))


def test_integers_are_held_within_their_range():
    steps = np.zeros((1, 8, 1), "int8")
    steps[:, 4:] = 127
    made = resized(np, steps, 24, 1, 2)  # bicubic overshoots
    assert made.max() == 127
    assert made.min() < 0


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({"size": (4, 6)}, (6, 4, 3)),
        ({"size": 5}, (5, 5, 3)),
        ({"size": 5, "keep_ratio": True}, (5, 7, 3)),
        ({"size": (4, 6), "keep_ratio": True}, (6, 4, 3)),
    ],
)
def test_shapes_after_resizing(options, shape):
    assert nd.image.resize(image(), **options).shape == shape
    graph = mx.sym.image.resize(mx.sym.var("x"), **options)
    assert graph.infer_shape(x=(10, 14, 3))[1] == [shape]


def test_a_graph_knows_what_it_can_of_an_unknown_image():
    x = mx.sym.var("x", shape=(0, 0, 3))
    kept = mx.sym.image.resize(x, size=5, keep_ratio=True)
    assert kept.infer_shape_partial()[1] == [(0, 0, 3)]
    tensor = mx.sym.image.to_tensor(mx.sym.image.resize(x, size=5))
    assert tensor.infer_shape_partial()[1] == [(3, 5, 5)]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: nd.image.resize(image()), ParameterError, "size"),
        (lambda: nd.image.resize(image(), size=0), ParameterError, "size"),
        (lambda: nd.image.resize(image(), size=(1, 2, 3)), ParameterError, "size"),
        (lambda: nd.image.resize(image(), size=3, interp=9), ParameterError, "interpolation"),
        (lambda: nd.image.resize(nd.ones((2, 3)), size=3), ShapeError, "height, width"),
        (lambda: resized(np, np.ones((0, 4, 3)), 2, 2, 1), ShapeError, "without pixels"),
        (lambda: nd._internal._cvimresize(image(), w=0, h=3), ShapeError, "0 x 3"),
        (lambda: nd._internal._cvimresize(nd.ones((2, 3)), w=1, h=3), ShapeError, "height"),
        (lambda: nd.image.crop(image(), x=9, y=0, width=6, height=2), ShapeError, "leaves"),
        (lambda: nd.image.crop(image(), x=-1, y=0, width=6, height=2), ShapeError, "leaves"),
        (lambda: nd.image.to_tensor(nd.ones((2,))), ShapeError, "height, width"),
        (lambda: nd.image.normalize(nd.ones((3, 2, 2))), ShapeError, "4 numbers as mean"),
        (lambda: nd.image.normalize(image(), mean=(1,), std=(1,)), ShapeError, "channels"),
        (
            lambda: nd.image.normalize(nd.ones((3, 2, 2), dtype="uint8"), mean=(0,), std=(1,)),
            DTypeError,
            "uint8",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(call, error, says):
    with pytest.raises(error, match=says):
        call()


# ---- places ---------------------------------------------------------------------------------


def test_gradients_go_back_to_where_the_pixels_came_from():
    x = image("float32")
    x.attach_grad()
    head = nd.arange(12).reshape((2, 2, 3))
    with mx.autograd.record():
        y = nd.image.flip_left_right(nd.image.crop(x, x=3, y=1, width=2, height=2))
    y.backward(head)
    grad = x.grad.asnumpy()
    assert np.array_equal(grad[1:3, 3:5], head.asnumpy()[:, ::-1])
    assert grad.sum() == head.sum().asscalar()


def test_the_gradient_of_to_tensor():
    x = image("float64")
    x.attach_grad()
    with mx.autograd.record():
        y = nd.image.to_tensor(x)
    head = np.random.default_rng(0).random((3, 10, 14)).astype("float32")
    y.backward(nd.array(head))
    assert x.grad.dtype is np.float64
    np.testing.assert_allclose(x.grad.asnumpy(), head.transpose(1, 2, 0) / 255, rtol=1e-6)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (0, [9, 9, 9, 0, 1, 2, 9, 9, 9]),
        (1, [0, 0, 0, 0, 1, 2, 2, 2, 2]),
        (2, [2, 1, 0, 0, 1, 2, 2, 1, 0]),
        (3, [0, 1, 2, 0, 1, 2, 0, 1, 2]),
        (4, [1, 2, 1, 0, 1, 2, 1, 0, 1]),
        (16, [9, 9, 9, 0, 1, 2, 9, 9, 9]),
    ],
)
def test_borders_in_opencvs_numbers(kind, expected):
    row = nd.array([[[0], [1], [2]]], dtype="uint8")
    border = nd._internal._cvcopyMakeBorder
    made = border(row, top=0, bot=0, left=3, right=3, type=kind, value=9)
    assert made.asnumpy().ravel().tolist() == expected


def test_a_border_has_one_value_for_each_channel():
    border = nd._internal._cvcopyMakeBorder
    made = border(image(), top=1, bot=0, left=0, right=0, values=(7, 8)).asnumpy()
    assert made[0, 0].tolist() == [7, 8, 0]
    for options in ({"top": -1}, {"type": 5}, {"type": -1}):
        with pytest.raises(ShapeError, match="border"):
            border(image(), **{"top": 1, "bot": 1, "left": 1, "right": 1, **options})


# ---- colours --------------------------------------------------------------------------------


def test_a_seed_draws_what_mxnet_draws():
    """Numbers of MXNet 1.9.1 for seed 7."""
    mx.random.seed(7)
    one = nd.ones((1, 1, 3))
    drawn = [
        nd.image.random_brightness(one, min_factor=0, max_factor=1).asnumpy()[0, 0, 0]
        for _ in range(4)
    ]
    np.testing.assert_allclose(drawn, [0.42855945, 0.91751623, 0.80797774, 0.9977072], rtol=1e-6)
    ramp = nd.arange(6).reshape((1, 2, 3))
    flipped = [int(nd.image.random_flip_left_right(ramp)[0, 0, 0].asscalar()) for _ in range(20)]
    assert flipped == [0, 0, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 0, 3, 0, 0, 3, 0, 3, 0]


def test_grey_images_keep_their_saturation_hue_and_light():
    grey = nd.array(IMAGE[..., :1], dtype="uint8")
    for change in (
        lambda x: nd.image.random_saturation(x, min_factor=0.5, max_factor=0.5),
        lambda x: nd.image.random_hue(x, min_factor=0.5, max_factor=0.5),
        lambda x: nd.image.adjust_lighting(x, alpha=(1, 1, 1)),
    ):
        assert np.array_equal(change(grey).asnumpy(), IMAGE[..., :1])


def test_hue_turns_red_to_green_to_blue():
    red = nd.array([[[200, 0, 0]]], dtype="float32")
    green = nd.image.random_hue(red, min_factor=1 / 3, max_factor=1 / 3).asnumpy()
    blue = nd.image.random_hue(red, min_factor=2 / 3, max_factor=2 / 3).asnumpy()
    np.testing.assert_allclose(green[0, 0], [0, 200, 0], atol=1e-2)
    np.testing.assert_allclose(blue[0, 0], [0, 0, 200], atol=1e-2)


def test_colours_of_what_is_no_image_are_refused():
    for x in (nd.ones((2, 3)), nd.ones((2, 2, 2, 3)), nd.ones((2, 2, 4))):
        with pytest.raises(ShapeError):
            nd.image.random_brightness(x, min_factor=0.5, max_factor=1)
    with pytest.raises(MXNetError, match="min_factor"):
        nd.image.random_brightness(image(), min_factor=-1, max_factor=1)
    with pytest.raises(ParameterError, match="2 numbers as alpha"):
        nd.image.adjust_lighting(image(), alpha=(1, 2))


# ---- files ----------------------------------------------------------------------------------


def encoded(pixels: np.ndarray, kind: str) -> bytes:
    pillow = pytest.importorskip("PIL.Image")
    file = io.BytesIO()
    pillow.fromarray(pixels).save(file, kind)
    return file.getvalue()


def test_decoding():
    buf = nd.array(np.frombuffer(encoded(IMAGE, "PNG"), "uint8"), dtype="uint8")
    assert np.array_equal(nd._internal._cvimdecode(buf).asnumpy(), IMAGE)
    made = nd._internal._cvimdecode(buf, to_rgb=False)
    assert np.array_equal(made.asnumpy(), IMAGE[..., ::-1])
    assert nd._internal._cvimdecode(buf, flag=0).shape == (10, 14, 1)
    with pytest.raises(ParameterError, match="flag"):
        nd._internal._cvimdecode(buf, flag=2)
    with pytest.raises(DataFileError, match="no image"):
        nd._internal._cvimdecode(buf[:40])


def test_reading_a_file():
    path = data_path("images") + "/gradient.png"
    assert nd._internal._cvimread(filename=path).shape == (6, 8, 3)
    with pytest.raises(StorageError, match="cannot read"):
        nd._internal._cvimread(filename=path + ".missing")
