"""The table of :mod:`.operators`: a row for each operator, geometric means, limits, reasons."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .operators import LIMITS, ROW_LIMIT, SIZES, WHATS
from .operators_reasons import REASONS
from .table import machine

__all__ = ["Table"]

Key = tuple[str, str]  # size, what


def _mean(ratios: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


class Table:
    """Ratios to torch: of each row the worst of all process starts.

    Parameters
    ----------
    lines : what :func:`.operators.child` prints, of all starts
    """

    def __init__(self, lines: Sequence[dict[str, Any]]) -> None:
        self.ranks: dict[str, int] = {}
        self.ratios: dict[str, dict[Key, float]] = {}
        self.times: dict[str, dict[Key, float]] = {}
        for line in lines:
            op, key, ratio = line["op"], (line["size"], line["what"]), line["ours"] / line["torch"]
            self.ranks[op] = line["rank"]
            ratios, times = self.ratios.setdefault(op, {}), self.times.setdefault(op, {})
            if ratio > ratios.get(key, 0.0):
                ratios[key], times[key] = ratio, line["ours"]
        self.keys = [
            (size, what)
            for what in WHATS
            for size in SIZES
            if any((size, what) in ratios for ratios in self.ratios.values())
        ]

    def means(self) -> dict[Key, float]:
        """The geometric mean of each column."""
        return {
            key: _mean([ratios[key] for ratios in self.ratios.values() if key in ratios])
            for key in self.keys
        }

    @staticmethod
    def limit(key: Key) -> float:
        """What the geometric mean of a column has to keep to."""
        size, what = key
        return LIMITS[what][SIZES.index(size)]

    def slower(self) -> Iterator[tuple[float, str, Key]]:
        """The rows above 1, the worst first."""
        found = [
            (ratio, op, key)
            for op, ratios in self.ratios.items()
            for key, ratio in ratios.items()
            if ratio > 1
        ]
        yield from sorted(found, reverse=True)

    @property
    def passed(self) -> bool:
        """Whether the means keep to their limits and no row is above the limit of rows."""
        means = all(mean <= self.limit(key) for key, mean in self.means().items())
        return means and all(ratio <= ROW_LIMIT for ratio, _, _ in self.slower())

    def _rows(self) -> Iterator[list[str]]:
        for op in self.ratios:
            cells = [str(self.ranks[op]), op]
            for key in self.keys:
                ratio = self.ratios[op].get(key)
                cells.append("–" if ratio is None else _cell(ratio, self.times[op][key]))
            yield cells
        yield ["", "geometric mean", *(f"{mean:.2f}" for mean in self.means().values())]
        yield ["", "limit", *(f"{self.limit(key):.1f}" for key in self.keys)]

    def plain(self) -> str:
        """For a terminal."""
        head = [
            "",
            "operator",
            *(f"{size[:6]} {what[:1]}{what[10:11]}" for size, what in self.keys),
        ]
        rows = [head, *self._rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
        slow = [f"{r:.2f}  {op} {key[0]} {key[1]}" for r, op, key in self.slower()]
        return "\n".join([*lines, f"above 1: {len(slow)}", *slow])

    def write(self, path: Path, rounds: int) -> None:
        """As a page."""
        day = datetime.date.today().isoformat()
        heads = [f"{what}, {size}" for size, what in self.keys]
        lines = [
            "# Sixty operators beside torch",
            "",
            "Written by `make bench`; `benchmarks/operators.py` says how it is measured. A cell is "
            "the ratio to torch's time, worst of three process starts, and Workbench's own time; "
            "below 1 is faster. One thread.",
            "",
            f"{day}, {machine()}. Minimum of {rounds} interleaved rounds in each process start.",
            "",
            "| rank | operator | " + " | ".join(heads) + " |",
            "|---|---" + "|---" * len(heads) + "|",
            *("| " + " | ".join(row) + " |" for row in self._rows()),
            "",
            "## Above 1, with the reason",
            "",
            *(
                f"- {op}, {what}, {size}: {ratio:.2f}. {REASONS.get(op, 'Not explained yet.')}"
                for ratio, op, (size, what) in self.slower()
            ),
        ]
        path.write_text("\n".join(lines) + "\n", "utf-8")


def _cell(ratio: float, seconds: float) -> str:
    text = f"{ratio:.2f} ({seconds * 1e6:.3g} µs)"
    return f"**{text}**" if ratio > 1 else text
