from __future__ import annotations

import pytest
from graphs import apply, var

from workbench.error import DTypeError, ShapeError
from workbench.graph import Graph, Type, infer
from workbench.graph.infer import unknown_variables


def test_weights_learn_their_shapes_from_the_data():
    data = var("data")
    conv = apply("Convolution", data, var("w"), var("b"), kernel=(3, 3), num_filter=8)
    fc = apply("FullyConnected", conv, var("fw"), var("fb"), num_hidden=5)
    graph = Graph([apply("SoftmaxOutput", fc, var("label"))])
    types = infer(graph, {data.node: Type((2, 3, 8, 8), "float32")})
    shapes = {n.name: types[n.outputs[0]].shape for n in graph.variables}
    assert shapes == {
        "data": (2, 3, 8, 8),
        "w": (8, 3, 3, 3),
        "b": (8,),
        "fw": (5, 288),
        "fb": (5,),
        "label": (2,),
    }
    assert unknown_variables(graph, types) == []
    assert all(type_.dtype == "float32" for type_ in types.values())


def test_partial_shapes_meet_in_both_directions():
    a, b = var("a"), var("b")
    graph = Graph([apply("elemwise_add", a, b)])
    types = infer(graph, {a.node: Type((2, 0)), b.node: Type((0, 3))})
    assert {types[e].shape for e in (a, b, graph.outputs[0])} == {(2, 3)}


def test_an_output_teaches_its_inputs():
    a, b, c = var("a"), var("b"), var("c")
    graph = Graph([apply("elemwise_mul", apply("elemwise_add", a, b), c)])
    types = infer(graph, {c.node: Type((4, 5), "float64")})
    assert types[a] == types[b] == Type((4, 5), "float64")


def test_a_stated_output_teaches_the_graph():
    a = var("a")
    graph = Graph([apply("exp", a)])
    assert infer(graph, outputs=[Type((7,), "float32")])[a] == Type((7,), "float32")


def test_what_is_unknown_stays_unknown():
    a, b = var("a"), var("b")
    graph = Graph([apply("elemwise_add", a, b)])
    types = infer(graph)
    assert types[a] == Type(None, None)
    assert [n.name for n in unknown_variables(graph, types)] == ["a", "b"]


def test_the_batch_size_of_a_state_comes_from_its_partner():
    data, state = var("data"), apply("_zeros", shape=(0, 4))
    i2h = apply("FullyConnected", data, var("iw"), var("ib"), num_hidden=3)
    h2h = apply("FullyConnected", state, var("hw"), var("hb"), num_hidden=3)
    graph = Graph([apply("elemwise_add", i2h, h2h)])
    types = infer(graph, {data.node: Type((2, 5), "float32")})
    assert types[state].shape == (2, 4)


def test_an_error_names_node_operator_shapes_and_line():
    data = var("data")
    fc = apply("FullyConnected", data, var("w"), var("b"), num_hidden=5, name="fc1")
    graph = Graph([fc])
    given = {data.node: Type((2, 3)), graph.variables[1]: Type((5, 7))}
    with pytest.raises(ShapeError) as error:
        infer(graph, given)
    text = str(error.value)
    assert "Error in operator fc1" in text
    assert "FullyConnected" in text
    assert "(2, 3)" in text
    assert "(5, 7)" in text


def test_a_sum_of_unequal_shapes_is_told_of_broadcasting():
    a, b = var("a"), var("b")
    with pytest.raises(ShapeError, match=r"fix: Use broadcast_add: with symbols"):
        infer(Graph([apply("elemwise_add", a, b)]), {a.node: Type((2, 3)), b.node: Type((3,))})


def test_mixed_dtypes_are_an_error():
    a, b = var("a"), var("b")
    graph = Graph([apply("elemwise_add", a, b, name="sum")])
    with pytest.raises(DTypeError, match="Error in operator sum"):
        infer(graph, {a.node: Type((2,), "float32"), b.node: Type((2,), "float64")})
