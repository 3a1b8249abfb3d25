"""Max pooling with windows of 2 × 2 that lie side by side, as machine code.

A vector of the output comes from two vectors of two rows each, whose even and odd lanes are the
columns of the windows. The last vector of a row overlaps the one before, so that nothing beyond
the rows is touched. The fields of the block of arguments are named by :data:`FORWARD` and
:data:`BACKWARD`; a ``*`` marks an address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .llvm import jit, vecmath
from .llvm.builder import F32, I64, POINTER, Function, Module, Value, vector

__all__ = ["BACKWARD", "FORWARD", "compile_pooling", "module_of"]

_SIZES = "first last rows columns plane pitch"
FORWARD = "x* y* " + _SIZES
BACKWARD = "x* y* dy* dx* " + _SIZES


def compile_pooling(lanes: int, name: str) -> Callable[[int], None]:
    """``forward`` or ``backward`` for rows of at least *lanes* windows."""
    return jit.compiled(f"pool {name} {lanes}", [name], lambda: module_of(lanes, name))[0]


def module_of(lanes: int, name: str) -> Module:
    """One of the two as LLVM code."""
    module = Module("pooling")
    with module.function(name, [POINTER]) as (f, block):
        if name == "forward":
            _forward(f, block, lanes)
        else:
            _backward(f, block, lanes)
    return module


def _forward(f: Function, block: Value, lanes: int) -> None:
    x, y = (f.load(POINTER, block, i) for i in range(2))
    with _vectors(f, block, 2, lanes) as (place, upper, lower):
        taps = [*_columns(f, x, upper, lanes), *_columns(f, x, lower, lanes)]
        best = taps[0]
        for tap in taps[1:]:
            best = vecmath.maximum(best, tap)
        f.store(best, y, place)


def _backward(f: Function, block: Value, lanes: int) -> None:
    """The first of the largest numbers of a window gets its gradient, the others 0."""
    x, y, dy, dx = (f.load(POINTER, block, i) for i in range(4))
    nothing = f.constant(vector(F32, lanes), 0.0)
    with _vectors(f, block, 4, lanes) as (place, upper, lower):
        largest = f.load(F32, y, place, lanes)
        left = f.load(F32, dy, place, lanes)
        for row in (upper, lower):
            even, odd = _columns(f, x, row, lanes)
            hit = even.eq(largest)
            first, left = f.select(hit, left, nothing), f.select(hit, nothing, left)
            hit = odd.eq(largest)
            second, left = f.select(hit, left, nothing), f.select(hit, nothing, left)
            order = [lane for i in range(lanes) for lane in (i, lanes + i)]
            f.store(f.shuffle(first, second, order), dx, row)


@contextmanager
def _vectors(
    f: Function, block: Value, first: int, lanes: int
) -> Iterator[tuple[Value, Value, Value]]:
    """All vectors of the output: where it lies, and where its windows' two rows begin."""
    start, stop, rows, columns, plane, pitch = (f.load(I64, block, first + i) for i in range(6))
    with f.loop(start, stop) as p, f.loop(0, rows) as i:
        line, source = (p * rows + i) * columns, p * plane + i * pitch * 2
        with f.loop(0, columns, lanes) as j:
            column = f.smaller(j, columns - lanes)
            upper = source + column * 2
            yield line + column, upper, upper + pitch


def _columns(f: Function, x: Value, start: Value, lanes: int) -> tuple[Value, Value]:
    """The left and the right column of the windows whose row begins at *start*."""
    a, b = f.load(F32, x, start, lanes), f.load(F32, x, start + lanes, lanes)
    even, odd = range(0, 2 * lanes, 2), range(1, 2 * lanes, 2)
    return f.shuffle(a, b, list(even)), f.shuffle(a, b, list(odd))
