"""A graph to be looked at: operators, what flows between them, and where they belong.

Where it comes from does not matter: :meth:`GraphView.from_json` reads a symbol's JSON, other
storeys build one from nodes they have. Parameters are no nodes; they are counted where they are
read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..error import GraphError, message
from . import families, stats

__all__ = ["GraphNode", "GraphView"]

Shape = tuple[int, ...]

ITEM_BYTES = {
    "float16": 2,
    "float32": 4,
    "float64": 8,
    "int8": 1,
    "uint8": 1,
    "int32": 4,
    "int64": 8,
    "bool": 1,
    "bfloat16": 2,
}


@dataclass
class GraphNode:
    """One operator, or one input of the graph (``op == "null"``).

    Attributes
    ----------
    id : int
        Its place in ``GraphView.nodes``.
    group : tuple of str
        Names of the blocks around it, outermost first.
    in_shapes, out_shapes : list of shapes or None
        Of its data inputs and its outputs; None where unknown.
    params : int or None
        Trained numbers it reads; None has them counted from operator and shapes.
    """

    id: int
    name: str
    op: str
    group: tuple[str, ...] = ()
    attrs: dict[str, str] = field(default_factory=dict)
    in_shapes: list[Shape | None] = field(default_factory=list)
    out_shapes: list[Shape | None] = field(default_factory=list)
    dtype: str = "float32"
    device: str = ""
    params: int | None = None
    flops: int | None = None

    def __post_init__(self) -> None:
        if self.params is None:
            data = self.in_shapes[0] if self.in_shapes else None
            self.params = stats.count_params(self.op, self.attrs, data)
        if self.flops is None:
            self.flops = stats.count_flops(self.op, self.attrs, self.in_shapes, self.out_shapes)

    @property
    def bytes(self) -> int:
        """Memory of its outputs, 0 where their shapes are not known."""
        known = sum(stats.size(shape) for shape in self.out_shapes if shape is not None)
        return known * ITEM_BYTES.get(self.dtype, 4)

    def payload(self) -> dict[str, Any]:
        """As plain data; see :mod:`workbench.watch`."""
        return {
            "id": self.id,
            "name": self.name,
            "op": self.op,
            "family": families.family(self.op),
            "label": families.label(self.op, self.name, self.attrs),
            "detail": families.detail(self.out_shapes),
            "group": list(self.group),
            "attrs": dict(self.attrs),
            "in_shapes": [None if one is None else list(one) for one in self.in_shapes],
            "out_shapes": [None if one is None else list(one) for one in self.out_shapes],
            "dtype": self.dtype,
            "params": self.params,
            "flops": self.flops,
            "bytes": self.bytes,
            "device": self.device,
        }


class GraphView:
    """Nodes in an order in which each comes after what it reads, and edges between their ids.

    Parameters
    ----------
    nodes : iterable of GraphNode
        ``id`` must be the place in the sequence.
    edges : iterable of pairs
        From the id of the writer to that of the reader; doubles are dropped.
    title : str
    scoped : bool
        Groups come from names alone, and may be dropped where they make no sense.
    """

    def __init__(
        self,
        nodes: Iterable[GraphNode],
        edges: Iterable[tuple[int, int]],
        title: str = "",
        scoped: bool = False,
    ) -> None:
        self.nodes = list(nodes)
        self.title = title
        self.scoped = scoped
        self.edges: list[tuple[int, int]] = []
        seen = set()
        for source, target in edges:
            if not 0 <= source < target < len(self.nodes):
                raise GraphError(
                    message(
                        f"edge {source} → {target} does not go forward among "
                        f"{len(self.nodes)} nodes",
                        fix="Order the nodes so that each comes after what it reads.",
                    )
                )
            if (source, target) not in seen:
                seen.add((source, target))
                self.edges.append((source, target))
        for place, node in enumerate(self.nodes):
            if node.id != place:
                raise GraphError(f"node {node.name!r} has id {node.id} at place {place}")
        self._layout: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"<GraphView {self.title!r}: {len(self.nodes)} nodes, {len(self.edges)} edges>"

    @property
    def params(self) -> int:
        """Trained numbers in the whole graph."""
        return sum(node.params or 0 for node in self.nodes)

    @property
    def flops(self) -> int:
        """Operations of one forward pass, as far as shapes are known."""
        return sum(node.flops or 0 for node in self.nodes)

    def payload(self) -> dict[str, Any]:
        """As plain data; see :mod:`workbench.watch`."""
        return {
            "title": self.title,
            "nodes": [node.payload() for node in self.nodes],
            "edges": [list(edge) for edge in self.edges],
            "inputs": sum(node.op == "null" for node in self.nodes),
            "params": self.params,
            "flops": self.flops,
        }

    def layout(self) -> dict[str, Any]:
        """Groups, ranks and order as plain data, made once; see :mod:`workbench.watch`."""
        if self._layout is None:
            from .graph_layout import layout

            self._layout = layout(self)
        return self._layout

    @classmethod
    def from_json(
        cls,
        symbol: Mapping[str, Any],
        shapes: Mapping[str, Sequence[int] | None] | None = None,
        title: str = "",
    ) -> GraphView:
        """The graph of a symbol's JSON (as a dict).

        *shapes* maps names of variables and outputs (``conv0_output``, ``split0_output1``) to
        shapes, as far as they are known. Raises GraphError for JSON that is no graph.
        """
        try:
            return _FromJson(symbol, shapes or {}).view(cls, title)
        except (KeyError, TypeError, IndexError, AttributeError) as error:
            raise GraphError(
                message(
                    f"this is not the JSON of a symbol: {type(error).__name__}: {error}",
                    fix="Pass json.loads(symbol.tojson()).",
                )
            ) from error


PARAMETER_ENDINGS = (
    "_weight",
    "_bias",
    "_gamma",
    "_beta",
    "_mean",
    "_var",
    "_parameters",
    "_moving_var",
    "_moving_mean",
    "_running_var",
    "_running_mean",
)
AUXILIARY_ENDINGS = ("_mean", "_var")
PARAMETER_SLOTS = stats.WITH_PARAMS - {"RNN"}
"""Operators whose inputs after the first are trained."""


class _FromJson:
    def __init__(self, symbol: Mapping[str, Any], shapes: Mapping[str, Any]) -> None:
        self._nodes: list[Mapping[str, Any]] = list(symbol["nodes"])
        self._shapes = shapes
        self._parameters = self._find_parameters()

    def _find_parameters(self) -> set[int]:
        only_weight: dict[int, bool] = {}
        for node in self._nodes:
            for slot, entry in enumerate(node["inputs"]):
                weight = node["op"] in PARAMETER_SLOTS and slot > 0
                only_weight[entry[0]] = only_weight.get(entry[0], True) and weight
        return {
            index
            for index, node in enumerate(self._nodes)
            if node["op"] == "null"
            and (node["name"].endswith(PARAMETER_ENDINGS) or only_weight.get(index, False))
        }

    def view(self, cls: type[GraphView], title: str) -> GraphView:
        place: dict[int, int] = {}
        made: list[GraphNode] = []
        edges: list[tuple[int, int]] = []
        counted: set[int] = set()
        for index, node in enumerate(self._nodes):
            if index in self._parameters:
                continue
            data = [one for one in node["inputs"] if one[0] not in self._parameters]
            read = {one[0] for one in node["inputs"]} & self._parameters
            place[index] = len(made)
            edges += [(place[one[0]], place[index]) for one in data]
            made.append(self._node(len(made), node, data, read - counted))
            counted |= read
        return cls(made, edges, title, scoped=True)

    def _node(
        self, number: int, node: Mapping[str, Any], data: list[Any], read: set[int]
    ) -> GraphNode:
        attrs = {**node.get("param", {}), **node.get("attr", {}), **node.get("attrs", {})}
        attrs = {key: str(value) for key, value in attrs.items() if not key.startswith("__")}
        group, name = scopes(node["name"]) if node["op"] != "null" else ((), node["name"])
        return GraphNode(
            number,
            name,
            node["op"],
            group,
            attrs,
            in_shapes=[self._shape(one[0], one[1]) for one in data],
            out_shapes=self._outputs(node),
            params=self._count(read),
        )

    def _outputs(self, node: Mapping[str, Any]) -> list[Shape | None]:
        name = node["name"]
        if node["op"] == "null":
            return [self._known(name, node)]
        found = [self._known(f"{name}_output", None)]
        if found == [None]:
            found = []
            while (shape := self._known(f"{name}_output{len(found)}", None)) is not None:
                found.append(shape)
        return found or [None]

    def _shape(self, index: int, output: int) -> Shape | None:
        outputs = self._outputs(self._nodes[index])
        return outputs[output] if output < len(outputs) else None

    def _known(self, name: str, node: Mapping[str, Any] | None) -> Shape | None:
        shape = self._shapes.get(name)
        if shape is None and node is not None:
            text = {**node.get("attr", {}), **node.get("attrs", {})}.get("__shape__")
            shape = stats.shape_of(text) if text else None
        if shape is None or not all(length > 0 for length in shape):
            return None
        return tuple(int(length) for length in shape)

    def _count(self, read: set[int]) -> int | None:
        known = [
            self._known(self._nodes[index]["name"], self._nodes[index])
            for index in read
            if not self._nodes[index]["name"].endswith(AUXILIARY_ENDINGS)
        ]
        if any(shape is None for shape in known):
            return None
        return sum(stats.size(shape) for shape in known if shape is not None)


def scopes(name: str) -> tuple[tuple[str, ...], str]:
    """Groups and own name in a node's name, cut at underscores; empty parts are dropped.

    >>> scopes("resnetv10_stage1__plus0")
    (('resnetv10', 'stage1'), 'plus0')
    >>> scopes("net0_conv0_fwd")
    (('net0',), 'conv0')
    """
    parts = [part for part in name.split("_") if part]
    if len(parts) > 1 and parts[-1] == "fwd":
        parts.pop()
    return (tuple(parts[:-1]), parts[-1]) if parts else ((), name)
