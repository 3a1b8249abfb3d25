"""Errors of queued tasks: kept where they happened, raised once, with the line that pushed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, FrameType

from ..error import MXNetError, OperatorError, message

__all__ = ["Failure", "Place", "PushedFrom", "describe_place", "pushing_place"]

Place = tuple[CodeType, int] | str | None
"""Where a task was pushed: a code object with an instruction offset, or ready-made text."""

_INSIDE = (str(Path(__file__).parents[1]), "<workbench")


class PushedFrom(MXNetError):
    """The cause of an error that surfaces at a sync point: the line that pushed the task."""


class Failure:
    """One error of one task; every variable that it spoilt refers to the same object.

    Delivering it once settles it for all of them, as in MXNet 1.9.1: later waits succeed and
    show whatever the memory holds. Tasks that were pushed before the delivery and read a
    spoilt variable never run; tasks pushed after it do.
    """

    __slots__ = ("_settled_at", "error", "name", "task_id", "where")

    def __init__(self, task_id: int, name: str, where: Place, error: BaseException) -> None:
        self.task_id = task_id
        self.name = name
        self.where = where
        self.error: BaseException | None = error
        self._settled_at = sys.maxsize

    @property
    def delivered(self) -> bool:
        """True once a sync point has raised it."""
        return self._settled_at != sys.maxsize

    def settle(self, next_task_id: int) -> None:
        """Mark as delivered; tasks numbered from *next_task_id* on may use the memory again."""
        self._settled_at = next_task_id

    def blocks(self, task_id: int) -> bool:
        """Must the task of this number, a reader of a spoilt variable, not run?"""
        return task_id < self._settled_at

    def exception(self, others: Sequence[Failure] = ()) -> BaseException:
        """The exception to raise at a sync point; to be asked for once.

        An :class:`MXNetError` and what is no Exception at all (KeyboardInterrupt) come out as
        they are, anything else as an :class:`OperatorError`; the cause names the pushing line.
        *others* are failures that are settled together with this one and only mentioned.
        """
        where = describe_place(self.where)
        text = f"{self.name} was pushed at {where}" if where else f"{self.name} was pushed"
        if others:
            names = ", ".join(dict.fromkeys(one.name for one in others))
            text += f"; {len(others)} more queued operations failed: {names}"
        cause = PushedFrom(text)
        error, self.error = self.error, None  # its traceback keeps frames and arrays alive
        if error is None:
            return cause
        if isinstance(error, MXNetError) or not isinstance(error, Exception):
            cause.__cause__ = error.__cause__
        else:
            cause.__cause__ = error
            what = f"{self.name}: {type(error).__name__}: {error}"
            error = OperatorError(message(what, where=[where]))
        error.__cause__ = cause
        return error


def pushing_place(skip: int = 1) -> Place:
    """The nearest line outside the package, as an object that costs 0.2 µs and keeps no frame."""
    frame: FrameType | None = sys._getframe(skip)
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith(_INSIDE):
            return code, frame.f_lasti
        frame = frame.f_back
    return None


def describe_place(place: Place) -> str:
    """``file:line in function``; empty when the place is not known."""
    if place is None or isinstance(place, str):
        return place or ""
    code, offset = place
    lines = (line for start, end, line in code.co_lines() if start <= offset < end)
    return f"{code.co_filename}:{next(lines, None) or code.co_firstlineno} in {code.co_name}"
