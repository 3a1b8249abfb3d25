"""``mx.sym.contrib``: operators called ``_contrib_NAME``, and control flow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..ndarray.contrib import zipfian
from .control_flow import cond, foreach, while_loop
from .namespace import namespace
from .symbol import Symbol

if TYPE_CHECKING:
    from .._stubs.symbol_contrib import *  # noqa: F403

__all__ = ["cond", "foreach", "rand_zipfian", "while_loop"]


def rand_zipfian(
    true_classes: Symbol, num_sampled: int, range_max: int
) -> tuple[Symbol, Symbol, Symbol]:
    """Draw classes by Zipf's law; see :func:`workbench.ndarray.contrib.rand_zipfian`."""
    from .random import uniform

    wide = math.log(range_max + 1)
    drawn = uniform(0, wide, shape=(num_sampled,), dtype="float64")
    return zipfian(drawn, true_classes, num_sampled, range_max)


__getattr__, __dir__ = namespace(__name__, "_contrib_")
