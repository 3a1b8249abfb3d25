"""``mx.inspect`` and ``mx.compile_report``: a network as a program, a drawing, and a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..error import GraphError, message
from ..graph.gradient import append_gradient
from ..graph.infer import infer
from ..graph.ir import Composite, Entry, Graph, Node, Type, Types
from ..graph.passes import enabled
from ..graph.text import print_graph
from .graph_ir import view_of_ir
from .graph_layout import quantity
from .graphs import ITEM_BYTES, GraphView
from .stats import size

__all__ = ["CompileReport", "Inspection", "compile_report", "inspect"]


class Inspection:
    """What :func:`inspect` found: text as its ``repr``, a drawing in a notebook.

    Attributes
    ----------
    ir : Graph
    types : dict of Entry to Type
        Shapes and dtypes as far as they are known.
    view : GraphView
    """

    def __init__(self, ir: Graph, types: Types, title: str) -> None:
        self.ir, self.types = ir, types
        self.view: GraphView = view_of_ir(ir, types, title)

    def __repr__(self) -> str:
        return print_graph(self.ir, self.types, attributes=False)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        from .picture_graph import graph_svg

        return {"text/plain": repr(self), "image/svg+xml": graph_svg(self.view)}


def inspect(thing: Any, **shapes: Sequence[int]) -> Inspection:
    """The graph of a Symbol or HybridBlock: printed as a program, drawn in a notebook.

    Parameters
    ----------
    thing : Symbol, HybridBlock, CachedOp or Graph
    **shapes
        Shapes of inputs by name, ``data=(1, 3, 224, 224)``. Parameters that have a shape already
        need none; a block that ran compiled is shown with the shapes of its last call.

    Returns
    -------
    Inspection
        With the graph as ``.ir`` and the drawing as ``.view``.

    Raises
    ------
    GraphError
        Where there is no graph: a plain Block runs arbitrary Python.
    ShapeError
        Where the given shapes contradict each other.
    """
    graph, known = _graph_of(thing)
    given = {
        node: Type(tuple(shapes[node.name]), None)
        if node.name in shapes
        else known.get(node.name, Type())
        for node in graph.variables
    }
    unknown = sorted(set(shapes) - {node.name for node in graph.variables})
    if unknown:
        raise GraphError(
            message(
                f"the graph has no input called {unknown[0]!r}",
                where=[f"inputs: {', '.join(node.name for node in graph.variables)}"],
                fix="Give shapes by the names of the graph's inputs.",
            )
        )
    return Inspection(graph, infer(graph, given), str(getattr(thing, "name", "") or ""))


def _graph_of(thing: Any) -> tuple[Graph, dict[str, Type]]:
    """The graph, and what is known of its variables."""
    if isinstance(thing, Graph):
        return thing, {}
    if hasattr(thing, "_plans"):
        return thing.graph, _last_call(thing)
    if getattr(thing, "_cached_op", None) is not None:
        return thing._cached_op.graph, _last_call(thing._cached_op)
    if hasattr(thing, "tojson"):
        return thing._graph, {}
    if hasattr(thing, "collect_params") and hasattr(thing, "hybridize"):
        return _traced(thing), _parameters(thing)
    raise _no_graph(thing)


def _traced(block: Any) -> Graph:
    from ..symbol import Group, Symbol, var

    try:
        out = block(var("data"))
    except Exception as error:
        raise _no_graph(block) from error
    return (out if isinstance(out, Symbol) else Group(list(out)))._graph


def _no_graph(thing: Any) -> GraphError:
    return GraphError(
        message(
            f"{type(thing).__name__} has no graph to inspect",
            fix="Pass a Symbol, a HybridBlock of one input, or a hybridized block that has run; "
            "what any code recorded is run.graph under %%mxtrain.",
        )
    )


def _last_call(cached: Any) -> dict[str, Type]:
    plans = list(cached._plans.values())
    if not plans:
        return {}
    types = plans[-1].types
    return {node.name: types[Entry(node)] for node in plans[-1].variables if Entry(node) in types}


def _parameters(block: Any) -> dict[str, Type]:
    return {
        name: Type(tuple(one.shape), None)
        for name, one in block.collect_params().items()
        if one.shape
    }


class CompileReport:
    """What compiling did, as a text table; one part per plan.

    Attributes
    ----------
    plans : list of Plan
    """

    def __init__(self, title: str, cached: Any) -> None:
        self.title = title
        self.plans = list(cached._plans.values())
        self._cached = cached

    def __repr__(self) -> str:
        lines = [
            f"{self.title}: {len(self._cached.graph)} nodes, {len(self.plans)} plan(s), "
            f"{self._cached.hits} calls found theirs, {self._cached.misses} made one"
        ]
        for plan in self.plans:
            lines += ["", *self._part(plan)]
        return "\n".join(lines)

    def _part(self, plan: Any) -> Iterator[str]:
        shapes = ", ".join(f"{node.name} {plan.types[Entry(node)]}" for node in plan.variables[:1])
        mode = "training" if plan.train else "inference"
        yield f"{mode} on {plan.ctx}, {shapes}"
        for name, count in self._passes(plan):
            yield f"  {name:<10}{count:>6} nodes"
        yield (
            f"  steps     {len(plan.steps_forward):>6} forward, {len(plan.steps_backward)} backward"
        )
        values, kept = self._bytes(plan)
        yield f"  memory    {quantity(values)}B of values, {quantity(kept)}B in planned buffers"
        fused = [node.op for node in plan.graph.nodes if isinstance(node.op, Composite)]
        for op in fused:
            inner = [one.op.name for one in op.body.nodes if one.op is not None]
            yield f"  fused     {' · '.join(inner)}"

    def _passes(self, plan: Any) -> Iterator[tuple[str, int]]:
        """Nodes that are left after each stage."""
        graph = self._cached.graph
        given: dict[Node, Type] = {
            node: plan.types[Entry(node)] for node in plan.variables if Entry(node) in plan.types
        }
        types = infer(graph, given)
        yield "traced", _operators(graph)
        wanted = [n for n, there in zip(self._wanted(plan), plan.gradients, strict=True) if there]
        if wanted:
            graph, types, *_ = append_gradient(graph, types, wanted, train=plan.train)
            yield "gradient", _operators(graph)
        for one in enabled(self._cached.passes):
            graph = one(graph, types)
            yield one.name, _operators(graph)

    def _wanted(self, plan: Any) -> list[Node]:
        return [self._cached.variables[i] for i in plan.places]

    @staticmethod
    def _bytes(plan: Any) -> tuple[int, int]:
        """Bytes of all values that the plan computes, and of the buffers they are kept in."""
        values = sum(
            _bytes_of(plan.types[entry])
            for node in plan.graph.nodes
            if not node.is_variable
            for entry in node.outputs
            if entry in plan.types
        )
        return values, sum(_bytes_of(one) for one in plan._buffer_types)


def _operators(graph: Graph) -> int:
    return sum(not node.is_variable for node in graph.nodes)


def _bytes_of(one: Type) -> int:
    if one.shape is None:
        return 0
    return size(one.shape) * ITEM_BYTES.get(one.dtype or "float32", 4)


def compile_report(thing: Any) -> CompileReport:
    """What compiling a hybridized block did: passes, fused operators, steps, memory.

    *thing* is a HybridBlock that was hybridized and has run, or a CachedOp. Raises GraphError
    where nothing was compiled yet.
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
