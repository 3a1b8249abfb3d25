"""F for raw arrays: the operators' names over one backend's kernels.

Gradient rules of the first order run with this F: no NDArray is made, nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ops import get

__all__ = ["RawNamespace", "raw_namespace"]


class RawNamespace:
    """``F.relu(x)`` calls the backend's kernel with parsed parameters.

    A function is made on first use and kept as an attribute.
    """

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.xp = backend.xp

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        made = self._make(name)
        setattr(self, name, made)
        return made

    def _make(self, name: str) -> Callable[..., Any]:
        op = get(name)
        kernel = self._backend.table.of(op)
        if not op.params or getattr(kernel, "func", None) is op.body:
            return kernel  # the body itself, which knows its defaults
        defaults = {n: param.default for n, param in op.params.items() if not param.required}

        def call(*arrays: Any, **given: Any) -> Any:
            return kernel(*arrays, **{**defaults, **given})

        call.__name__ = name
        return call


def raw_namespace(backend: Any) -> RawNamespace:
    """The one F of a backend."""
    found = backend.__dict__.get("_raw")
    if found is None:
        found = backend._raw = RawNamespace(backend)
    return found
