"""From a node to the callable that computes it on one device."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..context import Context
from ..kernels.elemwise import Recorder, fused
from ..kernels.trace import NotTraceable
from .ir import Composite, Entry, Graph, Node, Owned, Types
from .memory import ufunc_name

__all__ = ["Binder", "run_bodies"]

Kernel = Callable[..., Any]
#: ufuncs that take the array to write into only by name; by position is faster
OUT_BY_NAME = frozenset({"maximum", "minimum"})


class Binder:
    """Chooses the kernel of a node from a device's table, and binds its parameters."""

    def __init__(self, types: Types, ctx: Context, train: bool) -> None:
        self.types, self.ctx, self.train = types, ctx, train
        self._kernels: dict[Node, Kernel | None] = {}

    def kernel(self, node: Node, into: bool = False) -> Kernel:
        """A callable of the node's input arrays, and with *into* of the array to write into."""
        if isinstance(node.op, Composite):
            kernel = self._fused(node)
            return _out_last(kernel) if into else kernel
        if isinstance(node.op, Owned):
            return node.op.kernel(node, self.types, self.ctx, self.train)
        ufunc = self._ufunc(node)
        if ufunc is not None:
            return _out_last(ufunc) if into and ufunc.__name__ in OUT_BY_NAME else ufunc
        kernel = self.ctx.backend.table.of(node.op)
        bound = dict(node.params)
        if "train" in node.op.uses:
            bound["train"] = self.train
        if "rng" in node.op.uses:
            bound["rng"] = self.ctx.backend.rng
        if "out" in node.op.uses and not into:
            bound["out"] = None
        if bound:
            kernel = partial(kernel, **bound)
        return _out_last(kernel) if into else kernel

    def _ufunc(self, node: Node) -> Any:
        """The function of xp that is all of the operator, if there is one that takes ``out``."""
        name = ufunc_name(node, self.types[Entry(node)])
        found = None if name is None else getattr(self.ctx.backend.xp, name)
        return found if getattr(found, "nout", 0) == 1 else None

    def takes_out(self, node: Node) -> bool:
        """True when the kernel can write its result into an array that it is given."""
        if node.is_variable or node.op.has_outputs or node.op.mutates:
            return False
        if not self.types[Entry(node)].known:
            return False
        if isinstance(node.op, Owned):
            return isinstance(node.op, Composite) and self._traced(node) is not None
        return "out" in node.op.uses or self._ufunc(node) is not None

    def is_constant(self, node: Node) -> bool:
        """True when a node needs no inputs and gives the same every time."""
        return not (node.inputs or node.op.uses - {"out"} or node.op.has_outputs)

    def _fused(self, node: Node) -> Kernel:
        backend = self.ctx.backend
        traced = self._traced(node)
        if traced is None:
            return partial(run_bodies, node.op.body, backend.xp, backend.scalar)
        return traced

    def _traced(self, node: Node) -> Kernel | None:
        """The kernel generated from the traced bodies; None where they cannot be traced."""
        if node not in self._kernels:
            self._kernels[node] = self._trace(node)
        return self._kernels[node]

    def _trace(self, node: Node) -> Kernel | None:
        if self.ctx.backend.name != "numpy":
            return None
        recorder = Recorder(self.types[Entry(node)].dtype)
        try:
            inputs = recorder.inputs(len(node.inputs))
            return fused(run_bodies(node.op.body, recorder, _number, *inputs))
        except NotTraceable:
            return None


def _number(value: float, dtype: Any) -> float:
    """A constant of a traced expression."""
    return float(value)


def _out_last(kernel: Kernel) -> Kernel:
    def write(*arrays: Any) -> Any:
        return kernel(*arrays[:-1], out=arrays[-1])

    return write


def run_bodies(body: Graph, xp: Any, number: Callable[..., Any], *arrays: Any) -> Any:
    """What a fused node computes, one operator after another.

    With a recording *xp* it traces the whole chain; *number* makes the constants of scalar
    operators, ``(value, dtype) -> constant``.
    """
    values = dict(zip((Entry(node) for node in body.variables), arrays, strict=True))
    for node in body.nodes:
        if node.is_variable:
            continue
        inputs = [values[entry] for entry in node.inputs]
        if node.op.is_scalar:
            result = node.op.body(xp, *inputs, number(node.params["scalar"], inputs[0].dtype))
        else:
            result = node.op.body(xp, *inputs, **node.params)
        values[Entry(node)] = result
    results = tuple(values[entry] for entry in body.outputs)
    return results[0] if len(results) == 1 else results
