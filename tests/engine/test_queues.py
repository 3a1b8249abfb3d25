"""Threads: workers, helping waiters, bulks, naive mode, forks, and the end of the interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from workbench import engine
from workbench.context import cpu
from workbench.engine import Engine, Var
from workbench.error import OperatorError


@pytest.fixture
def own():
    """An engine of the test's own; its workers end with the test."""
    one = Engine()
    yield one
    one.drain()
    one.stop_workers()


def _hold(one: Engine, ctx: str, writes=()) -> threading.Event:
    """Keep the worker of *ctx* in a task until the event is set."""
    started, go = threading.Event(), threading.Event()

    def stand() -> None:
        started.set()
        assert go.wait(30)

    one.push(stand, (), writes, ctx, "hold")
    assert started.wait(30)
    return go


def test_a_push_returns_before_the_task_has_run_and_wait_after_it(own):
    var, seen = Var(), []
    go = _hold(own, "d", [var])
    own.push(lambda: seen.append(1), [var], [], "d", "read")
    assert seen == []
    assert own.in_flight() == own.in_flight("d") == 2
    assert own.in_flight("elsewhere") == 0
    go.set()
    own.wait_to_write(var)
    assert seen == [1]
    assert own.in_flight() == 0


def test_the_waiter_runs_what_it_waits_for(own):
    go = _hold(own, "busy")
    var, who = Var(), []
    for _ in range(50):
        own.push(lambda: who.append(threading.get_ident()), [var], [var], "idle", "helped")
        own.wait(var)
    go.set()
    assert len(who) == 50
    assert threading.get_ident() in who


def test_a_waiter_does_not_crowd_a_device_that_runs_a_task(own):
    running, most = [], []

    def work() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.0005)
        running.pop()

    variables = [Var() for _ in range(30)]
    for var in variables:
        own.push(work, (), [var], "d", "work")
    for var in reversed(variables):
        own.wait(var)
    assert max(most) == 1


def test_two_workers_of_one_device_run_side_by_side():
    one = Engine(width=2)
    barrier = threading.Barrier(2)
    for _ in range(2):
        one.push(lambda: barrier.wait(30), (), [Var()], "d", "meet")
    time.sleep(0.05)
    one.wait_all()
    one.stop_workers()


def test_two_devices_run_side_by_side(own):
    barrier = threading.Barrier(2)
    own.push(lambda: barrier.wait(30), (), [Var()], "a", "meet")
    own.push(lambda: barrier.wait(30), (), [Var()], "b", "meet")
    own.wait_all()


def test_priority_goes_before_program_order(own):
    go, order = _hold(own, "d"), []
    own.push(lambda: order.append("low"), (), [Var()], "d", "low")
    own.push(lambda: order.append("high"), (), [Var()], "d", "high", priority=1)
    go.set()
    own.wait_all()
    assert order == ["high", "low"]


def test_a_task_may_push_and_wait_for_tasks_of_its_own_device(own):
    outer, inner, seen = Var(), Var(), []

    def work() -> None:
        own.push(lambda: seen.append("inner"), (), [inner], "d", "inner")
        own.wait(inner)
        seen.append("outer")

    for _ in range(20):
        own.push(work, (), [outer], "d", "outer")
    own.wait_all()
    assert seen == ["inner", "outer"] * 20


def test_a_task_that_waits_for_its_own_output_fails_instead_of_hanging(own):
    var = Var()
    own.push(lambda: own.wait(var), (), [var], "d", "snake")
    with pytest.raises(OperatorError, match="snake waits for its own output"):
        own.wait(var)


def test_inline_waits_its_turn_and_raises_at_the_call(own):
    var, seen = Var(), []
    go = _hold(own, "d", [var])
    threading.Timer(0.02, go.set).start()
    own.push(lambda: seen.append(threading.get_ident()), [var], [var], "e", "here", inline=True)
    assert len(seen) == 1
    with pytest.raises(OperatorError, match="ZeroDivisionError"):
        own.push(lambda: 1 / 0, [var], [var], "e", "bad", inline=True)
    own.wait(var)
    assert own.in_flight() == 0


def test_the_backlog_is_limited():
    one = Engine(backlog=50)
    go, var = _hold(one, "d"), Var()
    threading.Timer(0.05, go.set).start()
    most = 0
    for _ in range(300):
        one.push(lambda: None, [var], [var], "d", "tick")
        most = max(most, one.in_flight())
    assert most <= 51
    one.wait_all()
    one.stop_workers()


def test_the_switch_interval_is_short_only_while_tasks_are_in_flight():
    before = sys.getswitchinterval()
    assert not engine.busy
    go = _hold(engine._engine, "interval")
    assert engine.busy
    assert sys.getswitchinterval() == pytest.approx(20e-6, abs=2e-6)
    go.set()
    engine.wait_all()
    assert not engine.busy
    assert sys.getswitchinterval() == before


def test_naive_runs_at_the_call_and_raises_there():
    var, seen = Var(), []
    with engine.naive():
        assert engine.is_naive()
        engine.push(lambda: seen.append(threading.get_ident()), (), [var], "d", "now")
        assert seen == [threading.get_ident()]
        assert var.version == 1
        with pytest.raises(OperatorError, match="ZeroDivisionError"):
            engine.push(lambda: 1 / 0, (), [var], "d", "bad")
        engine.push(lambda: None, (), [var], "d", "good")
        engine.wait(var)
    assert not engine.is_naive()


def test_bulk_makes_one_task_of_several_operations(own):
    var, seen = Var(), []
    assert own.set_bulk_size(4) == 0
    for i in range(3):
        own.push(lambda i=i: seen.append(i), [var], [var], "d", f"op{i}")
    assert (own.in_flight(), seen) == (1, [])
    own.push(lambda: seen.append(3), [var], [var], "d", "op3")
    own.push(lambda: seen.append(4), [var], [var], "d", "op4")
    own.wait(var)
    assert seen == [0, 1, 2, 3, 4]
    own.push(lambda: seen.append(5), [var], [var], "d", "op5")
    assert own.set_bulk_size(0) == 4
    own.wait_all()
    assert seen == [0, 1, 2, 3, 4, 5]


def test_bulk_scopes_nest_and_restore():
    assert engine.set_bulk_size(0) == 0
    scope = engine.bulk(7)
    with scope, scope:
        assert engine.set_bulk_size(7) == 7
    assert engine.set_bulk_size(0) == 0


def test_an_open_bulk_of_one_thread_does_not_block_another(own):
    x, y, seen = Var(), Var(), []
    own.set_bulk_size(100)
    own.push(lambda: seen.append("bulk"), (), [x], "d", "bulk")

    def other() -> None:
        own.push(lambda: seen.append("other"), [x], [y], "e", "other")
        own.wait(y)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join(30)
    assert seen == ["bulk", "other"]
    own.push(lambda: seen.append("again"), [y], [x], "d", "again")
    own.set_bulk_size(0)
    own.wait_all()
    assert seen == ["bulk", "other", "again"]


def test_an_error_in_a_bulk_spoils_only_what_depends_on_it(own):
    bad, good, seen = Var(), Var(), []
    own.set_bulk_size(3)
    own.push(lambda: 1 / 0, (), [bad], "d", "bad")
    own.push(lambda: seen.append("dependent"), [bad], [bad], "d", "dependent")
    own.push(lambda: seen.append("good"), (), [good], "d", "good")
    own.set_bulk_size(0)
    own.wait(good)
    assert seen == ["good"]
    with pytest.raises(OperatorError, match="ZeroDivisionError"):
        own.wait(bad)


def test_should_push_what_is_pending_elsewhere_or_long():
    here, there = cpu(0), cpu(1)
    one = Engine()
    assert not one.should_push(here, [None, Var()], [], 1e6)
    assert one.should_push(there, [], [], 1.0)
    var, read = Var(), Var()
    go = _hold(one, "d", [var])
    one.push(lambda: None, [read, var], [], there, "reads")
    assert one.should_push(here, [var], [], 1.0)
    assert one.should_push(here, [], [read], 1.0)
    assert not one.should_push(here, [read], [Var()], 1.0)
    assert one.should_push(here, [Var()], [], 300.0)  # another device was used just now
    go.set()
    one.wait_all()
    one.stop_workers()
    one.naive = True
    assert not one.should_push(there, [], [], 1e6)


def test_without_threads_tasks_run_in_the_thread_that_pushes_or_waits(own, monkeypatch):
    def refuse(self) -> None:
        raise RuntimeError("can't start new thread")

    go = _hold(own, "threaded")
    x, y, who = Var(), Var(), []
    own.push(lambda: None, (), [x], "threaded", "first")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    own.push(lambda: who.append(threading.get_ident()), (), [y], "bare", "now")
    assert who == [threading.get_ident()]
    own.push(lambda: who.append(threading.get_ident()), [x], [y], "bare", "blocked")
    assert len(who) == 1
    monkeypatch.undo()
    threading.Timer(0.02, go.set).start()
    own.wait(y)
    assert who == [threading.get_ident()] * 2


def test_workers_can_be_stopped_and_come_back(own):
    def workers() -> int:
        return sum(thread.name == "workbench quits" for thread in threading.enumerate())

    for _ in range(2):
        own.push(lambda: None, (), [Var()], "quits", "tick")
        own.wait_all()
        assert workers() == 1
        own.stop_workers()
        assert workers() == 0


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_interpreter_ends_while_tasks_are_queued_and_running():
    done = _run(
        "import atexit, time\n"
        "atexit.register(lambda: (engine.wait(last), print('waited', flush=True)))\n"
        "from workbench import engine\n"  # its own exit handler runs before that one
        "last = engine.Var()\n"
        "for _ in range(3):\n"
        "    engine.push(lambda: time.sleep(.05), [last], [last], 'd', 'nap')\n"
        "print('end', flush=True)\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["end", "waited"]


def test_a_task_that_never_ends_does_not_keep_the_process_alive():
    done = _run(
        "import threading, time\n"
        "from workbench import engine\n"
        "from workbench.engine import workers\n"
        "workers._EXIT_PATIENCE = 0.1\n"
        "engine.push(threading.Event().wait, (), [engine.Var()], 'd', 'forever')\n"
        "time.sleep(.1)\n"
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
def test_a_forked_child_has_a_working_engine():
    done = _run(
        "import os, time\n"
        "from workbench import engine\n"
        "seen, var = [], engine.Var()\n"
        "for i in range(20):\n"
        "    engine.push(lambda i=i: (time.sleep(.001), seen.append(i)), [var], [var], 'd', 'x')\n"
        "child = os.fork()\n"
        "assert seen == list(range(20)), seen\n"
        "for i in range(20, 40):\n"
        "    engine.push(lambda i=i: seen.append(i), [var], [var], 'd', 'x')\n"
        "engine.wait(var)\n"
        "assert seen == list(range(40)), seen\n"
        "if not child: os._exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7\n"
        "print('both')\n"
    )
    assert (done.stdout, done.stderr) == ("both\n", "")


def test_naive_engine_by_environment(monkeypatch):
    monkeypatch.setenv("MXNET_ENGINE_TYPE", "NaiveEngine")
    done = _run("from workbench import engine; print(engine.is_naive())")
    assert done.stdout == "True\n"
