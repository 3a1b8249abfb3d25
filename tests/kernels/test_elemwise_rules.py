"""Gradient rules that run as one kernel give what the rules give."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.backend import backend_named
from workbench.backend.raw import raw_namespace
from workbench.kernels import elemwise_rules
from workbench.ops import all_ops, get

pytestmark = pytest.mark.usefixtures("needs_llvm")
FUSED = [
    (op, name)
    for op in all_ops()
    if op.elementwise or op.name == "where"
    for name, rule in op.grads.items()
    if elemwise_rules.fused_rule(op, rule) is not rule.function
]


def test_most_rules_are_fused():
    names = {op.name for op, _ in FUSED}
    assert {"tanh", "sigmoid", "clip", "broadcast_div", "smooth_l1", "where"} <= names


@pytest.mark.parametrize(("op", "name"), FUSED, ids=[f"{op.name}-{name}" for op, name in FUSED])
def test_a_fused_rule_is_the_rule(op, name):
    rng = np.random.default_rng(0)
    g, *saves = [rng.uniform(0.1, 0.9, (5, 7)).astype("float32") for _ in range(6)]
    rule, F = op.grads[name], raw_namespace(backend_named("numpy"))
    example = next(e for e in op.examples)
    p = op.parse({n: v for n, v in example.items() if n in op.params})
    given = [p if n == "p" else saves[i] for i, n in enumerate(rule.saves)]
    fused = elemwise_rules.fused_rule(op, rule)
    expected = rule.function(F, g, *given)
    for one in (g, g[::-1][::-1]):
        np.testing.assert_allclose(fused(F, one, *given), expected, rtol=2e-5, atol=2e-6)
    doubles = [a if a is p else a.astype("float64") for a in given]
    expected = rule.function(F, g.astype("float64"), *doubles)
    got = fused(F, g.astype("float64"), *doubles)
    np.testing.assert_array_equal(got, expected)


def test_shapes_that_differ_take_the_rule_itself():
    op = get("broadcast_mul")
    fused = elemwise_rules.fused_rule(get("broadcast_div"), get("broadcast_div").grads["rhs"])
    F = raw_namespace(backend_named("numpy"))
    g, lhs, rhs = np.ones((3, 4), "float32"), np.ones((3, 1), "float32"), np.full(4, 2, "float32")
    assert fused(F, g, lhs, rhs).tolist() == np.full((3, 4), -0.25).tolist()
    assert op.broadcasts
