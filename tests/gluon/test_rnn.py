"""Recurrent cells and layers: against one another, hybridized, saved, unrolled, refused."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.error import MXNetError, ParameterError, ShapeError
from workbench.gluon import nn, rnn


def data(*shape, seed=0):
    return mx.nd.array(np.random.default_rng(seed).uniform(-1, 1, shape))


LAYERS = {
    "RNN": lambda **more: rnn.RNN(4, **more),
    "tanh": lambda **more: rnn.RNN(4, activation="tanh", **more),
    "LSTM": lambda **more: rnn.LSTM(4, **more),
    "GRU": lambda **more: rnn.GRU(4, **more),
}


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_computes_what_its_cells_do(name, bidirectional):
    layer = LAYERS[name](num_layers=2, bidirectional=bidirectional, input_size=3)
    layer.initialize()
    cells = layer._unfuse()
    x = data(5, 2, 3)
    x.attach_grad()
    grads = []
    for run in (lambda: layer(x, layer.begin_state(2)), lambda: cells.unroll(5, x, layout="TNC")):
        with mx.autograd.record():
            out, states = run()
            out = out if isinstance(out, mx.nd.NDArray) else mx.nd.stack(*out)
            total = (out * out).sum()
        total.backward()
        grads.append((out, states, x.grad.copy(), layer.l0_h2h_weight.grad().copy()))
    (one, ones, g, w), (other, others, g2, w2) = grads
    np.testing.assert_allclose(one.asnumpy(), other.asnumpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(g.asnumpy(), g2.asnumpy(), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(w.asnumpy(), w2.asnumpy(), rtol=1e-4, atol=1e-6)
    flat = np.stack([s.asnumpy() for s in others]).reshape(-1, len(ones), 2, 4)
    for i, state in enumerate(ones):
        np.testing.assert_allclose(state.asnumpy(), flat[:, i], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layout", ["TNC", "NTC"])
@pytest.mark.parametrize("name", LAYERS)
def test_hybridized_layers_give_the_same_and_learn_shapes(name, layout):
    layer = LAYERS[name](layout=layout)
    layer.initialize()
    x = data(5, 2, 3)
    expected = layer(x).asnumpy()
    assert layer.l0_i2h_weight.shape[1] == 3
    layer.hybridize()
    for _ in range(2):
        np.testing.assert_allclose(layer(x).asnumpy(), expected, rtol=1e-5, atol=1e-6)


def test_a_layer_inside_of_a_compiled_network():
    class Net(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            with self.name_scope():
                self.embed = nn.Embedding(10, 3)
                self.layer = rnn.LSTM(4, bidirectional=True, layout="NTC")
                self.out = nn.Dense(2)

        def hybrid_forward(self, F, x):
            return self.out(self.layer(self.embed(x)))

    net = Net()
    net.initialize()
    x = mx.nd.array([[1, 2, 3], [4, 5, 6]])
    net.hybridize()
    compiled = net(x).asnumpy()
    assert net.layer.r0_i2h_weight.shape == (16, 3)
    assert net(mx.nd.array([[1, 2, 3]])).shape == (1, 2)
    net.hybridize(False)
    np.testing.assert_allclose(net(x).asnumpy(), compiled, rtol=1e-5, atol=1e-6)


def test_structural_names_are_those_of_cells(tmp_path):
    layer = rnn.LSTM(4, num_layers=2, bidirectional=True, input_size=3)
    layer.initialize()
    layer.save_parameters(str(tmp_path / "a.params"))
    names = sorted(mx.nd.load(str(tmp_path / "a.params")))
    assert len(names) == 16
    assert names[0] == "_unfused.0.l_cell.h2h_bias"
    again = rnn.LSTM(4, num_layers=2, bidirectional=True)
    again.load_parameters(str(tmp_path / "a.params"))
    x = data(3, 1, 3)
    np.testing.assert_array_equal(again(x).asnumpy(), layer(x).asnumpy())


def test_a_projection_narrows_outputs_and_trains():
    layer = rnn.LSTM(4, projection_size=2, input_size=3)
    layer.initialize()
    x = data(5, 2, 3)
    with mx.autograd.record():
        out, (h, c) = layer(x, layer.begin_state(2))
        loss = (out * out).sum()
    loss.backward()
    assert (out.shape, h.shape, c.shape) == ((5, 2, 2), (1, 2, 2), (1, 2, 4))
    assert np.abs(layer.l0_h2r_weight.grad().asnumpy()).max() > 0


def test_dropout_between_layers_only_in_training():
    mx.random.seed(1)
    layer = rnn.GRU(4, num_layers=2, dropout=0.5, input_size=3)
    layer.initialize()
    x = data(5, 2, 3)
    calm = layer(x).asnumpy()
    np.testing.assert_array_equal(calm, layer(x).asnumpy())
    x.attach_grad()
    with mx.autograd.record():
        out = layer(x)
    out.backward()
    assert np.abs(out.asnumpy() - calm).max() > 1e-3
    assert np.isfinite(x.grad.asnumpy()).all()


def test_lengths_mask_outputs_and_pick_states():
    cell = rnn.GRUCell(4, input_size=3)
    cell.initialize()
    x = data(2, 5, 3)
    outputs, (state,) = cell.unroll(5, x, valid_length=mx.nd.array([2, 5]), merge_outputs=True)
    short, (early,) = cell.unroll(2, x[0:1, 0:2], merge_outputs=True)
    np.testing.assert_allclose(outputs.asnumpy()[0, :2], short.asnumpy()[0], rtol=1e-5)
    assert not outputs.asnumpy()[0, 2:].any()
    np.testing.assert_allclose(state.asnumpy()[0], early.asnumpy()[0], rtol=1e-5)


def test_zoneout_keeps_everything_with_probability_one():
    cell = rnn.ZoneoutCell(rnn.RNNCell(4, input_size=3), zoneout_states=0.999999)
    cell.initialize()
    start = [data(2, 4, seed=3)]
    with mx.autograd.record():
        _, (kept,) = cell(data(2, 3), start)
    np.testing.assert_array_equal(kept.asnumpy(), start[0].asnumpy())
    _, (moved,) = cell(data(2, 3), start)
    assert np.abs(moved.asnumpy() - start[0].asnumpy()).max() > 1e-3


def test_dropout_cells_and_residuals_in_a_stack():
    stack = rnn.HybridSequentialRNNCell()
    with stack.name_scope():
        stack.add(rnn.LSTMCell(3, input_size=3))
        stack.add(rnn.DropoutCell(0.5))
        stack.add(rnn.ResidualCell(rnn.GRUCell(3, input_size=3)))
    stack.initialize()
    assert len(stack) == 3
    assert len(stack.state_info()) == 3
    x = data(2, 4, 3)
    outputs, states = stack.unroll(4, x, merge_outputs=True)
    step, now = x[:, 0], stack.begin_state(batch_size=2)
    for t in range(4):
        step, now = stack(x[:, t], now)
    np.testing.assert_allclose(outputs.asnumpy()[:, 3], step.asnumpy(), rtol=1e-5, atol=1e-6)
    for one, other in zip(states, now, strict=True):
        np.testing.assert_allclose(one.asnumpy(), other.asnumpy(), rtol=1e-5, atol=1e-6)


def test_unrolled_symbols_name_each_step():
    cell = rnn.RNNCell(4, prefix="rnn_")
    inputs = [mx.sym.var(f"x{t}") for t in range(2)]
    outputs, _ = cell.unroll(2, inputs, begin_state=[mx.sym.var("h")])
    joined = mx.sym.Group(outputs)
    assert joined.list_outputs() == ["rnn_t0_out_output", "rnn_t1_out_output"]
    assert "rnn_i2h_weight" in joined.list_arguments()


def test_what_is_refused():
    layer = rnn.LSTM(4, input_size=3)
    layer.initialize()
    with pytest.raises(ShapeError, match="Invalid recurrent state shape"):
        layer(data(5, 2, 3), layer.begin_state(3))
    with pytest.raises(ParameterError, match="Invalid layout"):
        rnn.GRU(4, layout="CNT")
    cell = rnn.RNNCell(4)
    rnn.ResidualCell(cell)
    with pytest.raises(MXNetError, match="already modified"):
        rnn.ResidualCell(cell)
    with pytest.raises(MXNetError, match="Call the modifier cell instead"):
        cell.begin_state(batch_size=2)
    both = rnn.BidirectionalCell(rnn.RNNCell(4), rnn.RNNCell(4))
    with pytest.raises(NotImplementedError, match="use unroll"):
        both(data(2, 3), [])
    with pytest.raises(MXNetError, match="zoneout"):
        rnn.ZoneoutCell(both)
    with pytest.raises(ShapeError, match="length is 4"):
        rnn.RNNCell(4).unroll(4, data(2, 5, 3))
    with pytest.raises(ParameterError, match="rate must be a number"):
        rnn.DropoutCell("much")
