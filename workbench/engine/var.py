"""What the engine knows about one piece of memory: who writes it, who still reads it.

Pure bookkeeping. A :class:`Var` holds no data and no lock; :mod:`.schedule` changes it, always
under the lock of the engine that runs the tasks.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .failure import Failure
    from .schedule import Task

__all__ = ["Var"]


class Var:
    """The order-keeper of one chunk of memory, shared by all arrays that view the chunk.

    Attributes
    ----------
    version : int
        How many writes have been pushed so far. It counts in program order, so it does not
        depend on how far the queues have come.
    writer : Task or None
        The last pushed task that writes the chunk and has not finished. None means that the
        content is what the program text says it is.
    readers : list of Task
        Unfinished tasks that read what the last pushed writer leaves. The next writer waits
        for them.
    error : Failure or None
        What went wrong in the last task that wrote the chunk, if anything did.
    """

    __slots__ = ("__weakref__", "_views", "error", "readers", "version", "writer")

    def __init__(self) -> None:
        self.version = 0
        self.writer: Task | None = None
        self.readers: list[Task] = []
        self.error: Failure | None = None
        self._views: list[weakref.ref[Any]] | None = None

    @property
    def pending(self) -> bool:
        """True while a pushed write has not finished."""
        return self.writer is not None

    @property
    def in_use(self) -> bool:
        """True while a pushed read or write has not finished: a writer has to wait."""
        return self.writer is not None or bool(self.readers)

    @property
    def spoilt(self) -> bool:
        """True while the error of a failed write waits for somebody to read the memory."""
        return self.error is not None and not self.error.delivered

    def add_view(self, view: Any) -> None:
        """Remember, weakly, that *view* (an array) shows this chunk."""
        views = self._views
        if views is None:
            self._views = [weakref.ref(view)]
            return
        # Dead references are swept out when the list has reached a power of two, so that
        # slicing one array in a loop keeps the list as short as the slices alive.
        if len(views) >= 8 and len(views) & (len(views) - 1) == 0:
            views[:] = [ref for ref in views if ref() is not None]
        views.append(weakref.ref(view))

    def live_views(self) -> list[Any]:
        """The arrays that show this chunk and are still alive, oldest first."""
        if self._views is None:
            return []
        return [view for ref in self._views if (view := ref()) is not None]

    def __repr__(self) -> str:
        state = f"written by {self.writer.name}" if self.writer is not None else "ready"
        failed = ", failed" if self.error is not None else ""
        return f"<Var version {self.version}, {state}, {len(self.readers)} readers{failed}>"
