"""Attributes of nodes: text that users, scopes and files attach.

Some names have two forms: ``lr_mult`` is stored as ``__lr_mult__`` and listed under both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..error import ParameterError
from ..graph.ir import Node
from ..ops.registry import Op

__all__ = ["get", "listed", "put", "stored"]

#: stored as ``__name__``, listed under both forms
HIDDEN = frozenset(
    {"ctx_group", "lr_mult", "wd_mult", "force_mirroring", "mirror_stage", "profiler_scope"}
)


def stored(attrs: Mapping[str, str]) -> dict[str, str]:
    """Attributes under the names that nodes keep."""
    return {f"__{key}__" if key in HIDDEN else key: value for key, value in attrs.items()}


def is_private(key: str) -> bool:
    """True for ``__name__``: never a parameter of an operator."""
    return len(key) > 4 and key.startswith("__") and key.endswith("__")


def listed(node: Node) -> dict[str, str]:
    """All attributes of a node, with both forms of those that have two."""
    found = {}
    for key, value in sorted(node.attrs.items()):
        found[key] = value
        if is_private(key) and key[2:-2] in HIDDEN:
            found[key[2:-2]] = value
    return found


def get(node: Node, key: str) -> str | None:
    """One attribute under either of its names."""
    return listed(node).get(key)


def put(node: Node, attrs: Mapping[str, str]) -> None:
    """Attach attributes; a parameter of the operator is parsed anew.

    Raises ValueError for a value that is no text, ParameterError for a name that the operator
    does not know and that is not ``__like_this__``.
    """
    for key, value in attrs.items():
        if not isinstance(value, str):
            raise ParameterError(f"Set Attr only accepts string values: {key}={value!r}")
    new = {**node.attrs, **stored(attrs)}
    if node.op is not None:
        node.params = parsed(node.op, new)
    node.attrs.clear()
    node.attrs.update(new)


def parsed(op: Op, attrs: Mapping[str, str]) -> dict[str, Any]:
    """The parameters among the attributes of an operator's node."""
    return op.parse({key: value for key, value in attrs.items() if not is_private(key)})
