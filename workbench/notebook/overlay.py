"""A picture of several runs laid over each other."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..watch import smooth
from ..watch.picture import curves_png

__all__ = ["overlay_png"]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
DASHES = ("-", "--", ":", "-.")
BETA = 0.6


def overlay_png(runs: Sequence[Any], dpi: int = 110) -> bytes | None:
    """Curves of *runs*, a chart for each measure, as PNG; None without matplotlib.

    One run is drawn as at the end of its cell. Of several, each has a colour and a dash; training
    curves are smoothed, validation is drawn as points.
    """
    if len(runs) == 1:
        return curves_png(runs[0])
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return None
    names = _measures(runs)
    figure = Figure(figsize=(4.6 * max(len(names), 1), 2.9), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, name in zip(np.ravel(figure.subplots(1, max(len(names), 1))), names, strict=False):
        axes.set_title(name, loc="left", fontsize=10, fontweight="bold")
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#eeeeee")
        axes.set_xlabel("step", fontsize=8)
        axes.tick_params(labelsize=8, colors="#666666")
        for i, run in enumerate(runs):
            _draw(axes, run, name, i)
        axes.legend(fontsize=8, frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, facecolor="white")
    return buffer.getvalue()


def _measures(runs: Sequence[Any]) -> list[str]:
    """What any of the runs measured, the loss first."""
    found: dict[str, None] = {"loss": None}
    for run in runs:
        for table in (run.history, run.history.validation):
            found.update(dict.fromkeys(table))
    return [name for name in found if name not in ("step", "epoch", "time", "lr")]


def _draw(axes: Any, run: Any, name: str, i: int) -> None:
    colour, label = COLOURS[i % len(COLOURS)], f"{run.number} {run.name}"
    train, held_out = run.history, run.history.validation
    if name in train:
        values = smooth(train[name], BETA)
        dash = DASHES[i % len(DASHES)]
        axes.plot(train["step"], values, dash, color=colour, linewidth=1.5, label=label)
    if name in held_out:
        axes.plot(
            held_out["step"], held_out[name], "o", color=colour, markersize=3, label=f"{label} val"
        )
