"""mx.compile_report: what the compiler did, and what the kernels cost."""

from __future__ import annotations

import pytest

import workbench as mx
from workbench import autograd, nd
from workbench.error import GraphError
from workbench.gluon import nn


def network():
    net = nn.HybridSequential(prefix="net_")
    with net.name_scope():
        net.add(nn.Dense(8, activation="relu"), nn.Dense(3))
    net.initialize()
    return net


def ran(net, batches=(4,)):
    net.hybridize()
    for size in batches:
        with autograd.record():
            out = net(nd.ones((size, 5)))
        out.backward()
    return net


def test_report_tells_passes_steps_memory_and_kernels():
    text = repr(mx.compile_report(ran(network())))
    assert text.splitlines()[0] == "net: 3 operators, 1 plan; 0 of 1 calls found theirs"
    for word in ("training on cpu(0), data float32[4, 5]: run 1 times", "traced", "gradient"):
        assert word in text
    for word in ("cse", "fuse", "steps", "memory", "FullyConnected float32[4, 8]", "estimated"):
        assert word in text


def test_report_counts_shapes_and_calls():
    report = mx.compile_report(ran(network(), (4, 6, 4, 4)))
    assert (len(report.plans), report.hits, report.misses) == (2, 2, 2)
    assert [plan.runs for plan in report.plans] == [3, 1]


def test_rows_are_the_kernels_in_order():
    net = ran(network())
    report = mx.compile_report(net)
    rows = report.rows(report.plans[0])
    assert [row.op for row in rows if not row.backward] == [
        "FullyConnected",
        "Activation",
        "FullyConnected",
    ]
    assert all(row.measured > 0 and row.estimated > 0 and row.bytes > 0 for row in rows)
    dense = rows[0]
    assert dense.bytes == 4 * (4 * 5 + 8 * 5 + 8 + 4 * 8)
    assert dense.flops >= 2 * 4 * 5 * 8


def test_only_the_dearest_kernels_are_shown():
    report = mx.compile_report(ran(network()))
    report.shown = 2
    assert "cheaper ones" in repr(report)


def test_measuring_changes_no_number():
    net = nn.HybridSequential()
    net.add(nn.Dense(4), nn.BatchNorm(), nn.Dropout(0.5))
    net.initialize()
    ran(net)
    mx.random.seed(1)
    expected = nd.random.uniform(shape=(3,)).asnumpy()
    before = [one.data().asnumpy() for one in net.collect_params().values()]
    mx.random.seed(1)
    text = repr(mx.compile_report(net))
    assert "estimated" in text
    assert "in all" not in text  # it draws, so it was not run
    assert (nd.random.uniform(shape=(3,)).asnumpy() == expected).all()
    for one, other in zip(net.collect_params().values(), before, strict=True):
        assert (one.data().asnumpy() == other).all()


def test_states_of_a_measured_plan_stay_as_they_are():
    net = nn.HybridSequential()
    net.add(nn.Dense(4), nn.BatchNorm())
    net.initialize()
    ran(net)
    before = [one.data().asnumpy() for one in net.collect_params().values()]
    assert "in all" in repr(mx.compile_report(net))
    for one, other in zip(net.collect_params().values(), before, strict=True):
        assert (one.data().asnumpy() == other).all()


def test_report_of_what_is_not_compiled_says_what_to_do():
    with pytest.raises(GraphError, match="has not been compiled"):
        mx.compile_report(network())
    with pytest.raises(GraphError, match="has not been compiled"):
        mx.compile_report(3)
