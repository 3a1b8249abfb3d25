"""Running tasks: the worker threads of each device, and what they share with helping waiters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from threading import get_ident
from time import monotonic, perf_counter, thread_time

from ..context import current_context
from . import events, timing
from .failure import Failure
from .schedule import Lane, Schedule, Task
from .switching import sharpen_timer, switch_interval

__all__ = ["LATELY", "Workers"]

LATELY = 0.1
"""Seconds for which a device counts as in use after a push, and after the end of a task."""
_KEPT_FAILURES = 1000
"""Undelivered errors that wait_all can still raise; of more, the first ones in time are kept."""
_EXIT_PATIENCE = 5.0
"""Seconds that the end of the interpreter waits for running tasks."""


class Workers:
    """The lower half of an :class:`~.queues.Engine`: everything but pushing and waiting.

    One bare lock guards the schedule, the lanes and the failures. Nothing is run, and no closure
    let go, while it is held.
    """

    def __init__(
        self,
        width: int,
        on_busy: Callable[[bool], None] | None,
        on_devices: Callable[[int], None] | None = None,
    ) -> None:
        self._width = width
        self._on_busy, self._on_devices = on_busy, on_devices
        self._lock = threading.Lock()
        self._schedule = Schedule()
        self._lanes: dict[Hashable, Lane] = {}
        self._failures: list[Failure] = []
        #: number of the latest task whose error was read: it counts for those pushed before it,
        #: also where they end later
        self._read_up_to = -1
        self._by_hand = 0
        self._closed = False

    def _add_lane(self, ctx: Hashable) -> Lane:
        if self._on_devices is not None and ctx is not current_context():
            self._on_devices(0)
        with self._lock:
            return self._lanes.setdefault(ctx, Lane(ctx, self._width))

    def _inside(self, me: int) -> bool:
        return any(me in lane.runners for lane in self._lanes.values())

    def _execute(self, task: Task) -> None:
        """Run a claimed task, or pass on the failure of what it reads."""
        if task.parts is not None:
            for part in task.parts:
                part.cause = task.cause
                self._execute(part)
            task.parts = None
            return
        failure = None
        for var in task.reads:
            if var.error is not None and var.error.blocks(task.id):
                failure = var.error
                break
        else:
            try:
                if events.on:
                    self._timed(task)
                else:
                    task.fn()
            except BaseException as error:  # delivered where somebody waits for it
                failure = Failure(task.id, task.name, task.where, error)
                with self._lock:
                    if task.id > self._read_up_to and len(self._failures) < _KEPT_FAILURES:
                        self._failures.append(failure)
        task.release_closure()
        task.failure = failure
        for var in task.writes:
            if var.error is not failure:
                var.error = failure

    def _timed(self, task: Task) -> None:
        outer, timing.local.task = timing.local.task, task.id
        start, ran = perf_counter(), thread_time()
        try:
            task.fn()
        finally:
            timing.local.task = outer
            ran = thread_time() - ran
            stop = perf_counter()
            span = task.span
            events.record(
                task.lane.row if span is None else span.row,
                task.name if span is None else span.name,
                (start - events.ORIGIN) * 1e6,
                (stop - events.ORIGIN) * 1e6,
                id=task.id,
                cause=task.cause,
                bytes=task.nbytes,
                wait=max(0.0, stop - start - ran) * 1e6,
            )

    def _finish(self, task: Task, me: int, *, worker: bool = False) -> Task | None:
        """Take a task out that has run; a worker gets the next one of its lane with it."""
        lane = task.lane
        with self._lock:
            lane.runners.remove(me)
            lane.used_at = monotonic()
            if task.by_hand:
                self._by_hand -= 1
            ready = self._schedule.done(task)
            for sleep in task.sleepers:
                sleep.release()
            task.sleepers.clear()
            if ready:
                self._dispatch(ready)
            if not self._schedule.tasks:
                self._set_busy(False)
            if worker:
                return lane.take(me)
            if lane.waiting and lane.idlers:
                lane.idlers.pop().release()
        return None

    def _dispatch(self, ready: list[Task]) -> None:
        """Under the lock: hand ready tasks to those who will run them, and wake these."""
        for task in ready:
            lane = task.lane
            if not task.by_hand:
                lane.put(task)
                if lane.idlers:
                    lane.idlers.pop().release()
                elif len(lane.threads) < lane.width and not lane.by_hand:
                    self._hire(lane)
            if task.by_hand or lane.by_hand:
                for sleep in task.sleepers:
                    sleep.release()
                task.sleepers.clear()

    def _set_busy(self, busy: bool) -> None:
        (switch_interval.acquire if busy else switch_interval.release)()
        if self._on_busy is not None:
            self._on_busy(busy)
        if self._on_devices is not None:
            self._on_devices(self._devices_at_work() if busy else 1)

    def _devices_at_work(self) -> int:
        """How many devices were used lately, that of the calling thread included."""
        since = monotonic() - LATELY
        used = {lane.ctx for lane in self._lanes.values() if lane.used_at > since}
        return len(used | {current_context()})

    # -- workers ----------------------------------------------------------------------------

    def _hire(self, lane: Lane) -> None:
        """Under the lock: start a worker for *lane*, or find out that there can be none."""
        thread = threading.Thread(
            target=self._work, args=(lane,), name=f"workbench {lane.row}", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # Pyodide has no threads, a container may have no more
            if lane.threads:
                lane.width = len(lane.threads)
            else:
                lane.by_hand = True
                self._by_hand += 1
            return
        lane.threads.append(thread)

    def _work(self, lane: Lane) -> None:
        sharpen_timer()
        me, this = get_ident(), threading.current_thread()
        sleep = threading.Lock()
        sleep.acquire()
        task: Task | None = None
        while True:
            if task is None:
                with self._lock:
                    task = lane.take(me)
                    if task is None:
                        if this not in lane.threads:
                            return
                        lane.idlers.append(sleep)
            if task is None:
                sleep.acquire()
            else:
                self._execute(task)
                task = self._finish(task, me, worker=True)

    def _run_lane(self, lane: Lane) -> None:
        """Do here what a worker of *lane* would do, where threads cannot be started."""
        me = get_ident()
        while True:
            with self._lock:
                task = lane.take(me)
            if task is None:
                return
            self._execute(task)
            self._finish(task, me)

    def stop_workers(self, patience: float | None = None) -> None:
        """Let every worker finish its task and end. The next push starts new ones.

        *patience* is how many seconds to wait for them in all; None: as long as it takes.
        """
        with self._lock:
            threads = [thread for lane in self._lanes.values() for thread in lane.threads]
            for lane in self._lanes.values():
                lane.threads.clear()
                for sleep in lane.idlers:
                    sleep.release()
                lane.idlers.clear()
        end = None if patience is None else monotonic() + patience
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(None if end is None else max(0.0, end - monotonic()))

    def close(self) -> None:
        """At the end of the interpreter: let running tasks finish, start no more.

        A worker that is inside NumPy when the interpreter takes itself down could crash it; but a
        task that never ends must not keep the process alive, so there is an end to patience. What
        is pushed or waited for from now on runs in the calling thread.
        """
        with self._lock:
            self._closed = True
            for lane in self._lanes.values():
                lane.forget()
        self.stop_workers(_EXIT_PATIENCE)
