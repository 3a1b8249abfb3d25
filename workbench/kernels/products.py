"""Products of matrices, prepared by shape: NumPy's own functions without a look at the case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ops.registry import Op
from .registry import prepare

__all__: list[str] = []

Array = np.ndarray
Run = Callable[..., Any]
Params = dict[str, Any]
_F32 = np.dtype("float32")


@prepare("dot")
def _dot(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    """Of two matrices."""
    dot, flags = np.dot, (params.get("transpose_a"), params.get("transpose_b"))
    if any(a.ndim != 2 for a in arrays):
        return None
    if flags == (True, True):
        return lambda lhs, rhs: dot(lhs.T, rhs.T)
    if flags[0]:
        return lambda lhs, rhs: dot(lhs.T, rhs)
    if flags[1]:
        return lambda lhs, rhs: dot(lhs, rhs.T)
    return dot


@prepare("batch_dot")
def _batch_dot(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    if params.get("transpose_a") or params.get("transpose_b"):
        return None
    return np.matmul


@prepare("FullyConnected")
def _dense(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    """Of a matrix that is not repacked."""
    from ..ops.nn_dense import swaps_factors

    data, weight, bias = arrays
    if any(a is not None and a.dtype is not _F32 for a in arrays) or data.ndim != 2:
        return None
    if bias is not None and bias.ndim != 1:
        return None
    if swaps_factors(data, weight):
        return None
    dot = np.dot
    if bias is None:
        return lambda data, weight, bias: dot(data, weight.T)

    def run(data: Array, weight: Array, bias: Array) -> Array:
        out = dot(data, weight.T)
        out += bias
        return out

    return run
