"""A run as text: one line that is rewritten on a terminal, a line per epoch elsewhere."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

from .runs import Run, clock

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Terminal", "epoch_line", "progress_line", "summary"]

EVERY = 0.25
BAR = 20


class Terminal:
    """Observer that writes the progress of a Session to *stream* (default: standard error)."""

    def __init__(self, stream: TextIO | None = None, every: float = EVERY) -> None:
        self._stream = stream or sys.stderr
        self._every = every
        self._last = float("-inf")
        self._shown_epoch = 0
        self._tty = False
        with contextlib.suppress(OSError, ValueError):
            self._tty = self._stream.isatty()

    def __call__(self, session: Session, what: str) -> None:
        if self._tty:
            now = time.monotonic()
            if what != "step" or now - self._last >= self._every:
                self._last = now
                width = shutil.get_terminal_size().columns - 1
                self._write("\r\x1b[K" + progress_line(session.state_dict())[:width])
        elif what == "epoch":
            state = session.state_dict()
            self._shown_epoch = state["epoch"] - 1
            self._write(epoch_line(state, self._shown_epoch) + "\n")
        if what == "finish":
            state = session.state_dict()
            if not self._tty and state["epoch"] > self._shown_epoch:
                self._write(epoch_line(state, state["epoch"]) + "\n")
            self._write(("\n" if self._tty else "") + _ending(session) + "\n")

    def _write(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        # A closed or broken stream must not end a training run.
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text.encode(encoding, "replace").decode(encoding))
            self._stream.flush()


def summary(run: Run) -> str:
    """The constant line that stands for a run where a picture is shown."""
    return f"mxtrain run: {run.name}"


def progress_line(state: dict[str, Any]) -> str:
    """One line of a run's state: what, how far, how good, how fast, how long."""
    parts = [state["name"]]
    if state["state"] != "running":
        parts.append(state["state"])
    if state["epoch"]:
        parts.append(f"epoch {_of(state['epoch'], state['epochs'])}")
    share = state["progress"] if state["progress"] is not None else state["epoch_progress"]
    if share is not None:
        full = int(share * BAR)
        parts.append("▓" * full + "░" * (BAR - full))
    if state["step"]:
        parts.append(f"step {_of(state['step_in_epoch'], state['steps_per_epoch'])}")
    parts += _values(state)
    if state["samples_per_second"]:
        parts.append(f"{state['samples_per_second']:.0f}/s")
    if state["eta"] is not None:
        parts.append(f"{clock(state['eta'])} left")
    elif state["epoch_eta"] is not None:
        parts.append(f"{clock(state['epoch_eta'])} left in epoch")
    else:
        parts.append(clock(state["elapsed"]))
    return "  ".join(parts)


def epoch_line(state: dict[str, Any], epoch: int) -> str:
    """One line for a finished epoch."""
    values = "  ".join(_values(state))
    return (
        f"{state['name']}  epoch {_of(epoch, state['epochs'])}  {values}  {clock(state['elapsed'])}"
    )


def _values(state: dict[str, Any]) -> list[str]:
    parts = [] if state["loss"] is None else [f"loss {state['loss']:.4g}"]
    for prefix, values in (("", state["metrics"]), ("validation ", state["validation"])):
        for name, value in values.items():
            parts.append(f"{prefix}{name} " + ("nan" if value is None else f"{value:.4g}"))
    return parts


def _of(count: int, total: int | None) -> str:
    return f"{count}/{total}" if total else str(count)


def _ending(session: Session) -> str:
    state = session.state_dict()
    reason = f" ({state['reason']})" if state["reason"] else ""
    return (
        f"{summary(session)}: {state['state']}{reason} after {state['step']} steps, "
        f"{clock(state['elapsed'])}"
    )
