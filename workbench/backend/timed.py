"""A timed twin of every kernel table, swapped in while somebody wants to know what ran when.

What times a kernel is the business of a storey above, which hands down a *timer*,
``(row, operator name, kernel) -> kernel``. With no timer, contexts have their plain tables and
nothing is tested or counted anywhere: being able to watch costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..context import Context
from ..ops.registry import Op
from .protocol import Kernel, KernelTable

__all__ = ["TimedTable", "Timer"]

#: operators of two arrays that serve numbers too; the names of those calls in MXNet, by the side
#: on which the number is
OF_NUMBERS = {
    "broadcast_add": ("_plus_scalar", "_plus_scalar"),
    "broadcast_sub": ("_minus_scalar", "_rminus_scalar"),
    "broadcast_mul": ("_mul_scalar", "_mul_scalar"),
    "broadcast_div": ("_div_scalar", "_rdiv_scalar"),
    "broadcast_mod": ("_mod_scalar", "_rmod_scalar"),
    "broadcast_power": ("_power_scalar", "_rpower_scalar"),
    **{
        f"broadcast_{one}": (f"_{one}_scalar", f"_{other}_scalar")
        for one, other in (
            ("equal", "equal"),
            ("not_equal", "not_equal"),
            ("greater", "lesser"),
            ("greater_equal", "lesser_equal"),
            ("lesser", "greater"),
            ("lesser_equal", "greater_equal"),
        )
    },
}

Timer = Callable[[str, str, Kernel], Kernel]


class TimedTable(KernelTable):
    """The kernels of one context, each wrapped by the timer."""

    def __init__(self, plain: KernelTable, ctx: Context, timer: Timer) -> None:
        self._plain, self._row, self._timer = plain, str(ctx), timer
        super().__init__(plain.backend, plain.device_id)

    def bind(self, op: Op) -> Kernel:
        """The plain table's kernel, timed under the operator's name."""
        kernel = self._plain.of(op)
        timed = self._timer(self._row, op.name, kernel)
        if op.name not in OF_NUMBERS:
            return timed
        right, left = (self._timer(self._row, name, kernel) for name in OF_NUMBERS[op.name])

        def named(*arrays: Any, **params: Any) -> Any:
            if not arrays[-1].shape:
                return right(*arrays, **params)
            return (timed if arrays[0].shape else left)(*arrays, **params)

        return named
