"""``mx.sym._internal``: operators whose name starts with an underscore."""

from __future__ import annotations

from typing import Any

from .compose import function


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return function(name)
