"""Fused element-wise kernels: a whole expression in one pass over memory.

>>> xp = Recorder("float32")
>>> a, b = xp.inputs(2)
>>> kernel = fused(xp.tanh(a * b + 1))
>>> kernel(np.ones(3, "float32"), np.zeros((2, 3), "float32")).round(4).tolist()
[[0.7616, 0.7616, 0.7616], [0.7616, 0.7616, 0.7616]]

Large contiguous arrays go to machine code (:mod:`.elemwise_llvm`) where llvmlite is installed;
everything else, and every expression with a function that the generator does not know, goes to
NumPy (:mod:`.elemwise_numpy`). The results agree within the dtype's rounding.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..error import DTypeError, ShapeError, message
from . import llvm
from .elemwise_numpy import Program
from .layout import Layout, layout_of
from .trace import Expr, NotTraceable, Recorder

__all__ = ["Fused", "Recorder", "fused"]

Array = npt.NDArray[Any]
#: smaller results are not worth compiling for: NumPy's calls cost less than a first compilation
SMALLEST = 2048


def fused(outputs: Expr | Sequence[Expr]) -> Fused:
    """The kernel that computes an expression, or several over the same inputs.

    Raises NotTraceable when an output is a truth value or there is no input.
    """
    single = isinstance(outputs, Expr)
    return Fused([outputs] if single else list(outputs), single)  # type: ignore[list-item]


class Fused:
    """``kernel(*arrays, out=None)``: the value of an expression.

    Arrays have the recorder's dtype and broadcast as in NumPy. The result is a new C-contiguous
    array, a tuple of them if the expression has several outputs, or *out*, which may be one of
    the arrays. May be called from several threads.
    """

    def __init__(self, outputs: list[Expr], single: bool) -> None:
        self.outputs, self._single = outputs, single
        self.xp = outputs[0].xp
        self.dtype, self.input_count = self.xp.dtype, self.xp.input_count
        if not self.input_count or any(output.truth for output in outputs):
            raise NotTraceable(
                message(
                    "a fused kernel needs inputs, and outputs that are real numbers",
                    fix="Convert truth values with xp.real(...).",
                )
            )
        self._program = Program(outputs)
        self._native: bool | None = None  # not yet known
        self._kernels: dict[str, Callable[[int], None]] = {}
        self._constants = np.empty(0, self.dtype)

    def __repr__(self) -> str:
        return f"<Fused {', '.join(map(repr, self.outputs))} of {self.dtype}>"

    def __call__(self, *arrays: Array, out: Array | Sequence[Array] | None = None) -> Any:
        """Compute; *out* is an array, or a sequence of them for several outputs."""
        shape = self._checked(arrays)
        if out is None:
            outs = [np.empty(shape, self.dtype) for _ in self.outputs]
            self._run(arrays, outs)
        else:
            outs = self._given(out, shape)
            if _apart(arrays, outs):
                self._run(arrays, outs)
            else:
                fresh = [np.empty(shape, self.dtype) for _ in self.outputs]
                self._run(arrays, fresh)
                for target, value in zip(outs, fresh, strict=True):
                    target[...] = value
        return outs[0] if self._single else tuple(outs)

    def bind(self, arrays: Sequence[Array], out: Array | Sequence[Array]) -> Callable[[], None]:
        """A call without arguments that computes these arrays into *out*, as often as wanted.

        It holds the arrays and, for machine code, their addresses: all checks are done here, so
        the arrays must not be resized. Not for several threads at once.
        """
        shape = self._checked(arrays)
        outs = self._given(out, shape)
        if not _apart(arrays, outs):
            return lambda: self(*arrays, out=outs)
        layout = self._native_layout(arrays, outs)
        if layout is None:
            return self._on_numpy(arrays, outs)
        return _Bound(
            self._kernel(layout.kinds), self._block(layout, arrays, outs), (*arrays, *outs)
        ).run

    def _on_numpy(self, arrays: Sequence[Array], outs: Sequence[Array]) -> Callable[[], None]:
        if not any(np.may_share_memory(a, o) for a in arrays for o in outs):
            return self._program.bind(arrays, outs)
        fresh = [np.empty(o.shape, self.dtype) for o in outs]  # inputs are read to the last step
        compute = self._program.bind(arrays, fresh)

        def run() -> None:
            compute()
            for target, value in zip(outs, fresh, strict=True):
                np.copyto(target, value)

        return run

    def source(self, kinds: str | None = None) -> str:
        """LLVM assembly of the kernel; by default for inputs that all have the full shape."""
        from . import elemwise_llvm

        return elemwise_llvm.module_of(self.outputs, kinds or "f" * self.input_count).text()

    # ---- checks ---------------------------------------------------------------------------

    def _checked(self, arrays: Sequence[Array]) -> tuple[int, ...]:
        """The shape of the result."""
        if len(arrays) != self.input_count:
            raise TypeError(f"{self!r} takes {self.input_count} arrays, got {len(arrays)}")
        shape = arrays[0].shape
        same = True
        for array in arrays:
            if array.dtype != self.dtype:
                raise DTypeError(
                    message(
                        f"fused kernel of {self.dtype} got an array of {array.dtype}",
                        fix="Cast it first.",
                    )
                )
            same = same and array.shape == shape
        if same:
            return shape
        try:
            return np.broadcast_shapes(*[array.shape for array in arrays])
        except ValueError:
            raise ShapeError(
                message(
                    "fused kernel: shapes do not broadcast",
                    where=[", ".join(str(array.shape) for array in arrays)],
                    fix="Reshape one of them.",
                )
            ) from None

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

    # ---- machine code ---------------------------------------------------------------------

    def _run(self, arrays: Sequence[Array], outs: Sequence[Array]) -> None:
        """Compute into contiguous outputs, each apart from every input or the very same array."""
        layout = self._native_layout(arrays, outs)
        if layout is None:
            self._on_numpy(arrays, outs)()
        else:
            block = self._block(layout, arrays, outs)
            self._kernel(layout.kinds)(ctypes.addressof(block))

    def _native_layout(self, arrays: Sequence[Array], outs: Sequence[Array]) -> Layout | None:
        """How machine code would go over the arrays; None where NumPy is to do it."""
        if outs[0].size < SMALLEST:
            return None
        if self._native is None:
            self._native = llvm.available() and _generator().supported(self.outputs)
        return layout_of(arrays, outs[0].shape) if self._native else None

    def _kernel(self, kinds: str) -> Callable[[int], None]:
        found = self._kernels.get(kinds)
        if found is None:
            generator = _generator()
            self._constants = np.array(generator.constants_of(self.outputs), self.dtype)
            found = self._kernels[kinds] = generator.compile_expression(self.outputs, kinds)
        return found

    def _block(self, layout: Layout, arrays: Sequence[Array], outs: Sequence[Array]) -> Any:
        self._kernel(layout.kinds)
        words = [layout.rows, layout.columns, address_of(self._constants)]
        for array in outs:
            words += (address_of(array), layout.columns)
        for array, step in zip(arrays, layout.steps, strict=True):
            words += (address_of(array), step)
        return (ctypes.c_int64 * len(words))(*words)


class _Bound:
    """A kernel, its arguments, and the arrays whose addresses these are."""

    def __init__(self, kernel: Callable[[int], None], block: Any, held: tuple[Array, ...]) -> None:
        self._kernel, self._block, self._held = kernel, block, held
        self._address = ctypes.addressof(block)

    def run(self) -> None:
        """Call the kernel."""
        self._kernel(self._address)


def _generator() -> Any:
    from . import elemwise_llvm

    return elemwise_llvm


def address_of(array: Array) -> int:
    """Where the array's first element lies."""
    address: int = array.__array_interface__["data"][0]
    return address


def _apart(arrays: Sequence[Array], outs: Sequence[Array]) -> bool:
    """Whether every output is contiguous and shares memory with no input but in full."""
    for out in outs:
        if not out.flags.c_contiguous:
            return False
        for array in arrays:
            if array is not out and np.may_share_memory(array, out):
                same = array.shape == out.shape and array.flags.c_contiguous
                if not same or address_of(array) != address_of(out):
                    return False
    return True
