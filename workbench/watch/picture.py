"""Pictures of runs, for notebooks that are read without a kernel and for files."""

from __future__ import annotations

import io
import os
from pathlib import Path

from .history import atomic_write
from .picture_curves import curves_png, curves_svg
from .picture_graph import graph_svg
from .picture_timeline import timeline_png, timeline_svg
from .runs import Run

__all__ = [
    "curves_png",
    "curves_svg",
    "graph_svg",
    "png",
    "run_png",
    "save_curves",
    "svg",
    "timeline_png",
    "timeline_svg",
]


def svg(run: Run) -> str:
    """The picture of *run* as SVG."""
    return curves_svg(run)


def png(run: Run) -> bytes:
    """The picture of *run* as PNG. Raises ImportError without matplotlib."""
    data = curves_png(run)
    if data is None:
        raise ImportError("PNG needs matplotlib: pip install 'workbench[lab]', or use svg()")
    return data


def run_png(run: Run, *, timeline: bool = False) -> bytes | None:
    """The curves as PNG and, with *timeline*, a few steps of every device below them.

    None without matplotlib.
    """
    above = curves_png(run)
    trace = getattr(run, "trace", None)
    if above is None or not timeline or trace is None or not len(trace):
        return above
    return _stacked(above, timeline_png(run, *_last_steps(run)) or above)


def _last_steps(run: Run, steps: int = 4) -> tuple[float, float]:
    """The time of the last few steps, in µs since the start of the run."""
    history = run.history.columns()
    ends = history["time"]
    if len(ends) <= steps:
        return 0.0, 1e6 * float(ends[-1]) if len(ends) else 1e6
    return 1e6 * float(ends[-1 - steps]), 1e6 * float(ends[-1])


def _stacked(above: bytes, below: bytes) -> bytes:
    """One PNG under another, both from the left edge, on white."""
    import matplotlib.image
    import numpy as np

    parts = [matplotlib.image.imread(io.BytesIO(one)) for one in (above, below)]
    width = max(part.shape[1] for part in parts)
    whole = np.ones((sum(part.shape[0] for part in parts), width, 4), parts[0].dtype)
    top = 0
    for part in parts:
        whole[top : top + part.shape[0], : part.shape[1], : part.shape[2]] = part
        top += part.shape[0]
    file = io.BytesIO()
    matplotlib.image.imsave(file, whole, format="png")
    return file.getvalue()


def save_curves(run: Run, path: str | os.PathLike[str]) -> None:
    """Write the curves of *run* to *path*, as its ending says: ``.png`` or ``.svg``.

    Raises ValueError for another ending, and ImportError for PNG without matplotlib.
    """
    kind = Path(path).suffix.lower()
    if kind == ".svg":
        atomic_write(path, curves_svg(run))
    elif kind == ".png":
        atomic_write(path, png(run))
    else:
        raise ValueError(f"cannot write {kind or 'a file without ending'}; use .png or .svg")
