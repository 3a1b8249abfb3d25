"""What runs for a node of control flow: plans of its graphs, and Python between their calls.

A forward that was told which gradients are wanted keeps what each call of a graph saved; the
backward goes through them from the last to the first. Nothing is computed twice, so that a
dropout in a body has one mask, and a backward may run twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..error import ShapeError, message
from .control import Cond, Control, Foreach, WhileLoop, row
from .infer import infer
from .ir import Graph, Node, Type, Types
from .plan import Plan, make_plan

__all__ = ["forward_of"]

Arrays = Sequence[Any]


class Part:
    """A graph of a node with its plan, and which gradients that gives."""

    def __init__(
        self, body: Graph, given: Sequence[Type], wanted: Sequence[int], ctx: Any, train: bool
    ) -> None:
        variables = body.variables
        self.wanted = list(wanted)
        self.types = infer(body, dict(zip(variables, given, strict=True)))
        self.outputs = [self.types[entry] for entry in body.outputs]
        self.plan: Plan = make_plan(
            body,
            self.types,
            ctx,
            train=train,
            wanted=[variables[i] for i in self.wanted],
            name=body.outputs[0].node.name,
        )

    def forward(self, arrays: Arrays) -> tuple[list[Any], Any]:
        """The outputs, and what :meth:`backward` needs."""
        return self.plan.forward(arrays)

    def backward(self, saved: Any, heads: Arrays) -> dict[int, Any]:
        """The gradient of each wanted variable that has one, by its number."""
        if saved is None:
            return {}
        found = zip(self.wanted, self.plan.backward(saved, heads), strict=True)
        return {number: g for number, g in found if g is not None}


def needed(body: Graph, wanted: Sequence[int], states: Sequence[int], outputs: int) -> list[int]:
    """The variables that need a gradient: the wanted, and states through which they are reached.

    State *k* comes out as output ``outputs + k`` and goes in again as variable ``states[k]``.
    """
    found = set(wanted)
    while True:
        leads = {body.variables[i] for i in found}
        for node in body.nodes:
            if any(entry.node in leads for entry in node.inputs):
                leads.add(node)
        more = {
            place
            for place, entry in zip(states, body.outputs[outputs:], strict=True)
            if entry.node in leads
        }
        if more <= found:
            return sorted(found)
        found |= more


class _Run:
    """Base of the forward kernels: shared by all calls of a plan, so it keeps nothing of one."""

    def __init__(self, op: Any, node: Node, types: Types, ctx: Any, train: bool) -> None:
        self.op, self.p, self.ctx, self.train = op, node.params, ctx, train
        self.ins = [types[entry] for entry in node.inputs]
        self.wanted: tuple[int, ...] = op.wanted or ()
        self.prepare()

    def prepare(self) -> None:
        """Make the plans."""

    def result(self, outputs: Arrays, kept: Any) -> tuple[Any, ...]:
        return (*outputs, kept) if self.op.wanted is not None else tuple(outputs)

    def zeros(self, type_: Type) -> Any:
        return self.ctx.backend.xp.zeros(type_.shape, type_.dtype)

    def truth(self, raw: Any, what: str) -> bool:
        """The value of a condition, which is one number."""
        if raw.size != 1:
            raise ShapeError(
                message(
                    f"{self.op.name}: the {what} must be a scalar, its shape is {raw.shape}",
                    fix="Reduce it to one number, with sum() or max().",
                )
            )
        return bool(self.ctx.backend.to_host(raw).reshape(-1)[0])

    def given_back(self, found: dict[int, Any]) -> list[Any]:
        """The gradients of the wanted inputs; zeros where nothing came."""
        return [
            self.zeros(self.ins[place]) if found.get(place) is None else found[place]
            for place in self.wanted
        ]


class _Kept:
    """What one forward leaves for its backwards."""

    def __init__(self, run: Any, saved: Any) -> None:
        self.run, self.saved = run, saved

    def backward(self, heads: Arrays) -> list[Any]:
        return list(self.run.backward(self.saved, heads))


class _Sum:
    """Gradients that meet, by number; what is added to is memory of its own."""

    def __init__(self) -> None:
        self.found: dict[int, Any] = {}
        self.own: set[int] = set()

    def add(self, number: int, g: Any) -> None:
        held = self.found.get(number)
        if held is None:
            self.found[number] = g
        elif number in self.own:
            held += g
        else:
            self.found[number] = held + g
            self.own.add(number)


class ForeachRun(_Run):
    """``_foreach``."""

    def prepare(self) -> None:
        p, op, (body,) = self.p, self.op, self.op.bodies
        self.order = op.order(p)
        self.data, self.states = len(p["in_data_locs"]), len(p["in_state_locs"])
        self.outputs = p["num_out_data"]
        given: list[Type] = [Type()] * len(self.order)
        for number, place in enumerate(self.order):
            one = self.ins[number]
            given[place] = row(one) if number < self.data else one
        wanted = [self.order[place] for place in self.wanted]
        need = needed(body, wanted, p["in_state_locs"], self.outputs) if wanted else []
        self.part = Part(body, given, need, self.ctx, self.train)

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        p, xp = self.p, self.ctx.backend.xp
        data, length = self._rows_of(arrays), arrays[0].shape[0]
        stacked = [
            xp.empty((length, *(t.shape or ())), t.dtype) for t in self.part.outputs[: self.outputs]
        ]
        states = list(arrays[self.data : self.data + self.states])
        inputs: list[Any] = [None] * len(self.order)
        for number in range(self.data + self.states, len(arrays)):
            inputs[self.order[number]] = arrays[number]
        saved = []
        for i in range(length):
            for place, rows in zip(p["in_data_locs"], data, strict=True):
                inputs[place] = rows[i]
            for place, state in zip(p["in_state_locs"], states, strict=True):
                inputs[place] = state
            results, one = self.part.forward(inputs)
            saved.append(one)
            for buffer, result in zip(stacked, results, strict=False):
                buffer[i] = result
            states = results[self.outputs :]
        if not length:
            states = [state.copy() for state in states]
        return self.result([*stacked, *states], _Kept(self, saved))

    def _rows_of(self, arrays: Arrays) -> list[Any]:
        """The data, so that an index gives one slice of at least one axis."""
        data = arrays[: self.data]
        return [one if len(one.shape) > 1 else one.reshape(-1, 1) for one in data]

    def backward(self, saved: Any, heads: Arrays) -> list[Any]:
        """The rounds from the last to the first."""
        p, total, body_outputs = self.p, _Sum(), self.part.outputs
        states = list(heads[self.outputs :])
        rows = {self.order[n]: self.zeros(self.ins[n]) for n in self.wanted if n < self.data}
        others = set(self.order[self.data + self.states :])
        for i in reversed(range(len(saved))):
            outs = [head[i] for head in heads[: self.outputs]]
            found = self.part.backward(saved[i], [*outs, *states])
            for place, buffer in rows.items():
                if place in found:
                    buffer[i] = found[place].reshape(buffer.shape[1:])
            for place in others & found.keys():
                total.add(place, found[place])
            states = [
                found[place] if place in found else self.zeros(type_)
                for place, type_ in zip(
                    p["in_state_locs"], body_outputs[self.outputs :], strict=True
                )
            ]
        total.found.update(rows)
        total.found.update(zip(p["in_state_locs"], states, strict=True))
        return self.given_back({n: total.found.get(self.order[n]) for n in self.wanted})


class WhileRun(_Run):
    """``_while_loop``."""

    def prepare(self) -> None:
        p, (condition, body) = self.p, self.op.bodies
        self.outputs = p["num_out_data"]
        self.state_inputs = self.op.state_inputs(p)
        self.test = Part(
            condition, [self.ins[i] for i in p["cond_input_locs"]], (), self.ctx, self.train
        )
        inputs = p["func_input_locs"]
        wanted = [i for i, place in enumerate(inputs) if place in self.wanted]
        need = needed(body, wanted, p["func_var_locs"], self.outputs) if wanted else []
        self.part = Part(body, [self.ins[i] for i in inputs], need, self.ctx, self.train)

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        p, values, saved = self.p, list(arrays), []
        stacked = [
            self.zeros(Type((p["max_iterations"], *(t.shape or ())), t.dtype))
            for t in self.part.outputs[: self.outputs]
        ]
        for i in range(p["max_iterations"]):
            answer, _ = self.test.forward([values[place] for place in p["cond_input_locs"]])
            if not self.truth(answer[0], "condition"):
                break
            results, one = self.part.forward([values[place] for place in p["func_input_locs"]])
            saved.append(one)
            for buffer, result in zip(stacked, results, strict=False):
                buffer[i] = result
            for place, state in zip(self.state_inputs, results[self.outputs :], strict=True):
                values[place] = state
        states = [values[place] for place in self.state_inputs]
        if not saved:
            states = [state.copy() for state in states]
        return self.result([*stacked, *states], _Kept(self, saved))

    def backward(self, saved: Any, heads: Arrays) -> list[Any]:
        """The rounds from the last to the first."""
        p, total = self.p, _Sum()
        states, inputs = list(heads[self.outputs :]), p["func_input_locs"]
        for i in reversed(range(len(saved))):
            outs = [head[i] for head in heads[: self.outputs]]
            found = self.part.backward(saved[i], [*outs, *states])
            states = [
                found.pop(place) if place in found else self.zeros(type_)
                for place, type_ in zip(
                    p["func_var_locs"], self.part.outputs[self.outputs :], strict=True
                )
            ]
            for number, g in found.items():
                total.add(inputs[number], g)
        for place, g in zip(self.state_inputs, states, strict=True):
            total.add(place, g)
        return self.given_back(total.found)


class CondRun(_Run):
    """``_cond``."""

    def prepare(self) -> None:
        p, (predicate, *branches) = self.p, self.op.bodies
        self.test = Part(
            predicate, [self.ins[i] for i in p["cond_input_locs"]], (), self.ctx, self.train
        )
        self.places = [p["then_input_locs"], p["else_input_locs"]]
        self.parts = [
            Part(
                body,
                [self.ins[i] for i in places],
                [i for i, place in enumerate(places) if place in self.wanted],
                self.ctx,
                self.train,
            )
            for body, places in zip(branches, self.places, strict=True)
        ]

    def __call__(self, *arrays: Any) -> tuple[Any, ...]:
        answer, _ = self.test.forward([arrays[place] for place in self.p["cond_input_locs"]])
        taken = 0 if self.truth(answer[0], "predicate") else 1
        results, saved = self.parts[taken].forward([arrays[i] for i in self.places[taken]])
        return self.result(results, _Kept(self, (taken, saved)))

    def backward(self, saved: Any, heads: Arrays) -> list[Any]:
        """The branch that was taken."""
        taken, one = saved
        total = _Sum()
        for number, g in self.parts[taken].backward(one, heads).items():
            total.add(self.places[taken][number], g)
        return self.given_back(total.found)


_RUNS: dict[type[Control], Callable[..., Any]] = {
    Foreach: ForeachRun,
    WhileLoop: WhileRun,
    Cond: CondRun,
}


def forward_of(op: Control) -> Callable[..., Any]:
    """The class whose instances run the operator."""
    return _RUNS[type(op)]
