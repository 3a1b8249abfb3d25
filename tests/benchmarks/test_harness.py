"""The benchmarks run, compare before they time, and show what went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def root():
    return Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def package(root, monkeypatch):
    monkeypatch.syspath_prepend(str(root))


def run(root, *arguments):
    paths = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_one_row_with_one_round_prints_its_line(root):
    done = run(root, "--rows", "scalar", "--rounds", "1", "--starts", "1")
    assert "failed" not in done.stdout, done.stdout
    assert "eager multiplication of 8 floats" in done.stdout, done.stderr
    assert "workbench" in done.stdout
    assert done.returncode == 0


@pytest.mark.slow
def test_an_unknown_row_is_refused_with_the_names_there_are(root):
    done = run(root, "--rows", "nothing")
    assert done.returncode == 2
    assert "no row 'nothing'" in done.stderr
    assert "chain" in done.stderr


def test_outputs_are_compared_before_anything_is_timed():
    from benchmarks.harness import Case, measure

    called = []

    def differs():
        raise AssertionError("outputs differ")

    with pytest.raises(AssertionError, match="outputs differ"):
        measure(Case({"workbench": lambda: called.append(1)}, differs), rounds=1)
    assert called == []


def test_ways_take_turns_and_keep_their_minimum(monkeypatch):
    from benchmarks import harness
    from benchmarks.harness import Case, measure

    monkeypatch.setattr(harness, "TURN_SECONDS", 0.0)

    order = []
    ways = {name: lambda name=name: order.append(name) for name in "ab"}
    times = measure(Case(ways, lambda: None, calls=2), rounds=2)
    assert order == list("aabbbbaa")
    assert set(times) == {"a", "b"}
    assert all(0 < seconds < 1 for seconds in times.values())


def test_the_worst_start_counts_and_misses_are_red():
    from benchmarks import table
    from benchmarks.harness import Row

    row = Row("x", "a row", build=lambda: None, limit=0.5)
    starts = [
        {"times": {"workbench": t, "torch": 1e-3}, "figure": t * 1e3, "told": "", "error": ""}
        for t in (4e-4, 6e-4)
    ]
    line = table.line(row, 1, starts)
    assert line.passed is False
    assert "**red**" in line.markdown()
    assert "**0.60** (0.40, 0.60)" in line.markdown()
    assert "600 µs" in line.markdown()


def test_a_missing_peer_and_a_failure_are_said():
    from benchmarks import table
    from benchmarks.harness import Row, ratio

    row = Row("x", "a row", build=lambda: None, limit=0.5)
    assert ratio({"workbench": 1.0}) is None
    alone = {"times": {"workbench": 1.0}, "figure": None, "told": "", "error": ""}
    assert "torch is not installed" in table.line(row, 1, [alone]).markdown()
    broken = {"times": {}, "figure": None, "told": "", "error": "ValueError: no"}
    line = table.line(row, 1, [alone, broken])
    assert "failed: ValueError: no" in line.markdown()
    assert line.passed is False


def test_the_table_is_put_between_its_marks(tmp_path):
    from benchmarks import table

    path = tmp_path / "README.md"
    path.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n", encoding="utf-8")
    table.write(path, [table.Line("a row", 1, "1 µs", "0.5", "≤ 0.6", True)], 15)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "| a row | 1 | 1 µs | 0.5 | ≤ 0.6 | kept |" in text
    assert "old" not in text
    assert "cores" in text
