"""The learning rate of whoever updates the parameters: reading it, setting it, why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .history import History

__all__ = ["Rates"]

BARE = "the loop updates its parameters itself"


class Rates:
    """The rate of the trainer that made the last step.

    ``value`` is None where there is none to read; ``locked`` says why it cannot be set, and is
    empty where it can.
    """

    def __init__(self) -> None:
        self.value: float | None = None
        self.locked = "no trainer has made a step yet"
        self._of: dict[int, float] = {}
        #: whose rate is its optimizer's plain ``lr``: looking at that is enough
        self._owner: Any = None

    def read(self, owner: Any, history: History, step: int) -> None:
        """Look at *owner* (a Trainer, a Module, or None) at the boundary of *step*."""
        if owner is self._owner and owner is not None:
            optimizer = owner._optimizer
            if optimizer.lr_scheduler is None and optimizer.lr == self.value:
                return
        self._read(owner, history, step)

    def _read(self, owner: Any, history: History, step: int) -> None:
        self._owner = None
        self.locked = _lock(owner)
        if owner is None:
            return
        self.value = rate = _rate(owner)
        if rate is None:
            return
        if not self.locked and getattr(getattr(owner, "_optimizer", None), "lr", None) == rate:
            self._owner = owner
        before = self._of.get(id(owner))
        self._of[id(owner)] = rate
        if before is not None and rate != before and _scheduler(owner) is None:
            history.mark(step, "lr", f"rate {before:g} → {rate:g}")

    def set(self, owner: Any, rate: float) -> str:
        """Set the rate; why not, if that is impossible."""
        setter = _setter(owner)
        why = _lock(owner)
        if not why and setter is not None:
            setter(rate)
        return why


def _optimizer(owner: Any) -> Any:
    return getattr(owner, "_optimizer", None) or getattr(owner, "optimizer", None)


def _scheduler(owner: Any) -> Any:
    return getattr(_optimizer(owner), "lr_scheduler", None)


def _rate(owner: Any) -> float | None:
    for source in (owner, _optimizer(owner)):
        rate = getattr(source, "learning_rate", None)
        if rate is not None:
            return float(rate)
    return None


def _lock(owner: Any) -> str:
    if owner is None:
        return BARE
    if _scheduler(owner) is not None:
        return "a scheduler sets the rate"
    if _setter(owner) is None:
        return "this trainer has no rate to set"
    return ""


def _setter(owner: Any) -> Callable[[float], Any] | None:
    """How to set the rate: on the trainer, or on a module's optimizer."""
    for source in (owner, _optimizer(owner)):
        setter: Callable[[float], Any] | None = getattr(source, "set_learning_rate", None)
        if callable(setter):
            return setter
    return None
