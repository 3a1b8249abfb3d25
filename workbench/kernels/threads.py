"""Machine code on several cores: Python threads that wait for calls and leave the lock to others.

Work is dealt out in fixed parts, not by who is free, so that sums come out alike in every run.
A call that finds the threads at work for another device does its parts one after the other.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any

__all__ = ["Call", "count", "run_all"]

#: machine code, the address it takes, and what must live until it is done
Call = tuple[Callable[[int], None], int, Any]


@functools.cache
def count() -> int:
    """How many cores kernels use: ``OMP_NUM_THREADS``, else those this process may run on."""
    asked = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    if asked.isdigit() and int(asked):
        return int(asked)
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        return os.cpu_count() or 1


def run_all(calls: Sequence[Call]) -> None:
    """Do all calls, the first one on the caller's thread; returns when all are done."""
    crew = _crew()
    if len(calls) == 1 or not crew.free.acquire(blocking=False):
        for code, address, _ in calls:
            code(address)
        return
    try:
        crew.run(calls)
    finally:
        crew.free.release()


class _Crew:
    """Threads that are started when they are first needed."""

    def __init__(self) -> None:
        self.free = threading.Lock()
        self._queues: list[SimpleQueue[tuple[Call, SimpleQueue[None]]]] = []

    def run(self, calls: Sequence[Call]) -> None:
        done: SimpleQueue[None] = SimpleQueue()  # of this call: nobody else's tokens
        while len(self._queues) < len(calls) - 1:
            self._hire()
        for queue, call in zip(self._queues, calls[1:], strict=False):
            queue.put((call, done))
        code, address, _ = calls[0]
        code(address)
        for _ in calls[1:]:
            done.get()

    def _hire(self) -> None:
        queue: SimpleQueue[tuple[Call, SimpleQueue[None]]] = SimpleQueue()
        self._queues.append(queue)
        name = f"workbench-kernels-{len(self._queues)}"
        threading.Thread(target=_work, args=(queue,), name=name, daemon=True).start()


def _work(queue: SimpleQueue[tuple[Call, SimpleQueue[None]]]) -> None:
    while True:
        call, done = queue.get()
        code, address, _ = call
        code(address)
        del call  # before it is done: nothing of the caller's stays alive here
        done.put(None)


@functools.cache
def _crew() -> _Crew:
    return _Crew()


if hasattr(os, "register_at_fork"):  # a forked child has none of its parent's threads
    os.register_at_fork(after_in_child=_crew.cache_clear)
