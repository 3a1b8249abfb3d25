"""What everything stands on: the root of the error tree and the marker for "not given"."""

from __future__ import annotations

import os

import numpy as np

from ._surface import getattr_for

__all__ = [
    "MXNetError",
    "NotImplementedForSymbol",
    "NotSupportedForSparseNDArray",
    "_Null",
    "_NullType",
    "data_dir",
    "data_dir_default",
    "integer_types",
    "numeric_types",
    "string_types",
]

__getattr__ = getattr_for(__name__)

string_types = (str,)
numeric_types = (float, int, np.generic)
integer_types = (int, np.int32, np.int64)


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


class NotSupportedForSparseNDArray(MXNetError):
    """Raised where a sparse array is asked for something that only a dense one can do."""

    def __init__(self, function: object, alias: str | None = None, *args: object) -> None:
        name = getattr(function, "__name__", function)
        other = f" (operator {alias})" if alias else ""
        super().__init__(
            f"{name}{other} is not supported for SparseNDArray. "
            'Convert it first: array.tostype("default").'
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


def data_dir_default() -> str:
    """Where data sets and models are kept when MXNET_HOME does not say: ``~/.mxnet``."""
    return os.path.join(os.path.expanduser("~"), ".mxnet")


def data_dir() -> str:
    """Where data sets and models are kept: ``$MXNET_HOME``, else ``~/.mxnet``."""
    return os.environ.get("MXNET_HOME", data_dir_default())
