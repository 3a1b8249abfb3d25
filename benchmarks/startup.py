"""What importing costs, above NumPy's own import; each time in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from .harness import Case, Times, row


def _above_numpy(times: Times) -> float:
    first, numpy = times.values()
    return first - numpy


def _fresh(code: str) -> Callable[[], Any]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)


def _case(code: str) -> Case:
    return Case({"workbench": _fresh(code), "numpy": _fresh("import numpy")}, lambda: None, calls=1)


_SECONDS = {"figure": _above_numpy, "shown": "{:.3f} s", "threads": (1,)}


@row("import", "`import workbench`, seconds above NumPy's import", limit=0.25, **_SECONDS)
def import_package() -> Case:
    """Everything is loaded on first use."""
    return _case("import numpy, workbench")


@row(
    "import_used",
    "`mx.nd`, `mx.autograd` and `mx.gluon` too, seconds above NumPy's import",
    limit=0.25,
    **_SECONDS,
)
def import_used() -> Case:
    """What a script that trains a network loads."""
    return _case("import numpy, workbench as mx; mx.nd, mx.autograd, mx.gluon")
