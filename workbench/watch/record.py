"""The record of a run on disk: JSON lines, appended about once a second.

A line is one object with one key. ``run`` comes first and says what the run is; ``rows`` and
``validation`` carry slices of columns; ``marks`` what happened at single steps; ``state`` the small
state of the session at that time, the last one counts. A line is written with one call, so a
process that is killed leaves at most its last line cut off, and a reader drops that line. JSON has
no NaN: a number that is not finite is written as the string that ``float`` reads back.
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..error import DataFileError, message
from .history import History, Table, atomic_write

__all__ = ["Keeper", "Record", "prune", "read_record", "record_files", "state_folder"]

FORMAT = 1
KEEP_RUNS = 200
KEEP_BYTES = 200 * 2**20
RUN_BYTES = 32 * 2**20
"""Above this a record is rewritten with its curves thinned; rows after that are whole again."""


def state_folder() -> Path:
    """Where records go by default: ``$WORKBENCH_STATE``, else below the user's state folder."""
    if chosen := os.environ.get("WORKBENCH_STATE"):
        return Path(chosen) / "runs"
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "workbench" / "runs"


def record_files(folder: str | os.PathLike[str] | None = None) -> list[Path]:
    """Records in *folder* (default: :func:`state_folder`), oldest first."""
    found = []
    with contextlib.suppress(OSError):
        for path in (Path(folder) if folder else state_folder()).glob("*.jsonl"):
            with contextlib.suppress(OSError):
                found.append((path.stat().st_mtime, path.name, path))
    return [path for _, _, path in sorted(found)]


def prune(folder: Path, runs: int = KEEP_RUNS, size: int = KEEP_BYTES) -> list[Path]:
    """Remove the oldest records of *folder* beyond *runs* files or *size* bytes; what went."""
    gone, total = [], 0
    for count, path in enumerate(reversed(record_files(folder)), start=1):
        with contextlib.suppress(OSError):
            total += path.stat().st_size
            if count > runs or total > size:
                path.unlink()
                gone.append(path)
    return gone


def slug(name: str) -> str:
    """*name* as part of a file name."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:40] or "run"


class Record:
    """Appends a run's history to one file; what is in the file already is never sent again."""

    def __init__(self, path: Path, header: Mapping[str, Any], limit: int = RUN_BYTES) -> None:
        """Create *path* with its first line. Raises OSError where that is impossible."""
        self.path = path
        self._header = {**header, "format": FORMAT}
        self._limit = limit
        self._sent = {"rows": 0, "validation": 0, "marks": 0}
        self._state = ""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._size = self._write([{"run": self._header}], mode="xb")

    def append(self, history: History, state: Mapping[str, Any]) -> None:
        """Write what *history* and *state* have that the file has not. Raises OSError."""
        lines: list[dict[str, Any]] = []
        for key, table in (("rows", history), ("validation", history.validation)):
            start, n, columns = table.rows_since(self._sent[key])
            if n:
                lines.append({key: _slice(start, n, columns)})
                self._sent[key] = start + n
        marks = history.marks
        if len(marks) > self._sent["marks"]:
            lines.append({"marks": marks[self._sent["marks"] :]})
            self._sent["marks"] = len(marks)
        now = _dumps(state)
        if lines or now != self._state:
            self._state = now
            lines.append({"state": dict(state)})
            self._size += self._write(lines, mode="ab")
        if self._size > self._limit:
            self._shrink(history, state)

    def _write(self, lines: list[dict[str, Any]], mode: str) -> int:
        data = "".join(_dumps(line) + "\n" for line in lines).encode()
        # Unbuffered: one write call, so that a kill can only cut the end off.
        with open(self.path, mode, buffering=0) as file:
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        return len(data)

    def _shrink(self, history: History, state: Mapping[str, Any]) -> None:
        lines: list[dict[str, Any]] = [{"run": {**self._header, "thinned": True}}]
        for key, table in (("rows", history), ("validation", history.validation)):
            kept, columns = table.thinned()
            lines.append({key: _slice(0, len(kept), columns)})
        lines += [{"marks": history.marks}, {"state": dict(state)}]
        text = "".join(_dumps(line) + "\n" for line in lines)
        atomic_write(self.path, text)
        self._size = len(text.encode())
        self._limit = max(self._limit, 2 * self._size)


class Keeper:
    """Keeps a run's record up to date, and gives up quietly where that is impossible.

    *save* is a folder, or None or True for the user's state folder, where old records make room.
    ``path`` is the file, ``trouble`` why nothing is kept any more; each is empty otherwise.
    """

    def __init__(self, save: Any, header: Mapping[str, Any]) -> None:
        self.path = self.trouble = ""
        self._record: Record | None = None
        chosen = Path(save) if isinstance(save, str | os.PathLike) else None
        try:
            self._record = Record((chosen or state_folder()) / f"{header['id']}.jsonl", header)
            self.path = str(self._record.path)
            if chosen is None:
                prune(self._record.path.parent)
        except OSError as error:
            self._give_up(error)

    def flush(self, history: History, state: Mapping[str, Any]) -> None:
        """Write what is new."""
        if self._record is not None:
            try:
                self._record.append(history, state)
            except OSError as error:
                self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._record = None
        self.trouble = f"the record of this run is not kept any more: {error}"


def read_record(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Any], History]:
    """Header, last state and history of the record at *path*.

    A last line that was cut off is dropped. Raises DataFileError where the file is no record, or
    is damaged before its last line; OSError where it cannot be read.
    """
    path = Path(path)
    header: dict[str, Any] = {}
    state: dict[str, Any] = {}
    history = History()
    for number, (key, value) in enumerate(_lines(path), start=1):
        try:
            if (key == "run") != (number == 1):
                raise ValueError(f"line {number} holds {key!r}")
            if key == "run":
                header = dict(value)
                if header.get("format") != FORMAT:
                    raise ValueError(f"format {header.get('format')!r}, expected {FORMAT}")
            elif key == "rows":
                _add(history, value, bool(header.get("thinned")))
            elif key == "validation":
                _add(history.validation, value, bool(header.get("thinned")))
            elif key == "marks":
                for mark in value:
                    history.mark(mark["step"], mark["kind"], mark["text"])
            elif key == "state":
                state = dict(value)
        except (ValueError, TypeError, KeyError) as error:
            raise _damaged(path, f"line {number}: {error}") from error
    if not header:
        raise _damaged(path, "no complete line")
    return header, state, history


def _lines(path: Path) -> Iterator[tuple[str, Any]]:
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        last = number >= len(lines) - (not lines[-1])
        if not line and last:
            return
        try:
            entry = json.loads(line)
            (pair,) = entry.items()
        except (ValueError, AttributeError, RecursionError) as error:
            if last and number > 1:
                return
            raise _damaged(path, f"line {number} is not a JSON object of one key") from error
        yield pair


def _damaged(path: Path, why: str) -> DataFileError:
    return DataFileError(
        message(
            f"{path.name} is not a readable run record: {why}",
            where=[str(path)],
            fix="Remove the file, or cut it off before that line.",
        )
    )


def _slice(start: int, n: int, columns: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: [_number(name, v) for v in values.tolist()] for name, values in columns.items()}
    return {"from": start, "n": n, "columns": lists}


def _number(name: str, value: float) -> float | int | str | None:
    if math.isfinite(value):
        return int(value) if name in ("step", "epoch") else value
    return None if value != value and name != "loss" else repr(value)


def _add(table: Table, part: Mapping[str, Any], thinned: bool) -> None:
    if part["from"] < len(table) or (part["from"] > len(table) and not thinned):
        raise ValueError(f"rows from {part['from']} after {len(table)} rows")
    columns = {
        str(name): [math.nan if value is None else float(value) for value in values]
        for name, values in part["columns"].items()
    }
    if any(len(values) != part["n"] for values in columns.values()):
        raise ValueError("columns of unequal length")
    table.extend(columns)


def _dumps(value: Any) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"), default=str)
