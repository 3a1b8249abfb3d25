"""AttrScope and NameManager: what is current, where, and for how long."""

from __future__ import annotations

import threading

import pytest

from workbench.attribute import AttrScope
from workbench.context import Context, cpu, current_context
from workbench.name import NameManager, Prefix


def on_a_thread(function):
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_attributes_nest_and_the_inner_one_wins():
    with AttrScope(a="1", c="4"):
        with AttrScope(b="2", a="3"):
            assert AttrScope.current.get(None) == {"a": "3", "b": "2", "c": "4"}
            assert AttrScope.current.get({"b": "9"}) == {"a": "3", "b": "9", "c": "4"}
        assert AttrScope.current.get(None) == {"a": "1", "c": "4"}
    assert AttrScope.current.get(None) == {}


def test_a_scope_can_be_entered_again_elsewhere():
    scope = AttrScope(a="1")
    with AttrScope(b="2"), scope, scope:
        assert AttrScope.current.get(None) == {"a": "1", "b": "2"}
    with scope:
        assert AttrScope.current.get(None) == {"a": "1"}


def test_the_callers_dictionary_is_not_changed():
    mine = {"x": "1"}
    with AttrScope(a="1"):
        AttrScope.current.get(mine)
    assert mine == {"x": "1"}


def test_attributes_are_strings():
    with pytest.raises(ValueError, match=r"Attributes need to be string: lr_mult is 2 \(int\)"):
        AttrScope(lr_mult=2)


def test_an_error_inside_restores_what_was_current():
    with pytest.raises(KeyError), AttrScope(a="1"), NameManager():
        raise KeyError
    assert AttrScope.current.get(None) == {}


def test_names_count_by_hint():
    with NameManager() as names:
        assert [names.get(None, hint) for hint in ("exp", "exp", "log", "exp")] == [
            "exp0",
            "exp1",
            "log0",
            "exp2",
        ]
        assert names.get("mine", "exp") == "mine"
        assert names is NameManager.current


def test_a_new_manager_counts_anew_and_the_old_one_goes_on():
    with NameManager() as outer:
        outer.get(None, "x")
        with NameManager():
            assert NameManager.current.get(None, "x") == "x0"
        assert NameManager.current.get(None, "x") == "x1"


def test_prefix_is_added_to_explicit_names_too():
    with Prefix("p_"):
        assert NameManager.current.get(None, "h") == "p_h0"
        assert NameManager.current.get("own", "h") == "p_own"


def test_scopes_and_counters_are_each_threads_own():
    with AttrScope(a="1"), NameManager() as names:
        assert on_a_thread(lambda: AttrScope.current.get(None)) == {}
        assert on_a_thread(lambda: NameManager.current) is not names


@pytest.mark.parametrize("kind", [AttrScope, NameManager])
def test_what_is_current_can_be_assigned_for_one_thread(kind):
    mine, before = kind(), kind.current
    other = on_a_thread(lambda: kind.current)
    kind.current = mine
    try:
        assert kind.current is mine
        assert on_a_thread(lambda: kind.current) is not mine
        with kind() as inner:
            assert kind.current is inner
        assert kind.current is mine
    finally:
        kind.current = before
    assert other is not mine


def test_the_default_context_can_be_assigned_for_one_thread():
    assert Context.default_ctx is cpu(0)
    Context.default_ctx = cpu(3)
    try:
        assert current_context() is cpu(3)
        with cpu(1):
            assert current_context() is Context.default_ctx is cpu(1)
        assert current_context() is cpu(3)
        assert on_a_thread(current_context) is cpu(0)
    finally:
        Context.default_ctx = cpu(0)


def test_other_attributes_of_such_a_class_are_ordinary():
    AttrScope.note = 3
    try:
        assert AttrScope.note == 3
    finally:
        del AttrScope.note
