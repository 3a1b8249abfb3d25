"""Random graphs: whatever the passes do, the numbers stay."""

from __future__ import annotations

import numpy as np
from graphs import apply, var
from hypothesis import HealthCheck, given, settings, strategies as st

from workbench.backend import activate
from workbench.context import cpu
from workbench.graph import Graph, Type, infer, parse_graph, print_graph, verify
from workbench.graph.passes import PIPELINE, run_passes
from workbench.graph.plan import make_plan
from workbench.symbol import Symbol, fromjson

SHAPE = (96, 96)  # large enough to be fused
UNARY = ("tanh", "square", "negative", "BlockGrad", "sigmoid", "relu", "abs")
BINARY = ("elemwise_add", "elemwise_sub", "elemwise_mul", "broadcast_add", "broadcast_maximum")
SCALAR = ("_plus_scalar", "_mul_scalar", "_minus_scalar", "_rminus_scalar")

steps = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from(UNARY),
            st.sampled_from(BINARY),
            st.tuples(st.sampled_from(SCALAR), st.sampled_from([0, 1, 0.5, -1])),
            st.just("views"),
            st.just("sum"),
        ),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=14,
)


def build(chosen, outputs):
    entries = [var("x"), var("y")]
    for kind, i, j in chosen:
        a, b = entries[i % len(entries)], entries[j % len(entries)]
        if isinstance(kind, tuple):
            made = apply(kind[0], a, scalar=kind[1])
        elif kind == "views":
            made = apply("Reshape", apply("Reshape", a, shape=(-1,)), shape=SHAPE)
        elif kind == "sum":
            made = apply("broadcast_mul", a, apply("mean", b, axis=1, keepdims=True))
        else:
            made = apply(kind, a, b) if kind in BINARY else apply(kind, a)
        entries.append(made)
    count = 1 + outputs % 3
    return Graph(entries[-count:])


def run(graph, passes, arrays):
    types = infer(graph, {n: Type(SHAPE, "float64") for n in graph.variables})
    plan = make_plan(
        graph, types, activate(cpu()), train=True, wanted=graph.variables, passes=passes
    )
    verify(plan.graph, plan.types)
    named = {"x": arrays[0], "y": arrays[1]}
    given_ = [named[n.name] for n in graph.variables]
    before = [a.copy() for a in given_]
    outputs, saved = plan.forward(given_)
    heads = [np.full(out.shape, 0.5) for out in outputs]
    grads = plan.backward(saved, heads)
    again = plan.backward(saved, heads)
    for one, other in zip(grads, again, strict=True):
        assert (one is None) == (other is None)
        assert one is None or np.array_equal(one, other)
    assert all(np.array_equal(a, b) for a, b in zip(given_, before, strict=True))
    return [*outputs, *(np.zeros(SHAPE) if g is None else g for g in grads)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps, st.integers(0, 5), st.sampled_from(["all", *(one.name for one in PIPELINE)]))
def test_no_pass_changes_a_number(chosen, outputs, passes):
    rng = np.random.default_rng(0)
    arrays = [rng.uniform(-1, 1, SHAPE) for _ in range(2)]
    graph = build(chosen, outputs)
    for one, other in zip(run(graph, passes, arrays), run(graph, "none", arrays), strict=True):
        assert np.allclose(one, other, rtol=1e-9, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(steps, st.integers(0, 5), st.sampled_from(["all", "none"]))
def test_text_and_files_come_back(chosen, outputs, passes):
    graph = build(chosen, outputs)
    assert fromjson(Symbol(graph.outputs).tojson()).tojson() == Symbol(graph.outputs).tojson()
    types = infer(graph, {n: Type(SHAPE, "float64") for n in graph.variables})
    graph, types = run_passes(graph, types, passes)
    text = print_graph(graph, types)
    assert print_graph(*parse_graph(text)) == text
