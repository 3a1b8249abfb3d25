"""Shapes and dtypes of a graph, in both directions, to a fixpoint.

Every operator's rule completes what it can of its inputs and outputs. A node is looked at again
when something it touches became better known, so that a weight learns its shape from the data,
and the data of one addend from the other.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..error import DTypeError, ShapeError, message
from ..ops import rules
from .ir import Entry, Graph, Node, Type, Types

__all__ = ["infer", "infer_node", "unknown_variables"]

#: operators whose output has the batch size of their first input, whatever else they do
KEEP_FIRST_AXIS = frozenset(
    {"FullyConnected", "Convolution", "Deconvolution", "Pooling", "Flatten", "BatchNorm"}
)


def infer(
    graph: Graph,
    given: Mapping[Node, Type] | None = None,
    *,
    outputs: Sequence[Type] = (),
) -> Types:
    """The type of every entry, as far as it can be told.

    Parameters
    ----------
    graph : Graph
    given : mapping of variable to Type
        What is known of the inputs; parts of it may be unknown.
    outputs : sequence of Type
        What is known of the graph's outputs, if anything.

    Returns
    -------
    dict of Entry to Type
        Every entry of the graph is there; a part that cannot be told is None or 0.

    Raises
    ------
    ShapeError, DTypeError
        On a contradiction; the text names node, operator, input shapes and the user's line.
    """
    return _Inference(graph, given or {}, outputs).run()


def unknown_variables(graph: Graph, types: Types) -> list[Node]:
    """The variables whose shape is not fully known."""
    return [n for n in graph.variables if not rules.known(types[Entry(n)].shape)]


def infer_node(node: Node, ins: Sequence[Type]) -> list[Type]:
    """The types of one node's outputs from those of its inputs."""
    _, shapes = _ruled(node, "shape", [type_.shape for type_ in ins])
    _, dtypes = _ruled(node, "dtype", [type_.dtype for type_ in ins])
    return [Type(shape, dtype) for shape, dtype in zip(shapes, dtypes, strict=True)]


def _ruled(node: Node, what: str, ins: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """What the operator's rule says of the inputs that are there, and of the outputs."""
    rule: Callable[..., Any] = getattr(node.op, f"infer_{what}")
    if node.op.variadic:
        known, found = rule(node.params, list(ins))
        return list(known), list(found)
    places = [node.op.inputs.index(name) for name in node.input_names()]
    given = [None] * len(node.op.inputs)  # as the eager way has it: None where left out
    for place, one in zip(places, ins, strict=True):
        given[place] = one
    known, found = rule(node.params, given)
    return [known[place] for place in places], list(found)


class _Inference:
    def __init__(self, graph: Graph, given: Mapping[Node, Type], outputs: Sequence[Type]) -> None:
        self.graph = graph
        self.users = graph.users()
        self.types: Types = {e: Type() for node in graph.nodes for e in node.outputs}
        self.queue: deque[Node] = deque(n for n in graph.nodes if not n.is_variable)
        self.queued = set(self.queue)
        for node, type_ in given.items():
            if Entry(node) in self.types:
                self.types[Entry(node)] = type_
        for entry, type_ in zip(graph.outputs, outputs, strict=False):
            self._learn(entry.node, [entry], [type_.shape], [type_.dtype])

    def run(self) -> Types:
        while self.queue:
            node = self.queue.popleft()
            self.queued.discard(node)
            self._visit(node)
        return self.types

    def _visit(self, node: Node) -> None:
        entries = [*node.inputs, *node.outputs]
        try:
            shapes = self._apply(node, "shape")
            self._learn(node, entries, shapes, [None] * len(entries))
            dtypes = self._apply(node, "dtype")
            self._learn(node, entries, [None] * len(entries), dtypes)
        except ShapeError as error:
            raise self._located(node, error, ShapeError) from error
        except DTypeError as error:
            raise self._located(node, error, DTypeError) from error

    def _apply(self, node: Node, what: str) -> list[Any]:
        """Inputs and outputs as the operator's rule completes them."""
        ins = [getattr(self.types[e], what) for e in node.inputs]
        outs = [getattr(self.types[e], what) for e in node.outputs]
        if what == "shape" and getattr(node.op, "dynamic_shape", False):
            return ins + outs
        if _symmetric(node, what):
            together: Any = None
            for one in (*ins, *outs):
                together = rules.merge(together, one) if what == "shape" else _same(together, one)
            return [together] * (len(ins) + len(outs))
        known, found = _ruled(node, what, ins)
        if what == "shape" and node.op.name in KEEP_FIRST_AXIS:
            known[0] = _with_first_axis(known[0], outs[0])
        back_rule = getattr(node.op, "back_shape_rule", None) if what == "shape" else None
        if back_rule is not None:
            known = back_rule(node.params, known, outs)
        return [*known, *found]

    def _learn(
        self, node: Node, entries: Sequence[Entry], shapes: Sequence[Any], dtypes: Sequence[Any]
    ) -> None:
        for entry, shape, dtype in zip(entries, shapes, dtypes, strict=True):
            old = self.types[entry]
            merged = Type(rules.merge(old.shape, shape), _same(old.dtype, dtype))
            if merged == old:
                continue
            self.types[entry] = merged
            for other in (entry.node, *self.users.get(entry, ())):
                if not other.is_variable and other not in self.queued:
                    self.queued.add(other)
                    self.queue.append(other)

    def _located(self, node: Node, error: Exception, kind: type[Exception]) -> Exception:
        what = "shape" if kind is ShapeError else "dtype"
        places = [
            f"input {name} of {node.name} ({node.op.name}): {getattr(self.types[entry], what)}"
            f" from {entry.node.name}"
            for name, entry in zip(node.input_names(), node.inputs, strict=True)
        ]
        lines = str(error).split("\n")
        return kind(
            message(
                f"Error in operator {node.name}: {lines[0]}",
                where=[*places, node.where.line],
                fix=_advice(node, what),
            )
        )


def _advice(node: Node, what: str) -> str:
    """How to repair a node whose inputs do not go together."""
    family, _, verb = node.op.name.partition("_")
    if what == "shape" and family == "elemwise":
        return (
            f"Use broadcast_{verb}: with symbols + - * / take equal shapes only, while those of"
            " NDArray broadcast."
        )
    return f"Change the {what}s of the inputs, or the parameters of {node.name}."


def _with_first_axis(shape: Any, out: Any) -> Any:
    """The batch size of an input, learned from the output's."""
    if shape and out and shape[0] == 0:
        return (out[0], *shape[1:])
    return shape


def _symmetric(node: Node, what: str) -> bool:
    """True for rules under which inputs and the single output are all alike."""
    op = node.op
    if len(node.outputs) != 1:
        return False
    if what == "shape":
        return getattr(op, "shape_rule", None) is rules.SHAPE["same"]
    return bool(getattr(op, "same_dtype", False))


def _same(one: str | None, other: str | None) -> str | None:
    if one is not None and other is not None and one != other:
        raise DTypeError(f"dtypes {one} and {other} meet")
    return other if one is None else one
