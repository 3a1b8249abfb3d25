"""Events of what runs outside the queues: kernels, gradient rules, compiled graphs, spans."""

from __future__ import annotations

import threading
from collections import Counter

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, engine, nd
from workbench.engine import Var, events, timing
from workbench.error import OperatorError
from workbench.gluon import nn
from workbench.ndarray.cached_op import CachedOp


class Recorded:
    """The events since the test began."""

    def __init__(self) -> None:
        self.first = events.ring.appended

    def all(self, row: str | None = None) -> list[events.Event]:
        found = events.ring.read(self.first)[0]
        return [one for one in found if row is None or one.row == row]

    def names(self, row: str | None = None) -> Counter[str]:
        return Counter(one.name for one in self.all(row))


@pytest.fixture
def recorded():
    """Events are on."""
    engine.wait_all()
    events.start()
    yield Recorded()
    engine.wait_all()
    events.stop()


@pytest.fixture
def detailed():
    """Events are on, in detail."""
    engine.wait_all()
    events.start(detail=True)
    yield Recorded()
    engine.wait_all()
    events.stop(detail=True)


def small_net(ctx=None):
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(4, activation="relu"), nn.Dense(2))
    net.initialize(ctx=ctx)
    net.hybridize()
    return net


def test_an_inline_operator_is_one_event_with_its_device_and_bytes(recorded):
    x = nd.ones((2, 3))
    begin = events.now()
    nd.exp(x)
    (one,) = [e for e in recorded.all("cpu(0)") if e.name == "exp"]
    assert begin <= one.start <= one.stop <= events.now()
    assert one.bytes == 24
    assert one.id > 0
    assert one.cause == 0


def test_nothing_is_recorded_when_nobody_asks():
    engine.wait_all()
    first = events.ring.appended
    assert not events.on
    x = nd.ones((2, 3))
    x.attach_grad()
    with autograd.record():
        y = nd.exp(x)
    y.backward()
    assert events.ring.appended == first


def test_arithmetic_scalars_in_place_and_several_outputs_are_events(recorded):
    x = nd.ones((4, 4))
    y = x + x
    y = y * 2
    y += x
    nd.split(x, num_outputs=2, axis=0)
    names = recorded.names("cpu(0)")
    assert sum(names[n] for n in ("elemwise_add", "broadcast_add", "_plus")) == 2
    assert sum(count for n, count in names.items() if "mul" in n) == 1
    (cut,) = [e for e in recorded.all() if e.name in ("SliceChannel", "split")]
    assert cut.bytes == 64


def test_gradient_rules_are_named_as_mxnet_names_them(recorded):
    x = nd.ones((2, 3))
    x.attach_grad()
    with autograd.record():
        y = nd.tanh(x).sum()
    y.backward()
    names = recorded.names("cpu(0)")
    assert names["_backward_tanh"] == names["_backward_sum"] == 1


def test_a_queued_operator_is_recorded_once(recorded):
    x = nd.ones((2, 3), ctx=mx.cpu(1))
    nd.exp(x).wait_to_read()
    assert recorded.names("cpu(1)")["exp"] == 1


@pytest.fixture
def called_net():
    """The first call also loads kernels, and counts as a long one; the next tells the truth."""
    net = small_net()
    for _ in range(2):
        with autograd.record():
            net(nd.ones((2, 3)))
    return net


def test_a_short_compiled_graph_is_one_event_each_way(called_net, recorded):
    with autograd.record():
        y = called_net(nd.ones((2, 3)))
    y.backward()
    names = recorded.names("cpu(0)")
    assert names["net forward"] == names["net backward"] == 1
    assert "FullyConnected" not in names


def test_in_detail_the_operators_of_a_compiled_graph_are_events(detailed):
    net = small_net()
    x = nd.ones((2, 3))
    with autograd.record():
        y = net(x)
    y.backward()
    names = detailed.names("cpu(0)")
    assert names["FullyConnected"] == 2
    assert names["_backward_FullyConnected"] >= 2
    assert "net forward" not in names


def test_a_queued_graph_is_one_event_also_in_detail_and_its_steps_lie_inside(detailed):
    net = small_net(mx.cpu(1))
    net(nd.ones((2, 3), ctx=mx.cpu(1))).wait_to_read()
    (whole,) = [e for e in detailed.all("cpu(1)") if e.name == "net forward"]
    steps = [e for e in detailed.all("cpu(1)") if e.name == "FullyConnected"]
    assert len(steps) == 2
    assert all(whole.start <= e.start and e.stop <= whole.stop for e in steps)


def test_results_are_the_same_watched_and_not(detailed):
    net = small_net()
    x = nd.array(np.arange(6.0).reshape(2, 3))
    watched = net(x).asnumpy()
    events.stop(detail=True)
    try:
        plain = net(x).asnumpy()
    finally:
        events.start(detail=True)
    np.testing.assert_array_equal(watched, plain)


def test_an_error_inside_a_watched_graph_names_the_node(detailed):
    call = CachedOp(mx.sym.exp(mx.sym.var("a"), name="raised"))
    x = nd.ones((3, 2))
    call(x)
    events.stop(detail=True)
    try:  # a plan that nobody has watched yet, with a kernel that fails
        (plan,) = call._plans.values()
        plan._timed.clear()
        (step, node), *_ = plan.nodes_of_steps
        failing = step._replace(kernel=_divide_by_zero)
        plan.steps_forward[0], plan.nodes_of_steps[0] = failing, (failing, node)
    finally:
        events.start(detail=True)
    with pytest.raises(OperatorError, match=r"exp \(node raised\) failed: division by zero"):
        call(x)


def _divide_by_zero(*arrays, **params):
    return 1 / 0


def test_what_a_span_pushes_is_recorded_under_its_row_and_name(recorded):
    var, gate = Var(), threading.Event()
    with timing.span("kvstore", "push w", 40):
        engine.push(lambda: gate.wait(20), (), [var], mx.cpu(1), "copy", bytes=4)
    engine.push(lambda: None, (), [var], mx.cpu(1), "next")
    gate.set()
    engine.wait_all()
    (one,) = recorded.all("kvstore")
    (after,) = recorded.all("cpu(1)")
    assert (one.name, one.bytes) == ("push w", 4)
    assert (after.name, after.cause) == ("next", one.id)


def test_a_span_that_pushes_nothing_is_an_event_itself(recorded):
    with timing.span("kvstore", "pull w", 40):
        pass
    (one,) = recorded.all("kvstore")
    assert (one.name, one.bytes) == ("pull w", 40)


def test_spans_nest_and_end(recorded):
    with timing.span("kvstore", "outer"), timing.span("kvstore", "inner"):
        engine.push(lambda: None, (), (), mx.cpu(1), "a")
    engine.push(lambda: None, (), (), mx.cpu(1), "b")
    engine.wait_all()
    assert recorded.names("kvstore") == {"inner": 1, "outer": 1}
    assert recorded.names("cpu(1)") == {"b": 1}


def test_detail_is_counted_apart():
    events.start()
    events.start(detail=True)
    assert events.detail
    events.stop(detail=True)
    assert events.on
    assert not events.detail
    events.stop()
    assert not events.on
