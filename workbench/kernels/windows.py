"""Pooling with windows of any size, stride and padding, and its gradient: float32, NCHW and NCW.

Max, mean and sum of windows by :mod:`.windows_llvm`; where there is one window over everything,
its mean, sum or maximum is that of a matrix' row.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..ops.nn_pool import Window
from ..ops.registry import Op
from . import threads
from .conv_plan import Axis, Source, taps
from .ready import Ready
from .registry import kernel

__all__ = ["SMALLEST", "Geometry", "fits", "geometry_of", "short"]

Array = np.ndarray
Run = Callable[..., Array]
_F32 = np.dtype("float32")
#: below this the call costs more than NumPy's passes
SMALLEST = 1 << 10
#: elements of windows that are worth another core
SHARE = 1 << 19
#: shapes whose arguments are kept
SHAPES_KEPT = 256


class Geometry(NamedTuple):
    """What is pooled and how: the parts of a call on which its code depends."""

    shape: tuple[int, ...]
    kind: str
    window: tuple[int, ...]
    stride: tuple[int, ...]
    pad: tuple[int, ...]
    convention: str
    everywhere: bool
    include_pad: bool


def geometry_of(data: Array, params: dict[str, Any]) -> Geometry:
    """The geometry of a call of Pooling or of its gradient."""
    return Geometry(
        data.shape,
        params.get("pool_type", "max"),
        params.get("kernel", ()),
        params.get("stride", ()),
        params.get("pad", ()),
        params.get("pooling_convention", "valid"),
        params.get("global_pool", False),
        params.get("count_include_pad") in (None, True),
    )


def fits(*arrays: Array, **params: Any) -> bool:
    """Whether this is large enough, and one of the kinds."""
    return arrays[0 if len(arrays) == 1 else 1].size >= SMALLEST and _known(arrays, params)


def _known(arrays: Sequence[Array], params: dict[str, Any]) -> bool:
    data = arrays[0] if len(arrays) == 1 else arrays[1]
    if data.ndim not in (3, 4) or not 0 < data.size < 1 << 30:
        return False
    if params.get("pool_type", "max") == "lp" or (params.get("layout") or "NCHW").endswith("C"):
        return False
    if not all([a.dtype == _F32 and a.flags.c_contiguous for a in arrays]):
        return False
    geometry = geometry_of(data, params)
    window = _window(geometry)
    if not math.prod(window.out):
        return False
    return len(arrays) == 1 or geometry.kind != "max" or not _is_whole(window)


@lru_cache(SHAPES_KEPT)
def _window(g: Geometry) -> Any:
    """Where the windows lie; raises what the body raises for those that do not fit."""
    names = ("kernel", "stride", "pad", "pooling_convention", "global_pool")
    return Window(g.shape[2:], dict(zip(names, g[2:7], strict=True)))


def _is_whole(window: Any) -> bool:
    return math.prod(window.out) == 1 and window.plain() and window.kernel == window.sizes


@lru_cache(SHAPES_KEPT)
def _pooled(g: Geometry, name: str) -> Ready:
    """``forward`` or ``backward`` with its tables."""
    from . import windows_llvm
    from .llvm import cpu

    window, planes = _window(g), g.shape[0] * g.shape[1]
    if _is_whole(window):
        return _rows(g, "repeat" if name == "backward" else g.kind)
    axes = [
        Axis(size, out, step, taps(k, 1, pad))
        for size, out, step, k, pad in zip(
            window.sizes, window.out, window.stride, window.kernel, window.pad, strict=True
        )
    ]
    rows, columns = axes if len(axes) == 2 else (Axis(1, 1, 1, (0,)), *axes)
    source = Source(rows, columns, 1, cpu.host().lanes, copy=True)
    values = {
        **source.fields(),
        "first": 0,
        "last": planes,
        "out_rows": rows.out,
        "out_columns": columns.out,
        "taps": len(source.koff),
    }
    kind = "max" if g.kind == "max" else "mean"
    names = windows_llvm.FORWARD if name == "forward" else windows_llvm.BACKWARD
    made = Ready(windows_llvm.compile_windows(name, kind), names, values)
    counts = np.ones(window.out, _F32)
    if g.kind == "avg":
        counts[...] = window.counts(np, _F32, g.include_pad)
    made.table("counts", counts)
    made.table("koff", source.koff)
    if name == "forward":
        made.scratch("scratch", source.image, float(np.finfo(_F32).min) if kind == "max" else 0.0)
    elif kind == "max":
        made.scratch("scratch", source.image, math.nan)
        places = np.add.outer(np.array(rows.shifts) * columns.size, columns.shifts)
        made.table("places", places.astype(np.int32).ravel())
    else:
        made.scratch("shares", source.image)
    return made


def _rows(g: Geometry, name: str) -> Ready:
    """One window over everything: each plane is the row of a matrix."""
    from . import rows_llvm

    name = {"avg": "mean"}.get(name, name)
    values = {"rows": g.shape[0] * g.shape[1], "columns": math.prod(g.shape[2:])}
    return Ready(rows_llvm.compile_rows(name), "x* y* rows columns", values)


def _parts(g: Geometry) -> int:
    """Into how many shares the planes go."""
    window, planes = _window(g), g.shape[0] * g.shape[1]
    work = planes * math.prod(window.out) * math.prod(window.kernel)
    return max(1, min(threads.count(), planes, work // SHARE))


def _run(made: Ready, g: Geometry, *arrays: Array) -> None:
    if _is_whole(_window(g)):
        made(*arrays)
    else:
        made.in_parts(_parts(g), *arrays)


def _fresh(g: Geometry) -> Callable[..., Array]:
    """What makes the array of the gradient, which not all of its elements may get."""
    window = _window(g)
    if g.kind == "max":
        return np.zeros
    seen = all(
        (out - 1) * step + k - pad >= size and step <= k
        for size, out, step, k, pad in zip(
            window.sizes, window.out, window.stride, window.kernel, window.pad, strict=True
        )
    )
    return np.empty if seen else np.zeros


def _share(grad: Array, g: Geometry) -> Array:
    """What each element of a window over everything gets."""
    return grad / np.float32(math.prod(g.shape[2:])) if g.kind == "avg" else grad


@kernel("Pooling", when=fits)
def pooling(op: Op) -> Run:
    """One number of each window."""

    def run(data: Array, **params: Any) -> Array:
        g = geometry_of(data, params)
        out = np.empty((*g.shape[:2], *_window(g).out), _F32)
        _run(_pooled(g, "forward"), g, data, out)
        return out

    return run


@kernel("_backward_Pooling", when=fits)
def pooling_gradient(op: Op) -> Run:
    """The gradient."""

    def run(grad: Array, data: Array, pooled: Array, **params: Any) -> Array:
        g = geometry_of(data, params)
        made, code = _fresh(g)(g.shape, _F32), _pooled(g, "backward")
        if _is_whole(_window(g)):
            code(_share(grad, g), made)
        else:
            code.in_parts(_parts(g), data, pooled, grad, made)
        return made

    return run


def short(op: Op, arrays: Sequence[Any], params: dict[str, Any]) -> Run | None:
    """Either of the two as a cheap call that keeps the interpreter's lock."""
    if not _known(arrays, params):
        return None
    data = arrays[0] if len(arrays) == 1 else arrays[1]
    g = geometry_of(data, params)
    window, empty = _window(g), np.empty
    whole = _is_whole(window)
    if op.name == "Pooling":
        code, shape = _pooled(g, "forward").direct(2), (*g.shape[:2], *window.out)

        def run(data: Array) -> Array:
            out = empty(shape, _F32)
            return out if code(data, out) is out else op.body(np, data, **params)

        return run
    back, fresh = _pooled(g, "backward").direct(2 if whole else 4), _fresh(g)

    def run_back(grad: Array, data: Array, pooled: Array) -> Array:
        made = fresh(g.shape, _F32)
        given = (_share(grad, g), made) if whole else (data, pooled, grad, made)
        return made if back(*given) is made else op.body(np, grad, data, pooled, **params)

    return run_back
