"""``mx.nd.NDArray`` put together: the class of :mod:`.core` gets its members here.

They are written as classes in modules of their own, which import what computes and therefore
cannot be imported by :mod:`.core` itself. Type checkers see them as its bases. Operators of arrays
and the fluent methods are made from records, in :mod:`.methods`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._surface import getattr_for
from ..dtypes import FLAG_TO_NAME, STORAGE_FLAGS
from .attributes import Attributes
from .copies import Copies
from .core import NDArray
from .gradients import Gradients
from .waiting import Waiting

__all__ = ["NDArray"]

_MAKERS = ("array", "empty", "zeros")
__getattr__ = getattr_for(__name__, {name: f"ndarray.creation:{name}" for name in _MAKERS})

# Tables that old files read here.
py_slice = slice
_STORAGE_TYPE_STR_TO_ID = dict(STORAGE_FLAGS)
_STORAGE_TYPE_ID_TO_STR = {flag: name for name, flag in STORAGE_FLAGS.items()}
_STORAGE_TYPE_UNDEFINED = STORAGE_FLAGS["undefined"]
_STORAGE_TYPE_DEFAULT = STORAGE_FLAGS["default"]
_STORAGE_TYPE_ROW_SPARSE = STORAGE_FLAGS["row_sparse"]
_STORAGE_TYPE_CSR = STORAGE_FLAGS["csr"]
_DTYPE_NP_TO_MX: dict[Any, int] = {None: -1} | {
    np.dtype(name).type: flag for flag, name in FLAG_TO_NAME.items() if name != "bfloat16"
}
_DTYPE_MX_TO_NP = {flag: kind for kind, flag in _DTYPE_NP_TO_MX.items()}
_GRAD_REQ_MAP = {"null": 0, "write": 1, "add": 3}


def _install(definitions: type) -> None:
    """Put the members of a class of definitions onto NDArray."""
    for name, member in vars(definitions).items():
        if name not in ("__module__", "__dict__", "__weakref__", "__doc__", "__slots__"):
            setattr(NDArray, name, member)
            if hasattr(member, "__qualname__"):
                member.__qualname__ = f"NDArray.{name}"


for _definitions in (Attributes, Waiting, Copies, Gradients):
    _install(_definitions)
