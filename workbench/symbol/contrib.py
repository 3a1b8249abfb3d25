"""``mx.sym.contrib``: operators called ``_contrib_NAME``, made on first use, and functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..attribute import AttrScope
from .contrib_functions import adamw_update, mp_adamw_update, rand_zipfian
from .control_flow import cond, foreach, while_loop
from .namespace import namespace
from .random import uniform
from .symbol import Symbol

__all__ = [
    "AttrScope",
    "Symbol",
    "adamw_update",
    "cond",
    "foreach",
    "mp_adamw_update",
    "rand_zipfian",
    "uniform",
    "while_loop",
]

if TYPE_CHECKING:
    from .._stubs.symbol_contrib import *  # noqa: F403

__getattr__, __dir__ = namespace(__name__, "_contrib_")
