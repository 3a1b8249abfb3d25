"""Means of losses that may not have been computed yet.

The loss of a step is read when it is there anyway. Watching never waits for it: that would
make the caller and the devices take turns.
"""

from __future__ import annotations

import time
from math import isfinite
from typing import Any

import numpy as np

__all__ = ["LossMean", "ready"]

GRACE = 5.0
"""Seconds that the end of a run waits for losses that are still being computed."""
PATIENCE = 2
"""Boundaries to let pass before an array of an asynchronous device is read."""


def ready(array: Any) -> bool:
    """Whether an NDArray's values are there, so that reading them would not wait."""
    var = getattr(array, "_var", None)
    return var is None or not getattr(var, "pending", False)


class LossMean:
    """Mean over all elements of the heads that were backed through between two steps.

    Holds raw buffers, never an NDArray: that would keep the tape behind it alive.
    """

    __slots__ = ("_age", "_count", "_sum", "_waiting")

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0
        self._age = 0
        self._waiting: list[tuple[Any, Any, Any]] = []

    def add(self, head: Any) -> None:
        """Take in one head (an NDArray); read at once where that costs no waiting."""
        raw, var = head._data, head._var
        if type(raw) is np.ndarray and (var is None or ready(head)):
            self._take(raw)
        else:
            self._waiting.append((raw, var, head.context))

    def settle(self, force: bool = False) -> bool:
        """Read what has become ready; True when nothing is left to wait for.

        *force* waits, for the end of a run.
        """
        if not self._waiting:
            return True
        self._age += 1
        left = []
        for raw, var, ctx in self._waiting:
            if force:
                _let_finish(var)
            elif getattr(var, "pending", False) or (
                self._age <= PATIENCE and type(raw) is not np.ndarray
            ):
                left.append((raw, var, ctx))
                continue
            if getattr(var, "error", None) is None:
                self._take(raw if type(raw) is np.ndarray else ctx.backend.to_host(raw))
        self._waiting = left
        return not left

    def merge(self, other: LossMean) -> None:
        """Take in everything that *other* holds."""
        self._sum += other._sum
        self._count += other._count
        self._waiting += other._waiting

    @property
    def known(self) -> float | None:
        """The mean if it is final and finite."""
        if self._waiting or not self._count:
            return None
        mean = self._sum / self._count
        return mean if isfinite(mean) else None

    @property
    def value(self) -> float | None:
        """The mean so far; None where no element was seen."""
        return self._sum / self._count if self._count else None

    def _take(self, raw: Any) -> None:
        if raw.size:
            self._sum += float(np.add.reduce(raw, axis=None, dtype=np.float64))
            self._count += raw.size


def _let_finish(var: Any) -> None:
    """Give the workers time to write *var*.

    This is no wait of the engine's: that would raise, once, an error that the user's own next
    wait has to raise.
    """
    deadline = time.monotonic() + GRACE
    while getattr(var, "pending", False) and time.monotonic() < deadline:
        time.sleep(0.001)
