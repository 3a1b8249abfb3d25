"""Storage types along a graph."""

from __future__ import annotations

import workbench as mx
from workbench.graph.ir import Entry
from workbench.graph.storage import gradient_stypes, infer_storage, is_dense, tables_of


def stypes_of(symbol, **given):
    graph = symbol._graph
    found = infer_storage(graph, {n: given[n.name] for n in graph.variables if n.name in given})
    return graph, found


def test_forwards():
    x, w = mx.sym.var("x"), mx.sym.var("w")
    kept = mx.sym.square(x * 2)
    product = mx.sym.dot(kept, w)
    graph, found = stypes_of(mx.sym.Group([kept, product, mx.sym.exp(kept)]), x="csr")
    assert [found[entry] for entry in graph.outputs] == ["csr", "default", "default"]
    assert found[Entry(graph.variables[0])] == "csr"


def test_several_outputs_are_dense():
    parts = mx.sym.split(mx.sym.var("x"), num_outputs=2)
    graph, found = stypes_of(parts, x="row_sparse")
    assert [found[entry] for entry in graph.outputs] == ["default", "default"]


def test_gradients():
    x, w, v = (mx.sym.var(name) for name in "xwv")
    y = mx.sym.dot(x, w) + mx.sym.dot(x, v) + mx.sym.dot(mx.sym.square(x), v * 2)
    graph, found = stypes_of(y, x="csr")
    kinds = dict(
        zip(y.list_arguments(), gradient_stypes(graph, found, graph.arguments), strict=True)
    )
    assert kinds == {"x": "default", "w": "row_sparse", "v": "default"}
    graph, found = stypes_of(mx.sym.Group([y, w]), x="csr")
    assert "row_sparse" not in gradient_stypes(graph, found, graph.arguments)


def test_what_needs_more_than_dense_buffers():
    x = mx.sym.var("x")
    graph = mx.sym.relu(x)._graph
    assert is_dense(graph, {})
    assert not is_dense(graph, {graph.variables[0]: "csr"})
    assert not is_dense(mx.sym.cast_storage(x, stype="row_sparse")._graph, {})
    table = mx.sym.Embedding(x, mx.sym.var("w"), input_dim=3, output_dim=2)
    assert [node.name for node in tables_of(table._graph)] == ["w"]
    assert tables_of(graph) == []
