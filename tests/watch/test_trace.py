"""The timeline of a run: columns by index, exact busy shares, bounds, pictures."""

from __future__ import annotations

import importlib.util
import json
import threading
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, strategies as st

from workbench.engine import events
from workbench.watch import Session, Trace
from workbench.watch.picture import timeline_png, timeline_svg
from workbench.watch.trace import covered


@pytest.fixture
def trace():
    made = Trace()
    made.start()
    yield made
    made.stop()
    assert not events.on


def bar(row, name, start, stop, **more):
    """An event at µs of the trace that is running."""
    events.record(row, name, start, stop, **more)


def test_events_come_as_columns_by_index(trace):
    zero = events.now()
    bar("cpu(0)", "dot", zero, zero + 5, id=7, cause=3, bytes=64, wait=1.5)
    bar("cpu(1)", "relu", zero + 1, zero + 9)
    part = trace.since(0)
    assert (part["from"], part["n"], part["dropped"]) == (0, 2, 0)
    assert trace.rows == ["cpu(0)", "cpu(1)"]
    assert trace.names == ["dot", "relu"]
    assert part["row"].tolist() == [0, 1]
    np.testing.assert_allclose(part["stop"] - part["start"], [5, 8])
    assert (part["id"][0], part["cause"][0], part["bytes"][0], part["wait"][0]) == (7, 3, 64, 1.5)
    dtypes = [str(part[name].dtype) for name in ("row", "name", "start", "wait", "id", "bytes")]
    assert dtypes == ["uint8", "uint16", "float64", "float32", "uint32", "float64"]
    bar("cpu(0)", "dot", zero, zero + 1)
    later = trace.since(2)
    assert (later["from"], later["n"]) == (2, 1)
    assert trace.since(99)["n"] == 0
    assert len(trace) == 3


def test_times_count_from_the_start(trace):
    now = events.now()
    bar("cpu(0)", "x", now, now + 1)
    assert 0 <= trace.since(0)["start"][0] < 1e6


def test_what_comes_before_and_after_does_not_belong(trace):
    bar("cpu(0)", "in", 0, 1)
    trace.stop()
    events.start()
    bar("cpu(0)", "out", 0, 1)
    events.stop()
    assert trace.names == ["in"]
    assert len(trace) == 1
    trace.stop()


def test_busy_shares_are_exact(trace):
    zero = trace._origin
    bar("cpu(0)", "a", zero + 0, zero + 50)
    bar("cpu(0)", "b", zero + 25, zero + 75)
    bar("cpu(1)", "a", zero + 90, zero + 110)
    np.testing.assert_allclose(trace.busy(0, 100), [0.75, 0.10])
    np.testing.assert_allclose(trace.busy(), [75 / 110, 20 / 110])
    assert trace.busy(5, 5).tolist() == [0, 0]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=30))
def testcovered_is_the_length_of_the_union(pairs):
    begins = np.array([begin for begin, _ in pairs], dtype=float)
    ends = begins + np.array([length for _, length in pairs], dtype=float)
    cells = {cell for begin, length in pairs for cell in range(begin, begin + length)}
    assert covered(begins, ends) == len(cells)


def test_the_oldest_are_dropped_and_counted():
    trace = Trace(capacity=100)
    trace.start()
    for number in range(1000):
        bar("cpu(0)", f"op{number % 3}", number, number + 1)
        if number % 50 == 0:
            trace.drain()
    trace.stop()
    part = trace.since(0)
    assert 100 <= part["n"] <= 126
    assert part["from"] == part["dropped"] == 1000 - part["n"]
    np.testing.assert_allclose(part["start"][-1] + trace._origin, 999)
    assert len(trace) == 1000


def test_too_many_names_become_other():
    trace = Trace()
    trace.start()
    for number in range(300):
        bar(f"device{number}", "x", 0, 1)
    trace.stop()
    assert len(trace.rows) == 255
    assert trace.rows[-1] == "other"
    assert trace.since(0)["row"].max() == 254


def test_rows_are_ordered_for_the_eye(trace):
    for row in ("main", "cpu(1)", "data", "cpu(0)", "kvstore"):
        bar(row, "x", 0, 1)
    assert [trace.rows[i] for i in trace.order()] == ["cpu(0)", "cpu(1)", "kvstore", "data", "main"]


def test_a_reader_on_another_thread_misses_nothing(trace):
    seen = []
    done = threading.Event()

    def read():
        index = 0
        while not done.is_set() or index < len(trace):
            part = trace.since(index)
            index = part["from"] + part["n"]
            seen.extend(part["bytes"].tolist())

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(5000):
        bar("cpu(0)", "x", 0, 1, bytes=number)
    done.set()
    reader.join()
    assert seen == list(range(5000))


def test_chrome_trace_has_every_bar(trace, tmp_path):
    bar("cpu(0)", "dot", 0, 5, id=1)
    bar("cpu(1)", "relu", 5, 9, id=2, cause=1)
    trace.save(tmp_path / "trace.json")
    items = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert {item["name"] for item in items if item["ph"] == "B"} == {"dot", "relu"}


def timed_run():
    with Session("two", terminal=False, save=False) as run:
        zero = run.trace._origin
        for number in range(200):
            bar("cpu(0)", "dot", zero + 10 * number, zero + 10 * number + 8, wait=4)
            bar("cpu(1)", "relu <", zero + 10 * number, zero + 10 * number + 2)
        bar("kvstore", "pull", zero, zero + 2000)
    return run


def test_svg_shows_rows_shares_and_names():
    svg = timeline_svg(timed_run())
    texts = [one.text for one in ElementTree.fromstring(svg).iter() if one.tag.endswith("text")]
    for expected in ("cpu(0)", "cpu(1)", "kvstore", "80 %", "20 %", "100 %", "pull"):
        assert expected in texts


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="needs matplotlib")
def test_png_is_one():
    assert timeline_png(timed_run())[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_rare_long_event_is_not_hidden_by_short_ones():
    with Session("t", terminal=False, save=False) as run:
        zero = run.trace._origin
        for number in range(20_000):
            bar("cpu(0)", "short", zero + number, zero + number + 0.5)
        bar("cpu(0)", "long", zero + 10_000, zero + 10_300)
    assert ">long<" in timeline_svg(run) or 'width="11' in timeline_svg(run)


@pytest.mark.parametrize("collect", [True, False])
def test_a_run_without_events_has_a_picture(collect):
    with Session("t", terminal=False, save=False, collect=collect) as run:
        pass
    assert "no events were recorded" in timeline_svg(run)


def test_a_session_counts_its_events():
    run = timed_run()
    assert run.state_dict()["events"] == 401
    assert repr(run.trace) == "<Trace of 401 events on cpu(0), cpu(1), kvstore>"
