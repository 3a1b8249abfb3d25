"""Proposals: which regions are given, in which order."""

import numpy as np
import pytest

import workbench as mx
from workbench.error import OperatorError, ParameterError, ShapeError

contrib = mx.nd.contrib
#: one square anchor of 8 pixels in each cell of 8
ONE = {"feature_stride": 8, "scales": (1,), "ratios": (1,), "rpn_min_size": 1}


def propose(scores, deltas=None, info=(16, 24, 1), function="Proposal", **params):
    """Regions and scores; *scores* are those of objects, (anchors, H, W)."""
    objects = np.asarray(scores, "float32")
    cls_prob = np.concatenate([1 - objects, objects])[None]
    if deltas is None:
        deltas = np.zeros((1, 4 * len(objects), *objects.shape[1:]))
    options = {**ONE, "rpn_post_nms_top_n": 3, "output_score": True, **params}
    arrays = (mx.nd.array(one) for one in (cls_prob, deltas, [info]))
    return [one.asnumpy() for one in getattr(contrib, function)(*arrays, **options)]


SCORES = [[[0.1, 0.6, 0.3], [0.9, 0.2, 0.5]]]


@pytest.mark.parametrize("function", ["Proposal", "MultiProposal"])
def test_anchors_by_falling_score(function):
    regions, scores = propose(SCORES, function=function)
    assert regions.tolist() == [[0, 0, 8, 7, 15], [0, 8, 0, 15, 7], [0, 16, 8, 23, 15]]
    np.testing.assert_allclose(scores, [[0.9], [0.6], [0.5]], rtol=1e-6)


def test_too_few_regions_are_repeated():
    regions, scores = propose(SCORES, rpn_pre_nms_top_n=2, rpn_post_nms_top_n=5)
    assert regions[:, 1].tolist() == [0, 8, 0, 8, 0]
    np.testing.assert_allclose(scores[:, 0], [0.9, 0.6, 0.9, 0.6, 0.9], rtol=1e-6)


def test_a_worse_region_on_top_of_a_better_one_goes():
    deltas = np.zeros((1, 4, 2, 3))
    deltas[0, 0, 0, 1] = -0.5  # half a width to the left: 1/3 of a union
    deltas[0, 1, 0, 1] = 1  # a height down: beside the best
    first = propose(SCORES, deltas, threshold=0.5)[0]
    assert first[1].tolist() == [0, 4, 8, 11, 15]
    assert propose(SCORES, deltas, threshold=0.3)[0][1].tolist() == [0, 16, 8, 23, 15]


def test_deltas_scale_by_their_exponential_or_move_corners():
    deltas = np.zeros((1, 4, 2, 3))
    deltas[0, 2:, 1, 0] = np.log(0.5), np.log(2)
    assert propose(SCORES, deltas)[0][0].tolist() == [0, 2, 4, 5, 15]  # 19.5 is outside
    deltas[0, :, 1, 0] = 1, 2, 3, -4
    assert propose(SCORES, deltas, iou_loss=True)[0][0].tolist() == [0, 1, 10, 10, 11]


def test_small_regions_and_cells_outside_the_image_come_last():
    deltas = np.zeros((1, 4, 2, 3))
    deltas[0, 2:, 1, 0] = np.log(0.25)
    regions, scores = propose(SCORES, deltas, (16, 16, 2), rpn_min_size=2, rpn_post_nms_top_n=6)
    np.testing.assert_allclose(scores[:3, 0], [0.6, 0.2, 0.1], rtol=1e-6)
    assert (scores[3:] == -1).all()
    assert [0, 1, 9, 6, 14] in regions.tolist()  # 2 × 2 pixels, grown by half of 4 on each side


def test_anchors_of_all_ratios_and_scales():
    scores = np.array([0.9, 0.8, 0.7, 0.6]).reshape(4, 1, 1)
    regions = propose(
        scores, info=(1000, 1000, 1), feature_stride=1000, ratios=(1, 4), scales=(0.1, 0.2),
        rpn_post_nms_top_n=4, threshold=1,
    )[0]  # fmt: skip
    sizes = regions[:, 3:] - regions[:, 1:3] + 1
    assert sizes.tolist() == [[100, 100], [200, 200], [50, 200], [100, 400]]


def test_each_image_has_its_number():
    rng = np.random.default_rng(0)
    arrays = [rng.uniform(size=(2, 2, 2, 3)), rng.normal(size=(2, 4, 2, 3)) / 10, [[16, 24, 1]] * 2]
    options = {**ONE, "rpn_post_nms_top_n": 4}
    both = contrib.MultiProposal(*map(mx.nd.array, arrays), **options).asnumpy()
    assert both[:, 0].tolist() == [0] * 4 + [1] * 4
    for i in range(2):
        alone = [mx.nd.array(one[i : i + 1]) for one in arrays]
        one = contrib.Proposal(*alone, **options).asnumpy()
        np.testing.assert_array_equal(one[:, 1:], both[4 * i : 4 * i + 4, 1:])


def test_what_is_refused():
    with pytest.raises(OperatorError, match="2 × 4 cells of 8, the feature map 2 × 3"):
        propose(SCORES, info=(16, 32, 1))
    with pytest.raises(ParameterError, match="must be positive"):
        propose(SCORES, ratios=(-1,))
    with pytest.raises(ParameterError, match="must not be empty"):
        propose(SCORES, scales=())
    with pytest.raises(ShapeError, match="cls_prob"):
        propose(SCORES, scales=(1, 2))
    two = mx.nd.ones((2, 2, 2, 3)), mx.nd.ones((2, 4, 2, 3)), mx.nd.ones((2, 3))
    with pytest.raises(ShapeError, match="one image is expected, got 2; MultiProposal"):
        contrib.Proposal(*two, **ONE)
