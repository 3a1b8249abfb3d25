"""What optimizers do beside their formulas; their numbers are in tests/golden."""

from __future__ import annotations

import logging

import numpy as np
import pytest

import workbench as mx
from workbench.error import ParameterError, ShapeError


def train(optimizer, weight, gradients):
    updater = mx.optimizer.get_updater(optimizer)
    for gradient in gradients:
        updater(0, mx.nd.array(gradient), weight)
    return updater


def test_sgld_adds_noise_whose_variance_is_the_rate():
    mx.random.seed(3)
    weight = mx.nd.zeros((100, 100))
    train(mx.optimizer.SGLD(learning_rate=0.01), weight, [np.zeros((100, 100))])
    assert weight.asnumpy().std() == pytest.approx(0.1, rel=0.05)


def test_dcasgd_says_that_it_has_no_momentum():
    with pytest.raises(ParameterError, match=r"DCASGD: momentum 0\.9"):
        mx.optimizer.DCASGD(momentum=0.9)


def test_lbsgd_updates_once_a_scaled_batch(caplog):
    with caplog.at_level(logging.INFO):
        optimizer = mx.optimizer.LBSGD(learning_rate=0.5, batch_scale=2, warmup_epochs=0)
    assert "Batch_scale=2" in caplog.text
    weight = mx.nd.zeros((2,))
    train(optimizer, weight, [[1, 2]])
    assert weight.asnumpy().tolist() == [0, 0]
    weight = mx.nd.zeros((2,))
    train(
        mx.optimizer.LBSGD(learning_rate=0.5, batch_scale=2, warmup_epochs=0), weight, [[1, 2]] * 2
    )
    assert weight.asnumpy().tolist() == [-1, -2]


@pytest.mark.parametrize(
    ("strategy", "factor"), [("linear", 2.5), ("power2", 1.75), ("sqrt", 1 + 3 * 0.5**0.5)]
)
def test_the_rate_of_lbsgd_warms_up(strategy, factor):
    optimizer = mx.optimizer.LBSGD(
        warmup_strategy=strategy, batch_scale=4, warmup_epochs=2, updates_per_epoch=4
    )
    assert optimizer._warmup(4) == pytest.approx(factor)
    assert optimizer._warmup(8) == 4


def test_lbsgd_by_norms():
    weight = mx.nd.array([3.0, 4.0])
    optimizer = mx.optimizer.LBSGD(learning_rate=0.1, warmup_strategy="lars")
    train(optimizer, weight, [[0.6, 0.8]])
    np.testing.assert_allclose(weight.asnumpy(), [3 - 0.1 * 5 * 0.6, 4 - 0.1 * 5 * 0.8], rtol=1e-6)


def test_group_adagrad_has_one_rate_a_row():
    weight = mx.nd.array([[1.0, 2.0], [3.0, 4.0]])
    optimizer = mx.optimizer.contrib.GroupAdaGrad(learning_rate=0.1)
    updater = train(optimizer, weight, [[[3, 4], [0, 0]]])
    assert updater.states[0].asnumpy().tolist() == [[12.5], [0]]
    step = 0.1 * np.array([3, 4]) / np.sqrt(12.5 + 1e-5)
    np.testing.assert_allclose(weight.asnumpy(), [[1, 2] - step, [3, 4]], rtol=1e-6)


def test_group_adagrad_survives_a_file():
    updater = train(mx.optimizer.contrib.GroupAdaGrad(), mx.nd.ones((2, 2)), [np.ones((2, 2))])
    again = mx.optimizer.get_updater(mx.optimizer.SGD())
    again.set_states(updater.get_states(dump_optimizer=True))
    assert type(again.optimizer).__name__ == "GroupAdaGrad"
    assert again.states[0].asnumpy().tolist() == [[1], [1]]


def test_group_adagrad_refuses_what_it_cannot_do():
    with pytest.raises(ShapeError, match="Use AdaGrad"):
        train(mx.optimizer.contrib.GroupAdaGrad(), mx.nd.ones((2,)), [[1, 1]])
    with pytest.raises(ParameterError, match="weight decay"):
        train(mx.optimizer.contrib.GroupAdaGrad(wd=0.1), mx.nd.ones((1, 2)), [[[1, 1]]])


@pytest.mark.parametrize("kind", ["sgd", "lamb", "lars", "adam"])
def test_lists_of_float16_weights_are_updated_through_their_float32_copies(kind):
    def weights():
        return [mx.nd.full((2, 3), 0.5 + i, dtype="float16") for i in range(2)]

    def states(optimizer, arrays):
        return [optimizer.create_state_multi_precision(i, w) for i, w in enumerate(arrays)]

    grads = [mx.nd.full((2, 3), 0.25, dtype="float16") for _ in range(2)]
    together, apart = (mx.optimizer.create(kind, multi_precision=True) for _ in range(2))
    many, one_by_one = weights(), weights()
    together.update_multi_precision([0, 1], many, grads, states(together, many))
    for i, state in enumerate(states(apart, one_by_one)):
        apart.update_multi_precision(i, one_by_one[i], grads[i], state)
    for one, other in zip(many, one_by_one, strict=True):
        assert one.asnumpy().tolist() == other.asnumpy().tolist()
