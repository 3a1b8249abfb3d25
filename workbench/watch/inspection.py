"""``mx.inspect``: a network as a program and as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..error import GraphError, message
from ..graph.infer import infer
from ..graph.ir import Entry, Graph, Type, Types
from ..graph.text import print_graph
from .graph_ir import view_of_ir
from .graphs import GraphView

__all__ = ["Inspection", "inspect"]


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
