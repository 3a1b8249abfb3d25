"""The pure part: which task may run. No threads here."""

from __future__ import annotations

import gc
import weakref

from hypothesis import given, settings, strategies as st

from workbench.engine.schedule import BLOCKED, DONE, OPEN, READY, RUNNING, Lane, Schedule, Task
from workbench.engine.var import Var


class _World:
    def __init__(self) -> None:
        self.schedule = Schedule()
        self.lane = Lane("d")
        self.number = 0

    def task(self, reads=(), writes=(), priority=0) -> Task:
        self.number += 1
        return Task(self.number, lambda: None, reads, writes, self.lane, "t", priority=priority)

    def push(self, reads=(), writes=(), priority=0) -> Task:
        task = self.task(reads, writes, priority)
        for one in self.schedule.push(task):
            assert one.state == READY
        return task


def test_a_reader_waits_for_the_writer_and_the_next_writer_for_the_readers():
    world, x = _World(), Var()
    first = world.push(writes=[x])
    one, two = world.push(reads=[x]), world.push(reads=[x])
    second = world.push(writes=[x])
    assert [t.state for t in (first, one, two, second)] == [READY, BLOCKED, BLOCKED, BLOCKED]
    assert world.schedule.done(first) == [one, two]
    assert world.schedule.done(two) == []
    assert world.schedule.done(one) == [second]
    assert second.cause == one.id
    assert x.pending
    assert world.schedule.done(second) == []
    assert not x.in_use
    assert not world.schedule.tasks
    assert x.version == 2


def test_an_in_place_task_does_not_wait_for_itself():
    world, x = _World(), Var()
    task = world.push(reads=[x, x], writes=[x, x])
    assert task.state == READY
    after = world.push(reads=[x], writes=[x])
    assert world.schedule.done(task) == [after]
    world.schedule.done(after)
    assert not x.in_use


def test_readers_leave_no_trace_on_a_variable_that_nobody_writes():
    world, x = _World(), Var()
    tasks = [world.push(reads=[x, x]) for _ in range(5)]
    assert len(x.readers) == 10
    for task in reversed(tasks):
        world.schedule.done(task)
    assert x.readers == []


def test_a_finished_chain_keeps_no_history_alive():
    world, x = _World(), Var()
    tasks = [world.push(reads=[x], writes=[x]) for _ in range(4)]
    marker = type("Marker", (), {})()
    alive = weakref.ref(marker)
    tasks[0].fn = lambda keep=marker: None
    del marker
    for task in tasks[:3]:
        task.release_closure()
        world.schedule.done(task)
    last = tasks[-1]
    del tasks, task
    gc.collect()
    assert alive() is None
    assert last.state == READY


def test_a_lane_gives_out_by_priority_and_then_in_program_order():
    world = _World()
    low, high, later = world.push(), world.push(priority=5), world.push()
    for task in (later, low, high):
        world.lane.put(task)
    taken = []
    while (task := world.lane.take(runner=7)) is not None:
        taken.append(task)
        assert world.lane.take(runner=8) is None  # one at a time
        world.lane.runners.remove(7)
    assert taken == [high, low, later]


def test_a_claimed_task_is_not_given_out_again():
    world = _World()
    one, two = world.push(), world.push()
    world.lane.put(one)
    world.lane.put(two)
    assert world.lane.claim(one, runner=1)
    assert not world.lane.claim(two, runner=2)
    assert world.lane.claim(two, runner=2, crowd=True)
    world.lane.runners.clear()
    assert world.lane.waiting
    assert world.lane.take(runner=3) is None
    assert not world.lane.waiting


def test_a_bulk_closes_when_somebody_depends_on_it():
    world, x, y, z = _World(), Var(), Var(), Var()
    whole = world.task()
    world.schedule.open(whole)
    world.schedule.extend(whole, world.task(writes=[x]))
    last = world.task(reads=[x], writes=[x, y])
    assert world.schedule.extend(whole, last) == []
    assert whole.state == OPEN
    assert whole.id == last.id
    outside = world.task(reads=[y], writes=[z])
    assert world.schedule.push(outside) == [whole]
    assert (whole.state, outside.state) == (READY, BLOCKED)
    assert world.schedule.close(whole) == []
    assert world.schedule.done(whole) == [outside]
    assert outside.cause == last.id


def test_a_bulk_whose_predecessors_end_while_it_is_open_is_ready_when_closed():
    world, x = _World(), Var()
    first = world.push(writes=[x])
    whole = world.task()
    world.schedule.open(whole)
    world.schedule.extend(whole, world.task(reads=[x]))
    assert world.schedule.done(first) == []
    assert whole.cause == first.id
    assert world.schedule.close(whole) == [whole]


_access = st.tuples(
    st.lists(st.integers(0, 4), max_size=3), st.lists(st.integers(0, 4), max_size=2)
)


@settings(deadline=None)
@given(program=st.lists(_access, max_size=30), choice=st.randoms(use_true_random=False))
def test_any_order_of_execution_respects_every_hazard(program, choice):
    world, variables = _World(), [Var() for _ in range(5)]
    tasks, waiting, order = [], list(program), []
    ready: list[Task] = []
    while waiting or ready:
        if waiting and (not ready or choice.random() < 0.5):
            reads, writes = waiting.pop(0)
            task = world.task([variables[i] for i in reads], [variables[i] for i in writes])
            tasks.append((task, set(reads), set(writes)))
            ready += world.schedule.push(task)
        else:
            task = ready.pop(choice.randrange(len(ready)))
            task.state = RUNNING
            order.append(task)
            ready += world.schedule.done(task)
    assert all(task.state == DONE for task, _, _ in tasks)
    place = {task: number for number, task in enumerate(order)}
    for later, (task, reads, writes) in enumerate(tasks):
        for first, before_reads, before_writes in tasks[:later]:
            if writes & (before_reads | before_writes) or reads & before_writes:
                assert place[first] < place[task]
    assert not any(var.in_use for var in variables)
    assert world.lane.in_flight == 0


def test_a_variable_forgets_dead_views():
    class Array:
        pass

    var = Var()
    assert var.live_views() == []
    kept = Array()
    var.add_view(kept)
    for _ in range(1000):
        var.add_view(Array())
    assert var.live_views() == [kept]
    assert var._views is not None
    assert len(var._views) <= 16
