"""Convolutions that become others: along one axis, over three axes, in groups of channels.

One axis is two axes with a single row. Three axes are two, where what the taps along the depth
see stands side by side as channels. Groups of channels are convolutions of their own. What they
become may be served by another kernel, or by the operator's body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from ..ops.registry import Op, get
from . import conv
from .conv_plan import taps
from .registry import faster, kernel

__all__ = ["deep", "flat", "grouped"]

Array = np.ndarray
Params = dict[str, Any]
Run = Callable[..., Array]
FORWARD, DATA, WEIGHT = (
    "Convolution", "_backward_Convolution_data", "_backward_Convolution_weight"
)  # fmt: skip
#: products of a group that are worth a call of its own
SMALLEST_GROUP = 1 << 14


@cache
def _of(name: str) -> Run:
    """The operator by its kernels, or by its body."""
    op = get(name)
    return faster(op, partial(op.body, np))


# ---- one axis -------------------------------------------------------------------------------


def flat(*arrays: Array | None, kernel: tuple[int, ...], **params: Any) -> bool:
    """Whether these are contiguous float32 arrays with one axis of places."""
    return len(kernel) == 1 and conv.plain(*arrays)


def _rows(array: Array | None) -> Array | None:
    """(N, C, W) → (N, C, 1, W); a bias as it is."""
    return array if array is None or array.ndim < 3 else array[:, :, None]


def _as_two_axes(params: Mapping[str, Any]) -> Params:
    """The parameters with a row of one tap in front."""
    made = dict(params)
    for name, one in (("kernel", 1), ("stride", 1), ("dilate", 1), ("pad", 0)):
        if params.get(name):
            made[name] = (one, *params[name])
    if "shape" in params:
        n, c, w = params["shape"]
        made["shape"] = (n, c, 1, w)
    return made


@kernel(FORWARD, DATA, WEIGHT, when=flat)
def one_axis(op: Op) -> Run:
    """A convolution along one axis, or a gradient of it."""

    def run(*arrays: Array | None, **params: Any) -> Array:
        made = _of(op.name)(*map(_rows, arrays), **_as_two_axes(params))
        return made.reshape(made.shape[0], made.shape[1], made.shape[3])

    return run


# ---- three axes -----------------------------------------------------------------------------


def deep(*arrays: Array | None, kernel: tuple[int, ...], **params: Any) -> bool:
    """Whether these are contiguous float32 arrays with three axes of places."""
    return len(kernel) == 3 and conv.plain(*arrays)


class _Depth:
    """The first of three axes: its taps, and the parameters of the other two."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        names = (("kernel", 1), ("stride", 1), ("dilate", 1), ("pad", 0))
        kernel, step, dilate, pad = ((params.get(n) or (d,))[0] for n, d in names)
        self.taps, self.step = taps(kernel, dilate, pad), step
        self.params = {**params, **{n: params[n][1:] for n, _ in names if params.get(n)}}

    def places(self, size: int) -> int:
        """How many places there are along an axis of this size."""
        return (size - 1 - self.taps[-1] - self.taps[0]) // self.step + 1

    def seen(self, size: int, out: int) -> list[tuple[int, slice, slice]]:
        """For each tap: its number, the places where it meets the array, and what it sees."""
        found = []
        for k, shift in enumerate(self.taps):
            first = max(0, -(shift // self.step))
            last = min(out - 1, (size - 1 - shift) // self.step)
            if last >= first:
                start = first * self.step + shift
                stop = last * self.step + shift + 1
                found.append((k, slice(first, last + 1), slice(start, stop, self.step)))
        return found

    def unfold(self, data: Array, out: int) -> Array:
        """(N, C, D, H, W) → (N D', C taps, H, W), what the taps of each place see."""
        n, c, d, *plane = data.shape
        made = np.zeros((n, out, c, len(self.taps), *plane), np.float32)
        for k, places, sources in self.seen(d, out):
            made[:, places, :, k] = data[:, :, sources].swapaxes(1, 2)
        return made.reshape(n * out, c * len(self.taps), *plane)

    def fold(self, columns: Array, shape: tuple[int, ...]) -> Array:
        """Undo :meth:`unfold`: add up what every tap has."""
        n, c, d, *plane = shape
        columns = columns.reshape(n, -1, c, len(self.taps), *plane)
        made = np.zeros(shape, np.float32)
        for k, places, sources in self.seen(d, columns.shape[1]):
            made[:, :, sources] += columns[:, places, :, k].swapaxes(1, 2)
        return made


def _planes(array: Array) -> Array:
    """(N, C, D, H, W) → (N D, C, H, W)."""
    n, c, d, *plane = array.shape
    return np.ascontiguousarray(array.swapaxes(1, 2)).reshape(n * d, c, *plane)


def _weights(weight: Array) -> Array:
    """(F, C, kd, kh, kw) → (F, C kd, kh, kw)."""
    return weight.reshape(weight.shape[0], -1, *weight.shape[3:])


@kernel(FORWARD, when=deep)
def three_axes(op: Op) -> Run:
    """A convolution over three axes."""

    def run(data: Array, weight: Array, bias: Array | None = None, **params: Any) -> Array:
        depth = _Depth(params)
        out = depth.places(data.shape[2])
        columns = depth.unfold(data, out)
        made = _of(FORWARD)(columns, _weights(weight), bias, **depth.params)
        made = made.reshape(data.shape[0], out, *made.shape[1:])
        return np.ascontiguousarray(made.swapaxes(1, 2))

    return run


@kernel(DATA, when=deep)
def three_axes_data(op: Op) -> Run:
    """The gradient of its input."""

    def run(grad: Array, weight: Array, *, shape: tuple[int, ...], **params: Any) -> Array:
        depth = _Depth(params)
        n, c, _, *plane = shape
        inner = (n * grad.shape[2], c * len(depth.taps), *plane)
        made = _of(DATA)(_planes(grad), _weights(weight), **{**depth.params, "shape": inner})
        return depth.fold(made, tuple(shape))

    return run


@kernel(WEIGHT, when=deep)
def three_axes_weight(op: Op) -> Run:
    """The gradient of its weight."""

    def run(grad: Array, data: Array, **params: Any) -> Array:
        depth = _Depth(params)
        columns = depth.unfold(data, grad.shape[2])
        made = _of(WEIGHT)(_planes(grad), columns, **depth.params)
        return made.reshape(made.shape[0], -1, *params["kernel"])

    return run


# ---- groups ---------------------------------------------------------------------------------


def grouped(
    *arrays: Array | None, kernel: tuple[int, ...], num_group: int = 1, **params: Any
) -> bool:
    """Whether these are contiguous float32 arrays, in few enough groups that each is worth it."""
    if num_group == 1 or len(kernel) != 2 or not conv.plain(*arrays):
        return False
    first, second = arrays[0], arrays[1]
    assert first is not None
    assert second is not None
    inner = second.size // second.shape[0] if second.shape[2:] == kernel else second.shape[1]
    return first.size // num_group * inner >= SMALLEST_GROUP


def _part(array: Array, group: int, groups: int) -> Array:
    """The channels of one group, contiguous."""
    size = array.shape[1] // groups
    return np.ascontiguousarray(array[:, group * size : (group + 1) * size])


def _filters(array: Array, group: int, groups: int) -> Array:
    """The filters of one group."""
    size = len(array) // groups
    return array[group * size : (group + 1) * size]


@kernel(FORWARD, when=grouped)
def groups(op: Op) -> Run:
    """A convolution in groups."""

    def run(
        data: Array, weight: Array, bias: Array | None = None, *, num_group: int, **params: Any
    ) -> Array:
        params["num_filter"] = len(weight) // num_group
        made = [
            _of(FORWARD)(
                _part(data, i, num_group),
                _filters(weight, i, num_group),
                None if bias is None else _filters(bias, i, num_group),
                **params,
                num_group=1,
            )
            for i in range(num_group)
        ]
        return np.concatenate(made, axis=1)

    return run


@kernel(DATA, when=grouped)
def groups_data(op: Op) -> Run:
    """The gradient of its input."""

    def run(
        grad: Array, weight: Array, *, shape: tuple[int, ...], num_group: int, **params: Any
    ) -> Array:
        params["num_filter"] = len(weight) // num_group
        inner = (shape[0], shape[1] // num_group, *shape[2:])
        made = [
            _of(DATA)(
                _part(grad, i, num_group),
                _filters(weight, i, num_group),
                shape=inner,
                **params,
                num_group=1,
            )
            for i in range(num_group)
        ]
        return np.concatenate(made, axis=1)

    return run


@kernel(WEIGHT, when=grouped)
def groups_weight(op: Op) -> Run:
    """The gradient of its weight."""

    def run(grad: Array, data: Array, *, num_group: int, **params: Any) -> Array:
        params["num_filter"] = grad.shape[1] // num_group
        made = [
            _of(WEIGHT)(_part(grad, i, num_group), _part(data, i, num_group), **params, num_group=1)
            for i in range(num_group)
        ]
        return np.concatenate(made)

    return run
