"""``mx.viz``: a network as a table and as a drawing."""

from __future__ import annotations

import functools
import json
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .graph.ir import Node
from .symbol.symbol import Symbol

__all__ = ["plot_network", "print_summary"]


# ---- the table --------------------------------------------------------------------------------


def print_summary(
    symbol: Symbol,
    shape: Mapping[str, Sequence[int]] | None = None,
    line_length: int = 120,
    positions: Sequence[float] = (0.44, 0.64, 0.74, 1.0),
) -> None:
    """Print a table of the layers: output shape, number of parameters, previous layers.

    Parameters
    ----------
    symbol : Symbol
    shape : dict of str to tuple of int, optional
        Shapes of the inputs; without them the columns that follow from shapes stay empty.
    line_length : int
        Width in characters.
    positions : sequence of four floats
        Where the columns end, as parts of the width, or in characters.

    Raises
    ------
    TypeError
        Not a Symbol.
    ValueError
        The given shapes do not determine all others.
    """
    if not isinstance(symbol, Symbol):
        raise TypeError("symbol must be Symbol")
    shapes = {} if shape is None else _known(symbol, shape, "infer_shape", "shape")
    ends = [int(line_length * p) for p in positions] if positions[-1] <= 1 else list(positions)

    def row(*fields: Any) -> None:
        line = ""
        for field, end in zip(fields, ends, strict=True):
            line = (line + str(field))[: int(end)].ljust(int(end))
        print(line)

    nodes = symbol._graph.nodes
    print("_" * line_length)
    row("Layer (type)", "Output Shape", "Param #", "Previous Layer")
    print("=" * line_length)
    total = 0
    for number, node in enumerate(nodes):
        if node.is_variable and number:
            continue
        before = _previous(node, nodes[0])
        count = _parameters(node, before, shapes)
        total += count
        out = "x".join(str(n) for n in shapes.get(_key(node), ())[1:])
        first, *others = [one.name for one in before] or [""]
        row(f"{node.name}({_op(node)})", out, count, first)
        for name in others:
            row("", "", "", name)
        print(("=" if number == len(nodes) - 1 else "_") * line_length)
    print(f"Total params: {total}")
    print("_" * line_length)


def _known(symbol: Symbol, given: Any, infer: str, what: str) -> dict[str, Any]:
    """What inference finds for every internal output, by name."""
    internals = symbol.get_internals()
    _, found, _ = getattr(internals, infer)(**given)
    if found is None:
        raise ValueError(f"Input {what} is incomplete")
    return dict(zip(internals.list_outputs(), found, strict=True))


def _op(node: Node) -> str:
    return "null" if node.is_variable else node.op.name


def _key(node: Node) -> str:
    """The name of the output by which a node is looked up."""
    return node.name if node.is_variable else f"{node.name}_output"


def _previous(node: Node, first: Node) -> list[Node]:
    """The layers before a node: operators, and the graph's first input."""
    return [
        entry.node for entry in node.inputs if not entry.node.is_variable or entry.node is first
    ]


def _parameters(node: Node, before: Sequence[Node], shapes: Mapping[str, Any]) -> int:
    """How many trained numbers a layer has, by MXNet's rules (others than these count none)."""
    attrs, op = node.attrs, _op(node)
    channels = sum(int(shapes[_key(one)][1:][0]) for one in before if _key(one) in shapes)
    bias = attrs.get("no_bias") != "True"
    if op == "Convolution":
        count = channels * int(attrs["num_filter"]) // int(attrs.get("num_group", "1"))
        for size in _numbers(attrs["kernel"]):
            count *= int(size)
        return count + bias * int(attrs["num_filter"])
    if op == "FullyConnected":
        return (channels + bias) * int(attrs["num_hidden"])
    if op == "BatchNorm":
        return 2 * int(shapes[_key(node)][1]) if shapes else 0
    if op == "Embedding":
        return int(attrs["input_dim"]) * int(attrs["output_dim"])
    return 0


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+", text)


# ---- the drawing ------------------------------------------------------------------------------

BLUE, RED, YELLOW, VIOLET, SKY, ORANGE, GREEN, PINK = (
    "#8dd3c7", "#fb8072", "#ffffb3", "#bebada", "#80b1d3", "#fdb462", "#b3de69", "#fccde5"
)  # fmt: skip
COLOURS = {
    "null": BLUE,
    "Convolution": RED,
    "FullyConnected": RED,
    "BatchNorm": VIOLET,
    "Activation": YELLOW,
    "LeakyReLU": YELLOW,
    "Pooling": SKY,
    "Concat": ORANGE,
    "Flatten": ORANGE,
    "Reshape": ORANGE,
    "Softmax": GREEN,
}
WEIGHTS = (
    "_weight",
    "_bias",
    "_beta",
    "_gamma",
    "_moving_var",
    "_moving_mean",
    "_running_var",
    "_running_mean",
)
NODE_ATTRIBUTES = {
    "shape": "box",
    "fixedsize": "true",
    "width": "1.3",
    "height": "0.8034",
    "style": "filled",
}


def _sizes(attrs: Mapping[str, str], name: str, default: str) -> str:
    return "x".join(_numbers(attrs[name])) if name in attrs else default


LABELS: dict[str, Callable[[Mapping[str, str]], str]] = {
    "Convolution": lambda a: (
        f"Convolution\n{_sizes(a, 'kernel', '')}/{_sizes(a, 'stride', '1')}, {a['num_filter']}"
    ),
    "FullyConnected": lambda a: f"FullyConnected\n{a['num_hidden']}",
    "Activation": lambda a: f"Activation\n{a['act_type']}",
    "LeakyReLU": lambda a: f"LeakyReLU\n{a.get('act_type', 'Leaky')}",
    "Pooling": lambda a: (
        f"Pooling\n{a['pool_type']}, {_sizes(a, 'kernel', '[]')}/{_sizes(a, 'stride', '1')}"
    ),
    "Custom": lambda a: a["op_type"],
}


def plot_network(
    symbol: Symbol,
    title: str = "plot",
    save_format: str = "pdf",
    shape: Mapping[str, Sequence[int]] | None = None,
    dtype: Mapping[str, Any] | None = None,
    node_attrs: Mapping[str, str] | None = None,
    hide_weights: bool = True,
) -> Any:
    """A drawing of the network: a ``graphviz.Digraph`` that shows itself in a notebook.

    Without the ``dot`` program it is drawn by Workbench's own layout.

    Parameters
    ----------
    symbol : Symbol
    title : str
        Name of the drawing, and of the file that ``render`` writes.
    save_format : str
        Format of that file.
    shape, dtype : dict, optional
        Shapes and dtypes of the inputs; with them the edges are labelled.
    node_attrs : dict of str to str, optional
        Attributes for all nodes, e.g. ``{"shape": "oval", "fixedsize": "false"}``.
    hide_weights : bool
        Leave weights, biases and the like out.

    Raises
    ------
    ImportError
        The Python package graphviz is missing.
    TypeError
        Not a Symbol.
    ValueError
        The given shapes or dtypes do not determine all others.
    """
    digraph = _digraph_class()
    if not isinstance(symbol, Symbol):
        raise TypeError("symbol must be a Symbol")
    shapes = None if shape is None else _known(symbol, shape, "infer_shape", "shape")
    dtypes = None if dtype is None else _known(symbol, dtype, "infer_type", "type")
    nodes = symbol._graph.nodes
    _warn_of_repeated(nodes)
    dot = digraph(name=title, format=save_format)
    dot.symbol, dot.shapes = symbol, shapes
    common = {**NODE_ATTRIBUTES, **(node_attrs or {})}
    hidden = {n.name for n in nodes if hide_weights and _is_weight(n)}
    for node in nodes:
        if not _is_weight(node):  # shown weights are plain ovals, made by their edges
            _draw_node(dot, node, common)
    for node in nodes:
        read = node.inputs[:1] if _op(node) == "_contrib_BilinearResize2D" else node.inputs
        for entry in read:
            if entry.node.name not in hidden:
                label = _edge_label(entry.node, shapes, dtypes)
                dot.edge(node.name, entry.node.name, label=label, dir="back", arrowtail="open")
    return dot


def _is_weight(node: Node) -> bool:
    return node.is_variable and node.name.endswith(WEIGHTS)


def _draw_node(dot: Any, node: Node, common: Mapping[str, str]) -> None:
    op = _op(node)
    label = LABELS[op](node.attrs) if op in LABELS else node.name
    look = {**common, "fillcolor": COLOURS.get(op, PINK)}
    if node.is_variable:
        look["shape"] = "oval"
    dot.node(node.name, label, **look)


def _edge_label(
    source: Node, shapes: Mapping[str, Any] | None, dtypes: Mapping[str, Any] | None
) -> str:
    key = _key(source)
    if "num_outputs" in source.attrs:
        key += str(int(source.attrs["num_outputs"]) - 1)
    label = "" if shapes is None else "x".join(str(n) for n in shapes[key][1:])
    return label if dtypes is None else f"{label}({dtypes[key].__name__})"


def _warn_of_repeated(nodes: Iterable[Node]) -> None:
    seen: set[str] = set()
    repeated = {n.name for n in nodes if n.name in seen or seen.add(n.name)}  # type: ignore[func-returns-value]
    if repeated:
        warnings.warn(
            "There are multiple variables with the same name in your graph, this may result in "
            f"cyclic graph. Repeated names: {','.join(sorted(repeated))}",
            RuntimeWarning,
            stacklevel=3,
        )


@functools.cache
def _digraph_class() -> Any:
    """``graphviz.Digraph``, which draws itself without the ``dot`` program too."""
    try:
        import graphviz
    except ImportError:
        raise ImportError(
            "Draw network requires graphviz library: pip install 'workbench[lab]'"
        ) from None

    class Digraph(graphviz.Digraph):
        """A drawing that shows itself in a notebook, with or without ``dot``."""

        symbol: Symbol
        shapes: Mapping[str, Sequence[int]] | None

        def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> Any:
            try:
                return super()._repr_mimebundle_(include, exclude)
            except graphviz.ExecutableNotFound:
                from .watch.graphs import GraphView
                from .watch.picture_graph import graph_svg

                view = GraphView.from_json(
                    json.loads(self.symbol.tojson()), self.shapes, title=self.name
                )
                return {"image/svg+xml": graph_svg(view), "text/plain": repr(self)}

    Digraph.__qualname__ = "Digraph"
    return Digraph
