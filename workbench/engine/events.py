"""What ran when: a bounded ring of events, read by append index, and its Chrome trace.

Off, an event costs its owner one test of :data:`on`; on, 0.3 µs and the clock reads::

    if events.on:
        start = events.now()
        ...
        events.record("kvstore", "pull weight", start, events.now(), bytes=4096)

Whoever wants events calls :func:`start` and later :func:`stop`; the calls are counted, so that a
watched run and the profiler do not switch each other off.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from time import perf_counter
from typing import Any, NamedTuple

__all__ = [
    "Event",
    "Ring",
    "detail",
    "listen",
    "new_id",
    "now",
    "on",
    "record",
    "ring",
    "start",
    "stop",
    "unlisten",
]


class Event(NamedTuple):
    """One bar of the timeline.

    ``row`` is a device (``"cpu(0)"``), ``"kvstore"``, ``"data"`` or ``"main"`` (waits of the main
    thread). ``start`` and ``stop`` are µs since :data:`ORIGIN`. ``id`` is unique, ``cause`` the id
    of the event whose end set this one free (0: none). ``bytes`` were moved or written. ``wait``
    is the part of the span, in µs, in which its thread did not run: it stood before the
    interpreter lock, a lock or a busy processor.
    """

    row: str
    name: str
    start: float
    stop: float
    id: int
    cause: int
    bytes: int
    wait: float


Noted = tuple[Any, ...]
_NOTE = 5


class Ring:
    """The last *capacity* events, or a few more; older ones are dropped and counted.

    Appending is one ``list.append``, so it needs no lock; the list is cut at its head when it
    has grown a quarter beyond the capacity.

    Who records very often may call ``note`` instead of :meth:`append`, with ``(row, name, start,
    stop, bytes)`` in seconds of :func:`time.perf_counter`, and :meth:`trim` once ``len(items)``
    reaches ``limit``. Readers make events of such notes: the program that is watched does not pay.

    >>> r = Ring(100)
    >>> r.append(Event("cpu(0)", "dot", 0.0, 5.0, 1, 0, 0, 0.0))
    >>> events, index, dropped = r.read(0)
    >>> len(events), index, dropped
    (1, 1, 0)
    """

    def __init__(self, capacity: int = 500_000) -> None:
        if capacity < 1:
            raise ValueError(f"a ring holds at least one event, got capacity {capacity}")
        self.capacity = capacity
        self.limit = capacity + capacity // 4 + 1
        self.items: list[Noted] = []
        self.note = self.items.append
        self._base = 0
        self._lock = threading.Lock()

    def append(self, event: Noted) -> None:
        """Add an event at the end; its index is the number of events appended before it.

        A plain tuple of an event's fields will do, and takes half the time to make.
        """
        self.note(event)
        if len(self.items) >= self.limit:
            self.trim()

    def trim(self) -> None:
        """Drop the oldest events beyond the capacity."""
        with self._lock:
            surplus = len(self.items) - self.capacity
            if surplus > 0:
                del self.items[:surplus]
                self._base += surplus

    def after_fork(self) -> None:
        """In a child process: a lock that a thread of the parent held is nobody's."""
        self._lock = threading.Lock()

    @property
    def appended(self) -> int:
        """How many events have been appended so far: the index of the next one."""
        with self._lock:
            return self._base + len(self.items)

    @property
    def dropped(self) -> int:
        """How many of the oldest events are gone."""
        return self._base

    def read(self, since: int = 0, until: int | None = None) -> tuple[list[Event], int, int]:
        """Events with index in [since, until), the index to go on from, and how many are lost.

        *lost* counts the events from *since* on that were dropped before they were read.
        """
        found, index, lost = self.read_fields(since, until)
        return list(map(Event._make, found)), index, lost

    def read_fields(self, since: int = 0, until: int | None = None) -> tuple[list[Noted], int, int]:
        """As :meth:`read`, but plain tuples of the fields of events, which are faster to make."""
        with self._lock:
            base, items = self._base, self.items
            end = base + len(items) if until is None else min(until, base + len(items))
            first = max(since, base)
            part = items[first - base : max(end - base, 0)]
        fields = [_expanded(*one) if len(one) == _NOTE else one for one in part]
        return fields, max(end, since), max(first - since, 0)


def _expanded(row: str, name: str, start: float, stop: float, size: int) -> Noted:
    """The fields of an event that was noted in short."""
    begin, end = (start - ORIGIN) * 1e6, (stop - ORIGIN) * 1e6
    return row, name, begin, end, next(_ids), 0, size, 0.0


ORIGIN = perf_counter()
"""The clock's zero, in seconds of :func:`time.perf_counter`."""
ORIGIN_WALL = time.time() - (perf_counter() - ORIGIN)
"""The same instant in seconds since 1970."""
on = False
"""True while somebody wants events. Read it as ``events.on``; :func:`start` sets it."""
detail = False
"""True while somebody wants the operators of compiled graphs one by one."""
ring = Ring()
"""The ring that the engine, kvstore and loaders write to."""

_ids = itertools.count(1)
_users = _in_detail = 0
_lock = threading.Lock()
_listeners: tuple[Callable[[bool], None], ...] = ()


def now() -> float:
    """µs since :data:`ORIGIN`."""
    return (perf_counter() - ORIGIN) * 1e6


new_id: Callable[[], int] = _ids.__next__
"""``new_id()``: a number that no other event or task has, larger than all before it."""


def record(
    row: str,
    name: str,
    start: float,
    stop: float,
    *,
    id: int = 0,
    cause: int = 0,
    bytes: int = 0,
    wait: float = 0.0,
) -> None:
    """Append an event to :data:`ring`; see :class:`Event`. Call it only when :data:`on`."""
    ring.append((row, name, start, stop, id or next(_ids), cause, bytes, wait))


def start(detail: bool = False) -> None:
    """Ask for events; with *detail* also for those inside compiled graphs, however short.

    Every call wants one :func:`stop` with the same *detail*.
    """
    _count(+1, detail)


def stop(detail: bool = False) -> None:
    """End what :func:`start` began; recording goes on while others still ask for it."""
    _count(-1, detail)


def listen(callback: Callable[[bool], None]) -> None:
    """Call ``callback(on)`` whenever recording is switched; at once if it is on already.

    For owners who have a second, timed version of what they do.
    """
    global _listeners
    with _lock:
        _listeners = (*_listeners, callback)
        if on:
            callback(True)


def unlisten(callback: Callable[[bool], None]) -> None:
    """End what :func:`listen` began."""
    global _listeners
    with _lock:
        _listeners = tuple(one for one in _listeners if one != callback)


def after_fork() -> None:
    """In a child process: locks that a thread of the parent held are nobody's."""
    global _lock
    _lock = threading.Lock()
    ring.after_fork()


def _count(step: int, in_detail: bool) -> None:
    global _users, _in_detail, on, detail
    with _lock:
        if _users + step < 0:
            raise RuntimeError("events.stop() without a start()")
        _users += step
        _in_detail += step * in_detail
        detail = _in_detail > 0
        if on != (_users > 0):
            on = _users > 0
            for callback in _listeners:
                callback(on)
