"""Control flow: operators whose nodes own graphs, and run them once, many times, or one of two.

======================  =======================  ==================================================
``_foreach``            body                     once for each slice of the data along axis 0
``_while_loop``         condition, body          while the condition holds, at most so many times
``_cond``               predicate, then, else    one of two
======================  =======================  ==================================================

Parameters that end in ``locs`` say which input of the node is which variable of a graph, as
MXNet's files do. Shapes and dtypes are those that inference finds inside the graphs, in both
directions. What runs is in :mod:`.loops`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from ..error import GraphError, ShapeError, message
from ..ops import rules
from ..ops.parameters import Parameterized
from ..ops.params import Int, Param, Shape
from .infer import infer
from .ir import Entry, Graph, Node, Owned, Type, Types
from .kept import append_backward

__all__ = ["CONTROL", "Cond", "Control", "Foreach", "WhileLoop"]

Pair = tuple[list[Type], list[Type]]


def _named(**params: Param) -> dict[str, Param]:
    for name, param in params.items():
        param.name = name
    return params


class Control(Owned, Parameterized):
    """One of the three, with the graphs of one node.

    Attributes
    ----------
    bodies : tuple of Graph
    wanted : tuple of int, or None
        Numbers of the inputs whose gradients will be asked for; then the last output, which
        only a backward reads, is what the forward kept.
    """

    titles: ClassVar[tuple[str, ...]] = ()
    wanted: tuple[int, ...] | None = None

    def __init__(self, bodies: Sequence[Graph]) -> None:
        if len(bodies) != len(self.titles):
            raise GraphError(
                message(
                    f"{self.name}: {len(bodies)} subgraphs, {len(self.titles)} are needed",
                    where=[", ".join(self.titles)],
                )
            )
        self.bodies = tuple(bodies)
        inner = [node.op for body in bodies for node in body.nodes if node.op is not None]
        self.uses = frozenset().union(*(op.uses for op in inner)) & {"train", "rng"}

    def __repr__(self) -> str:
        return f"<{self.name} of {sum(len(body) for body in self.bodies)} nodes>"

    def num_visible(self, p: dict[str, Any]) -> int:
        """Stacked outputs and last states."""
        return int(p["num_outputs"])

    def num_outputs(self, p: dict[str, Any]) -> int:
        """One more where gradients will be asked for."""
        return self.num_visible(p) + (self.wanted is not None)

    def places(self, p: Mapping[str, Any]) -> list[tuple[int, ...]]:
        """For each graph, the number of the node's input that each of its variables is."""
        raise NotImplementedError

    def faults(self, p: Mapping[str, Any], inputs: int) -> list[str]:
        """What is wrong with the parameters; a file may hold anything."""
        found = []
        for title, body, places in zip(self.titles, self.bodies, self.places(p), strict=True):
            if len(places) != len(body.variables):
                found.append(f"{title}: {len(places)} places for {len(body.variables)} variables")
            elif any(place is None or not 0 <= place < inputs for place in places):
                found.append(f"{title}: a place outside of the {inputs} inputs")
        return found

    def with_states(self, p: Mapping[str, Any]) -> Control:
        """Note which inputs are auxiliary states of a graph: the node's own are the same."""
        aux = {
            f"arg{place}"
            for body, places in zip(self.bodies, self.places(p), strict=True)
            for node, place in zip(body.variables, places, strict=True)
            if node in set(body.auxiliary)
        }
        self.aux = self.mutates = tuple(sorted(aux))
        return self

    # ---- inference ----------------------------------------------------------------------

    def infer_shape(self, p: dict[str, Any], in_shapes: Sequence[Any]) -> Any:
        """Shapes through the graphs."""
        ins, outs = self._inferred(p, [Type(shape) for shape in in_shapes])
        return [t.shape for t in ins], [t.shape for t in outs] + self._of_kept

    def infer_dtype(self, p: dict[str, Any], in_dtypes: Sequence[Any]) -> Any:
        """Dtypes through the graphs."""
        ins, outs = self._inferred(p, [Type(None, dtype) for dtype in in_dtypes])
        return [t.dtype for t in ins], [t.dtype for t in outs] + self._of_kept

    @property
    def _of_kept(self) -> list[None]:
        """The type of what is kept is nobody's business."""
        return [] if self.wanted is None else [None]

    def _inferred(self, p: Mapping[str, Any], ins: list[Type]) -> Pair:
        raise NotImplementedError

    # ---- running and differentiating ----------------------------------------------------

    def kernel(self, node: Node, types: Types, ctx: Any, train: bool) -> Callable[..., Any]:
        """A callable of raw arrays; it gives the outputs as a tuple."""
        from . import loops

        return loops.forward_of(self)(self, node, types, ctx, train)

    def keeping(self, node: Node, places: Sequence[int], types: Types) -> Control:
        """The same with ``wanted``."""
        made = type(self)(self.bodies)
        made.aux, made.mutates, made.wanted = self.aux, self.mutates, tuple(places)
        return made

    def gradients(self, builder: Any, node: Node, g: Sequence[Any]) -> list[Any]:
        """One node that runs the graphs backward."""
        assert self.wanted is not None
        heads = [value.entry for value in g if value is not None]
        return append_backward(builder, node, self.wanted, heads)


def _merged(one: Type, other: Type, where: str) -> Type:
    shape = rules.merge(one.shape, other.shape, where)
    return Type(shape, one.dtype or other.dtype)


def _rows(length: int, type_: Type) -> Type:
    """The type of *length* values put on top of each other."""
    return Type(None if type_.shape is None else (length, *type_.shape), type_.dtype)


def row(type_: Type) -> Type:
    """The type of one slice along axis 0, which has at least one axis, as an array's ``x[i]``."""
    shape = type_.shape
    return Type(None if shape is None else shape[1:] or (1,), type_.dtype)


def _through_loop(
    body: Graph, given: dict[Node, Type], outputs: int, states: Sequence[Node]
) -> Types:
    """Inference in a body whose last outputs are its states in the next round."""
    while True:
        known = [given.get(node, Type()) for node in states]
        types = infer(body, given, outputs=[*[Type()] * outputs, *known])
        found = [
            _merged(types[Entry(node)], types[entry], f"loop state {node.name}")
            for node, entry in zip(states, body.outputs[outputs:], strict=True)
        ]
        given = {node: types[Entry(node)] for node in body.variables}
        given.update(zip(states, found, strict=True))
        if found == known:
            return types


class Foreach(Control):
    """The body once for each slice of the data; its outputs stacked, and the last states."""

    name = "_foreach"
    titles = ("body",)
    params = _named(
        num_args=Int(min=1),
        num_outputs=Int(min=0),
        num_out_data=Int(min=0),
        in_state_locs=Shape(),
        in_data_locs=Shape(),
        remain_locs=Shape(),
    )

    def order(self, p: Mapping[str, Any]) -> tuple[int, ...]:
        """The body's variable behind each input of the node: data, states, the others."""
        return (*p["in_data_locs"], *p["in_state_locs"], *p["remain_locs"])

    def places(self, p: Mapping[str, Any]) -> list[tuple[int, ...]]:
        """The inverse of :meth:`order`."""
        order = self.order(p)
        back = {place: number for number, place in enumerate(order)}
        return [tuple(back.get(i, -1) for i in range(len(order)))]

    def faults(self, p: Mapping[str, Any], inputs: int) -> list[str]:
        """Besides places: as many states come out as go in, and there is data."""
        found = super().faults(p, inputs)
        if not p["in_data_locs"]:
            found.append("there is no data to loop over")
        states = p["num_outputs"] - p["num_out_data"]
        if states != len(p["in_state_locs"]) or p["num_outputs"] != len(self.bodies[0].outputs):
            found.append("the numbers of outputs and states do not fit the body")
        return found

    def _inferred(self, p: Mapping[str, Any], ins: list[Type]) -> Pair:
        (body,), order, data = self.bodies, self.order(p), len(p["in_data_locs"])
        length = 0
        for type_ in ins[:data]:
            if type_.shape is not None:
                length = _same_length(length, type_.shape)
        variables = body.variables
        given = {
            variables[place]: row(type_) if number < data else type_
            for number, (place, type_) in enumerate(zip(order, ins, strict=True))
        }
        states = [variables[place] for place in p["in_state_locs"]]
        types = _through_loop(body, given, p["num_out_data"], states)
        found = [types[Entry(variables[place])] for place in order]
        outs = [types[entry] for entry in body.outputs]
        stacked = [_rows(length, type_) for type_ in outs[: p["num_out_data"]]]
        known = [
            old if old.shape is not None and len(old.shape) == 1 else _rows(length, one)
            for old, one in zip(ins[:data], found[:data], strict=True)
        ]
        return [*known, *found[data:]], [*stacked, *outs[p["num_out_data"] :]]


def _same_length(length: int, shape: tuple[int, ...]) -> int:
    if length and shape[0] and shape[0] != length:
        raise ShapeError(f"_foreach: Shape inconsistent, data of {length} and {shape[0]} slices")
    return length or shape[0]


class WhileLoop(Control):
    """The body while the condition holds; its outputs padded with zeros to the maximum."""

    name = "_while_loop"
    titles = ("condition", "body")
    params = _named(
        num_args=Int(min=2),
        num_outputs=Int(min=1),
        num_out_data=Int(min=0),
        max_iterations=Int(min=1),
        cond_input_locs=Shape(),
        func_input_locs=Shape(),
        func_var_locs=Shape(),
    )

    def places(self, p: Mapping[str, Any]) -> list[tuple[int, ...]]:
        """As the parameters say."""
        return [p["cond_input_locs"], p["func_input_locs"]]

    def state_inputs(self, p: Mapping[str, Any]) -> list[int]:
        """The node's input behind each loop variable."""
        return [p["func_input_locs"][place] for place in p["func_var_locs"]]

    def faults(self, p: Mapping[str, Any], inputs: int) -> list[str]:
        """Besides places: as many loop variables come out as go in, the condition is one."""
        found = super().faults(p, inputs)
        states = p["func_var_locs"]
        if any(place is None or not 0 <= place < len(p["func_input_locs"]) for place in states):
            found.append("a loop variable is no input of the body")
        if p["num_outputs"] - p["num_out_data"] != len(states):
            found.append("the numbers of outputs and loop variables differ")
        if p["num_outputs"] != len(self.bodies[1].outputs):
            found.append("the number of outputs does not fit the body")
        if len(self.bodies[0].outputs) != 1:
            found.append("the condition must have one output")
        return found

    def _inferred(self, p: Mapping[str, Any], ins: list[Type]) -> Pair:
        condition, body = self.bodies
        variables = body.variables
        given = {variables[i]: ins[place] for i, place in enumerate(p["func_input_locs"])}
        states = [variables[i] for i in p["func_var_locs"]]
        types = _through_loop(body, given, p["num_out_data"], states)
        found = list(ins)
        for i, place in enumerate(p["func_input_locs"]):
            found[place] = types[Entry(variables[i])]
        _learn(condition, p["cond_input_locs"], found)
        outs = [types[entry] for entry in body.outputs]
        count = p["num_out_data"]
        stacked = [_rows(p["max_iterations"], type_) for type_ in outs[:count]]
        return found, [*stacked, *outs[count:]]


class Cond(Control):
    """One of two graphs, as the predicate says."""

    name = "_cond"
    titles = ("predicate", "then", "else")
    params = _named(
        num_args=Int(min=3),
        num_outputs=Int(min=1),
        cond_input_locs=Shape(),
        then_input_locs=Shape(),
        else_input_locs=Shape(),
    )

    def places(self, p: Mapping[str, Any]) -> list[tuple[int, ...]]:
        """As the parameters say."""
        return [p["cond_input_locs"], p["then_input_locs"], p["else_input_locs"]]

    def faults(self, p: Mapping[str, Any], inputs: int) -> list[str]:
        """Besides places: both branches give what the node gives, the predicate is one."""
        found = super().faults(p, inputs)
        if any(len(body.outputs) != p["num_outputs"] for body in self.bodies[1:]):
            found.append("the number of outputs does not fit the branches")
        if len(self.bodies[0].outputs) != 1:
            found.append("the predicate must have one output")
        return found

    def _inferred(self, p: Mapping[str, Any], ins: list[Type]) -> Pair:
        found = list(ins)
        predicate, one, other = self.bodies
        _learn(predicate, p["cond_input_locs"], found)
        outs = [Type()] * p["num_outputs"]
        for body, places in ((one, "then_input_locs"), (other, "else_input_locs")):
            outs = _learn(body, p[places], found, outs)
        _learn(one, p["then_input_locs"], found, outs)
        return found, outs


def _learn(
    body: Graph, places: Sequence[int], found: list[Type], outputs: Sequence[Type] = ()
) -> list[Type]:
    """Infer in a graph, note in *found* what its variables turn out to be; its outputs' types."""
    given = {node: found[place] for node, place in zip(body.variables, places, strict=True)}
    types = infer(body, given, outputs=outputs)
    for node, place in zip(body.variables, places, strict=True):
        found[place] = types[Entry(node)]
    return [types[entry] for entry in body.outputs]


#: the name in files → the class
CONTROL: dict[str, type[Control]] = {kind.name: kind for kind in (Foreach, WhileLoop, Cond)}
