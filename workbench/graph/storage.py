"""Storage types of a graph: forwards by the operators' rules, and of the gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .ir import Entry, Graph, Node

__all__ = ["Stypes", "gradient_stypes", "infer_storage", "is_dense", "tables_of"]

Stypes = dict[Entry, str]


def infer_storage(graph: Graph, given: Mapping[Node, str]) -> Stypes:
    """The storage type of every entry from those of the variables (dense where not given)."""
    stypes: Stypes = {}
    for node in graph.nodes:
        for entry in node.outputs:
            stypes[entry] = "default"
        if node.is_variable:
            stypes[Entry(node)] = given.get(node, "default")
        elif getattr(node.op, "storage", None) is not None and node.inputs:
            ins = [stypes[entry] for entry in node.inputs]
            stypes[node.outputs[0]] = node.op.stype(node.params, ins)
    return stypes


def is_dense(graph: Graph, given: Mapping[Node, str]) -> bool:
    """Whether nothing in the graph is sparse, its variables being stored as *given*."""
    return set(infer_storage(graph, given).values()) <= {"default"}


def gradient_stypes(graph: Graph, stypes: Stypes, wanted: Sequence[Node]) -> list[str]:
    """The storage of the gradient of each wanted variable.

    row_sparse where every operator that reads the variable has its gradient by rows.
    """
    by_rows: dict[Node, bool] = {}
    for node in graph.nodes:
        grads = getattr(node.op, "row_grads", None)
        ins = [stypes[entry] for entry in node.inputs]
        for name, entry in zip(node.input_names(), node.inputs, strict=True):
            when = grads[name][0] if grads and name in grads else None
            rows = when is not None and when(node.params, ins)
            by_rows[entry.node] = by_rows.get(entry.node, True) and rows
    heads = {entry.node for entry in graph.outputs}
    return [
        "row_sparse" if by_rows.get(node) and node not in heads else "default" for node in wanted
    ]


def tables_of(graph: Graph) -> list[Node]:
    """The variables whose gradient some operator has by rows, its inputs being dense."""
    found: dict[Node, None] = {}
    for node in graph.nodes:
        if getattr(node.op, "rows_of_dense", False):
            inputs = dict(zip(node.input_names(), node.inputs, strict=True))
            nodes = [inputs[name].node for name in node.op.row_grads if name in inputs]
            found.update(dict.fromkeys(one for one in nodes if one.is_variable))
    return list(found)
