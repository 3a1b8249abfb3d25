"""A run's timeline as SVG or PNG: a row for each device, a bar for each operator or task."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from .panels import ticks
from .runs import Run
from .svg import Svg, text_width
from .trace import Trace

__all__ = ["timeline_png", "timeline_svg"]

WIDTH, ROW, TOP, LEFT, RIGHT, FOOT = 900, 26, 58, 96, 70, 50
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
TEXT, GREY, GRID = "#222222", "#666666", "#e6e6e6"
MOST_BARS = 4000


@dataclass
class Bar:
    """A stretch of one row in pixels; *whole* when it is one event."""

    row: int
    x: float
    width: float
    name: int
    whole: bool
    wait: float


def timeline_svg(run: Run, start: float | None = None, stop: float | None = None) -> str:
    """The timeline of *run* from *start* to *stop* (µs since it began), as SVG.

    Without them, the last three steps are shown, or all of it if there are none. Each pixel shows
    the longest event in it, so a rare long one cannot be hidden by many short ones; the share
    at the right end is exact. Colour tells operators apart, and so does the name in the bar.
    """
    trace = getattr(run, "trace", None)
    if trace is None or not len(trace):
        return _nothing(run)
    first, last = _span(run, trace, start, stop)
    order = trace.order()
    svg = Svg(WIDTH, TOP + ROW * len(order) + FOOT, f"timeline of {run.name}")
    svg.text(12, 20, f"{run.name} · run {run.number} · timeline", 13, fill=TEXT, font_weight="bold")
    svg.text(
        12,
        37,
        f"{_time(first)} to {_time(last)} after the start · {len(trace)} events"
        + (f" · {trace.dropped} older ones dropped" if trace.dropped else ""),
        11,
        fill=GREY,
    )
    scale = (WIDTH - LEFT - RIGHT) / (last - first)
    _axis(svg, first, last, scale, len(order))
    shares = trace.busy(first, last)
    for place, number in enumerate(order):
        y = TOP + ROW * place
        svg.text(LEFT - 8, y + 16, trace.rows[number], 11, fill=TEXT, text_anchor="end")
        svg.text(WIDTH - RIGHT + 8, y + 16, f"{100 * shares[number]:.0f} %", 11, fill=GREY)
    _hatch(svg)
    place_of = {number: place for place, number in enumerate(order)}
    bars = _bars(trace, first, last, scale)
    for bar in bars:
        _draw(svg, bar, trace.names[bar.name], TOP + ROW * place_of[bar.row] + 3)
    _legend(svg, bars, trace, scale, TOP + ROW * len(order) + 38)
    return str(svg)


def _nothing(run: Run) -> str:
    svg = Svg(420, 60, f"timeline of {run.name}")
    svg.text(12, 24, f"{run.name} · run {run.number}", 13, fill=TEXT, font_weight="bold")
    svg.text(12, 44, "no events were recorded", 11, fill=GREY)
    return str(svg)


def _span(run: Run, trace: Trace, start: float | None, stop: float | None) -> tuple[float, float]:
    part = trace.since(0)
    last = float(part["stop"].max()) if stop is None else float(stop)
    first = float(part["start"].min()) if start is None else float(start)
    times = run.history["time"] * 1e6
    if start is None and len(times) > 3:
        first = max(first, float(times[-4]))
    if last <= first:
        first = float(part["start"].min())
    return first, max(last, first + 1.0)


def _legend(svg: Svg, bars: list[Bar], trace: Trace, scale: float, y: float) -> None:
    """The names that took most of the time in view."""
    total: dict[int, float] = {}
    for bar in bars:
        total[bar.name] = total.get(bar.name, 0.0) + bar.width / scale
    x = float(LEFT)
    for name in sorted(total, key=lambda one: -total[one]):
        text = f"{trace.names[name]} {_time(total[name])}"
        if x + text_width(text, 10) + 20 > WIDTH - RIGHT:
            break
        svg.add("rect", x=x, y=y - 8, width=10, height=10, rx=2, fill=COLOURS[name % len(COLOURS)])
        svg.text(x + 15, y + 1, text, 10, fill=GREY)
        x += text_width(text, 10) + 32


def _axis(svg: Svg, first: float, last: float, scale: float, rows: int) -> None:
    bottom = TOP + ROW * rows
    for tick in ticks(0.0, last - first, 8):
        x = LEFT + tick * scale
        svg.add("line", x1=x, x2=x, y1=TOP, y2=bottom, stroke=GRID)
        svg.text(x, bottom + 15, _time(tick), 10, fill=GREY, text_anchor="middle")
    for row in range(rows + 1):
        svg.add(
            "line", x1=LEFT, x2=WIDTH - RIGHT, y1=TOP + ROW * row, y2=TOP + ROW * row, stroke=GRID
        )
    svg.text(WIDTH - RIGHT + 8, TOP - 6, "busy", 10, fill=GREY)


def _hatch(svg: Svg) -> None:
    svg.raw(
        '<defs><pattern id="w" width="5" height="5" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line x1="0" x2="0" y1="0" y2="5" stroke="#ffffff" '
        'stroke-width="2.4" stroke-opacity="0.75"/></pattern></defs>'
    )


def _bars(trace: Trace, first: float, last: float, scale: float) -> list[Bar]:
    part = trace.since(0)
    inside = (part["stop"] > first) & (part["start"] < last)
    rows, names = part["row"][inside], part["name"][inside]
    begin = np.maximum(part["start"][inside], first)
    end = np.minimum(part["stop"][inside], last)
    left, width = LEFT + (begin - first) * scale, (end - begin) * scale
    length = np.maximum(part["stop"][inside] - part["start"][inside], 1e-9)
    waited = np.minimum(part["wait"][inside] / length, 1.0)
    order = np.argsort(-width, kind="stable")
    bars: list[Bar] = []
    taken: set[tuple[int, int]] = set()
    for i in order.tolist():
        x, w = float(left[i]), float(width[i])
        if w < 1.0:
            cell = (int(rows[i]), int(x))
            if cell in taken:
                continue
            taken.add(cell)
        if len(bars) >= MOST_BARS:
            break
        bars.append(Bar(int(rows[i]), x, max(w, 0.8), int(names[i]), w >= 1.0, float(waited[i])))
    return bars


def _draw(svg: Svg, bar: Bar, name: str, y: float) -> None:
    colour = COLOURS[bar.name % len(COLOURS)]
    height = ROW - 6
    radius = 2 if bar.width > 5 else None
    svg.add(
        "rect",
        x=bar.x,
        y=y,
        width=bar.width,
        height=height,
        rx=radius,
        fill=colour,
        fill_opacity=None if bar.whole else 0.6,
    )
    if bar.wait * bar.width > 2:
        svg.add("rect", x=bar.x, y=y, width=bar.width * bar.wait, height=height, fill="url(#w)")
    if text_width(name, 10) + 8 < bar.width:
        svg.text(
            bar.x + 4,
            y + height / 2 + 3.5,
            name,
            10,
            fill="#ffffff" if colour in ("#0072B2", "#009E73", "#D55E00") else "#111111",
        )


def timeline_png(
    run: Run, start: float | None = None, stop: float | None = None, dpi: int = 110
) -> bytes | None:
    """What :func:`timeline_svg` shows, as PNG; None without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return None
    trace = getattr(run, "trace", None)
    rows = trace.order() if trace is not None and len(trace) else []
    height = TOP + ROW * max(1, len(rows)) + FOOT + 20
    figure = Figure(figsize=(WIDTH / 90, height / 90), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((LEFT / WIDTH, 0.2, 1 - (LEFT + RIGHT) / WIDTH, 0.58))
    figure.text(
        0.013,
        0.93,
        f"{run.name} · run {run.number} · timeline",
        fontsize=9.5,
        fontweight="bold",
        color=TEXT,
        va="top",
        parse_math=False,
    )
    if trace is not None and rows:
        _plot(axes, trace, rows, _span(run, trace, start, stop))
    for spine in axes.spines.values():
        spine.set_visible(False)
    file = io.BytesIO()
    figure.savefig(file, format="png", facecolor="white")
    return file.getvalue()


def _plot(axes: Any, trace: Trace, rows: list[int], span: tuple[float, float]) -> None:
    from matplotlib.collections import PolyCollection

    first, last = span
    place_of = {number: place for place, number in enumerate(rows)}
    scale = (WIDTH - LEFT - RIGHT) / (last - first)
    boxes, colours = [], []
    for bar in _bars(trace, first, last, scale):
        left = (bar.x - LEFT) / scale / 1e3
        right = left + bar.width / scale / 1e3
        y = place_of[bar.row]
        boxes.append([(left, y - 0.38), (right, y - 0.38), (right, y + 0.38), (left, y + 0.38)])
        colours.append(COLOURS[bar.name % len(COLOURS)])
    axes.add_collection(PolyCollection(boxes, facecolors=colours, linewidths=0))
    axes.set_xlim(0, (last - first) / 1e3)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    shares = trace.busy(first, last)
    labels = [f"{trace.rows[one]}  {100 * shares[one]:.0f} %" for one in rows]
    axes.set_yticks(range(len(rows)), labels, fontsize=8, color=TEXT)
    axes.set_xlabel("ms", fontsize=8, color=GREY, loc="right")
    axes.tick_params(labelsize=8, length=0)
    axes.set_axisbelow(True)
    axes.grid(True, axis="x", color=GRID)


def _time(us: float) -> str:
    if us >= 1e6:
        return f"{us / 1e6:.3g} s"
    return f"{us / 1e3:.3g} ms" if us >= 1e3 else f"{us:.3g} µs"
