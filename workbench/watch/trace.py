"""The timeline of a run: the engine's events as columns, read by index.

The engine appends events to a ring while the run goes on; a :class:`Trace` turns them into columns
only when somebody reads. It holds as many as the ring does and counts what it had to drop.
"""

from __future__ import annotations

import threading
from array import array
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine import events

__all__ = ["CAPACITY", "Trace", "covered"]

CAPACITY = 500_000
MOST_ROWS, MOST_NAMES = 255, 65_535
OTHER = "other"
EVENT_COST = 1.5e-6
"""Seconds that recording an event takes between the operators of a run (0.75 µs in a tight loop;
the rest are cache misses). Measured by ``benchmarks/watching.py``."""
AT_ONCE = 50_000
"""Events turned into columns while the lock is held; between parts other readers get in."""

KINDS = {
    "row": ("B", np.uint8),
    "name": ("H", np.uint16),
    "start": ("d", np.float64),
    "stop": ("d", np.float64),
    "wait": ("f", np.float32),
    "id": ("I", np.uint32),
    "cause": ("I", np.uint32),
    "bytes": ("d", np.float64),
}
FIRST_ROWS = ("kvstore", "data", "main")
_U32 = 0xFFFF_FFFF


class Trace:
    """Columns of what ran on each device between :meth:`start` and :meth:`stop`.

    Times are µs since the start. :attr:`rows` and :attr:`names` label the numbers in the columns
    ``row`` and ``name``; they only ever grow.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.rows: list[str] = []
        self.names: list[str] = []
        self._row_of: dict[str, int] = {}
        self._name_of: dict[str, int] = {}
        self._columns: dict[str, array[Any]] = {name: array(k) for name, (k, _) in KINDS.items()}
        self._capacity = capacity
        self._base = 0
        self._lost = 0
        self._next = 0
        self._first = 0
        self._last: int | None = 0
        self._origin = 0.0
        self._running = False
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin: what is recorded from now on belongs to this trace."""
        self._next = self._first = events.ring.appended
        self._last = None
        self._origin = events.now()
        self._running = True
        events.start()

    def stop(self) -> None:
        """End; doing it twice changes nothing. Events stay readable."""
        if self._running:
            self._running = False
            events.stop()
            self._last = events.ring.appended
            self.drain()

    def __len__(self) -> int:
        """How many events there were, dropped ones included; costs nothing."""
        return (events.ring.appended if self._last is None else self._last) - self._first

    def __repr__(self) -> str:
        self.drain()
        return f"<Trace of {len(self)} events on {', '.join(self.rows) or 'no device'}>"

    @property
    def cost(self) -> float:
        """About how many seconds it took to record the events."""
        return len(self) * EVENT_COST

    @property
    def dropped(self) -> int:
        """How many of the oldest events are gone."""
        return self._base + self._lost

    def since(self, index: int) -> dict[str, Any]:
        """Events from *index* on, in order of their end; keys as in :mod:`workbench.watch`."""
        self.drain()
        with self._lock:
            count = len(self._columns["row"])
            first = min(max(int(index) - self._base, 0), count)
            part: dict[str, Any] = {
                "from": self._base + first,
                "n": count - first,
                "dropped": self.dropped,
            }
            for name, (_, dtype) in KINDS.items():
                column = self._columns[name]
                part[name] = (
                    np.frombuffer(column[first:], dtype) if first < count else np.empty(0, dtype)
                )
            return part

    def busy(self, start: float = 0.0, stop: float | None = None) -> npt.NDArray[np.float64]:
        """Share of the span from *start* to *stop* (µs) in which each row had a bar.

        Exact: bars that overlap count once. *stop* None is the end of the last bar.
        """
        part = self.since(0)
        end = float(part["stop"].max(initial=0.0)) if stop is None else stop
        shares = np.zeros(len(self.rows))
        if end <= start:
            return shares
        inside = (part["stop"] > start) & (part["start"] < end)
        row = part["row"][inside]
        begins = np.maximum(part["start"][inside], start)
        ends = np.minimum(part["stop"][inside], end)
        for number in range(len(shares)):
            mine = row == number
            shares[number] = covered(begins[mine], ends[mine]) / (end - start)
        return shares

    def order(self) -> list[int]:
        """Row numbers from top to bottom: devices, then kvstore, data loading, main thread."""
        self.drain()
        last = len(FIRST_ROWS)

        def key(number: int) -> tuple[bool, int, str]:
            label = self.rows[number]
            place = FIRST_ROWS.index(label) if label in FIRST_ROWS else last
            return label in FIRST_ROWS, place, label

        return sorted(range(len(self.rows)), key=key)

    def events(self) -> list[events.Event]:
        """The events as the engine has them, with its clock, for a Chrome trace."""
        part = self.since(0)
        columns = [part[name].tolist() for name in KINDS]
        zero = self._origin
        return [
            events.Event(
                self.rows[row],
                self.names[name],
                start + zero,
                stop + zero,
                id,
                cause,
                int(size),
                wait,
            )
            for row, name, start, stop, wait, id, cause, size in zip(*columns, strict=True)
        ]

    def save(self, path: Any) -> None:
        """Write a Chrome trace (chrome://tracing, Perfetto) to *path*, atomically."""
        from ..engine.trace import write_trace

        write_trace(path, self.events())

    def drain(self) -> None:
        """Take in what the ring has; called by every reader."""
        while self._drain_part():
            pass

    def _drain_part(self) -> bool:
        with self._lock:
            until = self._next + AT_ONCE
            if self._last is not None:
                until = min(until, self._last)
            fresh, self._next, lost = events.ring.read_fields(self._next, until)
            self._lost += lost
            if not fresh:
                return bool(lost)
            rows, names, starts, stops, ids, causes, sizes, waits = zip(*fresh, strict=True)
            zero, columns = self._origin, self._columns
            columns["row"].extend(_numbers(rows, self._row_of, self.rows, MOST_ROWS))
            columns["name"].extend(_numbers(names, self._name_of, self.names, MOST_NAMES))
            columns["start"].extend([start - zero for start in starts])
            columns["stop"].extend([stop - zero for stop in stops])
            columns["wait"].extend(waits)
            columns["id"].extend([one & _U32 for one in ids])
            columns["cause"].extend([one & _U32 for one in causes])
            columns["bytes"].extend(sizes)
            surplus = len(columns["row"]) - self._capacity
            if surplus > self._capacity // 4:
                for column in columns.values():
                    del column[:surplus]
                self._base += surplus
            return True


def _numbers(
    labels: tuple[str, ...], known: dict[str, int], all_labels: list[str], most: int
) -> list[int]:
    """A number for each label; beyond *most* different ones they are all ``other``."""
    for label in dict.fromkeys(labels):
        if label not in known:
            if len(all_labels) < most - 1:
                known[label] = len(all_labels)
                all_labels.append(label)
            else:
                if all_labels[-1] != OTHER:
                    all_labels.append(OTHER)
                known[label] = len(all_labels) - 1
    return [known[label] for label in labels]


def covered(begins: npt.NDArray[np.float64], ends: npt.NDArray[np.float64]) -> float:
    """Length of the union of intervals."""
    if not begins.size:
        return 0.0
    order = np.argsort(begins, kind="stable")
    begins, ends = begins[order], ends[order]
    # Each interval adds what lies beyond the farthest end of those that began before it.
    before = np.concatenate([begins[:1], np.maximum.accumulate(ends)[:-1]])
    return float(np.maximum(ends - np.maximum(begins, before), 0.0).sum())
