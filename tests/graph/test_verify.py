from __future__ import annotations

import pytest
from graphs import apply, var

from workbench.error import GraphError
from workbench.graph import Entry, Graph, Node, Type, infer, verify
from workbench.graph.verify import RULES
from workbench.ops import get


def test_a_good_graph_passes():
    x = var("x")
    graph = Graph([apply("exp", x)])
    verify(graph, infer(graph, {x.node: Type((2,), "float32")}))


def broken_entry():
    return Graph([Entry(var("x").node, 1)])


def variable_with_inputs():
    x = var("x")
    x.node.inputs = (var("y"),)
    return Graph([x])


def missing_input():
    return Graph([apply("elemwise_add", var("x"))])


def missing_parameter():
    node = Node(
        get("FullyConnected"), "fc", {"no_bias": True, "flatten": True}, {}, (var("x"), var("w"))
    )
    return Graph([Entry(node)])


def computed_state():
    data, gamma, beta, mean = (var(n) for n in "dgbm")
    inputs = _backward_inputs(data, gamma, beta, mean)
    params = {"eps": 1e-3, "momentum": 0.9, "fix_gamma": False, "axis": 1, "moving": True}
    return Graph([apply("_backward_BatchNorm", *inputs, **params)])


def _backward_inputs(data, gamma, beta, mean):
    names = get("_backward_BatchNorm").inputs
    table = {"moving_mean": apply("exp", mean)}
    return [table.get(name, data) for name in names]


def circle():
    one = apply("exp", var("x"), name="one")
    two = apply("exp", one, name="two")
    one.node.inputs = (two,)
    return Graph([two])


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (broken_entry, "reads output 1 of x"),
        (variable_with_inputs, "variable x has inputs"),
        (missing_input, "has 1 inputs for"),
        (missing_parameter, "lacks its parameter num_hidden"),
        (computed_state, "writes into exp, which is computed"),
        (circle, "needs it in turn"),
    ],
)
def test_each_fault_is_named(make, what):
    with pytest.raises(GraphError, match=what):
        verify(make())


def test_wrong_types_are_named():
    x = var("x")
    graph = Graph([apply("exp", x)])
    types = infer(graph, {x.node: Type((2,), "float32")})
    types[graph.outputs[0]] = Type((3,), "float32")
    with pytest.raises(GraphError, match="malformed graph"):
        verify(graph, types)


def test_every_rule_says_what_it_wants():
    assert all(rule.__doc__ for rule in RULES)
