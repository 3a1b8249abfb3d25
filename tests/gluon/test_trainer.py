"""The trainer: steps, stale gradients, states, several devices, wrong arguments."""

from __future__ import annotations

import errno
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd, signals
from workbench.error import DataFileError, StorageError
from workbench.gluon import Parameter, Trainer, nn

STATES = Path(__file__).parents[1] / "data" / "states"
PAIR = [mx.cpu(0), mx.cpu(1)]


def ones(name="w", ctx=None, shape=(3,)):
    parameter = Parameter(name, shape=shape)
    parameter.initialize(init="ones", ctx=ctx or mx.cpu())
    return parameter


def backward(parameter, factor=2.0):
    with autograd.record():
        losses = [a * factor for a in parameter.list_data()]
    autograd.backward(losses)


@pytest.mark.parametrize("params", [3, "w", [1, 2], None, {"a": 1}])
def test_what_is_no_set_of_parameters(params):
    with pytest.raises(ValueError, match="must be a list or dict of Parameters"):
        Trainer(params, "sgd")


def test_unknown_optimizer():
    with pytest.raises(ValueError, match="Cannot find optimizer sdg") as caught:
        Trainer([ones()], "sdg")
    assert "sgd" in str(caught.value)


def test_an_unknown_setting_of_the_optimizer():
    with pytest.raises(TypeError, match="learnin_rate"):
        Trainer([ones()], "sgd", {"learnin_rate": 0.1})


def test_an_optimizer_takes_no_further_settings():
    with pytest.raises(AssertionError, match="optimizer_params must be None"):
        Trainer([ones()], mx.optimizer.SGD(), {"learning_rate": 1})


def test_one_step():
    one = ones()
    trainer = Trainer([one], "sgd", {"learning_rate": 0.5})
    backward(one)
    trainer.step(4)
    assert np.allclose(one.data().asnumpy(), 1 - 0.5 * 2 / 4)
    assert trainer.learning_rate == 0.5
    trainer.set_learning_rate(0.1)
    assert trainer.learning_rate == 0.1


def test_weight_decay_reaches_biases_too():
    one = ones("bias")
    trainer = Trainer([one], "sgd", {"learning_rate": 1, "wd": 0.1})
    backward(one, 0.0)
    trainer.step(1)
    assert np.allclose(one.data().asnumpy(), 0.9)


def test_multipliers_of_parameters():
    one, two = ones("a"), ones("b")
    two.lr_mult = 0.0
    trainer = Trainer([one, two], "sgd", {"learning_rate": 1})
    for each in (one, two):
        backward(each)
    trainer.step(1)
    assert np.allclose(one.data().asnumpy(), -1)
    assert np.allclose(two.data().asnumpy(), 1)


def test_stale_gradients():
    one, two = ones("one"), ones("two")
    trainer = Trainer([one, two], "sgd", {"learning_rate": 1})
    backward(one)
    with pytest.raises(UserWarning, match=r"Parameter `two` on context cpu\(0\)") as caught:
        trainer.step(1)
    assert "ignore_stale_grad" in str(caught.value)
    backward(one)
    trainer.step(1, ignore_stale_grad=True)
    assert (two.data().asnumpy() == 1).all()
    with pytest.raises(UserWarning, match="has not been updated"):
        trainer.step(1)


def test_stale_gradients_on_one_of_two_devices():
    one = ones(ctx=PAIR)
    trainer = Trainer([one], "sgd", {"learning_rate": 1})
    with autograd.record():
        loss = one.data(mx.cpu(0)) * 2
    loss.backward()
    with pytest.raises(UserWarning, match=r"cpu\(1\)"):
        trainer.step(1)


def test_frozen_parameters_stay():
    one, two = ones("one"), ones("two")
    two.grad_req = "null"
    trainer = Trainer([one, two], "sgd", {"learning_rate": 1})
    backward(one)
    trainer.step(1)
    assert (two.data().asnumpy() == 1).all()


@pytest.mark.parametrize("update_on_kvstore", [None, False])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_two_devices_stay_equal(update_on_kvstore, optimizer):
    one = ones(ctx=PAIR)
    trainer = Trainer([one], optimizer, {"learning_rate": 0.1}, update_on_kvstore=update_on_kvstore)
    alone = ones()
    reference = Trainer([alone], optimizer, {"learning_rate": 0.1})
    for _ in range(3):
        backward(one)
        backward(alone, 4.0)
        trainer.step(2)
        reference.step(2)
    for array in one.list_data():
        assert np.allclose(array.asnumpy(), alone.data().asnumpy(), atol=1e-6)


def test_gradients_summed_apart_from_the_update():
    one = ones(ctx=PAIR)
    trainer = Trainer([one], "sgd", {"learning_rate": 1}, update_on_kvstore=False)
    backward(one)
    trainer.allreduce_grads()
    assert all((g.asnumpy() == 4).all() for g in one.list_grad())
    trainer.update(4)
    assert all((a.asnumpy() == 0).all() for a in one.list_data())


def test_parts_of_a_step_where_the_store_updates():
    one = ones(ctx=PAIR)
    trainer = Trainer([one], "sgd")
    backward(one)
    for call in (trainer.allreduce_grads, lambda: trainer.update(1)):
        with pytest.raises(AssertionError, match="update_on_kvstore"):
            call()


def test_parameters_on_different_devices():
    trainer = Trainer([ones("a", mx.cpu(0)), ones("b", mx.cpu(1))], "sgd")
    with pytest.raises(AssertionError, match="same set of contexts"):
        trainer.step(1)


def test_update_on_kvstore_without_a_store():
    one = ones()
    trainer = Trainer([one], "sgd", kvstore=None, update_on_kvstore=True)
    backward(one)
    with pytest.raises(ValueError, match="no kvstore"):
        trainer.step(1)


def test_a_scheduler_owns_the_rate():
    one = ones()
    scheduler = mx.lr_scheduler.FactorScheduler(step=1, factor=0.5, base_lr=1.0)
    trainer = Trainer([one], "sgd", {"lr_scheduler": scheduler})
    for _ in range(3):
        backward(one)
        trainer.step(1)
    assert trainer.learning_rate == 0.25
    with pytest.raises(UserWarning, match="LRScheduler"):
        trainer.set_learning_rate(1)


def test_watchers_hear_of_each_step():
    one, heard = ones(), []

    def before(owner, batch_size):
        heard.append(("step", owner, batch_size))

    def after(owner, batch_size):
        heard.append(("done", owner, batch_size))

    trainer = Trainer([one], "sgd")
    backward(one)
    signals.connect("step", before)
    signals.connect("step_done", after)
    try:
        trainer.step(7)
    finally:
        signals.disconnect("step", before)
        signals.disconnect("step_done", after)
    assert heard == [("step", trainer, 7), ("done", trainer, 7)]


class TestStates:
    @pytest.mark.parametrize("contexts", [[mx.cpu(0)], PAIR], ids=["one", "two"])
    @pytest.mark.parametrize("optimizer", ["sgd", "adam"])
    def test_a_run_goes_on_where_it_stopped(self, tmp_path, optimizer, contexts):
        options = {"learning_rate": 0.1, **({"momentum": 0.9} if optimizer == "sgd" else {})}
        name = str(tmp_path / "trainer.states")
        one = ones(ctx=contexts)
        trainer = Trainer([one], optimizer, options)
        for _ in range(2):
            backward(one)
            trainer.step(1)
        trainer.save_states(name)
        middle = one.list_data()[0].asnumpy()
        backward(one)
        trainer.step(1)
        two = ones(ctx=contexts)
        two.set_data(nd.array(middle))
        again = Trainer([two], optimizer, options)
        again.load_states(name)
        backward(two)
        again.step(1)
        assert again.optimizer.num_update == 3
        for a, b in zip(one.list_data(), two.list_data(), strict=True):
            assert np.allclose(a.asnumpy(), b.asnumpy(), atol=1e-7)

    @pytest.mark.parametrize("kind", ["sgd", "adam"])
    def test_files_of_mxnet(self, kind):
        after = json.loads((STATES / "after.json").read_text())[kind]
        net = nn.Dense(2, in_units=3)
        net.load_parameters(str(STATES / f"trainer_{kind}.params"))
        trainer = Trainer(net.collect_params(), kind, after["optimizer_params"])
        trainer.load_states(str(STATES / f"trainer_{kind}.states"))
        with autograd.record():
            loss = (net(nd.array(after["x"])) ** 2).sum()
        loss.backward()
        trainer.step(4)
        assert np.allclose(net.weight.data().asnumpy(), after["weight_after"], rtol=1e-5)
        assert np.allclose(net.bias.data().asnumpy(), after["bias_after"], rtol=1e-5)

    def test_nothing_in_a_file_is_run(self, tmp_path):
        name = tmp_path / "evil.states"
        name.write_bytes(b"cos\nsystem\n(S'false'\ntR.")
        trainer = Trainer([ones()], "sgd")
        with pytest.raises(DataFileError, match=r"os\.system"):
            trainer.load_states(str(name))
        name.write_bytes(pickle.dumps({"a": 1})[:-3])
        with pytest.raises(DataFileError, match="no optimizer states"):
            trainer.load_states(str(name))

    @pytest.mark.parametrize("contexts", [[mx.cpu(0)], PAIR], ids=["one", "two"])
    def test_files_that_cannot_be_read_or_written(self, tmp_path, monkeypatch, contexts):
        one = ones(ctx=contexts)
        trainer = Trainer([one], "sgd", {"momentum": 0.9})
        backward(one)
        trainer.step(1)
        with pytest.raises(StorageError, match=r"absent\.states"):
            trainer.load_states(str(tmp_path / "absent.states"))
        with pytest.raises(StorageError, match="folder must exist"):
            trainer.save_states(str(tmp_path / "no folder" / "t.states"))
        name = tmp_path / "t.states"
        trainer.save_states(str(name))
        before = name.read_bytes()

        def full(descriptor):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="Free some space"):
            trainer.save_states(str(name))
        assert name.read_bytes() == before
        assert [entry.name for entry in tmp_path.iterdir()] == ["t.states"]


def test_deferred_parameters_may_be_given_early():
    net = nn.Dense(2)
    net.initialize(init="ones")
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1})
    with autograd.record():
        loss = net(nd.ones((1, 3))).sum()
    loss.backward()
    trainer.step(1)
    assert np.allclose(net.weight.data().asnumpy(), 0)
