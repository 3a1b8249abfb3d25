"""Ctrl-C between tasks, never inside the engine's bookkeeping or in the middle of a task.

Python runs signal handlers between any two bytecodes of the main thread. A KeyboardInterrupt
that lands between two steps of a push would leave a task that nobody ever runs. So the main
thread holds interrupts while it pushes and while it helps; they are delivered when it lets go.
While the main thread sleeps nothing is held: an interrupt ends a wait at once.

The handler in place (IPython's, pytest's, the user's) is wrapped while tasks are in flight, and
put back at the first release after that.
"""

from __future__ import annotations

# signal.signal() converts to enums and back, 2 µs; the C function takes 0.3.
import _signal  # type: ignore[import-not-found]
import threading
from collections.abc import Callable
from types import FrameType

__all__ = ["Shield", "shield"]

_get_ident = threading.get_ident
_getsignal = _signal.getsignal
_SIGINT = _signal.SIGINT
_Handler = Callable[[int, FrameType | None], object]


class Shield:
    """Holds SIGINT back in the main thread; in other threads, which get none, it does nothing.

    ``held = shield.hold()``, ``try: ... finally: if held: shield.release(held, ...)``. Holds nest.
    The depth is set, never counted up and down: a second interrupt that cuts off the delivery of
    the first cannot unbalance it.
    """

    def __init__(self) -> None:
        self._main = threading.main_thread().ident
        self._depth = 0
        self._ours: _Handler | None = None
        self._theirs: _Handler | None = None
        self._frame: FrameType | None = None
        self.caught = False
        """True when an interrupt came while interrupts were held."""

    def hold(self) -> int:
        """Begin to hold interrupts. Returns the depth; 0 in threads that need no release."""
        if _get_ident() != self._main:
            return 0
        if not self._depth:
            if _getsignal(_SIGINT) is not self._ours or self._ours is None:
                self._install()
            self.caught = False
        self._depth = depth = self._depth + 1
        return depth

    def release(self, held: int, *, idle: bool) -> None:
        """End the hold of depth *held*, deliver what was caught; *idle*: take the handler off."""
        self._depth = held - 1
        if held > 1:
            return
        theirs = self._theirs
        if idle and self._ours is not None:
            if _getsignal(_SIGINT) is self._ours:
                _signal.signal(_SIGINT, theirs)
            self._ours = self._theirs = None
        if self.caught and theirs is not None:
            self.caught = False
            frame, self._frame = self._frame, None
            theirs(_SIGINT, frame)

    def deliver(self, held: int) -> None:
        """Deliver what was caught, and hold on if the handler returns."""
        if held > 1:  # not before the outermost hold ends
            return
        try:
            self._depth = 0
            self.caught = False
            frame, self._frame = self._frame, None
            if self._theirs is not None:
                self._theirs(_SIGINT, frame)
        finally:
            self._depth = held

    def after_fork(self) -> None:
        """In the child the forking thread is the main one."""
        self._main = _get_ident()

    def _install(self) -> None:
        theirs = _getsignal(_SIGINT)
        if not callable(theirs):  # ignored, or the default, which ends the process: nothing to hold
            self._ours = self._theirs = None
            return

        # A function of its own for every installation: if a foreign handler has been put on top
        # of the last one and calls it, the chain goes on downwards and not in a circle.
        def ours(number: int, frame: FrameType | None) -> None:
            if self._depth:
                self.caught, self._frame = True, frame
            else:
                theirs(number, frame)

        self._ours, self._theirs = ours, theirs
        _signal.signal(_SIGINT, ours)


shield = Shield()
"""The one of this process: there is one main thread and one SIGINT."""
