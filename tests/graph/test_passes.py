from __future__ import annotations

import numpy as np
import pytest
from graphs import apply, values, var

from workbench.error import GraphError
from workbench.graph import Graph, Type, infer, parse_graph, print_graph, verify
from workbench.graph.passes import PIPELINE, enabled, run_passes
from workbench.graph.plan import make_plan

#: pass, text before, text after
CASES = {
    "fold: neutral numbers": (
        "fold",
        """graph(%x: float32[4]) {
  %a: float32[4] = _mul_scalar(%x, scalar=1)
  %b: float32[4] = _minus_scalar(%a, scalar=0)
  %c: float32[4] = _plus_scalar(%b, scalar=2)
  return %c
}""",
        """graph(%x: float32[4]) {
  %c: float32[4] = _plus_scalar(%x, scalar=2)
  return %c
}""",
    ),
    "fold: constants": (
        "fold",
        """graph(%x: float32[4]) {
  %z: float32[4] = _zeros(dtype=float32, shape=(4,))
  %one: float32[4] = _plus_scalar(%z, scalar=1)
  %y: float32[4] = elemwise_mul(%x, %one)
  return %y
}""",
        """graph(%x: float32[4]) {
  return %x
}""",
    ),
    "dce: reshapes to the same shape": (
        "dce",
        """graph(%x: float32[2, 3]) {
  %a: float32[2, 3] = Reshape(%x, shape=(2, 3))
  %b: float32[2, 3] = BlockGrad(%a)
  %c: float32[6] = Reshape(%b, shape=(6,))
  return %c
}""",
        """graph(%x: float32[2, 3]) {
  %c: float32[6] = Reshape(%x, shape=(6,))
  return %c
}""",
    ),
    "cse: the same twice": (
        "cse",
        """graph(%x: float32[4]) {
  %a: float32[4] = exp(%x)
  %c: float32[4] = tanh(%a)
  %b: float32[4] = exp(%x)
  %d: float32[4] = tanh(%b)
  %e: float32[4] = elemwise_add(%c, %d)
  return %e
}""",
        """graph(%x: float32[4]) {
  %a: float32[4] = exp(%x)
  %c: float32[4] = tanh(%a)
  %e: float32[4] = elemwise_add(%c, %c)
  return %e
}""",
    ),
    "cse: draws stay apart": (
        "cse",
        """graph() {
  %a: float32[4] = _random_uniform(shape=(4,))
  %b: float32[4] = _random_uniform(shape=(4,))
  %c: float32[4] = elemwise_add(%a, %b)
  return %c
}""",
        None,
    ),
    "fuse: a chain, with what others read of it": (
        "fuse",
        """graph(%x: float32[100, 100], %y: float32[100, 100]) {
  %a: float32[100, 100] = elemwise_add(%x, %y)
  %b: float32[100, 100] = tanh(%a)
  %c: float32[100, 100] = exp(%b)
  %d: float32[100, 1] = sum(%c, axis=1, keepdims=True)
  return %d, %b
}""",
        """graph(%x: float32[100, 100], %y: float32[100, 100]) {
  %c: float32[100, 100], float32[100, 100] = fused(%x, %y) as
      graph(%x0, %x1) {
        %a = elemwise_add(%x0, %x1)
        %b = tanh(%a)
        %c = exp(%b)
        return %b, %c
      }
  %d: float32[100, 1] = sum(%c#1, axis=1, keepdims=True)
  return %d, %c
}""",
    ),
    "fuse: no path may leave a chain and come back": (
        "fuse",
        """graph(%x: float32[100, 100]) {
  %a: float32[100, 100] = tanh(%x)
  %b: float32[100, 1] = sum(%a, axis=1, keepdims=True)
  %c: float32[100, 100] = broadcast_mul(%a, %b)
  %d: float32[100, 100] = exp(%c)
  return %d
}""",
        """graph(%x: float32[100, 100]) {
  %a: float32[100, 100] = tanh(%x)
  %b: float32[100, 1] = sum(%a, axis=1, keepdims=True)
  %d: float32[100, 100] = fused(%a, %b) as
      graph(%x0, %x1) {
        %c = broadcast_mul(%x0, %x1)
        %d = exp(%c)
        return %d
      }
  return %d
}""",
    ),
    "fuse: small arrays are left alone": (
        "fuse",
        """graph(%x: float32[4]) {
  %a: float32[4] = exp(%x)
  %b: float32[4] = tanh(%a)
  return %b
}""",
        None,
    ),
    "affine: a normalization with fixed statistics": (
        "affine,fuse",
        "graph(%x: float32[1, 64, 9, 9], %gamma: float32[64], %beta: float32[64], "
        """%mean: float32[64], %var: float32[64]) {
  %bn: float32[1, 64, 9, 9], float32[64], float32[64] = """
        """BatchNorm(%x, %gamma, %beta, %mean, %var, eps=0.001, fix_gamma=False)
  %r: float32[1, 64, 9, 9] = Activation(%bn, act_type=relu)
  return %r
}""",
        "graph(%x: float32[1, 64, 9, 9], %gamma: float32[64], %var: float32[64], "
        """%beta: float32[64], %mean: float32[64]) {
  %bn_plus_scalar: float32[64] = _plus_scalar(%var, scalar=0.001)
  %bn_rsqrt: float32[64] = rsqrt(%bn_plus_scalar)
  %bn_elemwise_mul: float32[64] = elemwise_mul(%gamma, %bn_rsqrt)
  %bn_Reshape: float32[1, 64, 1, 1] = Reshape(%bn_elemwise_mul, shape=(1, 64, 1, 1))
  %bn_elemwise_mul'1: float32[64] = elemwise_mul(%mean, %bn_elemwise_mul)
  %bn_elemwise_sub: float32[64] = elemwise_sub(%beta, %bn_elemwise_mul'1)
  %bn_Reshape'1: float32[1, 64, 1, 1] = Reshape(%bn_elemwise_sub, shape=(1, 64, 1, 1))
  %r: float32[1, 64, 9, 9] = fused(%x, %bn_Reshape, %bn_Reshape'1) as
      graph(%x0, %x1, %x2) {
        %bn_broadcast_mul = broadcast_mul(%x0, %x1)
        %bn_broadcast_add = broadcast_add(%bn_broadcast_mul, %x2)
        %r = Activation(%bn_broadcast_add, act_type=relu)
        return %r
      }
  return %r
}""",
    ),
    "epilogue: where nobody else reads the convolution": (
        "epilogue",
        """graph(%x: float32[1, 1, 5, 5], %w: float32[2, 1, 3, 3], %b: float32[2]) {
  %c: float32[1, 2, 3, 3] = Convolution(%x, %w, %b, kernel=(3, 3), num_filter=2)
  %r: float32[1, 2, 3, 3] = Activation(%c, act_type=relu)
  %d: float32[1, 2, 3, 3] = Convolution(%x, %w, %b, kernel=(3, 3), num_filter=2)
  %s: float32[1, 2, 3, 3] = Activation(%d, act_type=relu)
  return %r, %s, %d
}""",
        """graph(%x: float32[1, 1, 5, 5], %w: float32[2, 1, 3, 3], %b: float32[2]) {
  %r: float32[1, 2, 3, 3] = _Convolution_relu(%x, %w, %b, kernel=(3, 3), num_filter=2)
  %d: float32[1, 2, 3, 3] = Convolution(%x, %w, %b, kernel=(3, 3), num_filter=2)
  %s: float32[1, 2, 3, 3] = Activation(%d, act_type=relu)
  return %r, %s, %d
}""",
    ),
    "inplace: over a dead operand, not over an input or an output": (
        "inplace",
        """graph(%x: float32[4]) {
  %a: float32[4] = square(%x)
  %b: float32[4] = square(%a)
  %c: float32[4] = elemwise_add(%b, %x)
  %d: float32[4] = square(%c)
  return %d, %c
}""",
        """graph(%x: float32[4]) {
  %a: float32[4] = square(%x)
  %b: float32[4] = square(%a, __inplace__=0)
  %c: float32[4] = elemwise_add(%b, %x, __inplace__=0)
  %d: float32[4] = square(%c)
  return %d, %c
}""",
    ),
    "inplace: not while a view is alive": (
        "inplace",
        """graph(%x: float32[4]) {
  %a: float32[4] = square(%x)
  %b: float32[4] = square(%a)
  %v: float32[2, 2] = Reshape(%a, shape=(2, 2))
  %w: float32[2, 2] = square(%v)
  return %b, %w
}""",
        None,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_before_and_after(case):
    choice, before, after = CASES[case]
    graph, types = parse_graph(before)
    verify(graph, types)
    made, made_types = run_passes(graph, types, choice)
    verify(made, made_types)
    assert print_graph(made, made_types) == (before if after is None else after)
    assert print_graph(graph, types) == before  # passes are pure


def test_passes_are_chosen_by_words():
    names = [one.name for one in PIPELINE]
    assert [one.name for one in enabled("all")] == names
    assert enabled("none") == ()
    assert [one.name for one in enabled("cse,fold")] == ["fold", "cse"]
    assert [one.name for one in enabled("-fuse")] == [n for n in names if n != "fuse"]
    assert [one.name for one in enabled(["cse"])] == ["cse"]


def test_the_environment_chooses(monkeypatch):
    monkeypatch.setenv("WORKBENCH_PASSES", "-fuse,-inplace")
    assert [one.name for one in enabled()] == [
        "fold",
        "dce",
        "cse",
        "affine",
        "epilogue",
    ]


def test_an_unknown_pass_is_an_error():
    with pytest.raises(GraphError, match="fuze"):
        enabled("fuze")


def test_every_pass_prints_what_it_does():
    assert all(len(str(one)) > len(one.name) + 5 for one in PIPELINE)


@pytest.mark.parametrize("choice", ["none", *(one.name for one in PIPELINE), "all"])
def test_a_pass_changes_no_result(device, choice):
    x, y = var("x"), var("y")
    a = apply("tanh", apply("elemwise_add", x, y))
    b = apply("elemwise_mul", apply("exp", a), apply("tanh", apply("elemwise_add", x, y)))
    graph = Graph([apply("elemwise_add", b, apply("_mul_scalar", a, scalar=1))])
    arrays = values((90, 100), (90, 100))
    head = np.ones((90, 100), "float32")

    def results(passes):
        given = {n: Type((90, 100), "float32") for n in graph.variables}
        plan = make_plan(
            graph, infer(graph, given), device, wanted=graph.variables, train=True, passes=passes
        )
        outputs, saved = plan.forward(arrays)
        return [*outputs, *plan.backward(saved, [head])]

    for one, other in zip(results(choice), results("none"), strict=True):
        assert np.allclose(one, other, rtol=1e-4, atol=1e-5)
