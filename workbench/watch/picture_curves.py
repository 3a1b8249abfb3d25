"""Pictures of a run's curves: PNG by matplotlib where it is installed, SVG by hand always."""

from __future__ import annotations

import io
import math
from typing import Any

from .panels import COLOURS, Panel, Series, caption, panels, ticks
from .runs import Run
from .svg import Svg, number, path, text_width

__all__ = ["curves_png", "curves_svg"]

WIDTH, HEIGHT, LINE = 340, 210, 16
GREY, GRID, TEXT = "#666666", "#e6e6e6", "#222222"


def curves_png(run: Run, dpi: int = 110) -> bytes | None:
    """The curves of *run* as PNG, white ground, caption below; None without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return None
    shown = panels(run) or [Panel("loss")]
    lines = caption(run)
    height = HEIGHT / 72 + 0.2 + 0.2 * len(lines)
    figure = Figure(figsize=(WIDTH / 72 * len(shown), height), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    bottom = (0.2 * len(lines) + 0.5) / height
    for index, panel in enumerate(shown):
        left = (index + 0.13) / len(shown)
        axes = figure.add_axes((left, bottom, 0.82 / len(shown), 1 - bottom - 0.3 / height))
        _draw(axes, panel)
        for step in _epoch_starts(run):
            axes.axvline(step, color="#bbbbbb", linewidth=0.8, linestyle=":", zorder=0)
    for index, line in enumerate(lines):
        bad = run.error is not None and index == len(lines) - 1
        figure.text(
            0.13 / len(shown),
            (0.2 * (len(lines) - index) - 0.1) / height,
            line,
            fontsize=8.5,
            color=COLOURS["vermillion"] if bad else TEXT if index == 0 else GREY,
            fontweight="bold" if index == 0 or bad else "normal",
            parse_math=False,
        )
    file = io.BytesIO()
    figure.savefig(file, format="png", facecolor="white")
    return file.getvalue()


def _draw(axes: Any, panel: Panel) -> None:
    left, right, low, high = panel.limits()
    for one in panel.series:
        if not len(one.x):
            continue
        axes.plot(
            one.x,
            one.y,
            color=COLOURS[one.colour],
            alpha=0.25 if one.pale else 1.0,
            linewidth=0.8 if one.pale else 1.6,
            linestyle="--" if one.dashed else "-",
            marker="o" if one.marked or len(one.x) == 1 else None,
            markersize=4,
            label=one.label or None,
        )
    if panel.broken:
        axes.plot(
            panel.broken,
            [high] * len(panel.broken),
            "^",
            color=COLOURS["vermillion"],
            clip_on=False,
            label="not finite",
        )
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    axes.set_title(
        panel.title, loc="left", fontsize=9.5, fontweight="bold", color=TEXT, parse_math=False
    )
    axes.grid(True, color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=GREY, length=0)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color("#bbbbbb")
    axes.set_xticks([tick for tick in ticks(left, right) if tick == int(tick)])
    axes.set_xlabel("step", fontsize=8, color=GREY, loc="right", labelpad=1)
    if any(one.label for one in panel.series):
        legend = axes.legend(
            fontsize=8, frameon=True, framealpha=0.8, edgecolor="none", loc="best", handlelength=2.2
        )
        for text in legend.get_texts():
            text.set_color(TEXT)


def _epoch_starts(run: Run, most: int = 30) -> list[float]:
    step, epoch = run.history["step"], run.history["epoch"]
    starts: list[float] = step[1:][epoch[1:] != epoch[:-1]].tolist()
    return starts if len(starts) <= most else []


def curves_svg(run: Run) -> str:
    """The curves of *run* as SVG; needs no other package."""
    shown = panels(run) or [Panel("loss")]
    lines = caption(run)
    width = max(WIDTH * len(shown), *(text_width(line, 11.5) + 32 for line in lines))
    svg = Svg(width, HEIGHT + 36 + LINE * len(lines), f"mxtrain run: {run.name}")
    for index, panel in enumerate(shown):
        _panel(svg, panel, index * WIDTH, _epoch_starts(run))
    for index, line in enumerate(lines):
        bad = run.error is not None and index == len(lines) - 1
        svg.text(
            16,
            HEIGHT + 38 + LINE * index,
            line,
            11.5 if index == 0 else 11,
            fill=COLOURS["vermillion"] if bad else TEXT if index == 0 else GREY,
            font_weight="bold" if index == 0 or bad else None,
        )
    return str(svg)


def _panel(svg: Svg, panel: Panel, offset: float, epochs: list[float]) -> None:
    left, right, low, high = panel.limits()
    x0, x1, y0, y1 = offset + 48, offset + WIDTH - 16, HEIGHT, 30

    def place(x: float, y: float) -> tuple[float, float]:
        across = (x - left) / (right - left)
        up = (min(max(y, low), high) - low) / (high - low)
        return x0 + across * (x1 - x0), y0 - up * (y0 - y1)

    svg.text(offset + 16, 18, panel.title, 12, fill=TEXT, font_weight="bold")
    for tick in ticks(low, high, 5):
        y = place(left, tick)[1]
        svg.add("line", x1=x0, x2=x1, y1=y, y2=y, stroke=GRID)
        svg.text(x0 - 6, y + 3.5, f"{tick:g}", 10, fill=GREY, text_anchor="end")
    for tick in ticks(left, right):
        x = place(tick, low)[0]
        if tick == int(tick) and x < x1 - 34:
            svg.text(x, y0 + 14, f"{tick:g}", 10, fill=GREY, text_anchor="middle")
    for step in epochs:
        x = place(step, low)[0]
        svg.add("line", x1=x, x2=x, y1=y0, y2=y1, stroke="#bbbbbb", stroke_dasharray="1 3")
    svg.add("line", x1=x0, x2=x1, y1=y0, y2=y0, stroke="#bbbbbb")
    svg.text(x1, y0 + 14, "step", 10, fill=GREY, text_anchor="end")
    for one in panel.series:
        _line(svg, one, place)
    for step in panel.broken[:500]:
        x, y = place(step, high)
        svg.add("path", d=f"M{number(x - 4)} {number(y + 3)}h8l-4 -7z", fill=COLOURS["vermillion"])
    if panel.broken:
        svg.text(
            x1,
            18,
            f"▲ not finite: {len(panel.broken)}",
            10,
            text_anchor="end",
            fill=COLOURS["vermillion"],
        )
    _legend(svg, panel, x1, y1)


def _line(svg: Svg, one: Series, place: Any) -> None:
    colour = COLOURS[one.colour]
    points = [
        place(x, y) if math.isfinite(y) else None
        for x, y in zip(one.x.tolist(), one.y.tolist(), strict=True)
    ]
    svg.add(
        "path",
        d=path(points),
        fill="none",
        stroke=colour,
        stroke_width=0.8 if one.pale else 1.8,
        stroke_opacity=0.3 if one.pale else None,
        stroke_dasharray="5 3" if one.dashed else None,
        stroke_linejoin="round",
    )
    if one.marked or len(points) == 1:
        for point in points:
            if point is not None:
                svg.add("circle", cx=point[0], cy=point[1], r=2.6, fill=colour)


def _legend(svg: Svg, panel: Panel, right: float, top: float) -> None:
    rows = [(one.label, one) for one in panel.series if one.label]
    if not rows:
        return
    width = max(text_width(text, 10.5) for text, _ in rows) + 34
    x = right - width
    y = top + 2 if _falls(panel) else HEIGHT - 8 - 15 * len(rows)
    svg.add(
        "rect",
        x=x - 4,
        y=y,
        width=width + 4,
        height=15 * len(rows) + 3,
        fill="#ffffff",
        fill_opacity=0.8,
        rx=3,
    )
    for index, (text, one) in enumerate(rows):
        line = y + 15 * index + 9
        svg.add(
            "line",
            x1=x,
            x2=x + 24,
            y1=line,
            y2=line,
            stroke=COLOURS[one.colour],
            stroke_width=1.8,
            stroke_dasharray="5 3" if one.dashed else None,
        )
        if one.marked:
            svg.add("circle", cx=x + 12, cy=line, r=2.6, fill=COLOURS[one.colour])
        svg.text(x + 30, line + 3.5, text, 10.5, fill=TEXT)


def _falls(panel: Panel) -> bool:
    """Whether the last line ends below the middle, so that its legend fits on top."""
    *_, low, high = panel.limits()
    ends = [one.y[-1] for one in panel.series if len(one.y) and math.isfinite(one.y[-1])]
    return not ends or sum(ends) / len(ends) < (low + high) / 2
