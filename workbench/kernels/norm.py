"""Batch normalization in training and its gradient, prepared by shape: float32."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ops import rules
from ..ops.registry import Op
from . import llvm
from .registry import prepare

__all__: list[str] = []

Array = np.ndarray
Params = dict[str, Any]
_F32 = np.dtype("float32")
#: numbers up to which a call keeps the interpreter's lock
HELD = 1 << 17


def _bits(number: float) -> int:
    return int(struct.unpack("<I", struct.pack("<f", number))[0])


def _code(name: str, arrays: int, data: Array, params: Params) -> Callable[..., Any] | None:
    """Machine code for data of this shape; None where it is not for this call."""
    if not llvm.available() or data.dtype is not _F32 or not data.size:
        return None
    axis = rules.one_axis(params["axis"], data.ndim)
    images, channels = math.prod(data.shape[:axis]), data.shape[axis]
    places = data.size // (images * channels)
    from . import norm_llvm
    from .llvm.direct import direct

    words = [0] * arrays + [images, channels, places, _bits(params["eps"])]
    words += [_bits(float(params["fix_gamma"])), _bits(params["momentum"])]
    code = norm_llvm.compile_norm(name, places == 1)
    return direct(code, [_F32] * arrays, words, release=data.size > HELD)


@prepare("BatchNorm")
def _batch_norm(op: Op, arrays: Sequence[Any], params: Params) -> Callable[..., Any] | None:
    data = arrays[0]
    if not params["train"] or params["use_global_stats"]:
        return None
    code = _code("forward", 6, data, params)
    if code is None:
        return None
    shape, channels, empty = data.shape, arrays[1].shape, np.empty
    fixed = params["fix_gamma"]

    def run(data: Array, gamma: Array, beta: Array, mean: Array, var: Array) -> Any:
        out, batch_mean = empty(shape, _F32), empty(channels, _F32)
        scale = empty(channels, _F32)
        if code(data, gamma, beta, batch_mean, scale, out) is not out:
            return op.body(np, data, gamma, beta, mean, var, **params)
        if fixed:
            gamma[...] = 1
        return out, batch_mean, scale

    return run


@prepare("_backward_BatchNorm")
def _gradient(op: Op, arrays: Sequence[Any], params: Params) -> Callable[..., Any] | None:
    grad = arrays[0]
    if params["moving"]:
        return None
    code = _code("backward", 10, grad, params)
    if code is None:
        return None
    shape, channels, empty = grad.shape, arrays[2].shape, np.empty

    def run(*given: Array) -> Any:
        d_data, d_gamma = empty(shape, _F32), empty(channels, _F32)
        d_beta = empty(channels, _F32)
        writeable = all([moving.flags.writeable for moving in given[-2:]])
        if not writeable or code(*given, d_data, d_gamma, d_beta) is not d_beta:
            return op.body(np, *given, **params)
        return d_data, d_gamma, d_beta

    return run
