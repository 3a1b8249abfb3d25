"""From a node to the callable that computes it on one device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..context import Context
from ..dtypes import as_dtype
from ..kernels.elemwise import Fused, Recorder, fused
from ..kernels.elemwise_at import FusedAt, fused_at
from ..kernels.trace import NotTraceable
from .ir import Composite, Entry, Graph, Node, Owned, Types
from .memory import FLOATS, ufunc_name
from .passes.effects import is_pure

__all__ = ["Binder", "run_bodies"]

Kernel = Callable[..., Any]
#: dtypes that kernels are generated for
TRACED = frozenset({"float32", "float64"})
#: ufuncs that take the array to write into only by name; by position is faster
OUT_BY_NAME = frozenset({"maximum", "minimum"})


class Binder:
    """Chooses the kernel of a node from a device's table, and binds its parameters."""

    def __init__(self, types: Types, ctx: Context, train: bool) -> None:
        self.types, self.ctx, self.train = types, ctx, train
        self._kernels: dict[Node, Fused | None] = {}
        self._single: dict[Node, FusedAt | None] = {}

    def kernel(self, node: Node, into: bool = False) -> Kernel:
        """A callable of the node's input arrays, and with *into* of the array to write into."""
        if isinstance(node.op, Composite):
            return self._fused(node, into)
        if isinstance(node.op, Owned):
            return node.op.kernel(node, self.types, self.ctx, self.train)
        at = self._one_pass(node)
        if at is not None:
            return at.into if into else at
        ufunc = self._ufunc(node)
        if ufunc is not None:
            return _out_last(ufunc) if into and ufunc.__name__ in OUT_BY_NAME else ufunc
        bound = dict(node.params)
        if "train" in node.op.uses:
            bound["train"] = self.train
        if "rng" in node.op.uses:
            bound["rng"] = self.ctx.backend.rng
        if "out" in node.op.uses and not into:
            bound["out"] = None
        if not into and "rng" not in node.op.uses:
            ready = self._prepared(node, bound)
            if ready is not None:
                return ready
        with_number = self._scalar(node)
        if with_number is not None:
            return _out_last(with_number) if into else with_number
        kernel = self.ctx.backend.table.of(node.op)
        if bound:
            kernel = partial(kernel, **bound)
        return _out_last(kernel) if into else kernel

    def _prepared(self, node: Node, bound: dict[str, Any]) -> Kernel | None:
        """What the device's kernels have for just these shapes and parameters."""
        if node.op.variadic or any(not self.types[entry].known for entry in node.inputs):
            return None
        arrays: list[Any] = [None] * len(node.op.inputs)
        for name, entry in zip(node.input_names(), node.inputs, strict=True):
            type_ = self.types[entry]
            arrays[node.op.inputs.index(name)] = self.ctx.backend.xp.empty(
                type_.shape, as_dtype(type_.dtype)
            )
        ready = self.ctx.backend.table.prepared(node.op, arrays, bound)
        count, given = len(arrays), len(_places(node))
        if ready is None or given == count:
            return ready
        missing = [None] * (count - given)
        return lambda *arrays: ready(*arrays, *missing)

    def _ufunc(self, node: Node) -> Any:
        """The function of xp that is all of the operator, if there is one that takes ``out``."""
        name = ufunc_name(node, self.types[Entry(node)])
        found = None if name is None else getattr(self.ctx.backend.xp, name)
        return found if getattr(found, "nout", 0) == 1 else None

    def takes_out(self, node: Node) -> bool:
        """True when the kernel can write its results into arrays that it is given."""
        if node.is_variable or node.op.mutates:
            return False
        if isinstance(node.op, Composite):
            return self._traced(node) is not None
        if node.op.has_outputs or isinstance(node.op, Owned):
            return False
        if not self.types[Entry(node)].known:
            return False
        if "out" in node.op.uses or self._ufunc(node) is not None:
            return True
        return self._one_pass(node) is not None

    def is_constant(self, node: Node) -> bool:
        """True when a node needs no inputs and gives the same every time."""
        return not (node.inputs or node.op.uses - {"out"} or node.op.has_outputs)

    def _fused(self, node: Node, into: bool) -> Kernel:
        backend = self.ctx.backend
        traced = self._traced(node)
        if traced is None:
            return partial(run_bodies, node.op.body, backend.xp, backend.scalar)
        at = self._at(traced, node)
        if at is not None:
            return at.into if into else at
        return _outs_last(traced, len(node.inputs), node.op.has_outputs) if into else traced

    def _at(self, traced: Fused, node: Node) -> FusedAt | None:
        return fused_at(traced, [self.types[entry].shape or () for entry in node.inputs])

    def _is_scalar(self, node: Node) -> bool:
        return bool(node.op.is_scalar) and self.types[node.inputs[0]].dtype in FLOATS

    def _scalar(self, node: Node) -> Kernel | None:
        """The body of a scalar operator with its number in the right dtype, made once."""
        if not self._is_scalar(node) or self.ctx.backend.name != "numpy":
            return None
        number = self.ctx.backend.scalar(_number_of(node), self._dtype(node))
        body, xp = node.op.body, self.ctx.backend.xp
        return lambda data: body(xp, data, number)

    def _dtype(self, node: Node) -> Any:
        return as_dtype(self.types[node.inputs[0]].dtype)

    def _one_pass(self, node: Node) -> FusedAt | None:
        """Generated code for one element-wise operator that NumPy computes in several passes."""
        if node not in self._single:
            self._single[node] = self._find_one_pass(node)
        return self._single[node]

    def _find_one_pass(self, node: Node) -> FusedAt | None:
        if not node.op.elementwise or not is_pure(node) or node.op.has_outputs:
            return None
        type_ = self.types[Entry(node)]
        if type_.dtype not in TRACED or any(
            self.types[entry].dtype != type_.dtype for entry in node.inputs
        ):
            return None
        traced = self._traced(node)
        if traced is None or not traced.is_costly:
            return None
        return self._at(traced, node)

    def _traced(self, node: Node) -> Fused | None:
        """The kernel generated from the traced bodies; None where they cannot be traced."""
        if node not in self._kernels:
            self._kernels[node] = self._trace(node)
        return self._kernels[node]

    def _trace(self, node: Node) -> Fused | None:
        if self.ctx.backend.name != "numpy":
            return None
        recorder = Recorder(self.types[node.outputs[0]].dtype)
        try:
            inputs = recorder.inputs(len(node.inputs))
            if isinstance(node.op, Composite):
                return fused(run_bodies(node.op.body, recorder, _number, *inputs))
            return fused(run_body(node, recorder, _number, inputs))
        except NotTraceable:
            return None


def _places(node: Node) -> range:
    """The places of a kernel's arguments up to the last that is there."""
    names = node.input_names()
    return range(node.op.inputs.index(names[-1]) + 1 if names else 0)


def _number(value: float, dtype: Any) -> float:
    """A constant of a traced expression."""
    return float(value)


def _out_last(kernel: Kernel) -> Kernel:
    def write(*arrays: Any) -> Any:
        return kernel(*arrays[:-1], out=arrays[-1])

    return write


def _outs_last(kernel: Fused, inputs: int, several: bool) -> Kernel:
    """*kernel* over inputs and then arrays to write into, None for a fresh one."""

    def write(*arrays: Any) -> Any:
        outs = arrays[inputs:]
        if any([one is None for one in outs]):
            made = kernel(*arrays[:inputs])
            for one, value in zip(outs, made if several else [made], strict=True):
                if one is not None:
                    one[...] = value
            return made
        return kernel(*arrays[:inputs], out=list(outs) if several else outs[0])

    return write


def _number_of(node: Node) -> Any:
    """The number of a scalar operator, or what it takes for one that was left out."""
    return node.params.get("scalar", node.op.params["scalar"].default)


def run_body(node: Node, xp: Any, number: Callable[..., Any], inputs: Sequence[Any]) -> Any:
    """What one element-wise node computes."""
    if node.op.is_scalar:
        return node.op.body(xp, *inputs, number(_number_of(node), inputs[0].dtype))
    return node.op.body(xp, *inputs, **node.params)


def run_bodies(body: Graph, xp: Any, number: Callable[..., Any], *arrays: Any) -> Any:
    """What a fused node computes, one operator after another.

    With a recording *xp* it traces the whole chain; *number* makes the constants of scalar
    operators, ``(value, dtype) -> constant``.
    """
    values = dict(zip((Entry(node) for node in body.variables), arrays, strict=True))
    for node in body.nodes:
        if node.is_variable:
            continue
        values[Entry(node)] = run_body(node, xp, number, [values[e] for e in node.inputs])
    results = tuple(values[entry] for entry in body.outputs)
    return results[0] if len(results) == 1 else results
