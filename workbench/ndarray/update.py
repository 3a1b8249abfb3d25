"""Optimizers' updates: the one writing call that every training step makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..context import Context
from ..ops.registry import Op
from . import queued, tape
from .core import NDArray
from .invoke import check, execute, explain

__all__ = ["update"]


def update(op: Op, arrays: Sequence[NDArray], outs: Sequence[NDArray], p: dict[str, Any]) -> None:
    """Update weights in place by an optimizer's variadic operator.

    *arrays* are weight by weight those that belong together, *outs* the weights, *p* parameters
    in their canonical form, of which those with defaults may be missing. Like
    :func:`~.invoke.invoke` with ``out=``, but a training step does not pay for parsing.
    """
    ctx = arrays[0]._ctx
    if queued.used.pushed or tape.local.recording or not _ready_groups(arrays, len(outs), ctx):
        check(op, arrays, p)
        execute(op, arrays, p, ctx, list(outs))
        return
    raws, targets = [a._data for a in arrays], [o._data for o in outs]
    try:
        if ctx.backend.asynchronous:
            with ctx.backend.device(ctx.device_id):
                ctx.table.of(op)(*raws, out=targets, **p)
        else:
            ctx.table.of(op)(*raws, out=targets, **p)
    except Exception as error:
        raise explain(op, arrays, error) from None


def _ready_groups(arrays: Sequence[NDArray], count: int, ctx: Context) -> bool:
    """Whether all arrays are ready, and those of each weight of one shape, dtype and device."""
    size = len(arrays) // count
    for i, one in enumerate(arrays):
        if one.__class__ is not NDArray or one._var is not None or one._ctx is not ctx:
            return False
        raw = one._data
        if i % size == 0:
            shape, dtype = raw.shape, raw.dtype
        elif raw.shape != shape or raw.dtype != dtype:
            return False
    return True
