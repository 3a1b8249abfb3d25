"""When operations run: variables, one queue per device, events.  ``mx.engine``

Most operations run inline, in the thread that calls them. One that is long, that needs something
pending, or that belongs to another device is *pushed*: a worker runs it as soon as what it reads
is there. Waiting helps: the waiter runs what it waits for if that is ready.

Rooms: :mod:`.var` and :mod:`.schedule` decide the order (pure), :mod:`.queues` has the threads,
:mod:`.failure` the errors, :mod:`.interrupts` Ctrl-C, :mod:`.switching` the interpreter lock,
:mod:`.events`, :mod:`.timing` and :mod:`.trace` what ran when.
``MXNET_ENGINE_TYPE=NaiveEngine`` runs every task at the call; ``MXNET_CPU_WORKER_NTHREADS`` sets
the workers per device (1).
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager

from ..backend.cores import cores
from . import events, timing
from .interrupts import shield
from .queues import Engine
from .switching import switch_interval
from .var import Var

__all__ = [
    "Engine",
    "Var",
    "bulk",
    "busy",
    "events",
    "in_flight",
    "is_naive",
    "naive",
    "push",
    "set_bulk_size",
    "should_push",
    "wait",
    "wait_all",
    "wait_to_write",
]

busy = False
"""True while a task is in flight anywhere. Read it as ``engine.busy``; the engine sets it."""


def _set_busy(value: bool) -> None:
    global busy
    busy = value


def _share_cores(devices: int) -> None:
    if devices:
        cores.share(devices)
    else:
        cores.prepare()


def _workers_per_device() -> int:
    text = os.environ.get("MXNET_CPU_WORKER_NTHREADS", "1")
    return max(1, int(text)) if text.isdecimal() else 1


_engine = Engine(
    width=_workers_per_device(),
    naive=os.environ.get("MXNET_ENGINE_TYPE", "") == "NaiveEngine",
    on_busy=_set_busy,
    on_devices=_share_cores,
)

push = _engine.push
wait = _engine.wait
wait_to_write = _engine.wait_to_write
wait_all = _engine.wait_all
in_flight = _engine.in_flight
set_bulk_size = _engine.set_bulk_size


def should_push(
    ctx: Hashable,
    reads: Iterable[Var | None],
    estimate: float,
    writes: Iterable[Var | None] = (),
) -> bool:
    """Is it better to push an operation than to run it in the calling thread?

    Yes, if it touches something pending, if *ctx* is not the thread's current device, or if it
    takes long (*estimate*, in µs, of 200 or more) and another device has been used in the last
    0.1 s, so that the calling thread has other work to hand out. Never in naive mode. ``None``
    stands for the variable of an array that has none yet.
    """
    return _engine.should_push(ctx, reads, writes, estimate)


def is_naive() -> bool:
    """True while every task runs at the call, in the calling thread."""
    return _engine.naive


@contextmanager
def naive(on: bool = True) -> Iterator[None]:
    """A scope in which every task runs at the call and raises there; for tests and debugging.

    Tasks in flight are finished first. The mode is the process's, not the thread's.
    """
    _engine.drain()
    before, _engine.naive = _engine.naive, on
    try:
        yield
    finally:
        _engine.drain()
        _engine.naive = before


class _BulkScope:
    """What :func:`bulk` returns; entering it sets the size, leaving it sets the old one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._before: list[int] = []

    def __enter__(self) -> _BulkScope:
        self._before.append(set_bulk_size(self._size))
        return self

    def __exit__(self, *exc: object) -> None:
        set_bulk_size(self._before.pop())


def bulk(size: int) -> _BulkScope:
    """A scope in which *size* deferred operations of a device become one task.

    Results do not change. Worth it for many small operations on a device with a queue::

        with mx.engine.bulk(10):
            x = mx.nd.zeros((1,), ctx=mx.cpu(1))
            for _ in range(100):
                x += 1
    """
    return _BulkScope(size)


def _after_fork_in_child() -> None:
    events.after_fork()
    switch_interval.after_fork()
    shield.after_fork()
    _engine.after_fork()


events.listen(timing.switch)
atexit.register(_engine.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_engine.before_fork,
        after_in_parent=_engine.after_fork,
        after_in_child=_after_fork_in_child,
    )
