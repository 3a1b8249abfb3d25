from __future__ import annotations

import numpy as np
import pytest
from graphs import apply, values, var

from workbench.error import NotDifferentiable
from workbench.graph import Graph, Type, append_gradient, infer, verify
from workbench.graph.plan import make_plan


def typed(graph, *shapes, dtype="float64"):
    return infer(graph, {n: Type(s, dtype) for n, s in zip(graph.variables, shapes, strict=True)})


def gradients(graph, device, arrays, head, **options):
    types = typed(graph, *(a.shape for a in arrays), dtype=arrays[0].dtype.name)
    plan = make_plan(graph, types, device, wanted=graph.variables, train=True, **options)
    outputs, saved = plan.forward(arrays)
    return outputs, plan.backward(saved, [head])


def difference(graph, device, arrays, head, at, direction, eps=1e-6):
    def value(step):
        moved = list(arrays)
        moved[at] = arrays[at] + step * direction
        types = typed(graph, *(a.shape for a in arrays), dtype="float64")
        (out,), _ = make_plan(graph, types, device, train=True).forward(moved)
        return (out * head).sum()

    return (value(eps) - value(-eps)) / (2 * eps)


def test_the_backward_graph_is_made_of_the_operators_rules():
    x = var("x")
    graph = Graph([apply("tanh", x, name="t")])
    made = append_gradient(graph, typed(graph, (2,)), [x.node])
    verify(made.graph, made.types)
    text = str(made.graph)
    assert "%t_backward_" in text
    assert made.graph.forward == 1
    assert [n.name for n in made.heads] == ["head_grad0"]


@pytest.mark.parametrize("passes", ["all", "none"])
def test_gradients_agree_with_differences(device, passes):
    data, weight, bias = var("data"), var("weight"), var("bias")
    fc = apply("FullyConnected", data, weight, bias, num_hidden=3)
    graph = Graph([apply("tanh", apply("elemwise_mul", fc, apply("exp", fc)))])
    arrays = values((4, 5), (3, 5), (3,), dtype="float64")
    head, *directions = values((4, 3), (4, 5), (3, 5), (3,), seed=1, dtype="float64")
    _, found = gradients(graph, device, arrays, head, passes=passes)
    for at, direction in enumerate(directions):
        expected = difference(graph, device, arrays, head, at, direction)
        assert np.isclose((found[at] * direction).sum(), expected, rtol=1e-5)


def test_several_uses_are_summed(device):
    x = var("x")
    graph = Graph([apply("elemwise_add", apply("elemwise_mul", x, x), x)])
    (array,) = values((3,), dtype="float64")
    _, (found,) = gradients(graph, device, [array], np.ones(3))
    assert np.allclose(found, 2 * array + 1)


def test_broadcasting_is_undone(device):
    a, b = var("a"), var("b")
    graph = Graph([apply("broadcast_mul", a, b)])
    arrays = values((2, 1, 4), (3, 1), dtype="float64")
    _, (da, db) = gradients(graph, device, arrays, np.ones((2, 3, 4)))
    assert np.allclose(da, np.broadcast_to(arrays[1], (2, 3, 4)).sum(1, keepdims=True))
    assert np.allclose(db, np.broadcast_to(arrays[0], (2, 3, 4)).sum((0, 2))[:, None])


def test_what_is_not_reached_has_no_gradient(device):
    a, b = var("a"), var("b")
    graph = Graph([apply("elemwise_add", apply("BlockGrad", a), b)])
    _, (da, db) = gradients(graph, device, values((3,), (3,)), np.ones(3, "float32"))
    assert da is None
    assert np.allclose(db, 1)


def test_an_output_nobody_used_counts_as_zero(device):
    x = var("x")
    split = apply("SliceChannel", x, num_outputs=2, axis=1)
    graph = Graph([apply("exp", split.node.outputs[1])])
    (array,) = values((2, 4), dtype="float64")
    _, (found,) = gradients(graph, device, [array], np.ones((2, 2)))
    assert np.allclose(found, np.hstack([np.zeros((2, 2)), np.exp(array[:, 2:])]))


def test_moving_averages_change_when_backward_runs(device):
    names = ("data", "gamma", "beta", "mean", "var")
    inputs = [var(name) for name in names]
    graph = Graph([apply("BatchNorm", *inputs, fix_gamma=False, momentum=0.5)])
    (data,) = values((6, 3))
    arrays = [data, np.ones(3, "f"), np.zeros(3, "f"), np.zeros(3, "f"), np.ones(3, "f")]
    types = typed(graph, *(a.shape for a in arrays), dtype="float32")
    plan = make_plan(graph, types, device, wanted=graph.arguments, train=True)
    _, saved = plan.forward(arrays)
    assert not arrays[3].any()
    plan.backward(saved, [np.ones((6, 3), "float32")])
    assert np.allclose(arrays[3], 0.5 * data.mean(0), atol=1e-6)


def test_an_operator_without_rule_is_refused():
    inputs = [var(name) for name in ("weight", "grad")]
    graph = Graph([apply("sgd_update", *inputs, lr=0.1)])
    types = typed(graph, (2,), (2,), dtype="float32")
    with pytest.raises(NotDifferentiable, match="sgd_update"):
        append_gradient(graph, types, [inputs[0].node])
