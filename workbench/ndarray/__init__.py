"""``mx.nd``: NumPy-like arrays, asynchronous, on many devices.

Operators are not listed here: ``nd.exp`` is made from the operator's record on first use.
"""

from __future__ import annotations

import warnings
from typing import Any

from ..context import Context, cpu, gpu
from . import methods as _methods
from .core import NDArray
from .creation import array, concatenate, empty, full, ones, zeros
from .ndarray import moveaxis

_methods.install()
# NaN, inf and division by zero are values in MXNet, not events. A filter for our own modules
# costs nothing where nothing happens; np.errstate would cost 0.4 µs in every operator.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"workbench\.")

__all__ = [
    "Context",
    "NDArray",
    "array",
    "concatenate",
    "cpu",
    "empty",
    "full",
    "gpu",
    "moveaxis",
    "ones",
    "waitall",
    "zeros",
]


def waitall() -> None:
    """Wait for all queued work on all devices; raises the first error in program order."""
    from ..engine import wait_all

    wait_all()


def __getattr__(name: str) -> Any:
    from ..ops import find
    from .entry import function_of

    op = None if name.startswith("__") else find(name)
    if op is None:
        raise AttributeError(f"module 'workbench.ndarray' has no attribute {name!r}")
    made = function_of(op, name)
    globals()[name] = made
    return made
