"""``mx.compile_report``: what the compiler did to a network, and what each of its kernels costs."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from ..error import GraphError, message
from ..graph.gradient import append_gradient
from ..graph.infer import infer
from ..graph.ir import Composite, Entry, Graph, Node, Type
from ..graph.passes import enabled
from ..graph.plan import Plan
from ..kernels.elemwise_at import FusedAt
from ..kernels.registry import is_prepared, kernels_of
from .graph_layout import quantity
from .graphs import ITEM_BYTES
from .stats import count_flops, size

__all__ = ["CompileReport", "KernelRow", "compile_report"]

#: µs that a call costs beside its work
CALL = 1.0


class KernelRow(NamedTuple):
    """One kernel of a plan.

    ``made`` is ``generated`` (machine code for these shapes), ``chosen`` (a kernel where it
    applies, else the operator's body) or ``body``. ``bytes`` are read and written, ``estimated``
    and ``measured`` are µs: by the machine's limits, and the least of some runs on made-up
    arrays (None where running would draw random numbers).
    """

    node: str
    op: str
    result: Type
    backward: bool
    made: str
    bytes: int
    flops: int
    estimated: float
    measured: float | None


class CompileReport:
    """What compiling did, as text; one part per plan.

    Attributes
    ----------
    plans : list of Plan
    hits, misses : int
        Calls that found their plan, and calls for which one was made.
    """

    #: kernels of a plan that are shown, the dearest
    shown = 12

    def __init__(self, title: str, cached: Any) -> None:
        self.title = title
        self.plans: list[Plan] = list(cached._plans.values())
        self.hits, self.misses = cached.hits, cached.misses
        self._cached = cached

    def __repr__(self) -> str:
        lines = [
            f"{self.title}: {_counted(_operators(self._cached.graph), 'operator')}, "
            f"{_counted(len(self.plans), 'plan')}; {self.hits} of {self.hits + self.misses} "
            "calls found theirs"
        ]
        for plan in self.plans:
            lines += ["", *self._part(plan)]
        return "\n".join(lines)

    def rows(self, plan: Plan) -> list[KernelRow]:
        """The kernels of a plan in the order in which they run."""
        measured = plan.measure()
        backward = {id(step) for step in plan.steps_backward}
        made = []
        for step, node in plan.nodes_of_steps:
            moved, flops = _bytes_moved(plan, node), _flops(plan, node)
            bandwidth, peak = machine_limits()
            made.append(
                KernelRow(
                    node.name,
                    _words(node),
                    plan.types[node.outputs[0]],
                    id(step) in backward,
                    _kind(step.kernel, node),
                    moved,
                    flops,
                    CALL + 1e6 * max(moved / bandwidth, flops / peak),
                    measured.get(node),
                )
            )
        return made

    def _part(self, plan: Plan) -> Iterator[str]:
        shapes = ", ".join(f"{node.name} {plan.types[Entry(node)]}" for node in plan.variables[:1])
        mode = "training" if plan.train else "inference"
        yield f"{mode} on {plan.ctx}, {shapes}: run {plan.runs} times"
        before = 0
        for name, count in self._passes(plan):
            change = f"{count - before:+d}" if before and count != before else ""
            yield f"  {name:<10}{count:>6} nodes {change}".rstrip()
            before = count
        yield (
            f"  steps     {len(plan.steps_forward):>6} forward, {len(plan.steps_backward)} backward"
        )
        values = sum(
            _bytes_of(plan.types[entry])
            for _, node in plan.nodes_of_steps
            for entry in node.outputs
            if entry in plan.types
        )
        yield (
            f"  memory    {quantity(values)}B of values, "
            f"{quantity(plan.buffer_bytes)}B in planned buffers"
        )
        yield from self._kernels(plan)

    def _kernels(self, plan: Plan) -> Iterator[str]:
        rows = self.rows(plan)
        known = [row.measured for row in rows if row.measured is not None]
        total = sum(known)
        rows.sort(key=lambda row: -(row.measured or row.estimated))
        yield ""
        yield f"  {'kernel':<44}{'made':<11}{'moves':>9}{'estimated':>11}{'measured':>10}"
        for row in rows[: self.shown]:
            name = f"{'↩ ' if row.backward else ''}{row.op} {row.result}"
            time = "" if row.measured is None else f"{row.measured:.0f} µs"
            yield (
                f"  {_cut(name, 43):<44}{row.made:<11}{quantity(row.bytes) + 'B':>9}"
                f"{f'{row.estimated:.0f} µs':>11}{time:>10}"
            )
        if len(rows) > self.shown:
            rest = sum(row.measured or 0.0 for row in rows[self.shown :])
            more = f", {rest:.0f} µs" if known else ""
            yield f"  and {_counted(len(rows) - self.shown, 'cheaper one')}{more}"
        if known:
            yield f"  {total:.0f} µs in all; ↩ is backward"

    def _passes(self, plan: Plan) -> Iterator[tuple[str, int]]:
        """Nodes that are left after each stage."""
        graph: Graph = self._cached.graph
        given: dict[Node, Type] = {
            node: plan.types[Entry(node)] for node in plan.variables if Entry(node) in plan.types
        }
        types = infer(graph, given)
        yield "traced", _operators(graph)
        wanted = [self._cached.variables[i] for i in plan.places]
        wanted = [node for node, there in zip(wanted, plan.gradients, strict=True) if there]
        if wanted:
            graph, types, *_ = append_gradient(graph, types, wanted, train=plan.train)
            yield "gradient", _operators(graph)
        for one in enabled(self._cached.passes):
            graph = one(graph, types, plan.train)
            yield one.name, _operators(graph)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _operators(graph: Graph) -> int:
    return sum(not node.is_variable for node in graph.nodes)


def _words(node: Node) -> str:
    """The operator's name; of a fused node those of its operators."""
    if isinstance(node.op, Composite):
        inner = [one.op.name for one in node.op.body.nodes if one.op is not None]
        return "+".join(name.strip("_").removeprefix("elemwise_") for name in inner)
    return str(node.op.name)


def _kind(kernel: Any, node: Node) -> str:
    if isinstance(kernel, FusedAt) or isinstance(getattr(kernel, "__self__", None), FusedAt):
        return "generated"
    op = node.op
    chosen = not isinstance(op, Composite) and hasattr(op, "index")
    return "chosen" if chosen and (is_prepared(op) or kernels_of(op)) else "body"


def _bytes_of(one: Type) -> int:
    if one.shape is None:
        return 0
    return size(one.shape) * ITEM_BYTES.get(one.dtype or "float32", 4)


def _bytes_moved(plan: Plan, node: Node) -> int:
    entries = [*dict.fromkeys(node.inputs), *node.outputs]
    return sum(_bytes_of(plan.types[entry]) for entry in entries if entry in plan.types)


def _flops(plan: Plan, node: Node) -> int:
    """Operations, by the forward's count; those of a convolution's gradients are as many."""
    ins = [plan.types[entry].shape for entry in node.inputs]
    outs = [plan.types[entry].shape for entry in node.outputs if entry in plan.types]
    if isinstance(node.op, Composite):
        return size(outs[0] or ()) * len(node.op.body.nodes)
    attrs = {name: str(value) for name, value in node.params.items()}
    name = node.op.name.removeprefix("_").removesuffix("_relu")
    if name == "backward_Convolution_data":
        return count_flops("Convolution", attrs, outs, [ins[0]])
    if name == "backward_Convolution_weight":
        return count_flops("Convolution", attrs, [ins[1]], [ins[0]])
    return count_flops(name if name == "Convolution" else node.op.name, attrs, ins, outs)


@functools.cache
def machine_limits() -> tuple[float, float]:
    """Bytes a second of a copy, and operations a second of a matrix product; measured once."""
    source = np.ones(1 << 22, "float32")
    target = np.empty_like(source)
    square = np.ones((384, 384), "float32")
    copy = _least(lambda: np.copyto(target, source))
    product = _least(lambda: np.dot(square, square))
    return 2 * source.nbytes / copy, 2 * 384**3 / product


def _least(function: Any) -> float:
    best = float("inf")
    for _ in range(5):
        start = perf_counter()
        function()
        best = min(best, perf_counter() - start)
    return best


def compile_report(thing: Any) -> CompileReport:
    """What compiling a hybridized block did: passes, kernels, memory, times.

    *thing* is a HybridBlock that was hybridized and has run, or a CachedOp. Printing the report
    runs every kernel a few times on made-up arrays. Raises GraphError where nothing was compiled
    yet.
    """
    cached = thing if hasattr(thing, "_plans") else getattr(thing, "_cached_op", None)
    if cached is None or not cached._plans:
        raise GraphError(
            message(
                f"{type(thing).__name__} has not been compiled",
                fix="Call hybridize() on the block, and the block on one batch.",
            )
        )
    return CompileReport(str(getattr(thing, "name", "") or type(thing).__name__), cached)
