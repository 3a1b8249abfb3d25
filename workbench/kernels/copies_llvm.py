"""Joining, splitting and reversing rows, as machine code.

The block of arguments: addresses, then for ``reverse`` the rows and their elements; for ``join``
and ``split`` of some parts the rows, the bytes of a whole row, and those of each part in it. The
whole is the last array of ``join`` and the first of ``split``.
"""

from __future__ import annotations

from collections.abc import Callable

from .llvm import cpu, jit
from .llvm.builder import F32, I8, I64, POINTER, Function, Module, Value

__all__ = ["compile_copy", "module_of"]


def compile_copy(name: str, parts: int = 0) -> Callable[[int], None]:
    """``join`` or ``split`` of so many parts, or ``reverse``."""
    lanes = cpu.host().lanes
    key = f"copies {name} {parts} {lanes}"
    return jit.compiled(key, [name], lambda: module_of(name, parts, lanes))[0]


def module_of(name: str, parts: int, lanes: int) -> Module:
    """The kernel as LLVM code."""
    module = Module("copies")
    with module.function(name, [POINTER]) as (f, block):
        if name == "reverse":
            _reverse(f, block, lanes)
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
