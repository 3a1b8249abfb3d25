"""Cells of symbols: MXNet's graphs, weights apart and together, misuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import recurrent_cells as cells

import workbench as mx
from workbench import rnn
from workbench.error import MXNetError

RECORDED = json.loads(Path(__file__).with_name("mxnet_cells.json").read_text())
quiet = pytest.mark.filterwarnings("ignore:NTC layout detected")


def steps(count):
    return [mx.sym.Variable(f"t{step}_data") for step in range(count)]


def outputs_of(cell, arguments, data, **how):
    """The outputs of two steps as one array (N, T, C)."""
    outputs, _ = cell.unroll(2, mx.sym.Variable("data"), merge_outputs=True, **how)
    known = set(outputs.list_arguments())
    given = {name: value for name, value in arguments.items() if name in known}
    return outputs.eval(data=data, **given)[0].asnumpy()


def random_arguments(cell, **shapes):
    outputs, _ = cell.unroll(2, mx.sym.Variable("data"), merge_outputs=True)
    sizes, _, _ = outputs.infer_shape(**shapes)
    rng = np.random.default_rng(0)
    return {
        name: mx.nd.array(rng.uniform(-0.5, 0.5, size))
        for name, size in zip(outputs.list_arguments(), sizes, strict=True)
        if name != "data"
    }


@quiet
@pytest.mark.parametrize("name", cells.ALL)
def test_graphs_are_those_of_mxnet(name):
    assert cells.graph(mx, name) == RECORDED["graphs"][name]


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "residual", "conv", "conv_lstm"])
def test_stepping_by_hand_is_unrolling(name):
    shape = (2, 3, 8, 8) if name.startswith("conv") else (2, 4)
    cell = cells.make(mx, name)
    unrolled, _ = cell.unroll(2, steps(2))
    sizes, _, _ = mx.sym.Group(unrolled).infer_shape(t0_data=shape, t1_data=shape)
    rng = np.random.default_rng(0)
    names = mx.sym.Group(unrolled).list_arguments()
    given = {
        one: mx.nd.array(rng.normal(size=size)) for one, size in zip(names, sizes, strict=True)
    }
    cell = cells.make(mx, name)
    states, stepped = cell.begin_state(), []
    for one in steps(2):
        output, states = cell(one, states)
        stepped.append(output)
    for one, other in zip(unrolled, stepped, strict=True):
        np.testing.assert_array_equal(_last(one, given), _last(other, given))


def _last(symbol, given):
    return symbol.eval(**{n: given[n] for n in symbol.list_arguments()})[0].asnumpy()


@pytest.mark.parametrize("layout", ["NTC", "TNC"])
@pytest.mark.parametrize("name", ["lstm", "stack", "two_ways", "both"])
@quiet
def test_outputs_merged_or_not_are_equal(name, layout):
    """Listed outputs are (N, C); merged ones have the axis of time that the layout says."""

    def of(merge):
        cell = cells.make(mx, name)
        outputs, _ = cell.unroll(2, mx.sym.Variable("data"), layout=layout, merge_outputs=merge)
        return mx.sym.Group(outputs) if isinstance(outputs, list) else outputs

    width = 8 if name == "both" else 3
    shape = (5, 2, width) if layout == "NTC" else (2, 5, width)
    sizes, whole, _ = of(True).infer_shape(data=shape)
    names = of(True).list_arguments()
    rng = np.random.default_rng(0)
    given = {n: mx.nd.array(rng.normal(size=s)) for n, s in zip(names, sizes, strict=True)}
    merged = of(True).eval(**given)[0].asnumpy()
    listed = [one.asnumpy() for one in of(False).eval(**given)]
    assert merged.shape == whole[0]
    np.testing.assert_allclose(np.stack(listed, layout.find("T")), merged, rtol=1e-6)


def test_cells_share_weights_by_params():
    one = rnn.RNNCell(4, prefix="a_")
    other = rnn.RNNCell(4, prefix="b_", params=one.params)
    output, _ = other(*[mx.sym.Variable("x"), one.begin_state()])
    assert "a_i2h_weight" in output.list_arguments()
    stack = rnn.SequentialRNNCell(params=rnn.RNNParams("a_"))
    with pytest.raises(AssertionError, match="Either specify params for SequentialRNNCell"):
        stack.add(other)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru", "stack", "residual"])
def test_weights_unpack_and_pack(name):
    if name == "stack":
        cell = rnn.SequentialRNNCell()
        cell.add(rnn.LSTMCell(4))
        cell.add(rnn.ZoneoutCell(rnn.GRUCell(4), 0.5))
    else:
        cell = cells.make(mx, name)
    packed = random_arguments(cell, data=(3, 2, 4))
    apart = cell.unpack_weights(packed)
    assert all(array.shape[0] == 4 for array in apart.values())
    again = cell.pack_weights(apart)
    assert again.keys() == packed.keys()
    for one in packed:
        np.testing.assert_array_equal(again[one].asnumpy(), packed[one].asnumpy())


def test_unpacked_gates_have_mxnets_names():
    cell = rnn.LSTMCell(2)
    bias = mx.nd.arange(8)
    packed = {"lstm_i2h_bias": bias, "lstm_h2h_bias": bias, "other": bias}
    packed |= {f"lstm_{part}_weight": mx.nd.ones((8, 3)) for part in ("i2h", "h2h")}
    apart = cell.unpack_weights(packed)
    assert {name[9:] for name in apart if name.startswith("lstm_i2h_")} == {
        f"{gate}_{kind}" for gate in "ifco" for kind in ("weight", "bias")
    }
    assert apart["lstm_i2h_f_bias"].asnumpy().tolist() == [2, 3]
    assert apart["other"] is bias


@quiet
@pytest.mark.parametrize("mode", cells.MODES)
@pytest.mark.parametrize("ways", [1, 2])
def test_a_fused_cell_computes_what_its_unfused_cells_do(mode, ways):
    fused = cells.fused(mx, mode, ways, dropout=0.0)
    stack = fused.unfuse()
    packed = random_arguments(fused, data=(3, 2, 5))
    data = mx.nd.array(np.random.default_rng(1).normal(size=(3, 2, 5)))
    apart = fused.unpack_weights(packed)
    again = fused.pack_weights(apart)
    assert again.keys() == packed.keys()
    np.testing.assert_array_equal(
        *(a[fused.params.get("parameters").name].asnumpy() for a in (again, packed))
    )
    np.testing.assert_allclose(
        outputs_of(fused, packed, data),
        outputs_of(stack, stack.pack_weights(apart), data),
        rtol=1e-5,
        atol=1e-6,
    )


@pytest.mark.parametrize("case", RECORDED["parameters"])
def test_the_vector_of_parameters_begins_as_in_mxnet(case):
    mode, ways = case.split()
    *first, total, size = RECORDED["parameters"][case]
    own = mx.init.FusedRNN(None, 4, 2, mode, ways == "2").dumps()
    vector = mx.nd.zeros((size,))
    mx.random.seed(7)
    mx.init.Uniform(0.2)(mx.init.InitDesc("lstm_parameters", {"__init__": own}), vector)
    np.testing.assert_allclose(vector.asnumpy()[: len(first)], first, atol=1e-5)
    assert vector.asnumpy().sum() == pytest.approx(total, abs=1e-3)


def test_the_initializer_of_fused_weights_takes_another_one():
    first = mx.init.FusedRNN(mx.init.One(), 2, 1, "lstm", forget_bias=3.0)
    again = mx.init.create(first.dumps())
    cell = rnn.FusedRNNCell(2)
    vector = mx.nd.zeros((2 * 4 * (3 + 2 + 2),))
    again(mx.init.InitDesc("lstm_parameters", {"__init__": first.dumps()}), vector)
    apart = cell.unpack_weights({"lstm_parameters": vector})
    assert apart["lstm_l0_h2h_o_weight"].asnumpy().tolist() == [[1, 1]] * 2
    assert apart["lstm_l0_i2h_f_bias"].asnumpy().tolist() == [3, 3]
    assert apart["lstm_l0_i2h_i_bias"].asnumpy().tolist() == [0, 0]
    with pytest.raises(MXNetError, match="Invalid parameters size 7"):
        first._init_weight("lstm_parameters", mx.nd.zeros(7))
    with pytest.raises(MXNetError, match="no initializer"):
        mx.init.FusedRNN(None, 2, 1, "lstm")._init_weight("lstm_parameters", vector)


def test_dropout_is_for_training_and_zoneout_keeps_what_was():
    cell = rnn.ZoneoutCell(rnn.RNNCell(50, prefix="rnn_"), zoneout_outputs=0.5)
    outputs, _ = cell.unroll(2, steps(2))
    bound = mx.sym.Group(outputs).simple_bind(mx.cpu(), t0_data=(4, 3), t1_data=(4, 3))
    for name, array in bound.arg_dict.items():
        array[:] = 1.0 if name.endswith("weight") else 0.25
    first, second = (one.asnumpy() for one in bound.forward(is_train=False))
    assert (first != 0).all()
    assert (second != first).all()
    first, second = (one.asnumpy() for one in bound.forward(is_train=True))
    assert 0.2 < (first == 0).mean() < 0.8
    assert 0.2 < (second == first).mean() < 0.8


def test_a_fused_cell_gives_states_only_when_asked():
    data = mx.sym.Variable("data")
    outputs, states = rnn.FusedRNNCell(3, get_next_state=False).unroll(2, data, layout="TNC")
    assert states == []
    assert outputs.list_outputs() == ["lstm_rnn_output"]
    _, states = rnn.FusedRNNCell(3, get_next_state=True).unroll(2, data, layout="TNC")
    assert [one.attr("__layout__") for one in states] == ["LNC", "LNC"]
    with pytest.warns(UserWarning, match="NTC layout detected"):
        rnn.FusedRNNCell(3).unroll(2, data)


def test_begin_states_by_another_function():
    cell = rnn.ResidualCell(rnn.ZoneoutCell(rnn.LSTMCell(3), 0.1))
    states = cell.begin_state(func=mx.sym.Variable)
    assert [one.list_arguments() for one in states] == [
        ["lstm_begin_state_0"],
        ["lstm_begin_state_1"],
    ]
    stack = rnn.SequentialRNNCell()
    stack.add(cell)
    assert stack.begin_state(func=mx.sym.ones)[0].name == "lstm_begin_state_2"
    assert rnn.GRUCell(3).state_shape == [(0, 3)]


REFUSED = {
    "no input": (lambda: rnn.RNNCell(3).unroll(2, None), "has been deprecated"),
    "too few": (lambda: rnn.RNNCell(3).unroll(2, steps(1)), "length is 2"),
    "group": (
        lambda: rnn.RNNCell(3).unroll(2, mx.sym.Group(steps(2))),
        "doesn't allow grouped symbol",
    ),
    "no number": (lambda: rnn.DropoutCell("a"), "must be a number"),
    "zoneout of fused": (lambda: rnn.ZoneoutCell(rnn.FusedRNNCell(3)), "doesn't support zoneout"),
    "zoneout of two ways": (
        lambda: rnn.ZoneoutCell(cells.make(mx, "stack")),
        "doesn't support zoneout",
    ),
    "even kernel": (lambda: rnn.ConvRNNCell((1, 3, 8, 8), 4, h2h_kernel=(2, 3)), "odd number"),
    "step of stack": (lambda: cells.make(mx, "stack")(*steps(1), steps(6)), "Unroll it"),
    "size": (
        lambda: rnn.FusedRNNCell(3).unpack_weights({"lstm_parameters": mx.nd.zeros(7)}),
        "Invalid parameters size 7",
    ),
    "layout": (lambda: rnn.FusedRNNCell(3).unroll(2, steps(2), layout="NCT"), "layout NCT"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_misuse_is_an_assertion_error(case):
    call, text = REFUSED[case]
    with pytest.raises(MXNetError, match=text) as caught:
        call()
    assert isinstance(caught.value, AssertionError)


def test_a_modified_cell_is_called_through_its_modifier():
    cell = rnn.LSTMCell(3)
    rnn.ResidualCell(cell)
    with pytest.raises(AssertionError, match="Call the modifier cell instead"):
        cell.begin_state()


@pytest.mark.parametrize("cell", [rnn.FusedRNNCell(3), cells.make(mx, "two_ways")])
def test_some_cells_have_no_step(cell):
    with pytest.raises(NotImplementedError, match="cannot be stepped"):
        cell(mx.sym.Variable("x"), [])


def test_abstract_cells():
    with pytest.raises(NotImplementedError):
        rnn.BaseRNNCell()(mx.sym.Variable("x"), [])
    with pytest.raises(NotImplementedError):
        _ = rnn.BaseRNNCell().state_info
    with pytest.raises(MXNetError, match="unknown mode"):
        rnn.FusedRNNCell(3, mode="elman")
