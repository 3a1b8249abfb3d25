"""Nested lists of arrays as flat lists with a description of the nesting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["flatten", "regroup"]


def flatten(args: Any) -> tuple[list[Any], Any]:
    """The leaves of nested lists and tuples, and their structure (0: a leaf, None: None)."""
    if args is None:
        return [], None
    if not isinstance(args, (list, tuple)):
        return [args], 0
    leaves: list[Any] = []
    structure = []
    for one in args:
        flat, inner = flatten(one)
        leaves += flat
        structure.append(inner)
    return leaves, tuple(structure)


def regroup(leaves: Sequence[Any], structure: Any) -> Any:
    """The inverse of :func:`flatten`; every sequence becomes a list."""
    remaining = iter(leaves)

    def build(inner: Any) -> Any:
        if inner is None:
            return None
        if inner == 0 and not isinstance(inner, tuple):
            return next(remaining)
        return [build(one) for one in inner]

    return build(structure)
