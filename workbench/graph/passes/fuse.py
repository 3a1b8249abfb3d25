"""Element-wise chains become one node, so that no intermediate goes through memory.

The pass chooses: a node joins its only reader when both are scalar expressions over arrays of
one shape and dtype. What computes the fused node is the business of :mod:`workbench.kernels`.
"""

from __future__ import annotations

from ..ir import Composite, Entry, Graph, Node, Owned, Types, rebuild, variable
from .effects import is_pure

__all__ = ["MIN_BYTES", "fuse"]

#: below this many bytes an intermediate stays in the cache, and a chain of ufuncs is as fast
MIN_BYTES = 1 << 15
#: more inputs than this do not fit into a kernel's registers
MAX_INPUTS = 16
DTYPE_BYTES = {"float32": 4, "float64": 8}


def fuse(graph: Graph, types: Types) -> Graph:
    """Join chains of element-wise operators into one node each."""
    groups = _groups(graph, types)
    replace: dict[Entry, Entry] = {}
    for root, members in groups.items():
        made = Entry(_composite(root, members, types))
        types[made] = types[Entry(root)]
        replace[Entry(root)] = made
    return rebuild(graph, replace, types) if replace else graph


def _fusible(node: Node, types: Types) -> bool:
    if not is_pure(node) or not node.op.elementwise or isinstance(node.op, Owned):
        return False
    if node.num_outputs != 1 or not node.inputs:
        return False
    type_ = types[Entry(node)]
    if not type_.known or type_.dtype not in DTYPE_BYTES:
        return False
    size = DTYPE_BYTES[type_.dtype]
    for n in type_.shape or ():
        size *= n
    return size >= MIN_BYTES and all(types[entry] == type_ for entry in node.inputs)


def _groups(graph: Graph, types: Types) -> dict[Node, list[Node]]:
    """For the last node of each chain, its members in order of computation."""
    readers = graph.users()
    outputs = {entry.node for entry in graph.outputs}
    backward = graph.backward_nodes()
    group_of: dict[Node, Node] = {}
    groups: dict[Node, list[Node]] = {}
    for node in reversed(graph.nodes):
        if not _fusible(node, types):
            continue
        users = set(readers.get(Entry(node), ()))
        roots = {group_of.get(user) for user in users}
        root = roots.pop() if len(roots) == 1 and node not in outputs else None
        if root is not None and (root in backward) != (node in backward):
            root = None
        if root is None or len(_inputs([node, *groups[root]])) > MAX_INPUTS:
            root = node
            groups[root] = []
        group_of[node] = root
        groups[root].insert(0, node)
    return {root: members for root, members in groups.items() if len(members) > 1}


def _inputs(members: list[Node]) -> list[Entry]:
    """What a group reads from outside, each once."""
    inside = set(members)
    outside = (e for node in members for e in node.inputs if e.node not in inside)
    return list(dict.fromkeys(outside))


def _composite(root: Node, members: list[Node], types: Types) -> Node:
    inputs = _inputs(members)
    new = {entry: Entry(variable(f"x{i}")) for i, entry in enumerate(inputs)}
    for node in members:
        made = Node(
            node.op,
            node.name,
            node.params,
            node.attrs,
            [new[entry] for entry in node.inputs],
            node.where,
        )
        new[Entry(node)] = Entry(made)
    body = Graph([new[Entry(root)]])
    # the body's variables come in the order of its nodes: take the inputs in that order
    order = {entry.node: outer for outer, entry in new.items() if entry.node.is_variable}
    outer_inputs = [order[node] for node in body.variables]
    return Node(Composite(body), root.name, {}, {}, outer_inputs, root.where)
