"""Sub-namespaces of ``mx.sym``: the same operators under a shorter name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ..ops import find, no_such_name, public_names
from .compose import function

__all__ = ["namespace"]


Hooks = tuple[Callable[[str], Any], Callable[[], list[str]]]


def namespace(module: str, *prefixes: str) -> Hooks:
    """``__getattr__`` (the operator of the first prefix that has that name) and ``__dir__``.

    With ``"_linalg_"`` the name ``gemm2`` is the function of ``_linalg_gemm2``, whose
    automatic names start with ``gemm2``.
    """

    def __getattr__(name: str) -> Any:
        if not name.startswith("__"):
            for prefix in prefixes:
                if find(prefix + name) is not None:
                    return function(prefix + name, name)
        raise no_such_name(module, name)

    def listing() -> list[str]:
        return sorted({*vars(sys.modules[module]), *public_names(module, *prefixes)})

    return __getattr__, listing
