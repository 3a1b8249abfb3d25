"""Optimizers: rules against their formulas, counting, rates, float16, states."""

from __future__ import annotations

import pickle
import pickletools

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.error import DataFileError, MXNetError
from workbench.optimizer import SGD, Optimizer, Updater, create, get_updater

W = np.array([[0.5, -1.0], [2.0, 0.25]], "float32")
G = [np.array([[1.0, 2.0], [-3.0, 0.5]], "float32") * s for s in (1.0, -0.5, 2.0)]


def run(optimizer, gradients=G, dtype="float32", ctx=None):
    """The weight after one update per gradient, and the updater."""
    weight = nd.array(W, ctx=ctx, dtype=dtype)
    updater = get_updater(optimizer)
    for g in gradients:
        updater(0, nd.array(g, ctx=ctx, dtype=dtype), weight)
    return weight.asnumpy(), updater


def sgd(lr, momentum=0.0, wd=0.0, rescale=1.0, clip=np.inf):
    w, v = W.astype("float64"), np.zeros_like(W, "float64")
    for g in G:
        v = momentum * v - lr * (np.clip(g * rescale, -clip, clip) + wd * w)
        w = w + v
    return w


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("ctx", [mx.cpu(0), mx.cpu(1), mx.loopback(0)], ids=str)
def test_sgd(momentum, ctx):
    made, _ = run(
        SGD(learning_rate=0.1, momentum=momentum, wd=0.01, rescale_grad=0.5, clip_gradient=0.8),
        ctx=ctx,
    )
    assert np.allclose(made, sgd(0.1, momentum, 0.01, 0.5, 0.8), atol=1e-6)


def test_adam():
    made, _ = run(create("adam", learning_rate=0.1, wd=0.01))
    w, m, v = W.astype("float64"), 0.0, 0.0
    for t, g in enumerate(G, 1):
        g = g + 0.01 * w
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        w = w - 0.1 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8)
    assert np.allclose(made, w, atol=1e-5)


NAMES = sorted(set(Optimizer.opt_registry) - {"test", "sgld", "groupadagrad"})


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_goes_downhill(name):
    weight = nd.array([1.0, -2.0])
    updater = get_updater(create(name, learning_rate=0.05))
    before = (weight**2).sum().asscalar()
    for _ in range(60):
        updater(0, 2 * weight, weight)
    assert (weight**2).sum().asscalar() < before


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_keeps_its_states_in_a_file(name):
    _, updater = run(create(name, learning_rate=0.05))
    again = get_updater(create(name, learning_rate=0.05))
    again.set_states(updater.get_states(dump_optimizer=True))
    one, two = nd.array(W), nd.array(W)
    updater(0, nd.array(G[0]), one)
    again(0, nd.array(G[0]), two)
    assert np.array_equal(one.asnumpy(), two.asnumpy())
    assert again.optimizer.num_update == 4


def test_several_weights_in_one_call():
    weights = [nd.array(W), nd.array([3.0])]
    updater = get_updater(SGD(learning_rate=0.1, momentum=0.9))
    updater([0, 1], [nd.array(G[0]), nd.array([1.0])], weights)
    assert np.allclose(weights[0].asnumpy(), W - 0.1 * G[0])
    assert np.allclose(weights[1].asnumpy(), 2.9)
    updater([], [], [])


def test_float16_with_a_float32_copy():
    optimizer = SGD(learning_rate=0.1, momentum=0.9, multi_precision=True)
    made, updater = run(optimizer, dtype="float16")
    momentum, master = updater.states[0]
    assert (made.dtype, master.dtype, momentum.dtype) == (np.float16, np.float32, np.float32)
    assert np.allclose(master.asnumpy(), sgd(0.1, 0.9), atol=1e-5)
    assert np.array_equal(made, master.asnumpy().astype("float16"))


def test_rmsprop_refuses_float16_alone():
    with pytest.raises(MXNetError, match="multi_precision=True"):
        run(create("rmsprop"), dtype="float16")


def test_updates_are_counted_from_a_start():
    optimizer = SGD(begin_num_update=10)
    _, _ = run(optimizer)
    assert optimizer.num_update == 13


def test_multipliers_by_name():
    names = {0: "fc_weight", 1: "fc_bias"}
    optimizer = SGD(learning_rate=1.0, wd=0.5, param_idx2name=names)
    optimizer.set_lr_mult({"fc_weight": 0.1})
    assert optimizer._get_lrs([0, 1]) == [0.1, 1.0]
    assert optimizer._get_wds([0, 1]) == [0.5, 0.0]
    optimizer.set_wd_mult({"fc_bias": 2.0})
    assert optimizer._get_wds([0, 1]) == [0.5, 1.0]


def test_a_rate_beside_a_scheduler_wins(capsys):
    scheduler = mx.lr_scheduler.FactorScheduler(step=1, factor=0.5, base_lr=1.0)
    optimizer = SGD(learning_rate=0.3, lr_scheduler=scheduler)
    assert scheduler.base_lr == 0.3
    assert "overwritten" in capsys.readouterr().out
    with pytest.raises(UserWarning, match="LRScheduler"):
        optimizer.set_learning_rate(1)


def test_unknown_names():
    with pytest.raises(ValueError, match="Cannot find optimizer nothing") as caught:
        create("nothing")
    assert "adam, " in str(caught.value)


def test_ones_own_rule():
    class Halving(Optimizer):
        def update(self, index, weight, grad, state):
            weight *= 0.5

    mx.optimizer.register(Halving)
    try:
        made, _ = run(create("halving"), G[:1])
        with pytest.warns(UserWarning, match="overriding existing optimizer halving"):
            mx.optimizer.register(Halving)
    finally:
        del Optimizer.opt_registry["halving"]
    assert np.array_equal(made, W / 2)
    with pytest.raises(NotImplementedError, match="must define update"):
        run(Optimizer())


class TestStates:
    def test_files_name_what_mxnet_has(self):
        updater = Updater(SGD(momentum=0.9))
        updater(0, mx.nd.ones(2), mx.nd.ones(2))
        updater(1, mx.nd.ones((2, 2)), mx.nd.ones((2, 2)))
        stream = updater.get_states(dump_optimizer=True)
        texts = [arg for _, arg, _ in pickletools.genops(stream) if isinstance(arg, str)]
        assert not [one for one in texts if one.startswith("workbench")]
        assert {"mxnet.ndarray.ndarray", "NDArray", "handle"} <= set(texts)
        assert {"mxnet.optimizer.optimizer", "SGD", "aggregate_num"} <= set(texts)
        again = Updater(SGD())
        again.set_states(stream)
        assert again.optimizer.momentum == 0.9
        assert again.optimizer.aggregate_num == updater.optimizer.aggregate_num
        for number in (0, 1):
            one, other = again.states[number], updater.states[number]
            assert np.array_equal(one.asnumpy(), other.asnumpy())

    def test_only_states(self):
        _, updater = run(SGD(momentum=0.9))
        again = Updater(SGD(momentum=0.9))
        again.set_states(updater.get_states())
        assert np.array_equal(again.states[0].asnumpy(), updater.states[0].asnumpy())

    @pytest.mark.parametrize(
        "evil",
        [
            b"cposix\nsystem\n(S'true'\ntR.",
            b"cbuiltins\neval\n(S'1'\ntR.",
            b"cworkbench.gluon.utils\ndownload\n(S'x'\ntR.",
            b"cworkbench.optimizer\nimport_module\n(S'os'\ntR.",
            b"cmxnet.optimizer.optimizer\n__builtins__\n.",
        ],
    )
    def test_a_file_runs_no_code(self, evil):
        with pytest.raises(DataFileError, match="not part of optimizer states"):
            Updater(SGD()).set_states(evil)

    def test_truncated(self):
        _, updater = run(SGD(momentum=0.9))
        with pytest.raises(DataFileError, match="no optimizer states"):
            Updater(SGD()).set_states(updater.get_states()[:-10])

    def test_parameters_stay_out_of_the_file(self):
        optimizer = SGD(param_dict={0: object()})
        assert pickle.loads(pickle.dumps(optimizer)).param_dict == {}
