"""What a session saw arrives at the page: all of it, in order, not too often."""

from __future__ import annotations

import time

import numpy as np
import pytest

from workbench.engine import events
from workbench.notebook.channel import Channel, pack, pack_run

TYPES = {"f8": np.float64, "f4": np.float32, "i4": np.int32, "u4": np.uint32, "u2": np.uint16}
TYPES["u1"] = np.uint8


class Page:
    """Takes messages as the page does."""

    def __init__(self):
        self.messages, self.times = [], []
        self.columns, self.validation = {}, {}
        self.have = self.gaps = 0

    def __call__(self, content, buffers):
        self.times.append(time.monotonic())
        self.messages.append(content)
        if content["t"] != "data":
            return
        if content["reset"]:
            self.have, self.columns = content["from"], {}
        if content["from"] != self.have:
            self.gaps += 1
            return
        for (name, kind), buffer in zip(content["columns"], buffers, strict=False):
            values = np.frombuffer(buffer, f"<{kind}")
            assert len(values) == content["n"]
            self.columns.setdefault(name, []).extend(values)
        self.have = content["next"]


@pytest.fixture
def page():
    return Page()


def fill(session, steps, first=1):
    for step in range(first, first + steps):
        row = {"step": step, "epoch": 1.0, "time": step / 10, "loss": 1 / step}
        session.history.append(row)


def test_pack_writes_little_endian_columns_in_order():
    head, buffers = pack({"step": [1.0, 2.0], "loss": [0.5, np.nan]}, {"step": "i4"})
    assert head == [["step", "i4"], ["loss", "f8"]]
    assert np.frombuffer(buffers[0], "<i4").tolist() == [1, 2]
    np.testing.assert_array_equal(np.frombuffer(buffers[1], "<f8"), [0.5, np.nan])


def test_rows_come_once_and_in_order(session, page):
    channel = Channel(session, page)
    fill(session, 3)
    channel.flush()
    fill(session, 2, first=4)
    channel.flush()
    assert page.columns["step"] == [1, 2, 3, 4, 5]
    assert page.columns["loss"] == [1.0, 1 / 2, 1 / 3, 1 / 4, 1 / 5]
    assert [m["seq"] for m in page.messages] == [1, 2]


def test_nothing_new_is_no_message(session, page):
    channel = Channel(session, page)
    fill(session, 1)
    channel.flush()
    channel.flush()
    assert len(page.messages) == 1
    channel.flush(force=True)
    assert len(page.messages) == 2


def test_sync_sends_the_whole_history_thinned_and_goes_on_without_a_gap(session, page):
    channel = Channel(session, page)
    fill(session, 9000)
    channel.flush()
    session.control({"t": "sync"})
    channel.flush()
    whole = page.messages[-1]
    assert whole["reset"]
    assert whole["thin"]
    assert whole["n"] <= 4100
    assert whole["next"] == 9000
    assert page.columns["loss"][0] == 1.0
    fill(session, 1, first=9001)
    channel.flush()
    assert page.gaps == 0
    assert page.columns["step"][-1] == 9001


def test_a_full_sync_leaves_nothing_out(session, page):
    channel = Channel(session, page)
    fill(session, 5000)
    channel.note({"t": "sync", "full": True})
    channel.flush()
    assert page.messages[-1]["n"] == 5000
    assert not page.messages[-1]["thin"]


def test_the_ghost_comes_with_the_whole(session, page):
    from workbench.watch import Run

    ghost = Run("lenet", 1)
    ghost.history.append({"step": 1, "epoch": 1, "time": 0.1, "loss": 2.0})
    channel = Channel(session, page, ghost=ghost)
    session.control({"t": "sync"})
    channel.flush()
    assert [m["t"] for m in page.messages] == ["runs", "data"]
    assert page.messages[0]["runs"][0]["label"] == "run 1"
    part, buffers = pack_run(ghost, "x")
    assert len(buffers) == len(part["columns"]) + len(part["validation"]["columns"])


def test_a_fast_run_sends_at_most_twenty_a_second_and_loses_nothing(session, page, fake):
    channel = Channel(session, page)
    channel.start()
    began = time.monotonic()
    with session:
        fake.train(1, batches=800, seconds=0.001)
    channel.finish()
    passed = time.monotonic() - began
    assert len(page.messages) <= 20 * passed + 2
    assert page.columns["step"] == list(range(1, 801))
    assert page.gaps == 0
    np.testing.assert_array_equal(page.columns["loss"], session.history["loss"])


def test_a_page_that_does_not_keep_up_gets_five_a_second(session, page, fake):
    channel = Channel(session, page)
    channel.seq = 100
    channel.start()
    began = time.monotonic()
    with session:
        fake.train(1, batches=150, seconds=0.005)
    channel.finish()
    assert len(page.messages) <= 5 * (time.monotonic() - began) + 3


def test_a_click_is_answered_at_once(session, page, fake):
    channel = Channel(session, page)
    fill(session, 1)
    channel.flush()
    session.control({"t": "pause", "click": 7, "on": True})
    channel.note({"t": "pause"})
    channel.flush()
    assert page.messages[-1]["state"]["click"] == 7
    assert page.messages[-1]["live"]


def test_without_threads_the_steps_of_the_run_send(session, page, fake, monkeypatch):
    import threading

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    channel = Channel(session, page)
    channel.start()
    with session:
        fake.train(1, batches=60, seconds=0.005)
    sent = len(page.messages)
    channel.finish()
    assert sent >= 3
    assert page.columns["step"] == list(range(1, 61))


def test_the_timeline_is_sent_only_to_who_looks_at_it(session, page, fake):
    channel = Channel(session, page)
    with session:
        fake.train(1, batches=3, seconds=0.001, devices=True)
        channel.flush(force=True)
        assert "trace" not in {m["t"] for m in page.messages}
        channel.note({"t": "want", "what": "trace"})
        channel.flush(force=True)
    traces = [m for m in page.messages if m["t"] == "trace"]
    assert traces[0]["reset"]
    assert {"cpu(0)", "cpu(1)", "kvstore", "data", "main"} <= set(traces[0]["rows"])
    assert sorted(traces[0]["order"]) == list(range(len(traces[0]["rows"])))
    assert sum(m["n"] for m in traces) == traces[-1]["next"] >= 3 * 30
    channel.flush(force=True)
    again = [m for m in page.messages if m["t"] == "trace"][len(traces) :]
    assert not any(m["reset"] for m in again)


def test_a_task_and_the_operators_in_it_are_busy_once(session, page):
    channel = Channel(session, page)
    with session:
        zero = session.trace._origin
        for name, start, stop in (("task", 0, 400), ("dot", 0, 200), ("tanh", 200, 400)):
            events.record("cpu(1)", name, zero + start, zero + stop)
        busy = dict(channel._busy({"state": "running", "elapsed": 1e-3}))
    assert busy["cpu(1)"] == pytest.approx(0.4)


def test_busy_shares_are_between_nothing_and_all(session, page, fake):
    channel = Channel(session, page)
    with session:
        fake.train(1, batches=60, seconds=0.01, devices=True)
        channel.flush(force=True)
    busy = dict(page.messages[-1].get("busy", []))
    assert 0 < busy["cpu(0)"] <= 1


def test_the_price_includes_the_channel(session, page, fake):
    channel = Channel(session, page)
    channel.start()
    with session:
        fake.train(1, batches=50, seconds=0.004)
    channel.finish()
    assert page.messages[-1]["state"]["cost"] > session.cost
