"""What training shows in the timeline: every device, the store, the loader, the waits."""

from __future__ import annotations

import threading
from collections import Counter

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd
from workbench.engine import events
from workbench.ndarray import queued

DEVICES = [mx.cpu(0), mx.cpu(1)]


def make_net(devices, hybrid=True):
    net = gluon.nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(gluon.nn.Dense(8, activation="relu", in_units=6), gluon.nn.Dense(2, in_units=8))
    mx.random.seed(3)
    net.initialize(mx.init.Xavier(), ctx=devices)
    if hybrid:
        net.hybridize()
    return net


def batch():
    numbers = np.random.RandomState(0)
    return nd.array(numbers.rand(8, 6)), nd.array(numbers.randint(0, 2, 8))


def train(net, devices, steps):
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9})
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    data, label = batch()
    losses = []
    for _ in range(steps):
        parts = gluon.utils.split_and_load(data, devices)
        wanted = gluon.utils.split_and_load(label, devices)
        with autograd.record():
            found = [loss_of(net(x), y) for x, y in zip(parts, wanted, strict=True)]
        autograd.backward(found)
        trainer.step(8)
        losses.append(np.concatenate([one.asnumpy() for one in found]).mean())
    return losses


def watched(function):
    """What *function* returns, and the events of its run."""
    with mx.Session("test", save=False, terminal=False) as run:
        result = function()
        nd.waitall()
    return result, run.trace.events()


@pytest.mark.parametrize("hybrid", [False, True])
def test_two_devices_learn_what_one_does(hybrid):
    one = train(make_net(DEVICES[:1], hybrid), DEVICES[:1], 4)
    two = train(make_net(DEVICES, hybrid), DEVICES, 4)
    np.testing.assert_allclose(one, two, rtol=1e-5)
    assert one[-1] < one[0]


def test_a_step_on_two_devices_shows_them_the_store_and_the_waits():
    net = make_net(DEVICES)
    _, found = watched(lambda: train(net, DEVICES, 3))
    rows = Counter(one.row for one in found)
    assert set(rows) - {"main"} == {"cpu(0)", "cpu(1)", "kvstore"}  # it may not have to wait
    names = {row: Counter(one.name for one in found if one.row == row) for row in rows}
    assert names["cpu(1)"]["net forward"] == 3
    assert names["cpu(0)"]["net forward"] == 3
    assert {f"push {i}" for i in range(4)} <= set(names["kvstore"])
    assert {f"pull {i}" for i in range(4)} <= set(names["kvstore"])
    assert all(name.startswith("wait ") for name in names.get("main", ()))
    ids = {one.id for one in found}
    assert all(one.cause in ids for one in found if one.row == "main")
    assert len(ids) == len(found)


def test_the_store_counts_bytes():
    store = mx.kv.create("device")
    store.init(3, nd.zeros((4, 5)))
    _, found = watched(lambda: store.push(3, [nd.ones((4, 5), ctx=c) for c in DEVICES]))
    moved = [one for one in found if one.row == "kvstore"]
    assert {one.name for one in moved} == {"push 3"}
    assert all(one.bytes in (80, 160) for one in moved)
    out = nd.zeros((4, 5))
    _, found = watched(lambda: store.pull(3, out))
    assert [(e.name, e.bytes) for e in found if e.row == "kvstore"] == [("pull 3", 80)]
    np.testing.assert_array_equal(out.asnumpy(), 2.0)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_shows_its_batches(workers):
    dataset = gluon.data.ArrayDataset(np.ones((10, 3), "float32"), np.ones(10, "float32"))
    loader = gluon.data.DataLoader(dataset, 4, num_workers=workers)
    _, found = watched(lambda: list(loader))
    batches = [one for one in found if one.row == "data"]
    assert [one.name for one in batches] == ["batch"] * 3
    assert sorted(one.bytes for one in batches) == [2 * 16, 4 * 16, 4 * 16]


def test_the_caller_hands_out_work_for_the_second_device_while_the_first_is_busy():
    net = make_net(DEVICES)
    train(net, DEVICES, 2)
    gate = threading.Event()
    weight = next(iter(net.collect_params().values())).data(DEVICES[0])
    queued.push(lambda: gate.wait(30), (), [weight], DEVICES[0], "hold")
    try:
        data, label = batch()
        loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
        first, second = (
            loss_of(net(data.as_in_context(ctx)), label.as_in_context(ctx)) for ctx in DEVICES
        )
        assert second.asnumpy().shape == (8,)
        assert first._var.pending
    finally:
        gate.set()
    np.testing.assert_allclose(first.asnumpy(), second.asnumpy(), rtol=1e-6)


def test_nothing_is_recorded_after_the_session():
    train(make_net(DEVICES), DEVICES, 1)
    nd.waitall()
    first = events.ring.appended
    train(make_net(DEVICES), DEVICES, 1)
    nd.waitall()
    assert events.ring.appended == first
