"""Names of ``mxnet.base`` for calls into MXNet's C library, which does not exist here.

Old files import them next to names that matter. The plain conversions work; a call into the library
raises an MXNetError that says so.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, NoReturn

from .base import MXNetError
from .error import message

__all__ = [
    "_LIB",
    "Handle",
    "c_array",
    "c_str",
    "c_str_array",
    "check_call",
    "mx_float",
    "mx_int",
    "mx_int64",
    "mx_uint",
]

mx_float = ctypes.c_float
mx_int = ctypes.c_int
mx_int64 = ctypes.c_int64
mx_uint = ctypes.c_uint
#: every handle of the C API: NDArrayHandle, SymbolHandle, ...
Handle = ctypes.c_void_p


class _NoLibrary:
    """Stands for the loaded library: each of its functions refuses."""

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise MXNetError(
            message(
                f"{name} is a function of MXNet's C library, and Workbench has none",
                fix="Use the Python function that does the same: all of MXNet's Python API is "
                "built without the C library.",
            )
        )


_LIB = _NoLibrary()


def c_str(string: str) -> ctypes.c_char_p:
    """A ``char *`` to the UTF-8 bytes of a string."""
    return ctypes.c_char_p(string.encode("utf-8"))


def c_str_array(strings: Sequence[str]) -> Any:
    """A ``char **`` to the UTF-8 bytes of strings."""
    return (ctypes.c_char_p * len(strings))(*(one.encode("utf-8") for one in strings))


def c_array(ctype: Any, values: Sequence[Any]) -> Any:
    """A C array of *ctype* that holds *values*."""
    return (ctype * len(values))(*values)


def check_call(ret: int) -> None:
    """Raise MXNetError unless *ret*, what a function of a C library returned, is 0."""
    if ret != 0:
        raise MXNetError(message(f"a call into a C library returned {ret}, which means failure"))
