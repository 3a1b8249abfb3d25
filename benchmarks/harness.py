"""How everything here is measured: rows, interleaved rounds, and what a number means.

A row compares ways of doing one thing. All ways run in one process and take turns, round by
round; each way's time is its minimum over the rounds, since noise only ever adds. Before that
their outputs are compared. A row's figure (mostly the ratio to torch) is measured in several
process starts, because memory layout is drawn anew in each, and the worst is what counts.

A row is a function that makes a :class:`Case`, registered by :func:`row`::

    @row("add", "eager add of 8 floats", limit=0.6)
    def add() -> Case:
        ...
        return Case({"workbench": lambda: a + b, "torch": lambda: s + t}, check)
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

__all__ = ["ROWS", "Case", "Result", "Row", "measure", "ratio", "row", "torch_or_none"]

ROUNDS = 15
SAMPLE_SECONDS, TURN_SECONDS = 0.002, 0.03
"""A sample repeats its way until it takes about as long, where one call is shorter; a turn takes
samples for about as long. Short ones find the gaps that other work on the machine leaves."""

Times = dict[str, float]
Around = Callable[[], AbstractContextManager[Any]]


def ratio(times: Times) -> float | None:
    """The first way's time by the best other one's; None when there is no other."""
    first, *others = times.values()
    return first / min(others) if others else None


@dataclass
class Case:
    """The ways of a row, ready to run.

    Parameters
    ----------
    ways : what to time by name; each does the same work and leaves nothing pending. The first
        is the one that is judged.
    check : raises where the ways' outputs differ; called once before timing.
    around : by way, a context in which its samples are taken; entering is not timed.
    calls : how often a sample calls its way; None lets its duration tell.
    """

    ways: dict[str, Callable[[], Any]]
    check: Callable[[], None]
    around: dict[str, Around] = field(default_factory=dict)
    calls: int | None = None


@dataclass(frozen=True)
class Result:
    """What a row that measures by itself gives instead of a Case: its figure, and details."""

    figure: float
    told: str


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    name : what ``--rows`` calls it.
    title : what the table calls it.
    build : makes the case, or (for a row that measures by itself) its result.
    figure : from the ways' times to the number that is judged; None when a peer is missing.
    limit : what the figure has to keep to, or None for a row that only informs.
    most : whether the limit is the most that the figure may be, or the least.
    shown : the figure as text.
    threads : the numbers of threads it is measured with.
    starts : in how many processes.
    best : the most that the ratio to the best peer may be, where the figure is that to one of them.
    """

    name: str
    title: str
    build: Callable[[], Case | Result]
    figure: Callable[[Times], float | None] = ratio
    limit: float | None = None
    most: bool = True
    shown: str = "{:.2f}"
    threads: tuple[int, ...] = (1, 2)
    starts: int = 3
    best: float | None = None

    def passes(self, figure: float) -> bool:
        """Whether the figure keeps to the limit."""
        if self.limit is None:
            return True
        return figure <= self.limit if self.most else figure >= self.limit

    def worst(self, figures: Sequence[float]) -> float:
        """The figure of several starts that counts."""
        return max(figures) if self.most else min(figures)


ROWS: dict[str, Row] = {}


def row(name: str, title: str, **options: Any) -> Callable[[Any], Any]:
    """Decorator: make the function that builds a case into a row of the table."""

    def register(build: Callable[[], Case | Result]) -> Callable[[], Case | Result]:
        ROWS[name] = Row(name, title, build, **options)
        return build

    return register


def _calls_for(way: Callable[[], Any], sample: float) -> int:
    way()
    start = perf_counter()
    way()
    return max(1, int(sample / max(perf_counter() - start, 1e-7)))


def measure(
    case: Case,
    rounds: int = ROUNDS,
    sample: float | None = None,
    turn: float | None = None,
) -> Times:
    """Seconds per call of each way: its least sample in *rounds* turns, ways alternating."""
    sample = SAMPLE_SECONDS if sample is None else sample
    turn = TURN_SECONDS if turn is None else turn
    case.check()
    around = {name: case.around.get(name, contextlib.nullcontext) for name in case.ways}
    calls = {}
    for name, way in case.ways.items():
        with around[name]():
            calls[name] = case.calls or _calls_for(way, sample)
    best = dict.fromkeys(case.ways, float("inf"))
    for number in range(rounds):
        order = list(case.ways)
        for name in order if number % 2 == 0 else reversed(order):
            gc.collect()
            with around[name]():
                best[name] = min(best[name], _turn(case.ways[name], calls[name], turn))
    return best


def _turn(way: Callable[[], Any], calls: int, turn: float) -> float:
    """Seconds per call in the best of a turn's samples."""
    repeat, best, begin = range(calls), float("inf"), perf_counter()
    while True:
        start = perf_counter()
        for _ in repeat:
            way()
        stop = perf_counter()
        best = min(best, (stop - start) / calls)
        if stop - begin > turn:
            return best


def torch_or_none(threads: int | None = None) -> Any:
    """torch where it is installed, with as many threads as the process was told to use."""
    import os

    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(threads or int(os.environ.get("OMP_NUM_THREADS", "1")))
    torch.manual_seed(0)
    return torch
