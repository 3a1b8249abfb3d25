"""Chrome trace files (chrome://tracing, Perfetto), laid out as MXNet 1.9.1 writes them.

One process per row, ``B``/``E`` pairs of category ``operator``, and what MXNet has not: a flow
arrow from each event to those it set free. Format: the "Trace Event Format" document of the
Chromium project.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from heapq import heappop, heappush
from typing import IO, Any

from ..error import MXNetError, message
from ..fileio import atomic_write
from .events import ORIGIN_WALL, Event

__all__ = ["category", "trace_items", "write_trace"]

_CATEGORIES = {"kvstore": "kvstore", "data": "data", "main": "wait"}
_NUDGE = 0.001  # µs; an arrow must begin and end inside its bars, not on their edge


def category(row: str) -> str:
    """The table and trace category of a row; every device is an ``operator`` row."""
    return _CATEGORIES.get(row, "operator")


def trace_items(
    events: Sequence[Event], extra: Iterable[dict[str, Any]] = ()
) -> Iterator[dict[str, Any]]:
    """The entries of ``traceEvents``: names of the rows, bars in order of time, arrows, *extra*.

    Times are µs since 1970, as in MXNet's files.
    """
    rows = {row: number for number, row in enumerate(sorted({one.row for one in events}))}
    for row, number in rows.items():
        yield {"ph": "M", "args": {"name": row}, "pid": number, "name": "process_name"}
    zero = ORIGIN_WALL * 1e6
    causes = {one.cause for one in events if one.cause}
    spans: dict[int, tuple[Event, int]] = {}
    for event, track in _tracks(events):
        spans[event.id] = (event, track)
        where = {"pid": rows[event.row], "tid": track}
        bar = {"name": event.name, "cat": category(event.row), **where}
        yield {
            **bar,
            "ph": "B",
            "ts": zero + event.start,
            "args": {"id": event.id, "bytes": event.bytes, "wait_us": round(event.wait, 3)},
        }
        yield {**bar, "ph": "E", "ts": zero + event.stop}
    for event, track in spans.values():
        if event.cause not in causes or event.cause not in spans:
            continue
        first, first_track = spans[event.cause]
        flow = {"name": "releases", "cat": "flow", "id": event.id}
        leave = max(first.start, min(first.stop, event.stop) - _NUDGE)
        enter = max(leave, min(event.start + _NUDGE, event.stop))
        yield {**flow, "ph": "s", "ts": zero + leave, "pid": rows[first.row], "tid": first_track}
        yield {
            **flow,
            "ph": "f",
            "bp": "e",
            "ts": zero + enter,
            "pid": rows[event.row],
            "tid": track,
        }
    yield from extra


def _tracks(events: Sequence[Event]) -> Iterator[tuple[Event, int]]:
    """Events by start, each with a track of its row on which no two bars overlap.

    ``B`` and ``E`` must nest on a track; a device's queue and inline work may overlap.
    """
    ends: dict[str, list[tuple[float, int]]] = {}
    for event in sorted(events, key=lambda one: (one.start, one.stop)):
        busy = ends.setdefault(event.row, [])
        track = heappop(busy)[1] if busy and busy[0][0] <= event.start else len(busy)
        heappush(busy, (event.stop, track))
        yield event, track


def write_trace(
    path: str | os.PathLike[str], events: Sequence[Event], extra: Iterable[dict[str, Any]] = ()
) -> None:
    """Write a Chrome trace, entry by entry; *path* is replaced only when the file is whole.

    Raises
    ------
    MXNetError
        The folder is missing, not writable or full; the old file, if any, is untouched.
    """
    try:
        with atomic_write(path, "w") as file:
            _write(file, trace_items(events, extra))
    except OSError as error:
        raise MXNetError(
            message(
                f"cannot write the trace: {error.strerror or error}",
                where=[os.fspath(path)],
                fix="Give a file name in a folder that exists and has room.",
            )
        ) from error


def _write(file: IO[str], items: Iterable[dict[str, Any]]) -> None:
    file.write('{\n"traceEvents": [\n')
    for number, item in enumerate(items):
        file.write(",\n" if number else "")
        file.write(json.dumps(item))
    file.write('\n],\n"displayTimeUnit": "ms"\n}\n')
