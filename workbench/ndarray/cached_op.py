"""A graph called on arrays: plans kept by what they were made for, one tape node per call."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from .. import engine, meeting
from ..context import current_context
from ..engine.queues import INLINE_BELOW
from ..error import ContextError, MXNetError, message, user_line
from ..graph.control import Control
from ..graph.infer import infer
from ..graph.ir import Entry, Graph, Node, Type
from ..graph.plan import Plan, Saved, make_plan
from ..graph.storage import is_dense, tables_of
from . import control_flow, queued, tape
from .core import NDArray, wrap
from .custom import CustomOperator
from .invoke import invoke
from .sparse_array import any_sparse
from .storage import wants_rows

__all__ = ["CachedOp"]


class CachedOp:
    """A callable that runs a graph on NDArrays.

    Plans are kept by shapes, dtypes, device, training mode, recording and which inputs want a
    gradient. Outputs are new arrays each time; calls from several threads, and a second call
    before the first one's backward, do not disturb each other. A graph in which a shape depends on
    values has no plan: its operators run one after the other.

    Parameters
    ----------
    graph : Graph or Symbol
    flags : sequence of (str, value) pairs
        MXNet's flags; ``static_alloc`` and the like are accepted and not needed.
    passes : str or sequence of str, optional
        Which passes run; see :func:`workbench.graph.passes.enabled`.
    name : str, optional
        What its runs are called in a timeline: the block's name.
    """

    def __init__(
        self, graph: Any, flags: Any = (), passes: Any = None, name: str | None = None
    ) -> None:
        self.graph: Graph = graph if isinstance(graph, Graph) else graph._graph
        self.flags = dict(flags)
        self.passes = passes
        self.variables = self.graph.variables
        self.names = [node.name for node in self.variables]
        auxiliary = set(self.graph.auxiliary)
        self._is_state = [node in auxiliary for node in self.variables]
        self._by_rows = [self.variables.index(node) for node in tables_of(self.graph)]
        self._is_dense = is_dense(self.graph, {})
        self._plans: dict[Any, Plan] = {}
        self._lock = threading.Lock()
        self.hits = self.misses = 0
        self._is_dynamic = self.graph.is_dynamic
        self._goes_round = self._is_dynamic or not self._is_dense or bool(self._by_rows)
        first = self.graph.outputs[0].node.name if self.graph.outputs else "graph"
        self.name = name or first

    def __repr__(self) -> str:
        return f"<CachedOp of {len(self.graph)} nodes, {len(self._plans)} plans>"

    def __call__(self, *args: NDArray, out: Any = None) -> Any:
        """Run on one array per variable, in the order of :attr:`names`.

        Returns one NDArray, or a list for several outputs.
        """
        if len(args) != len(self.variables):
            raise MXNetError(
                message(
                    f"CachedOp: {len(args)} arrays for {len(self.variables)} inputs",
                    where=[", ".join(self.names), user_line()],
                )
            )
        if not self._goes_round:
            plan = self._kept_plan(args)
            if plan is not None:
                return self._given(self._run(args, plan), out)
        ctx = self._context(args)
        if self._is_dynamic or self._needs_parts(args):
            values = replay(self.graph, args)
            return self._given([values[entry] for entry in self.graph.outputs], out)
        plan = self._plan(args, ctx, self._wanted(args))
        if queued.must_push(plan.meets) or queued.goes_to_queue(ctx, args, (), plan.estimate):
            outputs = self._push(args, plan, ctx)
        else:
            outputs = self._run(args, plan)
        return self._given(outputs, out)

    def _kept_plan(self, args: Sequence[NDArray]) -> Plan | None:
        """The plan of this call where it has one and is to be run at once: one look at each input.

        None sends the call the long way, which says the same of every call.
        """
        if engine.busy or not args:
            return None
        recording, ctx = tape.local.recording, args[0]._ctx
        key: list[Any] = [tape.local.training]
        for one, is_state in zip(args, self._is_state):  # noqa: B905 (compared by the caller)
            if one.__class__ is not NDArray or one._ctx is not ctx:
                return None
            raw = one._data
            key.append(raw.shape)
            key.append(raw.dtype)
            if recording and not is_state:
                node = one._node
                key.append(node is not None and not _is_null(node))
        plan = self._plans.get((ctx, *key))
        if plan is None or plan.meets or plan.estimate >= INLINE_BELOW:
            return None
        if ctx is not current_context():
            return None
        self.hits += 1
        return plan

    def _needs_parts(self, args: Sequence[NDArray]) -> bool:
        """Whether a plan cannot serve, whose buffers are dense: for sparse arrays, and for tables
        whose gradient goes into a row_sparse buffer."""
        if not self._is_dense or any_sparse(args):
            return True
        rows = self._by_rows
        return tape.local.recording and any([wants_rows(args[i]._node) for i in rows])

    def _run(self, args: Sequence[NDArray], plan: Plan) -> list[NDArray]:
        """Run a plan in the calling thread."""
        ctx = plan.ctx
        for one in args:
            if one._var is not None:
                one.wait_to_read()
        if plan.draws:
            queued.rng_of(ctx)
        raws, saved = plan.forward([one._data for one in args])
        outputs = [wrap(raw, ctx) for raw in raws]
        if saved is not None:
            self._record(args, plan, [saved], outputs)
        return outputs

    def _push(self, args: Sequence[NDArray], plan: Plan, ctx: Any) -> list[NDArray]:
        """Push a plan as one task of its device."""
        empty = ctx.backend.xp.empty
        types = [plan.types[e] for e in plan.graph.outputs[: plan.graph.forward]]
        outputs = [wrap(empty(t.shape, t.dtype), ctx) for t in types]
        raws = [one._data for one in args]
        buffers = [one._data for one in outputs]
        kept: list[Saved] = []

        def run() -> None:
            with meeting.scope():
                made, saved = plan.forward(raws)
            for buffer, raw in zip(buffers, made, strict=True):
                buffer[...] = raw
            if saved is not None:
                kept.append(saved)

        name = f"{self.name} forward"
        draws = [queued.rng_var(ctx)] if plan.draws else ()
        queued.push(
            run, args, outputs, ctx, name, more_writes=draws, nbytes=sum(b.nbytes for b in buffers)
        )
        if plan.heads:
            node = self._record(args, plan, kept, outputs)
            states = [queued.var_of(a) for a, aux in zip(args, self._is_state, strict=True) if aux]
            node.append(([queued.var_of(a) for a in (*args, *outputs)], states))
        return outputs

    def _context(self, args: Sequence[NDArray]) -> Any:
        ctx = args[0]._ctx if args else None
        for name, one in zip(self.names, args, strict=True):
            if one._ctx is not ctx:
                raise ContextError(
                    message(
                        f"CachedOp: inputs on two devices, {self.names[0]} on {ctx}, "
                        f"{name} on {one._ctx}",
                        where=[user_line()],
                        fix="Move all inputs and parameters to one context.",
                    )
                )
        return ctx

    def _wanted(self, args: Sequence[NDArray]) -> tuple[int, ...]:
        """The numbers of the inputs whose gradient somebody wants."""
        if not tape.local.recording:
            return ()
        return tuple(
            i
            for i, one in enumerate(args)
            if one._node is not None and not self._is_state[i] and not _is_null(one._node)
        )

    def _plan(self, args: Any, ctx: Any, wanted: tuple[int, ...]) -> Plan:
        recording, train = tape.local.recording, tape.local.training
        key: list[Any] = [ctx, train]
        for i, one in enumerate(args):
            key += (one._data.shape, one._data.dtype)
            if recording and not self._is_state[i]:
                key.append(i in wanted)
        signature = tuple(key)
        found = self._plans.get(signature)
        if found is not None:
            self.hits += 1
            return found
        with self._lock:
            if signature not in self._plans:
                self.misses += 1
                self._plans[signature] = self._made(args, ctx, train, wanted)
            return self._plans[signature]

    def _made(self, args: Any, ctx: Any, train: bool, wanted: tuple[int, ...]) -> Plan:
        given = {
            node: Type(tuple(one._data.shape), one._data.dtype.name)
            for node, one in zip(self.variables, args, strict=True)
        }
        return make_plan(
            self.graph,
            infer(self.graph, given),
            ctx,
            train=train,
            passes=self.passes,
            wanted=[self.variables[i] for i in wanted],
            places=wanted,
            name=self.name,
        )

    def _given(self, outputs: list[NDArray], out: Any) -> Any:
        """The outputs as the caller gets them, or in the arrays *out*."""
        if out is None:
            return outputs[0] if len(outputs) == 1 else outputs
        targets = [out] if isinstance(out, NDArray) else list(out)
        for target, one in zip(targets, outputs, strict=True):
            target[:] = one
        return out

    # ---- recording ------------------------------------------------------------------------

    def _record(
        self, args: Sequence[NDArray], plan: Plan, saved: list[Saved], outputs: list[NDArray]
    ) -> list[Any]:
        """One node for the whole call, and for several outputs a selection of it for each."""
        parents = tuple([args[i]._node for i in plan.places])
        call = _Call(self, plan, saved, tuple(args))
        node = [tape.next_seq(), call, None, parents, (), None, plan.ctx]
        if len(outputs) == 1:
            outputs[0]._node = node
            return node
        for i, one in enumerate(outputs):
            one._node = tape.select(node, i)
        return node


def _is_null(node: list[Any]) -> bool:
    return node[tape.RUN] is tape.LEAF and node[tape.SAVES][1] == "null"


class _Call:
    """RUN of the tape node of one call: its backward, on raw arrays or recorded."""

    op = None
    save_names: tuple[str, ...] = ()

    def __init__(
        self, cached: CachedOp, plan: Plan, saved: list[Saved], args: tuple[NDArray, ...]
    ) -> None:
        self.cached, self.plan, self.saved, self.args = cached, plan, saved, args

    @property
    def wanted(self) -> tuple[int, ...]:
        """The numbers of the inputs that the tape node's parents are."""
        return self.plan.places

    def outputs(self, node: list[Any]) -> int:
        """How many outputs the tape collects gradients for."""
        return self.plan.graph.forward

    def __call__(self, F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        """First order: the plan's backward over raw arrays."""
        plan = self.plan
        return plan.backward(self.saved[0], (g,) if plan.graph.forward == 1 else self._heads(g))

    def _heads(self, g: Sequence[Any]) -> list[Any]:
        zeros = self.plan.ctx.backend.xp.zeros
        types = self.plan.types
        outputs = self.plan.graph.outputs[: self.plan.graph.forward]
        return [
            zeros(types[entry].shape, types[entry].dtype) if one is None else one
            for one, entry in zip(g, outputs, strict=True)
        ]

    def recorded(self, F: Any, g: Any, node: list[Any]) -> Any:
        """Higher order: the graph once more, operator by operator, then their own rules."""
        values = self._replayed()
        ctx, g = self.plan.ctx, [g] if self.plan.graph.forward == 1 else g
        heads = [one if isinstance(one, NDArray) or one is None else wrap(one, ctx) for one in g]
        return _gradients(F, self.cached.graph, values, heads, self._leaves())

    def _leaves(self) -> list[Node]:
        return [self.cached.variables[i] for i in self.wanted]

    def _replayed(self) -> dict[Entry, NDArray]:
        before = tape.set_training(self.plan.train)
        try:
            return replay(self.cached.graph, self.args)
        finally:
            tape.set_training(before)


def replay(graph: Graph, args: Sequence[NDArray]) -> dict[Entry, NDArray]:
    """Run a graph operator by operator on NDArrays, as ``mx.nd`` would; every entry's array."""
    values = dict(zip((Entry(node) for node in graph.variables), args, strict=True))
    for node in graph.nodes:
        if node.is_variable:
            continue
        op = node.op
        if isinstance(op, CustomOperator):
            made = op.on_arrays([values[entry] for entry in node.inputs])
            values.update(zip(node.outputs, made, strict=False))
            continue
        if isinstance(op, Control):
            arrays = [values[entry] for entry in node.inputs]
            made = control_flow.run(op, node.params, arrays, _replayed)
            values.update(zip(node.outputs, made, strict=False))
            continue
        given = dict(zip(node.input_names(), (values[e] for e in node.inputs), strict=True))
        inputs = list(given.values()) if op.variadic else [given.get(n) for n in op.inputs]
        result = invoke(op, inputs, node.params, None, {})
        results = result if isinstance(result, (list, tuple)) else [result]
        values.update(zip(node.outputs, results, strict=False))
    return values


def _replayed(graph: Graph, args: Sequence[NDArray]) -> list[NDArray]:
    """The outputs of a replayed graph."""
    values = replay(graph, args)
    return [values[entry] for entry in graph.outputs]


def _gradients(
    F: Any, graph: Graph, values: dict[Entry, NDArray], heads: Sequence[Any], leaves: list[Node]
) -> list[Any]:
    """Gradients of a replayed graph as recorded arrays: the tape's walk over its own nodes."""
    from .higher_order import gradients

    pairs = [(values[e], h) for e, h in zip(graph.outputs, heads, strict=True) if h is not None]
    wanted = [values[Entry(node)] for node in leaves]
    found = gradients(
        [o for o, _ in pairs], wanted, [h for _, h in pairs], True, True, tape.local.training
    )
    # an array given for two inputs has one node, which collected the sum of both
    first = {id(one._node): i for i, one in reversed(list(enumerate(wanted)))}
    return [
        g if first[id(one._node)] == i else None
        for i, (g, one) in enumerate(zip(found, wanted, strict=True))
    ]
