"""Metrics: values, pooling over updates, names, wrong input."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import workbench as mx
from workbench import metric, nd, signals

RNG = np.random.default_rng(8)
SCORES = RNG.random((2, 6, 4)).astype("float32")
PROBABILITIES = SCORES / SCORES.sum(axis=-1, keepdims=True)
CLASSES = RNG.integers(0, 4, (2, 6)).astype("float32")
NUMBERS = RNG.normal(size=(2, 6, 1)).astype("float32")
GUESSES = NUMBERS + RNG.normal(size=(2, 6, 1)).astype("float32")


def after(one, labels, preds):
    """The value after an update per pair."""
    for label, pred in zip(labels, preds, strict=True):
        one.update([nd.array(label)], [nd.array(pred)])
    return one.get()[1]


def log_likelihood():
    return -np.log(np.take_along_axis(PROBABILITIES, CLASSES[..., None].astype(int), -1))


def test_accuracy_pools_over_samples():
    expected = (PROBABILITIES.argmax(-1) == CLASSES).mean()
    assert after(metric.Accuracy(), CLASSES, PROBABILITIES) == pytest.approx(expected)
    one = metric.Accuracy()
    one.update(nd.array([1, 0]), nd.array([1, 1]))
    assert one.get() == ("accuracy", 0.5)
    channels = metric.Accuracy(axis=1)
    channels.update([nd.zeros((2, 3))], [nd.array(RNG.random((2, 5, 3)))])
    assert channels.num_inst == 6


def test_top_k():
    order = np.argsort(-PROBABILITIES, axis=-1)[..., :2]
    expected = (order == CLASSES[..., None]).any(-1).mean()
    one = metric.TopKAccuracy(top_k=2)
    assert after(one, CLASSES, PROBABILITIES) == pytest.approx(expected)
    assert one.name == "top_k_accuracy_2"
    with pytest.raises(AssertionError, match="use Accuracy"):
        metric.TopKAccuracy(top_k=1)


@pytest.mark.parametrize("name", ["ce", "nll_loss"])
def test_log_likelihood(name):
    found = after(metric.create(name), CLASSES, PROBABILITIES)
    assert found == pytest.approx(log_likelihood().mean(), rel=1e-5)


def test_perplexity():
    found = after(metric.Perplexity(None), CLASSES, PROBABILITIES)
    assert found == pytest.approx(math.exp(log_likelihood().mean()), rel=1e-5)
    found = after(metric.Perplexity(ignore_label=2), CLASSES, PROBABILITIES)
    kept = log_likelihood()[CLASSES != 2]
    assert found == pytest.approx(math.exp(kept.mean()), rel=1e-5)


@pytest.mark.parametrize(
    ("name", "distance"),
    [
        ("mae", lambda d: np.abs(d).mean()),
        ("mse", lambda d: (d**2).mean()),
        ("rmse", lambda d: np.sqrt((d**2).mean())),
    ],
)
def test_distances_are_averaged_over_updates(name, distance):
    expected = np.mean([distance(d) for d in NUMBERS - GUESSES])
    assert after(metric.create(name), NUMBERS, GUESSES) == pytest.approx(expected, rel=1e-5)


def test_loss_pools_over_elements():
    one = metric.Loss()
    one.update(None, nd.array([1.0, 2.0]))
    one.update(None, [nd.array([6.0])])
    assert one.get() == ("loss", 3.0)


def test_f1_and_mcc_of_two_classes():
    truth, guess = np.array([1, 0, 1, 1, 0, 0]), np.array([1, 1, 0, 1, 0, 0])
    assert after(metric.F1(), [truth], [guess]) == pytest.approx(2 * 2 / (2 * 2 + 1 + 1))
    expected = np.corrcoef(truth, guess)[0, 1]
    assert after(metric.MCC(), [truth], [guess]) == pytest.approx(expected)
    assert after(metric.PCC(), [truth], [guess]) == pytest.approx(expected)
    halves = truth.reshape(2, 3), guess.reshape(2, 3)
    assert after(metric.F1(average="micro"), *halves) == pytest.approx(2 / 3)
    assert after(metric.F1(average="macro"), *halves) == pytest.approx(0.75)
    with pytest.raises(ValueError, match="binary"):
        metric.F1().update([nd.array([0, 1, 2])], [nd.array([0, 1, 2])])


@pytest.mark.parametrize("average", ["macro", "micro"])
def test_pearson(average):
    if average == "micro":
        expected = np.corrcoef(NUMBERS.ravel(), GUESSES.ravel())[0, 1]
    else:
        pairs = zip(NUMBERS, GUESSES, strict=True)
        expected = np.mean([np.corrcoef(x.ravel(), y.ravel())[0, 1] for x, y in pairs])
    one = metric.PearsonCorrelation(average=average)
    assert after(one, NUMBERS, GUESSES) == pytest.approx(expected, rel=1e-5)
    whole = 0 if average == "micro" else expected  # as in MXNet 1.9.1
    assert one.get_global()[1] == pytest.approx(whole, rel=1e-5)


NAMES = ["acc", "ce", "f1", "mae", "mcc", "mse", "nll_loss", "pcc", "pearsonr", "rmse", "loss"]


@pytest.mark.parametrize("name", NAMES)
def test_before_the_first_update_and_after_reset(name):
    one = metric.create(name)
    assert math.isnan(one.get()[1])
    label, pred = (
        (NUMBERS[0], GUESSES[0])
        if name[0] not in "fmp"
        else (
            np.array([1, 0, 1]),
            np.array([1, 1, 0]),
        )
    )
    if name in ("acc", "ce", "nll_loss"):
        label, pred = CLASSES[0], PROBABILITIES[0]
    value = after(one, [label], [pred])
    assert not math.isnan(value)
    one.reset_local()
    assert math.isnan(one.get()[1])
    assert one.get_global()[1] == pytest.approx(value)
    one.reset()
    assert math.isnan(one.get_global()[1])


def test_composite():
    one = metric.create(["acc", "ce"])
    after(one, CLASSES, PROBABILITIES)
    names, values = one.get()
    assert names == ["accuracy", "cross-entropy"]
    assert one.get_name_value() == list(zip(names, values, strict=True))
    assert isinstance(one.get_metric(0), metric.Accuracy)
    assert isinstance(one.get_metric(7), ValueError)
    one.reset()
    assert all(map(math.isnan, one.get()[1]))


def test_ones_own_function():
    one = metric.np(lambda label, pred: float(np.abs(label - pred).sum()), name="total")
    assert after(one, NUMBERS, GUESSES) == pytest.approx(
        np.mean(np.abs(NUMBERS - GUESSES).sum(axis=(1, 2))), rel=1e-5
    )
    pair = metric.create(lambda label, pred: (6.0, 3))
    assert pair.name == "custom(<lambda>)"
    assert after(pair, NUMBERS, GUESSES) == 2
    with pytest.raises(NotImplementedError, match="serialized"):
        pair.get_config()


def test_config_makes_the_same_again():
    one = metric.TopKAccuracy(top_k=3)
    config = one.get_config()
    assert config["metric"] == "TopKAccuracy"
    assert config["top_k"] == 3


def test_arrays_by_name():
    one = metric.Accuracy(output_names=["fc"], label_names=["y"])
    one.update_dict({"y": nd.array([1])}, {"other": nd.zeros((1, 2)), "fc": nd.array([[0, 1]])})
    assert one.get()[1] == 1


def test_numbers_of_labels_and_predictions():
    with pytest.raises(ValueError, match="does not match"):
        metric.Accuracy().update([nd.zeros((2,))], [nd.zeros((2, 2))] * 2)
    with pytest.raises(ValueError, match="does not match"):
        metric.Accuracy().update([nd.zeros((2,))], [nd.zeros((3, 2))])
    with pytest.raises(ValueError, match="Cannot find metric 'nothing'"):
        metric.create("nothing")


@pytest.mark.parametrize("ctx", [mx.cpu(1), mx.loopback(0)], ids=str)
def test_predictions_on_another_device(ctx):
    one = metric.Accuracy()
    one.update([nd.array([1, 0])], [nd.array([[0, 1], [1, 0]], ctx=ctx)])
    assert one.get()[1] == 1


def test_watchers_hear_of_updates_and_resets():
    heard = []

    def listen(one, kind):
        heard.append((one.name, kind))

    signals.connect("metric", listen)
    try:
        one = metric.Loss()
        one.update(None, nd.ones(1))
    finally:
        signals.disconnect("metric", listen)
    assert heard == [("loss", "reset"), ("loss", "update")]


@pytest.mark.parametrize("name", ["acc", "f1", "mcc", "pcc", "nll_loss", "perplexity", "loss"])
def test_a_metric_is_made_again_from_its_configuration(name):
    one = mx.metric.create(name, *([-1] if name == "perplexity" else []))
    config = one.get_config()
    assert mx.metric.create(json.dumps(config)).get_config() == config
    assert mx.metric.create(config).get_config() == config
    assert type(mx.metric.create(config)) is type(one)


def test_perplexity_takes_labels_beyond_the_classes_as_the_last_one():
    metric = mx.metric.Perplexity(ignore_label=-1)
    probabilities = mx.nd.array([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]])
    metric.update([mx.nd.array([2, -1, 0])], [probabilities])
    assert np.isclose(metric.get()[1], np.exp(-(np.log(0.8) + np.log(0.9)) / 2))
