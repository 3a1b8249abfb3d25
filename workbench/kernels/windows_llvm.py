"""Pooling with windows of any size, stride and padding as machine code: one plane at a time.

Lanes are neighbouring windows of a row. The plane is copied into a scratch array first, with
padding around it and the phases of the stride apart (see :mod:`.conv_plan`), so that what a tap
sees in neighbouring windows lies side by side, whatever the geometry. The gradient of the mean is
collected in an array that lies the same way, and copied back. Fields of the block of arguments:
:data:`FORWARD` and :data:`BACKWARD`.
"""

from __future__ import annotations

from collections.abc import Callable

from .conv_llvm import COPY, Block, at, copy_back, copy_image, fields
from .llvm import cpu, jit, vecmath
from .llvm.builder import F32, I32, POINTER, Function, Module, Value, vector
from .rows_llvm import Part, Row

__all__ = ["BACKWARD", "FORWARD", "compile_windows", "module_of"]

_SIZES = "first last out_rows out_columns taps x_step " + COPY
FORWARD = "x* y* counts* scratch* koff* " + _SIZES
BACKWARD = "x* y* dy* dx* counts* scratch* shares* koff* places* " + _SIZES

#: the place of what is nowhere
NOWHERE = -(2**31)


def compile_windows(name: str, kind: str) -> Callable[[int], None]:
    """``forward`` or ``backward`` of ``max`` or ``mean``; from the disk cache if there."""
    lanes = cpu.host().lanes
    key = f"windows {name} {kind} {lanes}"
    return jit.compiled(key, [name], lambda: module_of(name, kind, lanes))[0]


def module_of(name: str, kind: str, lanes: int) -> Module:
    """One of them as LLVM code."""
    module = Module("windows")
    with module.function(name, [POINTER]) as (f, block):
        if name == "forward":
            _forward(f, fields(f, block, FORWARD), kind, lanes)
        else:
            backward = _backward_max if kind == "max" else _backward_mean
            backward(f, fields(f, block, BACKWARD), lanes)
    return module


def _forward(f: Function, d: Block, kind: str, lanes: int) -> None:
    with f.loop(d.first, d.last) as plane:
        copy_image(f, d, at(f, d.x, plane * d.x_step), d.scratch, lanes)
        with f.loop(0, d.out_rows) as i:
            seen, counts = at(f, d.scratch, i * d.pitch), at(f, d.counts, i * d.out_columns)
            y = at(f, d.y, (plane * d.out_rows + i) * d.out_columns)

            def pooled(
                part: Part, seen: Value = seen, counts: Value = counts, y: Value = y
            ) -> None:
                start = at(f, seen, part.at)
                value = f.variable(f.load(F32, start, f.load_index(d.koff), lanes))
                with f.loop(1, d.taps) as k:
                    number = f.load(F32, start, f.load_index(d.koff, k), lanes)
                    old = value.get()
                    value.set(vecmath.maximum(old, number) if kind == "max" else old + number)
                found = value.get()
                part.store(found if kind == "max" else found / part.load(counts, 1.0), y)

            Row(f, d.out_columns, lanes).parts(pooled)


def _backward_max(f: Function, d: Block, lanes: int) -> None:
    """The first of the largest numbers of a window gets its gradient.

    Vectors find out where it is, then the numbers go there one by one: neighbouring windows may
    have the same. Padding is NaN here and the largest of no window.
    """
    none = f.constant(vector(I32, lanes), NOWHERE)
    places = f.memory(I32, lanes)
    with f.loop(d.first, d.last) as plane:
        copy_image(f, d, at(f, d.x, plane * d.x_step), d.scratch, lanes)
        dx = at(f, d.dx, plane * d.x_step)
        with f.loop(0, d.out_rows) as i:
            line = (plane * d.out_rows + i) * d.out_columns
            seen, y, dy = (
                at(f, *one) for one in ((d.scratch, i * d.pitch), (d.y, line), (d.dy, line))
            )
            origin = i * d.row_step * d.column_size

            def spread(
                part: Part,
                seen: Value = seen,
                y: Value = y,
                dy: Value = dy,
                origin: Value = origin,
            ) -> None:
                largest, found = part.load(y), f.variable(none)
                with f.loop(0, d.taps) as k:
                    number = f.load(F32, seen, part.at + f.load_index(d.koff, k), lanes)
                    place = f.splat(f.load(I32, d.places, k), lanes)
                    hit = number.eq(largest) & found.get().eq(NOWHERE)
                    found.set(f.select(hit, place, found.get()))
                f.store(found.get(), places)
                with f.loop(0, f.smaller(d.out_columns - part.at, lanes)) as lane:
                    place = f.load_index(places, lane)
                    with f.when(place.ne(NOWHERE)):
                        j = part.at + lane
                        own = at(f, dx, origin + j * d.column_step + place)
                        f.store(f.load(F32, own) + f.load(F32, dy, j), own)

            Row(f, d.out_columns, lanes).parts(spread)


def _backward_mean(f: Function, d: Block, lanes: int) -> None:
    """All that a window saw gets a share of its gradient."""
    with f.loop(d.first, d.last) as plane:
        f.clear(d.shares, d.image * 4)
        with f.loop(0, d.out_rows) as i:
            dx, counts = at(f, d.shares, i * d.pitch), at(f, d.counts, i * d.out_columns)
            dy = at(f, d.dy, (plane * d.out_rows + i) * d.out_columns)

            def spread(part: Part, dx: Value = dx, counts: Value = counts, dy: Value = dy) -> None:
                share = part.load(dy) / part.load(counts, 1.0)
                with f.loop(0, d.taps) as k:
                    place = part.at + f.load_index(d.koff, k)
                    f.store(f.load(F32, dx, place, lanes) + share, dx, place)

            Row(f, d.out_columns, lanes).parts(spread)
        copy_back(f, d, d.shares, at(f, d.dx, plane * d.x_step), lanes)
