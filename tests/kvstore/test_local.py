"""Key-value stores of one process."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.error import MXNetError

PAIR = [mx.cpu(0), mx.cpu(1)]
KINDS = pytest.mark.parametrize("kind", ["local", "device"])


def values(*arrays):
    return [one.asnumpy().tolist() for one in arrays]


def store(kind="device", key=3):
    kv = mx.kv.create(kind)
    kv.init(key, nd.ones((2,)))
    return kv


def on_both(value):
    return [nd.full((2,), value, ctx=ctx) for ctx in PAIR]


@KINDS
def test_push_replaces_by_the_sum(kind):
    kv, outs = store(kind), on_both(0)
    assert (kv.type, kv.rank, kv.num_workers) == (kind, 0, 1)
    kv.pull(3, out=outs)
    assert values(*outs) == [[1, 1]] * 2
    kv.push(3, on_both(4))
    kv.pull(3, out=outs)
    assert values(*outs) == [[8, 8]] * 2


@KINDS
def test_push_does_not_keep_what_was_pushed(kind):
    kv, one = store(kind), nd.full((2,), 5)
    kv.push(3, one)
    one[:] = 0
    out = nd.zeros((2,))
    kv.pull(3, out=out)
    assert values(out) == [[5, 5]]


@KINDS
def test_an_updater(kind):
    kv, seen = store(kind, "w"), []

    def update(key, incoming, stored):
        seen.append(key)
        stored += incoming

    kv.set_updater(update)
    kv.push("w", on_both(2))
    out = nd.zeros((2,))
    kv.pull("w", out=out)
    assert values(out) == [[5, 5]]
    assert seen == ["w"]


@KINDS
def test_pushpull(kind):
    kv, grads, outs = store(kind), on_both(3), on_both(0)
    kv.pushpull(3, grads, out=outs)
    assert values(*outs) == [[6, 6]] * 2
    kv.pushpull(3, grads)
    assert values(*grads) == [[6, 6]] * 2


@KINDS
def test_lists_of_keys(kind):
    kv = mx.kv.create(kind)
    keys = [5, 7]
    kv.init(keys, [nd.ones((2,)), nd.ones((2,)) * 2])
    kv.push(keys, [on_both(1), on_both(10)], priority=-1)
    outs = [nd.zeros((2,)), nd.zeros((2,))]
    kv.pull(keys, out=outs)
    assert values(*outs) == [[2, 2], [20, 20]]


def test_broadcast():
    kv, outs = mx.kv.create("device"), on_both(0)
    kv.broadcast("b", nd.full((2,), 9), out=outs)
    assert values(*outs) == [[9, 9]] * 2


@KINDS
def test_an_optimizer_on_the_store(kind, tmp_path):
    name = str(tmp_path / "kv.states")
    kv = store(kind, 0)
    kv.set_optimizer(mx.optimizer.SGD(learning_rate=0.5, momentum=0.5))
    kv.push(0, on_both(1))
    kv.save_optimizer_states(name, dump_optimizer=True)
    out = nd.zeros((2,))
    kv.pull(0, out=out)
    assert values(out) == [[0, 0]]
    other = store(kind, 0)
    other.set_optimizer(mx.optimizer.SGD(learning_rate=0.5, momentum=0.5))
    other.load_optimizer_states(name)
    other.push(0, nd.zeros((2,)))
    other.pull(0, out=out)
    assert np.allclose(out.asnumpy(), 0.5)


def test_wrong_keys():
    kv = store()
    with pytest.raises(MXNetError, match="duplicate init of key 3"):
        kv.init(3, nd.ones((2,)))
    with pytest.raises(MXNetError, match="all int or all str"):
        kv.init("w", nd.ones((2,)))
    for call in (lambda: kv.push(4, nd.ones((2,))), lambda: kv.pull(4, out=nd.ones((2,)))):
        with pytest.raises(MXNetError, match="key 4 has not been inited") as caught:
            call()
        assert "keys: 3" in str(caught.value)
    with pytest.raises(MXNetError, match="2 keys but 3 values"):
        kv.push([3, 3], [nd.ones((2,))] * 3)


def test_kinds_of_stores():
    assert mx.kv.create("foo").type == "foo"
    for name in ("dist_sync", "dist_async", "nccl"):
        with pytest.raises(MXNetError, match="device"):
            mx.kv.create(name)
    with pytest.raises(TypeError, match="name must be a string"):
        mx.kv.create(3)


def test_compression_keeps_what_it_cuts_off():
    kv, found = mx.kv.create("device"), []
    kv.set_gradient_compression({"type": "2bit", "threshold": 0.5})
    kv.init(0, nd.zeros((4,)))
    out = nd.zeros((4,))
    for _ in range(3):
        here = nd.array([0.3, 0.6, -0.7, -0.2])
        there = nd.array([0.3, 1.6, 0.1, -0.4], ctx=mx.cpu(1))
        kv.push(0, [here, there])
        kv.pull(0, out=out)
        found.append(out.asnumpy().tolist())
    assert found == [[0, 1, -0.5, 0], [1, 1, -0.5, -0.5], [0, 1, -0.5, -1]]  # MXNet 1.9.1's


@pytest.mark.parametrize("settings", [{"type": "3bit"}, {}, {"type": "2bit", "threshold": -1}])
def test_unknown_compression(settings):
    with pytest.raises(MXNetError, match="gradient compression"):
        mx.kv.create("device").set_gradient_compression(settings)
    with pytest.raises(MXNetError, match="not supported"):
        mx.kv.create("local").set_gradient_compression({"type": "2bit"})


def test_ones_own_store():
    class Mine(mx.kv.KVStoreBase):
        pass

    mx.kv.KVStoreBase.register(Mine)
    try:
        assert isinstance(mx.kv.create("mine"), Mine)
        with pytest.raises(NotImplementedError, match="must define pushpull"):
            mx.kv.create("mine").pushpull(0, None)
    finally:
        del mx.kv.KVStoreBase.kv_registry["mine"]


def test_sparse_rows_of_dense_arrays():
    kv = store()
    with pytest.raises(AssertionError, match="row_ids"):
        kv.row_sparse_pull(3, out=nd.ones((2,)))
    with pytest.raises(MXNetError, match="row_sparse"):
        kv.row_sparse_pull(3, out=nd.ones((2,)), row_ids=nd.array([0]))


def test_a_store_that_keeps_nothing():
    """MXNet's TestStore: the least that a Trainer needs."""
    kv = mx.kv.create("teststore")
    assert (kv.type, kv.rank, kv.num_workers) == ("teststore", 0, 1)
    assert not kv.is_capable("optimizer")
    with pytest.raises(ValueError, match="Unknown capability"):
        kv.is_capable("wings")
    values = [mx.nd.ones((2,), ctx=mx.cpu(i)) for i in range(2)]
    kv.pushpull(0, values)
    assert [one.asnumpy().tolist() for one in values] == [[2, 2]] * 2
    out = mx.nd.zeros((2,))
    kv.pushpull(0, values[0], out=out)
    kv.broadcast(1, out * 3, values)
    assert values[1].asnumpy().tolist() == [6, 6]


def test_a_trainer_with_a_store_that_runs_no_optimizer():
    one = mx.gluon.Parameter("x", shape=(2,))
    one.initialize(ctx=[mx.cpu(0), mx.cpu(1)], init="zeros")
    kv = mx.kv.create("teststore")
    trainer = mx.gluon.Trainer([one], "sgd", {"learning_rate": 1.0}, kvstore=kv)
    with mx.autograd.record():
        losses = [w * 2 for w in one.list_data()]
    mx.autograd.backward(losses)
    trainer.step(1)
    assert trainer._update_on_kvstore is False
    assert one.data(mx.cpu(1)).asnumpy().tolist() == [-4, -4]
    wrong = mx.gluon.Trainer([one], "sgd", kvstore=kv, update_on_kvstore=True)
    with pytest.raises(ValueError, match="update_on_kvstore=False"):
        wrong.allreduce_grads()
