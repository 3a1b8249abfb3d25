"""A drawing's graph from whatever has one: symbol, block, JSON, recorded array."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..error import GraphError, message
from .graph_tape import copy_tape, graph_of
from .graphs import GraphView

__all__ = ["graph_view"]


def graph_view(thing: Any, shapes: Mapping[str, Any] | None = None, title: str = "") -> GraphView:
    """The graph of *thing*, to be looked at.

    Parameters
    ----------
    thing : Symbol, HybridBlock, NDArray that was recorded, JSON of a symbol (text or dict),
        Session or GraphView
    shapes : mapping, optional
        Shapes of inputs by name. With them, shapes, operations and parameters are known all
        through a symbol's graph.
    title : str, optional

    Raises
    ------
    GraphError
        Where there is no graph to be had.

    Examples
    --------
    >>> text = '{"nodes": [{"op": "null", "name": "x", "inputs": []}, '
    >>> text += '{"op": "exp", "name": "y", "inputs": [[0, 0, 0]]}]}'
    >>> graph_view(text)
    <GraphView '': 2 nodes, 1 edges>
    """
    if isinstance(thing, GraphView):
        return thing
    if isinstance(thing, str | bytes):
        return GraphView.from_json(_parsed(thing), shapes, title)
    if isinstance(thing, Mapping):
        return GraphView.from_json(thing, shapes, title)
    if isinstance(getattr(thing, "graph", None), GraphView):
        return thing.graph
    if hasattr(thing, "tojson"):
        return _of_symbol(thing, shapes, title)
    if hasattr(thing, "_node") and hasattr(thing, "_data"):
        return _of_array(thing, title)
    if hasattr(thing, "collect_params") and callable(thing):
        return _of_block(thing, shapes, title)
    raise _no_graph(thing, "Pass a Symbol, a HybridBlock, a recorded array or a symbol's JSON.")


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise GraphError(
            message(f"this is not JSON: {error}", fix="Pass the text that symbol.tojson() gives.")
        ) from error


def _of_symbol(symbol: Any, shapes: Mapping[str, Any] | None, title: str) -> GraphView:
    found: dict[str, Any] = dict(shapes or {})
    if shapes:
        inside = symbol.get_internals()
        _, outs, _ = inside.infer_shape_partial(**shapes)
        found.update(zip(inside.list_outputs(), outs or [], strict=False))
    return GraphView.from_json(_parsed(symbol.tojson()), found, title or symbol.name or "")


def _of_array(array: Any, title: str) -> GraphView:
    copied, leaves = copy_tape([array])
    if not copied:
        raise _no_graph(
            array,
            "Compute it inside `with autograd.record():`, and look before "
            "backward() frees the graph.",
        )
    return graph_of(copied, leaves, title=title)


def _of_block(block: Any, shapes: Mapping[str, Any] | None, title: str) -> GraphView:
    from ..symbol import Symbol, var

    names = list(shapes or ()) or ["data"]
    try:
        out = block(*[var(name) for name in names])
    except Exception as error:
        raise _no_graph(
            block,
            "Only HybridBlocks can be traced; give shapes={name: shape} for each input, "
            "or look at run.graph after a backward.",
        ) from error
    made = out if isinstance(out, Symbol) else _group(out)
    known = {**(shapes or {}), **_parameter_shapes(block)} if shapes else None
    view = _of_symbol(made, known, title or block.name)
    if known is None:
        return GraphView.from_json(_parsed(made.tojson()), _parameter_shapes(block), view.title)
    return view


def _group(outs: Any) -> Any:
    from ..symbol import Group

    return Group(list(outs))


def _parameter_shapes(block: Any) -> dict[str, Any]:
    return {
        name: parameter.shape
        for name, parameter in block.collect_params().items()
        if parameter.shape and all(size > 0 for size in parameter.shape)
    }


def _no_graph(thing: Any, fix: str) -> GraphError:
    return GraphError(message(f"{type(thing).__name__} has no graph to draw", fix=fix))
