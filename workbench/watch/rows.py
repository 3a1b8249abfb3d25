"""From step boundaries to rows of the history.

A row is opened at its boundary, takes in the metrics that are updated after it, is closed by
whatever comes next, and enters the history when its loss is known, in order.
"""

from __future__ import annotations

import math
from collections import deque

from .history import History
from .meters import Meters
from .pending import LossMean
from .progress import Progress

__all__ = ["Rows"]


class Rows:
    """The rows of a run that are not in its history yet."""

    def __init__(self, history: History, meters: Meters, progress: Progress) -> None:
        self.nonfinite = 0
        self.nan_step = 0
        self._history, self._meters, self._progress = history, meters, progress
        self._open: dict[str, float] | None = None
        self._loss: LossMean | None = None
        self._waiting: deque[tuple[dict[str, float], LossMean | None]] = deque()

    def open(self, loss: LossMean | None, rate: float | None, now: float) -> None:
        """Begin the row of the step that was just counted."""
        row = {
            "step": float(self._progress.step),
            "epoch": float(self._progress.epoch),
            "time": now,
        }
        if loss is not None:
            row["loss"] = math.nan
        if rate is not None:
            row["lr"] = rate
        self._open, self._loss = row, loss

    def close(self) -> None:
        """The open row, if there is one, has its metrics now."""
        row, loss = self._open, self._loss
        if row is not None:
            row.update(self._meters.take())
            self._open = None
            value = None if loss is None or self._waiting else loss.known
            if value is not None:  # the usual case, without the detour
                row["loss"] = value
                self._history.append(row)
                return
            self._waiting.append((row, loss))
        if self._waiting:
            self.settle()

    def settle(self, force: bool = False) -> None:
        """Move rows whose loss is known into the history; *force* waits for it."""
        while self._waiting:
            row, loss = self._waiting[0]
            if loss is not None:
                if not loss.settle(force):
                    return
                self._take_loss(row, loss.value)
            self._history.append(row)
            self._waiting.popleft()

    def _take_loss(self, row: dict[str, float], value: float | None) -> None:
        row["loss"] = math.nan if value is None else value
        if value is None or math.isfinite(value):
            return
        self.nonfinite += 1
        if not self.nan_step:
            self.nan_step = int(row["step"])
            self._history.mark(self.nan_step, "nan", f"loss is {value} at step {self.nan_step}")
