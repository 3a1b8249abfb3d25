"""``mx.nd``: NumPy-like arrays, asynchronous, on many devices.

Operators are not listed here: ``nd.exp`` is made from the operator's record on first use.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from .._surface import getattr_for
from ..context import Context, cpu, gpu
from ..error import NotYetInWorkbench, UnknownOperator, message, user_line
from . import methods as _methods
from .creation import arange, array, concatenate, empty, full, ones, zeros
from .functions import *  # noqa: F403 (its __all__ is the list of those functions)
from .functions import __all__ as _functions
from .ndarray import NDArray
from .serialize import load, load_frombuffer, save

_methods.install()
# NaN, inf and division by zero are values in MXNet, not events. A filter for our own modules
# costs nothing where nothing happens; np.errstate would cost 0.4 µs in every operator.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"workbench\.")

__all__ = [
    *_functions,
    "Context",
    "NDArray",
    "arange",
    "array",
    "concatenate",
    "cpu",
    "empty",
    "full",
    "gpu",
    "load",
    "load_frombuffer",
    "ones",
    "save",
    "waitall",
    "zeros",
]


def waitall() -> None:
    """Wait for all queued work on all devices; raises the first error in program order."""
    from ..engine import wait_all

    wait_all()


_other = getattr_for(__name__)


_ROOMS = frozenset({"_internal", "contrib", "image", "linalg", "op", "random", "sparse"})


def _missing(name: str) -> Any:
    """A name of MXNet that is loaded later; else an error with the nearest names."""
    try:
        return _other(name)
    except NotYetInWorkbench:
        raise
    except AttributeError:
        if name.startswith("_"):
            raise
        from difflib import get_close_matches

        from ..ops.registry import all_names

        near = get_close_matches(name, [*__all__, *all_names()], n=3)
        raise UnknownOperator(
            message(
                f"mx.nd has no operator or function {name!r}",
                where=[user_line()],
                fix=f"Did you mean {', '.join(near)}?" if near else "See dir(mx.nd).",
            )
        ) from None


def __dir__() -> list[str]:
    from ..ops.registry import all_names

    public = [name for name in all_names() if not name.startswith("_")]
    return sorted({*__all__, *public, *_ROOMS, *globals()})


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module("." + name, __name__)
    from ..ops import find
    from .entry import function_of

    op = None if name.startswith("__") else find(name)
    if op is None:
        return _missing(name)
    made = function_of(op, name)
    globals()[name] = made
    return made
