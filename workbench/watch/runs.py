"""Runs that are over, or still going on: the last ones in memory, older ones on disk.

>>> from workbench.watch import runs
>>> runs[-1]            # doctest: +SKIP
<Run 3 'lenet' finished: 2814 steps, loss 0.0812, accuracy 0.981, validation accuracy 0.974>
>>> runs[3].loss[-1]    # doctest: +SKIP
0.0812
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, overload

from .history import Floats, History
from .record import read_record, record_files

__all__ = ["ENDED", "Run", "Runs", "runs"]

IN_MEMORY = 20
ENDED = frozenset({"stopped", "failed", "finished", "killed"})
"""States after which nothing is added to a run; ``killed`` only turns up in records on disk."""


class Run:
    """One training run: what it was called, how it went, what it measured.

    Attributes
    ----------
    name, number, id : how it was called, which one it is in this process, its name on disk.
    started : float
        Unix time, seconds.
    epochs : int or None
        How many were announced.
    history : History
        One row per step; ``history.validation`` has one per pass over validation data.
    saved : str
        File of the record, empty where there is none.
    """

    def __init__(self, name: str, number: int, *, epochs: int | None = None) -> None:
        self.name = str(name)
        self.number = number
        self.started = time.time()
        self.id = ""
        self.epochs = epochs
        self.history = History()
        self.saved = ""
        self._state: dict[str, Any] = {}

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Run:
        """The run whose record is at *path*. Raises DataFileError if the record is damaged."""
        header, state, history = read_record(path)
        run = cls(header.get("name", Path(path).stem), int(header.get("run", 0)))
        run.id = str(header.get("id", Path(path).stem))
        run.started = float(header.get("started", 0.0))
        run.epochs = header.get("epochs")
        run.history, run.saved = history, str(path)
        run._state = {"state": "killed", "reason": "", **state, "saved": str(path)}
        if run._state["state"] not in ENDED and not _alive(header):
            run._state["state"] = "killed"
            run._state["reason"] = "the process ended without closing the run"
        return run

    @property
    def state(self) -> str:
        """waiting, running, paused, stopping, stopped, failed, finished or killed."""
        return str(self.state_dict().get("state", "waiting"))

    @property
    def loss(self) -> Floats:
        """Loss of each step (a copy); empty where none was seen."""
        return self.history["loss"] if "loss" in self.history else self.history["step"][:0]

    @property
    def metrics(self) -> dict[str, float]:
        """Last value of each training metric."""
        return dict(self.state_dict().get("metrics") or {})

    @property
    def validation(self) -> dict[str, float]:
        """Last value of each validation metric."""
        return dict(self.state_dict().get("validation") or {})

    @property
    def error(self) -> dict[str, Any] | None:
        """Type, message, epoch and step of the exception that ended the run, or None."""
        return self.state_dict().get("error")

    def state_dict(self) -> dict[str, Any]:
        """Small JSON: the present state; its keys are listed in :mod:`workbench.watch`."""
        return dict(self._state)

    def summary(self) -> str:
        """One line: steps and last values."""
        state = self.state_dict()
        parts = [f"{state.get('step', len(self.history))} steps"]
        if state.get("loss") is not None:
            parts.append(f"loss {state['loss']:.4g}")
        parts += [f"{name} {value:.4g}" for name, value in self.metrics.items()]
        parts += [f"validation {name} {value:.4g}" for name, value in self.validation.items()]
        if state.get("error"):
            parts.append(f"{state['error']['type']}: {state['error']['message']}")
        return ", ".join(parts)

    def __repr__(self) -> str:
        return f"<Run {self.number} {self.name!r} {self.state}: {self.summary()}>"


class Runs:
    """The runs of this process, newest last; those of earlier ones by :meth:`on_disk`.

    ``runs[3]`` is run number 3, ``runs[-1]`` the newest, ``runs["lenet"]`` the newest of that name
    (or the one of that id), on disk if need be.
    """

    def __init__(self, limit: int = IN_MEMORY) -> None:
        self._runs: deque[Run] = deque(maxlen=limit)
        self._lock = threading.Lock()
        self._count = 0

    def next_number(self) -> int:
        """A number that no run of this process has."""
        with self._lock:
            self._count += 1
            return self._count

    def add(self, run: Run) -> None:
        """Keep *run*; the oldest goes when there are more than the limit."""
        with self._lock:
            self._runs.append(run)

    def clear(self) -> None:
        """Forget the runs in memory; records on disk stay."""
        with self._lock:
            self._runs.clear()

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        with self._lock:
            return iter(list(self._runs))

    @overload
    def __getitem__(self, key: int | str) -> Run: ...
    @overload
    def __getitem__(self, key: slice) -> list[Run]: ...
    def __getitem__(self, key: int | str | slice) -> Run | list[Run]:
        kept = list(self)
        if isinstance(key, slice):
            return kept[key]
        if isinstance(key, str):
            for run in reversed(kept):
                if key in (run.name, run.id):
                    return run
            return self._from_disk(key)
        if key < 0 and -key <= len(kept):
            return kept[key]
        for run in kept:
            if run.number == key:
                return run
        known = ", ".join(str(run.number) for run in kept) or "none yet"
        raise KeyError(f"no run {key} in memory (there are: {known}); see runs.on_disk()")

    def previous(self, run: Run) -> Run | None:
        """The last run before *run* that has the same name, in memory."""
        older = [one for one in self if one.name == run.name and one.number < run.number]
        return older[-1] if older else None

    def on_disk(self, folder: str | os.PathLike[str] | None = None) -> list[Path]:
        """Records in *folder* (default: the user's state folder), oldest first; see Run.load."""
        return record_files(folder)

    def _from_disk(self, key: str) -> Run:
        for path in reversed(record_files()):
            if key == path.stem or f"-{key}-" in path.stem:
                run = Run.load(path)
                if key in (run.name, run.id):
                    return run
        raise KeyError(f"no run called {key!r}, neither in memory nor on disk")

    def table(self) -> str:
        """The runs in memory as a text table."""
        head = ("run", "name", "state", "epochs", "steps", "time", "loss", "metrics", "validation")
        rows = [head] + [_row(run) for run in self]
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
        return "\n".join(line.rstrip() for line in lines)

    def __repr__(self) -> str:
        return self.table() if len(self) else "no runs yet: see %%mxtrain or mx.Session"


def _row(run: Run) -> tuple[str, ...]:
    state = run.state_dict()
    epochs = f"{state.get('epoch', 0)}" + (f"/{run.epochs}" if run.epochs else "")
    loss = state.get("loss")
    return (
        str(run.number),
        run.name,
        run.state,
        epochs,
        str(state.get("step", 0)),
        clock(state.get("elapsed") or 0.0),
        "" if loss is None else f"{loss:.4g}",
        " ".join(f"{name} {value:.4g}" for name, value in run.metrics.items()),
        " ".join(f"{name} {value:.4g}" for name, value in run.validation.items()),
    )


def clock(seconds: float) -> str:
    """Seconds as people write them: ``0.4 s``, ``12 s``, ``1:12``, ``2:03:04``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def _alive(header: dict[str, Any]) -> bool:
    """Whether the process that writes the record still lives, as far as can be told from here."""
    pid = header.get("pid")
    if os.name != "posix" or header.get("host") != socket.gethostname():
        return True
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


runs = Runs()
"""The runs of this process."""
