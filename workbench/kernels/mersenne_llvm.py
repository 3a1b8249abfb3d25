"""MT19937 generators side by side, as machine code: uniform and normal numbers, Dropout's mask.

The generators are the rows of :class:`workbench.backend.mersenne.Bank`: a key of 624 words each,
two blocks of finished words, and the column of the next one. Kernels draw from row after row, a
chunk from each. The block of arguments: addresses as :data:`ARRAYS` names them, then the number
of rows, the chunk, and what the last row gives; for the mask the limit below which a word means
to keep (minus 2**31) and what then multiplies, as bits of float32.
"""

from __future__ import annotations

from collections.abc import Callable

from .llvm import cpu, jit, vecmath
from .llvm.builder import F32, I32, I64, POINTER, Function, Module, Value, Variable

__all__ = ["compile_draw", "module_of"]

ARRAYS = {
    "uniform": "key words next out",
    "normal": "key words next squares out",
    "keep": "key words next data mask out",
}
BLOCK, SHIFT = 624, 397
_SIGN = -(1 << 31)


def compile_draw(name: str) -> Callable[[int], None]:
    """One of :data:`ARRAYS`."""
    lanes = cpu.host().lanes
    return jit.compiled(f"mersenne {name} {lanes}", [name], lambda: module_of(name, lanes))[0]


def module_of(name: str, lanes: int) -> Module:
    """The kernel as LLVM code."""
    module, count = Module("mersenne"), len(ARRAYS[name].split())
    with module.function(name, [POINTER]) as (f, block):
        key, words, following, *arrays = (f.load(POINTER, block, i) for i in range(count))
        rows, chunk, last = (f.load(I64, block, count + i) for i in range(3))
        draw = {"uniform": _Uniform, "normal": _Normal, "keep": _Keep}[name](
            f, lanes, arrays, block, count + 3
        )
        with f.loop(0, rows) as row:
            generator = _Generator(f, lanes, key, words, following, row)
            draw.row(generator, row * chunk, f.select(row.eq(rows - 1), last, chunk))
        draw.finish((rows - 1) * chunk + last)
    return module


class _Generator:
    """One row: hands out its finished words, and makes more."""

    def __init__(
        self, f: Function, lanes: int, key: Value, words: Value, following: Value, row: Value
    ) -> None:
        self.f, self.lanes = f, lanes
        self.key = f.address(I32, key, row * BLOCK)
        self.words = f.address(I32, words, row * (2 * BLOCK))
        self._place = f.address(I64, following, row)
        self.next = f.variable(f.load(I64, self._place))

    def left(self) -> Value:
        """How many words are finished."""
        return self.next.get() * -1 + 2 * BLOCK

    def use(self, count: Value) -> None:
        """Go on by *count* words."""
        self.next.set(self.next.get() + count)

    def keep(self) -> None:
        """Note how far it is."""
        self.f.store(self.next.get(), self._place)

    def refill(self) -> None:
        """The second block becomes the first, and a new one is made (Matsumoto, Nishimura)."""
        f = self.f
        half = f.constant(I64, 4 * BLOCK)
        f.copy(self.words, f.address(I32, self.words, BLOCK), half)
        self._twist(0, BLOCK - SHIFT, SHIFT)
        self._twist(BLOCK - SHIFT, BLOCK - 1, SHIFT - BLOCK)
        self._mix(f.constant(I64, BLOCK - 1), f.constant(I64, 0), SHIFT - BLOCK, None)
        with f.loop(0, BLOCK, 8) as i:
            f.store(_tempered(f.load(I32, self.key, i, 8)), self.words, i + BLOCK)
        self.next.set(self.next.get() - BLOCK)

    def _twist(self, first: int, last: int, distance: int) -> None:
        whole = last - (last - first) % 8
        with self.f.loop(first, whole, 8) as i:
            self._mix(i, i + 1, distance, 8)
        with self.f.loop(whole, last) as i:
            self._mix(i, i + 1, distance, None)

    def _mix(self, i: Value, after: Value, distance: int, lanes: int | None) -> None:
        """Word *i* from the upper bit of itself, the lower bits of the one after, and another."""
        f, key = self.f, self.key
        one, other = f.load(I32, key, i, lanes), f.load(I32, key, after, lanes)
        mixed = (one & _SIGN) | (other & 0x7FFFFFFF)
        odd = -(other & 1) & _signed(0x9908B0DF)
        f.store(f.load(I32, key, i + distance, lanes) ^ mixed.shifted(1) ^ odd, key, i)


def _signed(word: int) -> int:
    return word - (1 << 32) if word >= 1 << 31 else word


def _tempered(word: Value) -> Value:
    word = word ^ word.shifted(11)
    word = word ^ ((word << 7) & _signed(0x9D2C5680))
    word = word ^ ((word << 15) & _signed(0xEFC60000))
    return word ^ word.shifted(18)


def _unit(f: Function, word: Value) -> Value:
    """A word as float32 in [0, 1)."""
    number = f.unsigned_to_float(word) * 2.0**-32
    most = 1 - 2.0**-24
    return f.select(number < most, number, most)


class _Draw:
    """Values that take one word each."""

    def __init__(
        self, f: Function, lanes: int, arrays: list[Value], block: Value, first: int
    ) -> None:
        self.f, self.lanes, self.arrays, self.block, self.first = f, lanes, arrays, block, first
        self.start()

    def start(self) -> None:
        """Read what the block holds beside the sizes."""

    def row(self, generator: _Generator, place: Value, count: Value) -> None:
        """*count* values from a generator, to *place* and on."""
        f, lanes = self.f, self.lanes
        done = f.variable(f.constant(I64, 0))
        with f.repeat(lambda: done.get() < count):
            with f.when(generator.left() < 1):
                generator.refill()
            some = f.smaller(generator.left(), count - done.get())
            source = f.address(I32, generator.words, generator.next.get())
            begin = place + done.get()
            whole = some - some % lanes
            with f.loop(0, whole, lanes) as i:
                self.write(f.load(I32, source, i, lanes), begin + i)
            with f.loop(whole, some) as i:
                self.write(f.load(I32, source, i), begin + i)
            generator.use(some)
            done.set(done.get() + some)
        generator.keep()

    def write(self, word: Value, place: Value) -> None:
        """What becomes of a word, or of some."""
        raise NotImplementedError

    def finish(self, total: Value) -> None:
        """What is left to do when all rows have been read."""


class _Uniform(_Draw):
    def write(self, word: Value, place: Value) -> None:
        self.f.store(_unit(self.f, word), self.arrays[0], place)


class _Keep(_Draw):
    def start(self) -> None:
        f = self.f
        self.limit = f.load(I64, self.block, self.first).narrowed()
        self.factor = f.load(F32, self.block, 2 * (self.first + 1))

    def write(self, word: Value, place: Value) -> None:
        f = self.f
        data, mask, out = self.arrays
        vectors = word.kind != I32
        limit, factor = (
            f.splat(one, self.lanes) if vectors else one for one in (self.limit, self.factor)
        )
        scale = f.select((word ^ _SIGN) < limit, factor, 0.0)
        f.store(scale, mask, place)
        f.store(f.load(F32, data, place, self.lanes if vectors else None) * scale, out, place)


class _Normal(_Draw):
    """Marsaglia's polar method: y of the pairs inside the circle, and the radius squared."""

    def start(self) -> None:
        self.buffer = self.f.memory(F32, 2 * BLOCK)

    def row(self, generator: _Generator, place: Value, count: Value) -> None:
        f = self.f
        squares, out = (f.address(F32, one, place) for one in self.arrays)
        have = f.variable(f.constant(I64, 0))
        with f.repeat(lambda: have.get() < count):
            with f.when(generator.left() < 2):
                generator.refill()
            # about as many as are needed; more than a few too many would be made in vain
            want = (count - have.get()) * 4 // 3 + 4
            pairs = f.smaller(generator.left() // 2, want)
            self._unpack(generator, pairs * 2)
            read = f.variable(f.constant(I64, 0))

            def more(pairs: Value = pairs, read: Variable = read) -> Value:
                return (read.get() < pairs) & (have.get() < count)

            with f.repeat(more):
                at = read.get() * 2
                x, y = (f.load(F32, self.buffer, at + i) for i in range(2))
                square = x * x + y * y
                f.store(square, squares, have.get())
                f.store(y, out, have.get())
                inside = (square <= 1.0) & square.ne(0.0)
                have.set(f.select(inside, have.get() + 1, have.get()))
                read.set(read.get() + 1)
            generator.use(read.get() * 2)
        generator.keep()

    def _unpack(self, generator: _Generator, count: Value) -> None:
        f, lanes = self.f, self.lanes
        source = f.address(I32, generator.words, generator.next.get())
        whole = count - count % lanes
        with f.loop(0, whole, lanes) as i:
            f.store(_unit(f, f.load(I32, source, i, lanes)) * 2.0 - 1.0, self.buffer, i)
        with f.loop(whole, count) as i:
            f.store(_unit(f, f.load(I32, source, i)) * 2.0 - 1.0, self.buffer, i)

    def finish(self, total: Value) -> None:
        f, lanes = self.f, self.lanes // 2
        whole = total - total % lanes
        with f.loop(0, whole, lanes) as i:
            self._polar(i, f.load(F32, self.arrays[0], i, lanes), lanes, None)
        rest = total % lanes
        with f.when(rest > 0):
            mask = f.first_lanes(rest, lanes)
            self._polar(whole, f.load_masked(F32, self.arrays[0], whole, mask, 0.5), lanes, mask)

    def _polar(self, i: Value, square: Value, lanes: int, mask: Value | None) -> None:
        """The logarithm in double, as in MXNet."""
        f, out = self.f, self.arrays[1]
        log = f.rounded(vecmath.log(f.widened(square)))
        root = f.call("llvm.sqrt", log * -2.0 / square)
        if mask is None:
            f.store(f.load(F32, out, i, lanes) * root, out, i)
        else:
            f.store_masked(f.load_masked(F32, out, i, mask, 0.0) * root, out, i, mask)
