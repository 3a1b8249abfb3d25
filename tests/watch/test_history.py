"""Columns, thinning, smoothing, CSV."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from workbench.watch.history import History, Table, atomic_write, smooth, thin


def test_rows_since_gives_what_is_new_and_late_columns_are_nan_above():
    table = Table()
    table.append({"step": 1, "epoch": 1, "time": 0.1, "loss": 2.0})
    start, n, first = table.rows_since(0)
    table.append({"step": 2, "epoch": 1, "time": 0.2, "accuracy": 0.5})
    assert (start, n, first["loss"].tolist()) == (0, 1, [2.0])
    start, n, more = table.rows_since(1)
    assert (start, n) == (1, 1)
    assert math.isnan(more["loss"][0])
    assert np.isnan(table["accuracy"]).tolist() == [True, False]
    assert table.rows_since(99)[:2] == (2, 0)
    assert table.last("loss") == 2.0
    assert table.last("nothing") is None
    assert list(table) == ["step", "epoch", "time", "loss", "accuracy"]


def test_an_unknown_column_names_those_there_are():
    with pytest.raises(KeyError, match="step, epoch, time"):
        Table()["loss"]


def test_given_rows_are_copies():
    table = Table()
    table.append({"step": 1})
    table.rows_since(0)[2]["step"].sum()
    kept = table["step"]
    table.append({"step": 2})
    assert kept.tolist() == [1.0]


def test_csv_reads_back_as_the_columns(tmp_path):
    table = History()
    table.append({"step": 1, "epoch": 1, "time": 0.1, "loss": 1 / 3})
    table.append({"step": 2, "epoch": 1, "time": 0.2, "loss": math.nan, "top 1, best": 0.5})
    text = table.to_csv(tmp_path / "run.csv")
    with open(tmp_path / "run.csv", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["step", "epoch", "time", "loss", "top 1, best"]
    assert rows == [["1", "1", "0.1", repr(1 / 3), ""], ["2", "1", "0.2", "nan", "0.5"]]
    assert float(rows[0][3]) == table["loss"][0]
    assert text.count("\n") == 3


@given(
    st.lists(st.floats(width=32), min_size=1, max_size=300),
    st.integers(min_value=2, max_value=40),
)
def test_thinning_keeps_ends_and_extremes(values, points):
    curve = np.array(values, dtype=np.float64)
    kept = thin([curve], len(curve), points)
    assert kept[0] == 0
    assert kept[-1] == len(curve) - 1
    assert (np.diff(kept) > 0).all()
    finite = curve[np.isfinite(curve)]
    if finite.size:
        some = curve[kept][np.isfinite(curve[kept])]
        assert some.min() == finite.min()
        assert some.max() == finite.max()


def test_thinning_bounds_the_number_of_points_and_shows_one_nan_among_many():
    curve = np.sin(np.arange(100_000) / 50.0)
    curve[54_321] = math.nan
    kept = thin([curve, curve + 1], len(curve), 4000)
    assert len(kept) <= 4003
    assert 54_321 in kept


def test_smoothing_is_bias_corrected_and_leaves_gaps():
    out = smooth([1.0, 3.0, math.nan, 5.0], 0.5)
    assert out[0] == 1.0
    np.testing.assert_allclose(out[1], (0.5 * 1 + 3.0) / 1.5)
    assert math.isnan(out[2])
    np.testing.assert_allclose(smooth(np.full(50, 2.0), 0.9), 2.0)
    assert smooth([1.0, 2.0], 0).tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="beta"):
        smooth([1.0], 1.0)


def test_an_atomic_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    atomic_write(path, "old")
    with pytest.raises(UnicodeEncodeError):
        atomic_write(path, "\udc80")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["a.txt"]
