"""Numbers that devices exchange: rounds, names, and parts that do not come."""

from __future__ import annotations

import threading

import pytest

from workbench import meeting
from workbench.error import OperatorError


def bring(what, parts, numbers, results, number):
    try:
        with meeting.scope():
            results[number] = meeting.gather(what, parts, numbers)
    except OperatorError as error:
        results[number] = error


def together(calls):
    """The results of calls of gather, each in a thread of its own."""
    results = [None] * len(calls)
    threads = [
        threading.Thread(target=bring, args=(*call, results, i)) for i, call in enumerate(calls)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)
    return results


def test_all_parts_get_the_same():
    assert together([("a", 3, n) for n in (3, 1, 2)]) == [[1, 2, 3]] * 3


def test_rounds_and_names_are_kept_apart():
    for number in range(20):
        calls = [("a", 2, number), ("b", 2, -number), ("a", 2, number + 1), ("b", 2, -number)]
        a, b, other_a, other_b = together(calls)
        assert a == other_a == [number, number + 1]
        assert b == other_b == [-number, -number]


def test_parts_that_do_not_come_are_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(meeting, "PATIENCE", 0.01)
    (error,) = together([("alone", 2, 1)])
    assert "waited 0.01 s" in str(error)
    assert "2 devices" in str(error)
    monkeypatch.setattr(meeting, "PATIENCE", 10)
    assert together([("alone", 2, n) for n in (1, 2)]) == [[1, 2]] * 2


def test_outside_of_a_queue_nobody_else_could_come():
    with pytest.raises(OperatorError, match="computed after the other"):
        meeting.gather("a", 2, 1)
