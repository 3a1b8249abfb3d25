"""Blocks: names, children, parameters, calling, hooks."""

from __future__ import annotations

import pytest

import workbench as mx
from workbench import gluon, nd, signals
from workbench.gluon import nn


@pytest.fixture(autouse=True)
def own_names():
    with mx.name.NameManager():
        yield


class Net(gluon.Block):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.first = nn.Dense(4, in_units=3)
            self.second = nn.Dense(2, in_units=4)

    def forward(self, x):
        return self.second(self.first(x))


def test_names_inside_and_outside_a_scope():
    net = Net()
    assert net.prefix == "net0_"
    assert list(net.collect_params()) == [
        "net0_dense0_weight",
        "net0_dense0_bias",
        "net0_dense1_weight",
        "net0_dense1_bias",
    ]
    assert [nn.Dense(1).name for _ in range(2)] == ["dense0", "dense1"]
    assert nn.Conv2D(1, 3).prefix == "conv0_"
    assert nn.MaxPool2D().prefix == "pool0_"
    assert Net(prefix="mine_").first.weight.name == "mine_dense0_weight"


def test_parameters_by_pattern():
    net = Net(prefix="n_")
    assert list(net.collect_params(".*weight")) == ["n_dense0_weight", "n_dense1_weight"]
    assert list(net.collect_params("n_dense1_bias|nothing")) == ["n_dense1_bias"]


def test_shared_parameters():
    one = nn.Dense(4, in_units=4)
    other = nn.Dense(4, in_units=4, params=one.params)
    assert other.weight is one.weight
    one.initialize()
    assert other(nd.ones((1, 4))).shape == (1, 4)


def test_an_attribute_keeps_its_type():
    net = Net()
    with pytest.raises(TypeError, match="Changing attribute type for first"):
        net.first = 3
    with pytest.raises(AssertionError, match="Overriding Parameter attribute"):
        net.first.weight = gluon.Parameter("w", shape=(1,))
    net.first = nn.Dense(4, in_units=3)
    assert list(net._children) == ["first", "second"]


def test_only_hybrid_children_in_a_hybrid_block():
    with pytest.raises(ValueError, match="must also be HybridBlock"):
        nn.HybridSequential().add(nn.Lambda("relu"))


def test_keywords_are_no_inputs():
    net = Net()
    net.initialize()
    with pytest.raises(TypeError):
        net(x=nd.ones((1, 3)))


def test_apply_cast_and_zero_grad():
    net, seen = Net(), []
    net.apply(lambda block: seen.append(block.name))
    assert seen == ["net0_dense0", "net0_dense1", "net0"]
    net.initialize()
    net.cast("float64")
    assert net(nd.ones((1, 3), dtype="float64")).dtype == mx.nd.ones(1, dtype="float64").dtype
    net.collect_params().zero_grad()


def test_hooks_come_and_go():
    net, calls = Net(), []
    net.initialize()
    before = net.first.register_forward_pre_hook(lambda block, x: calls.append(("in", block.name)))
    with net.first.register_forward_hook(lambda b, x, out: calls.append(("out", out.shape))):
        net(nd.ones((2, 3)))
    before.detach()
    before.detach()
    net(nd.ones((2, 3)))
    assert calls == [("in", "net0_dense0"), ("out", (2, 4))]


def test_who_watches_is_told_where_the_forward_is():
    net, seen = Net(), []
    net.initialize()

    def watch(block, entering):
        seen.append((block.name, entering))

    signals.connect("block", watch)
    try:
        net(nd.ones((1, 3)))
    finally:
        signals.disconnect("block", watch)
    assert seen == [
        ("net0", True),
        ("net0_dense0", True),
        ("net0_dense0", False),
        ("net0_dense1", True),
        ("net0_dense1", False),
        ("net0", False),
    ]


def test_repr_of_a_nest():
    net = nn.HybridSequential()
    net.add(nn.Dense(3, activation="relu"), nn.Flatten())
    assert repr(net) == (
        "HybridSequential(\n  (0): Dense(None -> 3, Activation(relu))\n  (1): Flatten\n)"
    )


class TestSequential:
    def test_as_a_list(self):
        net = nn.Sequential()
        net.add(nn.Dense(1), nn.Dense(2), nn.Dense(3))
        assert len(net) == 3
        assert [layer._units for layer in net] == [1, 2, 3]
        assert len(net[1:]) == 2
        assert net[-1] is net[2]
        with pytest.raises(IndexError):
            net[5]

    def test_hybridize_says_what_would_be_better(self):
        net = nn.Sequential()
        net.add(nn.Dense(1))
        with pytest.warns(UserWarning, match="HybridSequential"):
            net.hybridize()


def test_lambdas():
    assert nn.Lambda("relu")(nd.array([-1.0, 1.0])).asnumpy().tolist() == [0.0, 1.0]
    twice = nn.HybridLambda(lambda F, x: F.relu(x) * 2)
    twice.hybridize()
    assert twice(nd.array([-1.0, 1.0])).asnumpy().tolist() == [0.0, 2.0]
    assert repr(nn.HybridLambda("tanh")) == "HybridLambda(tanh)"
    for kind in (nn.Lambda, nn.HybridLambda):
        with pytest.raises(AssertionError, match="not found"):
            kind("no_such_function")
        with pytest.raises(ValueError, match="Unrecognized function"):
            kind(3)


def test_forward_must_be_defined():
    with pytest.raises(NotImplementedError, match="must define forward"):
        gluon.Block()(1)
    with pytest.raises(NotImplementedError, match="must define hybrid_forward"):
        gluon.HybridBlock()(nd.ones(1))


def test_blocks_in_a_list_are_warned_of():
    class Net(gluon.Block):
        def __init__(self, layers):
            super().__init__()
            self.layers = layers

    with pytest.warns(UserWarning, match=r"Net\.layers.* unregistered container"):
        Net({"a": [nn.Dense(2)]}).collect_params()
    net = Net([nn.Dense(2)])
    net.register_child(net.layers[0])
    assert len(net.collect_params()) == 2
    assert len(Net([1, "a", (None,)]).collect_params()) == 0


def test_old_names_of_saving_and_loading(tmp_path):
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(2, in_units=3))
    net.initialize()
    path = str(tmp_path / "net.params")
    with pytest.warns(UserWarning, match="save_params is deprecated"):
        net.save_params(path)
    assert sorted(mx.nd.load(path)) == ["dense0_bias", "dense0_weight"]
    mx.nd.save(path, {name: one.data() for name, one in net.collect_params().items()})
    block = gluon.SymbolBlock(net(mx.sym.var("data")), mx.sym.var("data"))
    with pytest.warns(UserWarning, match="load_params is deprecated"):
        block.load_params(path)
    x = nd.ones((1, 3))
    assert (block(x).asnumpy() == net(x).asnumpy()).all()
