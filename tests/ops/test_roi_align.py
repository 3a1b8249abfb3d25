"""ROIAlign and RROIAlign, against loops over samples."""

import math

import numpy as np
import pytest

import workbench as mx
from workbench.error import OperatorError, ParameterError, ShapeError

contrib = mx.nd.contrib


def between(plane, y, x):
    """The bilinear mean at a place of (C, H, W); zero more than one element outside."""
    height, width = plane.shape[1:]
    if not (-1 <= y <= height and -1 <= x <= width):
        return np.zeros(len(plane))
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    top, left = math.floor(y), math.floor(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    upper = plane[:, top, left] * (1 - x + left) + plane[:, top, right] * (x - left)
    lower = plane[:, bottom, left] * (1 - x + left) + plane[:, bottom, right] * (x - left)
    return upper * (1 - y + top) + lower * (y - top)


def mean_of_samples(plane, start, size, pooled_size, ratio, turn=None):
    """(C, h, w): means over the parts of a region whose samples *turn* puts into the map."""
    turn = turn or (lambda y, x: (y, x))
    step = [length / parts for length, parts in zip(size, pooled_size, strict=True)]
    counts = [ratio if ratio > 0 else math.ceil(one) for one in step]
    out = np.zeros((len(plane), *pooled_size))
    for i, j in np.ndindex(*pooled_size):
        for m, n in np.ndindex(*counts):
            y = start[0] + (i + (m + 0.5) / counts[0]) * step[0]
            x = start[1] + (j + (n + 0.5) / counts[1]) * step[1]
            out[:, i, j] += between(plane, *turn(y, x))
    return out / (counts[0] * counts[1])


def upright(data, rois, pooled_size, scale, ratio, aligned=False):
    made = []
    for image, *box in rois:
        left, top, right, bottom = (one * scale - aligned / 2 for one in box)
        size = (
            [bottom - top, right - left]
            if aligned
            else [max(bottom - top, 1), max(right - left, 1)]
        )
        made.append(mean_of_samples(data[int(image)], (top, left), size, pooled_size, ratio))
    return np.stack(made)


def regions(count, images, scale, seed=2):
    rng = np.random.default_rng(seed)
    corner, size = rng.uniform(-3, 10, (count, 2)), rng.uniform(0.5, 9, (count, 2))
    where = np.concatenate([corner, corner + size], axis=1) / scale
    return np.concatenate([rng.integers(0, images, (count, 1)), where], axis=1)


DATA = np.random.default_rng(0).normal(size=(2, 6, 9, 11))


def align(data, rois, pooled_size, scale, **params):
    arrays = mx.nd.array(data, dtype="float64"), mx.nd.array(rois, dtype="float64")
    return contrib.ROIAlign(*arrays, pooled_size=pooled_size, spatial_scale=scale, **params)


@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("ratio", [-1, 1, 3])
@pytest.mark.parametrize(("pooled_size", "scale"), [((2, 2), 1.0), ((3, 4), 0.5), ((7, 1), 0.25)])
def test_means_of_samples(pooled_size, scale, ratio, aligned):
    rois = regions(8, 2, scale)
    out = align(DATA, rois, pooled_size, scale, sample_ratio=ratio, aligned=aligned).asnumpy()
    expected = upright(DATA, rois, pooled_size, scale, ratio, aligned)
    np.testing.assert_allclose(out, expected, atol=1e-12)


@pytest.mark.parametrize("ratio", [-1, 2])
def test_each_part_reads_its_own_channels(ratio):
    rois = regions(5, 2, 1.0)
    out = align(DATA, rois, (3, 2), 1.0, sample_ratio=ratio, position_sensitive=True).asnumpy()
    whole = upright(DATA, rois, (3, 2), 1.0, ratio)
    assert out.shape == (5, 1, 3, 2)
    for i, j in np.ndindex(3, 2):
        np.testing.assert_allclose(out[:, 0, i, j], whole[:, i * 2 + j, i, j], atol=1e-12)


def test_regions_without_an_image_or_outside_it_are_zero():
    rois = [[-1, 0, 0, 3, 3], [0, 90, 90, 99, 99], [0, 0, 0, 3, 3]]
    data = mx.nd.array(DATA)
    data.attach_grad()
    with mx.autograd.record():
        out = contrib.ROIAlign(data, mx.nd.array(rois), pooled_size=(2, 2), spatial_scale=1)
    assert (out.asnumpy()[:2] == 0).all()
    assert (out.asnumpy()[2] != 0).all()
    out.backward(mx.nd.array([1, 1, 0]).reshape((3, 1, 1, 1)) * mx.nd.ones_like(out))
    assert (data.grad.asnumpy() == 0).all()


def test_errors_say_what_is_wrong_with_regions():
    with pytest.raises(OperatorError, match=r"image 2 in rois is out of range 0 \.\. 1"):
        align(DATA, [[2, 0, 0, 3, 3]], (2, 2), 1)
    with pytest.raises(OperatorError, match="needs a positive size"):
        align(DATA, [[0, 1, 1, 1, 3]], (2, 2), 1, aligned=True)
    with pytest.raises(ShapeError, match="no multiple of the 4 parts"):
        align(DATA, [[0, 1, 1, 1, 3]], (2, 2), 1, position_sensitive=True)
    with pytest.raises(ParameterError, match="ROIAlign: pooled_size"):
        align(DATA, [[0, 1, 1, 1, 3]], (2, -2), 1)


# ---- rotated --------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [-1, 2])
def test_samples_are_turned_around_the_centre(ratio):
    rng = np.random.default_rng(5)
    center, size = rng.uniform(0, 10, (8, 2)), rng.uniform(0.5, 8, (8, 2))
    angle, image = rng.uniform(-180, 180, (8, 1)), rng.integers(0, 2, (8, 1))
    rois = np.concatenate([image, center, size, angle], axis=1)
    out = contrib.RROIAlign(
        mx.nd.array(DATA, dtype="float64"),
        mx.nd.array(rois, dtype="float64"),
        pooled_size=(2, 3),
        spatial_scale=1,
        sampling_ratio=ratio,
    )
    for one, (image, x, y, width, height, degrees) in zip(out.asnumpy(), rois, strict=True):
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

        def turn(v, u, x=x, y=y, cos=cos, sin=sin):
            return y + v * cos - u * sin, x + u * cos + v * sin

        size = max(height, 1), max(width, 1)
        start = -size[0] / 2, -size[1] / 2
        expected = mean_of_samples(DATA[int(image)], start, size, (2, 3), ratio, turn)
        np.testing.assert_allclose(one, expected, atol=1e-12)


def test_an_angle_of_zero_is_an_upright_region():
    turned = contrib.RROIAlign(
        mx.nd.array(DATA), mx.nd.array([[1, 5, 4, 6, 4, 0]]), pooled_size=(2, 2), spatial_scale=1
    )
    straight = align(DATA, [[1, 2, 2, 8, 6]], (2, 2), 1)
    np.testing.assert_allclose(turned.asnumpy(), straight.asnumpy(), rtol=1e-5)
