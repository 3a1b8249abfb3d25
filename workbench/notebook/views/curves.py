"""Curves of one run, or of several laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..channel import pack_run
from .base import View, script

__all__ = ["CurvesView"]


class CurvesView(View):
    """Loss and metrics over steps, epochs or time, for runs that are over or going on.

    Parameters
    ----------
    runs : the runs to draw; the first gives the view its name.
    """

    _esm = script("curves")

    def __init__(self, *runs: Any, **traits: Any) -> None:
        if not runs:
            raise ValueError("CurvesView needs at least one run")
        self.runs: Sequence[Any] = runs
        super().__init__(runs[0], **traits)
        if len(runs) > 1:
            self.run = " and ".join(str(run.number) for run in runs)

    def _answer(self) -> None:
        if len(self.runs) == 1:
            self.channel.flush()
            return
        parts, buffers = [], []
        same = len({run.name for run in self.runs}) == 1
        for run in self.runs:
            label = f"run {run.number}" if same else f"{run.number} {run.name}"
            part, more = pack_run(run, label)
            parts.append(part)
            buffers += more
        self.send({"t": "runs", "ghost": False, "runs": parts}, buffers=buffers)
