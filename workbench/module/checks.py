"""What modules ask of their users, and how they say it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from ..error import GraphError, MXNetError, message, user_line
from ..io import DataDesc

__all__ = ["NotReadyError", "as_list", "check_input_names", "described", "require"]

_PARAMETERS = ("_weight", "_bias", "_gamma", "_beta")


class NotReadyError(MXNetError, AssertionError):
    """A step was taken before another one that it needs; an AssertionError in MXNet."""


class NoShapeError(GraphError, TypeError):
    """What should be a shape is something else."""


def require(condition: Any, what: str, fix: str = "") -> None:
    """Raise NotReadyError, which says *what* is wrong, unless *condition* holds."""
    if not condition:
        raise NotReadyError(message(what, where=[user_line()], fix=fix))


def as_list(value: Any) -> list[Any]:
    """None as nothing, a list as it is, anything else as its only element."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def check_input_names(symbol: Any, names: Sequence[str], kind: str, strict: bool) -> None:
    """Every name is an argument of the symbol; else GraphError if *strict*, or a warning."""
    arguments = symbol.list_arguments()
    for name in names:
        if name in arguments:
            continue
        likely = [one for one in arguments if not one.endswith(_PARAMETERS)]
        text = message(
            f"Module(..., {kind}_names={list(names)}): input with name '{name}' is not found in "
            "symbol.list_arguments()",
            where=[f"inputs: {', '.join(likely)}", user_line()],
            fix=f"Pass {kind}_names with the symbol's own names.",
        )
        if strict:
            raise GraphError(text)
        warnings.warn(text, stacklevel=4)


def described(names: Sequence[str], shapes: Any, kind: str, strict: bool) -> list[DataDesc] | None:
    """DataDescs of what is given; GraphError (*strict*) or a warning where names differ."""
    found = None
    if shapes is not None:
        found = [one if isinstance(one, DataDesc) else DataDesc(*one) for one in shapes]
        for one in found:
            if not isinstance(one.shape, (tuple, list)):
                raise NoShapeError(
                    message(
                        f"{kind}_shapes: the shape of {one.name} is a {type(one.shape).__name__}",
                        where=[user_line()],
                        fix="Give a tuple of whole numbers.",
                    )
                )
    given = sorted(one.name for one in found or ())
    if given != sorted(names):
        text = message(
            f"Data provided by {kind}_shapes don't match names specified by {kind}_names "
            f"({given} vs. {sorted(names)})",
            where=[user_line()],
            fix=f"Name the shapes as in {kind}_names of the module.",
        )
        if strict:
            raise GraphError(text)
        warnings.warn(text, stacklevel=4)
    return found
