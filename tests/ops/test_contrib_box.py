"""Boxes, against the plain loops that define what they do."""

import numpy as np
import pytest

import workbench as mx
from workbench.error import DTypeError, OperatorError, ParameterError, ShapeError

contrib = mx.nd.contrib

#: class, score, corners
FRUIT = [
    [0, 0.5, 0.1, 0.1, 0.2, 0.2],
    [1, 0.4, 0.1, 0.1, 0.2, 0.2],
    [0, 0.3, 0.1, 0.1, 0.14, 0.14],
    [2, 0.6, 0.5, 0.5, 0.7, 0.8],
]
GONE = [-1] * 6


def iou(a, b):
    width, height = (min(a[i + 2], b[i + 2]) - max(a[i], b[i]) for i in (0, 1))
    meet = max(width, 0) * max(height, 0)
    areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    return meet / (sum(areas) - meet) if meet else 0.0


def greedy(rows, overlap, by_class):
    """Each box in turn, best first, against those kept so far."""
    kept = []
    for row in sorted(rows.tolist(), key=lambda one: -one[1]):
        rivals = [k for k in kept if not by_class or k[0] == row[0]]
        if all(iou(k[2:], row[2:]) <= overlap for k in rivals):
            kept.append(row)
    return np.array(kept)


def many_boxes(count):
    rng = np.random.default_rng(3)
    corner, size = rng.uniform(0, 20, (count, 2)), rng.uniform(1, 6, (count, 2))
    classes, scores = rng.integers(0, 3, (count, 1)), rng.permutation(count)[:, None] + 1.0
    return np.concatenate([classes, scores, corner, corner + size], axis=1)


def nms(boxes, **params):
    return contrib.box_nms(mx.nd.array(boxes), **params).asnumpy()


@pytest.mark.parametrize("by_class", [False, True])
@pytest.mark.parametrize("overlap", [0.1, 0.5])
def test_the_greedy_search_over_several_blocks_of_boxes(by_class, overlap):
    boxes = many_boxes(300)
    expected = greedy(boxes, overlap, by_class)
    assert 50 < len(expected) < 300
    out = nms(boxes, overlap_thresh=overlap, id_index=0 if by_class else -1)
    np.testing.assert_allclose(out[: len(expected)], expected, rtol=1e-6)
    assert (out[len(expected) :] == -1).all()


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"overlap_thresh": 0.5, "force_suppress": True}, [3, 0, 2]),
        ({"overlap_thresh": 0.1, "force_suppress": True}, [3, 0]),
        ({"overlap_thresh": 0.1}, [3, 0, 1]),
        ({"overlap_thresh": 0.1, "background_id": 2}, [0, 1]),
        ({"valid_thresh": 0.4}, [3, 0]),
        ({"valid_thresh": 0.6}, []),
        ({"topk": 1}, [3]),
        ({"topk": 0}, [0, 1, 2, 3]),
    ],
    ids=str,
)
def test_which_boxes_stay(params, expected):
    rows = [FRUIT[i] for i in expected] + [GONE] * (4 - len(expected))
    np.testing.assert_allclose(nms(FRUIT, id_index=0, **params), rows, rtol=1e-6)
    batch = nms([[FRUIT], [FRUIT]], id_index=0, **params)
    np.testing.assert_allclose(batch, [[rows], [rows]], rtol=1e-6)


def test_formats_come_in_and_go_out_but_where_the_first_coordinate_is_negative():
    corners = [[1.0, 1.0, 2.0, 5.0, 4.0], [0.5, -3.0, 0.0, -1.0, 1.0]]
    places = {"score_index": 0, "coord_start": 1}
    centers = nms(corners, out_format="center", **places)
    np.testing.assert_array_equal(centers, [[1.0, 3.0, 3.0, 4.0, 2.0], corners[1]])
    back = nms(centers[:1], in_format="center", **places)
    np.testing.assert_array_equal(back, corners[:1])


def test_gradients_follow_their_boxes():
    data = mx.nd.array(FRUIT)
    data.attach_grad()
    with mx.autograd.record():
        out = contrib.box_nms(data, overlap_thresh=0.1, id_index=0, out_format="center")
    out.backward(mx.nd.array(np.arange(24).reshape(4, 6)))
    expected = np.zeros((4, 6))
    expected[[3, 0, 1]] = np.arange(18).reshape(3, 6)
    np.testing.assert_array_equal(data.grad.asnumpy(), expected)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"score_index": 6}, "score_index = 6 is out of range"),
        ({"score_index": -1}, "score_index = -1 is out of range"),
        ({"coord_start": 3}, r"coord_start \+ 3 = 6 is out of range"),
        ({"id_index": 1}, "columns conflict: .*score_index = 1, id_index = 1"),
        ({"coord_start": 1}, "columns conflict"),
    ],
)
def test_columns_are_checked(params, text):
    with pytest.raises(ParameterError, match=text):
        nms(FRUIT, **params)


def test_boxes_are_floats_in_rows():
    with pytest.raises(DTypeError, match="floats are needed, got int32"):
        contrib.box_nms(mx.nd.array(FRUIT, dtype="int32"))
    with pytest.raises(ShapeError, match=r"\(\.\.\., boxes, numbers\)"):
        contrib.box_nms(mx.nd.ones((6,)))


def test_overlaps_of_boxes_that_meet_touch_or_are_turned_around():
    left = mx.nd.array([[0, 0, 2, 2], [4, 4, 2, 2]])
    right = mx.nd.array([[[1, 1, 3, 3], [2, 0, 4, 2]], [[0, 0, 2, 2], [0, 0, 1, 2]]])
    found = contrib.box_iou(left, right).asnumpy()
    np.testing.assert_allclose(found, [[[1 / 7, 0], [1, 0.5]], [[0, 0], [0, 0]]], rtol=1e-6)
    centers = contrib.box_iou(mx.nd.array([[1, 1, 2, 2]]), mx.nd.array([[2, 2, 2, 2]]), "center")
    np.testing.assert_allclose(centers.asnumpy(), [[1 / 7]], rtol=1e-6)
    with pytest.raises(ShapeError, match="rhs"):
        contrib.box_iou(left, mx.nd.ones((2, 5)))


def test_decoding_undoes_encoding():
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 1, (2, 5, 2))
    anchors = np.concatenate([corners, corners + rng.uniform(0.2, 1, (2, 5, 2))], axis=2)[:1]
    boxes = mx.nd.array(anchors + rng.uniform(-0.05, 0.05, (2, 5, 4)))
    one = mx.nd.array(np.repeat(anchors, 2, axis=0))
    matches = mx.nd.array([[0, 1, 2, 3, 4]] * 2)
    scales = mx.nd.array([0.1, 0.1, 0.2, 0.2])
    said, mask = contrib.box_encode(mx.nd.ones((2, 5)), matches, one, boxes, mx.nd.zeros(4), scales)
    assert (mask.asnumpy() == 1).all()
    back = contrib.box_decode(said, mx.nd.array(anchors), 0.1, 0.1, 0.2, 0.2, format="corner")
    np.testing.assert_allclose(back.asnumpy(), boxes.asnumpy(), rtol=1e-4, atol=1e-5)


def test_anchors_without_a_box_match_nothing():
    anchors, refs = mx.nd.array([[[0, 0, 1, 1]] * 3]), mx.nd.array([[[0, 0, 1, 1]]])
    means, stds, matches = mx.nd.zeros(4), mx.nd.ones(4), mx.nd.array([[-1, 7, 0]])
    said, mask = contrib.box_encode(mx.nd.array([[-1, 0, 1]]), matches, anchors, refs, means, stds)
    assert mask.asnumpy()[0, :, 0].tolist() == [0, 0, 1]
    assert (said.asnumpy() == 0).all()
    with pytest.raises(OperatorError, match=r"out of range 0 \.\. 0"):
        contrib.box_encode(mx.nd.ones((1, 3)), matches, anchors, refs, means, stds)


def test_growth_in_size_is_clipped():
    anchors = mx.nd.array([[[0, 0, 2, 2]]])
    box = contrib.box_decode(mx.nd.array([[[0, 0, 9, -9]]]), anchors, clip=0.5).asnumpy()
    half = np.exp([0.5, -9])
    np.testing.assert_allclose(box, [[[-half[0], -half[1], half[0], half[1]]]], rtol=1e-5)


@pytest.mark.parametrize(
    ("params", "rows", "columns"),
    [
        ({"threshold": 1e-12}, [1, -1, 0], [2, 0]),
        ({"threshold": 0.3}, [1, -1, -1], [-1, 0]),
        ({"threshold": 100, "is_ascend": True}, [-1, 0, 1], [1, 2]),
        ({"threshold": 1e-12, "topk": 1}, [1, -1, 0], [2, 0]),
    ],
)
def test_pairs_by_falling_score(params, rows, columns):
    scores = mx.nd.array([[0.5, 0.6], [0.1, 0.2], [0.3, 0.4]])
    made = contrib.bipartite_matching(scores, **params)
    assert [one.asnumpy().tolist() for one in made] == [rows, columns]


def test_samples_end_at_different_times_and_the_first_of_equal_scores_counts():
    scores = mx.nd.array([[[0.5, 0.5], [0.5, 0.5]], [[0.0, 0.9], [0.0, 0.0]]])
    rows, columns = contrib.bipartite_matching(scores, threshold=0.1)
    assert rows.asnumpy().tolist() == [[0, 1], [1, -1]]
    assert columns.asnumpy().tolist() == [[0, 1], [-1, 0]]
