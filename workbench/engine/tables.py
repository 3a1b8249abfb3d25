"""Times by name, as the text and JSON tables of ``mx.profiler.dumps``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from .events import Event
from .marks import Mark
from .trace import category

__all__ = ["Row", "as_json", "as_text", "tables"]


@dataclass
class Row:
    """One line of a table: times in ms."""

    count: int = 0
    total: float = 0.0
    least: float = float("inf")
    most: float = float("-inf")

    def add(self, value: float, *, last: bool = False) -> None:
        """Count one value in; *last*: the total is the last value, not the sum."""
        self.count += 1
        self.total = value if last else self.total + value
        self.least = min(self.least, value)
        self.most = max(self.most, value)

    @property
    def mean(self) -> float:
        """Total by count."""
        return self.total / self.count

    def key(self, sort_by: str) -> float:
        """What a table is sorted by."""
        return {
            "total": self.total,
            "avg": self.mean,
            "min": self.least,
            "max": self.most,
            "count": float(self.count),
        }[sort_by]


def tables(recorded: Iterable[Event], marks: Iterable[Mark]) -> dict[str, dict[str, Row]]:
    """Tables by category, both in order of name; a counter's total is its last value / 1000."""
    found: dict[str, dict[str, Row]] = {}
    for event in recorded:
        table = found.setdefault(category(event.row), {})
        table.setdefault(event.name, Row()).add((event.stop - event.start) / 1e3)
    for mark in marks:
        table = found.setdefault(mark.category, {})
        if mark.phase == "C":
            table.setdefault(mark.name, Row()).add(mark.value / 1e3, last=True)
        elif mark.phase != "n":
            table.setdefault(mark.name, Row()).add((mark.stop - mark.start) / 1e3)
    return dict(sorted(found.items()))


def as_text(tables: dict[str, dict[str, Row]]) -> str:
    """Tables in MXNet's layout."""
    heads = ("Time (ms)", "Min Time (ms)", "Max Time (ms)", "Avg Time (ms)")
    lines = ["", "Profile Statistics:", "\tNote the difference in units for different entries."]
    for name, table in tables.items():
        lines += [name, "================="]
        lines.append(f"{'Name':<25}{'Total Count':>16}" + "".join(f"{one:>17}" for one in heads))
        rules = "".join(f"{'-' * len(one):>17}" for one in heads)
        lines.append(f"{'----':<25}{'-----------':>16}{rules}")
        for label, row in table.items():
            times = (row.total, row.least, row.most, row.mean)
            lines.append(f"{label:<25}{row.count:>16}" + "".join(f"{one:>17.4f}" for one in times))
        lines.append("")
    return "\n".join(lines) + "\n"


def as_json(tables: dict[str, dict[str, Row]]) -> str:
    """The same numbers as MXNet's JSON text."""
    times = {
        name: {
            label: {
                "Count": row.count,
                "Total": row.total,
                "Min": row.least,
                "Max": row.most,
                "Avg": row.mean,
            }
            for label, row in table.items()
        }
        for name, table in tables.items()
    }
    return json.dumps(
        {"Time": times, "Memory": {}, "Unit": {"Time": "ms", "Memory": "kB"}}, indent=4
    )
