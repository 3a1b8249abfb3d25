"""Joining, splitting and reversing rows, as machine code.

The block of arguments: addresses, then for ``reverse`` the rows and their elements; for ``join``
and ``split`` of some parts the rows, the bytes of a whole row, and those of each part in it (the
whole is the last array of ``join`` and the first of ``split``); for ``enlarge`` and ``shrink`` the
rows and columns of the smaller array, and those of a block.
"""

from __future__ import annotations

from collections.abc import Callable

from .llvm import cpu, jit
from .llvm.builder import F32, I8, I64, POINTER, Function, Module, Value, vector

__all__ = ["compile_copy", "module_of"]


def compile_copy(name: str, parts: int = 0) -> Callable[[int], None]:
    """``join`` or ``split`` of so many parts, or ``reverse``.

    ``enlarge`` and ``shrink`` are for blocks of *parts* columns, of any number where that is 0.
    """
    lanes = cpu.host().lanes
    key = f"copies {name} {parts} {lanes}"
    return jit.compiled(key, [name], lambda: module_of(name, parts, lanes))[0]


def module_of(name: str, parts: int, lanes: int) -> Module:
    """The kernel as LLVM code."""
    module = Module("copies")
    with module.function(name, [POINTER]) as (f, block):
        if name == "reverse":
            _reverse(f, block, lanes)
        elif name in ("enlarge", "shrink"):
            (_enlarge if name == "enlarge" else _shrink)(f, block, lanes, parts)
        else:
            _parts(f, block, parts, joins=name == "join")
    return module


def _parts(f: Function, block: Value, parts: int, joins: bool) -> None:
    arrays = [f.load(POINTER, block, i) for i in range(parts + 1)]
    rows, total = (f.load(I64, block, parts + 1 + i) for i in range(2))
    widths = [f.load(I64, block, parts + 3 + i) for i in range(parts)]
    whole = arrays.pop() if joins else arrays.pop(0)
    with f.loop(0, rows) as row:
        place = f.address(I8, whole, row * total)
        for part, width in zip(arrays, widths, strict=True):
            other = f.address(I8, part, row * width)
            f.copy(place, other, width) if joins else f.copy(other, place, width)
            place = f.address(I8, place, width)


def _reverse(f: Function, block: Value, lanes: int) -> None:
    x, y = (f.load(POINTER, block, i) for i in range(2))
    rows, columns = (f.load(I64, block, 2 + i) for i in range(2))
    with f.loop(0, rows) as row:
        source, target = (f.address(F32, one, row * columns) for one in (x, y))
        whole = columns - columns % lanes
        with f.loop(0, whole, lanes) as i:
            value = f.load(F32, source, i, lanes)
            turned = f.shuffle(value, value, list(range(lanes))[::-1])
            f.store(turned, target, columns - lanes - i)
        with f.loop(whole, columns) as i:
            f.store(f.load(F32, source, i), target, columns - 1 - i)


def _block_sizes(f: Function, block: Value) -> tuple[Value, ...]:
    pointers = [f.load(POINTER, block, i) for i in range(2)]
    return (*pointers, *(f.load(I64, block, 2 + i) for i in range(4)))


def _enlarge(f: Function, block: Value, lanes: int, pairs: int) -> None:
    """Each number of a row as often as a block has columns, the row as often as it has rows."""
    x, y, rows, columns, down, across = _block_sizes(f, block)
    wide = columns * across
    with f.loop(0, rows) as row:
        source = f.address(F32, x, row * columns)
        target = f.address(F32, y, row * down * wide)
        done = f.variable(f.constant(I64, 0))
        if pairs == 2:
            done.set(columns - columns % lanes)
            with f.loop(0, done.get(), lanes) as i:
                value = f.load(F32, source, i, lanes)
                order = [lane // 2 for lane in range(2 * lanes)]
                f.store(f.shuffle(value, value, order), target, i * 2)
        with f.loop(done.get(), columns) as i:
            number = f.load(F32, source, i)
            with f.loop(0, across) as k:
                f.store(number, target, i * across + k)
        with f.loop(1, down) as k:
            f.copy(f.address(F32, target, k * wide), target, wide * 4)


def _shrink(f: Function, block: Value, lanes: int, pairs: int) -> None:
    """The sum of each block."""
    x, y, rows, columns, down, across = _block_sizes(f, block)
    wide = columns * across
    nothing = f.constant(F32, 0.0)
    with f.loop(0, rows) as row:
        source = f.address(F32, x, row * down * wide)
        target = f.address(F32, y, row * columns)
        done = f.variable(f.constant(I64, 0))
        if pairs == 2:
            done.set(columns - columns % lanes)
            with f.loop(0, done.get(), lanes) as i:
                total = f.variable(f.constant(vector(F32, lanes), 0.0))
                with f.loop(0, down) as k:
                    at = k * wide + i * 2
                    a, b = (f.load(F32, source, at + n, lanes) for n in (0, lanes))
                    even, odd = range(0, 2 * lanes, 2), range(1, 2 * lanes, 2)
                    pair = f.shuffle(a, b, list(even)) + f.shuffle(a, b, list(odd))
                    total.set(total.get() + pair)
                f.store(total.get(), target, i)
        with f.loop(done.get(), columns) as i:
            sum_ = f.variable(nothing)
            with f.loop(0, down) as k, f.loop(0, across) as n:
                sum_.set(sum_.get() + f.load(F32, source, k * wide + i * across + n))
            f.store(sum_.get(), target, i)
