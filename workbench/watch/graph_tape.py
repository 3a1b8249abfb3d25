"""The graph that autograd recorded, as it stands when backward begins.

Backward frees the tape as it walks, so :func:`copy_tape` copies at once what a drawing needs:
operators, parameters, shapes, who reads whom. The drawing is made from the copy when somebody
looks. Which Block a node belongs to is told by numbers: nodes are numbered in the order in which
they were recorded, and a :class:`BlockLog` notes between which numbers a Block was running.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..graph.infer import infer
from ..graph.ir import Type
from . import stats
from .graph_ir import IRNodes
from .graphs import PARAMETER_SLOTS, GraphNode, GraphView

__all__ = ["BlockLog", "Copied", "copy_tape", "graph_of"]

Shape = tuple[int, ...]
MOST_NODES = 20_000
MOST_MARKS = 200_000


class BlockLog:
    """Which Block ran while which tape nodes were recorded."""

    def __init__(self) -> None:
        self._stack: list[tuple[Any, tuple[str, ...]]] = []
        self._numbers: list[int] = []
        self._paths: list[tuple[str, ...]] = []

    def note(self, block: Any, entering: bool) -> None:
        """*block*'s call begins or ends."""
        from ..ndarray import tape

        if entering:
            parent, path = self._stack[-1] if self._stack else (None, ())
            self._stack.append((block, (*path, _name_in(parent, block))))
        elif self._stack:
            self._stack.pop()
        if tape.local.recording and len(self._numbers) < MOST_MARKS:
            self._numbers.append(-tape.next_seq())
            self._paths.append(self._stack[-1][1] if self._stack else ())

    def path(self, number: int) -> tuple[str, ...]:
        """Names of the Blocks around node *number*, outermost first."""
        place = bisect_right(self._numbers, number) - 1
        return self._paths[place] if place >= 0 else ()


def _name_in(parent: Any, block: Any) -> str:
    """What the parent calls it, else its own name without the parent's prefix."""
    for key, child in getattr(parent, "_children", {}).items():
        child = child() if callable(child) and not hasattr(child, "name") else child
        if child is block and not str(key).isdigit():
            return str(key)
    name = str(getattr(block, "name", "") or type(block).__name__.lower())
    prefix = getattr(parent, "prefix", "") or ""
    return name[len(prefix) :] if prefix and name.startswith(prefix) and name != prefix else name


@dataclass
class Copied:
    """What is kept of one tape node. *parents*: numbers of nodes, keys of leaves, or None."""

    number: int
    op: Any
    name: str
    params: dict[str, Any]
    parents: list[Any]
    device: str
    known: list[Shape | None] = field(default_factory=list)
    outs: list[Shape | None] = field(default_factory=list)
    dtype: str = ""
    arrays: list[Any] = field(default_factory=list)
    compiled: Any = None
    """A graph that ran as one, which of its variables the parents are, and types of all of them."""


Leaves = dict[Any, tuple[Shape, str]]


def copy_tape(heads: Iterable[Any]) -> tuple[list[Copied], Leaves]:
    """Copy the graph behind *heads* (NDArrays): its nodes in the order of recording, its leaves."""
    from ..ndarray import tape

    copied: dict[int, Copied] = {}
    leaves: Leaves = {}
    waiting = [head._node for head in heads if getattr(head, "_node", None) is not None]
    while waiting and len(copied) < MOST_NODES:
        node = _real(waiting.pop(), tape)
        if node is None or node[tape.RUN] is tape.LEAF or -node[tape.SEQ] in copied:
            continue
        if node[tape.RUN] is tape.FREED:
            continue
        one = _copy(node, leaves, tape)
        copied[one.number] = one
        waiting += [parent for parent in node[tape.PARENTS] if parent is not None]
    for head in heads:
        node = _real(getattr(head, "_node", None), tape)
        found = None if node is None else copied.get(-node[tape.SEQ])
        if found is not None:
            found.outs = found.outs or [tuple(head.shape)]
            found.dtype = found.dtype or str(head._data.dtype)
    return [copied[number] for number in sorted(copied)], leaves


def _real(node: Any, tape: Any) -> Any:
    """The operator's node behind one of several outputs."""
    while node is not None and node[tape.RUN] is tape.SELECT and node[tape.PARENTS]:
        (node,) = node[tape.PARENTS]
    return node


def _copy(node: Any, leaves: Leaves, tape: Any) -> Copied:
    run = node[tape.RUN]
    op = getattr(run, "op", None)
    parents: list[Any] = []
    for parent in node[tape.PARENTS]:
        real = _real(parent, tape)
        if real is None:
            parents.append(None)
        elif real[tape.RUN] is tape.LEAF:
            grad = real[tape.SAVES][0]
            key = ("leaf", real[tape.SEQ])
            leaves[key] = (tuple(grad.shape), str(grad._data.dtype))
            parents.append(key)
        else:
            parents.append(-real[tape.SEQ])
    name = getattr(op, "name", "") or getattr(run, "__name__", "function").strip("<>")
    one = Copied(-node[tape.SEQ], op, name, dict(node[tape.P] or {}), parents, str(node[tape.CTX]))
    _read_saves(one, run, node[tape.SAVES])
    if hasattr(run, "cached") and hasattr(run, "wanted"):
        given = [Type(tuple(array.shape), array._data.dtype.name) for array in run.args]
        one.compiled = (run.cached.graph, tuple(run.wanted), given)
        one.name = "CachedOp"
    return one


def _read_saves(one: Copied, run: Any, saves: Any) -> None:
    """Shapes that can be read off what the gradient rules saved."""
    names = list(getattr(run, "save_names", ()))
    inputs = list(getattr(one.op, "inputs", ()))
    one.known = [None] * len(one.parents)
    one.arrays = [None] * len(one.parents)
    if not isinstance(saves, tuple | list):
        return
    if getattr(run, "nested", False):
        saves, shapes = saves
        one.known = [tuple(shape) if shape is not None else None for shape in shapes]
    for name, save in zip(names, saves, strict=False):
        shape = getattr(save, "shape", None)
        if name == "out" and shape is not None:
            one.outs, one.dtype = [tuple(shape)], str(save.dtype)
        elif name in inputs and shape is not None:
            place = inputs.index(name)
            if place < len(one.known):
                one.known[place] = tuple(shape)
                one.arrays[place] = id(save)
                one.dtype = one.dtype or str(save.dtype)
        elif name.removesuffix("_shape") in inputs and isinstance(save, tuple):
            place = inputs.index(name.removesuffix("_shape"))
            if place < len(one.known):
                one.known[place] = save


def graph_of(
    copied: Sequence[Copied], leaves: Leaves, log: BlockLog | None = None, title: str = ""
) -> GraphView:
    """A drawing's graph from a copied tape."""
    return _Drawing(copied, leaves, log or BlockLog()).view(title)


class _Drawing:
    def __init__(self, copied: Sequence[Copied], leaves: Leaves, log: BlockLog) -> None:
        self._copied, self._leaves, self._log = copied, leaves, log
        self._nodes: list[GraphNode] = []
        self._edges: list[tuple[int, int]] = []
        self._place: dict[Any, int] = {}
        self._outs: dict[Any, list[Shape | None]] = {}
        self._counted: set[Any] = set()
        self._counts: Counter[str] = Counter()

    def view(self, title: str) -> GraphView:
        for one in self._copied:
            self._add(one)
        return GraphView(self._nodes, self._edges, title)

    def _add(self, one: Copied) -> None:
        if one.compiled is not None:
            self._add_compiled(one)
            return
        ins = self._in_shapes(one)
        sources, shapes, params = [], [], 0
        for place, parent in enumerate(one.parents):
            weight = self._is_weight(one, place)
            if weight:
                if parent is not None and parent not in self._counted:
                    self._counted.add(parent)
                    params += stats.size(self._leaves[parent][0])
                continue
            source = self._source(one, place, parent, ins[place])
            if source is not None:
                sources.append(source)
                shapes.append(ins[place])
        outs = one.outs or self._infer(one, ins)
        self._outs[one.number] = outs
        self._place[one.number] = len(self._nodes)
        self._edges += [(source, len(self._nodes)) for source in sources]
        kind = one.name.strip("_").lower()
        self._nodes.append(
            GraphNode(
                len(self._nodes),
                f"{kind}{self._counts[kind]}",
                one.name,
                self._log.path(one.number),
                self._attrs(one),
                shapes,
                list(outs),
                one.dtype or "float32",
                one.device,
                params,
            )
        )
        self._counts[kind] += 1

    def _add_compiled(self, one: Copied) -> None:
        """The operators of a graph that ran compiled, in the place of its one node."""
        graph, wanted, given = one.compiled
        types = infer(graph, dict(zip(graph.variables, given, strict=True)))
        made = IRNodes(
            graph,
            types,
            around=self._log.path(one.number),
            device=one.device,
            nodes=self._nodes,
            edges=self._edges,
        )
        drawn = {
            graph.variables[index]: self._place[parent]
            for index, parent in zip(wanted, one.parents, strict=True)
            if parent in self._place
        }
        made.add(drawn)
        last = graph.outputs[0]
        self._place[one.number] = made.place[last.node]
        self._outs[one.number] = [types[last].shape]

    def _is_weight(self, one: Copied, place: int) -> bool:
        inputs = getattr(one.op, "inputs", ())
        name = inputs[place] if place < len(inputs) else ""
        if name in getattr(one.op, "aux", ()):
            return True
        parent = one.parents[place]
        leaf_or_nothing = parent is None or isinstance(parent, tuple)
        known = one.name in PARAMETER_SLOTS or (one.name == "RNN" and name == "parameters")
        return known and place > 0 and leaf_or_nothing

    def _source(self, one: Copied, place: int, parent: Any, shape: Shape | None) -> int | None:
        if parent is not None and parent in self._place:
            return self._place[parent]
        if isinstance(parent, tuple):
            return self._input(parent, "leaf", self._leaves[parent][0], one)
        if parent is not None:
            return None
        inputs = getattr(one.op, "inputs", ())
        name = (
            inputs[place]
            if place < len(inputs) and not getattr(one.op, "variadic", False)
            else "data"
        )
        if name in getattr(one.op, "optional", ()) and shape is None:
            return None
        if any("loss" in part for part in self._log.path(one.number)):
            name = "label"
        key = one.arrays[place] if one.arrays[place] is not None else (one.number, place)
        return self._input(("array", key), name, shape, one)

    def _input(self, key: Any, name: str, shape: Shape | None, one: Copied) -> int:
        if key not in self._place:
            self._place[key] = len(self._nodes)
            self._outs[key] = [shape]
            self._nodes.append(
                GraphNode(
                    len(self._nodes),
                    name,
                    "null",
                    (),
                    {},
                    [],
                    [shape],
                    one.dtype or "float32",
                    one.device,
                    0,
                    0,
                )
            )
        return self._place[key]

    def _in_shapes(self, one: Copied) -> list[Shape | None]:
        shapes: list[Shape | None] = []
        for place, parent in enumerate(one.parents):
            shape = one.known[place] if place < len(one.known) else None
            if shape is None and isinstance(parent, tuple):
                shape = self._leaves[parent][0]
            elif shape is None and parent in self._outs:
                shape = (self._outs[parent] or [None])[0]
            shapes.append(shape)
        return shapes

    def _infer(self, one: Copied, ins: list[Shape | None]) -> list[Shape | None]:
        if one.op is None or not hasattr(one.op, "infer_shape"):
            return [None]
        given = ins
        if not getattr(one.op, "variadic", False):
            given = ins + [None] * (len(one.op.inputs) - len(ins))
        try:
            _, outs = one.op.infer_shape(one.params, given)
        except Exception:
            # A drawing without this shape is better than none.
            return [None]
        return [
            tuple(shape) if shape is not None and 0 not in shape else None
            for shape in outs[: one.op.num_visible(one.params)]
        ]

    def _attrs(self, one: Copied) -> dict[str, str]:
        if one.op is None or not hasattr(one.op, "print_params"):
            return {}
        known = {name: value for name, value in one.params.items() if name in one.op.params}
        return {name: str(value) for name, value in one.op.print_params(known).items()}
