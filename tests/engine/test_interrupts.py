"""Ctrl-C while the main thread pushes, helps or sleeps loses no task."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from types import FrameType

import pytest

import workbench.engine
from workbench.engine import Engine, Var
from workbench.engine.interrupts import Shield

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "pthread_kill"), reason="this platform cannot send a signal to a thread"
)
_ROOM = str(Path(workbench.engine.__file__).parent)


@pytest.fixture
def own():
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    one = Engine()
    yield one
    one.drain()
    one.stop_workers()
    signal.signal(signal.SIGINT, before)


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_task_is_not_cut_in_two(own):
    var, seen, helped = Var(), [], False
    for _ in range(20):
        here: list[int] = []

        def work(here=here) -> None:
            here.append(threading.get_ident())
            if threading.current_thread() is threading.main_thread():
                _interrupt()
            for step in range(50):
                seen.append(step)

        own.push(work, [var], [var], "d", "work")
        try:
            own.wait(var)
        except KeyboardInterrupt:
            helped = True
        own.wait(var)
    assert seen == list(range(50)) * 20
    assert helped, "the main thread never ran a task itself"


def test_a_sleeping_wait_ends_at_once_and_the_task_goes_on(own):
    var, go, started, seen = Var(), threading.Event(), threading.Event(), []

    def work() -> None:
        started.set()
        go.wait(30)
        seen.append(1)

    own.push(work, (), [var], "d", "work")
    assert started.wait(30)
    threading.Timer(0.05, _interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        own.wait(var)
    assert seen == []
    go.set()
    own.wait(var)
    assert seen == [1]


def _only_inside_the_engine(number: int, frame: FrameType | None) -> None:
    """Raise where the engine is at work; the test around it could not bear it."""
    # Only in its own frames: a collector's callback below them could not bear it either.
    if frame is not None and frame.f_code.co_filename.startswith(_ROOM):
        raise KeyboardInterrupt


def test_interrupts_at_any_moment_lose_nothing(own):
    """A second thread fires interrupts while the main one pushes and waits."""
    signal.signal(signal.SIGINT, _only_inside_the_engine)
    variables, count, pushed, stop = [Var() for _ in range(3)], [0, 0, 0], 0, threading.Event()

    def bump(which: int) -> None:
        before = count[which]
        time.sleep(0)
        count[which] = before + 1

    def fire() -> None:
        while not stop.wait(0.0003):
            _interrupt()

    thread = threading.Thread(target=fire)
    thread.start()
    interrupts = 0
    end = time.monotonic() + 2
    try:
        while time.monotonic() < end:
            which = pushed % 3
            var = variables[which]
            try:
                own.push(lambda which=which: bump(which), [var], [var], which, "bump")
                if pushed % 20 == 19:
                    own.wait(var)
            except KeyboardInterrupt:
                interrupts += 1
            pushed = sum(var.version for var in variables)
    finally:
        stop.set()
        thread.join()
    own.wait_all()
    assert interrupts > 5
    assert count == [var.version for var in variables]
    assert own.in_flight() == 0


def test_a_handler_that_does_not_raise_is_called_and_the_wait_goes_on(own):
    calls = []
    signal.signal(signal.SIGINT, lambda number, frame: calls.append(number))
    var, seen = Var(), []

    def work() -> None:
        _interrupt()
        time.sleep(0.01)
        seen.append(1)

    own.push(work, (), [var], "d", "work")
    own.wait(var)
    time.sleep(0)
    assert seen == [1]
    assert calls == [signal.SIGINT]


def test_the_handler_is_put_back(own):
    mine = signal.getsignal(signal.SIGINT)
    var = Var()
    own.push(lambda: None, (), [var], "d", "work")
    own.wait_all()
    assert signal.getsignal(signal.SIGINT) is mine


def test_a_foreign_handler_on_top_is_not_removed_and_does_not_loop(own):
    gate, go, calls = Var(), threading.Event(), []
    own.push(lambda: go.wait(30), (), [gate], "d", "hold")
    below = signal.getsignal(signal.SIGINT)

    def foreign(number, frame) -> None:
        calls.append(number)
        below(number, frame)

    signal.signal(signal.SIGINT, foreign)
    own.push(lambda: None, [gate], [gate], "d", "more")
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert calls == [signal.SIGINT]
    go.set()
    own.wait_all()
    assert signal.getsignal(signal.SIGINT) is foreign


def test_an_interrupt_that_cuts_off_a_delivery_does_not_leave_the_shield_down(own):
    shield = Shield()
    held = shield.hold()
    shield._depth = 0  # a second interrupt came before deliver() could hold on again
    shield.release(held, idle=True)
    assert shield.hold() == 1
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        shield.release(1, idle=True)
