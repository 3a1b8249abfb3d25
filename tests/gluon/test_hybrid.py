"""Hybridized blocks: traced once, equal to eager, errors with names."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd
from workbench.error import MXNetError
from workbench.gluon import nn


class Counting(gluon.HybridBlock):
    """Remembers what F it was called with."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.spaces = []
        with self.name_scope():
            self.dense = nn.Dense(3)

    def hybrid_forward(self, F, x):
        self.spaces.append(F.__name__.rpartition(".")[2])
        return F.tanh(self.dense(x)) * 2


def lenet():
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(4, 3, activation="relu"),
        nn.BatchNorm(),
        nn.MaxPool2D(2, 2),
        nn.Flatten(),
        nn.Dense(8, activation="sigmoid"),
        nn.Dropout(0.0),
        nn.Dense(3),
    )
    return net


def test_traced_once():
    net = Counting()
    net.initialize()
    x = nd.ones((2, 4))
    eager = net(x)
    assert net.spaces == ["symbol", "ndarray"] or net.spaces == ["ndarray"]
    net.spaces.clear()
    net.hybridize()
    for rows in (2, 5, 2):
        assert net(nd.ones((rows, 4))).shape == (rows, 3)
    assert net.spaces == ["symbol"]
    assert np.allclose(net(x).asnumpy(), eager.asnumpy())
    net.hybridize(False)
    net(x)
    assert net.spaces == ["symbol", "ndarray"]


def test_gradients_and_states_equal_eager_ones():
    found = []
    for compiled in (False, True):
        mx.random.seed(2)
        net = lenet()
        net.initialize(mx.init.Xavier())
        if compiled:
            net.hybridize()
        x = nd.random.normal(shape=(4, 2, 10, 10))
        x.attach_grad()
        for _ in range(2):
            with autograd.record():
                loss = (net(x) ** 2).mean()
            loss.backward()
        params = net.collect_params().values()
        found.append(
            [x.grad.asnumpy(), loss.asnumpy(), net(x).asnumpy()]
            + [p.data().asnumpy() for p in params]
            + [p.grad().asnumpy() for p in params if p.grad_req != "null"]
        )
    for eager, compiled in zip(*found, strict=True):
        assert np.allclose(eager, compiled, rtol=1e-4, atol=1e-6)


def test_new_values_are_seen_at_once():
    net = nn.Dense(2, in_units=2, use_bias=False)
    net.initialize(init="ones")
    net.hybridize()
    x = nd.ones((1, 2))
    assert net(x).asnumpy().tolist() == [[2, 2]]
    net.weight.set_data(nd.full((2, 2), 3))
    assert net(x).asnumpy().tolist() == [[6, 6]]
    net.cast("float64")
    assert net(x.astype("float64")).dtype == np.float64


def test_a_new_child_is_seen():
    net = nn.HybridSequential()
    net.add(nn.Dense(4))
    net.initialize()
    net.hybridize()
    net(nd.ones((1, 2)))
    net.add(nn.Dense(2))
    net[1].initialize()
    assert net(nd.ones((1, 2))).shape == (1, 2)


class Nested(gluon.HybridBlock):
    def hybrid_forward(self, F, x, pair):
        a, b = pair
        return [x + a, (x * b, F.relu(x))]


@pytest.mark.parametrize("compiled", [False, True])
def test_nested_inputs_and_outputs(compiled):
    net = Nested()
    net.hybridize(compiled)
    one = nd.ones((2,))
    first, (second, third) = net(one, [one * 2, one * 3])
    assert [v.asnumpy().tolist() for v in (first, second, third)] == [[3, 3], [3, 3], [1, 1]]


def test_another_structure_of_inputs():
    net = Nested()
    net.hybridize()
    one = nd.ones((2,))
    net(one, [one, one])
    with pytest.raises(ValueError, match="structure of the inputs"):
        net(one, one)


def test_inputs_on_two_devices():
    net = Nested()
    net.hybridize()
    here, there = nd.ones((2,)), nd.ones((2,), ctx=mx.cpu(1))
    with pytest.raises(MXNetError, match="two devices") as caught:
        net(here, [there, there])
    assert "cpu(1)" in str(caught.value)
    assert "fix:" in str(caught.value)


def test_parameters_on_another_device_than_the_input():
    net = nn.Dense(2, in_units=2)
    net.initialize(ctx=mx.cpu(0))
    for compiled in (False, True):
        net.hybridize(compiled)
        with pytest.raises(RuntimeError, match=r"was not initialized on context cpu\(1\)"):
            net(nd.ones((1, 2), ctx=mx.cpu(1)))


@pytest.mark.parametrize("compiled", [False, True])
def test_a_wrong_shape_names_the_layer(compiled):
    net = nn.HybridSequential()
    net.add(nn.Dense(2, in_units=3))
    net.initialize()
    net.hybridize(compiled)
    net(nd.ones((1, 3)))
    with pytest.raises(MXNetError, match="FullyConnected"):
        net(nd.ones((1, 4)))
    assert net(nd.ones((1, 3))).shape == (1, 2)


@pytest.mark.parametrize("compiled", [False, True])
def test_not_initialized(compiled):
    net = nn.Dense(2, in_units=3)
    net.hybridize(compiled)
    with pytest.raises(RuntimeError, match="has not been initialized"):
        net(nd.ones((1, 3)))


class Branching(gluon.HybridBlock):
    def hybrid_forward(self, F, x):
        return x if x.sum() > 0 else -x


def test_a_branch_on_values_cannot_be_traced():
    net = Branching()
    assert net(nd.array([-1.0])).asscalar() == 1
    net.hybridize()
    with pytest.raises(mx.base.NotImplementedForSymbol):
        net(nd.array([-1.0]))


class Unguessable(gluon.HybridBlock):
    def __init__(self):
        super().__init__()
        self.weight = self.params.get("weight", shape=(0, 2), allow_deferred_init=True)

    def hybrid_forward(self, F, x, weight):
        return F.dot(x, weight)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_shape_that_cannot_be_inferred(compiled):
    net = Unguessable()
    net.initialize()
    net.hybridize(compiled)
    with pytest.raises(ValueError, match="cannot be inferred"):
        net(nd.ones((1, 3)))


def test_neither_array_nor_symbol():
    with pytest.raises(ValueError, match="first argument to forward"):
        nn.Dense(1)(3)


def test_unknown_flags():
    with pytest.raises(TypeError, match="unexpected keyword"):
        nn.Dense(1).hybridize(fast=True)
    nn.Dense(1).hybridize(static_alloc=True, static_shape=True)


def test_hooks_of_compiled_children_do_not_run():
    net = nn.HybridSequential()
    net.add(nn.Dense(1))
    net.initialize()
    net[0].register_forward_hook(lambda *args: None)
    with pytest.warns(UserWarning, match="hook"):
        net.hybridize()


def test_an_unused_input_is_told():
    class Half(gluon.HybridBlock):
        def hybrid_forward(self, F, x, y):
            return x * 2

    net = Half()
    net.hybridize()
    with pytest.warns(UserWarning, match="not used by any computation"):
        net(nd.ones(1), nd.ones(1))


def test_symbols_in_symbols_out():
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(3, in_units=2))
    out = net(mx.sym.Variable("data"))
    assert out.list_arguments() == ["data", "net_dense0_weight", "net_dense0_bias"]
    assert out.list_outputs() == ["net_dense0_fwd_output"]


def test_export_before_the_first_call(tmp_path):
    net = nn.Dense(2, in_units=2)
    net.initialize()
    with pytest.raises(RuntimeError, match="at least once before calling export"):
        net.export(str(tmp_path / "net"))


def test_export_marks_states_as_auxiliary(tmp_path):
    net = lenet()
    net.initialize()
    net.hybridize()
    x = nd.ones((1, 2, 10, 10))
    expected = net(x).asnumpy()
    symbol_file, params_file = net.export(str(tmp_path / "net"))
    kinds = {name: name.partition(":")[0] for name in nd.load(params_file)}
    for name, kind in kinds.items():
        assert kind == ("aux" if "running" in name else "arg"), name
    again = gluon.SymbolBlock.imports(symbol_file, "data", params_file)
    assert np.allclose(again(x).asnumpy(), expected, atol=1e-6)
    with autograd.record():
        loss = again(x).sum()
    loss.backward()
    assert all(
        np.isfinite(p.grad().asnumpy()).all()
        for p in again.collect_params().values()
        if p.grad_req != "null"
    )


class TestSymbolBlock:
    def test_inputs_must_be_arguments(self, tmp_path):
        data = mx.sym.Variable("data")
        name = str(tmp_path / "s.json")
        mx.sym.FullyConnected(data, num_hidden=2, name="fc").save(name)
        with pytest.raises(ValueError, match="'image' is not an argument") as caught:
            gluon.SymbolBlock.imports(name, ["image"])
        assert "fc_weight" in str(caught.value)

    def test_without_values(self, tmp_path):
        name = str(tmp_path / "s.json")
        mx.sym.FullyConnected(mx.sym.Variable("data"), num_hidden=2, name="fc").save(name)
        net = gluon.SymbolBlock.imports(name, ["data"])
        with pytest.raises(RuntimeError, match="has not been initialized"):
            net(nd.ones((1, 3)))
        net.initialize(init="ones")
        assert net(nd.ones((1, 3))).shape == (1, 2)

    def test_inner_outputs_of_a_network(self):
        data = mx.sym.Variable("data")
        hidden = mx.sym.FullyConnected(data, num_hidden=4, name="fc1")
        out = mx.sym.FullyConnected(mx.sym.relu(hidden), num_hidden=2, name="fc2")
        net = gluon.SymbolBlock([hidden, out], data)
        net.initialize()
        first, second = net(nd.ones((3, 5)))
        assert (first.shape, second.shape) == ((3, 4), (3, 2))

    def test_in_another_network(self):
        data = mx.sym.Variable("data")
        inner = gluon.SymbolBlock(mx.sym.FullyConnected(data, num_hidden=4, name="fc1"), data)
        net = nn.HybridSequential()
        net.add(inner, nn.Dense(2))
        net.initialize()
        eager = net(nd.ones((3, 5))).asnumpy()
        net.hybridize()
        assert np.allclose(net(nd.ones((3, 5))).asnumpy(), eager)


class Twice(gluon.HybridBlock):
    """One layer in two places."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Dense(6, in_units=6)

    def hybrid_forward(self, F, x):
        return self.layer(F.relu(self.layer(x)))


def _gradients(net, *batches):
    """Of the sum over all batches, whose forwards run before any backward."""
    with autograd.record():
        outs = [net(x) for x in batches]
        total = sum((out * out).sum() for out in outs)
    total.backward()
    return [one.grad().asnumpy() for one in net.collect_params().values()]


def test_a_shared_block_and_two_forwards_before_one_backward():
    net = Twice()
    net.initialize()
    batches = [nd.random.normal(shape=(4, 6)) for _ in range(2)]
    expected = _gradients(net, *batches)
    net.hybridize()
    for _ in range(2):
        for got, want in zip(_gradients(net, *batches), expected, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


def test_two_threads_on_one_compiled_net_give_the_eager_numbers():
    net = nn.HybridSequential()
    net.add(nn.Dense(64, activation="tanh"), nn.BatchNorm(), nn.Dense(64, activation="sigmoid"))
    net.initialize()
    batches = [nd.random.normal(shape=(32, 16)) for _ in range(2)]
    expected = [net(x).asnumpy() for x in batches]
    net.hybridize()
    wrong = []

    def work(x, want):
        for _ in range(30):
            x.attach_grad()
            with autograd.record(train_mode=False):
                out = net(x)
            out.backward()
            if not np.allclose(out.asnumpy(), want, rtol=1e-5, atol=1e-6):
                wrong.append(1)

    crew = [
        threading.Thread(target=work, args=pair) for pair in zip(batches, expected, strict=True)
    ]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert not wrong


class Either(gluon.HybridBlock):
    """The sum of what is not None."""

    def hybrid_forward(self, F, a, b=None):
        return a if b is None else b if a is None else a + b


@pytest.mark.parametrize("hybridized", [False, True])
def test_arguments_may_be_none(hybridized):
    class Nested(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.one, self.other = Either(), Either()

        def hybrid_forward(self, F, a, b):
            return self.other(self.one(a, b), b)

    x = nd.ones((2,))
    for a, b, total in [(None, x, 2), (x, None, 1), (x, x, 3)]:
        net = Nested()
        net.hybridize(hybridized)
        for _ in range(2):
            assert net(a, b).asnumpy().tolist() == [total] * 2


def test_none_at_the_end_may_be_left_out():
    net = Either()
    net.hybridize()
    x = nd.ones((2,))
    for arguments in [(x,), (x, None), (x,)]:
        assert net(*arguments).asnumpy().tolist() == [1, 1]
    with pytest.raises(ValueError, match="structure of the inputs differs"):
        net(x, x)


@pytest.mark.parametrize("hybridized", [False, True])
def test_arguments_that_fit_no_way_of_running(hybridized):
    x, symbol = nd.ones((2,)), mx.sym.var("a")
    for arguments in [(None, None), (x, symbol), (symbol, x)]:
        net = Either()
        net.hybridize(hybridized)
        with pytest.raises(ValueError, match="requires the first argument"):
            net(*arguments)


def test_a_hybridized_block_takes_no_numbers():
    net = Either()
    x = nd.ones((2,))
    assert net(x, 2).asnumpy().tolist() == [3, 3]
    net.hybridize()
    with pytest.raises(ValueError, match="takes arrays only, but got a int"):
        net(x, 2)


def test_a_part_of_a_network_may_be_a_block_of_symbols(tmp_path):
    """It shares the parameters of the network that its graph is of; files fit other instances."""

    class Net(gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                body = nn.HybridSequential()
                body.add(nn.Dense(4), nn.BatchNorm(), nn.Dense(3))
                inner = body(mx.sym.var("data"))
                self.backbone = gluon.SymbolBlock(
                    inner, mx.sym.var("data"), params=body.collect_params()
                )
                self.head = nn.Dense(2)

        def hybrid_forward(self, F, x):
            return self.head(self.backbone(x))

    one, other, x = Net(), Net(), nd.ones((2, 5))
    one.initialize(mx.init.Normal())
    one.hybridize()
    expected = one(x).asnumpy()
    path = str(tmp_path / "net.params")
    one.save_parameters(path)
    other.load_parameters(path)
    np.testing.assert_allclose(other(x).asnumpy(), expected, rtol=1e-6)
