"""Fluent methods, ``x.reshape(...)`` for ``mx.sym.Reshape(x, ...)``, made on first use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._surface import error_for
from ..ops import find
from .compose import function

__all__ = ["method_of"]

#: methods of MXNet's Symbol that may not be built yet
METHODS = frozenset(
    {
        *("argsort", "depth_to_space", "diag", "pad", "sort", "space_to_depth"),
        *("topk", "broadcast_axes", "broadcast_like", "nanprod", "nansum", "tile", "repeat"),
    }
)

#: methods whose operator has another name
NAMES = {"reshape": "Reshape", "flatten": "Flatten", "astype": "Cast", "split": "SliceChannel"}
#: operators of arrays alone, of no use as a method
NOT_FLUENT = frozenset({"Custom"})


def method_of(cls: type, name: str) -> Callable[..., Any]:
    """The method *name*, which is put onto *cls*; AttributeError when no operator fits."""
    made = None if name.startswith("_") or name in NOT_FLUENT else _make(name)
    if made is None:
        if name in METHODS:
            raise error_for("workbench.symbol", name)
        raise AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")
    setattr(cls, name, made)
    return made


def _make(name: str) -> Callable[..., Any] | None:
    if name == "split_v2":
        from .creation import split_v2  # which imports Symbol, whose methods these are

        return split_v2
    op = find(NAMES.get(name, name))
    if op is None or not op.inputs:
        return None
    target = function(op.name, name if name in op.aliases or name == op.name else NAMES[name])
    leading = {"reshape": "shape", "astype": "dtype", "split": "num_outputs", "transpose": "axes"}

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if name in leading and args:
            key = leading[name]
            several = len(args) > 1 or not isinstance(args[0], (tuple, list))
            kwargs[key] = args if several and key in ("shape", "axes") else args[0]
            args = ()
        if op.variadic:
            return target(self, *args, **kwargs)
        inputs = dict(zip([*op.inputs[1:], *op.params], args, strict=False))
        return target(self, **inputs, **kwargs)

    method.__name__, method.__qualname__ = name, f"Symbol.{name}"
    method.__doc__ = f"``mx.sym.{name}`` of this symbol.\n\n{target.__doc__}"
    return method
