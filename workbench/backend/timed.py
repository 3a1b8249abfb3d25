"""A timed twin of every kernel table, swapped in while somebody wants to know what ran when.

What times a kernel is the business of a storey above, which hands down a *timer*,
``(row, operator name, kernel) -> kernel``. With no timer, contexts have their plain tables and
nothing is tested or counted anywhere: being able to watch costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from ..context import Context
from ..ops.registry import Op
from .protocol import Kernel, KernelTable

__all__ = ["TimedTable", "Timer"]

Timer = Callable[[str, str, Kernel], Kernel]


class TimedTable(KernelTable):
    """The kernels of one context, each wrapped by the timer."""

    def __init__(self, plain: KernelTable, ctx: Context, timer: Timer) -> None:
        self._plain, self._row, self._timer = plain, str(ctx), timer
        super().__init__(plain.backend, plain.device_id)

    def bind(self, op: Op) -> Kernel:
        """The plain table's kernel, timed under the operator's name."""
        return self._timer(self._row, op.name, self._plain.of(op))
