"""Who owns which memory for how long.

The order of computation is that of ``graph.nodes``. A value lives from its node to its last
use; a view lives in the memory of what it views, so that memory lives as long as any view of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .ir import Entry, Graph, Node, Type, Types

__all__ = ["Buffers", "last_uses", "plan_buffers", "roots_of_memory"]

FOREVER = 1 << 60
FLOATS = frozenset({"float16", "float32", "float64"})


def gives_new_memory(node: Node) -> bool:
    """True when a node's outputs share no memory with its inputs; the record says so."""
    return not node.op.views


def ufunc_name(node: Node, type_: Type) -> str | None:
    """The name of the function of xp that is all of the operator, None when there is none.

    What is so for floats alone counts too, because the dtype is known here.
    """
    if node.op.ufunc is None and type_.dtype in FLOATS:
        formula = getattr(node.op, "formula", None)
        return getattr(formula, "ufunc", None)
    return node.op.ufunc


def roots_of_memory(graph: Graph) -> dict[Entry, frozenset[Entry]]:
    """For every entry, the entries in whose memory it may lie; its own when that is new."""
    roots: dict[Entry, frozenset[Entry]] = {}
    for node in graph.nodes:
        if "__inplace__" in node.attrs:
            roots[Entry(node)] = roots[node.inputs[int(node.attrs["__inplace__"])]]
        elif node.is_variable or gives_new_memory(node):
            roots.update((entry, frozenset({entry})) for entry in node.outputs)
        else:
            below = frozenset().union(*(roots[entry] for entry in node.inputs))
            for entry in node.outputs:
                roots[entry] = below | {entry}
    return roots


def last_uses(graph: Graph) -> dict[Entry, int]:
    """The position of the last node that may read an entry's memory; outputs live forever."""
    memory = roots_of_memory(graph)
    last: dict[Entry, int] = {}
    for position, node in enumerate(graph.nodes):
        for entry in node.outputs:
            last[entry] = position
        for entry in node.inputs:
            for root in memory[entry]:
                last[root] = position
            last[entry] = position
    for entry in graph.outputs:
        for root in memory[entry] | {entry}:
            last[root] = FOREVER
    return last


class Buffers(NamedTuple):
    """Which entry is computed into which buffer, and the type of each buffer."""

    of: Mapping[Entry, int]
    types: list[Type]


def plan_buffers(graph: Graph, types: Types, wanted: Iterable[Entry]) -> Buffers:
    """Give each wanted entry a buffer; entries whose lives do not overlap may share one.

    Linear scan over the order of computation. A buffer is reused for the same shape and dtype.
    Buffers of the forward part are not given to the backward part, which may run twice.
    """
    wanted = set(wanted)
    last = last_uses(graph)
    backward = graph.backward_nodes()
    free: dict[tuple[Type, bool], list[int]] = {}
    ending: dict[int, list[tuple[tuple[Type, bool], int]]] = {}
    of: dict[Entry, int] = {}
    buffer_types: list[Type] = []
    for position, node in enumerate(graph.nodes):
        for entry in node.outputs:
            if entry not in wanted or last[entry] == FOREVER:
                continue
            key = (types[entry], node in backward)
            if free.get(key):
                number = free[key].pop()
            else:
                number = len(buffer_types)
                buffer_types.append(types[entry])
            of[entry] = number
            if (graph.nodes[last[entry]] in backward) != (node in backward):
                continue
            ending.setdefault(last[entry], []).append((key, number))
        for key, number in ending.pop(position, ()):
            free.setdefault(key, []).append(number)
    return Buffers(of, buffer_types)
