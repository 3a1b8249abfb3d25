"""What a picture of a run's curves shows, before anybody draws it.

Both renderers (:mod:`.picture_curves`: matplotlib and plain SVG) draw the same panels. Training is
blue and solid, validation vermillion, dashed and marked: no difference rests on colour alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from .history import Floats, Table, smooth, thin
from .runs import Run, clock

__all__ = ["COLOURS", "Panel", "Series", "caption", "panels", "ticks"]

COLOURS = {
    "blue": "#0072B2",
    "vermillion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "orange": "#E69F00",
    "black": "#000000",
}
"""The colours of Okabe and Ito (2008) without yellow, which does not show on white."""

MOST_PANELS = 3
NOT_METRICS = frozenset({"step", "epoch", "time", "loss", "lr"})


@dataclass
class Series:
    """One line. NaN in *y* is a gap; *pale* lines are the raw values behind a smoothed one.

    The label ends with the last value that was measured, not with the last smoothed one.
    """

    label: str
    x: Floats
    y: Floats
    colour: str
    dashed: bool = False
    marked: bool = False
    pale: bool = False


@dataclass
class Panel:
    """One set of axes. *broken* are steps whose value was not finite."""

    title: str
    series: list[Series] = field(default_factory=list)
    broken: list[float] = field(default_factory=list)

    def limits(self) -> tuple[float, float, float, float]:
        """Least and greatest x and y to show. A few high values do not squeeze all others."""
        xs = np.concatenate([one.x for one in self.series] + [np.array(self.broken)])
        ys = [one.y[np.isfinite(one.y)] for one in self.series]
        y = np.concatenate(ys) if ys else np.empty(0)
        if not y.size:
            y = np.array([0.0, 1.0])
        low, high = float(y.min()), float(y.max())
        if y.size > 50:
            usual = float(np.quantile(y, 0.98))
            if high - low > 4 * (usual - low) > 0:
                high = usual + (usual - low) * 0.25
        pad = (high - low) * 0.05 or abs(high) * 0.05 or 0.5
        left, right = (float(xs.min()), float(xs.max())) if xs.size else (0.0, 1.0)
        return left, right if right > left else left + 1, low - pad, high + pad


def panels(run: Run) -> list[Panel]:
    """The panels of *run*: loss first, then its metrics, three at most."""
    history, validation = run.history, run.history.validation
    made = []
    if "loss" in history or "loss" in validation:
        made.append(_loss(history, validation))
    names = [name for name in history if name not in NOT_METRICS]
    names += [name for name in validation if name not in NOT_METRICS and name not in names]
    made += [_metric(name, history, validation) for name in names]
    return made[:MOST_PANELS]


def _loss(history: Table, validation: Table) -> Panel:
    panel = Panel("loss")
    if "loss" in history:
        step, loss = history["step"], history["loss"]
        panel.broken = step[~np.isfinite(loss)].tolist()
        kept = thin([loss], len(loss))
        beta = 1 - 100 / len(loss) if len(loss) > 200 else 0.0
        if beta:
            panel.series.append(Series("", step[kept], _holes(loss[kept]), "blue", pale=True))
        smoothed = _holes(smooth(loss, beta))[kept]
        panel.series.append(Series(f"train{_last(loss)}", step[kept], smoothed, "blue"))
    if "loss" in validation:
        panel.series.append(_held_out("loss", validation))
    return panel


def _metric(name: str, history: Table, validation: Table) -> Panel:
    panel = Panel(name)
    if name in history:
        step, values, epoch = history["step"], history[name], history["epoch"]
        there = ~np.isnan(values)
        step, values, epoch = step[there], values[there], epoch[there]
        panel.broken = step[~np.isfinite(values)].tolist()
        kept = thin([values], len(values))
        step, values, epoch = step[kept], _holes(values[kept]), epoch[kept]
        # A training metric starts over with each epoch: no line across.
        cuts = np.flatnonzero(np.diff(epoch)) + 1
        x, y = np.insert(step, cuts, step[cuts]), np.insert(values, cuts, math.nan)
        panel.series.append(Series(f"train{_last(values)}", x, y, "blue"))
    if name in validation:
        panel.series.append(_held_out(name, validation))
    return panel


def _held_out(name: str, table: Table) -> Series:
    values = table[name]
    there = np.isfinite(values)
    label = f"validation{_last(values[there])}"
    return Series(label, table["step"][there], values[there], "vermillion", True, True)


def _last(values: Floats) -> str:
    finite = values[np.isfinite(values)]
    return f" {finite[-1]:.4g}" if len(finite) else ""


def _holes(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, math.nan)


def caption(run: Run) -> list[str]:
    """Lines under the picture: what ran and how far, last values, the exception if any."""
    state = run.state_dict()
    epochs = state.get("epoch") or 0
    of = f" of {run.epochs}" if run.epochs and run.epochs != epochs else ""
    first = [
        f"{run.name} · run {run.number}",
        run.state,
        f"{epochs}{of} epoch{'s' if epochs != 1 else ''}",
        f"{state.get('step') or 0} steps",
        clock(state.get("elapsed") or 0.0),
    ]
    values = [] if state.get("loss") is None else [f"loss {state['loss']:.4g}"]
    values += [f"{name} {value:.4g}" for name, value in run.metrics.items() if value is not None]
    values += [
        f"validation {name} {value:.4g}"
        for name, value in run.validation.items()
        if value is not None
    ]
    lines = [" · ".join(first), " · ".join(values)]
    error = state.get("error")
    if error:
        text = str(error["message"]).strip().splitlines()
        lines.append(
            f"{error['type']}: {text[0] if text else ''} "
            f"(epoch {error['epoch']}, step {error['step']})"
        )
    elif state.get("reason"):
        lines.append(str(state["reason"]))
    return [line for line in lines if line]


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers between *low* and *high*, *most* at most."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return [low]
    unit = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1, 2, 5, 10, 20):
        gap = unit * factor
        first, last = math.ceil(low / gap - 1e-9), math.floor(high / gap + 1e-9)
        if last - first + 1 <= most:
            break
    return [round(index * gap, 12) for index in range(first, last + 1)]
