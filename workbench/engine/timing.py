"""Timing what runs outside the queues: kernels, gradient rules and compiled graphs.

While events are on, contexts have tables of timed kernels (:func:`switch`); off, they have the
plain ones. A kernel's event costs 0.5 µs. Whatever a task of the engine runs is covered by the
task's own event; only the steps of a compiled graph are recorded inside it too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import Any

from .. import backend
from . import events
from .events import ORIGIN, Event

__all__ = ["local", "run_rule", "run_whole", "switch", "timed_kernel"]

_new_event = tuple.__new__


class _Local(threading.local):
    """What the calling thread is at: the number of the task that it runs, 0 for none."""

    task = 0


local = _Local()


def switch(on: bool) -> None:
    """Swap the kernel tables of all contexts; :func:`workbench.engine.events.listen` calls it."""
    backend.set_timer(timed_kernel if on else None)


def _bytes_of(made: Any) -> int:
    try:
        return made.nbytes  # type: ignore[no-any-return]
    except AttributeError:
        several = made if isinstance(made, (tuple, list)) else ()
        return sum(getattr(one, "nbytes", 0) for one in several)


def timed_kernel(row: str, name: str, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """*kernel* with an event on *row* for each call that returns."""
    append, new_id = events.ring.append, events.new_id

    def timed(*arrays: Any, **params: Any) -> Any:
        start = perf_counter()
        made = kernel(*arrays, **params)
        stop = perf_counter()
        append(
            _new_event(
                Event,
                (
                    row,
                    name,
                    (start - ORIGIN) * 1e6,
                    (stop - ORIGIN) * 1e6,
                    new_id(),
                    0,
                    _bytes_of(made),
                    0.0,
                ),
            )
        )
        return made

    return timed


def run_rule(
    rule: Callable[..., Any], F: Any, g: Any, parents: Any, saves: Any, p: Any, row: str
) -> Any:
    """Call a gradient rule ``rule(F, g, parents, saves, p)`` with an event in MXNet's words.

    The event is called ``_backward_NAME`` after the rule's operator. A rule without one, that of
    a compiled graph, records itself.
    """
    op = getattr(rule, "op", None)
    if op is None or local.task:
        return rule(F, g, parents, saves, p)
    start = events.now()
    grads = rule(F, g, parents, saves, p)
    events.record(row, "_backward_" + op.name, start, events.now(), bytes=_bytes_of(grads))
    return grads


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
