"""Dead code: nodes that change nothing.

A node that no output needs is not part of a :class:`Graph` at all; what is left to remove are
operators that give back their input, such as a reshape to the shape that is there, and outputs
of fused nodes that nobody reads.
"""

from __future__ import annotations

from ..ir import Entry, Graph, Node, Types, rebuild

__all__ = ["dce"]

#: they give their input back unchanged whatever their parameters; their gradients are taken
IDENTITIES = frozenset({"_copy", "BlockGrad", "_identity_with_attr_like_rhs"})
#: they do so when the type stays as it is
SAME_TYPE = frozenset({"Reshape", "Flatten", "Cast", "_sum_to", "broadcast_to", "expand_dims"})


def dce(graph: Graph, types: Types) -> Graph:
    """Leave out nodes that give back their input: copies, reshapes to the same shape."""
    replace = {Entry(node): node.inputs[0] for node in graph.nodes if _changes_nothing(node, types)}
    return rebuild(graph, replace, types) if replace else graph


def _changes_nothing(node: Node, types: Types) -> bool:
    if node.is_variable or node.op.name not in IDENTITIES | SAME_TYPE:
        return False
    before, after = types[node.inputs[0]], types[Entry(node)]
    return before.known and before == after
