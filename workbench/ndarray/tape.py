"""The tape: what autograd records, and the walk that turns it into gradients.

A node is a list, the cheapest object that CPython makes:

====  =========  ==================================================================
SEQ   number     falls with every node, so a min-heap yields the latest first
RUN   function   ``(F, g, parents, saves, p) -> gradients of the parents``
GRAD  raw array  gradient collected so far (None: not reached, ZERO: reached, zero)
PARENTS tuple    nodes of the inputs, None where nobody wants a gradient
SAVES tuple      raw arrays and shapes that the rules named
P     dict       the operator's parameters
CTX   Context    where it ran, and where its gradient is
VARS  2 lists    only of queued operations: engine variables that backward reads and writes
====  =========  ==================================================================

RUN carries what is needed to run the same rules on NDArrays: ``run.op`` and ``run.save_names``.
A leaf (an array with a gradient buffer) has RUN = LEAF, a positive SEQ and
``SAVES = (grad NDArray, grad_req)``; its P is True once a backward has written the buffer. An
output of an operator with several outputs is a node with RUN = SELECT, ``SAVES = index`` and that
operator's node as its only parent. A node whose backward has run has RUN = FREED and SAVES = the
number that was next then: what is recorded later from its array takes that as a constant.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from heapq import heappop, heappush
from sys import getrefcount
from time import perf_counter
from typing import Any

import numpy as np

from .. import engine, meeting, signals
from ..backend.raw import raw_namespace
from ..engine import events, timing
from ..error import MXNetError, NotDifferentiable, message, user_line
from .core import NDArray, on

SEQ, RUN, GRAD, PARENTS, SAVES, P, CTX, VARS = range(8)
Node = list[Any]
Wanted = dict[int, Any]

next_seq = itertools.count(-1, -1).__next__
next_leaf_seq = itertools.count(1).__next__


class _Local(threading.local):
    recording = False
    training = False


local = _Local()
#: how many threads record now; entries read it before the thread-local flag
flags: dict[str, Any] = {"recording": 0}
_count_lock = threading.Lock()


def set_recording(on: bool) -> bool:
    """Switch recording for the calling thread; returns what it was."""
    before = local.recording
    if before is not bool(on):
        local.recording = bool(on)
        with _count_lock:
            flags["recording"] += 1 if on else -1
    return before


def set_training(on: bool) -> bool:
    """Switch training mode for the calling thread; returns what it was."""
    before, local.training = local.training, bool(on)
    return before


class _Zero:
    """Gradient of a node that was reached only through operators with gradient zero."""

    def __repr__(self) -> str:
        return "ZERO"


ZERO = _Zero()


def LEAF(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
    """RUN of a leaf; the walk writes its gradient buffer instead of calling this."""
    raise AssertionError("a leaf has no rule")


def SELECT(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
    """RUN of one output of several; the walk hands its gradient on instead of calling this."""
    raise AssertionError("a selection has no rule")


class FreedGraph(MXNetError):
    """The walk came to a node that was freed when the node *when* would have been next."""

    def __init__(self, when: int) -> None:
        super().__init__(
            message(
                "backward: the graph behind this array was freed by an earlier backward",
                where=[user_line()],
                fix="Pass retain_graph=True to the first backward, or record the forward again.",
            )
        )
        self.when = when

    def unless_constant(self, heads: Sequence[Node]) -> None:
        """Raise this error unless all of *heads* were recorded after the freeing.

        A state that is carried from one recorded step to the next is a constant in the next.
        """
        if any(head[SEQ] > self.when for head in heads):
            raise self from None


def FREED(F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
    """RUN of a node whose backward has run."""
    raise FreedGraph(saves)


def is_recorded(x: NDArray) -> bool:
    """True where gradients can come to *x*: it is a leaf or part of a graph that is not freed."""
    node = x._node
    return node is not None and _live(node) and all(map(_live, node[PARENTS]))


def _live(node: Node | None) -> bool:
    return node is None or node[RUN] is not FREED


def leaf(grad: Any, req: str, ctx: Any) -> list[Any]:
    """The node of an array that wants its gradient written into *grad*."""
    return [next_leaf_seq(), LEAF, None, (), (grad, req), None, ctx]


def select(node: list[Any], index: int) -> list[Any]:
    """The node of one output of *node*."""
    return [next_seq(), SELECT, None, (node,), index, None, node[CTX]]


# ---- the walk -------------------------------------------------------------------------------


def walk(
    heads: Sequence[Node], gradients: Sequence[Any], retain: bool, wanted: Wanted | None = None
) -> None:
    """Run the rules from the heads' nodes down to the leaves, on raw arrays.

    With *wanted* (id of node → None) gradients of these nodes are put there, no leaf is written.
    """
    heap: list[list[Any]] = []
    now = next_seq()
    try:
        for node, g in zip(heads, gradients, strict=True):
            _give(node, g, heap)
        while heap:
            try:
                _descend(heap, retain, wanted, now)
            except FreedGraph as freed:
                freed.unless_constant(heads)
    finally:
        for node in heap:
            node[GRAD] = None


def _descend(heap: list[Node], retain: bool, wanted: Wanted | None, now: int) -> None:
    """Run the rules of the nodes on the heap and of all behind them."""
    here, F, alone = None, None, True
    while heap:
        node = heappop(heap)
        run = node[RUN]
        if wanted is not None and id(node) in wanted:
            wanted[id(node)] = node[GRAD]
        if run is LEAF:
            g = grads = grad = other_grad = None  # the node alone is to hold its gradient
            _write_leaf(node, wanted is None)
            continue
        g, parents, node[GRAD] = node[GRAD], node[PARENTS], None
        if run is SELECT:
            _give_selected(node, g, heap, None if retain else now)
            continue
        if node[CTX] is not here:
            here = node[CTX]
            F, alone = raw_namespace(here.backend), not (here.backend.asynchronous or events.on)
        if alone and g is not ZERO:
            grads = run(F, g, parents, node[SAVES], node[P])
        else:
            grads = _run_otherwise(node, F, g)
        if len(parents) == 2:  # the usual cases without a loop, which costs more than they do
            parent, other = parents
            grad, other_grad = grads
            if other is not None:
                held = other[GRAD]
                if held is None:
                    other[GRAD] = ZERO if other_grad is None else other_grad
                    heappush(heap, other)
                elif other_grad is not None and other_grad is not ZERO:
                    other[GRAD] = other_grad if held is ZERO else held + other_grad
        elif len(parents) == 1:
            (parent,), (grad,) = parents, grads
        else:
            _give_all(parents, grads, heap)
            parent = None
        if parent is not None:
            held = parent[GRAD]
            if held is None:
                parent[GRAD] = ZERO if grad is None else grad
                heappush(heap, parent)
            elif grad is not None and grad is not ZERO:
                parent[GRAD] = grad if held is ZERO else held + grad
        if not retain:
            node[RUN], node[PARENTS], node[SAVES] = FREED, (), now


def _run_otherwise(node: list[Any], F: Any, g: Any) -> Any:
    """Gradients of a node's parents where its device is to be entered, where somebody watches,
    or where there is nothing to compute."""
    if g is ZERO and node[RUN] is not FREED:
        return (ZERO,) * len(node[PARENTS])
    ctx, rule = node[CTX], node[RUN]
    began = perf_counter()
    if ctx.backend.asynchronous:
        with ctx.backend.device(ctx.device_id):
            grads = rule(F, g, node[PARENTS], node[SAVES], node[P])
    else:
        grads = rule(F, g, node[PARENTS], node[SAVES], node[P])
    if events.on:
        timing.rule_done(rule, ctx, began)
    return grads


def _give_all(parents: Sequence[Any], grads: Sequence[Any], heap: list[list[Any]]) -> None:
    """Add gradients (None: zero) to the parents that want them."""
    if len(grads) != len(parents):
        raise MXNetError(f"backward: {len(grads)} gradients for {len(parents)} inputs")
    for parent, grad in zip(parents, grads):  # noqa: B905 (compared above, at half the cost)
        if parent is not None:
            held = parent[GRAD]
            if held is None:
                parent[GRAD] = ZERO if grad is None else grad
                heappush(heap, parent)
            elif grad is not None and grad is not ZERO:
                parent[GRAD] = grad if held is ZERO else held + grad


def _give(node: list[Any], g: Any, heap: list[list[Any]]) -> None:
    """Add a gradient to a node and put it on the heap once."""
    held = node[GRAD]
    if held is None:
        node[GRAD] = g
        heappush(heap, node)
    elif g is not ZERO:
        node[GRAD] = g if held is ZERO else held + g


def _give_selected(node: Node, g: Any, heap: list[Node], freed: int | None = None) -> None:
    """Hand the gradient of one output on to the node of the operator; free it unless None."""
    (parent,) = node[PARENTS]
    if parent[RUN] is FREED:
        raise FreedGraph(parent[SAVES])
    if parent[GRAD] is None:
        parent[GRAD] = [None] * parent[RUN].outputs(parent)
        heappush(heap, parent)
    held = parent[GRAD]
    if g is not ZERO:
        i = node[SAVES]
        held[i] = g if held[i] is None else held[i] + g
    if freed is not None:
        node[RUN], node[PARENTS], node[SAVES] = FREED, (), freed


def _write_leaf(node: Node, wanted: bool) -> None:
    """Take a leaf's gradient off its node and, if wanted, into its buffer.

    A large one that nobody else holds becomes the buffer, if nobody else holds that either.
    """
    g = node[GRAD]
    node[GRAD] = None
    grad, req = node[SAVES]
    if not wanted or req == "null":
        return
    node[P] = True
    if grad.__class__ is not NDArray and grad.stype != "default":
        grad._store_gradient(req, g)
        return
    if grad._var is not None:
        grad.wait_to_write()
    elif req == "write" and g.__class__ is np.ndarray and g.nbytes >= _LARGE:
        raw = grad._data
        if (
            getrefcount(g) == _ONE_HOLDER
            and getrefcount(raw) == _ONE_HOLDER + 1
            and g.base is None
            and g.flags.c_contiguous
            and (g.shape, g.dtype) == (raw.shape, raw.dtype)
        ):
            grad._data = g
            return
    if node[CTX].backend.asynchronous:
        with on(node[CTX]):
            store_gradient(grad._data, req, g)
    else:
        store_gradient(grad._data, req, g)


def _count_of_one_holder() -> int:
    """What getrefcount says of an object that one local variable holds."""
    node: Node = [object()]
    g = node[0]
    node[0] = None
    return getrefcount(g)


_ONE_HOLDER = _count_of_one_holder()
#: bytes from which copying a gradient costs more than looking whether it can be taken over
_LARGE = 1 << 14


def store_gradient(raw: Any, req: str, g: Any) -> None:
    """Write, or add, a raw gradient into a leaf's buffer."""
    if g is ZERO:
        if req == "write":
            raw[...] = 0
    elif req == "add":
        raw += g
    elif g.shape == raw.shape:
        raw[...] = g
    elif req != "null":
        raise MXNetError(
            f"backward: a gradient of shape {g.shape} for an array of shape {raw.shape}"
        )


# ---- backward as users call it ----------------------------------------------------------------


def backward(
    heads: Sequence[Any],
    head_grads: Sequence[Any] | None,
    retain_graph: bool = False,
    train_mode: bool = True,
) -> None:
    """Gradients of the sum of *heads* into the ``grad`` of every leaf behind them."""
    if signals.graph_recorded:
        signals.fire(signals.graph_recorded, heads)
    if signals.backward:
        signals.fire(signals.backward, heads)
    nodes = nodes_of(heads)
    gradients = raw_head_gradients(heads, head_grads)
    recording, training = set_recording(False), set_training(train_mode)
    try:
        queues = engine.busy or meeting.used.ever
        if queues or any([head.__class__ is not NDArray for head in heads]):
            from .queued_walk import walk as queued_walk

            queued_walk(nodes, gradients, retain_graph)
        elif heads[0]._ctx.backend.asynchronous:
            with on(heads[0]._ctx):  # where gradients that meet are added up
                walk(nodes, gradients, retain_graph)
        else:
            walk(nodes, gradients, retain_graph)
    finally:
        set_recording(recording)
        set_training(training)


def nodes_of(heads: Sequence[Any]) -> list[list[Any]]:
    """The nodes of the heads; MXNetError when one was not recorded."""
    nodes = []
    for i, head in enumerate(heads):
        if head._node is None:
            raise MXNetError(
                message(
                    f"backward: head {i} (shape {head.shape}) is not part of a recorded graph",
                    where=[user_line()],
                    fix="Compute it inside `with mx.autograd.record():` from arrays that called "
                    "attach_grad().",
                )
            )
        nodes.append(head._node)
    return nodes


def raw_head_gradients(heads: Sequence[Any], head_grads: Sequence[Any] | None) -> list[Any]:
    """Raw gradients of the heads: ones where none is given."""
    given = [None] * len(heads) if head_grads is None else list(head_grads)
    if len(given) != len(heads):
        raise ValueError(f"backward: {len(heads)} heads but {len(given)} head gradients")
    gradients = []
    for head, g in zip(heads, given, strict=True):
        if g is None:
            with on(head._ctx):
                gradients.append(head._ctx.backend.xp.ones(head.shape, head.dtype))
            continue
        if g.__class__ is NDArray and g._var is None and g._data.shape == head._data.shape:
            gradients.append(g._data)  # the usual case
            continue
        if g.shape != head.shape:
            raise MXNetError(
                message(
                    f"backward: Shape inconsistent, head {head.shape}, its gradient {g.shape}",
                    fix="Give a gradient of the head's own shape.",
                )
            )
        g.wait_to_read()
        gradients.append(g._data)
    return gradients


def not_differentiable(op: Any) -> NotDifferentiable:
    """The error for an operator that has no gradient rule."""
    return NotDifferentiable(
        message(
            f"{op.name} is not differentiable",
            where=[user_line()],
            fix="Stop the gradient before it with mx.nd.stop_gradient (BlockGrad).",
        )
    )
