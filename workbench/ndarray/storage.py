"""Calling operators with sparse arrays.

An operator that has a body for the storage types of its inputs computes on their parts; every
other one computes on dense copies, as MXNet 1.9.1 does ("storage fallback"). The record's rule
says how the result is stored. Gradients go by rows where the record has a rule for that and the
leaf's buffer is row_sparse; everywhere else they are dense.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..context import Context
from ..ops.registry import Op
from ..ops.sparse import Csr, Rows, of_dense, stype_of
from . import queued, tape
from .core import NDArray, on, wrap

__all__ = ["as_stored", "call", "dense", "gradient_by_rows", "is_sparse", "wants_rows"]


def is_sparse(x: Any) -> bool:
    """True for csr and row_sparse arrays."""
    return x.__class__ is not NDArray and isinstance(x, NDArray) and x.stype != "default"


def dense(x: NDArray) -> NDArray:
    """The array itself, or a dense copy at the same place of the recorded graph."""
    return x.tostype("default") if x.stype != "default" else x


def as_stored(xp: Any, raw: Any, stype: str) -> Any:
    """A raw array, dense or sparse, in the storage *stype*."""
    if stype_of(raw) == stype:
        return raw
    return of_dense(xp, raw.dense() if isinstance(raw, (Csr, Rows)) else raw, stype)


# ---- the call -----------------------------------------------------------------------------------


def call(
    op: Op, arrays: Sequence[Any], p: dict[str, Any], ctx: Context, outs: list[Any] | None
) -> Any:
    """Call *op* on checked inputs of which some, or some of *outs*, are sparse.

    Returns what :func:`.invoke.execute` does.
    """
    stypes = [one.stype for one in arrays if one is not None]
    stype = op.stype(p, stypes) if stypes else "default"
    body = op.body_for(p, stypes) if stypes else None
    if body is not None:
        made = _on_parts(op, body, arrays, p, stype, ctx, outs)
        if made is not NotImplemented:
            return _delivered(made, outs)
    return _on_dense_copies(op, arrays, p, stype, ctx, outs)


def _on_dense_copies(
    op: Op,
    arrays: Sequence[Any],
    p: dict[str, Any],
    stype: str,
    ctx: Context,
    outs: list[Any] | None,
) -> Any:
    from .invoke import execute

    used = [one if one is None else dense(one) for one in arrays]
    made = execute(op, used, p, ctx, None)
    for given, one in zip(arrays, used, strict=True):
        if is_sparse(given) and _changes(op, arrays, given):
            given[:] = one
    if outs is None:
        fits = stype != "csr" or made.ndim == 2 or op.is_asked(p)
        return made.tostype(stype) if stype != "default" and fits else made
    return _delivered(made, outs)


def _delivered(made: Any, outs: list[Any] | None) -> Any:
    if outs is None:
        return made
    for target, one in zip(outs, made if isinstance(made, list) else [made], strict=True):
        if target is not one:
            target[:] = one
    return outs[0] if len(outs) == 1 else outs


def _changes(op: Op, arrays: Sequence[Any], one: Any) -> bool:
    """Whether the operator writes into that input."""
    if op.variadic:
        return bool(op.mutates)
    return any(a is one and n in op.mutates for n, a in zip(op.inputs, arrays, strict=False))


def _on_parts(
    op: Op,
    body: Any,
    arrays: Sequence[Any],
    p: dict[str, Any],
    stype: str,
    ctx: Context,
    outs: Any,
) -> Any:
    """The result of a body over stored parts; NotImplemented where it does not serve this call."""
    written = [a for a in arrays if a is not None and _changes(op, arrays, a)]
    target = outs[0] if outs and "out" in op.uses else None
    if target is not None and any(a is target for a in arrays):
        written.append(target)
    else:
        target = None
    for one in arrays:
        if one is not None:
            one.wait_to_read()
    for one in written:
        one.wait_to_write()
    raws = [None if a is None else raw_of(a) for a in arrays]
    options = dict(p)
    if target is not None:
        options["out"] = next(r for a, r in zip(arrays, raws, strict=True) if a is target)
    result = _computed(op, body, arrays, raws, options, ctx)
    if result is NotImplemented:
        return NotImplemented
    if op.has_outputs:  # each as the body stored it; there is none that is differentiable
        several = [_wrapped(one, ctx) for one in result]
        return several[0] if len(several) == 1 else several
    for one, raw in zip(arrays, raws, strict=True):
        if is_sparse(one) and any(one is other for other in written):
            one._adopt(raw)
    made = target if target is not None else result
    if target is None:
        with on(ctx):
            made = _wrapped(as_stored(ctx.backend.xp, result, stype), ctx)
    if tape.local.recording and any(a is not None and a._node is not None for a in arrays):
        run = SparseRun(op, [stype_of(raw) for raw in raws])
        parents = tuple(None if a is None else a._node for a in arrays)
        made._node = [tape.next_seq(), run, None, parents, (raws, result), p, ctx]
    return made


def _computed(
    op: Op, body: Any, arrays: Sequence[Any], raws: Sequence[Any], options: Any, ctx: Context
) -> Any:
    from .invoke import explain

    if "rng" in op.uses:
        options["rng"] = queued.rng_of(ctx)
    try:
        with on(ctx):
            return body(ctx.table.of(op), *raws, **options)
    except Exception as error:
        raise explain(op, arrays, error) from None


def raw_of(x: NDArray) -> Any:
    """The raw array of an NDArray whose content is there: Csr, Rows, or the backend's own."""
    return x._stored_parts() if is_sparse(x) else x._data


def _wrapped(raw: Any, ctx: Context) -> NDArray:
    if isinstance(raw, (Csr, Rows)):
        from .sparse_array import from_raw

        return from_raw(raw, ctx)
    return wrap(raw, ctx)


# ---- gradients ----------------------------------------------------------------------------------


def wants_rows(node: Any) -> bool:
    """True for a leaf whose gradient buffer is row_sparse."""
    return (
        node is not None
        and node[tape.RUN] is tape.LEAF
        and node[tape.SAVES][0].stype == "row_sparse"
    )


def gradient_by_rows(
    op: Op, F: Any, g: Any, parents: Sequence[Any], inputs: Sequence[Any], p: dict[str, Any]
) -> dict[int, Any]:
    """The gradients that the record has by rows, by the number of the input."""
    stypes, found = [stype_of(one) for one in inputs], {}
    for name, (when, rule) in op.row_grads.items():
        i = op.inputs.index(name)
        if parents[i] is not None and when(p, stypes):
            grad = rule(F.xp, g, inputs, p)
            by_rows = isinstance(grad, Rows) and not wants_rows(parents[i])
            found[i] = grad.dense() if by_rows else grad
    return found


class SparseRun:
    """RUN of the tape node of an operator that computed on stored parts; SAVES are
    ``(raw inputs, raw result)``.

    Gradients that the record has no sparse rule for come from the usual rules on dense copies.
    """

    def __init__(self, op: Op, stypes: Sequence[str]) -> None:
        self.op, self.stypes = op, tuple(stypes)
        self.save_names: tuple[str, ...] = ()

    def outputs(self, node: Any) -> int:
        """How many outputs the tape collects gradients for."""
        return 1

    def __call__(self, F: Any, g: Any, parents: Any, saves: Any, p: Any) -> Any:
        inputs, result = saves
        grads = gradient_by_rows(self.op, F, g, parents, inputs, p)
        rest = [None if i in grads else one for i, one in enumerate(parents)]
        if any(one is not None for one in rest):
            run, kept = self._usual(inputs, result)
            for i, grad in enumerate(run(F, g, rest, kept, p)):
                grads.setdefault(i, grad)
        return [grads.get(i) for i in range(len(parents))]

    def _usual(self, inputs: Sequence[Any], result: Any) -> tuple[Any, Any]:
        """The operator's own rules, and what they save, of dense copies."""
        from .invoke import saves_of
        from .rules import run_of

        raws = [one.dense() if isinstance(one, (Csr, Rows)) else one for one in inputs]
        out = result.dense() if isinstance(result, (Csr, Rows)) else result
        return saves_of(self.op, run_of(self.op), raws, [out])

    def recorded(self, F: Any, g: Any, node: Any) -> Any:
        """Higher order: the usual rules, recorded, with the saves hung back on the tape."""
        from .higher_order import attached_saves

        run, kept = self._usual(*node[tape.SAVES])
        usual = [*node]
        usual[tape.RUN], usual[tape.SAVES] = run, kept
        return run(F, g, node[tape.PARENTS], attached_saves(usual, run), node[tape.P])
