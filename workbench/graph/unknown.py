"""A node whose operator does not exist here: to be looked at, cut away, drawn and written again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..error import UnknownOperator
from .ir import Node, Owned, Types

__all__ = ["Unknown"]


class Unknown(Owned):
    """An operator of a file that is known by name only.

    Parameters
    ----------
    name : str
    text : str
        What the error says when the node is to run.
    """

    differentiable = False

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text, self.count = name, text, 1

    def __repr__(self) -> str:
        return f"<Unknown {self.name}>"

    def has_output(self, number: int) -> None:
        """Note that a file speaks of this output."""
        self.count = max(self.count, min(number, MOST_OUTPUTS - 1) + 1)

    def num_outputs(self, p: dict[str, Any]) -> int:
        """As many as the file speaks of."""
        return self.count

    num_visible = num_outputs

    def parse(self, given: Any) -> dict[str, Any]:
        """No parameter is known."""
        return {}

    def infer_shape(self, p: dict[str, Any], in_shapes: Sequence[Any]) -> Any:
        """Nothing can be told."""
        return list(in_shapes), [None] * self.count

    def infer_dtype(self, p: dict[str, Any], in_dtypes: Sequence[Any]) -> Any:
        """Nothing can be told."""
        return list(in_dtypes), [None] * self.count

    def kernel(self, node: Node, types: Types, ctx: Any, train: bool) -> Callable[..., Any]:
        """There is none."""
        raise UnknownOperator(self.text)


#: no operator has more outputs than this, whatever a file says
MOST_OUTPUTS = 1 << 12
