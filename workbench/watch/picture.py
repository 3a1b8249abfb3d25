"""Pictures of runs, for notebooks that are read without a kernel and for files."""

from __future__ import annotations

import os
from pathlib import Path

from .history import atomic_write
from .picture_curves import curves_png, curves_svg
from .runs import Run

__all__ = ["curves_png", "curves_svg", "save_curves"]


def save_curves(run: Run, path: str | os.PathLike[str]) -> None:
    """Write the curves of *run* to *path*, as its ending says: ``.png`` or ``.svg``.

    Raises ValueError for another ending, and ImportError for PNG without matplotlib.
    """
    kind = Path(path).suffix.lower()
    if kind == ".svg":
        atomic_write(path, curves_svg(run))
    elif kind == ".png":
        data = curves_png(run)
        if data is None:
            raise ImportError(
                "PNG needs matplotlib: pip install 'workbench[lab]', or save as .svg"
            )
        atomic_write(path, data)
    else:
        raise ValueError(f"cannot write {kind or 'a file without ending'}; use .png or .svg")
