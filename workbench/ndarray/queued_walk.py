"""Backward over several devices: the tape's walk, cut into runs of one device each.

A run on the caller's device is executed by the caller, every other one is pushed as one task.
Runs that do not wait for the caller are pushed first, so that both devices work at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from .. import engine, meeting
from ..backend.raw import raw_namespace
from ..context import Context, current_context
from ..engine import Var, events, timing
from . import queued
from .tape import (
    CTX,
    FREED,
    LEAF,
    PARENTS,
    RUN,
    SAVES,
    SELECT,
    SEQ,
    VARS,
    ZERO,
    FreedGraph,
    P,
    next_seq,
    store_gradient,
)

__all__ = ["reached", "walk"]

Node = list[Any]


class _Run:
    """Consecutive nodes of one device, and what must have happened before they run."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.nodes: list[tuple[Any, ...]] = []
        self.var = Var()
        self.after: list[_Run] = []
        self.reads: dict[Var, None] = {}
        self.writes: dict[Var, None] = {self.var: None}
        self.grads: list[Any] = []
        self.meets = False

    def takes(self, node: Node) -> None:
        """Add a node; its content is kept, so that the tape may free it at once."""
        self.nodes.append((id(node), node[RUN], tuple(node[PARENTS]), node[SAVES], node[P], node))
        if len(node) > VARS:
            reads, writes = node[VARS]
            self.reads.update(dict.fromkeys(reads))
            self.writes.update(dict.fromkeys(writes))
        self.meets |= _meets(node)
        if node[RUN] is LEAF and node[SAVES][1] != "null":
            grad = node[SAVES][0]
            self.grads.append(grad)
            node[P] = True


def _meets(node: Node) -> bool:
    """Whether a node's backward exchanges numbers with other devices."""
    op, plan = getattr(node[RUN], "op", None), getattr(node[RUN], "plan", None)
    if plan is not None:
        return bool(plan.meets)
    return op is not None and bool(op.meets(node[P] or {}))


def walk(heads: Sequence[Node], gradients: Sequence[Any], retain: bool) -> None:
    """As :func:`workbench.ndarray.tape.walk`, with the engine's help."""
    order = []
    for node in reached(heads):
        if node[RUN] is FREED:
            FreedGraph(node[SAVES]).unless_constant(heads)
        else:
            order.append(node)
    runs = _runs(order)
    held: dict[int, Any] = {}
    for node, g in zip(heads, gradients, strict=True):
        _give(held, node, g)
    if not retain:
        now = next_seq()
        for node in order:
            if node[RUN] is not LEAF:
                node[RUN], node[PARENTS], node[SAVES] = FREED, (), now
    _start(runs, held)


def reached(heads: Sequence[Node]) -> list[Node]:
    """All nodes behind the heads, the latest first, leaves last."""
    seen: dict[int, Node] = {}
    stack = list(heads)
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen[id(node)] = node
            stack.extend(parent for parent in node[PARENTS] if parent is not None)
    return sorted(seen.values(), key=lambda node: node[SEQ])


def _runs(order: Sequence[Node]) -> list[_Run]:
    """Cut the nodes into runs; a leaf joins the last run of its device that feeds it."""
    runs: list[_Run] = []
    place: dict[int, int] = {}
    feeds: dict[int, int] = {}
    for node in order:
        ctx = node[CTX]
        last = feeds.get(id(node), -1)
        if node[RUN] is LEAF and last >= 0 and runs[last].ctx is ctx:
            number = last
        elif runs and runs[-1].ctx is ctx:
            number = len(runs) - 1
        else:
            number = len(runs)
            runs.append(_Run(ctx))
        place[id(node)] = number
        runs[number].takes(node)
        for parent in node[PARENTS]:
            if parent is not None:
                feeds[id(parent)] = max(feeds.get(id(parent), -1), number)
    _link(order, runs, place)
    return runs


def _link(order: Sequence[Node], runs: list[_Run], place: dict[int, int]) -> None:
    """Tell each run which others hand it gradients."""
    for node in order:
        giver = runs[place[id(node)]]
        for parent in node[PARENTS]:
            if parent is None or id(parent) not in place:
                continue
            taker = runs[place[id(parent)]]
            if taker is not giver and giver not in taker.after:
                taker.after.append(giver)


def _start(runs: list[_Run], held: dict[int, Any]) -> None:
    """Push what other devices do; execute the caller's own runs."""
    here = current_context()
    naive = engine.is_naive()

    def is_own(run: _Run) -> bool:
        if run.meets and not naive:
            return False  # the caller has to start what it meets
        return naive or run.ctx is here or run.ctx.backend.asynchronous

    waits_for_caller: set[int] = set()
    for run in runs:
        if is_own(run) or any(id(one) in waits_for_caller for one in run.after):
            waits_for_caller.add(id(run))
    for run in runs:
        if id(run) not in waits_for_caller:
            _push(run, held)
    for run in runs:
        if id(run) in waits_for_caller:
            if is_own(run):
                _execute_here(run, held)
            else:
                _push(run, held)


def _push(run: _Run, held: dict[int, Any]) -> None:
    def work() -> None:
        with meeting.scope():
            _execute(run, held)

    queued.push(
        work,
        (),
        run.grads,
        run.ctx,
        "backward",
        more_reads=[*run.reads, *[one.var for one in run.after]],
        more_writes=list(run.writes),
    )


def _execute_here(run: _Run, held: dict[int, Any]) -> None:
    for one in run.after:
        engine.wait(one.var)
    for var in run.reads:
        engine.wait(var)
    for var in run.writes:
        engine.wait_to_write(var)
    for grad in run.grads:
        if grad._var is not None:
            grad.wait_to_write()
    _execute(run, held)


def _execute(run: _Run, held: dict[int, Any]) -> None:
    """Run the rules of one run's nodes; gradients wait in *held* under the node's identity."""
    backend = run.ctx.backend
    watched = events.on
    F = raw_namespace(backend)
    with backend.device(run.ctx.device_id):
        for key, rule, parents, saves, p, node in run.nodes:
            g = held.pop(key, None)
            if g is None:
                continue
            if rule is LEAF and saves[0].stype != "default":
                saves[0]._store_gradient(saves[1], g)
            elif rule is LEAF:
                store_gradient(saves[0]._data, saves[1], g)
            elif rule is SELECT:
                _give_selected(held, parents[0], saves, g)
            elif g is ZERO or (g.__class__ is dict and not g):
                for parent in parents:
                    _give(held, parent, ZERO)
            else:
                if g.__class__ is dict:
                    g = [g.get(i) for i in range(rule.outputs(node))]
                began = perf_counter() if watched else 0.0
                made = rule(F, g, parents, saves, p)
                if watched:
                    timing.rule_done(rule, run.ctx, began)
                for parent, grad in zip(parents, made, strict=True):
                    _give(held, parent, ZERO if grad is None else grad)


def _give(held: dict[int, Any], node: Node | None, g: Any) -> None:
    if node is None:
        return
    before = held.get(id(node))
    if before is None or before is ZERO:
        held[id(node)] = g
    elif g is not ZERO:
        held[id(node)] = before + g


def _give_selected(held: dict[int, Any], parent: Node, index: int, g: Any) -> None:
    collected = held.get(id(parent))
    if collected is None:
        collected = held[id(parent)] = {}
    if g is not ZERO:
        collected[index] = g if index not in collected else collected[index] + g
