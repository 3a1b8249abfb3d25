from __future__ import annotations

import pytest
from graphs import apply, var

from workbench.error import GraphError
from workbench.graph import Graph, Type, infer, parse_graph, print_graph
from workbench.graph.passes import run_passes

MLP = """\
graph(%data: float32[4, 6], %fc1_weight: float32[8, 6], %fc1_bias: float32[8]) {
  %fc1: float32[4, 8] = FullyConnected(%data, %fc1_weight, %fc1_bias, num_hidden=8)
  %relu1: float32[4, 8] = Activation(%fc1, act_type=relu)
  return %relu1
}"""


def mlp():
    data, weight, bias = var("data"), var("fc1_weight"), var("fc1_bias")
    fc1 = apply("FullyConnected", data, weight, bias, name="fc1", num_hidden=8)
    graph = Graph([apply("Activation", fc1, name="relu1", act_type="relu")])
    return graph, infer(graph, {data.node: Type((4, 6), "float32")})


def test_a_graph_reads_like_a_program():
    assert print_graph(*mlp()) == MLP


def test_text_comes_back_as_the_same_graph_and_types():
    graph, types = parse_graph(MLP)
    assert print_graph(graph, types) == MLP
    assert graph.nodes[3].params["num_hidden"] == 8


def test_several_outputs_equal_names_and_odd_names_come_back():
    data = var("a b%")
    split = apply("SliceChannel", data, name="s", num_outputs=2, axis=1)
    second = split.node.outputs[1]
    one = apply("exp", split, name="same")
    two = apply("exp", second, name="same")
    graph = Graph([one, two, data])
    text = print_graph(graph)
    assert "#1" in text
    assert "%same'1" in text
    assert '%"a b%"' in text
    again, _ = parse_graph(text)
    assert print_graph(again) == text
    assert [n.name for n in again.nodes] == [n.name for n in graph.nodes]


def test_attributes_of_variables_come_back():
    graph = Graph([apply("exp", var("x", __lr_mult__="2.0", mood='it is "fine"'))])
    again, _ = parse_graph(print_graph(graph))
    assert again.variables[0].attrs == {"__lr_mult__": "2.0", "mood": 'it is "fine"'}


def test_fused_nodes_come_back_with_their_body():
    x = var("x")
    graph = Graph([apply("tanh", apply("exp", x))])
    types = infer(graph, {x.node: Type((100, 100), "float32")})
    fused, types = run_passes(graph, types, "fuse")
    text = print_graph(fused, types)
    assert "= fused(%x) as" in text
    assert print_graph(*parse_graph(text)) == text


def test_gradients_are_told_from_outputs():
    x = var("x")
    y = apply("exp", x)
    text = print_graph(Graph([y, x], forward=1))
    assert "  return %exp\n  gradients %x\n" in text
    assert parse_graph(text)[0].forward == 1


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "expected graph"),
        ("graph(%x) {\n  return %y\n}", "not defined"),
        ("graph(%x, %x) {\n  return %x\n}", "defined twice"),
        ("graph(%x) {\n  %y = nonsense_op(%x)\n  return %y\n}", "unknown operator"),
        ("graph(%x) {\n  %y = exp(%x)\n  return %y#3\n}", "1 outputs"),
        ("graph(%x) {\n  return %x\n} more", "expected the end"),
        ("graph(%x: float32[2.5]) {\n  return %x\n}", "whole numbers"),
        ("graph(%x) {\n  @ return %x\n}", "cannot read"),
    ],
)
def test_a_text_that_is_no_graph_says_what_and_where(text, what):
    with pytest.raises((GraphError, AttributeError), match=what):
        parse_graph(text)
