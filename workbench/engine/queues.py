"""The engine: one queue and one worker thread per device, and waiters that help.

A task goes through four hands: :meth:`Engine.push` links it behind the tasks it depends on; when
the last of them is done it goes to its device's :class:`~.schedule.Lane`; a worker, or a thread
that waits for it anyway, claims and runs it; its end sets others free. All bookkeeping is under
one bare lock; nothing is ever run or let go of under it. A finalizer must not push or wait.

Measured by ``benchmarks/engine.py`` (CPython 3.11, 2 shared Zen 3 cores, tasks that do nothing,
medians): a push 2.0 µs, a helped wait with the run and its end 2.3 µs, each 1.1 µs more where
the engine goes from idle to busy and back; inline with nothing pending 1.1 µs; the test whether
to push 0.6 µs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from threading import get_ident
from time import monotonic

from ..context import current_context
from ..error import OperatorError, message
from . import events, timing
from .failure import Failure, Place, describe_place, pushing_place
from .interrupts import shield
from .schedule import BLOCKED, DONE, OPEN, RUNNING, Lane, Task
from .var import Var
from .workers import LATELY, Workers

__all__ = ["BACKLOG", "INLINE_BELOW", "LATELY", "Engine"]

BACKLOG = 2000
"""Unfinished tasks beyond which a push first helps: closures keep their arrays alive."""
INLINE_BELOW = 200.0
"""µs; handing a shorter operation to another thread costs more than it gains (measured: two
independent chains gain from 26 µs per operation on, but only when both sides are kept busy)."""


class Engine(Workers):
    """A schedule with threads. The package uses one; tests make their own.

    Parameters
    ----------
    width : int
        Tasks that one device may run at a time (worker threads per device).
    naive : bool
        Run every task at once in the pushing thread and raise its error there.
    on_busy : callable
        Called with True when the first task comes into flight, with False when none is left.
    on_devices : callable
        Called with 0 when another device than the caller's is used for the first time; then, just
        after *on_busy*, with how many devices share the cores (1 when none is busy).
    """

    def __init__(
        self,
        *,
        width: int = 1,
        naive: bool = False,
        backlog: int = BACKLOG,
        on_busy: Callable[[bool], None] | None = None,
        on_devices: Callable[[int], None] | None = None,
    ) -> None:
        super().__init__(width, on_busy, on_devices)
        self.naive = naive
        self.backlog = backlog
        self._bulking = 0
        self._bulk = _BulkState()

    # -- pushing ----------------------------------------------------------------------------

    def push(
        self,
        fn: Callable[[], object],
        reads: Sequence[Var] = (),
        writes: Sequence[Var] = (),
        ctx: Hashable = None,
        name: str = "task",
        *,
        bytes: int = 0,
        where: Place = None,
        priority: int = 0,
        inline: bool = False,
    ) -> None:
        """Run ``fn()`` on the queue of *ctx* when all that it depends on has run.

        Parameters
        ----------
        fn : callable
            The work; what it returns is ignored. It may use only what the variables guard.
        reads, writes : sequences of Var
            Which chunks it reads and writes. A chunk that is written in part, or in place, is
            in both, so that an error of its last writer is passed on and not covered up.
        ctx : hashable
            The device: a Context, or any name of a queue.
        name : str
            For events and error texts: the operator.
        bytes : int
            Bytes moved or written, for the timeline.
        where : str, optional
            The user's line. By default the nearest calling line outside the package.
        priority : int
            Of the ready tasks of a device those with a higher number run first.
        inline : bool
            Wait for what it depends on and run it in the calling thread.

        Raises
        ------
        MXNetError
            Only if *inline* or naive: whatever *fn* raises, as :func:`wait` would raise it.
        """
        if where is None:
            where = pushing_place(2)
        schedule = self._schedule
        lane = self._lanes.get(ctx) or self._add_lane(ctx)
        task = Task(events.new_id(), fn, reads, writes, lane, name, bytes, where, priority)
        if events.on and (span := timing.local.span) is not None:
            task.span, span.used = span, True
        if self.naive or self._closed or (inline and not schedule.tasks):
            self._run_now(task)
            return
        if len(schedule.tasks) >= self.backlog:
            self._work_off()
        self._submit(task, lane, inline)
        if inline:
            self._wait_for(task)
            if task.failure is not None:
                self._deliver(task.failure)

    def _submit(self, task: Task, lane: Lane, inline: bool) -> None:
        """Link a task behind what it depends on, and hand out what is ready."""
        schedule = self._schedule
        held = shield.hold()
        try:
            with self._lock:
                lane.used_at = monotonic()
                if not schedule.tasks:
                    self._set_busy(True)
                if self._bulking and not inline and self._bulk.size > 1:
                    ready = self._add_to_bulk(task)
                else:
                    if inline:
                        task.by_hand = True
                        self._by_hand += 1
                    ready = schedule.push(task)
                if ready:
                    self._dispatch(ready)
            if lane.by_hand:
                self._run_lane(lane)
        finally:
            if held:
                shield.release(held, idle=False)

    def _run_now(self, task: Task) -> None:
        """Naive mode, and inline work that nothing can stand in the way of."""
        for var in task.writes:
            var.version += 1
        self._execute(task)
        if task.failure is not None:
            self._deliver(task.failure)

    def _work_off(self) -> None:
        """Help until the backlog is below its limit. A task that pushes tasks is let through."""
        while len(self._schedule.tasks) >= self.backlog:
            with self._lock:
                if self._inside(get_ident()):
                    return
                oldest = next(iter(self._schedule.tasks.values()), None)
            if oldest is not None:
                self._wait_for(oldest)

    def should_push(
        self, ctx: Hashable, reads: Iterable[Var | None], writes: Iterable[Var | None], us: float
    ) -> bool:
        """See :func:`workbench.engine.should_push`."""
        if self.naive or self._closed:
            return False
        if self._schedule.tasks:
            for var in reads:
                if var is not None and var.writer is not None:
                    return True
            for var in writes:
                if var is not None and (var.writer is not None or var.readers):
                    return True
        if ctx is not current_context():
            return True
        if us < INLINE_BELOW:
            return False
        since = monotonic() - LATELY
        return any(lane.used_at > since for lane in self._lanes.values() if lane.ctx is not ctx)

    def in_flight(self, ctx: Hashable | None = None) -> int:
        """How many tasks of *ctx*, or of all devices, have not finished."""
        if ctx is None:
            return len(self._schedule.tasks)
        lane = self._lanes.get(ctx)
        return lane.in_flight if lane is not None else 0

    # -- bulks ------------------------------------------------------------------------------

    def set_bulk_size(self, size: int) -> int:
        """Let the calling thread's next pushes to one device form tasks of *size* operations.

        Returns the size before, 0 at first. 0 and 1 turn it off. A bulk is closed, and runs, as
        soon as it is full, somebody waits for it or depends on it, or the size changes.
        """
        bulk = self._bulk
        before, bulk.size = bulk.size, int(size)
        with self._lock:
            self._bulking += (bulk.size > 1) - (before > 1)
        self._close(bulk.open)
        bulk.open = None
        return before

    def _add_to_bulk(self, part: Task) -> list[Task]:
        bulk, schedule = self._bulk, self._schedule
        ready: list[Task] = []
        whole = bulk.open
        if whole is not None and (whole.state != OPEN or whole.lane is not part.lane):
            ready += schedule.close(whole)
            whole = None
        if whole is None:
            whole = Task(events.new_id(), part.fn, [], [], part.lane, "bulk", where=part.where)
            whole.release_closure()
            schedule.open(whole)
            bulk.open = whole
        ready += schedule.extend(whole, part)
        if len(whole.parts or ()) >= bulk.size:
            ready += schedule.close(whole)
            bulk.open = None
        return ready

    def _close(self, whole: Task | None) -> None:
        if whole is None:
            return
        held = shield.hold()
        try:
            with self._lock:
                self._dispatch(self._schedule.close(whole))
            if whole.lane.by_hand:
                self._run_lane(whole.lane)
        finally:
            if held:
                shield.release(held, idle=False)

    # -- waiting ----------------------------------------------------------------------------

    def wait(self, var: Var) -> None:
        """Return when the content of *var* is what the program says; run what it needs, if ready.

        Raises
        ------
        MXNetError
            The error of the task that should have written it, or of one that this one depends
            on: once (see :class:`~.failure.Failure`).
        """
        task = var.writer
        if task is not None:
            self._wait_for(task)
        failure = var.error
        if failure is not None:
            self._deliver(failure)

    def wait_to_write(self, var: Var) -> None:
        """Return when nobody reads or writes *var* any more. Raises as :meth:`wait` does."""
        while var.readers:
            with self._lock:
                reader = var.readers[-1] if var.readers else None
            if reader is not None:
                self._wait_for(reader)
        self.wait(var)

    def wait_all(self) -> None:
        """Return when no task is left.

        Raises
        ------
        MXNetError
            The first error in program order that has happened since one was last raised, also
            of variables that have been overwritten since. The other errors are settled with it.
            (As in MXNet 1.9.1 an error that is raised where its result is read counts for all
            before it; results of those that nobody has read still raise their own.)
        """
        self.drain()
        with self._lock:
            failures = sorted(self._failures, key=lambda one: one.task_id)
            for one in failures:
                one.settle(events.new_id())
            self._failures.clear()
        if failures:
            raise failures[0].exception(failures[1:])

    def drain(self) -> None:
        """Return when no task is left; errors stay where they are."""
        tasks = self._schedule.tasks
        while tasks:
            with self._lock:
                newest = next(reversed(tasks.values()), None)
            if newest is not None:
                self._wait_for(newest)
        if held := shield.hold():
            shield.release(held, idle=True)

    def _wait_for(self, task: Task) -> None:
        """Run what *task* depends on and it itself, as far as it is ready; sleep for the rest."""
        start = events.now() if events.on else 0.0
        path = [task]
        me = get_ident()
        held = shield.hold()
        try:
            while True:
                if held and shield.caught:
                    shield.deliver(held)
                with self._lock:
                    job, sleep = self._next_step(path, me)
                if job is not None:
                    self._execute(job)
                    self._finish(job, me)
                elif sleep is None:
                    break
                elif held:
                    level, held = held, 0
                    shield.release(level, idle=False)
                    sleep.acquire()
                    held = shield.hold()
                else:
                    sleep.acquire()
        finally:
            if held:
                shield.release(held, idle=not self._schedule.tasks)
        if start and threading.current_thread() is threading.main_thread():
            events.record("main", f"wait {task.name}", start, events.now(), cause=task.id)

    def _next_step(self, path: list[Task], me: int) -> tuple[Task | None, threading.Lock | None]:
        """Under the lock: a task claimed for the waiter, or a lock to sleep on, or neither: done.

        *path* leads from the task that is waited for to the first unfinished one that it depends
        on, and is kept from step to step: to walk it anew would make long chains quadratic.
        """
        while path:
            task = path[-1]
            if task.state == DONE:
                path.pop()
                continue
            if task.state == OPEN:
                self._dispatch(self._schedule.close(task))
                continue
            if task.state == BLOCKED:
                ahead = task.ahead
                while ahead and ahead[-1].state == DONE:
                    ahead.pop()
                following = [one for one in ahead[-8:] if one.state < RUNNING] or ahead[-1:]
                path.append(following[-1])
                continue
            lane = task.lane
            if lane.claim(task, me, crowd=task.by_hand or lane.by_hand):
                return task, None
            if task.runner == me:
                raise OperatorError(_own_output(task))
            nested = self._inside(me)
            if nested and lane.claim(task, me, crowd=True):
                return task, None
            # Workers do the rest alone unless one of the tasks on the way has nobody but us.
            target = task if self._by_hand or nested else path[0]
            sleep = threading.Lock()
            sleep.acquire()
            target.sleepers.append(sleep)
            return None, sleep
        return None, None

    def _deliver(self, failure: Failure) -> None:
        with self._lock:
            if failure.delivered:
                return
            failure.settle(events.new_id())
            self._read_up_to = max(self._read_up_to, failure.task_id)
            self._failures = [one for one in self._failures if one.task_id > self._read_up_to]
        raise failure.exception()

    # -- life ---------------------------------------------------------------------------

    def before_fork(self) -> None:
        """Finish all tasks, end the workers and keep the lock, so that the child gets a whole
        engine. A fork from inside a task cannot wait for that task and takes what there is."""
        if not self._inside(get_ident()):
            self.drain()
            self.stop_workers()
        self._lock.acquire()

    def after_fork(self) -> None:
        """In the parent and in the child: go on."""
        self._lock.release()


class _BulkState(threading.local):
    """A thread's bulk: how many operations it takes, and the one that is open."""

    size = 0
    open: Task | None = None


def _own_output(task: Task) -> str:
    return message(
        f"{task.name} waits for its own output",
        where=[describe_place(task.where)],
        fix="Read inside a queued function only what was pushed before it.",
    )
