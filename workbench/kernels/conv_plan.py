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

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Axis", "Source", "windows"]

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

    def __init__(self, rows: Axis, columns: Axis, channels: int, lanes: int, copy: bool) -> None:
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
        self.koff = self._offsets()

    def _offsets(self) -> Table:
        taps = [
            (ph * self.columns.step + pw) * self.plane + h * self.pitch + w
            for ph, h in self.rows.phases()
            for pw, w in self.columns.phases()
        ]
        first = np.arange(self.channels)[:, None] * (self.planes * self.plane)
        return (first + np.array(taps)).astype(np.int32).ravel()

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


def groups_of(count: int, places: int, per_image: int, together: int, want: int) -> int:
    """Images that are worked on together: about *want* places, vectors in whole tiles if it can be.

    Parameters
    ----------
    count : images there are
    places : places of one image's output
    per_image : its vectors
    together : vectors of a tile
    """
    least = min(count, max(1, -(-want // places)))
    for size in range(least, min(count, least + together - 1) + 1):
        if size * per_image % together == 0:
            return size
    return least


def shares(total: int, most: int) -> int:
    """The size of equal shares of at most *most* each."""
    return -(-total // -(-total // most))


def window_table(
    starts: Table, pieces: Table, images: int, source_step: int, out_step: int
) -> Table:
    """Windows of so many images: int32 rows of start, then target, first lane, end of each piece."""
    vectors, most = pieces.shape[:2]
    table = np.empty((images, vectors, 1 + 3 * most), np.int64)
    image = np.arange(images)
    table[:, :, 0] = starts + (image * source_step)[:, None]
    table[:, :, 1::3] = pieces[:, :, 0] + (image * out_step)[:, None, None]
    table[:, :, 2::3], table[:, :, 3::3] = pieces[:, :, 1], pieces[:, :, 2]
    return table.astype(np.int32).reshape(images * vectors, -1)


def taps(kernel: int, dilate: int, pad: int) -> tuple[int, ...]:
    """What the taps of one axis see, from ``place * stride`` on."""
    return tuple(k * dilate - pad for k in range(kernel))


def backward_phases(
    size: int, out: int, taps: Sequence[int], step: int
) -> list[tuple[int, Axis, list[int]]]:
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
