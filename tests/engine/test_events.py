"""The ring of events, what the engine writes to it, and the Chrome trace made of it."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given, strategies as st

from workbench import engine
from workbench.engine import Var, events
from workbench.engine.events import Event, Ring
from workbench.engine.trace import trace_items, write_trace
from workbench.error import MXNetError


def _event(number: int, row: str = "cpu(0)", start=None, stop=None, cause=0) -> Event:
    start = float(number) if start is None else start
    return Event(row, f"op{number}", start, start + 0.5 if stop is None else stop,
                 number, cause, 8, 0.0)  # fmt: skip


@pytest.fixture
def recording():
    """Events on; the index from which on they belong to the test."""
    events.start()
    yield events.ring.appended
    events.stop()


def test_events_are_read_by_index():
    ring = Ring(10)
    for number in range(5):
        ring.append(_event(number))
    got, index, lost = ring.read(2)
    assert ([one.id for one in got], index, lost) == ([2, 3, 4], 5, 0)
    assert ring.read(5) == ([], 5, 0)
    assert [one.id for one in ring.read(1, 3)[0]] == [1, 2]
    assert ring.read(1, 3)[1] == 3


def test_a_ring_needs_room():
    with pytest.raises(ValueError, match="at least one event"):
        Ring(0)


@given(capacity=st.integers(1, 20), steps=st.lists(st.integers(0, 30), max_size=10))
def test_a_reader_gets_every_event_or_the_count_of_the_lost_ones(capacity, steps):
    ring, appended, index, seen, lost = Ring(capacity), 0, 0, [], 0
    for step in steps:
        for _ in range(step):
            ring.append(_event(appended))
            appended += 1
        got, index, missing = ring.read(index)
        seen += [one.id for one in got]
        lost += missing
        assert index == appended == ring.appended
        assert len(got) >= min(step, capacity)
    assert len(seen) + lost == appended
    assert seen == sorted(set(seen))
    assert len(ring.read(0)[0]) <= capacity + capacity // 4 + 1
    assert ring.read(0)[2] == ring.dropped


def test_appends_of_many_threads_all_arrive():
    ring = Ring(100_000)
    threads = [
        threading.Thread(target=lambda: [ring.append(_event(1)) for _ in range(2000)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ring.appended == 8000


def test_nothing_is_recorded_while_off():
    index, var = events.ring.appended, Var()
    assert not events.on
    engine.push(lambda: None, (), [var], "d", "quiet")
    engine.wait(var)
    assert events.ring.appended == index


def test_switching_counts_and_tells_listeners():
    told: list[bool] = []
    events.listen(told.append)
    events.start()
    events.start()
    events.stop()
    assert events.on
    events.stop()
    assert not events.on
    with pytest.raises(RuntimeError, match="without a start"):
        events.stop()
    assert told == [True, False]
    events.unlisten(told.append)
    events.start()
    events.stop()
    assert told == [True, False]


def test_a_task_leaves_an_event_with_its_cause(recording):
    x, y, go = Var(), Var(), threading.Event()
    engine.push(lambda: go.wait(30), (), [x], "ring a", "first", bytes=64)
    engine.push(lambda: None, [x], [y], "ring b", "second")
    threading.Timer(0.05, go.set).start()  # so that there is something to wait for
    engine.wait(y)
    got = {one.name: one for one in events.ring.read(recording)[0]}
    first, second = got["first"], got["second"]
    assert (first.row, first.bytes, first.cause) == ("ring a", 64, 0)
    assert (second.row, second.cause) == ("ring b", first.id)
    assert first.start <= first.stop <= second.start <= second.stop
    assert 0 <= first.wait <= first.stop - first.start
    waited = got["wait second"]
    assert (waited.row, waited.cause) == ("main", second.id)


def test_the_parts_of_a_bulk_are_events_of_their_own(recording):
    x, y = Var(), Var()
    with engine.bulk(2):
        engine.push(lambda: None, (), [x], "ring a", "part 1")
        engine.push(lambda: None, [x], [x], "ring a", "part 2")
        engine.push(lambda: None, [x], [y], "ring b", "after")
    engine.wait(y)
    got = {one.name: one for one in events.ring.read(recording)[0]}
    assert got["after"].cause in (0, got["part 2"].id)
    assert got["part 1"].stop <= got["part 2"].start


def test_inline_work_is_recorded_by_its_owner(recording):
    events.record("kvstore", "pull", 1.0, 2.0, bytes=4)
    (event,) = events.ring.read(recording)[0]
    assert event[:4] == ("kvstore", "pull", 1.0, 2.0)
    assert event.id > 0


def _check_schema(entries: list[dict]) -> None:
    """What Perfetto and chrome://tracing need: nested pairs, arrows between existing bars."""
    rows = {one["pid"] for one in entries if one["ph"] == "M"}
    stacks: dict[tuple, list[str]] = {}
    last: dict[tuple, float] = {}
    flows: dict[int, list[dict]] = {}
    for one in entries:
        assert one["ph"] in "MBEsf"
        assert one["pid"] in rows
        if one["ph"] in "BE":
            track = (one["pid"], one["tid"])
            assert one["ts"] >= last.get(track, 0)
            last[track] = one["ts"]
            stack = stacks.setdefault(track, [])
            if one["ph"] == "B":
                assert not stack, "bars overlap on a track"
                stack.append(one["name"])
            else:
                assert stack.pop() == one["name"]
        elif one["ph"] in "sf":
            flows.setdefault(one["id"], []).append(one)
    assert not any(stacks.values())
    for start, finish in flows.values():
        assert (start["ph"], finish["ph"], finish["bp"]) == ("s", "f", "e")
        assert start["ts"] <= finish["ts"]


_bars = st.lists(
    st.tuples(st.sampled_from(["cpu(0)", "cpu(1)", "kvstore"]), st.integers(0, 50),
              st.integers(0, 20), st.integers(0, 10)),
    max_size=30,
)  # fmt: skip


@given(bars=_bars)
def test_any_events_make_a_valid_trace(bars):
    made = [
        _event(number + 1, row, float(start), float(start + length), cause)
        for number, (row, start, length, cause) in enumerate(bars)
    ]
    entries = list(trace_items(made))
    _check_schema(entries)
    assert sum(one["ph"] == "B" for one in entries) == len(made)


def test_a_trace_file_is_what_mxnet_writes_and_more(tmp_path):
    made = [_event(1), _event(2, "cpu(1)", start=2.0, cause=1)]
    path = tmp_path / "profile.json"
    write_trace(path, made, [{"name": "n", "ph": "C", "ts": 0, "pid": 0, "args": {"n": 1}}])
    content = json.loads(path.read_text())
    assert content["displayTimeUnit"] == "ms"
    entries = content["traceEvents"]
    names = [one["args"]["name"] for one in entries if one["ph"] == "M"]
    assert names == ["cpu(0)", "cpu(1)"]
    begin = next(one for one in entries if one["ph"] == "B")
    assert (begin["name"], begin["cat"], begin["pid"]) == ("op1", "operator", 0)
    assert [one["ph"] for one in entries if one["ph"] in "sf"] == ["s", "f"]
    assert entries[-1]["ph"] == "C"


def test_a_trace_that_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "profile.json"
    path.write_text("old")

    def broken():
        yield {"fine": 1}
        raise OSError(28, "No space left on device")

    with pytest.raises(MXNetError, match="No space left on device"):
        write_trace(path, [], broken())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(MXNetError, match="cannot write the trace"):
        write_trace(tmp_path / "missing" / "profile.json", [])


def test_a_trace_with_something_that_is_no_json_leaves_no_part_behind(tmp_path):
    with pytest.raises(TypeError):
        write_trace(tmp_path / "profile.json", [], [{"bad": object()}])
    assert list(tmp_path.iterdir()) == []
