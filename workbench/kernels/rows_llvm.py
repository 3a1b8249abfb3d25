"""Kernels over the rows of matrices, as machine code: softmax, its gradients, reductions.

Each row is passed over in vectors; what is left at its end is read and written through a mask.
The block of arguments is named by each kernel in :data:`KERNELS`: addresses, then ``rows`` and
``columns``, then numbers as the bits of float32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .llvm import cpu, jit, vecmath
from .llvm.builder import F32, I64, POINTER, Function, Module, Value, vector

__all__ = ["KERNELS", "Part", "Row", "compile_rows", "module_of"]

#: sums that are added up side by side, so that one addition need not wait for the last
SIDE_BY_SIDE = 4


def compile_rows(name: str, lanes: int | None = None) -> Callable[[int], None]:
    """One of :data:`KERNELS`."""
    lanes = lanes or cpu.host().lanes
    return jit.compiled(f"rows {name} {lanes}", [name], lambda: module_of(name, lanes))[0]


def module_of(name: str, lanes: int) -> Module:
    """The kernel as LLVM code."""
    module, kernel = Module("rows"), KERNELS[name]
    with module.function(name, [POINTER]) as (f, block):
        arrays = [f.load(POINTER, block, i) for i in range(kernel.arrays)]
        rows, columns = (f.load(I64, block, kernel.arrays + i) for i in range(2))
        tool = Row(f, columns, lanes)
        with f.loop(0, rows) as row:
            begins = [
                f.address(F32, array, row if i in kernel.narrow else row * columns)
                for i, array in enumerate(arrays)
            ]
            kernel.write(tool, *begins)
    return module


class Part(NamedTuple):
    """Some lanes of a row: whole vectors where there is no mask."""

    f: Function
    at: Value
    lanes: int
    mask: Value | None

    def load(self, pointer: Value, other: float = 0.0) -> Value:
        """These elements; *other* beyond the end of the row."""
        if self.mask is None:
            return self.f.load(F32, pointer, self.at, self.lanes)
        return self.f.load_masked(F32, pointer, self.at, self.mask, other)

    def store(self, value: Value, pointer: Value) -> None:
        """Write these elements."""
        if self.mask is None:
            self.f.store(value, pointer, self.at)
        else:
            self.f.store_masked(value, pointer, self.at, self.mask)


class Row:
    """What kernels do along a row of *columns* elements."""

    def __init__(self, f: Function, columns: Value, lanes: int) -> None:
        self.f, self.columns, self.lanes = f, columns, lanes
        self.kind = vector(F32, lanes)

    def parts(self, body: Callable[[Part], None]) -> None:
        """*body* for the vectors of the row, one after the other."""
        f, whole = self.f, self.columns - self.columns % self.lanes
        with f.loop(0, whole, self.lanes) as index:
            body(Part(f, index, self.lanes, None))
        self._rest(body, whole)

    def _rest(self, body: Callable[[Part], None], whole: Value) -> None:
        f, rest = self.f, self.columns % self.lanes
        with f.when(rest > 0):
            body(Part(f, whole, self.lanes, f.first_lanes(rest, self.lanes)))

    def folded(
        self, start: float, combine: Callable[[Value, Value], Value], term: Callable[[Part], Value]
    ) -> Value:
        """All terms of the row combined, in each lane; *start* changes nothing."""
        f, lanes = self.f, self.lanes
        sums = [f.variable(f.constant(self.kind, start)) for _ in range(SIDE_BY_SIDE)]
        step = SIDE_BY_SIDE * lanes
        long = self.columns - self.columns % step
        with f.loop(0, long, step) as index:
            for i, one in enumerate(sums):
                one.set(combine(one.get(), term(Part(f, index + i * lanes, lanes, None))))
        first = sums[0]
        whole = self.columns - self.columns % lanes
        with f.loop(long, whole, lanes) as index:
            first.set(combine(first.get(), term(Part(f, index, lanes, None))))
        self._rest(lambda part: first.set(combine(first.get(), term(part))), whole)
        total = combine(
            combine(sums[0].get(), sums[1].get()), combine(sums[2].get(), sums[3].get())
        )
        return f.across(total, combine)

    def sum(self, term: Callable[[Part], Value]) -> Value:
        """The sum of the terms, in each lane."""
        return self.folded(0.0, lambda a, b: a + b, term)

    def store_one(self, value: Value, pointer: Value) -> None:
        """The row's one number."""
        self.f.store(self.f.lane(value, 0), pointer)


# ---- softmax --------------------------------------------------------------------------------


def _largest(row: Row, x: Value) -> Value:
    return row.folded(float("-inf"), vecmath.maximum, lambda part: part.load(x, float("-inf")))


def _softmax(row: Row, x: Value, y: Value) -> None:
    top = _largest(row, x)
    f = row.f
    total = f.variable(f.constant(row.kind, 0.0))

    def exponential(part: Part) -> None:
        value = vecmath.exp(part.load(x, float("-inf")) - top)
        part.store(value, y)
        # where the whole row is infinite, what lies beyond it is nan as the row is
        total.set(total.get() + value)

    row.parts(exponential)
    factor = 1.0 / f.across(total.get(), lambda a, b: a + b)
    row.parts(lambda part: part.store(part.load(y) * factor, y))


def _log_softmax(row: Row, x: Value, y: Value) -> None:
    top = _largest(row, x)
    total = row.sum(lambda part: vecmath.exp(part.load(x, float("-inf")) - top))
    shift = vecmath.log(total)
    row.parts(lambda part: part.store(part.load(x) - top - shift, y))


def _softmax_back(row: Row, g: Value, y: Value, dx: Value) -> None:
    inner = row.sum(lambda part: part.load(g) * part.load(y))
    row.parts(lambda part: part.store((part.load(g) - inner) * part.load(y), dx))


def _log_softmax_back(row: Row, g: Value, y: Value, dx: Value) -> None:
    total = row.sum(lambda part: part.load(g))
    row.parts(lambda part: part.store(part.load(g) - vecmath.exp(part.load(y)) * total, dx))


def _less_one_hot(row: Row, y: Value, label: Value, dx: Value) -> None:
    """``y - one_hot(label)``, the gradient of the cross entropy; a label may hit nothing."""
    f = row.f
    row.parts(lambda part: part.store(part.load(y), dx))
    value = f.load(F32, label)
    with f.when((value > -1.0) & (value < f.to_float(row.columns))):
        place = f.to_integer(value)
        f.store(f.load(F32, y, place) - 1.0, dx, place)


# ---- reductions -----------------------------------------------------------------------------


def _sum(row: Row, x: Value, y: Value) -> None:
    row.store_one(row.sum(lambda part: part.load(x)), y)


def _norm(row: Row, x: Value, y: Value) -> None:
    total = row.sum(lambda part: part.load(x) * part.load(x))
    row.store_one(row.f.call("llvm.sqrt", total), y)


def _max(row: Row, x: Value, y: Value) -> None:
    row.store_one(_largest(row, x), y)


def _min(row: Row, x: Value, y: Value) -> None:
    infinity = float("inf")
    smallest = row.folded(infinity, vecmath.minimum, lambda part: part.load(x, infinity))
    row.store_one(smallest, y)


def _mean(row: Row, x: Value, y: Value) -> None:
    f = row.f
    count = f.splat(f.to_float(row.columns), row.lanes)
    row.store_one(row.sum(lambda part: part.load(x)) / count, y)


def _repeat(row: Row, g: Value, dx: Value) -> None:
    value = row.f.splat(row.f.load(F32, g), row.lanes)
    row.parts(lambda part: part.store(value, dx))


def _hits(row: Row, g: Value, x: Value, y: Value, dx: Value) -> None:
    """The gradient of an extreme: to every element that is equal to it."""
    f = row.f
    value, extreme = (f.splat(f.load(F32, one), row.lanes) for one in (g, y))
    nothing = f.constant(row.kind, 0.0)
    row.parts(lambda part: part.store(f.select(part.load(x).eq(extreme), value, nothing), dx))


class Kernel(NamedTuple):
    """How a kernel is called: how many arrays, which have one number a row, and its code."""

    arrays: int
    narrow: tuple[int, ...]
    write: Callable[..., Any]


KERNELS = {
    "softmax": Kernel(2, (), _softmax),
    "log_softmax": Kernel(2, (), _log_softmax),
    "softmax_back": Kernel(3, (), _softmax_back),
    "log_softmax_back": Kernel(3, (), _log_softmax_back),
    "less_one_hot": Kernel(3, (1,), _less_one_hot),
    "sum": Kernel(2, (1,), _sum),
    "mean": Kernel(2, (1,), _mean),
    "norm": Kernel(2, (1,), _norm),
    "max": Kernel(2, (1,), _max),
    "min": Kernel(2, (1,), _min),
    "repeat": Kernel(2, (0,), _repeat),
    "hits": Kernel(4, (0, 2), _hits),
}
