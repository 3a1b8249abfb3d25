"""ROIPooling, against loops over parts and elements."""

import math

import numpy as np
import pytest

import workbench as mx
from workbench.error import DTypeError, ParameterError, ShapeError


def round_away(x):
    return int(math.copysign(math.floor(abs(x) + 0.5), x))


def parts(low, high, pooled, length):
    size = max(high - low + 1, 1) / pooled
    for i in range(pooled):
        first, last = low + math.floor(i * size), low + math.ceil((i + 1) * size)
        yield min(max(first, 0), length), min(max(last, 0), length)


def reference(data, rois, pooled_size, scale):
    out = np.zeros((len(rois), data.shape[1], *pooled_size), data.dtype)
    for r, (image, *box) in enumerate(rois):
        left, top, right, bottom = (round_away(one * scale) for one in box)
        if not 0 <= image < len(data):
            continue
        for i, (y, y_end) in enumerate(parts(top, bottom, pooled_size[0], data.shape[2])):
            for j, (x, x_end) in enumerate(parts(left, right, pooled_size[1], data.shape[3])):
                if y_end > y and x_end > x:
                    out[r, :, i, j] = data[int(image), :, y:y_end, x:x_end].max(axis=(1, 2))
    return out


@pytest.mark.parametrize("pooled_size", [(1, 1), (2, 2), (3, 5), (7, 1)])
@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_the_largest_element_of_each_part(pooled_size, scale):
    rng = np.random.default_rng(1)
    data = rng.normal(size=(2, 3, 13, 17)).astype("float32")
    corner = rng.uniform(-4, 16, (20, 2)) / scale
    images = rng.integers(-1, 3, (20, 1))
    size = rng.uniform(-2, 14, (20, 2)) / scale
    rois = np.concatenate([images, corner, corner + size], axis=1).astype("float32")
    out = mx.nd.ROIPooling(mx.nd.array(data), mx.nd.array(rois), pooled_size, scale)
    np.testing.assert_array_equal(out.asnumpy(), reference(data, rois, pooled_size, scale))


def test_the_first_of_equal_elements_gets_the_gradient_and_parts_share_edges():
    data = mx.nd.array([[[[1, 5, 5], [5, 2, 0], [7, 0, 7]]]])
    data.attach_grad()
    rois = mx.nd.array([[0, 0, 0, 2, 1], [0, 0, 0, 2, 2], [1, 0, 0, 2, 2]])
    with mx.autograd.record():
        whole = mx.nd.ROIPooling(data, rois, pooled_size=(1, 1), spatial_scale=1)
    whole.backward(mx.nd.array([10, 1, 100]).reshape((3, 1, 1, 1)))
    assert data.grad.asnumpy().tolist() == [[[[0, 10, 0], [0, 0, 0], [1, 0, 0]]]]
    with mx.autograd.record():
        halves = mx.nd.ROIPooling(data, rois[1:2], pooled_size=(1, 2), spatial_scale=1)
    assert halves.asnumpy().tolist() == [[[[7, 7]]]]
    halves.backward()
    assert data.grad.asnumpy().tolist() == [[[[0, 0, 0], [0, 0, 0], [1, 0, 1]]]]


def test_regions_get_no_gradient():
    data, rois = mx.nd.ones((1, 1, 3, 3)), mx.nd.array([[0, 0, 0, 2, 1]])
    rois.attach_grad()
    with mx.autograd.record():
        out = mx.nd.ROIPooling(data, rois, pooled_size=(1, 1), spatial_scale=1)
    out.backward()
    assert (rois.grad.asnumpy() == 0).all()


@pytest.mark.parametrize(
    ("shapes", "params", "error", "text"),
    [
        (((1, 3, 3), (1, 5)), {}, ShapeError, r"data: \(N, C, H, W\)"),
        (((1, 1, 3, 3), (1, 4)), {}, ShapeError, "rois"),
        (((1, 1, 3, 3), (1, 5)), {"pooled_size": (2,)}, ParameterError, "two positive numbers"),
        (((1, 1, 3, 3), (1, 5)), {"pooled_size": (0, 2)}, ParameterError, "two positive numbers"),
        (((1, 1, 3, 3), (1, 5)), {"spatial_scale": 2}, ParameterError, "spatial_scale"),
    ],
)
def test_what_is_refused(shapes, params, error, text):
    options = {"pooled_size": (2, 2), "spatial_scale": 1, **params}
    with pytest.raises(error, match=text):
        mx.nd.ROIPooling(*map(mx.nd.ones, shapes), **options)


def test_numbers_that_are_none_are_no_place():
    rois = mx.nd.array([[0, float("nan"), 0, float("inf"), 2], [float("nan"), 0, 0, 1, 1]])
    out = mx.nd.ROIPooling(mx.nd.ones((1, 1, 3, 3)), rois, pooled_size=(1, 1), spatial_scale=1)
    assert out.asnumpy().ravel().tolist() == [1, 0]


def test_whole_numbers_are_refused():
    with pytest.raises(DTypeError, match="floats are needed"):
        mx.nd.ROIPooling(
            mx.nd.ones((1, 1, 3, 3), dtype="int32"),
            mx.nd.ones((1, 5), dtype="int32"),
            pooled_size=(1, 1),
            spatial_scale=1,
        )
