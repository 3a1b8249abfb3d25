"""Records on disk: bounded, readable after a kill, never the run's undoing."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from workbench.error import DataFileError
from workbench.watch import Run, Session, record as records, runs
from workbench.watch.history import History
from workbench.watch.record import Record, prune, read_record, record_files, state_folder
from workbench.watch.runs import Runs, clock


def recorded(cast, losses, **options):
    with Session("lenet", terminal=False, **options) as run:
        trainer, metric = cast.Trainer(), cast.Metric()
        for loss in cast.Loader(losses):
            cast.backward(cast.Array(loss))
            trainer.step(4)
            metric.update(0.5)
        metric.reset()
        for _ in cast.Loader([0]):
            metric.update(0.75)
    return run


def test_a_record_reads_back_equal(cast, state_folder):
    run = recorded(cast, [1.0, math.nan, math.inf, 0.25], epochs=1)
    assert Path(run.saved).parent == state_folder
    again = Run.load(run.saved)
    for table in ("history", "validation"):
        mine = run.history if table == "history" else run.history.validation
        its = again.history if table == "history" else again.history.validation
        assert list(mine) == list(its)
        for name in mine:
            np.testing.assert_array_equal(mine[name], its[name])
    assert again.state == "finished"
    assert again.history.marks == run.history.marks
    assert (again.name, again.number, again.epochs) == ("lenet", run.number, 1)
    assert again.summary() == run.summary()
    assert again.metrics == {"accuracy": 0.5}
    assert again.validation == {"accuracy": 0.75}


def test_every_line_is_strict_json_of_one_key(cast):
    run = recorded(cast, [math.nan, 1.0])

    def refuse(text):
        raise AssertionError(text)

    for line in Path(run.saved).read_text().splitlines():
        assert len(json.loads(line, parse_constant=refuse)) == 1


def test_save_false_keeps_none_and_a_folder_is_used(cast, state_folder, tmp_path):
    assert recorded(cast, [1.0], save=False).saved == ""
    assert not state_folder.exists()
    run = recorded(cast, [1.0], save=tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == [f"{run.id}.jsonl"]


def test_a_cut_off_last_line_is_dropped(cast):
    run = recorded(cast, [1.0, 0.5])
    path = Path(run.saved)
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole), 7):
        path.write_bytes(whole[:cut])
        header, _, history = read_record(path)
        assert header["name"] == "lenet"
        assert len(history) in (0, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "{",
        "[1]\n",
        "{}\n",
        '{"run":{"format":99}}\n',
        '{"rows":{"from":0,"n":0,"columns":{}}}\n',
        '{"run":{"format":1}}\nnonsense\n{"state":{}}\n',
        '{"run":{"format":1}}\n{"rows":{"from":3,"n":1,"columns":{"step":[1]}}}\n{"state":{}}\n',
        '{"run":{"format":1}}\n{"rows":{"from":0,"n":2,"columns":{"step":[1]}}}\n{"state":{}}\n',
        '{"run":{"format":1}}\n{"rows":7}\n',
        '{"run":{"format":1}}\n{"marks":[{}]}\n',
    ],
)
def test_a_damaged_record_is_a_typed_error_that_names_the_file(tmp_path, text):
    path = tmp_path / "bad.jsonl"
    path.write_text(text)
    with pytest.raises(DataFileError, match=r"bad\.jsonl is not a readable run record"):
        Run.load(path)


def test_a_full_disk_ends_the_record_not_the_run(cast, monkeypatch):
    def full(self, lines, mode):
        raise OSError(28, "No space left on device")

    with Session("t", terminal=False) as run:
        cast.Trainer().step(1)
        monkeypatch.setattr(Record, "_write", full)
    assert run.state == "finished"
    assert "No space left" in run.state_dict()["notice"]
    monkeypatch.undo()
    assert Run.load(run.saved).state in ("waiting", "killed")


def test_a_folder_that_cannot_be_made_is_no_error(cast, tmp_path):
    (tmp_path / "file").write_text("")
    run = recorded(cast, [1.0], save=tmp_path / "file" / "below")
    assert run.state == "finished"
    assert run.saved == ""
    assert "not kept" in run.state_dict()["notice"]


def test_a_killed_process_leaves_a_readable_record(tmp_path):
    code = """
import os, sys, time
from workbench import signals
from workbench.watch import Session
import workbench.watch.session as module
module.FLUSH_EVERY = 0.0
class Trainer:
    learning_rate = 0.1
with Session("victim", terminal=False, save=sys.argv[1]) as run:
    for step in range(50):
        signals.fire(signals.step, Trainer(), 1)
    print("ready", flush=True)
    time.sleep(60)
"""
    package = str(Path(records.__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": package}
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env=env
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"ready"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    (path,) = record_files(tmp_path)
    run = Run.load(path)
    assert run.state == "killed"
    assert len(run.history) >= 40


def test_old_records_go_by_count_and_by_bytes(tmp_path):
    for index in range(6):
        path = tmp_path / f"{index}.jsonl"
        path.write_text("x" * 100)
        os.utime(path, (index, index))
    assert [path.name for path in prune(tmp_path, runs=4)] == ["1.jsonl", "0.jsonl"]
    prune(tmp_path, size=250)
    assert [path.name for path in record_files(tmp_path)] == ["4.jsonl", "5.jsonl"]


def test_a_long_record_is_thinned_and_goes_on(tmp_path):
    history, path = History(), tmp_path / "long.jsonl"
    record = Record(path, {"name": "long", "run": 1}, limit=400_000)
    for step in range(1, 20_001):
        history.append({"step": step, "epoch": 1, "time": step / 10, "loss": math.sin(step)})
        if step % 1000 == 0:
            record.append(history, {"state": "running", "step": step})
    _, state, again = read_record(path)
    assert state["step"] == 20_000
    assert again["step"][-1] == 20_000
    assert 4000 <= len(again) < 20_000
    assert path.stat().st_size < 1_000_000


def test_runs_are_bounded_and_found_by_number_name_and_place():
    some = Runs(limit=3)
    made = [Run(name, some.next_number()) for name in ("a", "b", "a", "c")]
    for run in made:
        some.add(run)
    assert len(some) == 3
    assert some[-1] is made[3]
    assert some[3] is made[2]
    assert some["a"] is made[2]
    assert some[:2] == made[1:3]
    with pytest.raises(KeyError, match="2, 3, 4"):
        some[1]
    with pytest.raises(KeyError, match="nobody"):
        some["nobody"]


def test_a_run_of_an_earlier_process_is_found_by_name(cast):
    run = recorded(cast, [1.0])
    runs.clear()
    found = runs["lenet"]
    assert found is not run
    assert found.id == run.id
    assert runs[run.id].id == run.id
    assert runs.on_disk() == [Path(run.saved)]


def test_table_lists_runs(cast):
    assert "no runs yet" in repr(runs)
    recorded(cast, [0.5, 0.25], epochs=1, save=False)
    head, row = repr(runs).splitlines()
    assert head.split() == [
        "run",
        "name",
        "state",
        "epochs",
        "steps",
        "time",
        "loss",
        "metrics",
        "validation",
    ]
    assert row.split()[1:5] == ["lenet", "finished", "1/1", "2"]
    assert row.endswith("accuracy 0.75")


def test_state_folder_follows_the_environment(monkeypatch):
    monkeypatch.delenv("WORKBENCH_STATE")
    monkeypatch.setenv("XDG_STATE_HOME", os.path.join(os.sep, "x"))
    assert state_folder() == Path(os.sep, "x", "workbench", "runs")
    monkeypatch.delenv("XDG_STATE_HOME")
    assert state_folder() == Path.home() / ".local" / "state" / "workbench" / "runs"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.41, "0.4 s"), (12.4, "12 s"), (72, "1:12"), (7384, "2:03:04"), (59.9, "60 s")],
)
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_records_are_appended_about_once_a_second(cast, monkeypatch):
    written = []
    monkeypatch.setattr(Record, "append", lambda *args: written.append(time.monotonic()))
    with Session("t", terminal=False):
        for _ in range(1000):
            cast.Trainer().step(1)
    assert len(written) <= 3
