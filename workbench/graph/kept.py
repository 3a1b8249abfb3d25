"""The backward of an operator that belongs to its node: it gets what the forward kept.

What is kept is the node's last output, an object with ``backward(heads) -> gradients``; it has no
shape and no dtype, and nobody else reads it. It may refer to the memory of the node's inputs and
outputs, so the backward reads these too: then nobody else is given that memory before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .build import Builder
from .ir import Entry, Node, Owned, Type, Types

__all__ = ["KeptBackward", "append_backward"]


class KeptBackward(Owned):
    """Gradients of some inputs, of known types, from what was kept and those of the outputs."""

    def __init__(self, forward: Owned, types: Sequence[Type], heads: int) -> None:
        self.heads = heads
        self.name = f"_backward_{forward.name.lstrip('_')}"
        self.uses, self.types = forward.uses, list(types)

    def num_outputs(self, p: dict[str, Any]) -> int:
        """One for each gradient."""
        return len(self.types)

    num_visible = num_outputs

    def infer_shape(self, p: dict[str, Any], in_shapes: Sequence[Any]) -> Any:
        """Those of the inputs."""
        return list(in_shapes), [type_.shape for type_ in self.types]

    def infer_dtype(self, p: dict[str, Any], in_dtypes: Sequence[Any]) -> Any:
        """Those of the inputs."""
        return list(in_dtypes), [type_.dtype for type_ in self.types]

    def kernel(self, node: Node, types: Types, ctx: Any, train: bool) -> Callable[..., Any]:
        """A callable of what was kept, raw gradients, and arrays that are only held."""
        count = self.heads

        def backward(kept: Any, *arrays: Any) -> Any:
            return kept.backward(arrays[:count])

        return backward


def append_backward(
    builder: Builder, node: Node, wanted: Sequence[int], heads: Sequence[Entry]
) -> list[Any]:
    """A Value for each wanted input of *node*, whose last output is what it kept; else None."""
    types = [builder.types[node.inputs[place]] for place in wanted]
    *results, kept = node.outputs
    op = KeptBackward(node.op, types, len(heads))
    entries = [kept, *heads, *node.inputs, *results]
    back = Node(op, f"{node.name}_backward", {}, {}, entries, node.where)
    found: list[Any] = [None] * len(node.inputs)
    for place, value in zip(wanted, builder.place(back), strict=True):
        found[place] = value
    return found
