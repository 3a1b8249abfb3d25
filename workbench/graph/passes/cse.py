"""Common sub-expressions: what is computed twice is computed once."""

from __future__ import annotations

from collections.abc import Hashable

from ..ir import Entry, Graph, Node, Owned, Types, rebuild
from .effects import is_pure

__all__ = ["cse"]


def cse(graph: Graph, types: Types) -> Graph:
    """Merge nodes that apply one operator with the same parameters to the same inputs."""
    first: dict[Hashable, Node] = {}
    replace: dict[Entry, Entry] = {}
    for node in graph.nodes:
        if not is_pure(node) or isinstance(node.op, Owned):
            continue
        inputs = tuple(replace.get(entry, entry) for entry in node.inputs)
        key = (node.op.index, repr(sorted(node.params.items())), inputs)
        same = first.setdefault(key, node)
        if same is not node:
            replace.update(zip(node.outputs, same.outputs, strict=True))
    return rebuild(graph, replace, types) if replace else graph
