"""The backward functions of operators, made from the gradient rules in their records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kernels.elemwise_rules import fused_rule
from ..ops.registry import Op
from . import storage, tape
from .core import NDArray
from .source import compile_source

__all__ = ["run_of"]


def run_of(op: Op) -> Callable[..., Any]:
    """The tape's RUN function of an operator: its rules, each only where it is wanted."""
    if op._backward is None:
        op._backward = _make_run(op)
    return op._backward


def _make_run(op: Op) -> Callable[..., Any]:
    names = op.save_names
    if op.zero_grad or not op.differentiable:
        run: Any = _zero_run if op.zero_grad else _refusing_run(op)
        run = _own(run)
    elif op.joint is not None:
        run = _joint_run(op, names)
    else:
        run = _rules_run(op, names)
    if op.rows_of_dense:
        run = _with_rows(op, run)
    if op.has_outputs:
        run = _with_all_outputs(run)
    run.op, run.save_names = op, names
    run.outputs = lambda node: op.num_outputs(node[tape.P] or {})
    if op.broadcasts:
        run.unequal = _unequal_run(run)
    return run


def _unequal_run(run: Callable[..., Any]) -> Callable[..., Any]:
    """The same rules where inputs were broadcast: gradients are summed to the inputs' shapes."""

    def unequal(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        saved, shapes = saves
        grads = run(F, g, parents, saved, p)
        return [
            grad if grad is None or grad.shape == shape else F._sum_to(grad, shape=shape)
            for grad, shape in zip(grads, shapes, strict=True)
        ]

    unequal.op, unequal.save_names, unequal.nested = run.op, run.save_names, True  # type: ignore[attr-defined]
    return unequal


def _with_rows(op: Op, run: Callable[..., Any]) -> Callable[..., Any]:
    """The rules of an operator on dense arrays one of whose gradients may go by rows."""
    names, inputs = op.save_names, op.inputs

    def with_rows(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        found: dict[int, Any] = {}
        if any(map(storage.wants_rows, parents)) and not isinstance(g, NDArray):
            given = dict(zip(names, saves, strict=True))
            found = storage.gradient_by_rows(
                op, F, g, parents, [given.get(n, given.get(f"{n}_shape")) for n in inputs], p
            )
        rest = [None if i in found else one for i, one in enumerate(parents)]
        grads = list(run(F, g, rest, saves, p)) if any(rest) else [None] * len(rest)
        return [found.get(i, grad) for i, grad in enumerate(grads)]

    return with_rows


def _with_all_outputs(run: Callable[..., Any]) -> Callable[..., Any]:
    """Rules of an operator with several outputs: a visible one that nobody used gets zeros.

    The saves end in ``(prototype, shapes)`` of the visible outputs.
    """

    def all_outputs(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        *saved, shapes = saves
        given = next((one for one in g if one is not None), None)
        if given is None:  # reached only through what has no gradient
            return _zero_run(F, g, parents, saves, p)
        filled = tuple(
            F._full_like(given, shape=shape) if one is None and shape is not None else one
            for one, shape in zip(g, shapes, strict=True)
        )
        return run(F, filled, parents, saved, p)

    return all_outputs


def _own(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda F, g, parents, saves, p: function(F, g, parents, saves, p)


def _zero_run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
    return (None,) * len(parents)


def _refusing_run(op: Op) -> Callable[..., Any]:
    def run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        raise tape.not_differentiable(op)

    return run


def _joint_run(op: Op, names: tuple[str, ...]) -> Callable[..., Any]:
    rule = op.joint
    assert rule is not None
    picks = [names.index(n) if n != "p" else -1 for n in rule.saves]
    function = rule.function

    def run(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        return function(F, g, *[saves[i] if i >= 0 else p for i in picks])

    return run


def _rules_run(op: Op, names: tuple[str, ...]) -> Callable[..., Any]:
    if op.variadic:
        rule = op.grads["args"]
        op_joint = op.joint
        assert op_joint is None
        picks = [names.index(n) if n != "p" else -1 for n in rule.saves]
        function = rule.function
        return lambda F, g, parents, saves, p: function(
            F, g, *[saves[i] if i >= 0 else p for i in picks]
        )
    made: list[str] = []
    scope: dict[str, Any] = {}
    for i, name in enumerate(op.inputs):
        rule_or_none = op.grads.get(name)
        if rule_or_none is None:
            made.append("None")
            continue
        scope[f"rule_{name}"] = fused_rule(op, rule_or_none)
        arguments = [f"saves[{names.index(n)}]" if n != "p" else "p" for n in rule_or_none.saves]
        call = f"rule_{name}({', '.join(['F', 'g', *arguments])})"
        made.append(f"None if parents[{i}] is None else {call}")
    body = ",\n        ".join(made)
    name = f"backward_{_identifier(op.name)}"
    source = f"def {name}(F, g, parents, saves, p):\n    return (\n        {body},\n    )"
    return compile_source(name, source, **scope)


def _identifier(name: str) -> str:
    return name.replace(".", "_")
