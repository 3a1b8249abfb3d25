"""A graph as SVG: boxes by family, groups in frames, chains as stripes of one box."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .families import FILL, INK, family
from .graph_layout import LABEL, SMALL, STRIPE, quantity
from .graph_place import place
from .graphs import GraphNode, GraphView
from .svg import Svg, element, number, text_width

__all__ = ["graph_svg"]

TEXT, GREY, EDGE = "#1f2328", "#57606a", "#8b949e"
SHADES = ("#ffffff", "#f6f7f9", "#eef0f3", "#e6e9ed", "#dee2e7", "#d6dbe1")
CLOSED = "#e9f0f7"
TITLE = 40


def graph_svg(view: GraphView, opened: Iterable[str] | None = None) -> str:
    """*view* as SVG with the groups in *opened* open (None: as the layout proposes)."""
    layout = view.layout()
    placed = place(layout, opened)
    words = _words(view)
    width = max(placed["width"], text_width(words, 11) + 24)
    svg = Svg(width, placed["height"] + TITLE, f"graph of {view.title}" if view.title else "graph")
    svg.raw(
        "<style>rect.b{stroke-width:1}path.e{fill:none;stroke:"
        + EDGE
        + ";stroke-width:1.2}</style>"
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="6" '
        'markerHeight="6" orient="auto"><path d="M0 0.8L8 4L0 7.2z" '
        f'fill="{EDGE}"/></marker></defs>'
    )
    svg.text(12, 18, view.title or "graph", 13, fill=TEXT, font_weight="bold")
    svg.text(12, 33, words, 11, fill=GREY)
    svg.open(transform=f"translate({number((width - placed['width']) / 2)} {TITLE})")
    items = layout["items"]
    depth = {layout["root"]: 0}
    for key, box in placed["boxes"].items():
        item = items[key]
        depth[key] = depth.get(item["parent"], -1) + 1 if item["parent"] else 0
        if item["kind"] == "group" and key in placed["open"]:
            if key != layout["root"]:
                _frame(svg, item, box, depth[key])
        elif item["kind"] == "group":
            _closed(svg, item, box)
        else:
            _operators(svg, view, item, box)
    for line in placed["lines"]:
        _line(svg, line)
    svg.close()
    return str(svg)


def _words(view: GraphView) -> str:
    operators = sum(node.op != "null" for node in view.nodes)
    parts = [f"{operators} operator{'s' * (operators != 1)}"]
    if view.params:
        parts.append(f"{quantity(view.params)} parameters")
    if view.flops:
        parts.append(f"{_flops(view.flops)} forward")
    return " · ".join(parts)


def _flops(count: float) -> str:
    """``27 FLOPs``, ``4.1 MFLOPs``."""
    text = quantity(count)
    return f"{text}FLOPs" if text[-1].isalpha() else f"{text} FLOPs"


def _frame(svg: Svg, item: Mapping[str, Any], box: list[float], depth: int) -> None:
    x, y, width, height = box
    svg.add(
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        rx=8,
        class_="b",
        fill=SHADES[min(depth, len(SHADES) - 1)],
        stroke="#c3c9d0",
    )
    svg.text(x + 9, y + 15, f"▾ {item['label']}", 10.5, fill=GREY, font_weight="bold")


def _closed(svg: Svg, item: Mapping[str, Any], box: list[float]) -> None:
    x, y, width, height = box
    for back in (6, 3) if item["copies"] > 1 else ():
        svg.add(
            "rect",
            x=x + back,
            y=y + back,
            width=width,
            height=height,
            rx=8,
            class_="b",
            fill=CLOSED,
            stroke="#b6c2cf",
        )
    svg.add(
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        rx=8,
        class_="b",
        fill=CLOSED,
        stroke="#a9b7c6",
    )
    svg.text(x + 9, y + 15, f"▸ {item['label']}", LABEL, fill=TEXT, font_weight="bold")
    svg.text(x + 9, y + 28, item["detail"], SMALL, fill=GREY)


def _operators(svg: Svg, view: GraphView, item: Mapping[str, Any], box: list[float]) -> None:
    x, y, width, height = box
    numbers = item["nodes"] if item["kind"] == "stack" else [item["node"]]
    nodes = [view.nodes[one] for one in numbers]
    ink = INK[family(nodes[0].op)]
    svg.raw("<g>" + element("title", _hover(nodes)))
    if item["kind"] == "stack":
        _stripes(svg, nodes, item, box)
    else:
        kind = family(nodes[0].op)
        svg.add(
            "rect",
            x=x,
            y=y,
            width=width,
            height=height,
            rx=6,
            class_="b",
            fill=FILL[kind],
            stroke=ink,
            stroke_dasharray="4 2" if kind == "input" else None,
        )
        base = y + (15 if item["detail"] else height / 2 + 4)
        svg.text(x + 10, base, item["lines"][0], LABEL, fill=TEXT)
        if item["detail"]:
            svg.text(x + 10, y + 28, item["detail"], SMALL, fill=GREY)
    svg.raw("</g>")


def _stripes(svg: Svg, nodes: list[GraphNode], item: Mapping[str, Any], box: list[float]) -> None:
    x, y, width, height = box
    r = 6
    edges = [y, *(y + 2 + STRIPE * i for i in range(1, len(nodes))), y + height]
    for i, node in enumerate(nodes):
        top, bottom = edges[i], edges[i + 1]
        fill = FILL[family(node.op)]
        if i == 0:
            d = (
                f"M{n(x)} {n(bottom)}V{n(top + r)}q0 {-r} {r} {-r}H{n(x + width - r)}"
                f"q{r} 0 {r} {r}V{n(bottom)}z"
            )
        elif i == len(nodes) - 1:
            d = (
                f"M{n(x)} {n(top)}H{n(x + width)}V{n(bottom - r)}q0 {r} {-r} {r}"
                f"H{n(x + r)}q{-r} 0 {-r} {-r}z"
            )
        else:
            d = f"M{n(x)} {n(top)}H{n(x + width)}V{n(bottom)}H{n(x)}z"
        svg.add("path", d=d, fill=fill)
        svg.text(x + 10, (top + bottom) / 2 + 4, item["lines"][i], LABEL, fill=TEXT)
    if item["detail"]:
        svg.text(
            x + width - 10,
            (edges[-2] + edges[-1]) / 2 + 3.5,
            item["detail"],
            SMALL,
            fill="#3d4450",
            text_anchor="end",
        )
    svg.add(
        "rect",
        x=x,
        y=y,
        width=width,
        height=height,
        rx=r,
        class_="b",
        fill="none",
        stroke=INK[family(nodes[0].op)],
    )


n = number


def _hover(nodes: list[GraphNode]) -> str:
    lines = []
    for node in nodes:
        name = "/".join((*node.group, node.name))
        numbers = [f"{quantity(node.params)} params"] if node.params else []
        numbers += [_flops(node.flops)] if node.flops else []
        lines.append(" · ".join([f"{name}: {node.op}", *numbers]))
    text = "\n".join(lines)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _line(svg: Svg, line: Mapping[str, Any]) -> None:
    points = line["points"]
    d = f"M{number(points[0][0])} {number(points[0][1])}"
    for i in range(1, len(points)):
        (x0, y0), (x1, y1) = points[i - 1], points[i]
        if x0 == x1:
            d += f"V{number(y1)}" if y0 != y1 else ""
        else:
            half = (y1 - y0) / 2
            d += (
                f"c0 {number(half)} {number(x1 - x0)} {number(half)} "
                f"{number(x1 - x0)} {number(y1 - y0)}"
            )
    arrow = None if line["to"] == "out" else "url(#a)"
    if line["back"]:
        svg.add("path", d=d, class_="e", stroke_dasharray="4 3", marker_start=arrow)
    else:
        svg.add("path", d=d, class_="e", marker_end=arrow)
