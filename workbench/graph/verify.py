"""Is a graph well formed? One small rule per line of the table at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..error import GraphError, MXNetError, message
from ..ops import rules
from .control import Control
from .infer import infer
from .ir import Graph, Node, Type, Types

__all__ = ["RULES", "verify"]

Rule = Callable[[Graph, Types | None], Iterator[str]]


def verify(graph: Graph, types: Types | None = None) -> None:
    """Raise GraphError with everything that is wrong; with *types*, they are checked too."""
    faults = [fault for rule in RULES for fault in rule(graph, types)]
    if faults:
        raise GraphError(message(f"malformed graph: {faults[0]}", where=faults[1:9]))


def _operations(graph: Graph) -> Iterator[Node]:
    return (node for node in graph.nodes if not node.is_variable)


def inputs_come_first(graph: Graph, types: Types | None) -> Iterator[str]:
    """No node needs itself, directly or through others."""
    done: set[Node] = set()
    for node in graph.nodes:
        for entry in node.inputs:
            if entry.node not in done:
                yield f"{node.name} needs {entry.node.name}, which needs it in turn"
        done.add(node)


def entries_exist(graph: Graph, types: Types | None) -> Iterator[str]:
    """Every entry names an output that its node has."""
    used = [(node.name, e) for node in graph.nodes for e in node.inputs]
    for name, entry in [*used, *(("return", e) for e in graph.outputs)]:
        if not 0 <= entry.index < entry.node.num_outputs:
            yield f"{name} reads output {entry.index} of {entry.node.name}, which has none such"


def variables_have_no_inputs(graph: Graph, types: Types | None) -> Iterator[str]:
    """A variable computes nothing."""
    for node in graph.variables:
        if node.inputs:
            yield f"variable {node.name} has inputs"


def inputs_are_complete(graph: Graph, types: Types | None) -> Iterator[str]:
    """Every required input of an operator is there, and no more than it knows."""
    for node in _operations(graph):
        if node.op.variadic:
            continue
        missing = node.op.missing_inputs(node.params)
        names = [name for name in node.op.inputs if name not in missing]
        optional: frozenset[str] = getattr(node.op, "optional", frozenset())
        needed = [name for name in names if name not in optional]
        if not len(needed) <= len(node.inputs) <= len(names):
            yield f"{node.name} ({node.op.name}) has {len(node.inputs)} inputs for {names}"


def params_are_complete(graph: Graph, types: Types | None) -> Iterator[str]:
    """Every parameter of the operator has its parsed value."""
    for node in _operations(graph):
        for name in node.op.params:
            if name not in node.params:
                yield f"{node.name} ({node.op.name}) lacks its parameter {name}"


def states_are_variables(graph: Graph, types: Types | None) -> Iterator[str]:
    """What an operator writes into must be an input of the graph."""
    for node in _operations(graph):
        for name, entry in zip(node.input_names(), node.inputs, strict=True):
            if name in node.op.mutates and not entry.node.is_variable:
                yield f"{node.name} writes into {entry.node.name}, which is computed"


def subgraphs_fit(graph: Graph, types: Types | None) -> Iterator[str]:
    """A loop or branch owns well-formed graphs, whose variables are inputs of its node."""
    for node in _operations(graph):
        if isinstance(node.op, Control):
            found = node.op.faults(node.params, len(node.inputs))
            for body in node.op.bodies:
                found += [fault for rule in RULES for fault in rule(body, None)]
            yield from (f"{node.name} ({node.op.name}): {fault}" for fault in found)


def types_agree(graph: Graph, types: Types | None) -> Iterator[str]:
    """The stated types are those that inference finds."""
    if types is None:
        return
    given = {node: types[entry] for node in graph.variables for entry in node.outputs}
    try:
        found = infer(graph, given)
    except MXNetError as error:
        yield str(error).split("\n")[0]
        return
    for entry, type_ in found.items():
        stated = types.get(entry, Type())
        if stated.known and rules.known(type_.shape) and type_.shape != stated.shape:
            yield f"{entry.node.name}: stated {stated}, inferred {type_}"


RULES: tuple[Rule, ...] = (
    inputs_come_first,
    entries_exist,
    variables_have_no_inputs,
    inputs_are_complete,
    params_are_complete,
    states_are_variables,
    subgraphs_fit,
    types_agree,
)
