"""mx.profiler: MXNet's names on the engine's events."""

from __future__ import annotations

import json
import time

import pytest

import workbench as mx
from workbench import engine, profiler
from workbench.engine import Var, events, marks
from workbench.error import MXNetError


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    """A profiler that nobody has used, with its file in the test's folder."""
    monkeypatch.setattr(profiler, "_state", profiler._State())
    marks.kept.clear()
    profiler.set_config(filename=str(tmp_path / "profile.json"), aggregate_stats=True)
    yield
    profiler.set_state("stop")
    assert not events.on


def _work(name: str = "dot", ctx: str = "cpu(0)") -> None:
    var = Var()
    engine.push(lambda: None, (), [var], ctx, name)
    engine.wait_all()


def _rows(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}


def test_operators_are_counted_while_it_runs():
    _work("before")
    profiler.set_state("run")
    profiler.set_state("run")
    _work()
    _work()
    profiler.set_state("stop")
    _work("after")
    rows = _rows(profiler.dumps())
    assert rows["dot"][0] == "2"
    assert "before" not in rows
    assert "after" not in rows


def test_the_tables_have_mxnets_layout():
    profiler.start()
    with profiler.Domain("dom").new_task("mytask"):
        _work()
    profiler.stop()
    lines = profiler.dumps().splitlines()
    assert lines[:3] == [
        "",
        "Profile Statistics:",
        "\tNote the difference in units for different entries.",
    ]
    # Both lines as MXNet 1.9.1 prints them.
    assert lines[5] == (
        "Name                          Total Count        Time (ms)    Min Time (ms)"
        "    Max Time (ms)    Avg Time (ms)"
    )
    assert lines[6] == (
        "----                          -----------        ---------    -------------"
        "    -------------    -------------"
    )
    titles = [lines[i - 1] for i, line in enumerate(lines) if line == "================="]
    assert titles[:2] == ["dom", "operator"]
    mytask = next(line for line in lines if line.startswith("mytask"))
    assert len(mytask) == 25 + 16 + 4 * 17


def test_an_empty_profile_prints_the_heading_only():
    assert profiler.dumps() == (
        "\nProfile Statistics:\n\tNote the difference in units for different entries.\n"
    )
    profiler.set_config(aggregate_stats=False)
    assert profiler.dumps() == ""


def test_json_has_the_same_numbers():
    profiler.start()
    _work()
    profiler.stop()
    content = json.loads(profiler.dumps(format="json"))
    assert content["Unit"] == {"Time": "ms", "Memory": "kB"}
    dot = content["Time"]["operator"]["dot"]
    assert dot["Count"] == 1
    assert dot["Total"] == dot["Min"] == dot["Max"] == dot["Avg"] >= 0


def test_sorting_and_reset():
    task = profiler.Domain("d").new_task
    profiler.start()
    for name, times, seconds in (("many", 3, 0.0), ("long", 1, 0.2)):
        one = task(name)
        for _ in range(times):
            one.start()
            time.sleep(seconds)
            one.stop()

    def order(**how) -> list[str]:
        return list(json.loads(profiler.dumps(format="json", **how))["Time"]["d"])

    assert order() == ["long", "many"]
    assert order(ascending=True) == ["many", "long"]
    assert order(sort_by="count") == ["many", "long"]
    assert order(sort_by="avg") == order(sort_by="min") == order(sort_by="max") == ["long", "many"]
    profiler.dumps(reset=True)
    assert "many" not in profiler.dumps()
    one = task("again")
    one.start()
    one.stop()
    assert order() == ["again"]


@pytest.mark.parametrize(
    "bad", [{"format": "x"}, {"sort_by": "x"}, {"ascending": 3}, {"reset": "yes"}]
)
def test_wrong_choices_are_refused(bad):
    with pytest.raises(AssertionError, match="Invalid value provided"):
        profiler.dumps(**bad)


def test_pause_and_resume():
    profiler.start()
    profiler.pause()
    _work("unseen")
    profiler.Event("unseen event").start()
    profiler.resume()
    _work("seen")
    profiler.stop()
    profiler.resume()
    rows = _rows(profiler.dumps())
    assert "seen" in rows
    assert "unseen" not in rows


def test_dump_writes_a_trace_and_needs_a_run(tmp_path):
    with pytest.raises(MXNetError, match="Profiler hasn't been run"):
        profiler.dump()
    domain = profiler.Domain("dom")
    counter = domain.new_counter("cnt", 5)
    profiler.start()
    with domain.new_frame("fr"), profiler.Event("ev"), domain.new_task("tk"):
        _work(ctx="cpu(1)")
    counter += 2
    counter -= 1
    domain.new_marker("mk").mark()
    profiler.dump(finished=False)
    assert profiler._state.running
    profiler.dump()
    assert not profiler._state.running
    with pytest.raises(MXNetError, match="Profiler hasn't been run"):
        profiler.dump()
    entries = json.loads((tmp_path / "profile.json").read_text())["traceEvents"]
    kinds = {(one["name"], one["ph"]): one for one in entries}
    assert kinds["dot", "B"]["cat"] == "operator"
    assert ("dot", "E") in kinds
    assert kinds["tk", "b"]["cat"] == "dom"
    assert kinds["fr", "e"]["cat"] == "dom,frame"
    assert kinds["ev", "b"]["cat"] == "event"
    assert kinds["cnt", "C"]["args"] == {"cnt": 6}
    assert kinds["mk", "i"]["cat"] == "dom,instant_marker"
    named = {one["args"]["name"] for one in entries if one["ph"] == "M"}
    assert {"cpu(1)", "dom", "dom,frame", "event", "dom,instant_marker"} <= named
    assert abs(kinds["dot", "B"]["ts"] / 1e6 - time.time()) < 60


def test_counters_count_as_in_mxnet():
    domain = profiler.Domain("dom")
    profiler.start()
    counter = domain.new_counter("cnt", 5)
    for _ in range(3):
        counter += 2
    profiler.stop()
    counter.set_value(-3)
    assert str(counter) == "cnt"
    row = json.loads(profiler.dumps(format="json"))["Time"]["dom"]["cnt"]
    assert row == pytest.approx({"Count": 4, "Total": 0.011, "Min": 0.005, "Max": 0.011,
                                 "Avg": 0.00275})  # fmt: skip


def test_markers_make_an_empty_table_and_know_their_scopes():
    domain = profiler.Domain("dom")
    marker = domain.new_marker("mk")
    profiler.start()
    for scope in ("global", "process", "thread", "task", "marker"):
        marker.mark(scope)
    with pytest.raises(MXNetError, match="Invalid Input: 'foo', valid values are"):
        marker.mark("foo")
    profiler.stop()
    assert json.loads(profiler.dumps(format="json"))["Time"] == {"dom,instant_marker": {}}


def test_a_pass_that_was_not_started_cannot_stop():
    with pytest.raises(MXNetError, match=r"Event ev: stop\(\) without a start"):
        profiler.Event("ev").stop()


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        ({"foo": 1}, "Cannot find argument 'foo', Possible Arguments: profile_all"),
        ({"profile_all": "maybe"}, "Invalid Parameter format for profile_all expect boolean"),
        ({"dump_period": "soon"}, "dump_period expect a positive number"),
        ({"filename": ""}, "filename expect a text"),
        ({"profile_process": "server"}, "there is no server to profile"),
    ],
)
def test_a_wrong_configuration_changes_nothing(bad, text):
    before = dict(vars(profiler._state.config))
    with pytest.raises(MXNetError, match=text):
        profiler.set_config(aggregate_stats=False, **bad)
    assert vars(profiler._state.config) == before


def test_unknown_states_and_processes():
    with pytest.raises(KeyError, match="foo"):
        profiler.set_state("foo")
    with pytest.raises(KeyError, match="foo"):
        profiler.set_state("run", profile_process="foo")
    with pytest.raises(MXNetError, match="no server"):
        profiler.dump(profile_process="server")


def test_a_server_is_a_legal_process_once_there_is_a_store(monkeypatch):
    monkeypatch.setattr(profiler, "profiler_kvstore_handle", None)
    profiler.set_kvstore_handle(object())
    profiler.set_state("stop", profile_process="server")


def test_operators_can_be_left_out():
    profiler.set_config(profile_symbolic=0, profile_imperative="False", profile_all=False)
    profiler.start()
    _work()
    profiler.stop()
    assert "dot" not in _rows(profiler.dumps())


def test_continuous_dump(tmp_path):
    profiler.set_config(continuous_dump=True, dump_period=0.01)
    profiler.start()
    _work()
    path = tmp_path / "profile.json"
    end = time.monotonic() + 30
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.01)
    profiler.stop()
    assert "traceEvents" in json.loads(path.read_text())


def test_names_of_before_1_0(tmp_path):
    path = tmp_path / "old.json"
    with pytest.warns(DeprecationWarning, match="profiler_set_config"):
        profiler.profiler_set_config(mode="all", filename=str(path))
    with pytest.warns(DeprecationWarning, match="profiler_set_state"):
        profiler.profiler_set_state("run")
    _work()
    with pytest.warns(DeprecationWarning, match="dump_profile"):
        profiler.dump_profile()
    assert path.exists()


def test_signatures_are_mxnets():
    import inspect

    assert str(inspect.signature(profiler.dumps)).startswith(
        "(reset: 'bool' = False, format: 'str' = 'table', sort_by: 'str' = 'total', ascending"
    )
    for name in ("set_state", "dump", "pause", "resume"):
        assert "profile_process" in inspect.signature(getattr(profiler, name)).parameters


def test_inline_operators_are_in_the_tables_and_in_the_file(tmp_path):
    profiler.start()
    x = mx.nd.ones((4, 4))
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.dot(x, x)
    y.backward()
    profiler.stop()
    rows = _rows(profiler.dumps())
    assert rows["dot"][0] == "1"
    assert rows["_backward_dot"][0] == "1"
    profiler.dump()
    entries = json.loads((tmp_path / "profile.json").read_text())["traceEvents"]
    pids = {e["args"]["name"]: e["pid"] for e in entries if e["ph"] == "M"}
    phases = [e["ph"] for e in entries if e["name"] == "dot" and e["pid"] == pids["cpu(0)"]]
    assert phases == ["B", "E"]
    assert {e["cat"] for e in entries if e["name"] == "dot"} == {"operator"}


def test_operators_of_a_hybridized_block_are_in_the_tables():
    net = mx.gluon.nn.Dense(3, activation="relu")
    net.initialize()
    net.hybridize()
    net(mx.nd.ones((2, 4)))
    profiler.start()
    net(mx.nd.ones((2, 4)))
    profiler.stop()
    rows = _rows(profiler.dumps())
    assert rows["FullyConnected"][0] == "1"
    assert rows["Activation"][0] == "1"
