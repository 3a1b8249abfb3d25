"""Fused element-wise kernels: a whole expression in one pass over memory.

>>> xp = Recorder("float32")
>>> a, b = xp.inputs(2)
>>> kernel = fused(xp.tanh(a * b + 1))
>>> kernel(np.zeros(2, "float32"), np.zeros((2, 1), "float32"))
array([[0.7615942, 0.7615942],
       [0.7615942, 0.7615942]], dtype=float32)

Large contiguous arrays go to machine code (:mod:`.elemwise_llvm`) where llvmlite is installed;
everything else, and every expression with a function that the generator does not know, goes to
NumPy (:mod:`.elemwise_numpy`). The results agree within the dtype's rounding.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..error import DTypeError, ShapeError, message
from . import llvm
from .elemwise_numpy import Program
from .layout import Layout, layout_of
from .trace import Expr, NotTraceable, Recorder, reachable

__all__ = ["Fused", "Recorder", "fused", "traced"]

Array = npt.NDArray[Any]
#: smaller results are not worth compiling for: NumPy's calls cost less than a first compilation
SMALLEST = 2048
_WAYS_KEPT = 256
#: functions that generated code computes faster than NumPy even by themselves
_SLOW = frozenset({"exp", "expm1", "log", "log1p", "tanh"})
#: elements up to which a direct call keeps the interpreter's lock: some 50 µs
HELD = 1 << 18


def fused(outputs: Expr | Sequence[Expr]) -> Fused:
    """The kernel that computes an expression, or several over the same inputs.

    Raises NotTraceable when an output is a truth value or there is no input.
    """
    single = isinstance(outputs, Expr)
    return Fused([outputs] if single else list(outputs), single)  # type: ignore[list-item]


def traced(body: Callable[..., Any], inputs: int, dtype: Any) -> Fused | None:
    """The kernel that computes what *body* does, or None when that cannot be traced.

    *body* is called as ``body(xp, number, *arrays)``; ``number(value, dtype)`` makes the constant
    that a scalar operator's body takes.
    """
    try:
        xp = Recorder(dtype)
        return fused(body(xp, lambda value, dtype: xp.lift(value), *xp.inputs(inputs)))
    except NotTraceable:
        return None


class _Way(NamedTuple):
    """How arrays of certain shapes are computed: on NumPy where there is no layout."""

    shape: tuple[int, ...]
    layout: Layout | None


class Fused:
    """``kernel(*arrays, out=None)``: the value of an expression.

    Arrays have the recorder's dtype and broadcast as in NumPy. The result is a new C-contiguous
    array, a tuple of them if the expression has several outputs, or *out*, which may be one of
    the arrays. *scalars* are the values of the recorder's scalars, in order. May be called from
    several threads.
    """

    def __init__(self, outputs: list[Expr], single: bool) -> None:
        self.outputs, self._single = outputs, single
        self.dtype, self.input_count = outputs[0].xp.dtype, outputs[0].xp.input_count
        if not self.input_count or any(output.truth for output in outputs):
            raise NotTraceable(
                message(
                    "a fused kernel needs inputs, and outputs that are real numbers",
                    fix="Convert truth values with xp.real(...).",
                )
            )
        self._scalar_count = outputs[0].xp.scalar_count
        self._program = Program(outputs)
        self._ways: dict[tuple[tuple[int, ...], ...], _Way] = {}
        self._native: bool | None = None  # whether to generate code; not yet known
        self._kernels: dict[str, Callable[[int], None]] = {}
        self._constants: list[float] | None = None
        self._numbers: Array | None = None

    def __repr__(self) -> str:
        return f"<Fused {', '.join(map(repr, self.outputs))} of {self.dtype}>"

    @property
    def is_costly(self) -> bool:
        """Whether it is more than one cheap function: NumPy would go over memory several times."""
        nodes = reachable(self.outputs)
        computed = [node for node in nodes if node.args and node.op != "real"]
        return len(computed) > 1 or any(node.op in _SLOW for node in computed)

    def __call__(
        self,
        *arrays: Array,
        out: Array | Sequence[Array] | None = None,
        scalars: Sequence[float] = (),
    ) -> Any:
        """Compute; *out* is an array, or a sequence of them for several outputs."""
        way = self._way(arrays)
        if len(scalars) != self._scalar_count:
            raise TypeError(f"{self!r} takes {self._scalar_count} scalars, got {len(scalars)}")
        if out is None:
            outs = [np.empty(way.shape, self.dtype) for _ in self.outputs]
            self._run(way, arrays, outs, scalars)
        else:
            outs = self._given(out, way.shape)
            if _apart(arrays, outs):
                self._run(way, arrays, outs, scalars)
            else:
                fresh = [np.empty(way.shape, self.dtype) for _ in self.outputs]
                self._run(way, arrays, fresh, scalars)
                for target, value in zip(outs, fresh, strict=True):
                    target[...] = value
        return outs[0] if self._single else tuple(outs)

    def bind(
        self,
        arrays: Sequence[Array],
        out: Array | Sequence[Array],
        scalars: Sequence[float] = (),
    ) -> Callable[[], None]:
        """A call without arguments that computes these arrays into *out*, as often as wanted.

        It holds the arrays and, for machine code, their addresses: all checks are done here, so
        the arrays must not be resized. Not for several threads at once.
        """
        way = self._way(arrays)
        outs = self._given(out, way.shape)
        if not _apart(arrays, outs):
            return lambda: self(*arrays, out=outs, scalars=scalars)
        if way.layout is None or not _contiguous(arrays):
            return self._on_numpy(arrays, outs, scalars)
        block = self._block(way.layout, arrays, outs, scalars)
        return _Bound(self._kernel(way.layout.kinds), block, (*arrays, *outs)).run

    def direct(self, shapes: Sequence[tuple[int, ...]]) -> Callable[..., Any] | None:
        """A cheap call for arrays of these shapes, of an expression with one output.

        ``call(*arrays, out)`` as :func:`.llvm.direct.direct` gives it, with an *out* that shares
        no memory with the arrays. None where there is no machine code for it.
        """
        shape = np.broadcast_shapes(*shapes)
        if not self._single or self._scalar_count or not self._can_be_native():
            return None
        layout = layout_of(shapes, shape)
        if layout is None or not math.prod(shape):
            return None
        from .llvm.direct import MOST_ARRAYS, direct

        if self.input_count >= MOST_ARRAYS:
            return None
        if self._numbers is None:  # of which the calls know only the address
            self._numbers = np.array([*_generator().constants_of(self.outputs), 0.0], self.dtype)
        words = [layout.rows, layout.columns, address_of(self._numbers), 0, layout.columns]
        for step in layout.steps:
            words += (0, step)
        inputs = range(self.input_count)
        places = [*[5 + 2 * i for i in inputs], 3]
        dtypes = [self.dtype] * len(places)
        release = math.prod(shape) > HELD
        code = self._kernel(layout.kinds)
        return direct(code, dtypes, words, places, keep=self._numbers, release=release)

    def numbers(self, scalars: Sequence[float] = ()) -> Array:
        """What :meth:`direct_in_place` takes as its first array."""
        return np.array([*_generator().constants_of(self.outputs), *scalars, 0.0], self.dtype)

    def direct_in_place(self, size: int, states: int) -> Callable[..., Any]:
        """A cheap call for *size* elements whose outputs are among the inputs.

        ``call(numbers, *outputs, *inputs)``: the first output and *states* further ones, then all
        inputs, of which each output is one. It returns the last input.
        """
        from .llvm.direct import direct

        count = 1 + states + self.input_count
        words, places = [1, size, 0], [2]
        for i in range(count):
            words += (0, 0)
            places.append(3 + 2 * i)
        return direct(
            self._kernel("f" * self.input_count), [self.dtype] * (1 + count), words, places
        )

    def source(self, kinds: str | None = None) -> str:
        """LLVM assembly of the kernel; by default for inputs that all have the full shape."""
        return str(_generator().module_of(self.outputs, kinds or "f" * self.input_count).text())

    # ---- checks ---------------------------------------------------------------------------

    def _way(self, arrays: Sequence[Array]) -> _Way:
        shapes = tuple([array.shape for array in arrays])
        way = self._ways.get(shapes)
        if way is None:
            if len(self._ways) >= _WAYS_KEPT:
                self._ways.clear()
            way = self._ways[shapes] = self._find_way(shapes)
        for array in arrays:
            if array.dtype != self.dtype:
                raise DTypeError(
                    message(
                        f"fused kernel of {self.dtype} got an array of {array.dtype}",
                        fix="Cast it first.",
                    )
                )
        return way

    def _find_way(self, shapes: tuple[tuple[int, ...], ...]) -> _Way:
        if len(shapes) != self.input_count:
            raise TypeError(f"{self!r} takes {self.input_count} arrays, got {len(shapes)}")
        try:
            shape = np.broadcast_shapes(*shapes)
        except ValueError:
            raise ShapeError(
                message(
                    "fused kernel: shapes do not broadcast",
                    where=[", ".join(map(str, shapes))],
                    fix="Reshape one of them.",
                )
            ) from None
        if math.prod(shape) < SMALLEST:
            return _Way(shape, None)
        return _Way(shape, layout_of(shapes, shape) if self._can_be_native() else None)

    def _can_be_native(self) -> bool:
        if self._native is None:
            self._native = llvm.available() and _generator().supported(self.outputs)
        return self._native

    def _given(self, out: Array | Sequence[Array], shape: tuple[int, ...]) -> list[Array]:
        outs = [out] if isinstance(out, np.ndarray) else list(out)
        wrong = [o for o in outs if o.shape != shape or o.dtype != self.dtype]
        if wrong or len(outs) != len(self.outputs):
            raise ShapeError(
                message(
                    f"fused kernel: out= takes {len(self.outputs)} arrays {shape} {self.dtype}",
                    where=[", ".join(f"{o.shape} {o.dtype}" for o in outs)],
                    fix="Leave out= away, or give it arrays of this shape and dtype.",
                )
            )
        return outs

    # ---- running --------------------------------------------------------------------------

    def _run(
        self, way: _Way, arrays: Sequence[Array], outs: Sequence[Array], scalars: Sequence[float]
    ) -> None:
        """Compute into contiguous outputs, each apart from every input or the very same array."""
        if way.layout is None or not _contiguous(arrays):
            self._on_numpy(arrays, outs, scalars)()
        else:
            block = self._block(way.layout, arrays, outs, scalars)
            self._kernel(way.layout.kinds)(ctypes.addressof(block.words))

    def _on_numpy(
        self, arrays: Sequence[Array], outs: Sequence[Array], scalars: Sequence[float]
    ) -> Callable[[], None]:
        if not any(np.may_share_memory(a, o) for a in arrays for o in outs):
            return self._program.bind(arrays, outs, scalars)
        fresh = [np.empty(o.shape, self.dtype) for o in outs]  # inputs are read to the last step
        compute = self._program.bind(arrays, fresh, scalars)

        def run() -> None:
            compute()
            for target, value in zip(outs, fresh, strict=True):
                np.copyto(target, value)

        return run

    def _kernel(self, kinds: str) -> Callable[[int], None]:
        found = self._kernels.get(kinds)
        if found is None:
            found = self._kernels[kinds] = _generator().compile_expression(self.outputs, kinds)
        return found

    def _block(
        self,
        layout: Layout,
        arrays: Sequence[Array],
        outs: Sequence[Array],
        scalars: Sequence[float],
    ) -> _Block:
        if self._constants is None:
            self._constants = _generator().constants_of(self.outputs)
        numbers = np.array([*self._constants, *scalars, 0.0], self.dtype)
        words = [layout.rows, layout.columns, address_of(numbers)]
        for array in outs:
            words += (address_of(array), layout.columns)
        for array, step in zip(arrays, layout.steps, strict=True):
            words += (address_of(array), step)
        return _Block((ctypes.c_int64 * len(words))(*words), numbers)


class _Block(NamedTuple):
    """What the machine code takes (its form is in :mod:`.elemwise_llvm`), and what it points to."""

    words: Any
    numbers: Array


class _Bound:
    """A kernel, its arguments, and the arrays whose addresses these are."""

    def __init__(
        self, kernel: Callable[[int], None], block: _Block, held: tuple[Array, ...]
    ) -> None:
        self._kernel, self._block, self._held = kernel, block, held
        self._address = ctypes.addressof(block.words)

    def run(self) -> None:
        """Call the kernel."""
        self._kernel(self._address)


def _generator() -> Any:
    from . import elemwise_llvm

    return elemwise_llvm


def address_of(array: Array) -> int:
    """Where the first element of a contiguous array lies."""
    try:
        return ctypes.addressof(_Byte.from_buffer(array))  # type: ignore[arg-type]
    except TypeError:  # read-only; the plain way takes four times as long
        return array.ctypes.data


_Byte = ctypes.c_char


def _contiguous(arrays: Sequence[Array]) -> bool:
    return all([array.flags.c_contiguous for array in arrays])


def _apart(arrays: Sequence[Array], outs: Sequence[Array]) -> bool:
    """Whether every output is contiguous and shares memory with no input but in full."""
    if not _contiguous(outs):
        return False
    for out in outs:
        for array in arrays:
            if array is not out and np.may_share_memory(array, out):
                same = array.shape == out.shape and array.flags.c_contiguous
                if not same or array.ctypes.data != out.ctypes.data:
                    return False
    return True
