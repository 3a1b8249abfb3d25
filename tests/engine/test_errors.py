"""Errors of queued tasks: where they surface, how often, and as what."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

from workbench.engine import Engine, Var
from workbench.engine.failure import PushedFrom, describe_place, pushing_place
from workbench.error import MXNetError, OperatorError, ShapeError


@pytest.fixture
def own():
    one = Engine()
    yield one
    one.drain()
    one.stop_workers()


def _fail(error: BaseException):
    def fail() -> None:
        raise error

    return fail


def test_an_error_surfaces_once_at_the_wait_with_the_pushing_line(own):
    var = Var()
    own.push(_fail(ValueError("index 9 out of range")), (), [var], "d", "take")
    with pytest.raises(OperatorError, match="take: ValueError: index 9 out of range") as caught:
        own.wait(var)
    cause = caught.value.__cause__
    assert isinstance(cause, PushedFrom)
    assert "take was pushed at" in str(cause)
    assert __file__ in str(cause)
    assert "test_an_error_surfaces_once" in str(cause)
    assert isinstance(cause.__cause__, ValueError)
    own.wait(var)
    own.wait_all()


def test_a_typed_error_keeps_its_type_and_its_own_cause(own):
    var, reason = Var(), KeyError("inner")
    error = ShapeError("Shape inconsistent")
    error.__cause__ = reason
    own.push(_fail(error), (), [var], "d", "dot", where="cell 3")
    with pytest.raises(ShapeError, match="Shape inconsistent") as caught:
        own.wait_to_write(var)
    assert caught.value is error
    assert str(error.__cause__) == "dot was pushed at cell 3"
    assert error.__cause__.__cause__ is reason


def test_dependents_do_not_run_and_raise_the_same_error(own):
    first, second, third, seen = Var(), Var(), Var(), []
    own.push(_fail(ValueError("x")), (), [first], "d", "bad")
    own.push(lambda: seen.append(2), [first], [second], "e", "second")
    own.push(lambda: seen.append(3), [second], [third], "d", "third")
    with pytest.raises(OperatorError, match="bad: ValueError"):
        own.wait(third)
    own.wait(first)
    own.wait(second)
    assert seen == []
    own.push(lambda: seen.append("after"), [third], [third], "d", "after")
    own.wait(third)
    assert seen == ["after"]


def test_what_was_pushed_before_the_delivery_does_not_run_after_it(own):
    var, copy, gate, seen = Var(), Var(), Var(), []
    go = threading.Event()
    own.push(lambda: go.wait(30), (), [gate], "gate", "hold")
    own.push(_fail(ValueError("x")), (), [var], "d", "bad")
    own.push(lambda: seen.append("early"), [var, gate], [copy], "e", "early")
    with pytest.raises(OperatorError):
        own.wait(var)
    go.set()
    own.wait(copy)
    assert seen == []


def test_unaffected_variables_stay_usable_and_overwriting_clears(own):
    bad, good, seen = Var(), Var(), []
    own.push(_fail(ValueError("x")), (), [bad], "d", "bad")
    own.push(lambda: seen.append("good"), (), [good], "d", "good")
    own.wait(good)
    own.push(lambda: seen.append("over"), (), [bad], "d", "over")
    own.wait(bad)
    assert seen == ["good", "over"]
    with pytest.raises(OperatorError, match="bad"):  # nobody had heard of it
        own.wait_all()
    own.wait_all()


def test_wait_all_raises_the_first_error_in_program_order(own):
    gate, variables = Var(), [Var() for _ in range(3)]
    go = threading.Event()
    own.push(lambda: go.wait(30), (), [gate], "a", "hold")
    own.push(_fail(ValueError("one")), [gate], [variables[0]], "a", "late")
    own.push(_fail(ValueError("two")), (), [variables[1]], "b", "early")
    own.push(_fail(ValueError("three")), (), [variables[2]], "c", "early too")
    threading.Timer(0.05, go.set).start()
    with pytest.raises(OperatorError, match="late: ValueError: one") as caught:
        own.wait_all()
    assert "2 more queued operations failed: early, early too" in str(caught.value.__cause__)
    for var in variables:
        own.wait(var)
    own.wait_all()


def test_an_error_that_was_read_counts_for_those_before_it(own):
    first, second = Var(), Var()
    own.push(_fail(ValueError("one")), (), [first], "d", "one")
    own.push(_fail(ValueError("two")), (), [second], "d", "two")
    with pytest.raises(OperatorError, match="two"):
        own.wait(second)
    own.wait_all()
    with pytest.raises(OperatorError, match="one"):  # whoever reads it hears of it nevertheless
        own.wait(first)
    own.push(_fail(ValueError("three")), (), [first], "d", "three")
    with pytest.raises(OperatorError, match="three"):
        own.wait_all()


def test_an_error_that_was_read_counts_for_those_that_end_later(own):
    go, early, late = threading.Event(), Var(), Var()

    def slow():
        go.wait(10)
        raise ValueError("early")

    own.push(slow, (), [early], "d", "early")
    own.push(_fail(ValueError("late")), (), [late], "e", "late")
    with pytest.raises(OperatorError, match="late"):
        own.wait(late)
    go.set()
    own.wait_all()
    with pytest.raises(OperatorError, match="early"):
        own.wait(early)


def test_a_delivered_error_keeps_nothing_of_the_task_alive(own):
    class Big:
        pass

    big, var = Big(), Var()
    alive = weakref.ref(big)

    def fail(held=big) -> None:
        raise ValueError(str(type(held)))

    own.push(fail, (), [var], "d", "bad")
    del big, fail
    with pytest.raises(OperatorError):
        own.wait(var)
    gc.collect()
    assert alive() is None


def test_an_exit_or_interrupt_raised_by_a_task_comes_out_as_it_is(own):
    class Stop(KeyboardInterrupt):
        pass

    var = Var()
    own.push(_fail(Stop("enough")), (), [var], "d", "callback")
    with pytest.raises(Stop, match="enough"):
        own.wait(var)
    own.wait(var)


def test_undelivered_errors_do_not_pile_up(own):
    for _ in range(1100):
        own.push(_fail(MXNetError("x")), (), [Var()], "d", "bad")
    own.drain()
    assert len(own._failures) == 1000
    with pytest.raises(MXNetError, match="x"):
        own.wait_all()
    assert own._failures == []


def test_places():
    assert describe_place(None) == ""
    assert describe_place("cell 7") == "cell 7"
    here = describe_place(pushing_place())
    assert here.startswith(f"{__file__}:")
    assert here.endswith(" in test_places")
