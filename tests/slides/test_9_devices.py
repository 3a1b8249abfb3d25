"""The talk: several devices, key-value stores, and a trainer that uses both."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd
from workbench.gluon import nn

PAIRS = pytest.mark.parametrize(
    "pair",
    [[mx.cpu(0), mx.cpu(1)], [mx.loopback(0), mx.loopback(1)], [mx.cpu(0), mx.loopback(0)]],
    ids=["cpu cpu", "loopback loopback", "cpu loopback"],
)


@PAIRS
def test_copies(pair):
    a = nd.ones((2, 3), ctx=pair[0])
    b = a.copyto(pair[1])
    c = a.as_in_context(pair[0])
    assert (b.context, c is a) == (pair[1], True)
    b += 1
    assert (a.asnumpy() == 1).all()
    assert (b.asnumpy() == 2).all()


@PAIRS
def test_split_and_load(pair):
    parts = gluon.utils.split_and_load(nd.arange(12).reshape((6, 2)), pair)
    assert [one.context for one in parts] == pair
    assert np.concatenate([one.asnumpy() for one in parts]).ravel().tolist() == list(range(12))


@PAIRS
@pytest.mark.parametrize("kind", ["local", "device"])
def test_kvstore(pair, kind):
    kv = mx.kv.create(kind)
    shape = (2, 3)
    kv.init(3, nd.ones(shape))
    a = nd.zeros(shape)
    kv.pull(3, out=a)
    assert (a.asnumpy() == 1).all()
    kv.push(3, [nd.ones(shape, ctx=ctx) for ctx in pair])
    outs = [nd.zeros(shape, ctx=ctx) for ctx in pair]
    kv.pull(3, out=outs)
    assert all((one.asnumpy() == 2).all() for one in outs)
    kv.set_updater(lambda key, incoming, stored: stored.__iadd__(incoming * 2))
    kv.push(3, [nd.ones(shape, ctx=ctx) for ctx in pair])
    kv.pull(3, out=outs)
    assert all((one.asnumpy() == 6).all() for one in outs)


def losses_of(contexts, hybridized, **options):
    """Losses of ten steps of a small net from seed 5, and its parameters."""
    mx.random.seed(5)
    rng = np.random.default_rng(0)
    net = nn.HybridSequential()
    net.add(nn.Dense(8, activation="relu"), nn.Dense(3))
    net.initialize(mx.init.Xavier(), ctx=contexts)
    if hybridized:
        net.hybridize()
    trainer = gluon.Trainer(
        net.collect_params(), "sgd", {"learning_rate": 0.1, "momentum": 0.9}, **options
    )
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    values = []
    for _ in range(10):
        x = nd.array(rng.normal(size=(8, 4)))
        y = nd.array(rng.integers(0, 3, size=8))
        xs, ys = (gluon.utils.split_and_load(one, contexts) for one in (x, y))
        with autograd.record():
            errors = [loss(net(a), b) for a, b in zip(xs, ys, strict=True)]
        autograd.backward(errors)
        trainer.step(8)
        values.append(sum(error.sum().asscalar() for error in errors))
    return values, [p.list_data() for p in net.collect_params().values()]


@PAIRS
@pytest.mark.parametrize("update_on_kvstore", [None, False])
def test_two_devices_train_as_one(pair, hybridized, update_on_kvstore):
    alone, [*single] = losses_of([mx.cpu(0)], False)
    both, params = losses_of(pair, hybridized, update_on_kvstore=update_on_kvstore)
    assert np.allclose(both, alone, rtol=1e-4)
    for copies, (one,) in zip(params, single, strict=True):
        assert np.array_equal(copies[0].asnumpy(), copies[1].asnumpy())
        assert np.allclose(copies[0].asnumpy(), one.asnumpy(), atol=1e-5)
