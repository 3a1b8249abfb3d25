"""The graph: nodes that apply operators, entries that name their outputs.

A :class:`Graph` is nothing but the entries it must give; the nodes follow from them. Nodes are
shared between graphs and never change but for their ``attrs`` (the text that a user or a file
attached), so every transformation makes new nodes. Types are not kept in nodes, because one
symbol may be bound at two shapes: inference returns them in a table, :data:`Types`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple, Protocol

from ..error import GraphError, message

__all__ = [
    "Composite",
    "Entry",
    "Graph",
    "Node",
    "Operator",
    "Owned",
    "Provenance",
    "Type",
    "Types",
    "block_scope",
    "rebuild",
    "topological",
    "variable",
]

Shape = tuple[int, ...] | None


class Operator(Protocol):
    """What a node needs of its operator: an ``ops`` record or a :class:`Composite`."""

    name: str
    inputs: tuple[str, ...]
    variadic: bool
    params: dict[str, Any]
    aux: tuple[str, ...]
    mutates: tuple[str, ...]
    uses: frozenset[str]
    views: bool
    has_outputs: bool
    elementwise: bool
    zero_grad: bool
    ufunc: str | None

    def meets(self, p: dict[str, Any]) -> bool:
        """Whether it exchanges numbers with other devices."""

    def num_outputs(self, p: dict[str, Any]) -> int:
        """How many arrays it computes, hidden ones included."""

    def num_visible(self, p: dict[str, Any]) -> int:
        """How many of them a user gets."""

    def missing_inputs(self, p: dict[str, Any]) -> frozenset[str]:
        """The inputs that these parameters leave out."""

    def infer_shape(self, p: dict[str, Any], in_shapes: Sequence[Any]) -> Any:
        """Completed shapes of the inputs, and those of the outputs."""

    def infer_dtype(self, p: dict[str, Any], in_dtypes: Sequence[Any]) -> Any:
        """Completed dtypes of the inputs, and those of the outputs."""


class Type(NamedTuple):
    """Shape (None: rank unknown; a 0 in it: size unknown) and dtype name (or None)."""

    shape: Shape = None
    dtype: str | None = None

    @property
    def known(self) -> bool:
        """True when nothing is open."""
        return self.shape is not None and 0 not in self.shape and self.dtype is not None

    def __str__(self) -> str:
        sizes = "" if self.shape is None else f"[{', '.join(map(str, self.shape))}]"
        return f"{self.dtype or '?'}{sizes}"


class Provenance(NamedTuple):
    """Where a node came from: the path of the Block, and the line that made it."""

    block: str
    code: CodeType | None
    lineno: int

    @property
    def line(self) -> str:
        """``file:line in function``; empty when it is not known."""
        if self.code is None:
            return ""
        return f"{self.code.co_filename}:{self.lineno} in {self.code.co_name}"


NOWHERE = Provenance("", None, 0)
_OURS = (str(Path(__file__).parents[1]), "<workbench")


class _Blocks(threading.local):
    path: str = ""


_blocks = _Blocks()


@contextmanager
def block_scope(path: str) -> Iterator[None]:
    """Nodes made in this thread meanwhile are noted as coming from the Block at *path*."""
    outer, _blocks.path = _blocks.path, path
    try:
        yield
    finally:
        _blocks.path = outer


def here() -> Provenance:
    """The provenance of a node that is made now: the nearest frame outside the package."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_OURS):
        if frame.f_back is None:
            return Provenance(_blocks.path, None, 0)
        frame = frame.f_back
    return Provenance(_blocks.path, frame.f_code, frame.f_lineno)


class Entry(NamedTuple):
    """Output number *index* of a node."""

    node: Node
    index: int = 0  # type: ignore[assignment]  # hides tuple.index


Types = dict[Entry, Type]


class Node:
    """An operator applied to entries, or a variable (``op`` is None).

    Attributes
    ----------
    op : Op, Composite or None
    name : str
    params : dict
        All parameters of the operator, canonical values.
    attrs : dict of str to str
        What the user or the file gave, as text: parameters and ``__lr_mult__`` and the like.
    inputs : tuple of Entry
        Only those that are there; see :func:`input_names`.
    where : Provenance
    versions : tuple of int
        What a file said of the inputs beside node and output; empty for nodes made here.
    """

    __slots__ = ("__weakref__", "attrs", "inputs", "name", "op", "params", "versions", "where")

    def __init__(
        self,
        op: Any,
        name: str,
        params: Mapping[str, Any] | None = None,
        attrs: Mapping[str, str] | None = None,
        inputs: Iterable[Entry] = (),
        where: Provenance = NOWHERE,
        versions: tuple[int, ...] = (),
    ) -> None:
        self.op = op
        self.name = name
        self.params: dict[str, Any] = dict(params or {})
        self.attrs: dict[str, str] = dict(attrs or {})
        self.inputs: tuple[Entry, ...] = tuple(inputs)
        self.where = where
        self.versions = versions

    def __repr__(self) -> str:
        return f"<Node {self.op.name if self.op else 'variable'} {self.name}>"

    @property
    def is_variable(self) -> bool:
        """True for an input of the graph."""
        return self.op is None

    @property
    def num_outputs(self) -> int:
        """How many outputs the operator computes, hidden ones included."""
        return 1 if self.op is None else int(self.op.num_outputs(self.params))

    @property
    def num_visible(self) -> int:
        """How many outputs a user sees."""
        return 1 if self.op is None else int(self.op.num_visible(self.params))

    @property
    def outputs(self) -> list[Entry]:
        """All outputs as entries."""
        return [Entry(self, i) for i in range(self.num_outputs)]

    def with_inputs(self, inputs: Sequence[Entry]) -> Node:
        """This node over other inputs; itself when they are the same."""
        if tuple(inputs) == self.inputs:
            return self
        return Node(self.op, self.name, self.params, self.attrs, inputs, self.where, self.versions)

    def input_names(self) -> list[str]:
        """The operator's name of each input that is there."""
        if self.op is None:
            return []
        if self.op.variadic:
            return [f"arg{i}" for i in range(len(self.inputs))]
        missing = self.op.missing_inputs(self.params)
        return [n for n in self.op.inputs if n not in missing][: len(self.inputs)]

    def aux_inputs(self) -> Iterator[Entry]:
        """The inputs that are auxiliary states: kept between calls, not differentiated."""
        if self.op is not None and self.op.aux:
            for name, entry in zip(self.input_names(), self.inputs, strict=True):
                if name in self.op.aux:
                    yield entry


def variable(name: str, attrs: Mapping[str, str] | None = None) -> Node:
    """A new variable, an input of every graph that uses it."""
    return Node(None, name, attrs=attrs)


def _inputs(node: Node) -> Iterable[Entry]:
    return node.inputs


def topological(
    heads: Iterable[Node], inputs_of: Callable[[Node], Iterable[Entry]] = _inputs
) -> list[Node]:
    """Every node that the heads need, each after its inputs: depth-first, left to right.

    This is the order of nodes in MXNet's files. It needs no recursion, so that a chain of a
    million nodes is no problem. *inputs_of* may say that a node needs other entries.
    """
    order: list[Node] = []
    seen: set[Node] = set()
    for head in heads:
        if head in seen:
            continue
        seen.add(head)
        stack = [(head, iter(inputs_of(head)))]
        while stack:
            node, rest = stack[-1]
            for entry in rest:
                if entry.node not in seen:
                    seen.add(entry.node)
                    stack.append((entry.node, iter(inputs_of(entry.node))))
                    break
            else:
                order.append(node)
                stack.pop()
    return order


class Graph:
    """A computation: the entries it gives, and thereby all nodes they need.

    Of the outputs the first *forward* are what a forward computes, the others are gradients;
    by default all are of the first kind.

    >>> a = Entry(variable("a"))
    >>> Graph([a]).variables
    [<Node variable a>]
    """

    __slots__ = ("__weakref__", "_nodes", "forward", "outputs")

    def __init__(self, outputs: Iterable[Entry], forward: int | None = None) -> None:
        self.outputs = tuple(outputs)
        self.forward = len(self.outputs) if forward is None else forward
        self._nodes: list[Node] | None = None

    @property
    def nodes(self) -> list[Node]:
        """All nodes in topological order."""
        if self._nodes is None:
            self._nodes = topological(entry.node for entry in self.outputs)
        return self._nodes

    @property
    def variables(self) -> list[Node]:
        """The inputs, in the order in which they are needed."""
        return [node for node in self.nodes if node.is_variable]

    @property
    def is_dynamic(self) -> bool:
        """True when the shape of some result depends on values."""
        return any(getattr(node.op, "dynamic_shape", False) for node in self.nodes)

    @property
    def auxiliary(self) -> list[Node]:
        """The variables that some node uses as an auxiliary state."""
        used = {entry.node for node in self.nodes for entry in node.aux_inputs()}
        return [node for node in self.variables if node in used]

    @property
    def arguments(self) -> list[Node]:
        """The variables that are no auxiliary states."""
        auxiliary = set(self.auxiliary)
        return [node for node in self.variables if node not in auxiliary]

    def backward_nodes(self) -> set[Node]:
        """The nodes that only gradients need."""
        ahead = set(topological(entry.node for entry in self.outputs[: self.forward]))
        return {node for node in self.nodes if node not in ahead}

    def users(self) -> dict[Entry, list[Node]]:
        """Which nodes read an entry, each as often as it does; outputs do not count."""
        table: dict[Entry, list[Node]] = {}
        for node in self.nodes:
            for entry in node.inputs:
                table.setdefault(entry, []).append(node)
        return table

    def __str__(self) -> str:
        from .text import print_graph

        return print_graph(self)

    def __len__(self) -> int:
        return len(self.nodes)


class Owned:
    """An operator that belongs to its node, not to the list of all: a fused chain, a loop.

    What the record of an operator says by default. Its kernel is its own affair: a
    :class:`~workbench.graph.bind.Binder` asks for it, except that of a :class:`Composite`.
    """

    name: str
    inputs: tuple[str, ...] = ("args",)
    optional: frozenset[str] = frozenset()
    aux: tuple[str, ...] = ()
    mutates: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    variadic = has_outputs = differentiable = True
    views = zero_grad = elementwise = dynamic_shape = is_scalar = same_dtype = False
    ufunc: str | None = None
    output_names: tuple[str, ...] = ()
    params: dict[str, Any] = {}
    #: the graphs that it runs
    bodies: tuple[Graph, ...] = ()

    def missing_inputs(self, p: dict[str, Any]) -> frozenset[str]:
        """None: the inputs are those that the node has."""
        return frozenset()

    def meets(self, p: dict[str, Any]) -> bool:
        """Whether one of its graphs may exchange numbers with other devices."""
        nodes = (node for body in self.bodies for node in body.nodes if not node.is_variable)
        return any(node.op.meets({**node.params, "train": True}) for node in nodes)

    def kernel(self, node: Node, types: Types, ctx: Any, train: bool) -> Callable[..., Any]:
        """What computes the node's outputs from its inputs, raw arrays both."""
        raise GraphError(message(f"{self.name} (node {node.name}) cannot run by itself"))

    def keeping(self, node: Node, places: Sequence[int], types: Types) -> Owned:
        """This operator with one more output: what the gradients of these inputs need."""
        return self

    def gradients(self, builder: Any, node: Node, g: Sequence[Any]) -> list[Any]:
        """Append the backward: a Value, or None, for each input."""
        raise GraphError(message(f"{self.name} (node {node.name}) has no gradient"))


class Composite(Owned):
    """An operator that is itself a graph: what the fusing pass puts in place of a chain.

    Its inputs are the body's variables, in order. A Plan asks :mod:`workbench.kernels` for one
    kernel that computes all of it, or else runs the nodes one after another.
    """

    elementwise = True

    def __init__(self, body: Graph, name: str = "fused") -> None:
        self.name, self.body = name, body
        self.has_outputs = len(body.outputs) != 1

    def __repr__(self) -> str:
        return f"<Composite {self.name} of {len(self.body.nodes)} nodes>"

    def num_outputs(self, p: dict[str, Any]) -> int:
        """One for each output of the body."""
        return len(self.body.outputs)

    num_visible = num_outputs

    def infer_shape(self, p: dict[str, Any], in_shapes: Sequence[Any]) -> Any:
        """By inference through the body."""
        types = self._infer(in_shapes, [None] * len(in_shapes))
        return list(in_shapes), [types[entry].shape for entry in self.body.outputs]

    def infer_dtype(self, p: dict[str, Any], in_dtypes: Sequence[Any]) -> Any:
        """By inference through the body."""
        types = self._infer([None] * len(in_dtypes), in_dtypes)
        return list(in_dtypes), [types[entry].dtype for entry in self.body.outputs]

    def _infer(self, shapes: Sequence[Any], dtypes: Sequence[Any]) -> Types:
        from .infer import infer

        given = {
            node: Type(shape, dtype)
            for node, shape, dtype in zip(self.body.variables, shapes, dtypes, strict=True)
        }
        return infer(self.body, given)


def rebuild(graph: Graph, replace: Mapping[Entry, Entry], types: Types | None = None) -> Graph:
    """The graph with entries replaced; what is replaced may itself be replaced further on.

    Nodes above a replaced entry are made anew, all others are shared with *graph*. Their types
    are added to *types*.
    """
    new: dict[Entry, Entry] = {}

    def target(entry: Entry) -> Entry:
        hops = 0
        while entry in replace:
            entry, hops = replace[entry], hops + 1
            if hops > len(replace):
                raise GraphError(message(f"replacing {entry.node.name} leads round in a circle"))
        return entry

    def targets(node: Node) -> list[Entry]:
        return [target(entry) for entry in node.inputs]

    outputs = [target(entry) for entry in graph.outputs]
    for node in topological((entry.node for entry in outputs), targets):
        made = node.with_inputs([new.get(entry, entry) for entry in targets(node)])
        if made is not node:
            for index in range(node.num_outputs):
                new[Entry(node, index)] = Entry(made, index)
                if types is not None:
                    types[Entry(made, index)] = types[Entry(node, index)]
    return Graph((new.get(entry, entry) for entry in outputs), graph.forward)
