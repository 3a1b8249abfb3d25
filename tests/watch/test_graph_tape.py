"""The graph behind a backward: operators, shapes, parameters, blocks."""

from __future__ import annotations

import pytest

from workbench import autograd, nd, signals
from workbench.error import GraphError
from workbench.watch import Session, graph_view
from workbench.watch.graph_groups import Group, group_graph


class Block:
    """What a Session sees of a gluon Block."""

    def __init__(self, name, body, prefix=None):
        self.name, self.body = name, body
        self.prefix = f"{name}_" if prefix is None else prefix

    def __call__(self, *args):
        if signals.block:
            signals.fire(signals.block, self, True)
        try:
            return self.body(*args)
        finally:
            if signals.block:
                signals.fire(signals.block, self, False)


def watched(program):
    with Session("t", terminal=False, save=False) as run:
        program()
    assert run.state_dict()["notice"] == ""
    return run


def dense_program():
    x = nd.ones((4, 3))
    w, b = nd.ones((5, 3)), nd.zeros((5,))
    for leaf in (w, b):
        leaf.attach_grad()
    inner = Block("net_dense0", lambda v: nd.FullyConnected(v, w, b, num_hidden=5))
    net = Block("net", lambda v: nd.relu(inner(v)))
    with autograd.record():
        y = net(x).sum()
    y.backward()


def test_nodes_have_shapes_parameters_blocks_and_devices():
    view = watched(dense_program).graph
    by_op = {node.op: node for node in view.nodes}
    dense = by_op["FullyConnected"]
    assert dense.in_shapes == [(4, 3)]
    assert dense.out_shapes == [(4, 5)]
    assert dense.params == 20
    assert dense.flops == 20 * 7
    assert dense.group == ("net", "dense0")
    assert dense.attrs["num_hidden"] == "5"
    assert dense.device == "cpu(0)"
    assert by_op["relu"].group == ("net",)
    assert by_op["sum"].group == ()
    assert by_op["null"].out_shapes == [(4, 3)]
    assert view.title == "t"


def test_groups_of_the_picture_are_the_blocks():
    tree = group_graph(watched(dense_program).graph)
    labels = [child.label for child in tree.children if isinstance(child, Group)]
    assert labels == [] or labels == ["net"]


def test_leaves_that_are_no_parameters_are_inputs():
    def program():
        x = nd.ones((2, 3))
        x.attach_grad()
        with autograd.record():
            y = nd.exp(x) * x
        y.backward()

    view = watched(program).graph
    assert [node.op for node in view.nodes] == ["null", "exp", "elemwise_mul"] or [
        node.op for node in view.nodes
    ] == ["null", "exp", "broadcast_mul"]
    assert sorted(view.edges) == [(0, 1), (0, 2), (1, 2)]
    assert view.nodes[2].out_shapes == [(2, 3)]


def test_only_the_first_backward_is_drawn_and_nothing_listens_after_it():
    heard = []

    def program():
        x = nd.ones((2,))
        x.attach_grad()
        for size in (1, 2):
            with autograd.record():
                y = x
                for _ in range(size):
                    y = nd.exp(y)
            y.backward()
            heard.append((bool(signals.block), bool(signals.graph_recorded)))

    view = watched(program).graph
    assert sum(node.op == "exp" for node in view.nodes) == 1
    assert heard == [(False, False)] * 2


def test_a_run_without_backward_has_no_graph():
    run = watched(lambda: None)
    assert run.graph is None
    assert not run.state_dict()["graph"]


def test_an_array_that_was_recorded_has_a_graph():
    x = nd.ones((2,))
    x.attach_grad()
    with autograd.record():
        y = nd.exp(nd.sin(x))
    assert [node.op for node in graph_view(y).nodes] == ["null", "sin", "exp"]
    with pytest.raises(GraphError, match="no graph to draw"):
        graph_view(nd.ones((2,)))


def test_gradients_are_the_same_watched_or_not():
    def program():
        x = nd.array([1.0, 2.0, 3.0])
        x.attach_grad()
        with autograd.record():
            y = (nd.exp(x) * x).sum()
        y.backward()
        return x.grad.asnumpy().tolist()

    alone = program()
    kept = []
    watched(lambda: kept.append(program()))
    assert kept == [alone]


@pytest.mark.parametrize("thing", [None, 3, object()])
def test_things_without_graph_are_refused(thing):
    with pytest.raises(GraphError, match="has no graph to draw"):
        graph_view(thing)


def test_text_that_is_no_json_is_refused():
    with pytest.raises(GraphError, match="this is not JSON"):
        graph_view("{")
