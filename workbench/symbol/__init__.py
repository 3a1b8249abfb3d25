"""``mx.sym``: graphs of operators, to be bound to arrays later.

Operators are not listed here: ``sym.FullyConnected`` is made from the operator's record on first
use, as ``nd.FullyConnected`` is.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..ops import no_such_name, public_names
from .compose import find_function
from .creation import (
    Group,
    Variable,
    arange,
    eye,
    fromjson,
    full,
    histogram,
    hypot,
    linspace,
    load,
    load_json,
    maximum,
    minimum,
    ones,
    pow,
    power,
    split_v2,
    var,
    zeros,
)
from .custom import Custom
from .symbol import Symbol
from .tape import from_tape

if TYPE_CHECKING:
    from .._stubs.symbol import *  # noqa: F403
    from . import _internal, contrib, image, linalg, op, random, sparse  # noqa: F401

__all__ = [
    "Custom",
    "Group",
    "Symbol",
    "Variable",
    "arange",
    "eye",
    "from_tape",
    "fromjson",
    "full",
    "histogram",
    "hypot",
    "linspace",
    "load",
    "load_json",
    "maximum",
    "minimum",
    "ones",
    "pow",
    "power",
    "split_v2",
    "var",
    "zeros",
]

_ROOMS = ("contrib", "image", "linalg", "op", "random", "sparse", "_internal")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS, *public_names(__name__)})


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    made = None if name.startswith("__") else find_function(name)
    if made is None:
        raise no_such_name(__name__, name)
    globals()[name] = made
    return made
