"""Which task may run: a pure state machine, no threads, no clocks, no locks.

Events go in (a task is pushed, a task is done), the tasks that became ready come out. The rules
are those of MXNet's engine: a reader waits for the last writer before it, a writer for the last
writer and for everybody who reads what that one wrote. The caller keeps calls apart from each
other (one lock) and runs the tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from heapq import heappop, heappush
from typing import Any

from .failure import Failure, Place
from .var import Var

__all__ = ["BLOCKED", "DONE", "OPEN", "READY", "RUNNING", "Lane", "Schedule", "Task"]

OPEN, BLOCKED, READY, RUNNING, DONE = range(5)
"""The states of a task, in the order in which it goes through them. Only a bulk is ever open:
it still takes in operations and cannot run yet."""


def _nothing() -> None:
    """What a task runs that has run: its closure and the arrays in it are let go."""


class Task:
    """One piece of work with the variables it reads and writes.

    ``ahead`` holds the tasks it waits for (finished ones are dropped when somebody looks),
    ``behind`` those that wait for it, ``cause`` the number of the task whose end made it ready,
    ``parts`` the operations of a bulk, ``by_hand`` that only a waiter will run it, ``span`` under
    whose row and name it is recorded (None: its device's and its own).
    """

    __slots__ = (
        "ahead",
        "behind",
        "by_hand",
        "cause",
        "failure",
        "fn",
        "id",
        "lane",
        "name",
        "nbytes",
        "parts",
        "priority",
        "reads",
        "runner",
        "sleepers",
        "span",
        "state",
        "waits",
        "where",
        "writes",
    )

    def __init__(
        self,
        id: int,
        fn: Callable[[], object],
        reads: Sequence[Var],
        writes: Sequence[Var],
        lane: Lane,
        name: str,
        nbytes: int = 0,
        where: Place = None,
        priority: int = 0,
    ) -> None:
        self.id = id
        self.fn: Callable[[], object] = fn
        self.reads = reads
        self.writes = writes
        self.lane = lane
        self.name = name
        self.nbytes = nbytes
        self.where = where
        self.priority = priority
        self.state = BLOCKED
        self.waits = 0
        self.ahead: list[Task] = []
        self.behind: list[Task] = []
        self.cause = 0
        self.failure: Failure | None = None
        self.parts: list[Task] | None = None
        self.by_hand = False
        self.runner = 0
        self.span: Any = None
        self.sleepers: list[Any] = []

    def release_closure(self) -> None:
        """Let go of the function and all that it holds. Not to be called under a lock."""
        self.fn = _nothing

    def __repr__(self) -> str:
        state = ("open", "blocked", "ready", "running", "done")[self.state]
        return f"<Task {self.id} {self.name} on {self.lane.row}, {state}>"


class Lane:
    """The ready tasks of one device, by priority and then in program order.

    ``width`` tasks may run at a time; ``runners`` holds the threads that run one now. The rest
    belongs to the engine: ``threads``, its workers; ``idlers``, the locks on which the idle ones
    sleep; ``by_hand``, that it has no workers because threads cannot be started here.
    """

    __slots__ = (
        "_heap",
        "by_hand",
        "ctx",
        "idlers",
        "in_flight",
        "row",
        "runners",
        "threads",
        "used_at",
        "width",
    )

    def __init__(self, ctx: Hashable, width: int = 1) -> None:
        self.ctx = ctx
        self.row = str(ctx)
        self.width = width
        self.runners: list[int] = []
        self.in_flight = 0
        self.used_at = float("-inf")
        self.threads: list[Any] = []
        self.idlers: list[Any] = []
        self.by_hand = False
        self._heap: list[tuple[int, int, Task]] = []

    def put(self, task: Task) -> None:
        """Add a ready task."""
        heappush(self._heap, (-task.priority, task.id, task))

    def take(self, runner: int) -> Task | None:
        """Claim the first ready task for the thread *runner*; None: there is none, or no room."""
        heap = self._heap
        if len(self.runners) >= self.width:
            return None
        while heap:
            task = heappop(heap)[2]
            if task.state == READY:  # else a waiter has claimed it past the heap
                self._start(task, runner)
                return task
        return None

    def claim(self, task: Task, runner: int, *, crowd: bool = False) -> bool:
        """Claim this very ready task; *crowd* allows more than ``width`` tasks at a time."""
        if task.state != READY or (len(self.runners) >= self.width and not crowd):
            return False
        self._start(task, runner)
        return True

    def _start(self, task: Task, runner: int) -> None:
        task.state = RUNNING
        task.runner = runner
        self.runners.append(runner)

    def forget(self) -> None:
        """Drop the ready tasks. Who waits for one of them still finds and runs it."""
        self._heap.clear()

    @property
    def waiting(self) -> bool:
        """True if a ready task is (or, rarely, was) here that nobody has claimed."""
        return bool(self._heap)


class Schedule:
    """All unfinished tasks, by number, in program order (``tasks``)."""

    __slots__ = ("tasks",)

    def __init__(self) -> None:
        self.tasks: dict[int, Task] = {}

    def push(self, task: Task) -> list[Task]:
        """Take in a task. Returns the tasks that became ready: it, or a bulk that it closed."""
        ready: list[Task] = []
        self._link(task, task.reads, task.writes, ready)
        self.tasks[task.id] = task
        task.lane.in_flight += 1
        if not task.waits:
            task.state = READY
            ready.append(task)
        return ready

    def open(self, bulk: Task) -> None:
        """Take in a task that does nothing yet; :meth:`extend` adds to it until it is closed."""
        bulk.parts, bulk.reads, bulk.writes = [], [], []
        bulk.state = OPEN
        self.tasks[bulk.id] = bulk
        bulk.lane.in_flight += 1

    def extend(self, bulk: Task, part: Task) -> list[Task]:
        """Make *part* the last operation of an open bulk. Returns what became ready elsewhere."""
        ready: list[Task] = []
        assert bulk.parts is not None
        assert isinstance(bulk.reads, list)
        assert isinstance(bulk.writes, list)
        self._link(bulk, part.reads, part.writes, ready)
        bulk.parts.append(part)
        # A bulk has the number of its last operation: that is its place in program order and
        # the event that sets others free.
        del self.tasks[bulk.id]
        bulk.id = part.id
        self.tasks[bulk.id] = bulk
        bulk.reads += part.reads
        bulk.writes += part.writes
        bulk.priority = max(bulk.priority, part.priority)
        return ready

    def close(self, bulk: Task) -> list[Task]:
        """Let an open bulk run. Returns it if it is ready."""
        if bulk.state != OPEN:
            return []
        bulk.state = BLOCKED if bulk.waits else READY
        return [] if bulk.waits else [bulk]

    def done(self, task: Task) -> list[Task]:
        """Take out a task that has run. Returns the tasks that became ready."""
        task.state = DONE
        del self.tasks[task.id]
        task.lane.in_flight -= 1
        for var in task.reads:
            if task in var.readers:  # else a later writer has taken the list away
                var.readers.remove(task)
        for var in task.writes:
            if var.writer is task:
                var.writer = None
        ready: list[Task] = []
        if task.behind:
            for other in task.behind:
                other.waits -= 1
                if not other.waits:
                    other.cause = task.id
                    if other.state == BLOCKED:
                        other.state = READY
                        ready.append(other)
            task.behind = []  # breaks chains, which would keep all of history alive
        if task.ahead:
            task.ahead = []
        task.reads = task.writes = ()
        return ready

    def _link(
        self, task: Task, reads: Sequence[Var], writes: Sequence[Var], ready: list[Task]
    ) -> None:
        for var in reads:
            writer = var.writer
            if writer is not None and writer is not task:
                self._follow(writer, task, ready)
            var.readers.append(task)
        for var in writes:
            writer, readers = var.writer, var.readers
            if readers:
                var.readers = []
                for reader in readers:
                    if reader is not task:
                        self._follow(reader, task, ready)
            elif writer is not None and writer is not task:
                self._follow(writer, task, ready)
            var.writer = task
            var.version += 1

    def _follow(self, first: Task, task: Task, ready: list[Task]) -> None:
        # A bulk that somebody waits for takes in nothing more: the addition might depend on
        # the one who waits, and neither would ever run.
        if first.state == OPEN:
            ready += self.close(first)
        first.behind.append(task)
        task.ahead.append(first)
        task.waits += 1
