"""``mx.nd.contrib``: operators called ``_contrib_NAME``, made on first use, and functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..context import current_context
from .contrib_functions import isfinite, isinf, isnan, rand_zipfian
from .contrib_update import (
    adamw_update,
    mp_adamw_update,
    multi_adamw_update,
    multi_lamb_update,
    multi_mp_adamw_update,
    multi_mp_lamb_update,
)
from .control_flow import cond, foreach, while_loop
from .namespace import namespace
from .random import uniform

__all__ = [
    "adamw_update",
    "cond",
    "current_context",
    "foreach",
    "isfinite",
    "isinf",
    "isnan",
    "mp_adamw_update",
    "multi_adamw_update",
    "multi_lamb_update",
    "multi_mp_adamw_update",
    "multi_mp_lamb_update",
    "rand_zipfian",
    "uniform",
    "while_loop",
]

if TYPE_CHECKING:
    from .._stubs.ndarray_contrib import *  # noqa: F403

__getattr__, __dir__ = namespace(__name__, "_contrib_")
