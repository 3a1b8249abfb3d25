"""Rank and order of a graph's boxes, one group at a time.

Layers by longest path, bends where an edge passes through a layer, order by barycentres with
neighbours swapped while that removes crossings (Sugiyama, Tagawa and Toda, 1981; Gansner et al.,
1993). Groups are laid out apart, so opening one does not shuffle the rest. Coordinates come later,
from sizes: :mod:`.graph_place`. The same graph always gives the same layout.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from . import families
from .graph_groups import IN, OUT, Child, Group, Stack, group_graph, lifted_edges, members
from .graphs import GraphNode, GraphView
from .svg import text_width

__all__ = ["BEND", "LABEL", "SMALL", "crossings", "layout"]

BEND = 12
"""Width kept free for a line that passes between boxes."""
LABEL, SMALL = 11, 9
"""Font sizes in a box."""
STRIPE, ONE_LINE, TWO_LINES = 17, 24, 36
MIN_WIDTH, SIDE = 116, 10
SWEEPS = 8
OPEN_ITEMS = 30
"""Groups are open at first while no more boxes than this are in view."""

Edge = tuple[int, int]
Near = dict[int, list[int]]


def layout(view: GraphView) -> dict[str, Any]:
    """The layout of *view* as plain data; see :mod:`workbench.watch`."""
    maker = _Maker(view)
    root = maker.group(group_graph(view), None)
    return {"version": 1, "root": root, "open": maker.open_at_first(root), "items": maker.items}


class _Maker:
    def __init__(self, view: GraphView) -> None:
        self.view = view
        self.items: dict[str, dict[str, Any]] = {}
        self._groups = 0

    def group(self, group: Group, parent: str | None) -> str:
        key = f"g{self._groups}"
        self._groups += 1
        item: dict[str, Any] = {}
        self.items[key] = item
        names = [self._child(child, key) for child in group.children]
        edges = (
            lifted_edges(group, self.view.edges)
            if parent is not None
            else [
                edge
                for edge in lifted_edges(group, self.view.edges)
                if IN not in edge and OUT not in edge
            ]
        )
        ranks, paths, back = _rank_and_order(len(names), edges)
        nodes = [self.view.nodes[node] for node in group.nodes]
        count = len(nodes)
        name = group.label or "graph"
        times = f" × {group.copies}" if group.copies > 1 else ""
        detail = _summary(count, sum(node.params or 0 for node in nodes))
        item.update(
            {
                "kind": "group",
                "label": name + times,
                "path": group.path,
                "parent": parent,
                "detail": detail,
                "size": _size([name + times], [detail], 14),
                "nodes": [node.id for node in nodes],
                "count": count,
                "params": sum(node.params or 0 for node in nodes),
                "flops": sum(node.flops or 0 for node in nodes),
                "copies": group.copies,
                "ranks": [[_name(one, names) for one in rank] for rank in ranks],
                "edges": [[_name(one, names) for one in path] for path in paths],
                "back": back,
            }
        )
        return key

    def _child(self, child: Child, parent: str) -> str:
        if isinstance(child, Group):
            return self.group(child, parent)
        nodes = [self.view.nodes[node] for node in members(child)]
        detail = families.detail(nodes[-1].out_shapes)
        if isinstance(child, Stack):
            key = f"s{nodes[0].id}"
            lines = [families.short(node.op, node.name, node.attrs) for node in nodes]
            # The shape stands at the right end of the last stripe.
            room = text_width(detail, SMALL) + SIDE if detail else 0
            size = _size(lines[:-1], [])
            size = [max(size[0], _size(lines[-1:], [], room)[0]), STRIPE * len(nodes) + 4]
            self.items[key] = {
                "kind": "stack",
                "nodes": [node.id for node in nodes],
                "parent": parent,
                "lines": lines,
                "detail": detail,
                "size": size,
            }
            return key
        return self._node(nodes[0], detail, parent)

    def _node(self, node: GraphNode, detail: str, parent: str) -> str:
        key = f"n{node.id}"
        label = families.label(node.op, node.name, node.attrs)
        self.items[key] = {
            "kind": "node",
            "node": node.id,
            "parent": parent,
            "lines": [label],
            "detail": detail,
            "size": _size([label], [detail]),
        }
        return key

    def open_at_first(self, root: str) -> list[str]:
        """Groups from the outside in, as long as not too much is in view."""
        opened, waiting = [root], self._groups_in(root)
        shown = self._items_in(root)
        while waiting:
            key = waiting.pop(0)
            more = self._items_in(key) - 1
            if shown + more <= OPEN_ITEMS:
                shown += more
                opened.append(key)
                waiting += self._groups_in(key)
        return opened

    def _groups_in(self, key: str) -> list[str]:
        return [
            one
            for rank in self.items[key]["ranks"]
            for one in rank
            if one in self.items and self.items[one]["kind"] == "group"
        ]

    def _items_in(self, key: str) -> int:
        return sum(one in self.items for rank in self.items[key]["ranks"] for one in rank)


def _name(one: int, names: list[str]) -> str:
    if one >= len(names):
        return f"v{one - len(names)}"
    return {IN: "in", OUT: "out"}.get(one) or names[one]


def _size(lines: list[str], small: list[str], more: float = 0) -> list[float]:
    widths = [text_width(line, LABEL) for line in lines]
    widths += [text_width(line, SMALL) for line in small]
    width = max(MIN_WIDTH, 2 * math.ceil((max(widths) + 2 * SIDE + more) / 2))
    return [width, TWO_LINES if any(small) else ONE_LINE]


def _summary(count: int, params: int) -> str:
    words = f"{count} operator{'s' if count != 1 else ''}"
    return f"{words} · {quantity(params)} params" if params else words


def quantity(value: float) -> str:
    """A count as people say it: ``431 k``, ``25.6 M``."""
    for size, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}"


# Ranks


def _rank_and_order(
    count: int, edges: list[Edge]
) -> tuple[list[list[int]], list[list[int]], list[int]]:
    """Ranks of items (bends are numbered from *count* on), edges as paths, backward edges."""
    forward, turned = _acyclic(count, edges)
    rank = _ranks(count, forward)
    paths, layers = _bends(count, forward, rank)
    pairs = sorted({pair for path in paths for pair in pairwise(path)})
    layers = _order(layers, pairs)
    back = [i for i, edge in enumerate(forward) if edge in turned]
    return layers, paths, back


def _acyclic(count: int, edges: list[Edge]) -> tuple[list[Edge], set[Edge]]:
    """The edges with those turned round that go back in a depth-first walk."""
    readers: Near = {}
    for source, target in edges:
        readers.setdefault(source, []).append(target)
    state: dict[int, int] = {}
    back: set[Edge] = set()
    for start in [IN, *range(count)]:
        if start in state:
            continue
        state[start] = 1
        walk = [(start, iter(readers.get(start, ())))]
        while walk:
            node, rest = walk[-1]
            for reader in rest:
                if state.get(reader) == 1:
                    back.add((node, reader))
                elif reader not in state:
                    state[reader] = 1
                    walk.append((reader, iter(readers.get(reader, ()))))
                    break
            else:
                state[node] = 2
                walk.pop()
    forward: dict[Edge, None] = {}
    turned = set()
    for edge in edges:
        if edge in back:
            edge = (edge[1], edge[0])
            turned.add(edge)
        forward[edge] = None
    return list(forward), turned


def _ranks(count: int, edges: list[Edge]) -> dict[int, int]:
    """Longest path from the top; what has no sources then sinks to just above its readers."""
    rank = dict.fromkeys(range(count), 0)
    ports = {end for edge in edges for end in edge if end < 0}
    shift = 1 if IN in ports else 0
    for one in rank:
        rank[one] = shift
    if IN in ports:
        rank[IN] = 0
    inner = [edge for edge in edges if OUT not in edge]
    for _ in range(len(rank) + 1):
        changed = False
        for source, target in inner:
            if rank[target] <= rank[source]:
                rank[target] = rank[source] + 1
                changed = True
        if not changed:
            break
    fed = {target for _, target in inner}
    for one in range(count):
        below = [rank[target] for source, target in inner if source == one]
        if one not in fed and below:
            rank[one] = min(below) - 1
    if OUT in ports:
        rank[OUT] = max(rank.values()) + 1
    least = min(rank.values(), default=0)
    return {one: value - least for one, value in rank.items()}


def _bends(
    count: int, edges: list[Edge], rank: dict[int, int]
) -> tuple[list[list[int]], list[list[int]]]:
    """Edges as paths; long ones from one source share their bends as far as they go together."""
    layers: list[list[int]] = [[] for _ in range(max(rank.values(), default=-1) + 1)]
    for one, level in sorted(rank.items()):
        layers[level].append(one)
    bends: dict[Edge, int] = {}
    paths = []
    for source, target in edges:
        path = [source]
        for level in range(rank[source] + 1, rank[target]):
            key = (source, level)
            if key not in bends:
                bends[key] = count + len(bends)
                layers[level].append(bends[key])
            path.append(bends[key])
        paths.append([*path, target])
    return paths, layers


# Order


def _order(layers: list[list[int]], pairs: list[Edge]) -> list[list[int]]:
    above: Near = {}
    below: Near = {}
    for source, target in pairs:
        below.setdefault(source, []).append(target)
        above.setdefault(target, []).append(source)
    layers = _first_order(layers, below)
    best, least = [list(layer) for layer in layers], crossings(layers, below)
    for sweep in range(SWEEPS):
        if not least:
            break
        down = sweep % 2 == 0
        levels = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
        for level in levels:
            fixed = layers[level - 1 if down else level + 1]
            _by_barycentre(layers[level], fixed, above if down else below)
        _swap(layers, above, below)
        now = crossings(layers, below)
        if now < least:
            best, least = [list(layer) for layer in layers], now
    return best


def _first_order(layers: list[list[int]], below: Near) -> list[list[int]]:
    """The order of a depth-first walk, which keeps branches together."""
    found: dict[int, int] = {}
    for layer in layers:
        for start in layer:
            waiting = [start]
            while waiting:
                one = waiting.pop()
                if one not in found:
                    found[one] = len(found)
                    waiting += reversed(below.get(one, []))
    return [sorted(layer, key=lambda one: found[one]) for layer in layers]


def _by_barycentre(layer: list[int], fixed: list[int], near: Near) -> None:
    place = {one: index for index, one in enumerate(fixed)}
    own = {one: index for index, one in enumerate(layer)}

    def centre(one: int) -> float:
        places = [place[other] for other in near.get(one, ()) if other in place]
        return sum(places) / len(places) if places else float(own[one])

    layer.sort(key=lambda one: (centre(one), own[one]))


def _swap(layers: list[list[int]], above: Near, below: Near) -> None:
    """Swap neighbours while that removes crossings."""
    for level, layer in enumerate(layers):
        upper = {one: i for i, one in enumerate(layers[level - 1])} if level else {}
        lower = (
            {one: i for i, one in enumerate(layers[level + 1])} if level + 1 < len(layers) else {}
        )
        improved = True
        while improved:
            improved = False
            for i in range(len(layer) - 1):
                left, right = layer[i], layer[i + 1]
                now = _pair(left, right, above, upper) + _pair(left, right, below, lower)
                then = _pair(right, left, above, upper) + _pair(right, left, below, lower)
                if then < now:
                    layer[i], layer[i + 1] = right, left
                    improved = True


def _pair(left: int, right: int, near: Near, place: dict[int, int]) -> int:
    ours = [place[one] for one in near.get(left, ()) if one in place]
    theirs = [place[one] for one in near.get(right, ()) if one in place]
    return sum(a > b for a in ours for b in theirs)


def crossings(layers: list[list[int]], below: Near) -> int:
    """How many pairs of lines between neighbouring layers cross."""
    total = 0
    for upper, lower in pairwise(layers):
        place = {one: i for i, one in enumerate(lower)}
        ends = [
            place[target]
            for one in upper
            for target in sorted(below.get(one, ()), key=lambda t: place.get(t, -1))
            if target in place
        ]
        total += sum(ends[i] > ends[j] for i in range(len(ends)) for j in range(i + 1, len(ends)))
    return total
