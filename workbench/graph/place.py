"""Graphs over several devices: cut into parts that each run on one.

Which device a node is for is told by its attribute ``__ctx_group__``. A part is numbered so that
it reads only parts with lower numbers, or of its own: the number rises by one wherever a value
goes from one device to another, so that parts are as large as they can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .ir import Entry, Graph, Node, variable

__all__ = ["Part", "device_of", "split"]

GROUP = "__ctx_group__"


class Part(NamedTuple):
    """A graph for one device: ``reads`` are the entries that its variables stand for, ``gives``
    those that its outputs are, in order, of the graph that was cut."""

    device: Any
    graph: Graph
    reads: list[Entry]
    gives: list[Entry]


def device_of(node: Node, groups: Mapping[str, Any], default: Any) -> Any:
    """The device of a node's group; *default* where it has none, or one that is not named."""
    return groups.get(node.attrs.get(GROUP, ""), default)


def split(graph: Graph, groups: Mapping[str, Any], default: Any) -> list[Part]:
    """The parts of a graph, each after those that it reads. Variables belong to no part."""
    level: dict[Node, int] = {}
    members: dict[tuple[int, Any], list[Node]] = {}
    for node in graph.nodes:
        if node.is_variable:
            continue
        device, number = device_of(node, groups, default), 0
        for entry in node.inputs:
            below = entry.node
            if below in level:
                crosses = device_of(below, groups, default) is not device
                number = max(number, level[below] + crosses)
        level[node] = number
        members.setdefault((number, device), []).append(node)
    needed = _needed(graph, level, groups, default)
    ordered = sorted(members.items(), key=lambda item: item[0][0])
    return [_part(device, nodes, needed) for (_, device), nodes in ordered]


def _needed(
    graph: Graph, level: Mapping[Node, int], groups: Mapping[str, Any], default: Any
) -> set[Entry]:
    """Entries that are read outside of their part."""
    found = {entry for entry in graph.outputs if not entry.node.is_variable}
    for node in graph.nodes:
        for entry in node.inputs:
            below = entry.node
            if below in level and (
                level[below] != level[node]
                or device_of(below, groups, default) is not device_of(node, groups, default)
            ):
                found.add(entry)
    return found


def _part(device: Any, nodes: list[Node], needed: set[Entry]) -> Part:
    inside = set(nodes)
    new: dict[Entry, Entry] = {}
    stands_for: dict[Node, Entry] = {}
    for node in nodes:
        inputs = []
        for entry in node.inputs:
            if entry not in new and entry.node not in inside:
                made = variable(entry.node.name, entry.node.attrs)
                new[entry], stands_for[made] = Entry(made), entry
            inputs.append(new[entry])
        copy = node.with_inputs(inputs)
        new.update(zip(node.outputs, copy.outputs, strict=True))
    gives = [entry for node in nodes for entry in node.outputs if entry in needed]
    graph = Graph(new[entry] for entry in gives)
    return Part(device, graph, [stands_for[node] for node in graph.variables], gives)
