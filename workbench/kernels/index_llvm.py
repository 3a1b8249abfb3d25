"""Reading and writing rows by index, as machine code. Numbers and indices are float32.

The block of arguments: addresses as :data:`ARRAYS` names them, then the sizes that it names.
Indices are cut towards zero; where that is out of range the nearest row or element is meant
(``one_hot`` writes none).
"""

from __future__ import annotations

from collections.abc import Callable

from .llvm import jit
from .llvm.builder import F32, I64, POINTER, Function, Module, Value

__all__ = ["compile_index", "module_of"]

#: arrays, then sizes
ARRAYS = {
    "gather": ("table index out", "count width limit"),
    "scatter_add": ("grad index out", "count width limit"),
    "one_hot": ("index out", "count width"),
    "pick": ("data index out", "count width"),
    "place": ("grad index out", "count each width"),
    "largest": ("data values index odd", "count width each"),
    "smallest": ("data values index odd", "count width each"),
}


def compile_index(name: str) -> Callable[[int], None]:
    """One of :data:`ARRAYS`."""
    return jit.compiled(f"index {name}", [name], lambda: module_of(name))[0]


def module_of(name: str) -> Module:
    """The kernel as LLVM code."""
    arrays, sizes = (words.split() for words in ARRAYS[name])
    module = Module("index")
    with module.function(name, [POINTER]) as (f, block):
        pointers = [f.load(POINTER, block, i) for i in range(len(arrays))]
        numbers = [f.load(I64, block, len(arrays) + i) for i in range(len(sizes))]
        if name in ("largest", "smallest"):
            _extremes(f, 1.0 if name == "largest" else -1.0, *pointers, *numbers)
        else:
            _WRITE[name](f, *pointers, *numbers)
    return module


def _nearest(f: Function, index: Value, i: Value, limit: Value) -> Value:
    """Index *i*, limited to what there is; 0 for nan."""
    value, last = f.load(F32, index, i), limit - 1
    top = f.to_float(last)
    value = f.select(value > 0.0, value, 0.0)
    return f.smaller(f.to_integer(f.select(value < top, value, top)), last)


def _gather(
    f: Function, table: Value, index: Value, out: Value, count: Value, width: Value, limit: Value
) -> None:
    with f.loop(0, count) as i:
        row = f.address(F32, table, _nearest(f, index, i, limit) * width)
        f.copy(f.address(F32, out, i * width), row, width * 4)


def _scatter_add(
    f: Function, grad: Value, index: Value, out: Value, count: Value, width: Value, limit: Value
) -> None:
    lanes = 8
    f.clear(out, limit * width * 4)
    whole = width - width % lanes
    with f.loop(0, count) as i:
        source = f.address(F32, grad, i * width)
        target = f.address(F32, out, _nearest(f, index, i, limit) * width)
        with f.loop(0, whole, lanes) as j:
            f.store(f.load(F32, target, j, lanes) + f.load(F32, source, j, lanes), target, j)
        with f.loop(whole, width) as j:
            f.store(f.load(F32, target, j) + f.load(F32, source, j), target, j)


def _one_hot(f: Function, index: Value, out: Value, count: Value, width: Value) -> None:
    f.clear(out, count * width * 4)
    limit = f.to_float(width)
    with f.loop(0, count) as i:
        value = f.load(F32, index, i)
        with f.when((value > -1.0) & (value < limit)):
            f.store(f.constant(F32, 1.0), out, i * width + f.to_integer(value))


def _pick(f: Function, data: Value, index: Value, out: Value, count: Value, width: Value) -> None:
    with f.loop(0, count) as i:
        f.store(f.load(F32, data, i * width + _nearest(f, index, i, width)), out, i)


def _place(
    f: Function, grad: Value, index: Value, out: Value, count: Value, each: Value, width: Value
) -> None:
    """Zeros, and in each row *each* numbers added where the indices say."""
    f.clear(out, count * width * 4)
    with f.loop(0, count) as i, f.loop(0, each) as j:
        k = i * each + j
        place = i * width + _nearest(f, index, k, width)
        f.store(f.load(F32, out, place) + f.load(F32, grad, k), out, place)


def _extremes(
    f: Function,
    sign: float,
    data: Value,
    values: Value,
    index: Value,
    odd: Value,
    count: Value,
    width: Value,
    each: Value,
) -> None:
    """The *each* largest (or smallest) of every row in falling (rising) order, and their places.

    The values found so far are kept in order; a number that is beyond the last of them moves up
    past those it exceeds. Of equal ones the first stays first. nan is counted in *odd*: what comes
    out then is not meant.
    """
    nans = f.variable(f.constant(I64, 0))
    with f.loop(0, count) as row:
        line = f.address(F32, data, row * width)
        best, places = (f.address(F32, one, row * each) for one in (values, index))
        have = f.variable(f.constant(I64, 0))
        bound = f.variable(f.constant(F32, 0.0))
        with f.loop(0, width) as j:
            value = f.load(F32, line, j)
            with f.when(value.ne(value)):
                nans.set(nans.get() + 1)
            more = have.get() < each
            with f.when(more | (value * sign > bound.get())):
                have.set(f.select(more, have.get() + 1, have.get()))
                _insert(f, best, places, have.get() - 1, value, f.to_float(j), sign)
                bound.set(f.load(F32, best, have.get() - 1) * sign)
    f.store(nans.get(), odd)


def _insert(
    f: Function, best: Value, places: Value, last: Value, value: Value, j: Value, sign: float
) -> None:
    """Put *value* into the ordered list whose place *last* is free, or to be given up."""
    at, moving = f.variable(last), f.variable(f.constant(I64, 1))
    with f.loop(0, last) as step:
        before = last - step - 1
        held = f.load(F32, best, before)
        with f.when(moving.get().eq(1)):
            beyond = value * sign > held * sign
            with f.when(beyond):
                f.store(held, best, before + 1)
                f.store(f.load(F32, places, before), places, before + 1)
                at.set(before)
            with f.when(~beyond):
                moving.set(f.constant(I64, 0))
    f.store(value, best, at.get())
    f.store(j, places, at.get())


_WRITE: dict[str, Callable[..., None]] = {
    "gather": _gather,
    "scatter_add": _scatter_add,
    "one_hot": _one_hot,
    "pick": _pick,
    "place": _place,
}
