"""Element-wise chains become one node, so that no intermediate goes through memory.

The pass chooses: it walks the graph from the results backwards in an order of its own, in which
everything else goes first and element-wise nodes that hang together stand side by side; each such
run becomes one node with as many outputs as others read. Since a run stands together in a valid
order, no path can leave it and come back. What computes the fused node is the business of
:mod:`workbench.kernels`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from ...kernels import llvm
from ...kernels.layout import layout_of
from ..ir import Composite, Entry, Graph, Node, Owned, Type, Types, rebuild, variable
from .effects import is_pure

__all__ = ["MIN_BYTES", "MIN_BYTES_NUMPY", "fuse"]

#: below this many bytes a chain of ufuncs costs no more than a call of machine code
MIN_BYTES = 1 << 10
#: without machine code a chain gains only where its intermediates leave the cache
MIN_BYTES_NUMPY = 1 << 15
#: more inputs or outputs than this do not fit into a kernel's registers
MAX_INPUTS, MAX_OUTPUTS = 16, 8
#: more operators than this take long to compile
MAX_NODES = 64
DTYPE_BYTES = {"float32": 4, "float64": 8}


def fuse(graph: Graph, types: Types) -> Graph:
    """Join element-wise operators that hang together into one node each."""
    replace: dict[Entry, Entry] = {}
    readers = graph.users()
    outputs = set(graph.outputs)
    for members in _Runs(graph, types).found:
        inside = set(members)
        given = [
            entry
            for node in members
            for entry in node.outputs
            if entry in outputs or any(user not in inside for user in readers.get(entry, ()))
        ]
        made = _composite(members, given)
        for entry, fused in zip(given, made.outputs, strict=True):
            types[fused] = types[entry]
            replace[entry] = fused
    return rebuild(graph, replace, types) if replace else graph


class _Runs:
    """The runs of element-wise nodes, each in order of computation."""

    def __init__(self, graph: Graph, types: Types) -> None:
        self.types = types
        self.readers = graph.users()
        self.backward = graph.backward_nodes()
        self.outputs = set(graph.outputs)
        self.place = {node: i for i, node in enumerate(graph.nodes)}
        self.missing = dict.fromkeys(graph.nodes, 0)  # users that have not had their turn
        for node in graph.nodes:
            for owner in {entry.node for entry in node.inputs}:
                self.missing[owner] += 1
        self.fusible: dict[Node, Type | None] = {node: self._type(node) for node in graph.nodes}
        self.kin = _related(graph, self.fusible, self.backward)
        self.ready: dict[Node, None] = {}
        self.waiting: dict[Node, None] = {}
        self.found: list[list[Node]] = []
        for behind in (True, False):  # the forward must not wait for the backward
            self._walk([n for n in reversed(graph.nodes) if (n in self.backward) == behind])

    def _type(self, node: Node) -> Type | None:
        """The type of the run that a node may be part of; None where it is not element-wise."""
        if not is_pure(node) or not node.op.elementwise or isinstance(node.op, Owned):
            return None
        if node.num_outputs != 1 or not node.inputs:
            return None
        type_ = self.types[Entry(node)]
        if not type_.known or type_.dtype not in DTYPE_BYTES:
            return None
        size = DTYPE_BYTES[type_.dtype] * math.prod(type_.shape or ())
        least = MIN_BYTES if llvm.available() else MIN_BYTES_NUMPY
        same = all(self.types[entry].dtype == type_.dtype for entry in node.inputs)
        return type_ if size >= least and same and self._fits(node.inputs, type_) else None

    def _fits(self, inputs: Iterable[Entry], type_: Type) -> bool:
        """Whether one loop over rows and columns serves all inputs."""
        shapes = [self.types[entry].shape or () for entry in inputs]
        if all(shape == type_.shape for shape in shapes):
            return True
        return layout_of(shapes, type_.shape or ()) is not None

    def _walk(self, nodes: list[Node]) -> None:
        for node in nodes:
            if not self.missing[node]:
                self._arrived(node)
        while self.ready or self.waiting:
            while self.ready:
                node = next(iter(self.ready))
                del self.ready[node]
                self._done(node)
            if self.waiting:
                self._run(next(iter(self.waiting)))

    def _arrived(self, node: Node) -> None:
        queue = self.ready if self.fusible[node] is None else self.waiting
        queue[node] = None

    def _done(self, node: Node) -> None:
        for owner in dict.fromkeys(entry.node for entry in node.inputs):
            self.missing[owner] -= 1
            if not self.missing[owner] and (owner in self.backward) == (node in self.backward):
                self._arrived(owner)

    def _run(self, first: Node) -> None:
        """Take the first waiting node, and then whatever waits, hangs together and fits."""
        members: list[Node] = []
        chosen: Node | None = first
        while chosen is not None:
            del self.waiting[chosen]
            members.append(chosen)
            self._done(chosen)
            chosen = next((node for node in self.waiting if self._joins(node, members)), None)
        if len(members) > 1:
            self.found.append(sorted(members, key=self.place.__getitem__))

    def _joins(self, node: Node, members: list[Node]) -> bool:
        type_ = self.fusible[node]
        if self.kin[node] is not self.kin[members[0]] or type_ is None or len(members) >= MAX_NODES:
            return False
        together = [*members, node]
        inputs = _inputs(together)
        if len(inputs) > MAX_INPUTS or not self._fits(inputs, type_):
            return False
        inside = set(together)
        given = sum(
            Entry(one) in self.outputs
            or any(user not in inside for user in self.readers.get(Entry(one), ()))
            for one in together
        )
        return given <= MAX_OUTPUTS


def _related(
    graph: Graph, fusible: dict[Node, Type | None], backward: set[Node]
) -> dict[Node, Node]:
    """For each element-wise node one that stands for all that it hangs together with.

    Nodes hang together when one reads the other or both read the same, are of one type, and both
    of the forward or both of the backward.
    """
    above: dict[Node, Node] = {}

    def top(node: Node) -> Node:
        while above.setdefault(node, node) is not node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    first: dict[tuple[Entry, Type, bool], Node] = {}
    for node in graph.nodes:
        type_ = fusible[node]
        if type_ is None:
            continue
        top(node)
        for entry in node.inputs:
            owner = entry.node
            alike = fusible[owner] == type_ and (owner in backward) == (node in backward)
            others = [owner] if alike else []
            others.append(first.setdefault((entry, type_, node in backward), node))
            for other in others:
                above[top(other)] = top(node)
    return {node: top(node) for node in graph.nodes if fusible[node] is not None}


def _inputs(members: list[Node]) -> list[Entry]:
    """What a group reads from outside, each once."""
    inside = set(members)
    outside = (e for node in members for e in node.inputs if e.node not in inside)
    return list(dict.fromkeys(outside))


def _composite(members: list[Node], given: list[Entry]) -> Node:
    inputs = _inputs(members)
    new = {entry: Entry(variable(f"x{i}")) for i, entry in enumerate(inputs)}
    for node in members:
        args = [new[entry] for entry in node.inputs]
        new[Entry(node)] = Entry(
            Node(node.op, node.name, node.params, node.attrs, args, node.where)
        )
    body = Graph([new[entry] for entry in given])
    # the body's variables come in the order of its nodes: take the inputs in that order
    order = {entry.node: outer for outer, entry in new.items() if entry.node.is_variable}
    outer_inputs = [order[node] for node in body.variables]
    last = members[-1]
    return Node(Composite(body), last.name, {}, {}, outer_inputs, last.where)
