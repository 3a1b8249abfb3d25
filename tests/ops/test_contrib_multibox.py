"""Prior boxes, targets and detections of single-shot detectors."""

import numpy as np
import pytest

import workbench as mx
from workbench.error import ParameterError, ShapeError

contrib = mx.nd.contrib
ANCHORS = [[[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8], [0.6, 0.6, 0.8, 0.8]]]
PADDING = [-1.0] * 5


# ---- MultiBoxPrior --------------------------------------------------------------------------


def test_boxes_lie_around_their_cells_sizes_before_ratios():
    boxes = contrib.MultiBoxPrior(mx.nd.zeros((1, 3, 2, 4)), sizes=(0.4, 0.2), ratios=(1, 4))
    assert boxes.shape == (1, 24, 4)
    cells = boxes.asnumpy().reshape(2, 4, 3, 4)
    center = (cells[..., :2] + cells[..., 2:]) / 2
    x, y = np.meshgrid([0.125, 0.375, 0.625, 0.875], [0.25, 0.75])
    for k in range(3):
        np.testing.assert_allclose(center[:, :, k, 0], x, rtol=1e-5)
        np.testing.assert_allclose(center[:, :, k, 1], y, rtol=1e-5)
    size = cells[0, 0, :, 2:] - cells[0, 0, :, :2]  # a width is in heights: 2 rows by 4 columns
    np.testing.assert_allclose(size, [[0.2, 0.4], [0.1, 0.2], [0.4, 0.2]], rtol=1e-5)


def test_steps_and_offsets_place_the_centres_and_clip_cuts():
    params = {"steps": (0.5, 0.25), "offsets": (0.0, 1.0), "sizes": (0.5,)}
    boxes = contrib.MultiBoxPrior(mx.nd.zeros((1, 1, 1, 2)), **params).asnumpy()
    center = (boxes[0, :, :2] + boxes[0, :, 2:]) / 2
    np.testing.assert_allclose(center, [[0.25, 0], [0.5, 0]], atol=1e-6)
    assert boxes.min() < 0
    assert contrib.MultiBoxPrior(mx.nd.zeros((1, 1, 1, 2)), clip=True, **params).min() == 0


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"sizes": ()}, "sizes and ratios must not be empty"),
        ({"ratios": (1, -2)}, "ratios must be positive"),
        ({"steps": (0.5,)}, "steps are two numbers"),
        ({"steps": (0.5, -1)}, "give both steps"),
        ({"offsets": (0.5,)}, "offsets are two numbers"),
        ({"offsets": (0.5, 2)}, "offsets lie between 0 and 1"),
    ],
)
def test_what_priors_refuse(params, text):
    with pytest.raises(ParameterError, match=f"MultiBoxPrior: {text}"):
        contrib.MultiBoxPrior(mx.nd.zeros((1, 1, 2, 2)), **params)


# ---- MultiBoxTarget -------------------------------------------------------------------------


def target(labels, anchors=ANCHORS, **params):
    label = mx.nd.array(labels)
    prediction = mx.nd.zeros((label.shape[0], 3, len(anchors[0])))
    made = contrib.MultiBoxTarget(mx.nd.array(anchors), label, prediction, **params)
    return [one.asnumpy() for one in made]


def test_a_box_gets_its_best_anchor_however_little_they_overlap():
    offsets, mask, classes = target([[[1, 0.1, 0.1, 0.5, 0.6]]])
    assert classes.tolist() == [[2, 0, 0]]
    assert mask[0].tolist() == [1] * 4 + [0] * 8
    expected = [5, 2.5, np.log(2) / 0.2, np.log(2.5) / 0.2]
    np.testing.assert_allclose(offsets[0, :4], expected, rtol=1e-5)
    assert (offsets[0, 4:] == 0).all()


def test_further_anchors_need_the_overlap():
    label = [[[0, 0.5, 0.6, 0.78, 0.8]]]  # overlaps anchor 1 by 0.71, anchor 2 by 0.6
    assert target(label)[2].tolist() == [[0, 1, 1]]
    assert target(label, overlap_threshold=0.65)[2].tolist() == [[0, 1, 0]]
    assert target(label, overlap_threshold=-1)[2].tolist() == [[0, 1, 0]]


def test_without_boxes_no_anchor_counts():
    labels = [[PADDING, PADDING], [[0, 0.5, 0.6, 0.7, 0.8], PADDING]]
    offsets, mask, classes = target(labels, ignore_label=-2)
    assert classes.tolist() == [[-2, -2, -2], [0, 1, 0]]
    assert (offsets[0] == 0).all()
    assert mask.sum() == 4


def test_mining_takes_what_looks_least_like_background():
    anchors = [[[0, 0, 0.1, 0.1], [0.2, 0.2, 0.3, 0.3], [0.5, 0.5, 0.9, 0.9], [0.6, 0.6, 1, 1]]]
    label = mx.nd.array([[[0, 0.5, 0.5, 0.9, 0.9]]])
    background = [[3, 1, 0, 2], [0, 0, 0, 0]]

    def classes(**params):
        made = contrib.MultiBoxTarget(
            mx.nd.array(anchors), label, mx.nd.array([background]),
            negative_mining_ratio=1, **params,
        )  # fmt: skip
        return made[2].asnumpy().tolist()

    assert classes(overlap_threshold=0.9) == [[-1, 0, 1, -1]]
    assert classes(overlap_threshold=0.9, negative_mining_thresh=1e-9) == [[-1, 0, 1, -1]]
    with pytest.raises(ParameterError, match="negative_mining_thresh must be positive"):
        classes(negative_mining_thresh=0)


@pytest.mark.parametrize(
    ("shapes", "text"),
    [
        (((1, 3, 4), (2, 1, 4), (2, 3, 3)), "label"),
        (((2, 3, 4), (2, 1, 5), (2, 3, 3)), "anchor"),
        (((1, 3, 4), (2, 1, 5), (2, 3, 4)), "anchor"),
        (((1, 3, 4), (2, 1, 5), (1, 3, 3)), "cls_pred"),
        (((1, 3, 4), (2, 1, 5), (6,)), "cls_pred"),
    ],
)
def test_shapes_of_targets_are_checked(shapes, text):
    with pytest.raises(ShapeError, match=text):
        contrib.MultiBoxTarget(*map(mx.nd.ones, shapes))


# ---- MultiBoxDetection ----------------------------------------------------------------------


def detect(probabilities, anchors=ANCHORS, offsets=None, **params):
    count = len(anchors[0])
    said = mx.nd.zeros((1, 4 * count)) if offsets is None else mx.nd.array([offsets])
    return contrib.MultiBoxDetection(
        mx.nd.array([probabilities]), said, mx.nd.array(anchors), **params
    ).asnumpy()[0]


def test_the_likeliest_object_of_each_anchor_best_first():
    found = detect([[0.2, 0.1, 0.995], [0.7, 0.1, 0.004], [0.1, 0.8, 0.001]])
    expected = [[1, 0.8, *ANCHORS[0][1]], [0, 0.7, *ANCHORS[0][0]], [-1] * 6]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_worse_box_of_the_same_class_stays_in_its_row_without_a_class():
    same, other = [[0.1, 0.1, 0.1], [0.0, 0.8, 0.9]], [[0.1] * 3, [0.0, 0.8, 0.1], [0.0, 0.1, 0.9]]
    found = detect(same, nms_threshold=0.3, threshold=0.5)
    np.testing.assert_allclose(found[:, :2], [[0, 0.9], [-1, 0.8], [-1, -1]], rtol=1e-5)
    np.testing.assert_allclose(found[1, 2:], ANCHORS[0][1], rtol=1e-5)
    assert detect(other, nms_threshold=0.3)[:2, 0].tolist() == [1, 0]
    assert detect(other, nms_threshold=0.3, force_suppress=True)[:2, 0].tolist() == [1, -1]


def test_without_suppression_the_order_of_the_anchors_stays():
    found = detect([[0.1] * 3, [0.7, 0.8, 0.9]], nms_threshold=-1)
    np.testing.assert_allclose(found[:, 1], [0.7, 0.8, 0.9], rtol=1e-6)


def test_only_the_best_are_kept_before_suppression():
    found = detect([[0.1] * 3, [0.7, 0.8, 0.9]], nms_threshold=1, nms_topk=1)
    assert found[:, 0].tolist() == [0, -1, -1]
    np.testing.assert_allclose(found[:, 1], [0.9, 0.8, 0.9], rtol=1e-6)


def test_offsets_move_the_anchors_and_clip_cuts():
    offsets = [1.0, 0, 0, np.log(2) / 0.2] + [0.0] * 8
    found = detect([[0, 1, 1], [1, 0, 0]], offsets=offsets)
    np.testing.assert_allclose(found[0, 2:], [0.12, 0.1, 0.32, 0.5], rtol=1e-5)
    offsets[0] = -100
    assert detect([[0, 1, 1], [1, 0, 0]], offsets=offsets)[0, 2] == 0
    assert detect([[0, 1, 1], [1, 0, 0]], offsets=offsets, clip=False)[0, 2] < -1


def test_a_background_alone_detects_nothing():
    assert (detect([[0.5, 0.5, 0.5]]) == -1).all()


def test_variances_are_four():
    with pytest.raises(ParameterError, match="variances are four numbers"):
        detect([[1, 1, 1], [0, 0, 0]], variances=(0.1,))
