"""A drawing's nodes from the typed graph of :mod:`workbench.graph`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..graph.ir import Composite, Entry, Graph, Node, Types
from . import stats
from .graphs import PARAMETER_ENDINGS, PARAMETER_SLOTS, GraphNode, GraphView, Shape, scopes

__all__ = ["IRNodes", "view_of_ir"]


def view_of_ir(graph: Graph, types: Types | None = None, title: str = "") -> GraphView:
    """*graph* to be looked at, with what *types* knows of shapes."""
    made = IRNodes(graph, types or {})
    made.add()
    return GraphView(made.nodes, made.edges, title, scoped=True)


class IRNodes:
    """Drawn nodes and edges of a graph, after those that are there already.

    Parameters
    ----------
    around : the groups that all of it lies in.
    nodes, edges : lists to append to.
    """

    def __init__(
        self,
        graph: Graph,
        types: Types,
        *,
        around: tuple[str, ...] = (),
        device: str = "",
        nodes: list[GraphNode] | None = None,
        edges: list[tuple[int, int]] | None = None,
    ) -> None:
        self.nodes: list[GraphNode] = [] if nodes is None else nodes
        self.edges: list[tuple[int, int]] = [] if edges is None else edges
        self.place: dict[Node, int] = {}
        self._graph, self._types = graph, types
        self._around, self._device = around, device
        self._parameters = parameters_of(graph)

    def add(self, given: Mapping[Node, int] | None = None) -> None:
        """Add every node; *given* are variables that are drawn already, by number."""
        self.place.update(given or {})
        counted: set[Node] = set()
        for node in self._graph.nodes:
            if node in self.place or node in self._parameters:
                continue
            read = {e.node for e in node.inputs if e.node in self._parameters}
            self._add(node, read - counted)
            counted |= read

    def _add(self, node: Node, read: Iterable[Node]) -> None:
        data = [e for e in node.inputs if e.node not in self._parameters]
        self.place[node] = number = len(self.nodes)
        self.edges += [(self.place[e.node], number) for e in data if e.node in self.place]
        op, attrs = _operator(node)
        group, name = ((), node.name) if node.is_variable else self._group(node)
        self.nodes.append(
            GraphNode(
                number,
                name,
                op,
                group,
                attrs,
                [self._shape(entry) for entry in data],
                [self._shape(Entry(node, i)) for i in range(node.num_visible)],
                self._dtype(node),
                self._device,
                self._count(read),
            )
        )

    def _group(self, node: Node) -> tuple[tuple[str, ...], str]:
        if node.where.block:
            path = tuple(node.where.block.split("/"))
            return (*self._around, *path), scopes(node.name)[1]
        inner = node.name
        if self._around:
            inner = inner.removeprefix(f"{self._around[-1]}_")
        group, name = scopes(inner)
        return (*self._around, *group), name

    def _shape(self, entry: Entry) -> Shape | None:
        found = self._types.get(entry)
        if found is None or found.shape is None or 0 in found.shape:
            return None
        return tuple(found.shape)

    def _dtype(self, node: Node) -> str:
        found = self._types.get(Entry(node))
        return (found.dtype if found is not None else None) or "float32"

    def _count(self, read: Iterable[Node]) -> int | None:
        total = 0
        auxiliary = set(self._graph.auxiliary)
        for node in read:
            shape = self._shape(Entry(node))
            if node in auxiliary:
                continue
            if shape is None:
                return None
            total += stats.size(shape)
        return total


def parameters_of(graph: Graph) -> set[Node]:
    """The variables that are no data: counted where they are read, not drawn."""
    found = set(graph.auxiliary)
    only_weight: dict[Node, bool] = {}
    for node in graph.nodes:
        for place, entry in enumerate(node.inputs):
            weight = getattr(node.op, "name", "") in PARAMETER_SLOTS and place > 0
            only_weight[entry.node] = only_weight.get(entry.node, True) and weight
    found.update(
        node
        for node in graph.variables
        if node.name.endswith(PARAMETER_ENDINGS) or only_weight.get(node, False)
    )
    return found


def _operator(node: Node) -> tuple[str, dict[str, str]]:
    if node.op is None:
        return "null", {}
    if isinstance(node.op, Composite):
        names: Sequence[str] = [one.op.name for one in node.op.body.nodes if one.op is not None]
        return "fused", {"operators": " · ".join(names)}
    known = {name: value for name, value in node.params.items() if name in node.op.params}
    printed: Mapping[str, Any] = (
        node.op.print_params(known) if hasattr(node.op, "print_params") else known
    )
    return node.op.name, {name: str(value) for name, value in printed.items()}
