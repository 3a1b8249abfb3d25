"""Convolution as machine code: two kernels of tiles that stay in registers.

``forward``  y[co, place] = bias[co] + sum over k of w[co, k] * x[at[place] + koff[k]]
``weight``   dw[co, k] += sum over places of dy[co, place] * x[at[place] + koff[k]]

Lanes are neighbouring places in both, so that NCHW is read and written as it is. The tables
``koff`` and ``windows`` are those of :mod:`.conv_plan`. ``forward`` also gives the gradient of the
input, from weights that ``arrange`` has transposed. Each function takes the address of a block of
int64, whose fields are named by :data:`FORWARD`, :data:`WEIGHT` and :data:`ARRANGE`; a ``*`` marks
an address.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple

from .llvm import cpu, jit
from .llvm.builder import F32, I64, POINTER, Function, Module, Value, Variable, vector

__all__ = [
    "ARRANGE",
    "COPY",
    "FORWARD",
    "WEIGHT",
    "Block",
    "Tile",
    "at",
    "best_lanes",
    "compile_convolution",
    "copy_back",
    "copy_image",
    "copy_row",
    "fields",
    "module_of",
    "phased_rows",
    "store_pieces",
    "tile_of",
]

COPY = (
    "copy channels rows row_size row_low row_step columns column_size column_low column_step "
    "pitch plane image"
)
FORWARD = (
    "x* w* y* bias* scratch* windows* ranges* koff* partial* first last images group vectors width "
    "rest_windows rest_ranges band taps block outs x_step y_step y_plane relu " + COPY
)
WEIGHT = (
    "x* dy* dw* scratch* dys* windows* koff* first last images group vectors width band taps outs "
    "x_step dy_step dy_plane dy_copy dy_rows dy_columns " + COPY
)
ARRANGE = "w* out* row_taps* column_taps* outs channels rows columns kernel_rows kernel_columns"
UNROLL = 2
#: channels that share a line of the cache
LINE = 16
#: whose weights for a block of taps stay in the second cache while all places of a band use them
CHANNELS = 48


class Tile(NamedTuple):
    """How many output channels times vectors of places one tile has."""

    rows: int
    vectors: int


def best_lanes() -> int:
    """Lanes of a vector: short ones fit rows better, and Zen 4 gains nothing from 16."""
    host = cpu.host()
    return min(host.lanes, 8) if host.name == "znver4" else host.lanes


def tile_of(lanes: int) -> Tile:
    """Of 16 registers 12 accumulate, of 32 they are 24."""
    return Tile(4, 6) if lanes == 16 or cpu.host().registers == 32 else Tile(4, 3)


def compile_convolution(lanes: int, name: str) -> Callable[[int], None]:
    """``forward``, ``weight`` or ``arrange``; from the disk cache if there."""
    return jit.compiled(f"conv {name} {lanes}", [name], lambda: module_of(lanes, name))[0]


def module_of(lanes: int, name: str) -> Module:
    """One of them as LLVM code."""
    module = Module("convolution")
    names = {"forward": FORWARD, "weight": WEIGHT, "arrange": ARRANGE}[name]
    with module.function(name, [POINTER]) as (f, block):
        d = fields(f, block, names)
        if name == "arrange":
            _arrange(f, d)
        else:
            (_Forward if name == "forward" else _Weight)(f, d, lanes).write()
    return module


#: the fields of a block of arguments, as attributes
Block = Any


def fields(f: Function, block: Value, names: str) -> Block:
    """The fields of a block as attributes."""
    found = SimpleNamespace()
    for i, name in enumerate(names.split()):
        kind = POINTER if name.endswith("*") else I64
        setattr(found, name.rstrip("*"), f.load(kind, block, i))
    return found


def at(f: Function, pointer: Value, index: Value | int) -> Value:
    """The address of a float."""
    return f.address(F32, pointer, index)


class _Kernel(ABC):
    """What the two have in common: groups of images, copied into the scratch array if need be."""

    def __init__(self, f: Function, d: Any, lanes: int) -> None:
        self.f, self.d, self.lanes = f, d, lanes
        self.tile = tile_of(lanes)
        self.vector = vector(F32, lanes)

    def write(self) -> None:
        f, d = self.f, self.d
        with f.loop(d.first, d.last) as g:
            start = g * d.group
            count = f.smaller(d.images - start, d.group)
            base = f.variable(at(f, d.x, start * d.x_step))
            with f.when(d.copy.ne(0)):
                source = base.get()
                with f.loop(0, count) as i:
                    copy_image(
                        f,
                        d,
                        at(f, source, i * d.x_step),
                        at(f, d.scratch, i * d.image),
                        self.lanes,
                    )
                base.set(d.scratch)
            self.group(start, count, base.get())

    @abstractmethod
    def group(self, start: Value, count: Value, x: Value) -> None:
        """Work on *count* images from *start* on, whose numbers lie at *x*."""

    def accumulators(self, initial: Callable[[int, int], Value]) -> list[list[Variable]]:
        """A variable for each vector of the tile."""
        return [
            [self.f.variable(initial(i, j)) for j in range(self.tile.vectors)]
            for i in range(self.tile.rows)
        ]

    def unrolled(self, stop: Value, step: Callable[[Value], None]) -> None:
        """``for k in range(stop)``, some turns at once."""
        f = self.f
        main = stop - (stop & (UNROLL - 1))
        with f.loop(0, main, UNROLL) as k:
            for u in range(UNROLL):
                step(k + u)
        with f.loop(main, stop) as k:
            step(k)


class _Forward(_Kernel):
    """Group of images → band of places → block of taps, of channels → tile of places → of channels.

    The numbers that a tile of places sees in a block of taps stay in the nearest cache while all
    channels use them. What a block adds up is kept in ``partial`` until the next block.
    """

    def group(self, start: Value, count: Value, x: Value) -> None:
        f, d, tile = self.f, self.d, self.tile
        y = at(f, d.y, start * d.y_step)
        total = count * d.vectors
        rest = count < d.group
        windows = at(f, d.windows, f.select(rest, d.rest_windows, 0))
        ranges = at(f, d.ranges, f.select(rest, d.rest_ranges, 0))
        with f.loop(0, total, d.band) as b0:
            in_band = f.smaller(total - b0, d.band)
            with f.loop(0, d.taps, d.block) as k0:
                partial = f.variable(d.partial)
                with f.loop(0, d.outs, CHANNELS) as c0:
                    end = f.smaller(c0 + CHANNELS, d.outs)
                    with f.loop(0, in_band, tile.vectors) as v0:
                        rows = [
                            at(f, windows, (b0 + f.smaller(v0 + j, in_band - 1)) * d.width)
                            for j in range(tile.vectors)
                        ]
                        own = at(f, ranges, (b0 + v0) // tile.vectors * 2)
                        block = self._taps(own, k0)
                        with f.loop(c0, end, tile.rows) as c:
                            self._tile(rows, x, y, block, c, partial)

    def _taps(self, ranges: Value, k0: Value) -> tuple[Value, Value, Value]:
        """k0, and first tap and end of what a tile needs of the block that begins there."""
        f = self.f
        first = f.larger(f.load_index(ranges), k0)
        last = f.smaller(f.load_index(ranges, 1), k0 + self.d.block)
        return k0, first, f.larger(last, first)

    def _tile(
        self,
        rows: list[Value],
        x: Value,
        y: Value,
        block: tuple[Value, Value, Value],
        c0: Value,
        partial: Variable,
    ) -> None:
        """One tile's sums over the taps ``first`` to ``last`` of the block that begins at k0."""
        f, d, tile, lanes = self.f, self.d, self.tile, self.lanes
        k0, first, last_tap = block
        channels = [f.smaller(c0 + i, d.outs - 1) for i in range(tile.rows)]
        weights = [at(f, d.w, c * d.taps + first) for c in channels]
        seen = [at(f, x, f.load_index(row)) for row in rows]
        koff = at(f, d.koff, first)
        acc = self.accumulators(lambda i, j: f.constant(self.vector, 0.0))
        kept = partial.get()
        with f.when(k0 > 0):
            self._each(acc, lambda i, j, v: v.set(f.load(F32, kept, self._kept(i, j), lanes)))

        def step(k: Value) -> None:
            offset = f.load_index(koff, k)
            numbers = [f.load(F32, one, offset, lanes) for one in seen]
            for i in range(tile.rows):
                w = f.splat(f.load(F32, weights[i], k), lanes)
                for j in range(tile.vectors):
                    acc[i][j].set(f.fma(w, numbers[j], acc[i][j].get()))

        self.unrolled(last_tap - first, step)
        last = k0 + d.block >= d.taps
        with f.when(last):
            self._finish(acc, channels)
            planes = [c * d.y_plane for c in channels]
            self._store(acc, rows, y, planes)
        with f.when(~last):
            self._each(acc, lambda i, j, v: f.store(v.get(), kept, self._kept(i, j)))
        partial.set(at(f, kept, tile.rows * tile.vectors * lanes))

    def _kept(self, i: int, j: int) -> int:
        return (i * self.tile.vectors + j) * self.lanes

    def _each(self, acc: list[list[Variable]], act: Callable[[int, int, Variable], None]) -> None:
        for i, row in enumerate(acc):
            for j, one in enumerate(row):
                act(i, j, one)

    def _finish(self, acc: list[list[Variable]], channels: list[Value]) -> None:
        """Bias, and relu where it was asked for."""
        f = self.f
        bias = [f.splat(f.load(F32, self.d.bias, c), self.lanes) for c in channels]
        self._each(acc, lambda i, j, v: v.set(v.get() + bias[i]))
        with f.when(self.d.relu.ne(0)):
            self._each(acc, lambda i, j, v: v.set(f.select(v.get() < 0.0, 0.0, v.get())))

    def _store(
        self, acc: list[list[Variable]], rows: list[Value], y: Value, planes: list[Value]
    ) -> None:
        """Each vector's pieces to where they belong."""
        for j, row in enumerate(rows):
            store_pieces(self.f, self.d, [one[j].get() for one in acc], row, y, planes)


class _Weight(_Kernel):
    """Group of images → band of places → tile of channels → tile of taps → the band's places.

    The gradient's rows of a tile of channels stay in the nearest cache while all taps use them.
    Where the windows are not whole vectors of the gradient as it lies, its rows are copied into
    ``dys`` with the source's pitch and zeros between them.
    """

    def group(self, start: Value, count: Value, x: Value) -> None:
        f, d, tile, lanes = self.f, self.d, self.tile, self.lanes
        dy = f.variable(at(f, d.dy, start * d.dy_step * d.outs))
        with f.when(d.dy_copy.ne(0)):
            source = dy.get()
            with f.loop(0, count * d.outs) as plane, f.loop(0, d.dy_rows) as row:
                copy_row(
                    f,
                    at(f, d.dys, plane * d.dy_plane + row * d.pitch),
                    at(f, source, (plane * d.dy_rows + row) * d.dy_columns),
                    d.dy_columns,
                    lanes,
                )
            dy.set(d.dys)
        gradient = dy.get()
        total = count * d.vectors
        with f.loop(0, total, d.band) as b0:
            in_band = f.smaller(total - b0, d.band)
            table = f.address(F32, d.windows, b0 * 2)
            with f.loop(0, d.outs, tile.rows) as c0:
                channels = [f.smaller(c0 + i, d.outs - 1) for i in range(tile.rows)]
                planes = [at(f, gradient, c * d.dy_plane) for c in channels]
                with f.loop(0, d.taps, tile.vectors) as k0:
                    self._tile(x, planes, table, in_band, c0, k0)

    def _tile(
        self,
        x: Value,
        planes: list[Value],
        table: Value,
        count: Value,
        c0: Value,
        k0: Value,
    ) -> None:
        f, d, tile, lanes = self.f, self.d, self.tile, self.lanes
        taps = [f.smaller(k0 + j, d.taps - 1) for j in range(tile.vectors)]
        seen = [at(f, x, f.load_index(d.koff, tap)) for tap in taps]
        acc = self.accumulators(lambda i, j: f.constant(self.vector, 0.0))

        def step(v: Value) -> None:
            position, target = f.load_index(table, v * 2), f.load_index(table, v * 2 + 1)
            numbers = [f.load(F32, one, position, lanes) for one in seen]
            for i in range(tile.rows):
                g = f.load(F32, planes[i], target, lanes)
                for j in range(tile.vectors):
                    acc[i][j].set(f.fma(g, numbers[j], acc[i][j].get()))

        self.unrolled(count, step)
        rows = [at(f, d.dw, (c0 + i) * d.taps + k0) for i in range(tile.rows)]
        for i in range(tile.rows):
            for j in range(tile.vectors):
                total = f.total(acc[i][j].get())
                with f.when((c0 + i < d.outs) & (k0 + j < d.taps)):
                    f.store(f.load(F32, rows[i], j) + total, rows[i], j)


def store_pieces(
    f: Function, d: Block, values: list[Value], row: Value, y: Value, planes: list[Value]
) -> None:
    """A vector of each plane to where its pieces belong, as its *row* of the windows says."""
    lanes = values[0].kind.count
    with f.loop(1, d.width, 3) as p:
        target = at(f, y, f.load_index(row, p))
        low, high = f.load_index(row, p + 1), f.load_index(row, p + 2)
        whole = (high - low).eq(lanes)
        with f.when(whole):
            for value, plane in zip(values, planes, strict=True):
                f.store(value, target, plane)
        with f.when((~whole) & (high > low)):
            narrow = low.narrowed(), high.narrowed()
            for value, plane in zip(values, planes, strict=True):
                f.store_lanes(value, target, plane, *narrow)


def copy_image(f: Function, d: Block, source: Value, target: Value, lanes: int) -> None:
    """An image's numbers into the scratch array, whose zeros stay as they are."""
    planes = d.row_step * d.column_step
    with f.loop(0, d.channels) as c, phased_rows(f, d) as (h, start):
        row = at(f, source, (c * d.row_size + h) * d.column_size)
        line = at(f, target, c * planes * d.plane + start)
        with f.when(d.column_step.eq(1)):
            copy_row(f, at(f, line, d.column_low), row, d.columns, lanes)
        with f.when(d.column_step.eq(2)):
            _split_row(f, d, line, row, max(1, lanes // 2))
        with f.when(d.column_step > 2):
            _deal_out(f, d, line, row, f.constant(I64, 0))


@contextmanager
def phased_rows(f: Function, d: Block) -> Iterator[tuple[Value, Value]]:
    """The rows of a plane, and where each begins in the scratch array; divides only once."""
    phase, line = f.variable(d.row_low % d.row_step), f.variable(d.row_low // d.row_step)
    with f.loop(0, d.rows) as h:
        yield h, phase.get() * d.column_step * d.plane + line.get() * d.pitch
        following = phase.get() + 1
        around = following.eq(d.row_step)
        phase.set(f.select(around, 0, following))
        line.set(line.get() + f.select(around, f.constant(I64, 1), 0))


def copy_row(f: Function, target: Value, source: Value, count: Value, lanes: int) -> None:
    """Copy *count* floats; a call of memcpy costs as much as many a row."""
    with f.when(count >= lanes):
        last = count - lanes
        with f.loop(0, last, lanes) as w:
            f.store(f.load(F32, source, w, lanes), target, w)
        f.store(f.load(F32, source, last, lanes), target, last)
    with f.when(count < lanes):
        while lanes > 1:  # rows shorter than a vector: two parts that overlap
            half = lanes // 2
            with f.when((count >= half) & (count < lanes)):
                first, last = f.load(F32, source, 0, half), f.load(F32, source, count - half, half)
                f.store(first, target)
                f.store(last, target, count - half)
            lanes = half


def _split_row(f: Function, d: Block, line: Value, row: Value, lanes: int) -> None:
    """The row's even and odd columns, each to their phase."""
    both = 2 * lanes
    targets = []
    for column in (0, 1):
        place = d.column_low + column
        targets.append(at(f, line, (place & 1) * d.plane + (place >> 1)))

    def split(w: Value) -> None:
        a, b = f.load(F32, row, w, lanes), f.load(F32, row, w + lanes, lanes)
        for column, target in enumerate(targets):
            f.store(f.shuffle(a, b, list(range(column, both, 2))), target, w >> 1)

    even = d.columns - (d.columns & 1)
    main = even - even % both
    with f.loop(0, main, both) as w:
        split(w)
    with f.when((main > 0) & (main < even)):
        split(even - both)
    with f.loop(f.select(main > 0, even, 0), d.columns) as w:
        place = w + d.column_low
        f.store(f.load(F32, row, w), line, (place & 1) * d.plane + (place >> 1))


def _deal_out(f: Function, d: Block, line: Value, row: Value, first: Value) -> None:
    """The row's columns from *first* on, each to its phase."""
    with f.loop(first, d.columns) as w:
        place = w + d.column_low
        f.store(f.load(F32, row, w), line, place % d.column_step * d.plane + place // d.column_step)


def copy_back(f: Function, d: Block, source: Value, target: Value, lanes: int) -> None:
    """What lies in a scratch array as :func:`copy_image` lays it, to a plane."""
    with phased_rows(f, d) as (h, start):
        row, line = at(f, target, h * d.column_size), at(f, source, start)
        with f.when(d.column_step.eq(1)):
            copy_row(f, row, at(f, line, d.column_low), d.columns, lanes)
        with f.when(d.column_step.eq(2)):
            _join_row(f, d, line, row, max(1, lanes // 2))
        with f.when(d.column_step > 2), f.loop(0, d.columns) as w:
            at_w = w + d.column_low
            value = f.load(F32, line, at_w % d.column_step * d.plane + at_w // d.column_step)
            f.store(value, row, w)


def _join_row(f: Function, d: Block, line: Value, row: Value, lanes: int) -> None:
    """The even and odd columns side by side."""
    both = 2 * lanes
    order = [lane for i in range(lanes) for lane in (i, lanes + i)]
    phases = []
    for column in (0, 1):
        place = d.column_low + column
        phases.append(at(f, line, (place & 1) * d.plane + (place >> 1)))

    def join(w: Value) -> None:
        a, b = (f.load(F32, one, w >> 1, lanes) for one in phases)
        f.store(f.shuffle(a, b, order), row, w)

    even = d.columns - (d.columns & 1)
    main = even - even % both
    with f.loop(0, main, both) as w:
        join(w)
    with f.when((main > 0) & (main < even)):
        join(even - both)
    with f.loop(f.select(main > 0, even, 0), d.columns) as w:
        place = w + d.column_low
        f.store(f.load(F32, line, (place & 1) * d.plane + (place >> 1)), row, w)


def _arrange(f: Function, d: Any) -> None:
    """Weights (o, c, a, b) as (c, a, o, b), of some of their taps; some channels at a time."""
    line = d.outs * d.columns
    with f.loop(0, d.channels, LINE) as c0, f.loop(0, d.outs) as o:
        end = f.smaller(c0 + LINE, d.channels)
        with f.loop(c0, end) as c, f.loop(0, d.rows) as a:
            row = (o * d.channels + c) * d.kernel_rows + f.load_index(d.row_taps, a)
            source = at(f, d.w, row * d.kernel_columns)
            target = at(f, d.out, (c * d.rows + a) * line + o * d.columns)
            with f.loop(0, d.columns) as b:
                f.store(f.load(F32, source, f.load_index(d.column_taps, b)), target, b)
