"""The table: one line per row and number of threads, and the machine that it was measured on."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .harness import Row, ratio

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
_PACKAGES = ("numpy", "torch", "llvmlite", "threadpoolctl")


@dataclass
class Line:
    """A row measured with a number of threads: cells of text, and whether the limit was kept."""

    title: str
    threads: int
    times: str
    figures: str
    limit: str
    passed: bool | None

    @property
    def verdict(self) -> str:
        """What the last column says."""
        return {True: "kept", False: "**red**", None: "–"}[self.passed]

    def plain(self) -> str:
        """For a terminal."""
        mark = {True: "ok ", False: "RED", None: "-  "}[self.passed]
        title = f"{self.title} [{self.threads} thread(s)]"
        return f"{mark} {title}: {self.figures} {self.limit} | {self.times}"

    def markdown(self) -> str:
        """For the README."""
        cells = [self.title, str(self.threads), self.times, self.figures, self.limit, self.verdict]
        return f"| {' | '.join(cells)} |"


def _seconds(value: float) -> str:
    for factor, unit in ((1e6, "µs"), (1e3, "ms"), (1.0, "s")):
        if value * factor < 1000:
            return f"{value * factor:.3g} {unit}"
    return f"{value:.0f} s"


def line(row: Row, threads: int, starts: Sequence[dict[str, Any]]) -> Line:
    """The line of a row from its process starts: the worst counts, all are shown."""
    limit = "" if row.limit is None else f"{'≤' if row.most else '≥'} {row.shown.format(row.limit)}"
    errors = [one["error"] for one in starts if one["error"]]
    if errors:
        return Line(row.title, threads, f"failed: {errors[0]}", "–", limit, False)
    figures = [one["figure"] for one in starts]
    if any(figure is None for figure in figures):
        shown = ", ".join(f"{n} {_seconds(t)}" for n, t in starts[0]["times"].items())
        return Line(row.title, threads, f"{shown}; torch is not installed", "–", limit, None)
    worst = row.worst(figures)
    chosen = starts[figures.index(worst)]
    times = chosen["told"] or ", ".join(f"{n} {_seconds(t)}" for n, t in chosen["times"].items())
    rest = ", ".join(row.shown.format(figure) for figure in sorted(figures))
    shown = f"**{row.shown.format(worst)}**" + (f" ({rest})" if len(figures) > 1 else "")
    passed = None if row.limit is None else row.passes(worst)
    if row.best is not None:
        best = max(ratio(one["times"]) or 0.0 for one in starts)
        shown += f", to the best peer **{best:.2f}**"
        limit += f", {row.best:.2f}"
        passed = passed and best <= row.best
    return Line(row.title, threads, times, shown, limit, passed)


# ---- the machine ----------------------------------------------------------------------------


def processor() -> str:
    """The processor's name, as the system tells it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [
        row.partition(":")[2].strip() for row in text.splitlines() if row.startswith("model name")
    ]
    return names[0] if names else platform.machine()


def _version(package: str) -> str:
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {package}"


def machine() -> str:
    """Processor, cores, system, versions, and how busy the machine was."""
    try:
        cores = len(os.sched_getaffinity(0))
        busy = f", load {os.getloadavg()[0]:.1f}"
    except (AttributeError, OSError):
        cores, busy = os.cpu_count() or 1, ""
    versions = ", ".join(map(_version, _PACKAGES))
    return (
        f"{processor()}, {cores} cores, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, {versions}{busy}"
    )


def write(path: Path, lines: Sequence[Line], rounds: int) -> None:
    """Put the table between its marks in the file."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    head = [
        "| row | threads | times, worst start | figure: worst start (all) | limit | |",
        "|---|---|---|---|---|---|",
    ]
    day = datetime.date.today().isoformat()
    note = f"{day}, {machine()}. Minimum of {rounds} interleaved rounds in each process start."
    body = "\n".join([note, "", *head, *(one.markdown() for one in lines)])
    path.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", encoding="utf-8")
