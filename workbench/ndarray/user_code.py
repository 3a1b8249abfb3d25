"""Calling what users wrote, so that its mistakes are told with its own lines."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..error import OperatorError, message, user_line

__all__ = ["call"]

_OURS = str(Path(__file__).parents[1])


def call(what: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """``function(*args, **kwargs)``; what it raises becomes an OperatorError.

    The text begins with *what* and names the lines of the user's code, the last of which raised;
    the error itself is the cause.
    """
    try:
        return function(*args, **kwargs)
    except Exception as error:
        lines = [
            f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}"
            for frame in traceback.extract_tb(error.__traceback__)
            if not frame.filename.startswith((_OURS, "<workbench"))
        ]
        raise OperatorError(
            message(
                f"{what} raised {type(error).__name__}: {error}",
                where=lines or [user_line()],
                fix="These lines are those of the code that was called; the last raised it.",
            )
        ) from error
