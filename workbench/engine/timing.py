"""Timing what runs outside the queues: kernels, gradient rules and compiled graphs.

While events are on, contexts have tables of timed kernels (:func:`switch`); off, they have the
plain ones. A kernel's event costs 0.5 µs. Whatever a task of the engine runs is covered by the
task's own event; only the steps of a compiled graph are recorded inside it too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter, thread_time
from typing import Any

from .. import backend
from . import events
from .events import ORIGIN

__all__ = ["Span", "local", "rule_done", "run_whole", "span", "switch", "timed_kernel"]

_rules: dict[tuple[Any, Any], tuple[str, str]] = {}
"""Row and name of a rule's events, by the rule and its device."""


class Span:
    """A stretch of work under a row and a name of its own; made by :func:`span`.

    What it pushes is recorded under them instead of the device's row and the operator's name.
    If it pushes nothing, the block itself is one event.
    """

    __slots__ = ("_outer", "_start", "bytes", "name", "row", "used")

    def __init__(self, row: str, name: str, bytes: int) -> None:
        self.row, self.name, self.bytes = row, name, bytes
        self.used = False
        self._outer: Span | None = None
        self._start = 0.0

    def __enter__(self) -> Span:
        self._outer, local.span = local.span, self
        self._start = events.now()
        return self

    def __exit__(self, *exc: object) -> None:
        local.span = self._outer
        if not self.used:
            events.record(self.row, self.name, self._start, events.now(), bytes=self.bytes)


_NO_SPAN = nullcontext()


def span(row: str, name: str, bytes: int = 0) -> AbstractContextManager[Any]:
    """A block of work for a row that is no device: ``"kvstore"``, ``"data"``.

    Build *name* only if ``events.on``; otherwise this does nothing.
    """
    return Span(row, name, bytes) if events.on else _NO_SPAN


class _Local(threading.local):
    """What the calling thread is at: the number of the task that it runs (0: none), and the
    span that it has opened."""

    task = 0
    span: Span | None = None


local = _Local()


def switch(on: bool) -> None:
    """Swap the kernel tables of all contexts; :func:`workbench.engine.events.listen` calls it."""
    backend.set_timer(timed_kernel if on else None)


def _bytes_of(several: Any) -> int:
    return sum(one.nbytes for one in several or () if one is not None)


def timed_kernel(row: str, name: str, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """*kernel* with an event on *row* for each call that returns."""
    ring = events.ring
    note, items, limit = ring.note, ring.items, ring.limit

    def timed(*arrays: Any, **params: Any) -> Any:
        start = perf_counter()
        made = kernel(*arrays, **params)
        stop = perf_counter()
        try:
            size = made.nbytes
        except AttributeError:
            size = _bytes_of(made)
        note((row, name, start, stop, size))
        if len(items) >= limit:
            ring.trim()
        return made

    return timed


def rule_done(rule: Any, ctx: Any, start: float) -> None:
    """Record that the gradient rule of an operator ran on *ctx* from *start* (seconds) to now.

    The event is called ``_backward_NAME``, as in MXNet. A rule that belongs to no operator, that
    of a compiled graph, records itself, and inside a task the task's event says it all.
    """
    stop = perf_counter()
    try:
        row, name = _rules[rule, ctx]
    except KeyError:
        op = getattr(rule, "op", None)
        row, name = str(ctx), "" if op is None else "_backward_" + op.name
        if op is not None:  # those of operators live as long as the operators
            _rules[rule, ctx] = row, name
    if name and not local.task:
        events.ring.append((row, name, start, stop, 0))


def run_whole(
    run: Callable[[Any, Any], None], steps: Any, environment: Any, row: str, name: str
) -> None:
    """``run(steps, environment)`` with one event, or with none inside a task that has its own."""
    if local.task:
        run(steps, environment)
        return
    start, ran = perf_counter(), thread_time()
    run(steps, environment)
    stop, ran = perf_counter(), thread_time() - ran
    events.record(
        row,
        name,
        (start - ORIGIN) * 1e6,
        (stop - ORIGIN) * 1e6,
        wait=max(0.0, stop - start - ran) * 1e6,
    )
