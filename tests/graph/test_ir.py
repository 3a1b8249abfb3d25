from __future__ import annotations

import pytest
from graphs import apply, var

from workbench.error import GraphError
from workbench.graph.ir import Entry, Graph, Type, block_scope, here, rebuild


def test_nodes_come_after_their_inputs_left_to_right():
    a, b = var("a"), var("b")
    left = apply("exp", a, name="left")
    total = apply("elemwise_add", left, apply("exp", b, name="right"), name="total")
    names = [node.name for node in Graph([total]).nodes]
    assert names == ["a", "left", "b", "right", "total"]


def test_a_chain_of_a_hundred_thousand_nodes_needs_no_recursion():
    x = var("x")
    for _ in range(100_000):
        x = apply("exp", x)
    assert len(Graph([x])) == 100_001


def test_auxiliary_states_are_no_arguments():
    data = var("data")
    gamma, beta, mean, scale = (var(n) for n in ("gamma", "beta", "mean", "var"))
    graph = Graph([apply("BatchNorm", data, gamma, beta, mean, scale)])
    assert [n.name for n in graph.arguments] == ["data", "gamma", "beta"]
    assert [n.name for n in graph.auxiliary] == ["mean", "var"]


def test_rebuild_shares_what_it_does_not_touch():
    a, b = var("a"), var("b")
    kept = apply("exp", a, name="kept")
    gone = apply("exp", b, name="gone")
    total = apply("elemwise_add", kept, gone)
    made = rebuild(Graph([total]), {gone: b})
    assert [n.name for n in made.nodes] == ["a", "kept", "b", "elemwise_add"]
    assert made.nodes[1] is kept.node
    assert [n.name for n in Graph([total]).nodes][3] == "gone"


def test_rebuild_follows_replacements_of_replacements():
    a = var("a")
    one = apply("exp", a, name="one")
    two = apply("tanh", one, name="two")
    made = rebuild(Graph([two]), {two: one, one: a})
    assert made.outputs == (a,)


def test_replacing_in_a_circle_is_an_error():
    a, b = var("a"), var("b")
    with pytest.raises(GraphError, match="circle"):
        rebuild(Graph([a]), {a: b, b: a})


def test_provenance_names_the_line_and_the_block():
    with block_scope("net.dense0"):
        where = here()
    assert where.block == "net.dense0"
    assert "test_ir.py" in where.line
    assert here().block == ""


def test_types_print_as_dtype_and_sizes():
    assert str(Type((2, 3), "float32")) == "float32[2, 3]"
    assert str(Type(None, None)) == "?"
    assert not Type((2, 0), "float32").known


def test_users_lists_a_reader_as_often_as_it_reads():
    a = var("a")
    square = apply("elemwise_mul", a, a)
    assert Graph([square]).users()[a] == [square.node, square.node]
    assert Entry(square.node) == square
