"""Whether an array fits on a device, asked before systems that overcommit kill the process."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..context import Context
from ..error import OutOfMemory, message, user_line

__all__ = ["check_room"]

#: smaller arrays are not worth asking the device
_ASK_FROM = 1 << 30


def check_room(what: str, shape: Sequence[int], itemsize: int, ctx: Context) -> None:
    """Raise OutOfMemory for an array of more bytes than the device has memory."""
    needed = math.prod(shape) * itemsize
    if needed < _ASK_FROM:
        return
    _, total = ctx.backend.memory_info(ctx.device_id)
    if total and needed > total:
        raise OutOfMemory(
            message(
                f"{what}: an array of shape {tuple(shape)} takes {needed:.3g} bytes and does not "
                f"fit on {ctx}, which has {total:.3g}",
                where=[user_line()],
                fix="Make a smaller array, or compute part by part.",
            )
        )
