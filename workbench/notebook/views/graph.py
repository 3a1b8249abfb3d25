"""The graph alone: the operators of a network in their blocks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from .base import View, script

__all__ = ["GraphView"]


class GraphView(View):
    """A drawing of a graph that opens and closes its blocks.

    Parameters
    ----------
    graph : an object with ``payload()`` and ``layout()``, as :attr:`Session.graph` is.
    title : what stands for it as text.
    """

    _esm = script("graph")

    def __init__(self, graph: Any, title: str = "graph", **traits: Any) -> None:
        self.graph = graph
        super().__init__(SimpleNamespace(name=title, state="finished"), **traits)

    @property
    def text(self) -> str:
        """What stands for the view where only text can be shown; never changes."""
        return f"mxgraph: {self.run}"

    def _answer(self) -> None:
        content = {"t": "graph", "payload": self.graph.payload(), "layout": self.graph.layout()}
        self.send(content)
