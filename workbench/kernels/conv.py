"""Convolution of two axes and its gradients by generated kernels: float32, one group, NCHW.

A :class:`Correlation` is one convolution of one shape, ready to run; it serves the forward, and
with transposed weights the gradient of the input: one for each phase of the stride. A
:class:`WeightGradient` is the other gradient. :mod:`.conv_plan` makes their tables,
:mod:`.conv_llvm` their machine code. Both are made at a shape's first call and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..ops.registry import Op
from . import conv_plan, llvm, threads
from .conv_plan import Axis, Geometry, Source, axes_of, geometry_of, phases_of
from .ready import Ready, zeros
from .registry import kernel, prepare

__all__ = ["SHAPES_KEPT", "Correlation", "WeightGradient", "fits", "parts", "plain"]

Array = np.ndarray
_F32 = np.dtype("float32")
#: shapes whose tables are kept
SHAPES_KEPT = 256
#: places that share one reading of the weights
BAND = 240
#: maps of which several are worked on together, so that tiles lie in few rows
SMALL = 400
#: places that a tile of the weight's gradient adds up before it leaves the registers
WEIGHT_BAND = 1024
#: taps whose numbers for one tile of places stay in the nearest cache
TAPS = 512
#: on maps so narrow that most lanes are idle, with so many taps BLAS makes up for its columns
NARROW, DEEP = 6, 1024
#: the same for one image, which fills no tile with the places of others
NARROW_ALONE = 8
#: the same for a single image, whose places cannot be joined with those of others
NARROW_ALONE, DEEP_ALONE = 7, 512
#: products up to which a call keeps the interpreter's lock: some 50 µs
SHORT = 1_000_000
#: products that are worth another core
PRODUCTS = 4_000_000


def _group(images: int, want: int) -> int:
    """Images that are worked on together: so many, but no fewer groups than cores."""
    return min(want, -(-images // threads.count()))


def parts(groups: int, products: int, worth: int | None = None) -> int:
    """Into how many shares the groups of images go, for so many products in all."""
    return max(1, min(threads.count(), groups, products // (worth or PRODUCTS)))


class Correlation:
    """``y[n, o, i, j] = bias[o] + Σ w[o, c, a, b] x[n, c, i s + rows[a], j s + columns[b]]``.

    With *relu* its positive part. With *rows_first* the weights are given as (o, a, c, b), and rows
    of the kernel that meet only padding are skipped.
    """

    def __init__(
        self,
        images: int,
        rows: Axis,
        columns: Axis,
        channels: int,
        outs: int,
        rows_first: bool = False,
        relu: bool = False,
    ) -> None:
        from . import conv_llvm

        lanes = conv_llvm.best_lanes()
        tile = conv_llvm.tile_of(lanes)
        source = Source(rows, columns, channels, lanes, rows_first=rows_first)
        self.shape, self.channels = (images, outs, rows.out, columns.out), channels
        self._no_bias = zeros(outs)
        places = rows.out * columns.out
        least = 2 * tile.vectors if rows_first and places <= SMALL else 1
        group = _group(images, max(least, -(-BAND // places)))
        tables = [
            conv_plan.work_of(source, lanes, count, tile.vectors, outs * places, rows_first)
            for count in (group, images % group)
            if count
        ]
        taps = len(source.koff)
        band = max(1, BAND // lanes // tile.vectors) * tile.vectors
        values = {
            **source.fields(),
            "first": 0,
            "last": -(-images // group),
            "images": images,
            "group": group,
            "vectors": len(tables[0].windows) // group,
            "width": tables[0].windows.shape[1],
            "rest_windows": tables[0].windows.size,
            "rest_ranges": tables[0].ranges.size,
            "band": band,
            "taps": taps,
            "block": conv_plan.shares(taps, TAPS),
            "outs": outs,
            "y_step": outs * places,
            "y_plane": places,
            "relu": int(relu),
        }
        self.products = images * outs * places * taps
        self._parts = parts(values["last"], self.products)
        code = conv_llvm.compile_convolution(lanes, "forward")
        self._run = Ready(code, conv_llvm.FORWARD, values)
        self._run.table("windows", np.concatenate([one.windows for one in tables]))
        self._run.table("ranges", np.concatenate([one.ranges for one in tables]))
        self._run.table("koff", source.koff)
        if not source.direct:
            self._run.scratch("scratch", group * source.image)
        if taps > TAPS:
            self._run.scratch("partial", band * lanes * (-(-outs // tile.rows) * tile.rows))

    def direct(self) -> Callable[..., Any] | None:
        """A cheap call ``(x, weight, y, bias)`` that returns *bias*; None for what takes long."""
        return None if self._parts > 1 or self.products > SHORT else self._run.direct(4)

    @property
    def no_bias(self) -> Array:
        """What is added where there is no bias."""
        return self._no_bias

    def __call__(self, x: Array, weight: Array, bias: Array | None = None) -> Array:
        """A fresh array of what contiguous arrays give."""
        y = np.empty(self.shape, _F32)
        self._run.in_parts(self._parts, x, weight, y, self._no_bias if bias is None else bias)
        return y


class WeightGradient:
    """``dw[o, c, a, b] = Σ dy[n, o, i, j] x[n, c, i s + rows[a], j s + columns[b]]``."""

    def __init__(self, images: int, rows: Axis, columns: Axis, channels: int, outs: int) -> None:
        from . import conv_llvm

        lanes = conv_llvm.best_lanes()
        whole = columns.out % lanes == 0
        source = Source(rows, columns, channels, lanes, copy=not whole)
        self._size = outs * len(source.koff)
        places = rows.out * columns.out
        starts, targets, plane = conv_plan.vectors_of_gradient(source, lanes, whole)
        group = _group(images, -(-WEIGHT_BAND // places))
        step = channels * rows.size * columns.size if source.direct else source.image
        image = np.arange(group)[:, None]
        table = np.stack([starts + image * step, targets + image * (outs * plane)], axis=-1)
        values = {
            **source.fields(),
            "first": 0,
            "last": -(-images // group),
            "images": images,
            "group": group,
            "vectors": len(starts),
            "band": WEIGHT_BAND // lanes,
            "taps": len(source.koff),
            "outs": outs,
            "dy_step": places,
            "dy_plane": plane,
            "dy_copy": int(not whole),
            "dy_rows": rows.out,
            "dy_columns": columns.out,
        }
        self._parts = parts(values["last"], images * places * self._size)
        self._run = Ready(conv_llvm.compile_convolution(lanes, "weight"), conv_llvm.WEIGHT, values)
        self._run.table("windows", table.astype(np.int32))
        self._run.table("koff", source.koff)
        if not source.direct:
            self._run.scratch("scratch", group * source.image)
        if not whole:
            self._run.scratch("dys", group * outs * plane)

    def __call__(self, dy: Array, x: Array) -> Array:
        """A fresh flat array of what contiguous arrays give."""
        shares = [np.zeros(self._size, _F32) for _ in range(self._parts)]
        self._run.in_parts(self._parts, x, dy, shares)
        for other in shares[1:]:
            shares[0] += other
        return shares[0]


# ---- operators ------------------------------------------------------------------------------


def fits(*arrays: Array | None, kernel: tuple[int, ...], num_group: int = 1, **params: Any) -> bool:
    """Whether these are contiguous float32 arrays of one group and two axes, not too narrow."""
    if len(kernel) != 2 or num_group != 1:
        return False
    first = arrays[0]
    if first is None or first.ndim != 4:
        return False
    narrow, deep = (NARROW, DEEP) if first.shape[0] > 1 else (NARROW_ALONE, DEEP_ALONE)
    if first.shape[3] <= narrow and first.shape[1] * kernel[0] * kernel[1] >= deep:
        return False
    return plain(*arrays)


def plain(*arrays: Array | None) -> bool:
    """Whether these are contiguous float32 arrays whose places an int32 can count."""
    return all(
        [
            a is None or (a.dtype == _F32 and a.flags.c_contiguous and 0 < a.size < 1 << 30)
            for a in arrays
        ]
    )


@lru_cache(SHAPES_KEPT)
def _forward(
    shape: tuple[int, ...], outs: int, geometry: Geometry, relu: bool = False
) -> Correlation:
    rows, columns = axes_of(shape, geometry)
    return Correlation(shape[0], rows, columns, shape[1], outs, relu=relu)


@kernel("Convolution", "_Convolution_relu", when=fits)
def convolution(op: Op) -> Callable[..., Array]:
    """The convolution itself."""
    relu = op.name == "_Convolution_relu"

    def run(data: Array, weight: Array, bias: Array | None = None, **params: Any) -> Array:
        made = _forward(data.shape, weight.shape[0], geometry_of(params), relu)
        return made(data, weight, bias)

    return run


@prepare("Convolution", "_Convolution_relu")
def short_convolution(
    op: Op, arrays: Sequence[Any], params: dict[str, Any]
) -> Callable[..., Array] | None:
    """The same for a shape whose convolution is short."""
    data, weight, bias = arrays
    if not llvm.available() or not fits(data, weight, bias, **params):
        return None
    relu = op.name == "_Convolution_relu"
    made = _forward(data.shape, weight.shape[0], geometry_of(params), relu)
    code = made.direct()
    if code is None:
        return None
    shape, empty, nothing = made.shape, np.empty, made.no_bias

    def run(data: Array, weight: Array, bias: Array | None) -> Array:
        y, added = empty(shape, _F32), nothing if bias is None else bias
        if code(data, weight, y, added) is added:
            return y
        return op.body(np, data, weight, bias, **params)

    return run


class _Phase:
    """The part of the input's gradient that one phase of the stride gives.

    Parameters
    ----------
    first : row and column of the input where the phase begins
    taps : rows and columns of the kernel that it has
    kernel : rows and columns of the whole kernel
    made : the convolution of the output's gradient
    """

    def __init__(
        self,
        first: tuple[int, int],
        taps: tuple[list[int], list[int]],
        kernel: tuple[int, int],
        made: Correlation,
    ) -> None:
        from . import conv_llvm

        self.first, self.made = first, made
        channels, outs = made.shape[1], made.channels
        self._weights = (channels, len(taps[0]), outs, len(taps[1]))
        values = {
            "outs": outs,
            "channels": channels,
            "rows": len(taps[0]),
            "columns": len(taps[1]),
            "kernel_rows": kernel[0],
            "kernel_columns": kernel[1],
        }
        code = conv_llvm.compile_convolution(conv_llvm.best_lanes(), "arrange")
        self._arrange = Ready(code, conv_llvm.ARRANGE, values)
        self._arrange.table("row_taps", np.array(taps[0], np.int32))
        self._arrange.table("column_taps", np.array(taps[1], np.int32))

    def __call__(self, grad: Array, weight: Array) -> Array:
        arranged = np.empty(self._weights, _F32)
        self._arrange(weight, arranged)
        return self.made(grad, arranged)


@lru_cache(SHAPES_KEPT)
def _phases(
    shape: tuple[int, ...], out: tuple[int, ...], geometry: Geometry
) -> tuple[list[_Phase], bool]:
    """The phases that have taps, and whether these are all."""
    rows, columns = phases_of(shape, out, geometry)
    found, complete = [], True
    for a, row, row_taps in rows:
        for b, column, column_taps in columns:
            if not (row_taps and column_taps):
                complete = False
                continue
            made = Correlation(shape[0], row, column, out[1], shape[1], rows_first=True)
            found.append(_Phase((a, b), (row_taps, column_taps), geometry[0], made))
    return found, complete


@kernel("_backward_Convolution_data", when=fits)
def data_gradient(op: Op) -> Callable[..., Array]:
    """The gradient of the input: a convolution for each phase of the stride."""

    def run(grad: Array, weight: Array, *, shape: tuple[int, ...], **params: Any) -> Array:
        geometry = geometry_of(params)
        phases, complete = _phases(tuple(shape), grad.shape, geometry)
        if complete and geometry[1] == (1, 1):
            return phases[0](grad, weight)
        made = (np.empty if complete else np.zeros)(shape, _F32)
        steps = geometry[1]
        for phase in phases:
            (a, b) = phase.first
            made[:, :, a :: steps[0], b :: steps[1]] = phase(grad, weight)
        return made

    return run


@lru_cache(SHAPES_KEPT)
def _weight_gradient(shape: tuple[int, ...], outs: int, geometry: Geometry) -> WeightGradient:
    rows, columns = axes_of(shape, geometry)
    return WeightGradient(shape[0], rows, columns, shape[1], outs)


@kernel("_backward_Convolution_weight", when=fits)
def weight_gradient(op: Op) -> Callable[..., Array]:
    """The gradient of the weight."""

    def run(grad: Array, data: Array, **params: Any) -> Array:
        made = _weight_gradient(data.shape, grad.shape[1], geometry_of(params))
        return made(grad, data).reshape(grad.shape[1], data.shape[1], *params["kernel"])

    return run
