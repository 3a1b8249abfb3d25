"""Where the parts of one batch, computed on several devices, exchange numbers.

Each part calls :func:`gather` from the task of its device; the last one to come lets all go on.
A part that is computed by the thread that also starts the others would wait for ever, so that
numbers are only exchanged inside a :func:`scope`, which the queues of devices open.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .error import OperatorError, message

__all__ = ["PATIENCE", "gather", "scope", "used"]

PATIENCE = 60.0
"""Seconds that a part waits for the others: they may not come, in a program that is wrong."""


class _Used:
    """Whether any operation ever had to meet others; until then backward looks for none."""

    ever = False


used = _Used()
_local = threading.local()
_condition = threading.Condition()
_rounds: dict[str, _Round] = {}


class _Round:
    """One exchange: what has been brought so far."""

    def __init__(self) -> None:
        self.brought: list[Any] = []
        self.complete = False


@contextmanager
def scope() -> Iterator[None]:
    """The calling thread computes one part, and another thread the others."""
    before, _local.inside = getattr(_local, "inside", False), True
    try:
        yield
    finally:
        _local.inside = before


def gather(what: str, parts: int, numbers: Any) -> list[Any]:
    """What all *parts* brought under the name *what*, in the same order for all of them.

    Raises
    ------
    OperatorError
        The others did not come in :data:`PATIENCE` seconds, or cannot come: the calling thread
        is the one that starts them.
    """
    if not getattr(_local, "inside", False):
        raise OperatorError(
            message(
                f"{what}: {parts} devices cannot exchange numbers here, where one of them is "
                "computed after the other",
                fix="Run Gluon blocks on one device for each part, without NaiveEngine.",
            )
        )
    with _condition:
        meeting = _rounds.setdefault(what, _Round())
        meeting.brought.append(numbers)
        if len(meeting.brought) == parts:
            del _rounds[what]
            meeting.brought.sort()
            meeting.complete = True
            _condition.notify_all()
        elif not _condition.wait_for(lambda: meeting.complete, PATIENCE):
            meeting.brought.remove(numbers)
            if not meeting.brought:
                _rounds.pop(what, None)
            raise OperatorError(
                message(
                    f"{what}: waited {PATIENCE:g} s for the other parts of the batch, of "
                    f"{parts} devices",
                    fix="Give each of them a part, all before the first result is read; "
                    "num_devices must be how many there are.",
                )
            )
        return meeting.brought
