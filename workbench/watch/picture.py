"""Pictures of runs, for notebooks that are read without a kernel and for files."""

from __future__ import annotations

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
