"""Where a convolution's numbers lie: tables that its machine code walks through.

Everything here is NumPy and knows nothing of machine code. Arrays are NCHW. One vector of the
kernel is so many neighbouring places of the output's row (*lanes*), so that

    y[co, place] = sum over k of w[co, k] * x[at[place] + koff[k]],    k = (channel, row, column)

with two tables: ``koff``, where each tap finds its number, and the *windows*, where each vector of
places begins. They carry stride, dilation and padding, and the machine code knows of neither.

*Padding*: where a tap would leave the image, the images are copied into a scratch array with
zeros around them. Two rows share the zeros between them. *Stride* s: the scratch holds the image
as s · s planes, each with every s-th row and column, so that neighbouring places read neighbouring
numbers there, too. Without either of them the kernel reads the image itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Axis", "Geometry", "Source", "axes_of", "geometry_of", "phases_of", "windows"]

Table = np.ndarray


class Axis(NamedTuple):
    """One axis of a convolution: ``y[i]`` sees ``x[i * step + shift]`` for each shift."""

    size: int
    out: int
    step: int
    shifts: tuple[int, ...]

    @property
    def low(self) -> int:
        """Zeros before the first number."""
        return max(0, -min(self.shifts))

    @property
    def reach(self) -> int:
        """Length with padding that the taps see."""
        return (self.out - 1) * self.step + max(self.shifts) + self.low + 1

    @property
    def inside(self) -> bool:
        """Whether no tap leaves the axis."""
        return not self.low and self.reach <= self.size

    @property
    def kept(self) -> int:
        """How many numbers of the axis are seen at all."""
        return max(0, min(self.size, self.reach - self.low))

    @property
    def length(self) -> int:
        """Places of the scratch array for each of the step's phases."""
        return -(-self.reach // self.step)

    @property
    def pitch(self) -> int:
        """From one row to the next one, where this is the axis along the row."""
        if self.step > 1:
            return self.length
        missing = max(0, self.reach - self.low - self.size)
        return max(self.out, self.reach - min(self.low, missing))

    def phases(self) -> list[tuple[int, int]]:
        """For each tap: which phase, and how far from a place's index."""
        return [((s + self.low) % self.step, (s + self.low) // self.step) for s in self.shifts]


class Source:
    """How the input lies in memory when the kernel reads it: the image itself, or a scratch copy.

    Attributes
    ----------
    direct : bool
        The kernel reads the caller's array.
    pitch, plane, image : int
        Floats from a row, a plane and an image to the next.
    koff : int32 array (K,)
        Where each tap finds its number, from a place's own position.
    """

    def __init__(
        self,
        rows: Axis,
        columns: Axis,
        channels: int,
        lanes: int,
        *,
        copy: bool = False,
        rows_first: bool = False,
    ) -> None:
        self.rows, self.columns, self.channels = rows, columns, channels
        last = (rows.out - 1) * columns.size + columns.out
        plain = rows.step == columns.step == 1 and rows.inside and columns.inside
        self.direct = plain and not copy and last >= lanes
        if self.direct:
            self.pitch, self.plane = columns.size, rows.size * columns.size
        else:
            self.pitch = columns.pitch
            # an odd number of cache lines: planes do not all fall into the same few sets
            lines = -(-(rows.length * self.pitch + columns.low) // 16)
            self.plane = (lines | 1) * 16
        self.planes = rows.step * columns.step
        self.image = channels * self.planes * self.plane
        self.koff = self._offsets(rows_first)

    def _offsets(self, rows_first: bool) -> Table:
        row = np.array([p * self.columns.step * self.plane + i * self.pitch
                        for p, i in self.rows.phases()])  # fmt: skip
        column = np.array([p * self.plane + i for p, i in self.columns.phases()])
        channel = np.arange(self.channels) * (self.planes * self.plane)
        outer = row[:, None] + channel if rows_first else channel[:, None] + row
        return (outer[:, :, None] + column).astype(np.int32).ravel()

    def fields(self) -> dict[str, int]:
        """The block's fields that say how images are copied to the scratch array."""
        rows, columns = self.rows, self.columns
        return {
            "copy": int(not self.direct),
            "channels": self.channels,
            "rows": rows.kept,
            "row_size": rows.size,
            "row_low": rows.low,
            "row_step": rows.step,
            "column_size": columns.size,
            "column_low": columns.low,
            "column_step": columns.step,
            "columns": columns.kept,
            "pitch": self.pitch,
            "plane": self.plane,
            "image": self.image,
            "x_step": self.channels * rows.size * columns.size,
        }

    def position(self, row: int, column: int) -> int:
        """Where the place (row, column) of the output begins to read."""
        return row * self.pitch + column


def windows(source: Source, lanes: int) -> tuple[Table, Table]:
    """Vectors that cover all places of one image's output.

    A vector may run over the end of a row into the next one: then it has several *pieces*, and
    what lies between them is not stored.

    Returns
    -------
    starts : (V,)
        Position in the source of each vector's first lane.
    pieces : (V, P, 3)
        Where lane 0 would go in the output's plane, and first lane and end of the piece; an empty
        piece is 0, 0, 0.
    """
    rows, columns = source.rows.out, source.columns.out
    last = source.position(rows - 1, columns - 1)
    starts: list[int] = []
    pieces: list[list[tuple[int, int, int]]] = []
    row = column = 0
    while row < rows:
        start = source.position(row, column)
        if source.direct:  # nothing beyond the image may be read
            start = min(start, last + 1 - lanes)
        found, end = _pieces(source, start, lanes)
        starts.append(start)
        pieces.append(found)
        row, column = end
    most = max(map(len, pieces))
    table = np.zeros((len(pieces), most, 3), np.int64)
    for i, one in enumerate(pieces):
        table[i, : len(one)] = one
    return np.array(starts), table


def _pieces(
    source: Source, start: int, lanes: int
) -> tuple[list[tuple[int, int, int]], tuple[int, int]]:
    """The pieces of the vector that begins at *start*, and the first place after it."""
    rows, columns, pitch = source.rows.out, source.columns.out, source.pitch
    found: list[tuple[int, int, int]] = []
    row = start // pitch
    while row < rows and source.position(row, 0) < start + lanes:
        first = max(0, start - source.position(row, 0))
        end = min(columns, start + lanes - source.position(row, 0))
        if end > first:
            lane = source.position(row, first) - start
            found.append((row * columns + first - lane, lane, lane + end - first))
        if end < columns:
            return found, (row, end)
        row += 1
    return found, (row, 0)


def whole_vectors(source: Source, lanes: int) -> Table:
    """Vectors that cover each row of one image's output and nothing else, (V, 2).

    Position in the source and in the output's plane. The last vector of a row may overlap the one
    before it; a row has at least *lanes* places.
    """
    columns = source.columns.out
    first = np.minimum(np.arange(0, columns, lanes), columns - lanes)
    rows = np.arange(source.rows.out)[:, None]
    table = np.stack([rows * source.pitch + first, rows * columns + first], axis=-1)
    return table.reshape(-1, 2).astype(np.int32)


def vectors_of_gradient(source: Source, lanes: int, whole: bool) -> tuple[Table, Table, int]:
    """Vectors that cover one image's output when its gradient is read beside the source.

    Where a row of the output is not *whole* vectors, the gradient's rows are copied as far apart
    as the source's, with zeros between them.

    Returns
    -------
    starts, targets : (V,)
        Where each vector begins in the source and in the gradient's plane.
    plane : int
        Floats from a plane of the gradient to the next.
    """
    rows, columns = source.rows.out, source.columns.out
    if whole:
        starts = np.array(
            [source.position(i, j) for i in range(rows) for j in range(0, columns, lanes)]
        )
        return starts, np.arange(len(starts)) * lanes, rows * columns
    last = source.position(rows - 1, columns - 1)
    starts = np.arange(0, last + 1, lanes)
    return starts, starts, (-(-(last + lanes) // 16) | 1) * 16


def shares(total: int, most: int) -> int:
    """The size of equal shares of at most *most* each."""
    return -(-total // -(-total // most))


class Work(NamedTuple):
    """What a group of images is, vector by vector.

    Attributes
    ----------
    windows : int32 (vectors, 1 + 3 P)
        Start; then target, first lane and end of each piece.
    ranges : int32 (tiles, 2)
        First tap that a tile needs, and the end.
    """

    windows: Table
    ranges: Table


def work_of(
    source: Source, lanes: int, images: int, together: int, out_step: int, rows_first: bool
) -> Work:
    """The work on so many images.

    Parameters
    ----------
    together : vectors of a tile
    out_step : from an image's output to the next
    rows_first : the same vectors of all images stand side by side, and tiles skip taps
    """
    starts, pieces = windows(source, lanes)
    vectors, most = pieces.shape[:2]
    step = source.channels * source.rows.size * source.columns.size
    image = np.arange(images)
    table = np.empty((images, vectors, 1 + 3 * most), np.int64)
    table[:, :, 0] = starts + (image * (step if source.direct else source.image))[:, None]
    table[:, :, 1::3] = pieces[:, :, 0] + (image * out_step)[:, None, None]
    table[:, :, 2::3], table[:, :, 3::3] = pieces[:, :, 1], pieces[:, :, 2]
    needs = np.broadcast_to(_needed(source, pieces), (images, vectors, 2))
    if rows_first:
        table, needs = table.swapaxes(0, 1), needs.swapaxes(0, 1)
    flat = needs.reshape(-1, 2)
    first = range(0, len(flat), together)
    ranges = np.stack(
        [np.minimum.reduceat(flat[:, 0], first), np.maximum.reduceat(flat[:, 1], first)], axis=-1
    )
    if not rows_first:
        ranges[:] = 0, len(source.rows.shifts)
    ranges *= len(source.koff) // len(source.rows.shifts)
    return Work(table.astype(np.int32).reshape(images * vectors, -1), ranges.astype(np.int32))


def _needed(source: Source, pieces: Table) -> Table:
    """For each vector the first row of the kernel that meets the image, and the end."""
    rows, columns = source.rows, source.columns
    inside = np.array([[0 <= i * rows.step + s < rows.size for s in rows.shifts]
                       for i in range(rows.out)])  # fmt: skip
    found = []
    for own in pieces:
        used = [range((t + low) // columns.out, (t + high - 1) // columns.out + 1)
                for t, low, high in own if high]  # fmt: skip
        meets = np.flatnonzero(inside[[row for one in used for row in one]].any(axis=0))
        found.append((meets[0], meets[-1] + 1) if len(meets) else (0, 0))
    return np.array(found)


def taps(kernel: int, dilate: int, pad: int) -> tuple[int, ...]:
    """What the taps of one axis see, from ``place * stride`` on."""
    return tuple(k * dilate - pad for k in range(kernel))


#: first element, the axis, which taps
Phase = tuple[int, Axis, list[int]]


def backward_phases(size: int, out: int, taps: Sequence[int], step: int) -> list[Phase]:
    """One axis of the gradient of the input, as one stride-1 convolution for each phase.

    Element ``a + step * j`` of the input gets the output's gradient at ``j + (a - tap) / step``
    from each tap for which that is whole.

    Returns
    -------
    For each phase *a* < step: *a*, the axis, and which taps it has; axes without taps have none.
    """
    found = []
    for a in range(min(step, size)):
        chosen = [k for k, tap in enumerate(taps) if (a - tap) % step == 0]
        shifts = tuple((a - taps[k]) // step for k in chosen)
        found.append((a, Axis(out, len(range(a, size, step)), 1, shifts), chosen))
    return found


# ---- from an operator's parameters ----------------------------------------------------------

#: kernel, stride, dilate and pad, each for rows and columns
Geometry = tuple[tuple[int, int], ...]


def geometry_of(p: Mapping[str, Any]) -> Geometry:
    """kernel, stride, dilate and pad as pairs."""
    stride, dilate = _pair(p.get("stride", ()), 1), _pair(p.get("dilate", ()), 1)
    return tuple(p["kernel"]), stride, dilate, _pair(p.get("pad", ()), 0)


def _pair(values: tuple[int, ...], default: int) -> tuple[int, int]:
    return (values[0], values[1]) if values else (default, default)


def axes_of(shape: tuple[int, ...], geometry: Geometry) -> tuple[Axis, Axis]:
    """Rows and columns of the convolution of an input of this shape."""
    rows, columns = (
        Axis(size, (size + 2 * a - d * (k - 1) - 1) // s + 1, s, taps(k, d, a))
        for size, k, s, d, a in zip(shape[2:], *geometry, strict=True)
    )
    return rows, columns


def phases_of(
    shape: tuple[int, ...], out: tuple[int, ...], geometry: Geometry
) -> tuple[list[Phase], list[Phase]]:
    """The phases of rows and columns that give the gradient of an input of this shape."""
    rows, columns = (
        backward_phases(size, o, taps(k, d, a), s)
        for size, o, k, s, d, a in zip(shape[2:], out[2:], *geometry, strict=True)
    )
    return rows, columns
