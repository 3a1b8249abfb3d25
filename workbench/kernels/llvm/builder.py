"""Functions under construction, values with operators, loops as ``with`` blocks.

>>> module = Module("example")
>>> with module.function("scale", [POINTER, I64]) as (f, data, count):
...     with f.loop(0, count) as i:
...         x = f.load(F32, data, i)
...         f.store(x * 2.0, data, i)
>>> "fmul float" in module.text()
True

A Python number that meets a Value becomes a constant of the value's type, in each lane if that is
a vector. Arithmetic on integers is signed and wraps; comparisons of floats are false for NaN
(except :meth:`Value.ne`, as in IEEE 754).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import llvmlite.binding as binding
from llvmlite import ir

__all__ = [
    "F32",
    "F64",
    "I1",
    "I8",
    "I32",
    "I64",
    "POINTER",
    "Function",
    "Module",
    "Value",
    "vector",
]

Type = Any  # llvmlite has no type stubs

I1, I8, I32, I64 = (ir.IntType(bits) for bits in (1, 8, 32, 64))
F32, F64 = ir.FloatType(), ir.DoubleType()
POINTER = ir.PointerType()


def vector(element: Type, lanes: int) -> Type:
    """The type of *lanes* numbers side by side."""
    return ir.VectorType(element, lanes)


def element_of(kind: Type) -> Type:
    """The type of one lane; a scalar type is its own."""
    return kind.element if isinstance(kind, ir.VectorType) else kind


def size_of(kind: Type) -> int:
    """Bytes that a value of a number or vector type takes in memory."""
    lanes: int = kind.count if isinstance(kind, ir.VectorType) else 1
    element = element_of(kind)
    if element == F32:
        return 4 * lanes
    return 8 * lanes if element == F64 else (int(element.width) + 7) // 8 * lanes


def _like(element: Type, kind: Type) -> Type:
    """*element*, as often as *kind* has lanes."""
    return vector(element, kind.count) if isinstance(kind, ir.VectorType) else element


class Module:
    """A set of functions that is compiled together."""

    def __init__(self, name: str) -> None:
        self.ir = ir.Module(name)
        self.ir.triple = binding.get_process_triple()

    def text(self) -> str:
        """The LLVM assembly of all functions."""
        return str(self.ir)

    @contextmanager
    def function(self, name: str, arguments: Sequence[Type]) -> Iterator[tuple[Any, ...]]:
        """``with`` block that writes a function without result; gives it and its arguments."""
        function = Function(self, name, arguments)
        yield (function, *function.arguments)
        function.finish()

    def declared(self, name: str, result: Type, arguments: Sequence[Type]) -> Any:
        """An intrinsic or a function from outside, declared once."""
        if name in self.ir.globals:
            return self.ir.globals[name]
        return ir.Function(self.ir, ir.FunctionType(result, list(arguments)), name)


class Function:
    """A function under construction; values are appended where :attr:`at` stands."""

    def __init__(self, module: Module, name: str, arguments: Sequence[Type]) -> None:
        self.module = module
        self.ir = ir.Function(module.ir, ir.FunctionType(ir.VoidType(), list(arguments)), name)
        # variables live in a block of their own before all code, where LLVM looks for them
        self._entry = ir.IRBuilder(self.ir.append_basic_block("entry"))
        self._body = self.ir.append_basic_block("body")
        self.at = ir.IRBuilder(self._body)
        self.arguments = [Value(self, argument) for argument in self.ir.args]

    def finish(self) -> None:
        """End the function."""
        self.at.ret_void()
        self._entry.branch(self._body)

    # ---- values ---------------------------------------------------------------------------

    def constant(self, kind: Type, number: float) -> Value:
        """A number, in each lane of a vector type."""
        if isinstance(kind, ir.VectorType):
            return Value(self, ir.Constant(kind, [number] * kind.count))
        return Value(self, ir.Constant(kind, number))

    def splat(self, value: Value, lanes: int) -> Value:
        """A vector with *value* in each lane."""
        kind = vector(value.kind, lanes)
        empty = ir.Constant(kind, ir.Undefined)
        first = self.at.insert_element(empty, value.ir, ir.Constant(I32, 0))
        order = ir.Constant(vector(I32, lanes), [0] * lanes)
        return Value(self, self.at.shuffle_vector(first, empty, order))

    def select(self, condition: Value, chosen: Value | float, other: Value | float) -> Value:
        """*chosen* where the condition holds, else *other*, lane by lane."""
        kind = chosen.kind if isinstance(chosen, Value) else other.kind  # type: ignore[union-attr]
        raw = self.at.select(condition.ir, self.raw(chosen, kind), self.raw(other, kind))
        return Value(self, raw)

    def call(self, name: str, *arguments: Value) -> Value:
        """An LLVM intrinsic on floats, overloaded on its arguments: ``call("llvm.sqrt", x)``."""
        kind = arguments[0].kind
        lanes = f"v{kind.count}" if isinstance(kind, ir.VectorType) else ""
        suffix = f".{lanes}{'f32' if element_of(kind) == F32 else 'f64'}"
        callee = self.module.declared(name + suffix, kind, [a.kind for a in arguments])
        return Value(self, self.at.call(callee, [a.ir for a in arguments]))

    def fma(self, a: Value, b: Value | float, c: Value | float) -> Value:
        """``a * b + c``, rounded once where the processor can."""
        kind = a.kind
        return self.call(
            "llvm.fmuladd", a, Value(self, self.raw(b, kind)), Value(self, self.raw(c, kind))
        )

    def smaller(self, a: Value, b: Value | int) -> Value:
        """The smaller one of two integers."""
        return self.select(a < b, a, b)

    def larger(self, a: Value, b: Value | int) -> Value:
        """The larger one of two integers."""
        return self.select(a > b, a, b)

    def shuffle(self, a: Value, b: Value, order: Sequence[int]) -> Value:
        """The lanes of two vectors, numbered through, in this order."""
        lanes = ir.Constant(vector(I32, len(order)), list(order))
        return Value(self, self.at.shuffle_vector(a.ir, b.ir, lanes))

    def lane(self, value: Value, index: int) -> Value:
        """One lane of a vector."""
        return Value(self, self.at.extract_element(value.ir, ir.Constant(I32, index)))

    def across(self, value: Value, combine: Callable[[Value, Value], Value]) -> Value:
        """What *combine* makes of all lanes (a power of two), by halves, in each lane."""
        lanes = value.kind.count
        distance = lanes // 2
        while distance:
            other = self.shuffle(value, value, [i ^ distance for i in range(lanes)])
            value, distance = combine(value, other), distance // 2
        return value

    def total(self, value: Value) -> Value:
        """The sum of a vector's lanes, by halves."""
        kind = element_of(value.kind)
        name = f"llvm.vector.reduce.fadd.v{value.kind.count}f{8 * size_of(kind)}"
        callee = self.module.declared(name, kind, [kind, value.kind])
        start = ir.Constant(kind, -0.0)
        return Value(self, self.at.call(callee, [start, value.ir], fastmath=("reassoc",)))

    def to_float(self, value: Value, kind: Type = F32) -> Value:
        """An integer as the nearest float."""
        return Value(self, self.at.sitofp(value.ir, kind))

    def unsigned_to_float(self, value: Value) -> Value:
        """int32 taken as numbers from 0 to 2**32 - 1, as the nearest float32."""
        return Value(self, self.at.uitofp(value.ir, _like(F32, value.kind)))

    def widened(self, value: Value) -> Value:
        """float32 as float64."""
        return Value(self, self.at.fpext(value.ir, _like(F64, value.kind)))

    def rounded(self, value: Value) -> Value:
        """float64 as the nearest float32."""
        return Value(self, self.at.fptrunc(value.ir, _like(F32, value.kind)))

    def to_integer(self, value: Value) -> Value:
        """A float cut towards zero, as int64; it must be in range."""
        return Value(self, self.at.fptosi(value.ir, I64))

    def raw(self, value: Value | float, kind: Type) -> Any:
        """llvmlite's value for a Value, or for a number that is to have this type."""
        return value.ir if isinstance(value, Value) else self.constant(kind, value).ir

    # ---- memory ---------------------------------------------------------------------------

    def address(self, kind: Type, pointer: Value, index: Value | int = 0) -> Value:
        """Address of element *index* of an array of *kind*."""
        raw = self.at.gep(pointer.ir, [self.raw(index, I64)], source_etype=kind)
        return Value(self, raw)

    def load(
        self, kind: Type, pointer: Value, index: Value | int = 0, lanes: int | None = None
    ) -> Value:
        """Element *index* of an array of *kind*, or that many from there on as a vector."""
        place = self.address(kind, pointer, index)
        loaded = kind if lanes is None else vector(kind, lanes)
        align = 8 if isinstance(kind, ir.PointerType) else size_of(kind)
        return Value(self, self.at.load(place.ir, align=align, typ=loaded))

    def store(self, value: Value, pointer: Value, index: Value | int = 0) -> None:
        """Write a number, or the lanes of a vector, to element *index* and on."""
        element = element_of(value.kind)
        place = self.address(element, pointer, index)
        self.at.store(value.ir, place.ir, align=size_of(element))

    def load_index(self, pointer: Value, index: Value | int = 0) -> Value:
        """Element *index* of an array of int32, as int64."""
        return Value(self, self.at.sext(self.load(I32, pointer, index).ir, I64))

    def store_lanes(
        self, value: Value, pointer: Value, index: Value, low: Value, high: Value
    ) -> None:
        """Write lanes *low* to *high* - 1 of a vector that would begin at element *index*.

        *low* and *high* are int32; no byte outside these lanes is touched.
        """
        lanes = value.kind.count
        numbers = self._numbers(lanes)
        mask = (numbers >= self.splat(low, lanes)) & (numbers < self.splat(high, lanes))
        self.store_masked(value, pointer, index, mask)

    def first_lanes(self, count: Value, lanes: int) -> Value:
        """The mask of the first *count* (int64) of *lanes* lanes."""
        return self._numbers(lanes) < self.splat(count.narrowed(), lanes)

    def _numbers(self, lanes: int) -> Value:
        return Value(self, ir.Constant(vector(I32, lanes), list(range(lanes))))

    def load_masked(
        self, kind: Type, pointer: Value, index: Value, mask: Value, other: float
    ) -> Value:
        """A vector from element *index* on, *other* where the mask is not set.

        No byte outside the mask is touched.
        """
        lanes = mask.kind.count
        whole, place = vector(kind, lanes), self.address(kind, pointer, index)
        name = f"llvm.masked.load.v{lanes}f{8 * size_of(kind)}.p0"
        callee = self.module.declared(name, whole, [POINTER, I32, mask.kind, whole])
        align = ir.Constant(I32, size_of(kind))
        rest = self.constant(whole, other).ir
        return Value(self, self.at.call(callee, [place.ir, align, mask.ir, rest]))

    def store_masked(self, value: Value, pointer: Value, index: Value, mask: Value) -> None:
        """Write the lanes of the mask from element *index* on."""
        element = element_of(value.kind)
        place = self.address(element, pointer, index)
        name = f"llvm.masked.store.v{value.kind.count}f{8 * size_of(element)}.p0"
        kinds = [value.kind, POINTER, I32, mask.kind]
        callee = self.module.declared(name, ir.VoidType(), kinds)
        align = ir.Constant(I32, size_of(element))
        self.at.call(callee, [value.ir, place.ir, align, mask.ir])

    def copy(self, target: Value, source: Value, size: Value) -> None:
        """Copy *size* bytes."""
        name = "llvm.memcpy.p0.p0.i64"
        callee = self.module.declared(name, ir.VoidType(), [POINTER, POINTER, I64, I1])
        self.at.call(callee, [target.ir, source.ir, size.ir, ir.Constant(I1, 0)])

    def clear(self, target: Value, size: Value) -> None:
        """Set *size* bytes to 0."""
        callee = self.module.declared("llvm.memset.p0.i64", ir.VoidType(), [POINTER, I8, I64, I1])
        self.at.call(callee, [target.ir, ir.Constant(I8, 0), size.ir, ir.Constant(I1, 0)])

    def buffer(self, kind: Type, lanes: int) -> Value:
        """Memory on the stack for a vector, zeroed when the function starts."""
        whole = vector(kind, lanes)
        place = self._entry.alloca(whole)
        self._entry.store(ir.Constant(whole, None), place)
        return Value(self, place)

    def memory(self, kind: Type, count: int) -> Value:
        """Memory on the stack for *count* numbers; what is in it is not known."""
        place = self._entry.alloca(ir.ArrayType(kind, count))
        return self._pointer(place)

    def _pointer(self, place: Any) -> Value:
        """An address on the stack as one without a type."""
        slot = self._entry.alloca(POINTER)
        self._entry.store(place, slot)
        return Value(self, self._entry.load(slot, typ=POINTER))

    def variable(self, initial: Value | float, kind: Type = I64) -> Variable:
        """A variable; LLVM makes it a register."""
        kind = initial.kind if isinstance(initial, Value) else kind
        made = Variable(self, self._entry.alloca(kind), kind)
        made.set(initial)
        return made

    # ---- control --------------------------------------------------------------------------

    @contextmanager
    def loop(self, start: Value | int, stop: Value | int, step: Value | int = 1) -> Iterator[Value]:
        """``for i in range(start, stop, step)`` over int64; *step* is positive."""
        index = self.variable(start)
        head, body, end = (self.ir.append_basic_block(name) for name in ("head", "body", "end"))
        self.at.branch(head)
        self.at.position_at_end(head)
        self.at.cbranch((index.get() < stop).ir, body, end)
        self.at.position_at_end(body)
        current = index.get()
        yield current
        index.set(current + step)
        self.at.branch(head)
        self.at.position_at_end(end)

    @contextmanager
    def repeat(self, condition: Callable[[], Value]) -> Iterator[None]:
        """The block runs again and again while the condition, computed anew, holds."""
        head, body, end = (self.ir.append_basic_block(name) for name in ("head", "body", "end"))
        self.at.branch(head)
        self.at.position_at_end(head)
        self.at.cbranch(condition().ir, body, end)
        self.at.position_at_end(body)
        yield
        self.at.branch(head)
        self.at.position_at_end(end)

    @contextmanager
    def when(self, condition: Value) -> Iterator[None]:
        """The block runs if the condition holds."""
        with self.at.if_then(condition.ir):
            yield


class Variable:
    """A place for a value that changes."""

    def __init__(self, function: Function, place: Any, kind: Type) -> None:
        self._function, self._place, self._kind = function, place, kind

    def get(self) -> Value:
        """The present value."""
        return Value(self._function, self._function.at.load(self._place, typ=self._kind))

    def set(self, value: Value | float) -> None:
        """Replace the value."""
        self._function.at.store(self._function.raw(value, self._kind), self._place)


class Value:
    """A number or a vector of numbers that the function computes."""

    __slots__ = ("function", "ir")

    def __init__(self, function: Function, raw: Any) -> None:
        self.function, self.ir = function, raw

    @property
    def kind(self) -> Type:
        """The LLVM type."""
        return self.ir.type

    @property
    def is_float(self) -> bool:
        """Whether these are floating-point numbers."""
        return element_of(self.kind) in (F32, F64)

    def _apply(
        self, other: Value | float, integer: str, floating: str, swap: bool = False
    ) -> Value:
        raw = self.function.raw(other, self.kind)
        left, right = (raw, self.ir) if swap else (self.ir, raw)
        method = getattr(self.function.at, floating if self.is_float else integer)
        return Value(self.function, method(left, right))

    def __add__(self, other: Value | float) -> Value:
        return self._apply(other, "add", "fadd")

    def __sub__(self, other: Value | float) -> Value:
        return self._apply(other, "sub", "fsub")

    def __rsub__(self, other: float) -> Value:
        return self._apply(other, "sub", "fsub", swap=True)

    def __mul__(self, other: Value | float) -> Value:
        return self._apply(other, "mul", "fmul")

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Value | float) -> Value:
        return self._apply(other, "sdiv", "fdiv")

    def __rtruediv__(self, other: float) -> Value:
        return self._apply(other, "sdiv", "fdiv", swap=True)

    def __floordiv__(self, other: Value | int) -> Value:
        return self._apply(other, "sdiv", "fdiv")

    def __mod__(self, other: Value | int) -> Value:
        return self._apply(other, "srem", "frem")

    def __neg__(self) -> Value:
        at = self.function.at
        return Value(self.function, at.fneg(self.ir) if self.is_float else at.neg(self.ir))

    def __and__(self, other: Value | int) -> Value:
        return self._apply(other, "and_", "")

    def __or__(self, other: Value | int) -> Value:
        return self._apply(other, "or_", "")

    def __xor__(self, other: Value | int) -> Value:
        return self._apply(other, "xor", "")

    def __invert__(self) -> Value:
        return Value(self.function, self.function.at.not_(self.ir))

    def __lshift__(self, other: Value | int) -> Value:
        return self._apply(other, "shl", "")

    def shifted(self, bits: int) -> Value:
        """Shift right; zeros come in."""
        return self._apply(bits, "lshr", "")

    def __rshift__(self, other: Value | int) -> Value:
        """Shift right; the sign is kept."""
        return self._apply(other, "ashr", "")

    def _compare(self, sign: str, other: Value | float) -> Value:
        raw, at = self.function.raw(other, self.kind), self.function.at
        if self.is_float:
            compare = at.fcmp_unordered if sign == "!=" else at.fcmp_ordered
            return Value(self.function, compare(sign, self.ir, raw))
        return Value(self.function, at.icmp_signed(sign, self.ir, raw))

    def __lt__(self, other: Value | float) -> Value:
        return self._compare("<", other)

    def __le__(self, other: Value | float) -> Value:
        return self._compare("<=", other)

    def __gt__(self, other: Value | float) -> Value:
        return self._compare(">", other)

    def __ge__(self, other: Value | float) -> Value:
        return self._compare(">=", other)

    def eq(self, other: Value | float) -> Value:
        """Whether they are equal."""
        return self._compare("==", other)

    def ne(self, other: Value | float) -> Value:
        """Whether they differ; NaN differs from itself."""
        return self._compare("!=", other)

    def bits(self) -> Value:
        """The bit pattern of floats as integers."""
        return self.cast_bits(I32 if element_of(self.kind) == F32 else I64)

    def as_float(self) -> Value:
        """Integers as the floats that have these bit patterns."""
        return self.cast_bits(F32 if element_of(self.kind) == I32 else F64)

    def narrowed(self) -> Value:
        """An int64 as int32, without a check."""
        return Value(self.function, self.function.at.trunc(self.ir, I32))

    def cast_bits(self, element: Type) -> Value:
        """The same bits as another type of lane."""
        same = isinstance(self.kind, ir.VectorType)
        target = vector(element, self.kind.count) if same else element
        return Value(self.function, self.function.at.bitcast(self.ir, target))
