from __future__ import annotations

import sys

import pytest

import workbench as mx


def lenet():
    x = mx.sym.var("data")
    x = mx.sym.Convolution(x, kernel=(5, 5), num_filter=20, name="conv1")
    x = mx.sym.Pooling(x, pool_type="max", kernel=(2, 2), stride=(2, 2), name="pool1")
    x = mx.sym.BatchNorm(x, name="bn")
    x = mx.sym.FullyConnected(mx.sym.flatten(x, name="flat"), num_hidden=10, name="fc")
    return mx.sym.SoftmaxOutput(mx.sym.Activation(x, act_type="tanh", name="act"), name="softmax")


SHAPE = {"data": (2, 1, 28, 28)}


def test_the_drawing_has_mxnets_nodes_and_edges():
    pytest.importorskip("graphviz")
    source = mx.viz.plot_network(lenet(), shape=SHAPE).source
    assert '\tconv1 [label="Convolution\n5x5/1, 20" fillcolor="#fb8072" fixedsize=true' in source
    assert '\tpool1 [label="Pooling\nmax, 2x2/2x2" fillcolor="#80b1d3"' in source
    assert '\tbn [label=bn fillcolor="#bebada"' in source
    assert '\tpool1 -> conv1 [label="20x24x24" arrowtail=open dir=back]' in source
    assert "conv1_weight" not in source
    assert "conv1_weight" in mx.viz.plot_network(lenet(), hide_weights=False).source
    assert "shape=oval" in mx.viz.plot_network(lenet(), node_attrs={"shape": "oval"}).source
    typed = mx.viz.plot_network(lenet(), shape=SHAPE, dtype={"data": "float32"}).source
    assert "20x24x24(float32)" in typed


def test_the_drawing_shows_itself_without_dot(monkeypatch):
    graphviz = pytest.importorskip("graphviz")
    drawing = mx.viz.plot_network(lenet(), shape=SHAPE)

    def missing(*args, **kwargs):
        raise graphviz.ExecutableNotFound(["dot"])

    monkeypatch.setattr(graphviz.Digraph, "_repr_mimebundle_", missing)
    bundle = drawing._repr_mimebundle_()
    assert "<svg" in bundle["image/svg+xml"]
    assert "conv1" in bundle["image/svg+xml"] or "Convolution" in bundle["image/svg+xml"]


def test_mistakes_are_explained(monkeypatch):
    pytest.importorskip("graphviz")
    with pytest.raises(TypeError):
        mx.viz.plot_network(3)
    with pytest.raises(TypeError):
        mx.viz.print_summary(3)
    with pytest.warns(UserWarning, match="shape"), pytest.raises(ValueError, match="incomplete"):
        mx.viz.plot_network(lenet(), shape={"data": (2, 1, 28, 0)})
    with pytest.warns(RuntimeWarning, match="Repeated names: x"):
        mx.viz.plot_network(mx.sym.var("x") + mx.sym.var("x"))
    mx.visualization._digraph_class.cache_clear()
    monkeypatch.setitem(sys.modules, "graphviz", None)
    with pytest.raises(ImportError, match="pip install"):
        mx.viz.plot_network(lenet())


def test_the_table_counts_parameters(capsys):
    mx.viz.print_summary(lenet(), shape=SHAPE)
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert all(len(line) <= 120 for line in lines)
    row = next(line for line in lines if line.startswith("conv1(Convolution)"))
    assert row.split() == ["conv1(Convolution)", "20x24x24", "520", "data"]
    assert f"Total params: {520 + 40 + 28810}" in text


def test_the_table_without_shapes(capsys):
    mx.viz.print_summary(lenet(), line_length=80)
    assert "Total params" in capsys.readouterr().out
