"""mx.inspect: programs and drawings of networks."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

import workbench as mx
from workbench import autograd, nd, sym
from workbench.error import GraphError, ShapeError
from workbench.gluon import nn
from workbench.graph.ir import Graph
from workbench.watch import Session, graph_view


def network(**options):
    net = nn.HybridSequential(prefix="net_", **options)
    with net.name_scope():
        net.add(nn.Dense(8, activation="relu"), nn.Dense(3))
    net.initialize()
    return net


def ran(net, data=(4, 5)):
    net.hybridize()
    with autograd.record():
        out = net(nd.ones(data))
    out.backward()
    return net


def test_a_block_is_a_program_and_a_drawing():
    seen = mx.inspect(network(), data=(4, 5))
    assert isinstance(seen.ir, Graph)
    text = repr(seen)
    assert text.startswith("graph(%data: ?[4, 5]")
    assert "FullyConnected(%net_dense0_relu_fwd" in text
    bundle = seen._repr_mimebundle_()
    assert bundle["text/plain"] == text
    ElementTree.fromstring(bundle["image/svg+xml"])
    assert [node.op for node in seen.view.nodes] == [
        "null",
        "FullyConnected",
        "Activation",
        "FullyConnected",
    ]
    assert seen.view.nodes[1].out_shapes == [(4, 8)]
    assert seen.view.params == 5 * 8 + 8 + 8 * 3 + 3


def test_a_block_that_ran_shows_the_shapes_of_its_call():
    seen = mx.inspect(ran(network()))
    assert seen.view.nodes[0].out_shapes == [(4, 5)]
    assert "%data: float32[4, 5]" in repr(seen)


def test_a_symbol_can_be_inspected():
    symbol = sym.exp(sym.var("x"), name="y")
    assert repr(mx.inspect(symbol, x=(2,))).count("[2]") == 2


def test_shapes_that_do_not_fit_and_names_that_are_none():
    with pytest.raises(GraphError, match="no input called 'datum'"):
        mx.inspect(network(), datum=(1, 2))
    symbol = sym.dot(sym.var("a"), sym.var("b"))
    with pytest.raises(ShapeError):
        mx.inspect(symbol, a=(2, 3), b=(2, 3))


class Plain(mx.gluon.Block):
    def forward(self, x):
        return nd.array(x.asnumpy())


@pytest.mark.parametrize("function", [mx.inspect, graph_view])
def test_a_block_of_plain_python_has_no_graph(function):
    with pytest.raises(GraphError, match="Plain has no graph"):
        function(Plain())


@pytest.mark.parametrize("compiled", [False, True])
def test_the_taped_graph_is_the_same_eager_and_compiled(compiled):
    net = network()
    if compiled:
        net.hybridize()
    loss = mx.gluon.loss.L2Loss()
    with Session("t", terminal=False, save=False) as run:
        with autograd.record():
            out = loss(net(nd.ones((4, 5))), nd.zeros((4, 3)))
        out.backward()
    assert run.state_dict()["notice"] == ""
    view = run.graph
    dense = [node for node in view.nodes if node.op == "FullyConnected"]
    assert [node.out_shapes[0] for node in dense] == [(4, 8), (4, 3)]
    assert [node.params for node in dense] == [48, 27]
    assert all(node.group[0] == "net" for node in dense)
    assert view.params == 75


def test_graph_view_takes_symbols_blocks_and_text():
    symbol = sym.FullyConnected(sym.var("data"), num_hidden=3, name="fc")
    for thing in (symbol, symbol.tojson()):
        view = graph_view(thing)
        assert [node.op for node in view.nodes] == ["null", "FullyConnected"]
    assert graph_view(symbol, {"data": (2, 4)}).params == 15
    assert graph_view(network(), {"data": (4, 5)}).params == 75
    assert graph_view(network()).nodes[0].out_shapes == [None]
    view = graph_view(symbol)
    assert graph_view(view) is view
