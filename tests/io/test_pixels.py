"""Changes to the pixels of one image, against numbers and laws."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.io.options import Augmentation
from workbench.io.pixels import augmented, hls_shifted, warped

IMAGE = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
ONE = np.eye(2)


@pytest.mark.parametrize("interp", [0, 1, 2, 3, 4])
def test_maps_that_hit_pixels_move_them(interp):
    same = warped(IMAGE, ONE, np.zeros(2), (24, 20), interp, 0)
    assert np.array_equal(same, IMAGE)
    moved = warped(IMAGE, ONE, np.array([3, -2]), (24, 20), interp, 9)
    assert np.array_equal(moved[:18, 3:], IMAGE[2:, :21])
    assert (moved[18:] == 9).all()
    assert (moved[:, :3] == 9).all()
    turned = warped(IMAGE, np.array([[0.0, -1], [1, 0]]), np.array([19, 0]), (20, 24), interp, 0)
    assert np.array_equal(turned, np.rot90(IMAGE, -1))


def test_far_outside_is_filled():
    made = warped(IMAGE, ONE * 0.01, np.array([50, 50]), (100, 100), 2, 7)
    assert (made[:40, :40] == 7).all()
    assert (made[60:, 60:] == 7).all()


def test_shifts_of_colours_stay_within_their_limits():
    grey = np.full((2, 2, 3), 100, np.uint8)
    assert np.array_equal(hls_shifted(grey, 50, 0, 0), grey)
    assert (hls_shifted(grey, 0, 50, 0) == 150).all()
    assert (hls_shifted(grey, 0, 999, 0) == 255).all()
    red = np.array([[[200, 0, 0]]], np.uint8)
    assert hls_shifted(red, 60, 0, 0).tolist() == [[[0, 200, 0]]]
    assert np.ptp(hls_shifted(red, 0, 0, -255)) == 0


def test_each_colour_step_changes_something():
    for options in (
        {"brightness": 0.5},
        {"contrast": 0.5},
        {"saturation": 0.5},
        {"random_h": 30},
        {"random_s": 30},
        {"random_l": 30},
        {"pca_noise": 0.5},
    ):
        rng = np.random.default_rng(1)
        made = augmented(IMAGE, Augmentation(**options), (20, 24), rng)
        assert made.shape == IMAGE.shape
        assert made.dtype == np.uint8
        assert not np.array_equal(made, IMAGE)
    assert np.array_equal(augmented(IMAGE, Augmentation(), (20, 24), rng), IMAGE)


def test_grey_images_have_no_colours_to_change():
    how = Augmentation(brightness=0.5, random_h=30, pca_noise=1.0)
    grey = IMAGE[..., :1]
    assert np.array_equal(augmented(grey, how, (20, 24), np.random.default_rng(0)), grey)
