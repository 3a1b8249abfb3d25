"""Values of metrics: which belong to a training step and which to a validation pass.

A metric is updated in both, often by the same object. Whether the call is inside ``record`` says
little, since most loops update their training metric after the step. What decides is the pass
that the loader is in: one with backwards in it is training. A loop without loaders is judged by
whether a backward happened since the metric was last reset.
"""

from __future__ import annotations

import sys
from typing import Any

from .history import History
from .progress import Progress

__all__ = ["Meters"]

RESERVED = frozenset({"step", "epoch", "time", "loss", "lr"})
"""Columns of a step that a metric must not take over; ``loss`` is the loss of that step alone."""


class Meters:
    """Last values of metrics, and the rows of validation passes.

    ``backwards`` counts what :meth:`trained` was told.
    """

    def __init__(self, progress: Progress) -> None:
        self.training: dict[str, float] = {}
        self.validation: dict[str, float] = {}
        self._progress = progress
        self._fresh: dict[str, float] = {}
        self._passing: dict[str, float] = {}
        self._began_at: object = None
        self._row: dict[str, float] = {}
        self.backwards = 0
        self._reset_at: dict[int, int] = {}

    @property
    def passing(self) -> bool:
        """A validation pass is going on, for all that is known; :meth:`trained` ends it."""
        return bool(self._passing)

    def reset(self, metric: Any) -> None:
        """*metric* starts over."""
        self._reset_at[id(metric)] = self.backwards

    def update(self, metric: Any, now: float) -> None:
        """*metric* took in another batch."""
        values = _read(metric)
        if self._is_training(metric):
            self._take_training(values)
            return
        if not self._passing:
            progress = self._progress
            self._began_at = progress.position
            # The pass belongs to the epoch that it follows, whenever it is found to be over.
            self._row = {
                "step": float(progress.step),
                "epoch": float(progress.epoch),
                "time": now,
            }
        self._passing.update(values)

    def trained(self, history: History) -> None:
        """A backward or an update happened: a validation pass, if there was one, is over."""
        self.backwards += 1
        if self._passing:
            if self._began_at is not None and self._began_at == self._progress.position:
                # The first batch's metric, updated between forward and backward.
                self._take_training(self._passing)
                self._passing = {}
            else:
                self.finish(history)

    def finish(self, history: History) -> None:
        """Write down the validation pass that is over."""
        if not self._passing:
            return
        history.validation.append({**self._row, **self._passing})
        self.validation.update(self._passing)
        self._passing = {}

    def take(self) -> dict[str, float]:
        """What training metrics say since the last call."""
        fresh, self._fresh = self._fresh, {}
        return fresh

    def _take_training(self, values: dict[str, float]) -> None:
        for name, value in values.items():
            self.training[name] = value
            self._fresh[f"{name} metric" if name in RESERVED else name] = value

    def _is_training(self, metric: Any) -> bool:
        autograd = sys.modules.get("workbench.autograd")
        if autograd is not None and autograd.is_recording():
            return True
        known = self._progress.in_training()
        if known is None:
            return self.backwards > self._reset_at.get(id(metric), 0)
        return known


def _read(metric: Any) -> dict[str, float]:
    names, values = metric.get()
    if not isinstance(names, list | tuple):
        names, values = [names], [values]
    return {str(name): float(value) for name, value in zip(names, values, strict=False)}
