"""The events of a training run: a handler is called at those whose class it derives from."""

from __future__ import annotations

from typing import Any

__all__ = [
    "BatchBegin",
    "BatchEnd",
    "EpochBegin",
    "EpochEnd",
    "EventHandler",
    "TrainBegin",
    "TrainEnd",
]


class EventHandler:
    """Base of all handlers. Those with a smaller ``priority`` (0 without one) are called first."""


class TrainBegin(EventHandler):
    """Called before the first epoch."""

    def train_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """A run begins."""


class TrainEnd(EventHandler):
    """Called behind the last epoch."""

    def train_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """A run ends."""


class EpochBegin(EventHandler):
    """Called before each epoch."""

    def epoch_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """An epoch begins."""


class EpochEnd(EventHandler):
    """Called behind each epoch."""

    def epoch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> bool | None:
        """An epoch ends; True ends the run."""
        return False


class BatchBegin(EventHandler):
    """Called before each batch."""

    def batch_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """A batch begins; *kwargs* hold ``batch``."""


class BatchEnd(EventHandler):
    """Called behind each batch, when gradients are there."""

    def batch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> bool | None:
        """A batch ends; True ends the epoch. *kwargs* hold ``batch, pred, label, loss``."""
        return False


def check_handlers(handlers: Any) -> list[EventHandler]:
    """One handler, several or none, as a list; ValueError for what is no handler."""
    if isinstance(handlers, EventHandler):
        return [handlers]
    made = list(handlers or [])
    if not all(isinstance(one, EventHandler) for one in made):
        raise ValueError(f"handlers must be an EventHandler or a list of EventHandler, got: {made}")
    return made
