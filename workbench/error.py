"""Typed errors: what old code catches (MXNetError) and what Python expects, in one class.

Every message has three parts, put together by :func:`message`: what was wrong, where (inputs,
the user's line), how to fix it.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable
from pathlib import Path

from ._surface import getattr_for
from .base import MXNetError, NotImplementedForSymbol

__all__ = [
    "ContextError",
    "DTypeError",
    "DataFileError",
    "DeferredInitializationError",
    "GraphError",
    "InternalError",
    "MXNetError",
    "NotDifferentiable",
    "NotImplementedForSymbol",
    "NotYetInWorkbench",
    "OperatorError",
    "OutOfMemory",
    "ParameterError",
    "ShapeError",
    "StorageError",
    "UnknownOperator",
    "message",
    "user_line",
]


class InternalError(MXNetError):
    """Something that should never happen did, inside Workbench. MXNet's name for it."""


class ShapeError(MXNetError, ValueError):
    """Shapes do not fit together, or do not fit the operator."""


class DTypeError(MXNetError, TypeError):
    """Dtypes do not fit together, or an operator does not know one."""


class ContextError(MXNetError, ValueError):
    """A device does not exist, or arrays of devices that cannot meet met in one operator."""


class ParameterError(MXNetError, ValueError):
    """A parameter of an operator is missing, unknown, of a wrong type or out of range."""


class DrawError(ParameterError):
    """A random distribution was asked for that does not exist, a negative scale for example.

    As in MXNet 1.9.1 it is raised where the numbers are read.
    """


class OperatorError(MXNetError):
    """An operator failed while it computed."""


class IndexOutOfRange(OperatorError, IndexError):
    """An operator was given an index that an array does not have."""


class OutOfMemory(MXNetError, MemoryError):
    """A device has no room for an array of that size."""


class GraphError(MXNetError, ValueError):
    """A symbolic graph is malformed, or does not fit what it is bound to."""


class DataFileError(MXNetError, ValueError):
    """A file is not what its name or header promises: truncated, corrupt, of a wrong kind."""


class StorageError(MXNetError, OSError):
    """A file cannot be read or written: it is missing, not permitted, or the disk is full.

    ``errno`` and ``filename`` are those of the operating system's error.
    """

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""

    @classmethod
    def of(cls, cause: OSError, what: str) -> StorageError:
        """The typed error for *cause*, an OSError that was met when doing *what*."""
        fix = _STORAGE_FIXES.get(cause.errno or 0, "")
        error = cls(message(f"{what}: {cause.strerror or cause}", fix=fix))
        error.errno, error.strerror, error.filename = cause.errno, cause.strerror, cause.filename
        return error


_STORAGE_FIXES = {
    errno.ENOENT: "Check the path; a folder must exist before files are written into it.",
    errno.EACCES: "Choose a place where you may read and write.",
    errno.ENOSPC: "Free some space, or write to another disk.",
    errno.EFBIG: "Write to a disk or under a limit that takes larger files.",
}


class UnknownOperator(MXNetError, AttributeError):
    """No operator of this name exists."""


class NotDifferentiable(MXNetError):
    """A gradient was asked for where there is none."""


class DeferredInitializationError(MXNetError):
    """A parameter was read before its shape was known."""


class NotYetInWorkbench(MXNetError, AttributeError):
    """MXNet 1.9.1 has this name, Workbench does not have it yet (see docs/compat.md)."""


def message(what: str, *, where: Iterable[str] = (), fix: str = "") -> str:
    """Put together the three parts of an error text; empty parts are left out.

    >>> print(message("dot: Shape inconsistent", where=["lhs (2, 3)"], fix="Transpose rhs."))
    dot: Shape inconsistent
      where: lhs (2, 3)
      fix: Transpose rhs.
    """
    lines = [what, *(f"  where: {place}" for place in where if place)]
    if fix:
        lines.append(f"  fix: {fix}")
    return "\n".join(lines)


__getattr__ = getattr_for(__name__)
_PACKAGE = str(Path(__file__).parent)


def user_line(skip: int = 1) -> str:
    """The nearest line outside Workbench on the calling stack, as ``file:line in function``.

    Notebook cells appear under the name that IPython gives them. Empty when there is none.
    """
    frame = sys._getframe(skip)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((_PACKAGE, "<workbench")):
            return f"{name}:{frame.f_lineno} in {frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]
    return ""
