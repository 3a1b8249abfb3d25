"""What everything stands on: the root of the error tree and the marker for "not given"."""

from __future__ import annotations

__all__ = ["MXNetError", "NotImplementedForSymbol", "_Null", "_NullType"]


class MXNetError(RuntimeError):
    """Root of every error that Workbench raises about arrays, operators, graphs and files.

    Derives from RuntimeError, as in MXNet 1.9.1. The subclasses in :mod:`workbench.error` also
    derive from the exception that a Python programmer expects (ValueError, TypeError, ...).
    """


class NotImplementedForSymbol(MXNetError):
    """Raised where a Symbol is asked for something that only an array with values has."""

    def __init__(self, function: object, alias: str | None = None, *args: object) -> None:
        name = getattr(function, "__name__", function)
        other = f" (use {alias})" if alias else ""
        super().__init__(
            f"{name} is not available for a Symbol, which has no values yet{other}. "
            "Bind the symbol and read the executor's outputs instead."
        )


class _NullType:
    """Marks a parameter that was not given, where None is itself a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "_Null"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "_Null"


_Null = _NullType()
