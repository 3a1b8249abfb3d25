"""What a run measured, as columns that only grow: one row per step, one per validation pass.

A column is an ``array`` of float64: appending costs tens of nanoseconds, and readers on other
threads copy out slices as NumPy arrays. A row never changes once it is there, so a reader needs
only the index of the last row it has.
"""

from __future__ import annotations

import contextlib
import csv
import io
import math
import os
import secrets
import threading
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["History", "Table", "atomic_write", "smooth", "thin"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Columns = dict[str, Floats]

FIRST = ("step", "epoch", "time")
THINNED = 4000
"""Points of a whole curve that is sent or drawn at once."""


class Table:
    """Named float64 columns of equal length, appended to by one thread and read by any.

    Values that a row does not give are NaN. A column that turns up late is NaN above.
    """

    def __init__(self, first: tuple[str, ...] = FIRST) -> None:
        self._lock = threading.Lock()
        self._columns: dict[str, array[float]] = {name: array("d") for name in first}
        self._n = 0
        self._marks: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return self._n

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._n} rows: {', '.join(self.names)}>"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in the order in which they turned up."""
        return tuple(self._columns)

    @property
    def marks(self) -> list[dict[str, Any]]:
        """What happened at single steps: dicts of ``step``, ``kind`` and ``text`` (a copy)."""
        with self._lock:
            return list(self._marks)

    def append(self, row: Mapping[str, float]) -> None:
        """Add one row; names not seen before become columns."""
        with self._lock:
            columns = self._columns
            for name in row:
                if name not in columns:
                    columns[name] = array("d", [math.nan]) * self._n
            for name, column in columns.items():
                column.append(row.get(name, math.nan))
            self._n += 1

    def extend(self, columns: Mapping[str, Any]) -> None:
        """Add as many rows as the longest of *columns* has values."""
        n = max((len(values) for values in columns.values()), default=0)
        with self._lock:
            for name in columns:
                if name not in self._columns:
                    self._columns[name] = array("d", [math.nan]) * self._n
            for name, column in self._columns.items():
                values = [float(value) for value in columns.get(name, ())]
                column.extend(values + [math.nan] * (n - len(values)))
            self._n += n

    def mark(self, step: int, kind: str, text: str) -> None:
        """Remember that something happened at *step*."""
        with self._lock:
            self._marks.append({"step": int(step), "kind": kind, "text": text})

    def __getitem__(self, name: str) -> Floats:
        """The whole column called *name* (a copy)."""
        with self._lock:
            if name not in self._columns:
                raise KeyError(f"no column {name!r}; there are {', '.join(self._columns)}")
            return self._copy(self._columns[name], 0)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def columns(self) -> Columns:
        """Every column, in full (copies)."""
        return self.rows_since(0)[2]

    def rows_since(self, index: int) -> tuple[int, int, Columns]:
        """Rows from *index* on: ``(start, n, {name: float64 array of n})``.

        *start* is *index*, held within the table.
        """
        with self._lock:
            start = min(max(int(index), 0), self._n)
            part = {name: self._copy(column, start) for name, column in self._columns.items()}
            return start, self._n - start, part

    def last(self, name: str) -> float | None:
        """The newest finite value in the column called *name*, or None."""
        with self._lock:
            for value in reversed(self._columns.get(name, ())):
                if math.isfinite(value):
                    return value
        return None

    def thinned(self, points: int = THINNED) -> tuple[Indices, Columns]:
        """At most about *points* rows that show every column's extremes: ``(kept, columns)``."""
        columns = self.columns()
        curves = [values for name, values in columns.items() if name not in FIRST]
        kept = thin(curves, len(self) if not curves else len(curves[0]), points)
        return kept, {name: values[kept] for name, values in columns.items()}

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """The table as comma-separated text, written to *path* if one is given.

        Numbers are written so that reading gives the same float64 back; a value that was not
        measured is an empty field, in ``loss`` it is ``nan``.
        """
        columns = self.columns()
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        lists = [[_field(name, value) for value in values] for name, values in columns.items()]
        writer.writerows(zip(*lists, strict=True))
        if path is not None:
            atomic_write(path, text.getvalue())
        return text.getvalue()

    @staticmethod
    def _copy(column: array[float], start: int) -> Floats:
        # A slice of an array is a copy, so no view is left that would forbid the next append.
        return (
            np.frombuffer(column[start:], dtype=np.float64) if len(column) > start else np.empty(0)
        )


class History(Table):
    """The training steps of a run; its passes over validation data are :attr:`validation`."""

    def __init__(self) -> None:
        super().__init__()
        self.validation = Table()


def _field(name: str, value: float) -> str:
    if value != value and name != "loss":
        return ""
    value = float(value)
    return str(int(value)) if name in ("step", "epoch") and value.is_integer() else repr(value)


def thin(curves: list[Floats], n: int, points: int = THINNED) -> Indices:
    """Indices of rows to keep so that *curves* of *n* rows still show their extremes.

    The rows are cut into equal buckets; of each, every curve's least, greatest and first
    non-finite row stay. The first and last row always do.
    """
    if n <= points or not curves:
        return np.arange(n, dtype=np.int64)
    buckets = max(1, points // (2 * len(curves)))
    size = -(-n // buckets)
    kept = [np.array([0, n - 1], dtype=np.int64)]
    for values in curves:
        padded = np.full(buckets * size, math.nan)
        padded[:n] = values
        table = padded.reshape(buckets, size)
        finite = np.isfinite(table)
        start = np.arange(buckets, dtype=np.int64) * size
        some = finite.any(axis=1)
        kept.append((start + np.where(finite, table, math.inf).argmin(axis=1))[some])
        kept.append((start + np.where(finite, table, -math.inf).argmax(axis=1))[some])
        broken = ~finite & (np.arange(buckets * size).reshape(table.shape) < n)
        mixed = broken.any(axis=1) & some
        kept.append((start + broken.argmax(axis=1))[mixed])
    return np.unique(np.concatenate(kept))


def smooth(values: npt.ArrayLike, beta: float) -> Floats:
    """Bias-corrected exponential moving mean of *values*; *beta* in [0, 1), 0 changes nothing.

    ``m[t] = β·m[t-1] + (1-β)·x[t]``, divided by ``1 - βᵗ`` (Kingma and Ba, 2015, §3). Values that
    are not finite stay as they are and do not enter the mean.
    """
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be in [0, 1), got {beta}")
    mean, weight, out = 0.0, 0.0, []
    for value in np.asarray(values, dtype=np.float64).tolist():
        if math.isfinite(value):
            mean = beta * mean + (1 - beta) * value
            weight = beta * weight + (1 - beta)
            out.append(mean / weight)
        else:
            out.append(value)
    return np.array(out, dtype=np.float64)


def atomic_write(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write *content* to *path* so that a reader finds the old file or the new one, whole."""
    target = Path(path)
    data = content.encode() if isinstance(content, str) else content
    fresh = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open(fresh, "xb") as file:
            file.write(data)
        os.replace(fresh, target)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
