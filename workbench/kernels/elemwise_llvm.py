"""An expression as a compiled loop over contiguous arrays.

The loop runs over blocks of lanes; the ragged rest goes through small buffers on the stack, so
that no byte outside the arrays is touched and every element gets the same arithmetic. A kernel
takes the address of a block of int64:

    rows, columns, numbers, then for each output and each input: address, step to the next row

Steps are in elements. An input is ``full`` (one value for each element of a row) or ``one`` (one
value for a row; step 0: one for all). A row vector is ``full`` with step 0. The numbers are the
expression's constants, then its scalars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .layout import FULL, ONE
from .llvm import cpu, jit, vecmath
from .llvm.builder import F32, F64, I64, POINTER, Function, Module, Value, size_of, vector
from .trace import Expr, listing, reachable

__all__ = ["compile_expression", "constants_of", "module_of", "supported"]


HEADER = 3
#: constants that are part of the code; all others are handed over at the call, so that
#: expressions that differ in a learning rate or a slope share their code
_LITERALS = frozenset({0.0, 1.0, -1.0, 2.0, 0.5})


def _call(intrinsic: str) -> Callable[[Value], Value]:
    return lambda x: x.function.call(intrinsic, x)


def _infinite(x: Value) -> Value:
    return x.function.call("llvm.fabs", x).eq(float("inf"))


_EMIT: dict[str, Callable[..., Value]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda x: -x,
    "absolute": _call("llvm.fabs"),
    "sqrt": _call("llvm.sqrt"),
    "square": lambda x: x * x,
    "reciprocal": lambda x: 1.0 / x,
    "floor": _call("llvm.floor"),
    "ceil": _call("llvm.ceil"),
    "trunc": _call("llvm.trunc"),
    "rint": _call("llvm.rint"),
    "copysign": lambda a, b: a.function.call("llvm.copysign", a, b),
    "sign": vecmath.sign,
    "exp": vecmath.exp,
    "exp2": vecmath.exp2,
    "expm1": vecmath.expm1,
    "log": vecmath.log,
    "log1p": vecmath.log1p,
    "tanh": vecmath.tanh,
    "maximum": vecmath.maximum,
    "minimum": vecmath.minimum,
    "fmax": lambda a, b: a.function.select((a >= b) | b.ne(b), a, b),
    "fmin": lambda a, b: a.function.select((a <= b) | b.ne(b), a, b),
    "equal": lambda a, b: a.eq(b),
    "not_equal": lambda a, b: a.ne(b),
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "isnan": lambda x: x.ne(x),
    "isinf": _infinite,
    "isfinite": lambda x: x.function.call("llvm.fabs", x) < float("inf"),
    "logical_not": lambda x: ~x,
    "logical_and": lambda a, b: a & b,
    "logical_or": lambda a, b: a | b,
    "logical_xor": lambda a, b: a ^ b,
    "where": lambda condition, a, b: a.function.select(condition, a, b),
}
_LEAVES = frozenset({"input", "const", "scalar", "real"})


def supported(outputs: Sequence[Expr]) -> bool:
    """Whether the generator knows every function of the expression."""
    return all(node.op in _EMIT or node.op in _LEAVES for node in reachable(outputs))


def constants_of(outputs: Sequence[Expr]) -> list[float]:
    """The constants that a call hands over, in order."""
    return [
        node.value
        for node in reachable(outputs)
        if node.op == "const" and node.value not in _LITERALS
    ]


def compile_expression(
    outputs: Sequence[Expr], kinds: str, lanes: int | None = None
) -> Callable[[int], None]:
    """The kernel for inputs of these kinds, one letter each; from the disk cache if there."""
    lanes = lanes or cpu.host().lanes
    key = f"elemwise {outputs[0].xp.dtype} {lanes} {kinds}\n{_shape_of(outputs)}"
    return jit.compiled(key, ["kernel"], lambda: module_of(outputs, kinds, lanes))[0]


def _shape_of(outputs: Sequence[Expr]) -> str:
    """The listing, with constants that are handed over left open."""
    lines = listing(outputs).splitlines()
    for i, line in enumerate(lines):
        words = line.split()
        if words[1] == "const" and float(words[2]) not in _LITERALS:
            lines[i] = f"{words[0]} const ?"
    return "\n".join(lines)


def module_of(outputs: Sequence[Expr], kinds: str, lanes: int | None = None) -> Module:
    """The kernel as LLVM code."""
    double = outputs[0].xp.dtype.itemsize == 8
    lanes = lanes or cpu.host().lanes
    module = Module("elemwise")
    with module.function("kernel", [POINTER]) as (f, block):
        # twice the lanes of a register: two chains of arithmetic run side by side
        _Kernel(f, outputs, kinds, F64 if double else F32, lanes if double else 2 * lanes).write(
            block
        )
    return module


class _Kernel:
    """Writes the function for one expression."""

    def __init__(
        self, f: Function, outputs: Sequence[Expr], kinds: str, kind: Any, lanes: int
    ) -> None:
        self.f, self.outputs, self.kinds, self.kind, self.lanes = f, outputs, kinds, kind, lanes
        self.nodes = reachable(outputs)
        self.size = size_of(kind)

    def write(self, block: Value) -> None:
        f = self.f
        rows, columns = f.load(I64, block, 0), f.load(I64, block, 1)
        constants = self._numbers(f.load(POINTER, block, 2))
        arrays = len(self.outputs) + len(self.kinds)
        pointers = [f.load(POINTER, block, HEADER + 2 * i) for i in range(arrays)]
        steps = [f.load(I64, block, HEADER + 2 * i + 1) for i in range(arrays)]
        buffers = [f.buffer(self.kind, self.lanes) for _ in range(arrays)]
        with f.loop(0, rows) as row:
            at = [
                f.address(self.kind, pointer, row * step)
                for pointer, step in zip(pointers, steps, strict=True)
            ]
            self._row(at, columns, buffers, constants)

    def _row(
        self, at: list[Value], columns: Value, buffers: list[Value], constants: dict[int, Value]
    ) -> None:
        """Whole blocks in place, then the rest by way of the buffers, by one and the same loop."""
        f, n_out = self.f, len(self.outputs)
        full = [i for i, kind in enumerate("f" * n_out + self.kinds) if kind == FULL]
        ones = {
            i: f.splat(f.load(self.kind, at[n_out + i]), self.lanes)
            for i, kind in enumerate(self.kinds)
            if kind == ONE
        }
        rest = columns % self.lanes
        whole = columns - rest
        pointers = {i: f.variable(at[i]) for i in full}
        stop = f.variable(whole)
        with f.loop(0, 2) as turn:
            last = turn.eq(1)
            with f.when(last):
                for i in full:
                    tail = f.address(self.kind, at[i], whole)
                    if i >= n_out:
                        f.copy(buffers[i], tail, rest * self.size)
                    pointers[i].set(buffers[i])
                stop.set(rest)
            base = {i: pointers[i].get() for i in full}
            with f.loop(0, stop.get(), self.lanes) as index:
                self._body(base, index, ones, constants)
            with f.when(last):
                for i in range(n_out):
                    f.copy(f.address(self.kind, at[i], whole), buffers[i], rest * self.size)

    def _body(
        self,
        base: dict[int, Value],
        index: Value,
        ones: dict[int, Value],
        constants: dict[int, Value],
    ) -> None:
        f, n_out = self.f, len(self.outputs)
        values: dict[int, Value] = {}
        for node in self.nodes:
            if node.op == "input":
                i = node.value
                values[node.index] = (
                    ones[i] if i in ones else f.load(self.kind, base[n_out + i], index, self.lanes)
                )
            elif node.index in constants:
                values[node.index] = constants[node.index]
            else:
                values[node.index] = self._computed(node, [values[a.index] for a in node.args])
        for i, output in enumerate(self.outputs):
            f.store(values[output.index], base[i], index)

    def _computed(self, node: Expr, args: list[Value]) -> Value:
        if node.op == "real":
            return self.f.select(args[0], self._literal(1.0), self._literal(0.0))
        if node.op in ("maximum", "minimum") and _number(node.args[1]):
            # against a number no test for its being NaN is needed
            a, b = args
            return self.f.select(b > a if node.op == "maximum" else b < a, b, a)
        return _EMIT[node.op](*args)

    def _numbers(self, pointer: Value) -> dict[int, Value]:
        handed = [n for n in self.nodes if n.op == "const" and n.value not in _LITERALS]
        found = {node.index: self._handed(pointer, i) for i, node in enumerate(handed)}
        for node in self.nodes:
            if node.op == "scalar":
                found[node.index] = self._handed(pointer, len(handed) + node.value)
            elif node.op == "const" and node.index not in found:
                found[node.index] = self._literal(node.value)
        return found

    def _handed(self, pointer: Value, place: int) -> Value:
        return self.f.splat(self.f.load(self.kind, pointer, place), self.lanes)

    def _literal(self, number: float) -> Value:
        return self.f.constant(vector(self.kind, self.lanes), number)


def _number(node: Expr) -> bool:
    return node.op == "const" and node.value == node.value
