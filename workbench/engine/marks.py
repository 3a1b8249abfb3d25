"""Marks that a program sets itself: the classes of ``mx.profiler`` and where they are kept."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, NamedTuple

from ..error import MXNetError, message
from . import events
from .trace import category

__all__ = [
    "Counter",
    "Domain",
    "Event",
    "Frame",
    "InsideOf",
    "Mark",
    "Marker",
    "Task",
    "kept",
    "marks_as_trace",
    "on",
]


class Mark(NamedTuple):
    """Something the program recorded itself; *phase* as in MXNet's traces."""

    phase: str
    category: str
    name: str
    start: float
    stop: float
    value: int
    scope: str
    thread: int


on = False
"""True while the profiler runs and is not paused; it sets this."""
kept: deque[Mark] = deque(maxlen=500_000)
"""The last marks, oldest first."""


def marks_as_trace(marks: Iterable[Mark]) -> Iterator[dict[str, Any]]:
    """The marks as entries of a Chrome trace, one row per category."""
    marks = list(marks)
    rows = {name: 1000 + number for number, name in enumerate(sorted({m.category for m in marks}))}
    for name, number in rows.items():
        yield {"ph": "M", "args": {"name": name}, "pid": number, "name": "process_name"}
    zero = events.ORIGIN_WALL * 1e6
    for number, mark in enumerate(marks):
        entry: dict[str, Any] = {
            "name": mark.name,
            "cat": mark.category,
            "ts": zero + mark.start,
            "pid": rows[mark.category],
            "tid": mark.thread,
        }
        if mark.phase == "C":
            yield {**entry, "ph": "C", "args": {mark.name: mark.value}}
        elif mark.phase == "n":
            # MXNet writes the legacy phase "n", which Perfetto no longer shows; "i" means the same.
            yield {**entry, "ph": "i", "s": mark.scope}
        else:
            # Asynchronous pairs, so that marks may overlap on a thread; MXNet has them for tasks.
            yield {**entry, "ph": "b", "id": number}
            yield {**entry, "ph": "e", "id": number, "ts": zero + mark.stop}


def _mark(
    phase: str, category: str, name: str, start: float, value: int = 0, scope: str = ""
) -> None:
    if on:
        now, thread = events.now(), threading.get_ident()
        kept.append(Mark(phase, category, name, start or now, now, value, scope, thread))


class InsideOf:
    """A block of an operator's own Python: one mark for it, one for each operator it calls.

    They are in the category ``Custom Operator``, named as in MXNet: ``NAME::pure_python`` and
    ``NAME::dot``. Nothing is done unless the profiler runs.
    """

    __slots__ = ("_first", "_start", "name")

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        self._first, self._start = events.ring.appended, events.now()

    def __exit__(self, *exc: object) -> None:
        if not on:
            return
        _mark("X", "Custom Operator", f"{self.name}::pure_python", self._start)
        for one in events.ring.read(self._first)[0]:
            if category(one.row) == "operator":
                name = f"{self.name}::{one.name}"
                thread = threading.get_ident()
                kept.append(Mark("X", "Custom Operator", name, one.start, one.stop, 0, "", thread))


class Domain:
    """A group of marks: a table of its own, and a row of its own in the trace."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name

    def new_task(self, name: str) -> Task:
        """A :class:`Task` of this domain."""
        return Task(self, name)

    def new_frame(self, name: str) -> Frame:
        """A :class:`Frame` of this domain."""
        return Frame(self, name)

    def new_counter(self, name: str, value: int | None = None) -> Counter:
        """A :class:`Counter` of this domain."""
        return Counter(self, name, value)

    def new_marker(self, name: str) -> Marker:
        """A :class:`Marker` of this domain."""
        return Marker(self, name)


class _Span:
    """A stretch of time between start() and stop(); each pass counts as one."""

    def __init__(self, category: str, name: str) -> None:
        self.name = name
        self._category = category
        self._start: float | None = None

    def __str__(self) -> str:
        return self.name

    def __enter__(self) -> _Span:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        """Begin a pass."""
        self._start = events.now()

    def stop(self) -> None:
        """End the pass that :meth:`start` began; it counts if the profiler runs now."""
        if self._start is None:
            raise MXNetError(
                message(
                    f"{type(self).__name__} {self.name}: stop() without a start()",
                    fix="Call start() first.",
                )
            )
        began, self._start = self._start, None
        _mark("b", self._category, self.name, began)


class Task(_Span):
    """A piece of work of a domain; all its passes are summed up. Usable as a ``with`` block."""

    def __init__(self, domain: Domain, name: str) -> None:
        super().__init__(domain.name, name)


class Frame(_Span):
    """A stretch of time such as one rendered picture; has a table of its own in the domain."""

    def __init__(self, domain: Domain, name: str) -> None:
        super().__init__(f"{domain.name},frame", name)


class Event(_Span):
    """A stretch of time of one thread that belongs to no domain."""

    def __init__(self, name: str) -> None:
        super().__init__("event", name)


class Counter:
    """A number that changes in the course of the program.

    It counts always and is recorded while the profiler runs. Values are not negative, as in
    MXNet, where they are unsigned.
    """

    def __init__(self, domain: Domain, name: str, value: int | None = None) -> None:
        self.name = name
        self._category = domain.name
        self._value = 0
        if value is not None:
            self.set_value(value)

    def __str__(self) -> str:
        return self.name

    def set_value(self, value: int) -> None:
        """Set it."""
        self._value = max(0, int(value))
        _mark("C", self._category, self.name, 0.0, self._value)

    def increment(self, delta: int = 1) -> None:
        """Add *delta*."""
        self.set_value(self._value + int(delta))

    def decrement(self, delta: int = 1) -> None:
        """Take *delta* away."""
        self.set_value(self._value - int(delta))

    def __iadd__(self, delta: int) -> Counter:
        self.increment(delta)
        return self

    def __isub__(self, delta: int) -> Counter:
        self.decrement(delta)
        return self


class Marker:
    """An instant."""

    _SCOPES: ClassVar[dict[str, str]] = {
        "global": "g",
        "process": "p",
        "thread": "t",
        "task": "t",
        "marker": "t",
    }

    def __init__(self, domain: Domain, name: str) -> None:
        self.name = name
        self.domain = domain

    def mark(self, scope: str = "process") -> None:
        """Record this instant for ``"global"``, ``"process"``, ``"thread"``, ``"task"`` or
        ``"marker"``."""
        if scope not in self._SCOPES:
            choices = ", ".join(repr(one) for one in sorted(self._SCOPES))
            raise MXNetError(
                message(
                    f"Invalid Input: {scope!r}, valid values are: {{{choices}}}",
                    fix="Give one of these as the scope of mark().",
                )
            )
        category = f"{self.domain.name},instant_marker"
        _mark("n", category, self.name, 0.0, scope=self._SCOPES[scope])
