"""Sub-namespaces of ``mx.nd``: the same operators under a shorter name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .. import _surface
from ..ops import find, no_such_name, public_names
from .entry import function_of

__all__ = ["namespace"]


Hooks = tuple[Callable[[str], Any], Callable[[], list[str]]]


def namespace(module: str, *prefixes: str) -> Hooks:
    """``__getattr__`` (the operator of the first prefix that has that name) and ``__dir__``.

    In ``workbench.ndarray.linalg``, with ``"_linalg_"``, ``gemm2`` is the function of
    ``_linalg_gemm2``. Names of MXNet that are not built yet raise NotYetInWorkbench.
    """
    other = _surface.getattr_for(module, error=no_such_name)

    def lookup(name: str) -> Any:
        if not name.startswith("__"):
            for prefix in prefixes:
                op = find(prefix + name)
                if op is not None:
                    return function_of(op, name)
        return other(name)

    def listing() -> list[str]:
        return sorted({*vars(sys.modules[module]), *public_names(module, *prefixes)})

    return lookup, listing
