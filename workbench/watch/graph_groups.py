"""Putting a graph's nodes into boxes that a person can take in one at a time.

Groups come from the blocks that made the nodes, or from their names where nothing better is
known. Then, from the inside out: chains like convolution, norm, activation become one stack; a
group with many children is cut into units where all of it passes through one node and branches
have joined; equal units in a row become one that stands for all.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .families import family
from .graphs import GraphNode, GraphView

__all__ = ["Group", "Stack", "group_graph", "lifted_edges"]

MANY = 24
"""Children above which a group without any joins is cut into parts all the same."""
UNITS_FROM = 12
"""Operators above which a group that consists of units is shown as units."""
PART = 10
EQUAL_FROM = 3


@dataclass
class Stack:
    """Operators in a chain, drawn as one box with a stripe for each."""

    nodes: list[int]


@dataclass
class Group:
    """A box of boxes. *children*: node ids, stacks and groups in an order along the edges."""

    label: str
    path: str = ""
    children: list[Child] = field(default_factory=list)
    copies: int = 1
    hidden: list[int] = field(default_factory=list)
    """Nodes of the copies that are not drawn."""

    @property
    def nodes(self) -> list[int]:
        """Every node beneath, those of hidden copies included."""
        return [node for child in self.children for node in members(child)] + self.hidden


Child = int | Stack | Group
Edge = tuple[int, int]
IN, OUT = -1, -2
"""In the place of a child: the frame of the group, where lines come in and go out."""


def members(child: Child) -> list[int]:
    """The nodes in a child."""
    if isinstance(child, int):
        return [child]
    return child.nodes


def group_graph(view: GraphView) -> Group:
    """The tree of boxes for *view*; the root stands for the whole graph."""
    shape = _Shape(view)
    root = Group(view.title)
    _sort_in(root, view.nodes)
    _drop_odd(root, shape, view.scoped)
    _finish(root, view, shape)
    return root


def lifted_edges(group: Group, edges: Iterable[Edge]) -> list[Edge]:
    """Edges between the children of *group*, by place; IN and OUT where they cross its frame."""
    place = {node: i for i, child in enumerate(group.children) for node in members(child)}
    hidden = set(group.hidden)
    out: dict[Edge, None] = {}
    for source, target in edges:
        inside = source in place, target in place
        if inside == (True, True):
            if place[source] != place[target]:
                out[place[source], place[target]] = None
        elif inside[0] and target not in hidden:
            out[place[source], OUT] = None
        elif inside[1] and source not in hidden:
            out[IN, place[target]] = None
        elif inside[0]:
            out[place[source], OUT] = None
    return list(out)


class _Shape:
    """Who reads whom, and who comes before whom, as bit sets."""

    def __init__(self, view: GraphView) -> None:
        n = len(view.nodes)
        self.readers: list[list[int]] = [[] for _ in range(n)]
        self.sources: list[list[int]] = [[] for _ in range(n)]
        for source, target in view.edges:
            self.readers[source].append(target)
            self.sources[target].append(source)
        self.before = [0] * n
        self.after = [0] * n
        for node in range(n):
            for source in self.sources[node]:
                self.before[node] |= self.before[source] | 1 << source
        for node in reversed(range(n)):
            for reader in self.readers[node]:
                self.after[node] |= self.after[reader] | 1 << reader

    def convex(self, nodes: list[int]) -> bool:
        """Whether no path leaves *nodes* and comes back."""
        own = before = after = 0
        for node in nodes:
            own |= 1 << node
            before |= self.before[node]
            after |= self.after[node]
        return not before & after & ~own


def _sort_in(root: Group, nodes: list[GraphNode]) -> None:
    known: dict[str, Group] = {"": root}
    for node in nodes:
        path, parent = "", root
        for part in node.group:
            path = f"{path}/{part}" if path else part
            if path not in known:
                known[path] = Group(part, path)
                parent.children.append(known[path])
            parent = known[path]
        parent.children.append(node.id)


def _drop_odd(group: Group, shape: _Shape, scoped: bool) -> None:
    """Dissolve groups that show nothing: one child only, or names that do not belong together."""
    kept: list[Child] = []
    for child in group.children:
        if not isinstance(child, Group):
            kept.append(child)
            continue
        _drop_odd(child, shape, scoped)
        if len(child.children) == 1:
            only = child.children[0]
            if isinstance(only, Group):
                only.label = f"{child.label}/{only.label}"
            kept.append(only)
        elif scoped and not shape.convex(child.nodes):
            kept += child.children
        else:
            kept.append(child)
    group.children = kept


def _finish(group: Group, view: GraphView, shape: _Shape) -> None:
    for child in group.children:
        if isinstance(child, Group):
            _finish(child, view, shape)
    group.children = list(_stacked(group.children, view, shape))
    # A block whose operators make one stack is that stack.
    group.children = [
        child.children[0] if isinstance(child, Group) and len(child.children) == 1 else child
        for child in group.children
    ]
    group.children = _along(group, view.edges)
    _cut(group, view)
    _fold_equal(group, view)


# Stacks


def _stacked(children: list[Child], view: GraphView, shape: _Shape) -> Iterator[Child]:
    loose = sorted(child for child in children if isinstance(child, int))
    free = set(loose)
    yield from (child for child in children if not isinstance(child, int))
    for node in loose:
        if node in free:
            chain = _chain(node, free, view, shape)
            free.difference_update(chain)
            yield Stack(chain) if len(chain) > 1 else node


STACKS = {"dense": ("norm", "activation"), "norm": ("activation",)}


def _chain(start: int, loose: set[int], view: GraphView, shape: _Shape) -> list[int]:
    follow = STACKS.get(family(view.nodes[start].op), ())
    chain = [start]
    for kind in follow:
        readers = shape.readers[chain[-1]]
        if len(readers) != 1 or readers[0] not in loose:
            continue
        (reader,) = readers
        if family(view.nodes[reader].op) == kind and len(shape.sources[reader]) == 1:
            chain.append(reader)
    return chain


# Order and cuts


def _along(group: Group, edges: Iterable[Edge]) -> list[Child]:
    """The children in an order in which edges go forward, as far as that can be."""
    lifted = [edge for edge in lifted_edges(group, edges) if IN not in edge and OUT not in edge]
    n = len(group.children)
    waits = [0] * n
    readers: list[list[int]] = [[] for _ in range(n)]
    for source, target in lifted:
        waits[target] += 1
        readers[source].append(target)
    rank = [min(members(child)) for child in group.children]
    ready = [(rank[i], i) for i in range(n) if not waits[i]]
    heapq.heapify(ready)
    left = set(range(n))
    order = []
    while left:
        # On a cycle the child that began first goes first.
        _, place = heapq.heappop(ready) if ready else min((rank[i], i) for i in left)
        if place not in left:
            continue
        left.remove(place)
        order.append(group.children[place])
        for reader in readers[place]:
            waits[reader] -= 1
            if waits[reader] == 0:
                heapq.heappush(ready, (rank[reader], reader))
    return order


def _cut(group: Group, view: GraphView) -> None:
    """Cut a large group into units where branches have joined, else into parts."""
    count = len(group.children)
    if len([n for c in group.children for n in members(c)]) <= UNITS_FROM:
        return
    edges = lifted_edges(group, view.edges)
    necks = _necks(count, edges)
    out_degree = [0] * count
    joins = [0] * count
    for source, target in edges:
        if source != IN:
            out_degree[source] += 1
        if target != OUT:
            joins[target] += 1
    pieces: list[list[Child]] = []
    units = 0
    begin = 0
    for place in range(count):
        last = place == count - 1
        if last or (place in necks and out_degree[place] > 1):
            piece = group.children[begin : place + 1]
            if any(join > 1 for join in joins[begin : place + 1]) and len(piece) > 1:
                pieces.append(piece)
                units += 1
            else:
                pieces += [[child] for child in piece]
            begin = place + 1
    if units >= 2:
        _make_units(group, pieces, "unit", view)
    elif count > MANY:
        parts = _parts(group.children, necks)
        if max(map(len, parts)) < 2 * MANY:
            _make_units(group, parts, "part", view)


def _necks(count: int, edges: list[Edge]) -> set[int]:
    """Places of children that no edge jumps over."""
    change = [0] * (count + 2)
    for source, target in edges:
        start = source + 1  # IN is -1
        end = count if target == OUT else target
        if end > start:
            change[start] += 1
            change[end] -= 1
    over, necks = 0, set()
    for place in range(count):
        over += change[place]
        if not over:
            necks.add(place)
    return necks


def _parts(children: list[Child], necks: set[int]) -> list[list[Child]]:
    pieces: list[list[Child]] = [[]]
    for place, child in enumerate(children):
        pieces[-1].append(child)
        if len(pieces[-1]) >= PART and place in necks and place < len(children) - 1:
            pieces.append([])
    return pieces


def _make_units(group: Group, pieces: list[list[Child]], word: str, view: GraphView) -> None:
    if sum(len(piece) > 1 for piece in pieces) < 2:
        return
    number = 0
    children: list[Child] = []
    for piece in pieces:
        if len(piece) == 1:
            children += piece
            continue
        path = f"{group.path}/{word}{number}" if group.path else f"{word}{number}"
        unit = Group(f"{word}{number}", path, piece)
        _cut(unit, view)
        children.append(unit)
        number += 1
    group.children = children


# Equal units


def _fold_equal(group: Group, view: GraphView) -> None:
    """Equal groups in a row, each feeding the next one only, become one that stands for all."""
    if sum(isinstance(child, Group) for child in group.children) < EQUAL_FROM:
        return
    follows: dict[int, set[int]] = {}
    for source, target in lifted_edges(group, view.edges):
        follows.setdefault(source, set()).add(target)
    marks = [
        _signature(child, view) if isinstance(child, Group) else None for child in group.children
    ]
    children: list[Child] = []
    place = 0
    while place < len(group.children):
        end = place + 1
        while (
            end < len(group.children)
            and marks[place] is not None
            and marks[end] == marks[place]
            and follows.get(end - 1) == {end}
            and not any(end in follows.get(other, ()) for other in follows if other != end - 1)
        ):
            end += 1
        first = group.children[place]
        if end - place >= EQUAL_FROM and isinstance(first, Group):
            children.append(_stand_in(first, group.children[place + 1 : end]))
            place = end
        else:
            children.append(first)
            place += 1
    group.children = children


def _stand_in(first: Group, rest: list[Child]) -> Group:
    last = rest[-1]
    label = f"{first.label} … {last.label}" if isinstance(last, Group) else first.label
    hidden = [node for child in rest for node in members(child)]
    return Group(label, first.path, first.children, len(rest) + 1, first.hidden + hidden)


def _signature(group: Group, view: GraphView) -> object:
    nodes = group.nodes
    place = {node: index for index, node in enumerate(nodes)}
    operators = tuple(
        (
            view.nodes[n].op,
            tuple(sorted(view.nodes[n].attrs.items())),
            tuple(view.nodes[n].out_shapes),
            view.nodes[n].device,
        )
        for n in nodes
    )
    inner = frozenset(
        (place[source], place[target])
        for source, target in view.edges
        if source in place and target in place
    )
    return operators, inner
