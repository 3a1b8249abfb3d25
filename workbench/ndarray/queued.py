"""Arrays and the engine: which operations are pushed, what they read and write.

A pushed operation's outputs are allocated at the call from the operator's shape rule, so that
shape, dtype, views and the tape's saves are right at once; only the content comes later. An
array that is not ready has the class :class:`QueuedNDArray`, which keeps it off the fast way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .. import engine, meeting
from ..backend import plain_kernel
from ..context import Context, current_context
from ..engine import Var
from ..engine.queues import INLINE_BELOW
from ..ops.registry import Op
from .core import NDArray, QueuedNDArray, class_on, wrap

__all__ = ["goes_to_queue", "mark_pending", "push", "push_operator", "rng_of", "settle", "var_of"]

#: µs per byte of an operation whose cost is its memory traffic, and of one that computes a lot
_LIGHT, _HEAVY = 1 / 4000.0, 1 / 100.0
_COMPUTES = frozenset({"dot", "batch_dot", "FullyConnected", "Convolution"})

_rng_vars: dict[Any, Var] = {}


class _Used:
    """Whether anything was ever pushed; until then backward looks for no queued work."""

    pushed = False


used = _Used()


# ---- variables ----------------------------------------------------------------------------------


def var_of(x: NDArray) -> Var:
    """The array's variable, made on first use."""
    if x._var is None:
        x._var = Var()
    return x._var


def mark_pending(x: NDArray) -> None:
    """Take the array and every live view of its memory off the fast way."""
    var = var_of(x)
    views = var.live_views()
    if not any(view is x for view in views):
        var.add_view(x)
        views.append(x)
    for view in views:
        if view.__class__ is NDArray:
            view.__class__ = QueuedNDArray


def settle(x: NDArray) -> None:
    """Put an array whose content has come back onto the fast way, where its device has one."""
    if x.__class__ is QueuedNDArray and x._data.shape and not x._var.pending:
        x.__class__ = class_on(x._ctx)  # type: ignore[assignment]


def rng_of(ctx: Context) -> Any:
    """The device's random streams, when every draw that was pushed before has been made."""
    backend = ctx.backend
    if engine.busy:
        var = _rng_vars.get(backend)
        if var is not None:
            engine.wait_to_write(var)
    return backend.rng


def rng_var(ctx: Context) -> Var:
    """The variable that keeps pushed draws of a backend in program order."""
    return _rng_vars.setdefault(ctx.backend, Var())


# ---- inline or push -----------------------------------------------------------------------------


def estimate_of(op: Op, arrays: Sequence[NDArray | None]) -> float:
    """About how many microseconds an operation takes, from its name and its bytes."""
    size = sum(a._data.nbytes for a in arrays if a is not None)
    return size * (_HEAVY if op.name in _COMPUTES else _LIGHT)


def goes_to_queue(
    ctx: Context, reads: Sequence[NDArray], writes: Iterable[NDArray], estimate: float
) -> bool:
    """Whether an operation is better pushed than run by the caller.

    A short one on the caller's own device is run at once, unless it would have to wait: then the
    caller goes on, for it may have work for another device. See
    :func:`workbench.engine.should_push`. What reads the result of a failed operation is pushed
    too: it fails with it, where it is read.
    """
    if ctx.backend.asynchronous:
        return False
    if any([x._var is not None and (x._var.pending or x._var.spoilt) for x in reads]):
        return not engine.is_naive()
    if estimate < INLINE_BELOW and not engine.busy and ctx is current_context():
        return False
    return engine.should_push(ctx, [x._var for x in reads], estimate, [x._var for x in writes])


def push(
    function: Callable[[], Any],
    reads: Iterable[NDArray],
    writes: Iterable[NDArray],
    ctx: Context,
    name: str,
    *,
    more_reads: Iterable[Var] = (),
    more_writes: Iterable[Var] = (),
    nbytes: int = 0,
) -> None:
    """Push *function* behind everything that touches these arrays, and mark what it writes."""
    used.pushed = True
    written = list(writes)
    read_vars = list(dict.fromkeys([*[var_of(x) for x in reads], *more_reads]))
    write_vars = list(dict.fromkeys([*[var_of(x) for x in written], *more_writes]))
    for x in written:
        mark_pending(x)
    engine.push(function, read_vars, write_vars, ctx, name, bytes=nbytes)


def must_push(meets: bool) -> bool:
    """Whether an operation cannot be run by the caller, who has to start what it meets."""
    meeting.used.ever |= meets
    return meets and not engine.is_naive()


# ---- operators ----------------------------------------------------------------------------------


def push_operator(
    op: Op,
    arrays: Sequence[NDArray | None],
    options: dict[str, Any],
    ctx: Context,
    outs: list[NDArray] | None,
    visible: int,
    draws: bool = True,
) -> tuple[list[NDArray], list[Any]]:
    """Push one operator. Returns its visible outputs and the raw buffers of all outputs.

    Without *draws* it is known to fail before it draws, and random numbers need not wait for it.
    """
    raws = [None if a is None else a._data for a in arrays]
    buffers = _buffers(op, raws, options, ctx, outs)
    made = outs if outs is not None else [wrap(raw, ctx) for raw in buffers[:visible]]
    kernel, backend = plain_kernel(ctx, op), ctx.backend
    uses_rng = "rng" in op.uses

    def run() -> None:
        if uses_rng:
            options["rng"] = backend.rng
        with backend.device(ctx.device_id), meeting.scope():
            results = kernel(*raws, **options)
            made_now = results if op.has_outputs else (results,)
            for buffer, raw in zip(buffers, made_now, strict=False):
                if buffer is not raw:
                    buffer[...] = raw

    present = [a for a in arrays if a is not None]
    written = list(made)
    if op.variadic and op.mutates:
        written += present
    else:
        inputs = zip(op.inputs, arrays, strict=False)
        written += [a for n, a in inputs if n in op.mutates and a is not None]
    push(
        run,
        present,
        written,
        ctx,
        op.name,
        more_writes=[rng_var(ctx)] if uses_rng and draws else (),
        nbytes=sum(b.nbytes for b in buffers),
    )
    return made, buffers


def _buffers(
    op: Op, raws: Sequence[Any], options: dict[str, Any], ctx: Context, outs: list[NDArray] | None
) -> list[Any]:
    """Memory for all outputs: the given arrays', else fresh by the shape and dtype rules."""
    p = {k: v for k, v in options.items() if k in op.params}
    _, shapes = op.infer_shape(p, [None if r is None else r.shape for r in raws])
    _, dtypes = op.infer_dtype(p, [None if r is None else r.dtype.name for r in raws])
    empty = ctx.backend.xp.empty
    given = [] if outs is None else [one._data for one in outs]
    return [
        given[i] if i < len(given) else empty(shape, dtype)
        for i, (shape, dtype) in enumerate(zip(shapes, dtypes, strict=True))
    ]


def can_push(op: Op, ctx: Context, outs: list[NDArray] | None, raws: Sequence[Any]) -> bool:
    """Whether the outputs can be allocated before the operation has run."""
    if op.shape_rule is None or op.dynamic_shape:
        return False
    if outs is None:
        return True
    return all(one._ctx.backend is ctx.backend for one in outs) and not op.views


def can_fail_later(op: Op, ctx: Context, outs: list[NDArray] | None, raws: Sequence[Any]) -> bool:
    """Whether an error can wait in the queue for whoever reads the outputs."""
    return not (ctx.backend.asynchronous or engine.is_naive()) and can_push(op, ctx, outs, raws)
