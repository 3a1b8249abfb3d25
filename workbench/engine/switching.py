"""How soon a worker gets the interpreter lock: 5 ms by default, 60 µs while tasks are in flight.

While the main thread runs Python, a worker that wants the lock waits for one switch interval
plus the slack of its timer (50 µs on Linux). With the defaults an operation of 24 µs on a worker
runs 216 times slower than alone; with 20 µs and 1 ns of slack the convoy is gone. Both at once:
a short interval with the default slack gains nothing.
"""

from __future__ import annotations

import sys
import threading

_get = sys.getswitchinterval
_set = sys.setswitchinterval

__all__ = ["SwitchInterval", "sharpen_timer", "switch_interval"]

_PR_SET_TIMERSLACK = 29


class SwitchInterval:
    """A counted request for a short switch interval; the last one to let go restores it."""

    def __init__(self, seconds: float = 20e-6) -> None:
        self._seconds = seconds
        self._before = 0.0
        self._users = 0
        self._lock = threading.Lock()

    def acquire(self) -> None:
        """Ask for the short interval."""
        with self._lock:
            self._users += 1
            if self._users > 1:
                return
            self._before = before = _get()
            if before > self._seconds:
                _set(self._seconds)

    def release(self) -> None:
        """End the request; an interval that somebody else has set meanwhile is kept."""
        with self._lock:
            self._users -= 1
            if not self._users and -1e-6 < _get() - self._seconds < 1e-6:
                _set(self._before)

    def after_fork(self) -> None:
        """In a child process: a lock that a thread of the parent held is nobody's."""
        self._lock = threading.Lock()


switch_interval = SwitchInterval()
"""The one of this process: the interval is the interpreter's."""


def sharpen_timer() -> None:
    """Make timed sleeps of the calling thread exact to a nanosecond, where Linux lets it."""
    if sys.platform != "linux":
        return
    try:
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return  # a build without ctypes or prctl: workers get the lock some 50 µs later
