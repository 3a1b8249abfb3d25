"""What everything stands on: the root of the error tree and the marker for "not given"."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

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
    "error_types",
    "integer_types",
    "mx_real_t",
    "numeric_types",
    "py_str",
    "register_error",
    "string_types",
]

_C = ("_LIB", "c_array", "c_str", "c_str_array", "check_call")
_C_TYPES = ("mx_float", "mx_int", "mx_int64", "mx_uint")
_HANDLES = (
    *("CachedOpHandle", "CudaKernelHandle", "CudaModuleHandle", "DLPackHandle", "DataIterHandle"),
    *("DataIterCreatorHandle", "ExecutorHandle", "FunctionHandle", "KVStoreHandle", "OpHandle"),
    *("NDArrayHandle", "ProfileHandle", "RecordIOHandle", "RtcHandle", "SymbolHandle"),
)
__getattr__ = getattr_for(
    __name__,
    {
        "classproperty": "scopes:classproperty",
        **{name: f"_c_api:{name}" for name in (*_C, *_C_TYPES)},
        **dict.fromkeys(_HANDLES, "_c_api:Handle"),
    },
)

string_types = (str,)
numeric_types = (float, int, np.generic)
integer_types = (int, np.int32, np.int64)
#: dtype of an array that was made without naming one
mx_real_t = np.float32


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


def py_str(text: bytes) -> str:
    """The string that UTF-8 bytes stand for."""
    return text.decode("utf-8")


def _as_list(obj: Any) -> Any:
    """A list or tuple as it is, anything else as a list of one."""
    return obj if isinstance(obj, list | tuple) else [obj]


#: exception classes by the name under which :func:`register_error` was given them
error_types: dict[str, Any] = {}


def register_error(func_name: Any = None, cls: Any = None) -> Any:
    """Keep an exception class in :data:`error_types`: a decorator, bare or with a name.

    Parameters
    ----------
    func_name : str or type
        the name to keep it under (default: the name of the class), or the class itself
    cls : type
        the class, when this is called and not used as a decorator

    Returns
    -------
    type or callable
        the class, or the decorator that waits for it
    """
    if not isinstance(func_name, str) and func_name is not None:
        func_name, cls = func_name.__name__, func_name

    def register(kind: Any) -> Any:
        error_types[func_name or kind.__name__] = kind
        return kind

    done: Callable[[Any], Any] = register
    return done if cls is None else done(cls)
