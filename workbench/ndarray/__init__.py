"""``mx.nd``: NumPy-like arrays, asynchronous, on many devices.

Operators are not listed here: ``nd.exp`` is made from the operator's record on first use.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING, Any

from .._surface import getattr_for
from ..context import Context, cpu, gpu
from ..ops import no_such_name, public_names
from . import methods as _methods
from .arithmetic import (
    add,
    divide,
    equal,
    greater,
    greater_equal,
    lesser,
    lesser_equal,
    logical_and,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    modulo,
    multiply,
    not_equal,
    power,
    subtract,
    true_divide,
)
from .creation import (
    arange,
    array,
    concatenate,
    empty,
    eye,
    full,
    histogram,
    linspace,
    onehot_encode,
    ones,
    zeros,
)
from .custom import Custom
from .functions import (
    from_dlpack,
    from_numpy,
    imdecode,
    moveaxis,
    split_v2,
    to_dlpack_for_read,
    to_dlpack_for_write,
)
from .ndarray import NDArray
from .serialize import load, load_frombuffer, save

_methods.install()
# NaN, inf and division by zero are values in MXNet, not events. A filter for our own modules
# costs nothing where nothing happens; np.errstate would cost 0.4 µs in every operator.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"workbench\.")

if TYPE_CHECKING:
    from .._stubs.ndarray import *  # noqa: F403
    from . import _internal, contrib, image, linalg, op, random, sparse  # noqa: F401

__all__ = [
    "Context",
    "Custom",
    "NDArray",
    "add",
    "arange",
    "array",
    "concatenate",
    "cpu",
    "divide",
    "empty",
    "equal",
    "eye",
    "from_dlpack",
    "from_numpy",
    "full",
    "gpu",
    "greater",
    "greater_equal",
    "histogram",
    "imdecode",
    "lesser",
    "lesser_equal",
    "linspace",
    "load",
    "load_frombuffer",
    "logical_and",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "modulo",
    "moveaxis",
    "multiply",
    "not_equal",
    "onehot_encode",
    "ones",
    "power",
    "save",
    "split_v2",
    "subtract",
    "to_dlpack_for_read",
    "to_dlpack_for_write",
    "true_divide",
    "waitall",
    "zeros",
]


def waitall() -> None:
    """Wait for all queued work on all devices; raises the first error in program order."""
    from ..engine import wait_all

    wait_all()


_other = getattr_for(__name__, {"CachedOp": "ndarray.cached_op:CachedOp"}, error=no_such_name)


_ROOMS = frozenset({"_internal", "contrib", "image", "linalg", "op", "random", "sparse"})


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS, *public_names(__name__)})


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module("." + name, __name__)
    from ..ops import find
    from .entry import function_of

    op = None if name.startswith("__") else find(name)
    if op is None:
        return _other(name)
    made = function_of(op, name)
    globals()[name] = made
    return made
