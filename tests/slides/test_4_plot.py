"""The talk: a picture of the graph."""

from __future__ import annotations

import pytest

import workbench as mx
from workbench import sym

graphviz = pytest.importorskip("graphviz")


def network():
    net = sym.Convolution(sym.Variable("data"), name="conv", kernel=(5, 5), num_filter=20)
    net = sym.Activation(net, name="tanh", act_type="tanh")
    net = sym.Pooling(net, name="pool", pool_type="max", kernel=(2, 2), stride=(2, 2))
    net = sym.FullyConnected(sym.Flatten(net), name="fc", num_hidden=10)
    return sym.SoftmaxOutput(net, name="softmax")


def test_plot_network():
    drawn = mx.viz.plot_network(network(), shape={"data": (1, 1, 28, 28)})
    assert isinstance(drawn, graphviz.Digraph)
    for text in ("Convolution\n5x5/1, 20", "FullyConnected\n10", "20x24x24", "#fb8072"):
        assert text in drawn.source, text
    assert "conv_weight" not in drawn.source
    assert "conv_weight" in mx.viz.plot_network(network(), hide_weights=False).source


def test_the_picture_shows_itself_without_dot(monkeypatch):
    monkeypatch.setenv("PATH", "")
    drawn = mx.viz.plot_network(network())
    bundle = drawn._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "<svg" in data["image/svg+xml"]


def test_print_summary(capsys):
    mx.viz.print_summary(network(), shape={"data": (1, 1, 28, 28)})
    text = capsys.readouterr().out
    assert "conv(Convolution)" in text
    assert f"Total params: {5 * 5 * 20 + 20 + 12 * 12 * 20 * 10 + 10}" in text
