"""From a node to the callable that computes it on one device."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..context import Context
from .ir import Composite, Entry, Graph, Node, Types

__all__ = ["Binder", "run_bodies"]

Kernel = Callable[..., Any]


class Binder:
    """Chooses the kernel of a node from a device's table, and binds its parameters."""

    def __init__(self, types: Types, ctx: Context, train: bool) -> None:
        self.types, self.ctx, self.train = types, ctx, train

    def kernel(self, node: Node, into: bool = False) -> Kernel:
        """A callable of the node's input arrays, and with *into* of the array to write into."""
        if isinstance(node.op, Composite):
            return self._fused(node)
        kernel: Kernel = self.ctx.backend.table.of(node.op)
        bound = dict(node.params)
        if "train" in node.op.uses:
            bound["train"] = self.train
        if "rng" in node.op.uses:
            bound["rng"] = self.ctx.backend.rng
        if bound:
            kernel = partial(kernel, **bound)
        return _out_last(kernel) if into and "out" in node.op.uses else kernel

    def takes_out(self, node: Node) -> bool:
        """True when the kernel can write its result into an array that it is given."""
        if node.is_variable or isinstance(node.op, Composite) or node.op.has_outputs:
            return False
        if not self.types[Entry(node)].known or node.op.mutates:
            return False
        if "out" in node.op.uses:
            return True
        kernel = self.ctx.backend.table.of(node.op)
        return node.op.ufunc is not None and getattr(kernel, "nout", 0) == 1

    def is_constant(self, node: Node) -> bool:
        """True when a node needs no inputs and gives the same every time."""
        return not (node.inputs or node.op.uses - {"out"} or node.op.has_outputs)

    def _fused(self, node: Node) -> Kernel:
        return partial(run_bodies, node.op.body, self.ctx.backend.xp, self.ctx.backend.scalar)


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
