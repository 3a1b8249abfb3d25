"""Dtypes by MXNet's names and by the numbers that its files use.

Source: facts on the ``.params`` format and ``mshadow/base.h`` type flags of MXNet 1.9.1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .error import DTypeError, message, user_line

FLAG_TO_NAME = {
    0: "float32",
    1: "float64",
    2: "float16",
    3: "uint8",
    4: "int32",
    5: "int8",
    6: "int64",
    7: "bool",
    12: "bfloat16",
}
#: how values are stored, by the numbers of MXNet's files and attributes
STORAGE_FLAGS = {"undefined": -1, "default": 0, "row_sparse": 1, "csr": 2}
NAME_TO_FLAG = {name: flag for flag, name in FLAG_TO_NAME.items()}
_DTYPES = {name: np.dtype(name) for name in NAME_TO_FLAG if name != "bfloat16"}
_BY_ANYTHING: dict[Any, np.dtype] = {
    **_DTYPES,
    **{dtype: dtype for dtype in _DTYPES.values()},
    **{dtype.type: dtype for dtype in _DTYPES.values()},
    float: _DTYPES["float64"],
    int: _DTYPES["int64"],
    bool: _DTYPES["bool"],
}
FLOATS = (_DTYPES["float16"], _DTYPES["float32"], _DTYPES["float64"])


def as_dtype(value: Any, default: str = "float32") -> np.dtype:
    """The NumPy dtype for a name, NumPy type, Python type or MXNet flag; None gives *default*.

    Raises DTypeError for anything that MXNet's arrays cannot hold.
    """
    if value is None:
        return _DTYPES[default]
    try:
        return _BY_ANYTHING[value]
    except (KeyError, TypeError):
        return _uncommon(value)


def _uncommon(value: Any) -> np.dtype:
    if isinstance(value, int) and value in FLAG_TO_NAME and FLAG_TO_NAME[value] in _DTYPES:
        return _DTYPES[FLAG_TO_NAME[value]]
    try:
        dtype = np.dtype(value).newbyteorder("=")
    except TypeError:
        dtype = None
    if dtype is None or dtype.name not in _DTYPES:
        raise DTypeError(
            message(
                f"unknown dtype {value!r}",
                where=[user_line()],
                fix="Use one of " + ", ".join(sorted(_DTYPES)) + ".",
            )
        )
    return _DTYPES[dtype.name]


def dtype_name(value: Any) -> str:
    """MXNet's name of a dtype: ``"float32"`` for ``np.float32``."""
    return as_dtype(value).name


def dtype_flag(value: Any) -> int:
    """The number that stands for a dtype in MXNet's files: 0 for float32."""
    return NAME_TO_FLAG[as_dtype(value).name]


def is_float(dtype: np.dtype) -> bool:
    """True for float16, float32 and float64."""
    return dtype.kind == "f"
