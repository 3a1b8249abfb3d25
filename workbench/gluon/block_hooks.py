"""Handles of the functions that are called around a block's forward."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any

__all__ = ["HookHandle"]


class HookHandle:
    """Keeps a hook in its place; :meth:`detach` (or the end of a ``with`` block) takes it out."""

    def __init__(self, hooks: MutableMapping[int, Callable[..., Any]], hook: Any) -> None:
        self._hooks = hooks
        hooks[id(self)] = hook

    def detach(self) -> None:
        """Stop calling the hook; twice does no harm."""
        self._hooks.pop(id(self), None)

    def __enter__(self) -> HookHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.detach()
