"""Image transforms, one image and batches."""

from __future__ import annotations

import random

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.data import data_path
from workbench.error import DTypeError, ShapeError
from workbench.gluon.data import ArrayDataset, DataLoader
from workbench.gluon.data.vision import MNIST, transforms

IMAGE = np.arange(420).reshape(10, 14, 3).astype("uint8")


def image(**options) -> nd.NDArray:
    return nd.array(IMAGE, dtype="uint8", **options)


def test_to_tensor():
    made = transforms.ToTensor()(image())
    assert made.dtype is np.float32
    assert np.array_equal(made.asnumpy(), IMAGE.transpose(2, 0, 1).astype("float32") / 255)
    batch = transforms.ToTensor()(nd.array(np.stack([IMAGE, IMAGE]), dtype="uint8"))
    assert batch.shape == (2, 3, 10, 14)
    assert np.array_equal(batch.asnumpy()[1], made.asnumpy())


@pytest.mark.parametrize(("mean", "std"), [(0.5, 0.25), ((0.5, 0.4, 0.3), (0.1, 0.2, 0.3))])
def test_normalize(mean, std):
    tensor = transforms.ToTensor()(image())
    made = transforms.Normalize(mean, std)(tensor).asnumpy()
    columns = [np.reshape(np.float32(value), (-1, 1, 1)) for value in (mean, std)]
    np.testing.assert_allclose(made, (tensor.asnumpy() - columns[0]) / columns[1], rtol=1e-6)
    batch = nd.stack(tensor, tensor)
    assert np.array_equal(transforms.Normalize(mean, std)(batch).asnumpy()[1], made)


def test_normalize_refuses_what_does_not_fit():
    with pytest.raises(DTypeError, match=r"(?s)uint8.*Apply to_tensor first"):
        transforms.Normalize(0.5, 1)(nd.zeros((3, 4, 5), dtype="uint8"))
    with pytest.raises(ShapeError, match="2 numbers as mean for 3 channels"):
        transforms.Normalize((1, 2), 1)(transforms.ToTensor()(image()))


def test_cast():
    assert transforms.Cast()(image()).dtype is np.float32
    assert transforms.Cast("float16")(image()).dtype is np.float16


@pytest.mark.parametrize(
    ("size", "keep_ratio", "shape"),
    [
        (6, False, (6, 6, 3)),
        ((6, 8), False, (8, 6, 3)),
        (6, True, (6, 8, 3)),
        ((14, 10), False, (10, 14, 3)),
    ],
)
def test_resize_gives_the_size(size, keep_ratio, shape):
    made = transforms.Resize(size, keep_ratio)(image())
    assert made.shape == shape
    assert made.dtype is np.uint8
    batch = nd.array(IMAGE[None], dtype="uint8")
    assert np.array_equal(transforms.Resize(size, keep_ratio)(batch).asnumpy()[0], made.asnumpy())


def test_crops():
    crop = transforms.CropResize(1, 2, 5, 6)(image())
    assert np.array_equal(crop.asnumpy(), IMAGE[2:8, 1:6])
    assert transforms.CropResize(1, 2, 5, 6, (3, 4), 1)(image()).shape == (4, 3, 3)
    with pytest.raises(ShapeError, match=r"10 x 2 at \(5, 0\) leaves the image"):
        transforms.CropResize(5, 0, 10, 2)(image())
    assert np.array_equal(transforms.CenterCrop(6)(image()).asnumpy(), IMAGE[2:8, 4:10])
    assert transforms.CenterCrop((4, 8))(image()).shape == (8, 4, 3)
    assert transforms.CenterCrop(20)(image()).shape == (20, 20, 3)


def test_random_resized_crop_follows_pythons_seed():
    random.seed(5)
    first = transforms.RandomResizedCrop((6, 4))(image())
    random.seed(5)
    second = transforms.RandomResizedCrop((6, 4))(image())
    assert first.shape == (4, 6, 3)
    assert first.dtype is np.uint8
    assert np.array_equal(first.asnumpy(), second.asnumpy())
    impossible = transforms.RandomResizedCrop(4, scale=(9, 9))(image())
    assert impossible.shape == (4, 4, 3)


@pytest.mark.parametrize(
    ("transform", "axis"),
    [(transforms.RandomFlipLeftRight, 1), (transforms.RandomFlipTopBottom, 0)],
)
def test_random_flips_happen_half_the_time(transform, axis):
    mx.random.seed(3)
    flip = transform()
    flipped = 0
    for _ in range(100):
        made = flip(image()).asnumpy()
        if np.array_equal(made, np.flip(IMAGE, axis)):
            flipped += 1
        else:
            assert np.array_equal(made, IMAGE)
    assert 30 < flipped < 70


def test_random_apply():
    assert transforms.RandomApply(transforms.Cast(), p=1)(image()).dtype is np.float32
    assert transforms.RandomApply(transforms.Cast(), p=0)(image()).dtype is np.uint8


def test_compose():
    steps = transforms.Compose(
        [transforms.CenterCrop(6), transforms.ToTensor(), transforms.Normalize(0.5, 0.25)]
    )
    expected = (IMAGE[2:8, 4:10].transpose(2, 0, 1).astype("float32") / 255 - 0.5) / 0.25
    np.testing.assert_allclose(steps(image()).asnumpy(), expected, rtol=1e-5, atol=1e-6)
    assert not steps.takes_batches
    assert len(steps) == 3


def test_representations_of_mxnet():
    steps = transforms.Compose([transforms.CenterCrop(6), transforms.ToTensor()])
    assert repr(transforms.ToTensor()) == "ToTensor(\n\n)"
    assert repr(steps) == "Compose(\n  (0): CenterCrop(\n  \n  )\n  (1): ToTensor(\n  \n  )\n)"


def test_what_is_no_image_is_refused():
    with pytest.raises(ShapeError, match=r"(?s)height, width, channels.*not \(2, 3\)"):
        transforms.ToTensor()(nd.ones((2, 3)))
    with pytest.raises(ShapeError, match="CenterCrop"):
        transforms.CenterCrop(3)(nd.ones((2, 3)))


def test_a_loader_transforms_whole_batches_to_the_same_numbers():
    steps = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0.13, 0.31)])
    digits = MNIST(data_path("mnist"), train=False).take(7).transform_first(steps)
    (data, label), (rest, _) = DataLoader(digits, 4)
    assert steps.takes_batches
    assert digits._columns([0]) is not None
    assert (data.shape, rest.shape, label.dtype) == ((4, 1, 28, 28), (3, 1, 28, 28), np.int32)
    one_by_one = nd.stack(*[digits[i][0] for i in range(4)])
    assert np.array_equal(data.asnumpy(), one_by_one.asnumpy())


def test_transforms_of_images_without_labels():
    images = ArrayDataset(nd.array(np.stack([IMAGE] * 3), dtype="uint8"))
    (batch,) = DataLoader(images.transform(transforms.ToTensor()), 3)
    assert batch.shape == (3, 3, 10, 14)
    (batch,) = DataLoader(images.transform(transforms.CenterCrop(4)), 3)
    assert batch.shape == (3, 4, 4, 3)


@pytest.mark.parametrize("jitter", [0, 0.4])
@pytest.mark.parametrize("name", ["Brightness", "Contrast", "Saturation", "Hue"])
def test_colours_change_at_random_unless_the_jitter_is_0(name, jitter):
    mx.random.seed(5)
    transform = getattr(transforms, f"Random{name}")(jitter)
    first, second = (transform(image()).asnumpy() for _ in range(2))
    assert first.dtype == np.uint8
    if jitter:
        assert not np.array_equal(first, second)
    elif name == "Saturation":
        assert np.array_equal(first, IMAGE)
    else:  # there and back in float32, fractions dropped
        np.testing.assert_allclose(first, IMAGE.astype(int), atol=1)


def test_lighting_and_color_jitter():
    mx.random.seed(5)
    source = nd.array(IMAGE, dtype="float32")
    assert np.array_equal(transforms.RandomColorJitter()(source).asnumpy(), IMAGE)
    assert np.array_equal(transforms.RandomLighting(0)(source).asnumpy(), IMAGE)
    change = transforms.RandomLighting(0.5)(source).asnumpy() - IMAGE
    assert (change.std((0, 1)) < 1e-4).all()  # the same for all pixels
    assert abs(change.mean((0, 1))).min() > 0.1
    jitter = transforms.RandomColorJitter(0.1, 0.2, 0.3, 0.4)
    first, second = jitter(source), jitter(source)
    assert first.shape == source.shape
    assert not np.array_equal(first.asnumpy(), second.asnumpy())


def test_random_transforms_run_in_a_graph():
    steps = transforms.Compose([transforms.RandomHue(0.3), transforms.RandomFlipLeftRight()])
    colors = transforms.RandomBrightness(0.5)
    colors.hybridize()
    mx.random.seed(1)
    first, second = colors(image()).asnumpy(), colors(image()).asnumpy()
    assert not np.array_equal(first, second)
    assert steps(image()).shape == IMAGE.shape


def test_rotations():
    tensor = transforms.ToTensor()(image())
    assert transforms.Rotate(30, zoom_in=True)(tensor).shape == tensor.shape
    np.testing.assert_allclose(transforms.Rotate(0)(tensor).asnumpy(), tensor.asnumpy(), atol=1e-5)
    np.random.seed(1)
    turned = transforms.RandomRotation((10, 80))(tensor)
    assert abs(turned.asnumpy() - tensor.asnumpy()).max() > 0.1
    assert transforms.RandomRotation((-9, 9), rotate_with_proba=0)(tensor) is tensor
    for transform in (transforms.Rotate(3), transforms.RandomRotation((1, 2))):
        with pytest.raises(TypeError, match="after ToTensor"):
            transform(image())
    with pytest.raises(ValueError, match="ordered tuple"):
        transforms.RandomRotation((9, -9))
    with pytest.raises(ValueError, match="between 0 and 1"):
        transforms.RandomRotation((-9, 9), rotate_with_proba=2)
