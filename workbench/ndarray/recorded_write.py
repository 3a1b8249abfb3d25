"""``x[:] = y`` while recording: x becomes a copy of y on the tape.

Every other write of an array of the recorded graph, into a part or in place, is refused: what was
there before would be needed for the gradients.
"""

from __future__ import annotations

from typing import Any

from . import tape
from .core import NDArray

__all__ = ["assign", "names_all"]


def names_all(x: NDArray, key: Any) -> bool:
    """True where an index names every element, in order."""
    parts = key if isinstance(key, tuple) else (key,)
    slices = [part for part in parts if part is not None and part is not Ellipsis]
    if not all(isinstance(part, slice) for part in slices):
        return False
    if any(part is Ellipsis for part in parts):
        return all(part == slice(None) for part in slices)
    return all(part.indices(n) == (0, n, 1) for part, n in zip(slices, x.shape, strict=False))


def assign(x: NDArray, value: NDArray) -> None:
    """Write a recorded array into all of *x*, which is on the tape as its copy from then on."""
    extra = value.ndim - x.ndim
    made = value.reshape(value.shape[extra:]) if extra > 0 else value
    made = made.broadcast_to(x.shape) if made.shape != x.shape else made.copy()
    if made.dtype != x.dtype:
        made = made.astype(x.dtype)
    made = made.as_in_context(x._ctx)
    tape.set_recording(False)
    try:
        x[:] = made
    finally:
        tape.set_recording(True)
    x._node = made._node
