"""What a pass must leave alone."""

from __future__ import annotations

from ..ir import Node

__all__ = ["is_pure"]


def is_pure(node: Node) -> bool:
    """True when a node gives the same for the same inputs, and writes into nothing.

    False for what draws random numbers, depends on the mode, or changes its inputs: merging or
    moving such nodes would change the numbers of a training run.
    """
    return not (node.is_variable or node.op.uses - {"out"} or node.op.mutates)
