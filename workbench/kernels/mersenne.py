"""Draws from many MT19937 generators by machine code; see :mod:`.mersenne_llvm`."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from . import llvm

__all__ = ["STREAMS", "chunk_of", "draw_of", "words_below"]

STREAMS = 1024
_PER_STREAM = 64

#: values up to which a draw keeps the interpreter's lock
HELD = 1 << 17


def chunk_of(n: int) -> int:
    """How many of *n* values one generator makes, as in MXNet."""
    return -(-n // min(-(-n // _PER_STREAM), STREAMS))


@lru_cache(maxsize=64)
def words_below(keep: float) -> int:
    """How many words give a float32 below *keep*: rounding to float32 keeps their order."""
    low, high = 0, 2**32
    while low < high:
        middle = (low + high) // 2
        if float(np.float32(middle)) * 2.0**-32 < keep:
            low = middle + 1
        else:
            high = middle
    return low


@lru_cache(256)
def draw_of(
    name: str, total: int, chunk: int, below: int = 0, factor: float = 0.0
) -> Callable[..., Any] | None:
    """A function that draws *total* float32, *chunk* from each generator; None without llvmlite.

    Parameters
    ----------
    name : ``"uniform"``, called with key, words and next column of the generators and the array
        to fill; ``"normal"``, with an array of scratch of its size before it; ``"keep"``, with the
        data, then the mask and the result to fill
    below, factor : for ``"keep"``: how many of the 2**32 words mean to keep, and what then
        multiplies
    """
    if not llvm.available():
        return None
    from . import mersenne_llvm
    from .llvm.direct import direct

    arrays = len(mersenne_llvm.ARRAYS[name].split())
    rows = -(-total // chunk)
    (bits,) = struct.unpack("<I", struct.pack("<f", factor))
    words = [0] * arrays + [rows, chunk, total - (rows - 1) * chunk, below - (1 << 31), bits]
    kinds: list[Any] = [np.uint32, np.uint32, np.int64] + [np.float32] * (arrays - 3)
    return direct(mersenne_llvm.compile_draw(name), kinds, words, release=total > HELD)
