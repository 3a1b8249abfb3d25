"""Passes: graph to graph, each in its file, each can be switched off.

A pass is a pure function ``(graph, types) -> graph``: it makes new nodes, never changes old
ones, and only adds to the table of types. It chooses; it emits no code. One for which it matters
whether the plan is for training is told so, too.

``WORKBENCH_PASSES`` says which run: ``all`` (the default), ``none``, a list such as
``fold,cse``, or ``-fuse`` for all but some.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...error import GraphError, message
from ..ir import Graph, Types
from .affine import affine
from .cse import cse
from .dce import dce
from .epilogue import epilogue
from .fold import fold
from .fuse import fuse
from .inplace import inplace

__all__ = ["PIPELINE", "Pass", "enabled", "run_passes"]


class Pass(NamedTuple):
    """A named pass."""

    name: str
    function: Callable[..., Graph]
    #: whether the function also takes ``train``
    by_mode: bool = False

    def __call__(self, graph: Graph, types: Types, train: bool = False) -> Graph:
        """The graph after the pass; *types* is added to."""
        return self.function(graph, types, train) if self.by_mode else self.function(graph, types)

    def __str__(self) -> str:
        return f"{self.name}: {(self.function.__doc__ or '').splitlines()[0]}"


#: in the order in which they run
PIPELINE: tuple[Pass, ...] = (
    Pass("fold", fold),
    Pass("dce", dce),
    Pass("cse", cse),
    Pass("affine", affine, by_mode=True),
    Pass("epilogue", epilogue),
    Pass("fuse", fuse),
    Pass("inplace", inplace),
)


def enabled(choice: str | Sequence[str] | None = None) -> tuple[Pass, ...]:
    """The passes of a choice: names, ``all``, ``none``, ``-name``; None asks the environment."""
    if choice is None:
        choice = os.environ.get("WORKBENCH_PASSES", "all")
    words = choice.replace(",", " ").split() if isinstance(choice, str) else list(choice)
    names = [one.name for one in PIPELINE]
    for word in words:
        if word not in ("all", "none") and word.removeprefix("-") not in names:
            raise GraphError(
                message(
                    f"there is no pass called {word.removeprefix('-')!r}",
                    where=["WORKBENCH_PASSES, or the argument passes"],
                    fix=f"Use all, none, or some of {', '.join(names)}.",
                )
            )
    without = {word[1:] for word in words if word.startswith("-")}
    only = {word for word in words if not word.startswith("-")}
    if "all" in only or (not only and without):
        only = set(names)
    return tuple(one for one in PIPELINE if one.name in only - without)


def run_passes(
    graph: Graph, types: Types, choice: str | Sequence[str] | None = None, train: bool = False
) -> tuple[Graph, Types]:
    """The graph after the chosen passes, and the types of everything in it."""
    types = dict(types)
    for one in enabled(choice):
        graph = one(graph, types, train)
    return graph, types
