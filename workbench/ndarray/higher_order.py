"""Gradients that can be differentiated again, and the tape seen as a graph.

The walk is the tape's, over NDArrays: saved arrays are hung back on their nodes and the same
rules run with ``F = nd`` while recording.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

from .. import engine
from ..error import MXNetError, NotDifferentiable, message, user_line
from ..ops.sparse import Rows
from . import tape
from .core import NDArray, wrap
from .tape import CTX, FREED, GRAD, LEAF, PARENTS, RUN, SAVES, SELECT, VARS, ZERO, P

__all__ = ["gradients"]


def gradients(
    heads: Sequence[NDArray],
    variables: Sequence[NDArray],
    head_grads: Sequence[Any] | None,
    retain: bool,
    create_graph: bool,
    train_mode: bool,
) -> list[NDArray]:
    """New arrays with the gradients of *heads* with respect to *variables*."""
    nodes = tape.nodes_of(heads)
    if engine.busy:
        _wait_for(nodes)
    wanted: dict[int, Any] = {id(v._node): None for v in variables}
    recording = tape.set_recording(create_graph)
    training = tape.set_training(train_mode)
    try:
        if create_graph:
            _walk_recorded(nodes, _head_arrays(heads, head_grads), wanted)
            return [_on_tape(_as_array(wanted[id(v._node)], v), v) for v in variables]
        else:
            tape.walk(nodes, tape.raw_head_gradients(heads, head_grads), retain, wanted)
    finally:
        tape.set_recording(recording)
        tape.set_training(training)
    return [_as_array(wanted[id(v._node)], v) for v in variables]


def _wait_for(heads: Sequence[list[Any]]) -> None:
    """Wait for what queued operations behind *heads* computed, and for who still reads it."""
    from .queued_walk import reached

    for node in reached(heads):
        if len(node) > VARS:
            reads, writes = node[VARS]
            for var in reads:
                engine.wait(var)
            for var in writes:
                engine.wait_to_write(var)


def _as_array(g: Any, variable: NDArray) -> NDArray:
    if isinstance(g, NDArray):
        return g
    ctx = variable._ctx
    if g is None or g is ZERO:
        return wrap(ctx.backend.xp.zeros(variable.shape, variable._data.dtype), ctx)
    if isinstance(g, Rows):
        from .sparse_array import from_raw

        return from_raw(g, ctx)
    return wrap(ctx.backend.xp.array(g), ctx)


def _on_tape(g: NDArray, variable: NDArray) -> NDArray:
    """A gradient that does not depend on the inputs, where it can be differentiated: to zero."""
    if g._node is not None:
        return g
    from . import _internal

    return _internal._identity_with_attr_like_rhs(g, variable)


def _head_arrays(heads: Sequence[NDArray], given: Sequence[Any] | None) -> list[NDArray]:
    if given is not None and all(isinstance(g, NDArray) for g in given):
        tape.raw_head_gradients(heads, given)
        return list(given)
    raws = tape.raw_head_gradients(heads, given)
    return [wrap(raw, head._ctx) for raw, head in zip(raws, heads, strict=True)]


def _walk_recorded(
    heads: Sequence[list[Any]], grads: Sequence[NDArray], wanted: dict[int, Any]
) -> None:
    import workbench.ndarray as F

    heap: list[list[Any]] = []
    try:
        for node, g in zip(heads, grads, strict=True):
            tape._give(node, g, heap)
        while heap:
            try:
                _descend(F, heap, wanted)
            except tape.FreedGraph as freed:
                freed.unless_constant(heads)
    finally:
        for node in heap:
            node[GRAD] = None


def _descend(F: Any, heap: list[list[Any]], wanted: dict[int, Any]) -> None:
    while heap:
        node = heappop(heap)
        run, g = node[RUN], node[GRAD]
        node[GRAD] = None
        if id(node) in wanted:
            wanted[id(node)] = g
        if run is LEAF:
            continue
        if run is SELECT:
            tape._give_selected(node, g, heap)
            continue
        made = _run(F, node, run, g)
        for parent, grad in zip(node[PARENTS], made, strict=True):
            if parent is None:
                continue
            held = parent[GRAD]
            if held is None:
                parent[GRAD] = ZERO if grad is None else grad
                heappush(heap, parent)
            elif grad is not None and grad is not ZERO:
                parent[GRAD] = grad if held is ZERO else held + grad


def _run(F: Any, node: list[Any], run: Any, g: Any) -> Any:
    """The gradients of a node's parents as recorded NDArrays."""
    if run is FREED:
        return run(F, g, (), node[SAVES], None)
    if g is ZERO:
        return (ZERO,) * len(node[PARENTS])
    recorded = getattr(run, "recorded", None)
    if recorded is not None:
        return recorded(F, g, node)
    if run.op is None and run.save_names != ("source",):
        raise NotDifferentiable(
            message(
                "autograd.grad(create_graph=True): an autograd.Function, or a Custom operator, has "
                "no gradient of its gradient",
                where=[user_line()],
                fix="Write it with operators, or use create_graph=False.",
            )
        )
    return run(F, g, node[PARENTS], attached_saves(node, run), node[P])


def attached_saves(node: list[Any], run: Any) -> tuple[Any, ...]:
    """The saves of a node with every raw array as an NDArray on the tape."""
    saves = node[SAVES]
    if run.op is None:
        return saves
    if getattr(run, "nested", False):
        saved, shapes = saves
        return (_attach(node, run, saved), shapes)
    names = run.save_names
    return (*_attach(node, run, saves[: len(names)]), *saves[len(names) :])


def _attach(node: list[Any], run: Any, saves: Sequence[Any]) -> tuple[Any, ...]:
    op, ctx, parents = run.op, node[CTX], node[PARENTS]

    def array(raw: Any, source: Any) -> Any:
        if raw is None:
            return None
        made = wrap(raw, ctx)
        made._node = source
        return made

    attached = []
    for name, save in zip(run.save_names, saves, strict=True):
        if name == "out" and not op.has_outputs:
            attached.append(array(save, node))
        elif name == "out":
            attached.append(array(save, tape.select(node, 0)))
        elif name == "outs":
            attached.append(tuple(array(s, tape.select(node, i)) for i, s in enumerate(save)))
        elif name == "args":
            attached.append(tuple(array(s, q) for s, q in zip(save, parents, strict=True)))
        elif name in op.inputs:
            attached.append(array(save, parents[op.inputs.index(name)]))
        else:
            attached.append(save)
    return tuple(attached)


def symbol_of(x: NDArray) -> Any:
    """The recorded history of an array as a Symbol; leaves become variables ``var0``, ..."""
    if x._node is None:
        raise MXNetError(
            message(
                "get_symbol: the array is not part of a recorded graph",
                where=[user_line()],
                fix="Compute it inside autograd.record() from arrays that called attach_grad().",
            )
        )
    from ..symbol import from_tape

    return from_tape(x._node)
