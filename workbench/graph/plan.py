"""What runs: a list of bound kernels for the forward, another for the backward.

A :class:`Plan` is made once for given types, device and mode. It chooses the kernel of every
node from the device's table, binds parameters, and gives every value a slot in one list, the
*environment*. A step is ``environment[out] = kernel(*pick(environment))``: no lookup by name, no
Python work per node beyond the call.

Plans are re-entrant: each forward checks a set of buffers out, which comes back when what the
forward saved for its backward is dropped. Outputs are always new memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import itemgetter
from time import perf_counter
from typing import Any, NamedTuple

from ..context import Context
from ..dtypes import as_dtype
from ..engine import events, timing
from ..error import MXNetError, OperatorError, message
from .bind import Binder
from .gradient import append_gradient
from .ir import Entry, Graph, Node, Types, rebuild
from .memory import FOREVER, Buffers, last_uses, plan_buffers, roots_of_memory
from .passes import run_passes

__all__ = ["Plan", "Saved", "Step", "make_plan"]

#: sets of buffers that a plan keeps while nobody uses them
IDLE_SETS = 4
#: runs that say how long a plan takes; later ones are not timed
TIMED_RUNS = 32
#: mean µs per step from which on a watched plan records its steps: then they cost 2 % at most
STEPS_FROM = 100.0


class Step(NamedTuple):
    """One call: ``environment[out] = kernel(*pick(environment))``."""

    kernel: Callable[..., Any]
    pick: Callable[[list[Any]], Any]
    out: Any  # a slot, or a slice of slots for several outputs


class Saved:
    """What a forward keeps for its backward: the environment and its set of buffers.

    When nobody holds it any more, the buffers go back to the plan.
    """

    __slots__ = ("buffers", "environment", "plan")

    def __init__(self, plan: Plan, environment: list[Any], buffers: list[Any]) -> None:
        self.plan, self.environment, self.buffers = plan, environment, buffers

    def __del__(self) -> None:
        self.plan._give_back(self.buffers)


def make_plan(
    graph: Graph,
    types: Types,
    ctx: Context,
    *,
    train: bool = False,
    wanted: Sequence[Node] = (),
    passes: str | Sequence[str] | None = None,
    heads: int | None = None,
    places: Sequence[int] = (),
    name: str = "graph",
    watch: bool = False,
) -> Plan:
    """A plan for a graph whose types are all known.

    Parameters
    ----------
    graph : Graph
    types : dict of Entry to Type
    ctx : Context
        Activated: it has a backend and a kernel table.
    train : bool
        The mode that operators with two behaviours run in.
    wanted : sequence of variables
        Those whose gradients ``plan.backward`` gives; none: forward only.
    passes : str or sequence of str, optional
        Which passes run; see :func:`workbench.graph.passes.enabled`.
    heads : int, optional
        Only the first *heads* outputs get a gradient in ``plan.backward``.
    places : sequence of int
        The numbers of the wanted variables, for who calls the plan by number.
    name : str
        What its runs are called in a timeline.
    watch : bool
        ``plan.backward`` also gives the gradients of every node's inputs, after those that are
        wanted; ``plan.watched`` has their names.
    """
    variables = graph.variables
    types = dict(types)
    graph = _settled(graph, types)
    made: list[Node] = []
    gradients: list[bool] = []
    watched: list[str] = []
    if wanted:
        graph, types, made, found, watched = append_gradient(
            graph, types, wanted, train=train, heads=heads, watch=watch
        )
        gradients = [entry is not None for entry in found] + [True] * len(watched)
    graph, types = run_passes(graph, types, passes, train)
    plan = Plan(graph, types, ctx, variables, made, gradients, train, name)
    plan.places, plan.watched = tuple(places), watched
    return plan


def _settled(graph: Graph, types: Types) -> Graph:
    """Constants whose shape was left open, ``zeros((0, 16))``, with the shape that was inferred."""
    replace = {}
    for node in graph.nodes:
        entry = Entry(node)
        open_params = {} if node.is_variable or node.inputs else _open(node, types[entry].shape)
        if not open_params:
            continue
        params = {**node.params, **open_params}
        made = Node(node.op, node.name, params, node.attrs, (), node.where)
        made.attrs.update({name: str(value) for name, value in open_params.items()})
        types[Entry(made)] = types[entry]
        replace[entry] = Entry(made)
    return rebuild(graph, replace, types) if replace else graph


def _open(node: Node, shape: Any) -> dict[str, Any]:
    """The parameters that say the shape of a constant which did not say it itself."""
    p = node.params
    if p.get("infer_range") and p["stop"] is None:
        return {"start": p["start"], "stop": p["start"] + p["step"] * (shape[0] // p["repeat"])}
    given = p.get("shape")
    return {"shape": shape} if given and any(n <= 0 for n in given) else {}


class Plan:
    """A compiled graph: raw arrays in, raw arrays out.

    Attributes: ``graph`` and ``types`` after all passes, ``ctx``, ``train``, ``variables`` (the
    inputs in the order in which ``forward`` takes them), ``steps_forward``, ``steps_backward``.
    """

    #: names of what backward gives beside the gradients that are wanted
    watched: Sequence[str] = ()

    def __init__(
        self,
        graph: Graph,
        types: Types,
        ctx: Context,
        variables: Sequence[Node],
        heads: Sequence[Node],
        gradients: Sequence[bool],
        train: bool,
        name: str = "graph",
    ) -> None:
        self.graph, self.types, self.ctx, self.train = graph, types, ctx, train
        self.name = name
        self.variables, self.heads, self.gradients = list(variables), list(heads), list(gradients)
        layout = _Layout(graph, types, ctx, train, [*variables, *heads])
        self.steps_forward = layout.steps_forward
        self.steps_backward = layout.steps_backward
        self.nodes_of_steps = layout.nodes_of_steps
        self._template = layout.template
        self._buffer_slots = list(layout.buffer_slots.items())
        self._buffer_types = layout.buffers.types
        self._outputs = [layout.output(e) for e in graph.outputs[: graph.forward]]
        found = iter([layout.output(e) for e in graph.outputs[graph.forward :]])
        self._grads = [next(found) if there else (None, False) for there in gradients]
        self._args = slice(0, len(self.variables))
        self._heads = slice(len(self.variables), len(self.variables) + len(self.heads))
        self.places: tuple[int, ...] = ()
        self._host = ctx.device_type.startswith("cpu")
        self._idle: list[list[Any]] = []
        self._timed: dict[str, list[Step]] = {}
        self._nodes_of_timed: list[tuple[Step, Node]] = []
        #: whether it draws random numbers
        self.draws = any(not n.is_variable and "rng" in n.op.uses for n in graph.nodes)
        #: whether it exchanges numbers with other devices
        self.meets = any(
            not n.is_variable and n.op.meets({**n.params, "train": train}) for n in graph.nodes
        )
        #: about how long a forward takes, in µs; from the runs so far
        self.estimate = 0.0
        #: how often it ran forward
        self.runs = 0

    def __repr__(self) -> str:
        return (
            f"<Plan of {len(self.steps_forward)} + {len(self.steps_backward)} steps, "
            f"{len(self._buffer_types)} buffers, {self.ctx}>"
        )

    # ---- running ------------------------------------------------------------------------

    def forward(self, args: Sequence[Any]) -> tuple[list[Any], Saved | None]:
        """Raw outputs, and what :meth:`backward` needs (None for a plan without gradients)."""
        environment = self._template.copy()
        environment[self._args] = args
        buffers = self._check_out(environment) if self._buffer_types else []
        if self.runs < TIMED_RUNS or events.on:
            start = perf_counter()
            self._on_device(self.steps_forward, environment, "forward")
            took = (perf_counter() - start) * 1e6
            if self.runs:  # the first one also loads kernels
                self.estimate = took if not self.estimate else min(took, self.estimate)
        else:
            self._on_device(self.steps_forward, environment, "forward")
        self.runs += 1
        outputs = [
            environment[slot].copy() if copy else environment[slot] for slot, copy in self._outputs
        ]
        if self.heads:
            return outputs, Saved(self, environment, buffers)
        self._give_back(buffers)
        return outputs, None

    def backward(self, saved: Saved, out_grads: Sequence[Any]) -> list[Any]:
        """Raw gradients of the wanted variables, None for one that is zero everywhere.

        *saved* is not used up: a second backward gives the same.
        """
        environment = saved.environment.copy()
        environment[self._heads] = out_grads
        self._on_device(self.steps_backward, environment, "backward")
        return [
            None if slot is None else environment[slot].copy() if copy else environment[slot]
            for slot, copy in self._grads
        ]

    def _on_device(self, steps: list[Step], environment: list[Any], what: str) -> None:
        if self._host and not events.on:
            self._run(steps, environment)
            return
        with self.ctx.backend.device(self.ctx.device_id):
            if events.on:
                self._run_watched(steps, environment, what)
            else:
                self._run(steps, environment)

    def _run(self, steps: list[Step], environment: list[Any]) -> None:
        kernel: Any = None
        out: Any = None
        try:
            for kernel, pick, out in steps:
                environment[out] = kernel(*pick(environment))
        except MXNetError:
            raise
        except Exception as error:
            raise self._explained(kernel, out, environment, error) from error

    def _run_watched(self, steps: list[Step], environment: list[Any], what: str) -> None:
        """Run with one event, or with one for each step where they take long enough."""
        if events.detail or self.estimate >= STEPS_FROM * len(self.steps_forward):
            if what not in self._timed:
                self._timed[what] = self._timed_steps(steps)
            self._run(self._timed[what], environment)
        else:
            row, name = str(self.ctx), f"{self.name} {what}"
            timing.run_whole(self._run, steps, environment, row, name)

    def _timed_steps(self, steps: list[Step]) -> list[Step]:
        ops = {node.name: node.op.name for _, node in self.nodes_of_steps}
        found, row = [], str(self.ctx)
        for step, node in self.nodes_of_steps:
            if any(step is one for one in steps):
                kernel = timing.timed_kernel(row, _event_name(node, ops), step.kernel)
                found.append(step._replace(kernel=kernel))
                self._nodes_of_timed.append((found[-1], node))
        return found

    def _explained(
        self, kernel: Any, out: Any, environment: list[Any], error: Exception
    ) -> OperatorError:
        for step, node in (*self.nodes_of_steps, *self._nodes_of_timed):
            if step.kernel is kernel and step.out is out:
                arrays = [x for x in step.pick(environment) if hasattr(x, "shape")]
                inputs = ", ".join(f"{a.dtype}{list(a.shape)}" for a in arrays)
                return OperatorError(
                    message(
                        f"{node.op.name} (node {node.name}) failed: {error}",
                        where=[inputs, node.where.line],
                    )
                )
        return OperatorError(message(f"a plan failed: {error}"))

    @property
    def buffer_bytes(self) -> int:
        """How much memory one set of buffers takes."""
        sizes = (math.prod(t.shape or ()) for t in self._buffer_types)
        items = (as_dtype(t.dtype).itemsize for t in self._buffer_types)
        return sum(n * size for n, size in zip(sizes, items, strict=True))

    def measure(self, rounds: int = 5) -> dict[Node, float]:
        """The least µs of each node over some runs on made-up arrays.

        Nothing for a plan that draws random numbers: the next draws of the program would change.
        """
        if self.draws:
            return {}
        full, types = self.ctx.backend.xp.full, self.types
        inputs = [types[Entry(node)] for node in self.variables]
        heads = [types[entry] for entry in self.graph.outputs[: len(self.heads)]]
        least: dict[Node, float] = {}
        for _ in range(rounds):
            environment = self._template.copy()
            # new each time: a state may be written
            given = [full(one.shape, 0.5, one.dtype) for one in (*inputs, *heads)]
            environment[: len(given)] = given
            buffers = self._check_out(environment)
            for step, node in self.nodes_of_steps:
                arrays = step.pick(environment)
                start = perf_counter()
                environment[step.out] = step.kernel(*arrays)
                took = (perf_counter() - start) * 1e6
                least[node] = min(took, least.get(node, took))
            self._give_back(buffers)
        return least

    # ---- buffers ------------------------------------------------------------------------

    def _check_out(self, environment: list[Any]) -> list[Any]:
        if not self._buffer_types:
            return []
        try:  # one operation each way, so that threads and finalizers need no lock
            buffers = self._idle.pop()
        except IndexError:
            empty = self.ctx.backend.xp.empty
            buffers = [empty(t.shape, t.dtype) for t in self._buffer_types]
        for number, slot in self._buffer_slots:
            environment[slot] = buffers[number]
        return buffers

    def _give_back(self, buffers: list[Any]) -> None:
        if buffers and len(self._idle) < IDLE_SETS:
            self._idle.append(buffers)


def _event_name(node: Node, ops: dict[str, str]) -> str:
    """The operator's name; in a backward ``_backward_`` and that of the operator it belongs to."""
    origin, backward, _ = node.name.partition("_backward_")
    return f"_backward_{ops.get(origin, node.op.name)}" if backward else node.op.name


class _Layout:
    """Slots, buffers and steps of a plan."""

    def __init__(
        self, graph: Graph, types: Types, ctx: Context, train: bool, given: Sequence[Node]
    ) -> None:
        self.graph, self.types = graph, types
        self.binder = Binder(types, ctx, train)
        self.memory = roots_of_memory(graph)
        self.last = last_uses(graph)
        self.template: list[Any] = [None] * len(given)
        self.slots: dict[Entry, int] = {Entry(node): i for i, node in enumerate(given)}
        self.free_slots: list[int] = []
        self.buffers: Buffers = plan_buffers(graph, types, self._into_buffers())
        self.buffer_slots: dict[int, int] = {}
        self.backward = graph.backward_nodes()
        self.ending: dict[int, list[int]] = {}
        self.constants: set[Entry] = set()
        self.steps_forward: list[Step] = []
        self.steps_backward: list[Step] = []
        self.nodes_of_steps: list[tuple[Step, Node]] = []
        self._lay_out()

    def _into_buffers(self) -> list[Entry]:
        """The values whose kernels take an array to write into."""
        return [
            entry
            for node in self.graph.nodes
            if "__inplace__" not in node.attrs and self.binder.takes_out(node)
            for entry in node.outputs
        ]

    def _lay_out(self) -> None:
        for position, node in enumerate(self.graph.nodes):
            if node.is_variable:
                continue
            if self.binder.is_constant(node):
                self._constant(node)
                continue
            pick = _picker(self._arguments(node))
            step = Step(self._kernel(node), pick, self._result(node, position))
            steps = self.steps_backward if node in self.backward else self.steps_forward
            steps.append(step)
            self.nodes_of_steps.append((step, node))
            self.free_slots += self.ending.pop(position, ())

    def _new_slot(self, value: Any = None) -> int:
        self.template.append(value)
        return len(self.template) - 1

    def _constant(self, node: Node) -> None:
        """What has no inputs and is the same every time is computed now, once."""
        self.slots[Entry(node)] = self._new_slot(self.binder.kernel(node)())
        self.constants.add(Entry(node))

    def _arguments(self, node: Node) -> list[int]:
        """The slots of a kernel's arguments: inputs by position, then the array to write into."""
        slots = [self.slots[entry] for entry in node.inputs]
        if not node.op.variadic:
            places = [node.op.inputs.index(name) for name in node.input_names()]
            if places != list(range(len(places))):  # a missing one in the middle is None
                none, there = self._new_slot(), dict(zip(places, slots, strict=True))
                slots = [there.get(i, none) for i in range(places[-1] + 1)]
        if self._in_place(node):
            slots.append(self.slots[node.inputs[int(node.attrs["__inplace__"])]])
        elif self._into_buffer(node):
            of = self.buffers.of
            slots += [
                self._slot_of_buffer(of[entry]) if entry in of else self._new_slot()
                for entry in node.outputs
            ]
        return slots

    def _into_buffer(self, node: Node) -> bool:
        return any(entry in self.buffers.of for entry in node.outputs)

    def _in_place(self, node: Node) -> bool:
        """The pass chose it, and this device's kernel can do it."""
        return "__inplace__" in node.attrs and self.binder.takes_out(node)

    def _kernel(self, node: Node) -> Callable[..., Any]:
        into = self._in_place(node) or self._into_buffer(node)
        return self.binder.kernel(node, into)

    def _slot_of_buffer(self, number: int) -> int:
        if number not in self.buffer_slots:
            self.buffer_slots[number] = self._new_slot()
        return self.buffer_slots[number]

    def _result(self, node: Node, position: int) -> int | slice:
        """A slot for the result.

        The slot of a value that has no further use serves again, which drops the reference to
        that value; but what the forward made for the backward is kept for a second backward.
        """
        outputs = node.outputs
        if node.op.has_outputs:
            first = len(self.template)
            self.slots.update((entry, self._new_slot()) for entry in outputs)
            return slice(first, first + len(outputs))
        slot = self.free_slots.pop() if self.free_slots else self._new_slot()
        self.slots[outputs[0]] = slot
        last = self.last[outputs[0]]
        if last != FOREVER:
            reader = self.graph.nodes[last]
            if (reader in self.backward) == (node in self.backward):
                self.ending.setdefault(last, []).append(slot)
        return slot

    def output(self, entry: Entry) -> tuple[int, bool]:
        """The slot of an output, and whether it must be copied to be new memory."""
        roots = self.memory[entry]
        foreign = any(root.node.is_variable or root in self.constants for root in roots)
        shared = sum(1 for other in self.graph.outputs if self.memory[other] & roots) > 1
        return self.slots[entry], foreign or shared


def _picker(slots: Sequence[int]) -> Callable[[list[Any]], Any]:
    """A function that takes these slots out of an environment as a sequence."""
    if not slots:
        return itemgetter(slice(0, 0))
    if len(slots) == 1:
        return itemgetter(slice(slots[0], slots[0] + 1))
    return itemgetter(*slots)
