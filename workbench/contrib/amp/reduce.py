"""Casts in a graph: the operators of some lists in a short type, those of others in float32."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...graph.ir import Entry, Graph, Node
from ...ops import get

__all__ = ["Choice", "casts_before", "reduce_precision"]

#: what an operator runs in
LOW, FLOAT32, WIDEST, AS_IT_COMES = "low", "float32", "widest", "as it comes"


@dataclass
class Choice:
    """What is to run in which type.

    Attributes
    ----------
    low, float32, widest : operators by name
    conditional : triples of operator, parameter and values with which it runs in float32
    excluded : nodes by name that run in float32
    dtype : the short type
    """

    low: Iterable[str]
    float32: Iterable[str]
    widest: Iterable[str]
    conditional: Iterable[tuple[str, str, list[str]]]
    excluded: Iterable[str] = ()
    dtype: str = "float16"
    _by_op: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for kind, names in ((WIDEST, self.widest), (LOW, self.low), (FLOAT32, self.float32)):
            self._by_op.update(dict.fromkeys(names, kind))

    def of(self, node: Node) -> str:
        """What *node* runs in."""
        if node.name in self.excluded:
            return FLOAT32
        for op, parameter, values in self.conditional:
            if node.op.name == op and node.attrs.get(parameter) in values:
                return FLOAT32
        return self._by_op.get(node.op.name, AS_IT_COMES)


class _Casting:
    """A graph under construction: every entry's copy, and its casts, each made once."""

    def __init__(self, dtype: str) -> None:
        self.dtype = dtype
        self.copies: dict[Node, Node] = {}
        self.known: dict[str, dict[Entry, Entry]] = {dtype: {}, "float32": {}}

    def copy(self, entry: Entry) -> Entry:
        return Entry(self.copies[entry.node], entry.index)

    def cast(self, entry: Entry, dtype: str) -> Entry:
        """The entry in that type."""
        known = self.known[dtype]
        if entry not in known:
            name = f"{entry.node.name}{_suffix(entry)}_amp_cast_{dtype}"
            params = {"dtype": dtype}
            made = Node(get("amp_cast"), name, params, params, [self.copy(entry)])
            known[entry] = Entry(made)
        return known[entry]

    def type_of(self, entry: Entry) -> str | None:
        """The type of an entry, where the lists say it."""
        return next((dtype for dtype, found in self.known.items() if entry in found), None)

    def give(self, node: Node, dtypes: Iterable[str | None]) -> None:
        """Say of what types the outputs of *node* are."""
        for output, dtype in zip(node.outputs, dtypes, strict=False):
            if dtype in self.known:
                self.known[str(dtype)][output] = self.copy(output)


def _suffix(entry: Entry) -> str:
    if entry.node.is_variable:
        return ""
    return "_output" if entry.node.num_visible == 1 else f"_output{entry.index}"


def reduce_precision(graph: Graph, choice: Choice, cast_before: Iterable[str] = ()) -> Graph:
    """A copy of *graph* with casts between its operators; the outputs are float32.

    Parameters
    ----------
    graph : Graph
        in float32
    choice : Choice
        what runs in which type
    cast_before : names of variables
        their values are given in the short type, and need no cast
    """
    made = _Casting(choice.dtype)
    given = set(cast_before)
    for node in graph.nodes:
        made.copies[node] = copy = Node(node.op, node.name, node.params, node.attrs, (), node.where)
        if node.is_variable:
            if node.name in given:
                made.known[choice.dtype][Entry(node)] = Entry(copy)
            continue
        kind = choice.of(node)
        if kind != AS_IT_COMES:
            copy.inputs = _INPUTS[kind](made, node)
        else:
            copy.inputs = tuple(map(made.copy, node.inputs))
            first = made.type_of(node.inputs[0]) if node.inputs else None
            made.give(node, _types(node, first)[1] if first else ())
    return Graph([made.cast(entry, "float32") for entry in graph.outputs])


def _types(node: Node, first: str) -> tuple[list[Any], list[Any]]:
    """The types of inputs and outputs that follow from that of the first input."""
    return node.op.infer_dtype(node.params, [first, *[None] * (len(node.inputs) - 1)])


def _low_inputs(made: _Casting, node: Node) -> tuple[Entry, ...]:
    ins, outs = _types(node, made.dtype)
    made.give(node, outs)
    states = set(node.aux_inputs())
    return tuple(
        made.copy(one)
        if one in states or dtype not in (made.dtype, None)
        else made.cast(one, made.dtype)
        for one, dtype in zip(node.inputs, ins, strict=False)
    )


def _float32_inputs(made: _Casting, node: Node) -> tuple[Entry, ...]:
    made.give(node, ["float32"] * len(node.outputs))
    states = set(node.aux_inputs())
    return tuple(
        made.copy(one) if one in states or _is_float32(made, one) else made.cast(one, "float32")
        for one in node.inputs
    )


def _is_float32(made: _Casting, entry: Entry) -> bool:
    """Variables are, unless they are given in the short type."""
    return entry.node.is_variable and entry not in made.known[made.dtype]


def _widest_inputs(made: _Casting, node: Node) -> tuple[Entry, ...]:
    types = [made.type_of(one) for one in node.inputs]
    if None in types:
        first = node.inputs[0]
        params = {"num_outputs": str(len(types))}
        op = get("amp_multicast")
        name = f"{first.node.name}{_suffix(first)}_amp_multicast"
        parts = Node(op, name, op.parse(params), params, map(made.copy, node.inputs))
        return tuple(Entry(parts, place) for place in range(len(types)))
    widest = "float32" if "float32" in types else made.dtype
    made.give(node, [widest] * len(node.outputs))
    return tuple(made.cast(one, widest) for one in node.inputs)


_INPUTS = {LOW: _low_inputs, FLOAT32: _float32_inputs, WIDEST: _widest_inputs}


def casts_before(choice: Choice, node: Node) -> tuple[Entry, ...]:
    """The inputs of one *node* with casts before them, whatever they are of."""
    made = _Casting(choice.dtype)
    made.copies.update((entry.node, entry.node) for entry in node.inputs)
    made.copies[node] = node
    return _INPUTS[choice.of(node)](made, node)
