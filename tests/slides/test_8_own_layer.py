"""The talk: your own layer, in both of its forms, compiled, exported and imported again."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd
from workbench.gluon import nn


class MyDense(gluon.HybridBlock):
    """The parameters arrive as arguments."""

    def __init__(self, units, in_units=0, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.weight = self.params.get(
                "weight", shape=(units, in_units), allow_deferred_init=True
            )
            self.bias = self.params.get("bias", shape=(units,), init="zeros")
        self.units = units

    def hybrid_forward(self, F, x, weight, bias):
        return F.relu(F.FullyConnected(x, weight, bias, num_hidden=self.units))


class SlideDense(gluon.HybridBlock):
    """As on the slide: the parameters are read inside."""

    def __init__(self, units, in_units, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.weight = self.params.get("weight", shape=(in_units, units))
            self.bias = self.params.get("bias", shape=(units,), init="zeros")

    def hybrid_forward(self, F, x, **params):
        linear = F.broadcast_add(F.dot(x, self.weight.data()), self.bias.data())
        return F.relu(linear)


class BlockDense(gluon.Block):
    """The slide's plain Block."""

    def __init__(self, units, in_units, **kwargs):
        super().__init__(**kwargs)
        self.weight = self.params.get("weight", shape=(in_units, units))
        self.bias = self.params.get("bias", shape=(units,), init="zeros")

    def forward(self, x):
        ctx = x.context
        return nd.relu(nd.dot(x, self.weight.data(ctx)) + self.bias.data(ctx))


def stack(kind):
    net = nn.HybridSequential() if kind is not BlockDense else nn.Sequential()
    with net.name_scope():
        net.add(kind(5, in_units=4), kind(3, in_units=5))
    return net


@pytest.mark.parametrize("kind", [MyDense, SlideDense, BlockDense])
def test_each_form_computes_and_learns(contexts, hybridized, kind):
    net = stack(kind)
    net.initialize(mx.init.Uniform(1), ctx=contexts[0])
    x = nd.random.uniform(-1, 1, shape=(6, 4))
    eager = net(x).asnumpy()
    if hybridized:
        net.hybridize()
        for child in net:
            child.hybridize()
    assert np.allclose(net(x).asnumpy(), eager, atol=1e-6)
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    loss = gluon.loss.L2Loss()
    target = nd.ones((6, 3))
    first = None
    for _ in range(30):
        with autograd.record():
            error = loss(net(x), target)
        error.backward()
        trainer.step(6)
        first = first or error.mean().asscalar()
    assert error.mean().asscalar() < first


def test_unknown_sizes_wait_for_the_first_call(contexts):
    layer = MyDense(5)
    layer.initialize(ctx=contexts[0])
    with pytest.raises(gluon.DeferredInitializationError):
        layer.weight.data()
    layer(nd.ones((2, 7)))
    assert layer.weight.data().shape == (5, 7)


@pytest.mark.parametrize("kind", [MyDense, SlideDense])
def test_exported_and_imported(contexts, tmp_path, kind):
    net = stack(kind)
    net.initialize(mx.init.Uniform(1), ctx=contexts[0])
    net.hybridize()
    x = nd.random.uniform(-1, 1, shape=(6, 4))
    expected = net(x).asnumpy()
    symbol_file, params_file = net.export(str(tmp_path / "net"), epoch=3)
    assert params_file.endswith("net-0003.params")
    again = gluon.SymbolBlock.imports(symbol_file, ["data"], params_file, ctx=contexts[0])
    assert np.allclose(again(x).asnumpy(), expected, atol=1e-6)
    net.save_parameters(str(tmp_path / "net.params"))
    other = stack(kind)
    other.load_parameters(str(tmp_path / "net.params"), ctx=contexts[0])
    assert np.allclose(other(x).asnumpy(), expected, atol=1e-6)
