"""Executors over several devices: ``bind(..., group2ctx={"left": mx.cpu(0), ...})``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.ir import Entry, Graph
from ..graph.place import Part, split
from ..ndarray.cached_op import CachedOp, replay
from ..ndarray.core import NDArray
from .eager import EagerExecutor

__all__ = ["PlacedExecutor"]


class PlacedExecutor(EagerExecutor):
    """An Executor whose graph is cut by the attribute ``ctx_group``.

    Each part is compiled for its device; arrays are copied where they go from one to another. The
    tape runs the parts backward, on all devices at once where they do not wait for each other.
    """

    groups: dict[str, Any] = {}
    _parts: list[tuple[Part, CachedOp]] | None = None

    def _values(self, inputs: Sequence[NDArray]) -> dict[Entry, NDArray]:
        """What the parts compute, one after another, and the inputs."""
        graph = Graph([*self._symbol._entries, *self._shown])
        if self._parts is None:
            parts = split(graph, self.groups, self._ctx)
            self._parts = [(one, CachedOp(one.graph)) for one in parts]
        variables = self._symbol._graph.variables
        values = dict(zip((Entry(node) for node in variables), inputs, strict=True))
        for part, run in self._parts:
            given = [values[entry].as_in_context(part.device) for entry in part.reads]
            made = run(*given) if given else _constants(part)
            made = [made] if isinstance(made, NDArray) else made
            values.update(zip(part.gives, made, strict=True))
            for entry, one in zip(part.reads, given, strict=True):
                _bring_back(values[entry], one, part.graph, entry)
        return values

    def set_monitor_callback(self, callback: Any, monitor_all: bool = False) -> None:
        """Watch every node; see :meth:`Executor.set_monitor_callback`."""
        super().set_monitor_callback(callback, monitor_all)
        self._parts = None


def _constants(part: Part) -> list[NDArray]:
    """A part that reads nothing: zeros, random numbers."""
    with part.device:
        values = replay(part.graph, [])
    return [values[entry] for entry in part.graph.outputs]


def _bring_back(original: NDArray, used: NDArray, graph: Graph, entry: Entry) -> None:
    """A state that was moved for its part, and changed there, is changed where it came from."""
    if used is not original and entry.node.is_variable:
        names = {node.name for node in graph.auxiliary}
        if entry.node.name in names:
            original[:] = used
