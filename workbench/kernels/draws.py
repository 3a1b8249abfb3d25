"""Uniform and normal numbers and Dropout, prepared by shape; the streams draw them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ops.registry import Op
from .mersenne import chunk_of, draw_of, words_below
from .registry import kernel, prepare

__all__: list[str] = []

Array = np.ndarray
Params = dict[str, Any]
_F32 = np.dtype("float32")


@prepare("_random_uniform", "_random_normal")
def _standard(op: Op, arrays: Sequence[Any], params: Params) -> Callable[..., Any] | None:
    """float32 of the usual law, as a function of the device's streams."""
    numbers = [params[name] for name in params if name in ("low", "high", "loc", "scale")]
    if numbers != [0.0, 1.0] or params["dtype"] not in (None, "float32"):
        return None
    shape = params["shape"] or (1,)
    total, name = math.prod(shape), op.name.removeprefix("_random_")
    chunk = chunk_of(total) if total else 1
    draw, rows, empty = draw_of(name, total, chunk) if total else None, -(-total // chunk), np.empty
    if draw is None:
        return None
    if name == "uniform":

        def uniform(rng: Any) -> Array:
            out = empty(shape, _F32)
            return out if rng.drawn(draw, rows, out) else rng.uniform(total).reshape(shape)

        return uniform

    def normal(rng: Any) -> Array:
        out = empty(shape, _F32)
        if rng.drawn(draw, rows, empty(shape, _F32), out):
            return out
        return rng.normal(total).reshape(shape)

    return normal


def _drops(
    data: Array,
    *,
    p: float = 0.5,
    mode: str = "training",
    axes: tuple[int, ...] = (),
    train: bool = False,
    **params: Any,
) -> bool:
    """Whether elements of contiguous float32 data are dropped one by one."""
    if axes or not 0 < p < 1 or (mode == "training" and not train):
        return False
    return data.dtype is _F32 and data.flags.c_contiguous and data.size > 0


@kernel("Dropout", when=_drops)
def dropout(op: Op) -> Callable[..., Any]:
    """Draw, scale and multiply in one pass."""

    def run(data: Array, *, p: float, rng: Any, **params: Any) -> tuple[Array, Array]:
        return rng.dropped(data, 1 - p)

    return run


@prepare("Dropout")
def _dropout(op: Op, arrays: Sequence[Any], params: Params) -> Callable[..., Any] | None:
    """The same for a shape."""
    (data,) = arrays
    if not _drops(data, **params):
        return None
    keep, total, shape, empty = 1 - params["p"], data.size, data.shape, np.empty
    below, factor = words_below(float(np.float32(keep))), float(np.float32(1 / keep))
    chunk = chunk_of(total)
    draw, rows = draw_of("keep", total, chunk, below, factor), -(-total // chunk)
    if draw is None:
        return None

    def run(data: Array, rng: Any) -> Any:
        mask, out = empty(shape, _F32), empty(shape, _F32)
        if rng.drawn(draw, rows, data, mask, out):
            return out, mask
        return op.body(np, data, **params, rng=rng)

    return run
