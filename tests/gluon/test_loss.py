"""Losses: their formulas, weights, masks; one value per sample."""

from __future__ import annotations

import numpy as np
import pytest

from workbench import autograd, gluon, nd

RNG = np.random.default_rng(4)
PRED = RNG.normal(size=(5, 3)).astype("float32")
TARGET = RNG.normal(size=(5, 3)).astype("float32")
CLASSES = np.array([0, 2, 1, 1, 0], "float32")
YES = (RNG.random((5, 3)) > 0.5).astype("float32")


def log_softmax(x):
    return x - np.log(np.exp(x).sum(axis=-1, keepdims=True))


CASES = {
    "L2": (gluon.loss.L2Loss, TARGET, ((TARGET - PRED) ** 2 / 2).mean(axis=1)),
    "L1": (gluon.loss.L1Loss, TARGET, np.abs(TARGET - PRED).mean(axis=1)),
    "softmax": (
        gluon.loss.SoftmaxCrossEntropyLoss,
        CLASSES,
        -log_softmax(PRED)[np.arange(5), CLASSES.astype(int)],
    ),
    "sigmoid": (
        gluon.loss.SigmoidBCELoss,
        YES,
        (np.log(1 + np.exp(PRED)) - PRED * YES).mean(axis=1),
    ),
}

SIGN = np.where(YES > 0, 1, -1).astype("float32")
D = np.abs(TARGET - PRED)
CASES |= {
    "huber": (
        gluon.loss.HuberLoss,
        TARGET,
        np.where(D > 1, D - 0.5, D * D / 2).mean(axis=1),
    ),
    "hinge": (gluon.loss.HingeLoss, SIGN, np.maximum(0, 1 - PRED * SIGN).mean(axis=1)),
    "squared hinge": (
        gluon.loss.SquaredHingeLoss,
        SIGN,
        (np.maximum(0, 1 - PRED * SIGN) ** 2).mean(axis=1),
    ),
    "logistic": (gluon.loss.LogisticLoss, SIGN, np.log1p(np.exp(-PRED * SIGN)).mean(axis=1)),
    "divergence": (
        lambda **options: gluon.loss.KLDivLoss(from_logits=False, **options),
        np.abs(TARGET),
        (np.abs(TARGET) * (np.log(np.abs(TARGET)) - log_softmax(PRED))).sum(axis=1),
    ),
}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_one_value_per_sample(case, compiled):
    kind, label, expected = CASES[case]
    loss = kind()
    loss.hybridize(compiled)
    found = loss(nd.array(PRED), nd.array(label))
    assert found.shape == (5,)
    assert np.allclose(found.asnumpy(), expected, rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_weights(case):
    kind, label, expected = CASES[case]
    pred, target = nd.array(PRED), nd.array(label)
    factor = 3.0
    assert np.allclose(kind(weight=factor)(pred, target).asnumpy(), factor * expected, rtol=1e-5)
    mask = np.array([1, 0, 1, 0, 2], "float32").reshape(5, 1)
    found = kind()(pred, target, nd.array(mask)).asnumpy()
    assert np.allclose(found, expected * mask.ravel(), rtol=1e-5)


def test_keywords_are_no_inputs():
    with pytest.raises(TypeError):
        gluon.loss.L2Loss()(pred=nd.ones(1), label=nd.ones(1))


def test_labels_that_are_distributions():
    p = np.exp(log_softmax(TARGET))
    loss = gluon.loss.SoftmaxCELoss(sparse_label=False)
    found = loss(nd.array(PRED), nd.array(p)).asnumpy()
    assert np.allclose(found, -(log_softmax(PRED) * p).sum(axis=1), rtol=1e-5)


def test_from_logits_and_from_sigmoid():
    logits = nd.array(log_softmax(PRED))
    one = gluon.loss.SoftmaxCELoss(from_logits=True)(logits, nd.array(CLASSES)).asnumpy()
    assert np.allclose(one, CASES["softmax"][2], rtol=1e-5)
    p = nd.array(1 / (1 + np.exp(-PRED)))
    two = gluon.loss.SigmoidBCELoss(from_sigmoid=True)(p, nd.array(YES)).asnumpy()
    assert np.allclose(two, CASES["sigmoid"][2], rtol=1e-4)


def test_positive_labels_weigh_more():
    heavy = nd.full((1, 3), 2.5)
    pred, label = nd.array(PRED), nd.array(YES)
    found = gluon.loss.SigmoidBCELoss()(pred, label, None, heavy).asnumpy()
    q = 1 / (1 + np.exp(-PRED))
    expected = -(2.5 * YES * np.log(q) + (1 - YES) * np.log(1 - q)).mean(axis=1)
    assert np.allclose(found, expected, rtol=1e-4)


def test_gradient_of_cross_entropy():
    x = nd.array(PRED)
    x.attach_grad()
    with autograd.record():
        loss = gluon.loss.SoftmaxCELoss()(x, nd.array(CLASSES))
    loss.backward()
    expected = np.exp(log_softmax(PRED)) - np.eye(3)[CLASSES.astype(int)]
    assert np.allclose(x.grad.asnumpy(), expected, atol=1e-6)


def test_large_logits_stay_finite():
    x = nd.array([[1000.0, -1000.0]])
    assert np.isfinite(gluon.loss.SigmoidBCELoss()(x, nd.array([[0.0, 1.0]])).asnumpy()).all()
    assert np.isfinite(gluon.loss.SoftmaxCELoss()(x, nd.array([1.0])).asnumpy()).all()


def test_another_batch_axis():
    loss = gluon.loss.L1Loss(batch_axis=1)
    found = loss(nd.array(PRED), nd.array(TARGET)).asnumpy()
    assert np.allclose(found, np.abs(TARGET - PRED).mean(axis=0), rtol=1e-5)
    assert repr(loss) == "L1Loss(batch_axis=1, w=None)"


@pytest.mark.parametrize("compiled", [False, True])
def test_losses_of_pairs_and_triplets(compiled):
    one, two = nd.array(PRED), nd.array(TARGET)
    triplet = gluon.loss.TripletLoss(margin=2)
    triplet.hybridize(compiled)
    found = triplet(one, two, nd.array(YES)).asnumpy()
    squares = (TARGET - PRED) ** 2 - (YES - PRED) ** 2
    assert np.allclose(found, np.maximum(0, squares.sum(axis=1) + 2), atol=1e-5)
    angle = gluon.loss.CosineEmbeddingLoss(margin=0.1)
    angle.hybridize(compiled)
    found = angle(one, two, nd.array([1, -1, 1, -1, 1])).asnumpy()
    lengths = np.linalg.norm(PRED, axis=1) * np.linalg.norm(TARGET, axis=1)
    cosine = (PRED * TARGET).sum(axis=1) / lengths
    expected = np.where([1, 0, 1, 0, 1], 1 - cosine, np.maximum(0, cosine - 0.1))
    assert np.allclose(found.ravel(), expected, atol=1e-5)


def test_poisson_is_one_number():
    counts = nd.array([[0.5, 1.0, 5.0]])
    rate = nd.array([[0.5, 1.0, 4.0]])
    plain = gluon.loss.PoissonNLLLoss(from_logits=False)(rate, counts).asnumpy()
    expected = np.array([0.5 - 0.5 * np.log(0.5), 1.0, 4 - 5 * np.log(4)])
    assert plain == pytest.approx(expected.mean(), rel=1e-5)
    whole = gluon.loss.PoissonNLLLoss(from_logits=False, compute_full=True)(rate, counts)
    expected[2] += 5 * np.log(5) - 5 + np.log(2 * np.pi * 5) / 2
    assert whole.asnumpy() == pytest.approx(expected.mean(), rel=1e-5)


def test_the_whole_poisson_of_a_count_of_zero_is_nan_as_in_mxnet():
    loss = gluon.loss.PoissonNLLLoss(compute_full=True)
    assert np.isnan(loss(nd.array([1.0, 1.0]), nd.array([0.0, 2.0])).asnumpy()).all()


def test_label_formats():
    signed = gluon.loss.LogisticLoss()(nd.array(PRED), nd.array(SIGN)).asnumpy()
    binary = gluon.loss.LogisticLoss(label_format="binary")(nd.array(PRED), nd.array(YES))
    assert np.allclose(signed, binary.asnumpy(), atol=1e-6)
    with pytest.raises(ValueError, match="signed or binary"):
        gluon.loss.LogisticLoss(label_format="other")
