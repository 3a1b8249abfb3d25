"""Max pooling by halves, ``kernel=(2, 2), stride=(2, 2)``, and its gradient: float32, NCHW."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..ops.registry import Op
from . import llvm, threads, windows
from .ready import Ready
from .registry import kernel, prepare

__all__ = ["by_halves", "fits"]

Array = np.ndarray
_F32 = np.dtype("float32")
#: below this the call costs more than NumPy's passes
SMALLEST = 1 << 10
#: numbers that are worth another core
SHARE = 1 << 18
#: shapes whose arguments are kept
SHAPES_KEPT = 256


def fits(*arrays: Array, **params: Any) -> bool:
    """Whether this is max pooling by halves, and large enough for a call that shares its work."""
    data = arrays[0] if len(arrays) == 1 else arrays[1]
    return data.size >= SMALLEST and by_halves(*arrays, **params)


def by_halves(
    *arrays: Array,
    kernel: tuple[int, ...] = (),
    stride: tuple[int, ...] = (),
    pad: tuple[int, ...] = (),
    pool_type: str = "max",
    pooling_convention: str = "valid",
    global_pool: bool = False,
    layout: str | None = None,
    **params: Any,
) -> bool:
    """Whether this is max pooling by halves of contiguous float32 arrays."""
    data = arrays[0] if len(arrays) == 1 else arrays[1]
    if kernel != (2, 2) or stride != (2, 2) or pool_type != "max" or global_pool:
        return False
    if any(pad) or layout not in (None, "NCHW") or data.ndim != 4 or not data.size:
        return False
    rows, columns = data.shape[2:]
    if min(rows, columns) < 4 or (pooling_convention == "full" and (rows % 2 or columns % 2)):
        return False
    return all([a.dtype == _F32 and a.flags.c_contiguous for a in arrays])


@lru_cache(SHAPES_KEPT)
def _ready(shape: tuple[int, ...], name: str) -> Ready:
    from . import pool_llvm
    from .llvm import cpu

    columns = shape[3] // 2
    lanes = min(cpu.host().lanes, 1 << (columns.bit_length() - 1))
    values = {
        "first": 0,
        "last": shape[0] * shape[1],
        "rows": shape[2] // 2,
        "columns": columns,
        "plane": shape[2] * shape[3],
        "pitch": shape[3],
    }
    names = pool_llvm.FORWARD if name == "forward" else pool_llvm.BACKWARD
    return Ready(pool_llvm.compile_pooling(lanes, name), names, values)


#: numbers up to which a call keeps the interpreter's lock: some 30 µs
SHORT = 1 << 17


@prepare("Pooling", "_backward_Pooling")
def short_pooling(
    op: Op, arrays: Sequence[Any], params: dict[str, Any]
) -> Callable[..., Array] | None:
    """Either of the two for a shape where it is short."""
    data = arrays[0] if len(arrays) == 1 else arrays[1]
    if not llvm.available() or data.size > SHORT:
        return None
    if not by_halves(*arrays, **params):
        return windows.short(op, arrays, params)
    n, c, rows, columns = data.shape
    empty = np.empty
    if op.name == "Pooling":
        code, shape = _ready(data.shape, "forward").direct(2), (n, c, rows // 2, columns // 2)

        def run(data: Array) -> Array:
            out = empty(shape, _F32)
            return out if code(data, out) is out else op.body(np, data, **params)

        return run
    back = _ready(data.shape, "backward").direct(4)
    fresh, whole = (np.zeros if rows % 2 or columns % 2 else np.empty), data.shape

    def run_back(grad: Array, data: Array, pooled: Array) -> Array:
        made = fresh(whole, _F32)
        if back(data, pooled, grad, made) is made:
            return made
        return op.body(np, grad, data, pooled, **params)

    return run_back


def _parts(data: Array) -> int:
    """Into how many shares the planes go."""
    return max(1, min(threads.count(), data.shape[0] * data.shape[1], data.size // SHARE))


@kernel("Pooling", when=fits)
def pooling(op: Op) -> Callable[..., Array]:
    """The largest number of each window."""

    def run(data: Array, **params: Any) -> Array:
        n, c, rows, columns = data.shape
        out = np.empty((n, c, rows // 2, columns // 2), _F32)
        _ready(data.shape, "forward").in_parts(_parts(data), data, out)
        return out

    return run


@kernel("_backward_Pooling", when=fits)
def pooling_gradient(op: Op) -> Callable[..., Array]:
    """The gradient, to the first of the largest numbers."""

    def run(grad: Array, data: Array, pooled: Array, **params: Any) -> Array:
        even = not (data.shape[2] % 2 or data.shape[3] % 2)
        made = (np.empty if even else np.zeros)(data.shape, _F32)
        _ready(data.shape, "backward").in_parts(_parts(data), data, pooled, grad, made)
        return made

    return run
