"""Results that may overwrite an operand nobody needs any more.

The choice is noted as ``__inplace__`` (number of the operand) on the node; a Plan follows it.
Only a ufunc can write into a given array, only memory that a kernel of this graph made may be
overwritten, and what the forward part made is kept for a second backward.
"""

from __future__ import annotations

from ..ir import Entry, Graph, Node, Types, rebuild
from ..memory import last_uses, roots_of_memory, ufunc_name
from .effects import is_pure

__all__ = ["inplace"]


def inplace(graph: Graph, types: Types) -> Graph:
    """Let element-wise results overwrite an operand that has no further use."""
    last = last_uses(graph)
    memory = roots_of_memory(graph)
    backward = graph.backward_nodes()
    replace: dict[Entry, Entry] = {}
    taken: set[Entry] = set()
    for position, node in enumerate(graph.nodes):
        if not _can_write(node, types):
            continue
        out = Entry(node)
        for number, entry in enumerate(node.inputs):
            owner = entry.node
            if (
                memory[entry] == frozenset({entry})
                and not owner.is_variable
                and last[entry] == position
                and node.inputs.count(entry) == 1
                and types[entry].known
                and types[entry] == types[out]
                and (owner in backward) == (node in backward)
                and entry not in taken
            ):
                attrs = {**node.attrs, "__inplace__": str(number)}
                made = Node(node.op, node.name, node.params, attrs, node.inputs, node.where)
                types[Entry(made)] = types[out]
                replace[out] = Entry(made)
                taken.add(entry)
                break
    return rebuild(graph, replace, types) if replace else graph


def _can_write(node: Node, types: Types) -> bool:
    if not is_pure(node) or not node.inputs:
        return False
    return ufunc_name(node, types[Entry(node)]) is not None
