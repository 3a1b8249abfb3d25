"""Depthwise convolution of two axes and its gradients: float32, NCHW, some filters a channel."""

from __future__ import annotations

from collections.abc import Callable
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
def _forward(shape: tuple[int, ...], outs: int, geometry: Geometry) -> Depthwise:
    return Depthwise(shape[0], shape[1], outs // shape[1], *axes_of(shape, geometry))


@kernel("Convolution", when=fits)
def convolution(op: Op) -> Callable[..., Array]:
    """The convolution itself."""

    def run(data: Array, weight: Array, bias: Array | None = None, **params: Any) -> Array:
        return _forward(data.shape, weight.shape[0], geometry_of(params))(data, weight, bias)

    return run


@lru_cache(conv.SHAPES_KEPT)
def _phases(
    shape: tuple[int, ...], out: tuple[int, ...], geometry: Geometry
) -> tuple[list[tuple[Any, Any, Depthwise]], bool]:
    """First place, which taps, and the convolution of each phase; and whether these are all."""
    rows, columns = phases_of(shape, out, geometry)
    found = [
        ((a, b), np.ix_(row_taps, column_taps), Depthwise(shape[0], shape[1], 1, row, column))
        for a, row, row_taps in rows
        for b, column, column_taps in columns
        if row_taps and column_taps
    ]
    return found, len(found) == len(rows) * len(columns)


@kernel("_backward_Convolution_data", when=fits_data)
def data_gradient(op: Op) -> Callable[..., Array]:
    """The gradient of the input: a depthwise convolution for each phase of the stride."""

    def run(grad: Array, weight: Array, *, shape: tuple[int, ...], **params: Any) -> Array:
        geometry = geometry_of(params)
        phases, complete = _phases(tuple(shape), grad.shape, geometry)
        steps = geometry[1]
        made = (np.empty if complete else np.zeros)(shape, _F32)
        for (a, b), taps, phase in phases:
            own = phase(grad, np.ascontiguousarray(weight[:, 0][:, taps[0], taps[1]]))
            if complete and steps == (1, 1):
                return own
            made[:, :, a :: steps[0], b :: steps[1]] = own
        return made

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
