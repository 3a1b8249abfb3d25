"""Depthwise convolution of two axes and its gradients: float32, NCHW, some filters a channel."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ..ops.registry import Op
from . import conv, conv_plan
from .conv_plan import Axis, Geometry, Source, axes_of, geometry_of, phases_of
from .ready import Ready, zeros
from .registry import kernel

__all__ = ["Depthwise", "DepthwiseWeight", "fits"]

Array = np.ndarray
_F32 = np.dtype("float32")
#: products that are worth another core: each number takes part in few of them
PRODUCTS = 1_500_000
#: elements of a matrix for which it is better than the taps, in rows of no fewer than so many
TINY, TINY_ROW = 2600, 8
#: images that share it at least
LEAST_IMAGES = 4
#: planes with phases that are copied, computed and copied back together, and floats they may take
GROUP, TOGETHER = 16, 4096


class Depthwise:
    """``y[n, c m, i, j] = bias[c m] + Σ w[c m, a, b] x[n, c, i s + rows[a], j s + columns[b]]``."""

    def __init__(self, images: int, channels: int, filters: int, rows: Axis, columns: Axis) -> None:
        from . import conv_llvm, depthwise_llvm

        lanes = min(conv_llvm.best_lanes(), 1 << (columns.out.bit_length() - 1))
        source = Source(rows, columns, 1, lanes)
        self.shape = (images, channels * filters, rows.out, columns.out)
        self._no_bias = zeros(channels * filters)
        table = conv_plan.whole_vectors(source, lanes)
        places, planes = rows.out * columns.out, images * channels
        values = {
            **source.fields(),
            "first": 0,
            "last": planes,
            "planes": channels,
            "filters": filters,
            "vectors": len(table),
            "taps": len(source.koff),
            "y_plane": places,
        }
        self._parts = conv.parts(planes, planes * filters * places * len(source.koff), PRODUCTS)
        code = depthwise_llvm.compile_depthwise(lanes, "forward")
        self._run = Ready(code, depthwise_llvm.FORWARD, values)
        self._run.table("windows", table)
        self._run.table("koff", source.koff)
        if not source.direct:
            self._run.scratch("scratch", source.image)

    def __call__(self, x: Array, weight: Array, bias: Array | None = None) -> Array:
        """A fresh array of what contiguous arrays give."""
        y = np.empty(self.shape, _F32)
        self._run.in_parts(self._parts, x, weight, y, self._no_bias if bias is None else bias)
        return y


class Flat:
    """The same for one filter a channel and all phases of the output.

    Parameters
    ----------
    images, channels : how many planes there are
    rows, columns : what all phases see of the input
    phases : for each phase of the output, which taps (numbers of a row of *weights*) it has, and
        where each finds its number in the source
    steps : phases along the rows and the columns of the output
    sizes : rows and columns of the output
    weights : how many a channel has
    """

    def __init__(
        self,
        images: int,
        channels: int,
        source: Source,
        phases: Sequence[tuple[Sequence[int], Sequence[int]]],
        steps: tuple[int, int],
        sizes: tuple[int, int],
        weights: int,
    ) -> None:
        from . import conv_llvm, depthwise_llvm

        lanes = conv_llvm.best_lanes()
        self.shape = (images, channels, *sizes)
        self._no_bias = zeros(channels)
        span = (source.rows.out - 1) * source.pitch + source.columns.out
        plane = (-(-span // 16) + lanes // 16 + 1) * 16
        group = max(1, min(GROUP, TOGETHER // (source.image + plane * len(phases))))
        values = {
            **source.fields(),
            "first": 0,
            "last": images * channels,
            "planes": channels,
            "group": group,
            "span": span,
            "taps": weights,
            "phase_count": len(phases),
            "y_step": sizes[0] * sizes[1],
            "out_rows": sizes[0],
            "out_columns": sizes[1],
            "out_row_step": steps[0],
            "out_column_step": steps[1],
            "out_pitch": source.pitch,
            "out_plane": plane,
            "out_column_size": sizes[1],
        }
        products = images * channels * span * sum(len(one[0]) for one in phases)
        self._parts = conv.parts(images * channels, products, PRODUCTS)
        code = depthwise_llvm.compile_depthwise(lanes, "flat")
        self._run = Ready(code, depthwise_llvm.FLAT, values)
        ends = np.cumsum([0] + [len(taps) for taps, _ in phases])
        self._run.table("phases", np.stack([ends[:-1], ends[1:]], axis=-1).astype(np.int32))
        for name, i in (("weights", 0), ("koff", 1)):
            table = np.concatenate([one[i] for one in phases])
            self._run.table(name, table.astype(np.int32))
        # lanes between two rows read on, and their results are not used
        self._run.scratch("scratch", group * source.image + source.pitch)
        self._run.scratch("made", group * len(phases) * plane)

    def __call__(self, x: Array, weight: Array, bias: Array | None = None) -> Array:
        """A fresh array of what contiguous arrays give."""
        y = np.empty(self.shape, _F32)
        self._run.in_parts(self._parts, x, weight, y, self._no_bias if bias is None else bias)
        return y


def flat_backward(shape: tuple[int, ...], out: tuple[int, ...], geometry: Geometry) -> Flat:
    """The gradient of the input: all phases of the stride from one copy of the output's."""
    from . import conv_llvm

    axes = phases_of(shape, out, geometry)
    rows, columns = (
        Axis(size, max(axis.out for _, axis, _ in own), 1, _shifts(own))
        for size, own in zip(out[2:], axes, strict=True)
    )
    source = Source(rows, columns, 1, conv_llvm.best_lanes(), copy=True)
    kernel_columns = geometry[0][1]
    phases = []
    for _, row, row_taps in axes[0]:
        for _, column, column_taps in axes[1]:
            taps = np.add.outer(np.array(row_taps, int) * kernel_columns, column_taps)
            lines = (np.array(row.shifts, int) + rows.low) * source.pitch
            koff = np.add.outer(lines, np.array(column.shifts, int) + columns.low)
            phases.append((taps.ravel(), koff.ravel()))
    steps = len(axes[0]), len(axes[1])
    taps_of_all = geometry[0][0] * kernel_columns
    return Flat(shape[0], shape[1], source, phases, steps, (shape[2], shape[3]), taps_of_all)


class Dense:
    """The convolution, or the gradient of its input, of tiny planes: a matrix for each channel.

    Parameters
    ----------
    images, channels : how many planes there are
    sizes, outs : rows and columns of what is read and of what is made
    links : (entries, 3): element of the input, element of the output, and weight between them
    weights : how many a channel has
    """

    def __init__(
        self,
        images: int,
        channels: int,
        sizes: Sequence[int],
        outs: Sequence[int],
        links: Array,
        weights: int,
    ) -> None:
        from . import conv_llvm, depthwise_llvm

        inputs, outputs = math.prod(sizes), math.prod(outs)
        lanes = min(conv_llvm.best_lanes(), 1 << (outputs.bit_length() - 1))
        self.shape = (images, channels, *outs)
        self._no_bias = zeros(channels)
        values = {
            "first": 0,
            "last": channels,
            "images": images,
            "planes": channels,
            "entries": len(links),
            "taps": weights,
            "inputs": inputs,
            "outputs": outputs,
            "vectors": -(-outputs // lanes),
        }
        self._parts = conv.parts(channels, images * channels * inputs * outputs, PRODUCTS)
        code = depthwise_llvm.compile_depthwise(lanes, "dense")
        self._run = Ready(code, depthwise_llvm.DENSE, values)
        self._run.table("places", (links[:, 0] * outputs + links[:, 1]).astype(np.int32))
        self._run.table("weights", links[:, 2].astype(np.int32))
        self._run.scratch("matrix", inputs * outputs)

    def __call__(self, x: Array, weight: Array, bias: Array | None = None) -> Array:
        """A fresh array of what contiguous arrays give."""
        y = np.empty(self.shape, _F32)
        self._run.in_parts(self._parts, x, weight, y, self._no_bias if bias is None else bias)
        return y


def links_of(rows: Axis, columns: Axis) -> Array:
    """(entries, 3): which element of the input meets which of the output, by which tap."""
    (row_in, row_out, row_tap), (column_in, column_out, column_tap) = map(_met, (rows, columns))
    made = [
        np.add.outer(row_in * columns.size, column_in),
        np.add.outer(row_out * columns.out, column_out),
        np.add.outer(row_tap * len(columns.shifts), column_tap),
    ]
    return np.stack([one.ravel() for one in made], axis=-1)


def _met(axis: Axis) -> Array:
    """The same for one axis, (3, entries)."""
    seen = np.arange(axis.out)[:, None] * axis.step + np.array(axis.shifts)
    out, tap = np.nonzero((seen >= 0) & (seen < axis.size))
    return np.stack([seen[out, tap], out, tap])


def is_tiny(images: int, inputs: int, outputs: int) -> bool:
    """Whether a matrix is the best: few products with zeros, made for several images."""
    return images >= LEAST_IMAGES and inputs * max(outputs, TINY_ROW) <= TINY


def _shifts(phases: Sequence[Any]) -> tuple[int, ...]:
    """What the taps of all phases of an axis see."""
    return tuple(sorted({shift for _, axis, _ in phases for shift in axis.shifts})) or (0,)


class DepthwiseWeight:
    """``dw[c m, a, b] = Σ dy[n, c m, i, j] x[n, c, i s + rows[a], j s + columns[b]]``."""

    def __init__(self, images: int, channels: int, filters: int, rows: Axis, columns: Axis) -> None:
        from . import conv_llvm, depthwise_llvm

        lanes = conv_llvm.best_lanes()
        whole = columns.out % lanes == 0
        source = Source(rows, columns, 1, lanes, copy=not whole)
        starts, targets, plane = conv_plan.vectors_of_gradient(source, lanes, whole)
        places = rows.out * columns.out
        self._size = channels * filters * len(source.koff)
        values = {
            **source.fields(),
            "first": 0,
            "last": channels,
            "planes": channels,
            "images": images,
            "filters": filters,
            "vectors": len(starts),
            "taps": len(source.koff),
            "dy_plane": places,
            "dy_copy": int(not whole),
            "dy_rows": rows.out,
            "dy_columns": columns.out,
        }
        self._parts = conv.parts(channels, images * places * self._size, PRODUCTS)
        code = depthwise_llvm.compile_depthwise(lanes, "weight")
        self._run = Ready(code, depthwise_llvm.WEIGHT, values)
        self._run.table("windows", np.stack([starts, targets], axis=-1).astype(np.int32))
        self._run.table("koff", source.koff)
        if not source.direct:
            self._run.scratch("scratch", source.image)
        if not whole:
            self._run.scratch("dys", plane)

    def __call__(self, dy: Array, x: Array) -> Array:
        """A fresh flat array of what contiguous arrays give."""
        dw = np.empty(self._size, _F32)
        self._run.in_parts(self._parts, x, dy, dw)
        return dw


# ---- operators ------------------------------------------------------------------------------


def fits(
    data: Array, weight: Array, bias: Array | None = None, *, num_group: int = 1, **params: Any
) -> bool:
    """Whether these are contiguous float32 arrays of as many groups as channels, and two axes."""
    if num_group == 1 or data.ndim != 4 or num_group != data.shape[1]:
        return False
    return conv.plain(data, weight, bias)


def fits_data(
    grad: Array, weight: Array, *, shape: tuple[int, ...], num_group: int = 1, **params: Any
) -> bool:
    """The same for the gradient of the input; one filter for each channel."""
    if num_group == 1 or grad.ndim != 4 or not num_group == shape[1] == grad.shape[1]:
        return False
    return conv.plain(grad, weight)


def fits_weight(grad: Array, data: Array, *, num_group: int = 1, **params: Any) -> bool:
    """The same for the gradient of the weight."""
    return fits(data, grad, num_group=num_group)


@lru_cache(conv.SHAPES_KEPT)
def _forward(shape: tuple[int, ...], outs: int, geometry: Geometry) -> Depthwise | Dense:
    rows, columns = axes_of(shape, geometry)
    if outs == shape[1] and is_tiny(shape[0], rows.size * columns.size, rows.out * columns.out):
        sizes, made = (rows.size, columns.size), (rows.out, columns.out)
        taps = math.prod(geometry[0])
        return Dense(shape[0], shape[1], sizes, made, links_of(rows, columns), taps)
    return Depthwise(shape[0], shape[1], outs // shape[1], rows, columns)


@kernel("Convolution", when=fits)
def convolution(op: Op) -> Callable[..., Array]:
    """The convolution itself."""

    def run(data: Array, weight: Array, bias: Array | None = None, **params: Any) -> Array:
        return _forward(data.shape, weight.shape[0], geometry_of(params))(data, weight, bias)

    return run


@lru_cache(conv.SHAPES_KEPT)
def _phases(
    shape: tuple[int, ...], out: tuple[int, ...], geometry: Geometry
) -> Flat | Depthwise | Dense:
    if is_tiny(shape[0], math.prod(out[2:]), math.prod(shape[2:])):
        links, taps = links_of(*axes_of(shape, geometry))[:, [1, 0, 2]], math.prod(geometry[0])
        return Dense(shape[0], shape[1], out[2:], shape[2:], links, taps)
    if geometry[1] != (1, 1):
        return flat_backward(shape, out, geometry)
    (_, rows, _), (_, columns, _) = (one[0] for one in phases_of(shape, out, geometry))
    return Depthwise(shape[0], shape[1], 1, rows, columns)


@kernel("_backward_Convolution_data", when=fits_data)
def data_gradient(op: Op) -> Callable[..., Array]:
    """The gradient of the input: a depthwise convolution for each phase of the stride."""

    def run(grad: Array, weight: Array, *, shape: tuple[int, ...], **params: Any) -> Array:
        return _phases(tuple(shape), grad.shape, geometry_of(params))(grad, weight)

    return run


@lru_cache(conv.SHAPES_KEPT)
def _weight_gradient(shape: tuple[int, ...], outs: int, geometry: Geometry) -> DepthwiseWeight:
    return DepthwiseWeight(shape[0], shape[1], outs // shape[1], *axes_of(shape, geometry))


@kernel("_backward_Convolution_weight", when=fits_weight)
def weight_gradient(op: Op) -> Callable[..., Array]:
    """The gradient of the weight."""

    def run(grad: Array, data: Array, **params: Any) -> Array:
        made = _weight_gradient(data.shape, grad.shape[1], geometry_of(params))
        return made(grad, data).reshape(grad.shape[1], 1, *params["kernel"])

    return run
