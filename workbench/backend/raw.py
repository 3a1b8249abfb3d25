"""F for raw arrays: the operators' names over one backend's kernels.

Gradient rules of the first order run with this F: no NDArray is made, nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..kernels.registry import is_prepared
from ..ops import get
from ..ops.registry import Op

__all__ = ["RawNamespace", "raw_namespace"]


_SHAPES_KEPT = 1024


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
        table = self._backend.table
        kernel = table.of(op)
        if not is_prepared(op):
            if not op.params or getattr(kernel, "func", None) is op.body:
                return kernel  # the body itself, which knows its defaults
            call = _with_defaults(op, kernel)
        else:
            call = _by_shape(op, _with_defaults(op, kernel), table)
        call.__name__ = name
        return call


def _with_defaults(op: Op, kernel: Callable[..., Any]) -> Callable[..., Any]:
    defaults = _defaults(op)

    def call(*arrays: Any, **given: Any) -> Any:
        return kernel(*arrays, **{**defaults, **given})

    return call


def _defaults(op: Op) -> dict[str, Any]:
    return {n: param.default for n, param in op.params.items() if not param.required}


def _by_shape(op: Op, otherwise: Callable[..., Any], table: Any) -> Callable[..., Any]:
    """What the table has prepared for the call's shapes and parameters, found again by them."""
    kept: dict[Any, Any] = {}
    defaults = _defaults(op)

    def call(*arrays: Any, **given: Any) -> Any:
        try:
            key = (*[a.shape for a in arrays], *given, *given.values())
            run, dtype = kept[key]
        except KeyError:
            if len(kept) > _SHAPES_KEPT:
                kept.clear()
            run, dtype = kept[key] = (
                table.prepared(op, arrays, {**defaults, **given}),
                arrays[0].dtype,
            )
        except (TypeError, AttributeError):  # a parameter without a hash, an input left out
            return otherwise(*arrays, **given)
        if run is not None and arrays[0].dtype is dtype:
            return run(*arrays)
        return otherwise(*arrays, **given)

    return call


def raw_namespace(backend: Any) -> RawNamespace:
    """The one F of a backend."""
    found = backend.__dict__.get("_raw")
    if found is None:
        found = backend._raw = RawNamespace(backend)
    return found
