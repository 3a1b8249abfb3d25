"""Data that ships with Workbench."""

from __future__ import annotations

import os

__all__ = ["data_path"]

_HERE = os.path.dirname(os.path.abspath(__file__))


def data_path(name: str) -> str:
    """The folder of a data set that ships with Workbench.

    Parameters
    ----------
    name : str
        ``"mnist"``: 10,000 and 2,000 real handwritten digits, every sixth of MNIST's training
        images and every fifth of its test images, in the four files' usual names and format.

    Examples
    --------
    >>> import os
    >>> sorted(os.listdir(data_path("mnist")))[0]
    't10k-images-idx3-ubyte.gz'
    """
    there = sorted(entry.name for entry in os.scandir(_HERE) if entry.is_dir())
    there = [folder for folder in there if not folder.startswith("_")]
    if name not in there:
        raise ValueError(f"no data set {name!r} ships with Workbench; there is {', '.join(there)}")
    return os.path.join(_HERE, name)
