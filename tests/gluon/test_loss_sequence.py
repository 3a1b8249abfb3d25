"""CTC against the sum over all alignments, and SDML."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import workbench as mx
from workbench.error import ParameterError, ShapeError
from workbench.gluon.loss import CTCLoss, SDMLLoss


def by_alignments(logits, label, blank):
    """``-log`` of the sum of the probabilities of all alignments of (T, C) with a label."""
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    total = 0.0
    for way in itertools.product(range(logits.shape[1]), repeat=len(logits)):
        kept = [c for i, c in enumerate(way) if (i == 0 or way[i - 1] != c) and c != blank]
        if kept == list(label):
            total += np.prod(p[np.arange(len(way)), way])
    return -np.log(total)


@pytest.mark.parametrize("label", [[0], [1, 1], [0, 1], []])
@pytest.mark.parametrize("steps", [3, 4])
def test_ctc_sums_over_all_alignments(label, steps):
    logits = np.random.default_rng(1).normal(size=(5, 3))
    padded = mx.nd.array([label + [-1] * (2 - len(label))])
    pred = mx.nd.array(logits[None], dtype="float64")
    loss = CTCLoss()(pred, padded.astype("float64"), mx.nd.array([steps], dtype="float64"))
    assert loss.asscalar() == pytest.approx(by_alignments(logits[:steps], label, 2), rel=1e-6)


def test_an_impossible_label_has_an_infinite_loss_and_no_gradient():
    pred = mx.nd.ones((1, 2, 3))
    pred.attach_grad()
    with mx.autograd.record():
        loss = CTCLoss()(pred, mx.nd.array([[0, 0]]))
    loss.backward()
    assert loss.asscalar() == np.inf
    assert not pred.grad.asnumpy().any()


def test_layouts_and_hybridized():
    pred, label = mx.nd.random.normal(shape=(2, 5, 4)), mx.nd.array([[0, 1], [2, -1]])
    expected = CTCLoss()(pred, label).asnumpy()
    turned = CTCLoss(layout="TNC", label_layout="TN")
    turned.hybridize()
    out = turned(pred.swapaxes(0, 1), label.T)
    np.testing.assert_allclose(out.asnumpy(), expected, rtol=1e-5)
    with pytest.raises(ParameterError, match="CTCLoss: layout 'CNT'"):
        CTCLoss(layout="CNT")


def test_sdml_is_small_for_pairs_that_lie_together():
    rows = mx.nd.array([[0, 0], [9, 0], [0, 9]])
    near = SDMLLoss(smoothing_parameter=1e-6)(rows, rows + 0.1).asnumpy()
    far = SDMLLoss(smoothing_parameter=1e-6)(rows, rows[::-1]).asnumpy()
    assert near.max() < 1e-2 < far.max()
    with pytest.raises(ShapeError, match="SDMLLoss"):
        SDMLLoss()(rows, rows[0:2])
