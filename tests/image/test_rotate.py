"""Rotating images."""

from __future__ import annotations

import numpy as np
import pytest

from workbench import image as im, nd
from workbench.error import DTypeError, ShapeError

RAMP = np.add.outer(np.linspace(0, 0.5, 30), np.linspace(0, 0.5, 60)).astype("float32")


def test_no_turn_changes_nothing():
    made = im.imrotate(nd.array(RAMP[None]), 0).asnumpy()
    np.testing.assert_allclose(made[0], RAMP, atol=1e-5)


def test_half_a_turn_reverses_both_axes():
    made = im.imrotate(nd.array(RAMP[None]), 180).asnumpy()
    np.testing.assert_allclose(made[0], RAMP[::-1, ::-1], atol=1e-4)


def test_a_turn_is_that_of_scipy():
    ndimage = pytest.importorskip("scipy.ndimage")
    made = im.imrotate(nd.array(RAMP[None]), 6).asnumpy()[0]
    expected = ndimage.rotate(RAMP, 6, reshape=False, order=1, prefilter=False)
    np.testing.assert_allclose(made[10:20, 20:40], expected[10:20, 20:40], rtol=1e-4)


def test_zooming():
    ones = nd.ones((1, 30, 60))
    assert im.imrotate(ones, 30, zoom_in=True).asnumpy().min() > 0.8
    plain, small = im.imrotate(ones, 30).asnumpy(), im.imrotate(ones, 30, zoom_out=True).asnumpy()
    assert small.sum() < plain.sum() < 30 * 60
    assert small[0, :, :9].max() == 0  # all of the image is seen, its height is what limits


def test_a_batch_takes_one_angle_or_one_for_each():
    batch = nd.array(np.stack([RAMP[None]] * 3))
    made = im.imrotate(batch, nd.array([0, 6, 180])).asnumpy()
    for one, angle in zip(made, (0, 6, 180), strict=True):
        alone = im.imrotate(nd.array(RAMP[None]), angle).asnumpy()
        np.testing.assert_allclose(one, alone, atol=1e-5)
    assert np.array_equal(im.imrotate(batch, 6).asnumpy()[2], im.imrotate(batch, 6).asnumpy()[0])


def test_random_turns_stay_within_their_limits():
    np.random.seed(1)
    assert im.random_rotate(nd.ones((3, 30, 60)), (-5, 5)).shape == (3, 30, 60)
    batch = nd.array(np.stack([RAMP[None]] * 4))
    made = im.random_rotate(batch, (-5, 5)).asnumpy()
    assert not np.array_equal(made[0], made[1])
    np.testing.assert_allclose(
        made[:, 0, 10:20, 25:35], batch.asnumpy()[:, 0, 10:20, 25:35], atol=0.1
    )


@pytest.mark.parametrize(
    ("shape", "angle", "options", "error"),
    [
        ((3, 4, 5), 1, {"zoom_in": True, "zoom_out": True}, ValueError),
        ((4, 5), 1, {}, ShapeError),
        ((3, 4, 5), nd.array([1, 2]), {}, TypeError),
        ((3, 3, 4, 5), nd.array([1, 2]), {}, ShapeError),
    ],
)
def test_what_makes_no_sense(shape, angle, options, error):
    with pytest.raises(error):
        im.imrotate(nd.ones(shape), angle, **options)


def test_pixels_must_be_floats():
    with pytest.raises(DTypeError, match="float32"):
        im.imrotate(nd.ones((3, 4, 5), dtype="uint8"), 1)
