"""Augmenters of images."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from workbench import image as im, nd
from workbench.error import ParameterError

IMAGE = np.arange(420).reshape(10, 14, 3).astype("uint8")


def pixels(dtype: str = "float32") -> nd.NDArray:
    return nd.array(IMAGE, dtype=dtype)


def test_sizes_and_places():
    assert im.ResizeAug(6)(pixels("uint8")).shape == (6, 8, 3)
    assert im.ForceResizeAug((6, 8), 9)(pixels("uint8")).shape == (8, 6, 3)
    assert im.CenterCropAug((6, 4))(pixels("uint8")).shape == (4, 6, 3)
    assert im.RandomCropAug((6, 4))(pixels("uint8")).shape == (4, 6, 3)
    assert im.RandomSizedCropAug((6, 4), 0.1, (0.5, 2))(pixels("uint8")).shape == (4, 6, 3)
    assert np.array_equal(im.HorizontalFlipAug(1)(pixels()).asnumpy(), IMAGE[:, ::-1])
    assert np.array_equal(im.HorizontalFlipAug(0)(pixels()).asnumpy(), IMAGE)
    assert im.CastAug("float16")(pixels()).dtype is np.float16


@pytest.mark.parametrize(
    "augmenter",
    [
        im.BrightnessJitterAug(0),
        im.ContrastJitterAug(0),
        im.SaturationJitterAug(0),
        im.HueJitterAug(0),
        im.ColorJitterAug(0, 0, 0),
        im.RandomGrayAug(0),
        im.LightingAug(0, np.ones(3), np.eye(3)),
        im.ColorNormalizeAug(None, None),
    ],
    ids=lambda augmenter: type(augmenter).__name__,
)
def test_no_jitter_changes_nothing(augmenter):
    source = pixels()
    np.testing.assert_allclose(augmenter(source).asnumpy(), IMAGE, atol=0.8)
    assert np.array_equal(source.asnumpy(), IMAGE)


def test_contrast_and_saturation_change_distances():
    random.seed(4)
    factor = 1 + random.uniform(-0.5, 0.5)
    random.seed(4)
    grey = (IMAGE @ [0.299, 0.587, 0.114]).mean()
    expected = grey + (IMAGE - grey) * factor
    np.testing.assert_allclose(im.ContrastJitterAug(0.5)(pixels()).asnumpy(), expected, rtol=1e-4)
    random.seed(4)
    grey = (IMAGE @ [0.299, 0.587, 0.114])[..., None]
    expected = grey + (IMAGE - grey) * factor
    made = im.SaturationJitterAug(0.5)(pixels()).asnumpy()
    np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-3)


def test_hue_keeps_grey():
    grey = nd.full((2, 2, 3), 90.0)
    np.testing.assert_allclose(im.HueJitterAug(0.5)(grey).asnumpy(), 90, rtol=1e-2)


def test_lighting_moves_all_pixels_alike():
    np.random.seed(2)
    change = im.LightingAug(1.0, np.array([3.0, 2, 1]), np.eye(3))(pixels()).asnumpy() - IMAGE
    assert change.std((0, 1)).max() < 1e-4
    assert abs(change).max() > 0.1


def test_grey_and_normalized():
    grey = im.RandomGrayAug(1)(pixels()).asnumpy()
    np.testing.assert_allclose(grey[..., 0], IMAGE @ [0.21, 0.72, 0.07], rtol=1e-4, atol=1e-3)
    assert np.array_equal(grey[..., 0], grey[..., 2])
    made = im.ColorNormalizeAug(np.array([1, 2, 3]), nd.array([2, 4, 8]))(pixels()).asnumpy()
    np.testing.assert_allclose(made, (IMAGE - [1.0, 2, 3]) / [2, 4, 8], rtol=1e-6)


def test_what_augmenters_tell_of_themselves():
    assert json.loads(im.ResizeAug(6, 1).dumps()) == ["resizeaug", {"size": 6, "interp": 1}]
    name, options = json.loads(im.ColorNormalizeAug(nd.array([1, 2]), None).dumps())
    assert (name, options) == ("colornormalizeaug", {"mean": [1, 2], "std": None})
    inner = im.CastAug()
    assert im.SequentialAug([inner]).dumps() == ["sequentialaug", [inner.dumps()]]
    with pytest.raises(NotImplementedError):
        im.Augmenter()(pixels())


def test_orders():
    steps = [im.ForceResizeAug((5, 5)), im.CenterCropAug((3, 3))]
    assert im.SequentialAug(steps)(pixels()).shape == (3, 3, 3)
    random.seed(0)
    shapes = {im.RandomOrderAug(steps)(pixels()).shape for _ in range(20)}
    assert shapes == {(3, 3, 3), (5, 5, 3)}
    assert [type(step) for step in steps] == [im.ForceResizeAug, im.CenterCropAug]


def names(**options) -> list[str]:
    return [type(one).__name__ for one in im.CreateAugmenter((3, 6, 6), **options)]


def test_the_usual_list():
    assert names() == ["CenterCropAug", "CastAug"]
    assert names(rand_resize=True, rand_crop=True) == ["RandomSizedCropAug", "CastAug"]
    assert names(resize=8, rand_crop=True, rand_mirror=True, mean=True, std=True) == [
        "ResizeAug",
        "RandomCropAug",
        "HorizontalFlipAug",
        "CastAug",
        "ColorNormalizeAug",
    ]
    assert names(brightness=0.1, hue=0.1, pca_noise=0.1, rand_gray=0.1)[2:] == [
        "ColorJitterAug",
        "HueJitterAug",
        "LightingAug",
        "RandomGrayAug",
    ]
    for wrong in ({"rand_resize": True}, {"mean": 3.0}, {"std": np.ones(2)}):
        with pytest.raises(ParameterError):
            names(**wrong)


def test_all_of_it_at_once():
    random.seed(1)
    augmenters = im.CreateAugmenter(
        (3, 6, 7),
        resize=9,
        rand_crop=True,
        rand_resize=True,
        rand_mirror=True,
        mean=True,
        std=np.array([1.1, 1.0, 1.0]),
        brightness=0.1,
        contrast=0.1,
        saturation=0.1,
        hue=0.1,
        pca_noise=0.1,
        rand_gray=0.5,
        inter_method=10,
    )
    for _ in range(10):
        made = pixels("uint8")
        for augmenter in augmenters:
            made = augmenter(made)
        assert made.shape == (6, 7, 3)
        assert made.dtype is np.float32
        assert np.isfinite(made.asnumpy()).all()
