"""PSROIPooling and its deformable kind, against loops over parts."""

import math

import numpy as np
import pytest

import workbench as mx
from workbench.error import OperatorError, ParameterError, ShapeError

contrib = mx.nd.contrib
RNG = np.random.default_rng(0)
ROIS = np.array([[0, 1.5, 2, 7.2, 9], [1, 0, 0, 0, 0], [1, -4, 3, 5, 30], [0, 40, 40, 50, 50]])


def extents(roi, scale):
    """(start, length) down and across."""
    edges = [math.floor(one + 0.5) for one in roi[1:]]
    for low, high in ((1, 3), (0, 2)):
        start = edges[low] * scale
        yield start, max((edges[high] + 1) * scale - start, 0.1)


def channel(dim, i, j, pooled, group):
    return (dim * group + i * group // pooled) * group + j * group // pooled


def means(data, scale, output_dim, pooled, group):
    out = np.zeros((len(ROIS), output_dim, pooled, pooled))
    for r, dim, i, j in np.ndindex(*out.shape):
        where = []
        for k, (start, size), length in zip(
            (i, j), extents(ROIS[r], scale), data.shape[2:], strict=True
        ):
            first, last = (start + size / pooled * edge for edge in (k, k + 1))
            where.append(slice(min(max(math.floor(first), 0), length), max(math.ceil(last), 0)))
        part = data[int(ROIS[r, 0]), channel(dim, i, j, pooled, group), where[0], where[1]]
        out[r, dim, i, j] = part.mean() if part.size else 0
    return out


@pytest.mark.parametrize(("pooled", "group"), [(1, 1), (3, 3), (3, 2), (2, 3)])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_the_mean_of_each_part_in_its_own_channels(pooled, group, scale):
    data = RNG.normal(size=(2, 2 * group * group, 8, 9))
    out = contrib.PSROIPooling(
        mx.nd.array(data, dtype="float64"),
        mx.nd.array(ROIS, dtype="float64"),
        spatial_scale=scale,
        output_dim=2,
        pooled_size=pooled,
        group_size=group,
    )
    np.testing.assert_allclose(out.asnumpy(), means(data, scale, 2, pooled, group), atol=1e-12)


def test_without_a_group_size_each_part_has_its_own_channels():
    data, rois = mx.nd.array(RNG.normal(size=(2, 8, 6, 6))), mx.nd.array(ROIS)
    both = [
        contrib.PSROIPooling(data, rois, spatial_scale=1, output_dim=2, pooled_size=2, **group)
        for group in ({}, {"group_size": 2})
    ]
    np.testing.assert_array_equal(both[0].asnumpy(), both[1].asnumpy())


def bilinear(plane, y, x):
    height, width = plane.shape
    if not (-0.5 <= y <= height - 0.5 and -0.5 <= x <= width - 0.5):
        return None
    y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
    rows = {math.floor(y): 1 - y % 1, math.ceil(y): y % 1 or 1}
    columns = {math.floor(x): 1 - x % 1, math.ceil(x): x % 1 or 1}
    return sum(plane[i, j] * a * b for i, a in rows.items() for j, b in columns.items())


def moved_means(data, trans, scale, output_dim, pooled, group, part, samples, std):
    out = np.zeros((len(ROIS), output_dim, pooled, pooled))
    classes = trans.shape[1] // 2
    for r, dim, i, j in np.ndindex(*out.shape):
        (top, height), (left, width) = extents(ROIS[r], scale)
        kind = dim // (output_dim // classes)
        across, down = trans[r, 2 * kind : 2 * kind + 2, i * part // pooled, j * part // pooled]
        y = top - 0.5 + i * height / pooled + down * std * height
        x = left - 0.5 + j * width / pooled + across * std * width
        plane = data[int(ROIS[r, 0]), channel(dim, i, j, pooled, group)]
        found = [
            bilinear(plane, y + m * height / pooled / samples, x + n * width / pooled / samples)
            for m, n in np.ndindex(samples, samples)
        ]
        inside = [one for one in found if one is not None]
        out[r, dim, i, j] = np.mean(inside) if inside else 0
    return out


@pytest.mark.parametrize("classes", [1, 2])
@pytest.mark.parametrize(("pooled", "group", "part", "samples"), [(2, 2, 2, 1), (3, 2, 2, 3)])
def test_parts_are_moved_by_class(pooled, group, part, samples, classes):
    data = RNG.normal(size=(2, 2 * group * group, 8, 9))
    trans = RNG.normal(size=(len(ROIS), 2 * classes, part, part))
    out = contrib.DeformablePSROIPooling(
        *(mx.nd.array(one, dtype="float64") for one in (data, ROIS, trans)),
        spatial_scale=0.5,
        output_dim=2,
        group_size=group,
        pooled_size=pooled,
        part_size=part,
        sample_per_part=samples,
        trans_std=0.2,
    )
    expected = moved_means(data, trans, 0.5, 2, pooled, group, part, samples, 0.2)
    np.testing.assert_allclose(out.asnumpy(), expected, atol=1e-12)


def test_many_regions_are_read_in_several_steps(monkeypatch):
    from workbench.ops import roi_sensitive

    data, rois = mx.nd.array(RNG.normal(size=(2, 8, 6, 6))), mx.nd.array(ROIS)
    data.attach_grad()

    def run():
        with mx.autograd.record():
            out = contrib.DeformablePSROIPooling(
                data, rois, spatial_scale=1, output_dim=2, group_size=2, pooled_size=2,
                no_trans=True,
            )  # fmt: skip
        out.backward()
        return out.asnumpy(), data.grad.asnumpy()

    whole = run()
    monkeypatch.setattr(roi_sensitive, "_AT_ONCE", 1)
    for one, other in zip(whole, run(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_what_is_refused():
    data, rois, trans = mx.nd.ones((2, 8, 6, 6)), mx.nd.array(ROIS), mx.nd.ones((4, 4, 2, 2))
    both = {"spatial_scale": 1, "output_dim": 2, "pooled_size": 2}
    with pytest.raises(ShapeError, match="= 18 channels are expected, got 8"):
        contrib.PSROIPooling(data, rois, **{**both, "pooled_size": 3})
    with pytest.raises(ParameterError, match="output_dim must be positive"):
        contrib.PSROIPooling(data, rois, **{**both, "output_dim": 0})
    with pytest.raises(OperatorError, match=r"image 5 in rois is out of range 0 \.\. 1"):
        contrib.PSROIPooling(data, rois * 0 + 5, **both)
    both["group_size"] = 2
    with pytest.raises(ShapeError, match="a multiple of the classes"):
        contrib.DeformablePSROIPooling(data, rois, mx.nd.ones((4, 6, 2, 2)), **both)
    with pytest.raises(ShapeError, match="trans"):
        contrib.DeformablePSROIPooling(data, rois, mx.nd.ones((4, 4, 3, 3)), **both)
    with pytest.raises(ParameterError, match="sample_per_part must be positive"):
        contrib.DeformablePSROIPooling(data, rois, trans, sample_per_part=0, **both)
    with pytest.raises(ParameterError, match="input trans is missing"):
        contrib.DeformablePSROIPooling(data, rois, **both)
