"""Copies in another shape or order, joins and parts: what they do is found out once for a shape.

What is prepared gives fresh arrays; the operators' bodies may give views, which plans keep.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ops import rules
from ..ops.registry import Op
from . import llvm
from .registry import prepare

__all__: list[str] = []

Array = np.ndarray
Run = Callable[..., Any]
Params = dict[str, Any]
_F32 = np.dtype("float32")
#: bytes up to which a call keeps the interpreter's lock
HELD = 1 << 20


@prepare("Reshape", "expand_dims", "squeeze", "Flatten", "reshape_like")
def _reshape(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    shape = op.body(np, *arrays, **params).shape
    if len(arrays) > 1:
        return lambda lhs, rhs: lhs.reshape(shape).copy()
    return lambda data: data.reshape(shape).copy()


@prepare("transpose", "SwapAxis")
def _transpose(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    rank = arrays[0].ndim
    order = list(range(rank))
    if op.name == "transpose":
        order = list(params["axes"]) or order[::-1]
    else:
        a, b = (rules.one_axis(params[name], rank) for name in ("dim1", "dim2"))
        order[a], order[b] = b, a
    axes = tuple(order)
    return lambda data: data.transpose(axes).copy()


@prepare("slice_axis")
def _slice_axis(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    axis = rules.one_axis(params["axis"], arrays[0].ndim)
    key = (slice(None),) * axis + (slice(params["begin"], params["end"]),)
    return lambda data: data[key].copy()


@prepare("broadcast_axis", "broadcast_to", "broadcast_like")
def _broadcast(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    data = arrays[0]
    shape, dtype, empty = op.body(np, *arrays, **params).shape, data.dtype, np.empty
    if len(shape) != data.ndim and params:
        return None

    def run(data: Array, *like: Array) -> Array:
        out = empty(shape, dtype)
        out[...] = data
        return out

    return run


# ---- joins, parts, and reversed rows, by machine code -------------------------------------------


def _direct(name: str, parts: int, words: Sequence[int], nbytes: int) -> Run:
    from . import copies_llvm
    from .llvm.direct import direct

    code, arrays = copies_llvm.compile_copy(name, parts), parts + 1
    return direct(code, [_F32] * arrays, [0] * arrays + [*words], release=nbytes > HELD)


def _joined(
    arrays: Sequence[Array], axis: int, shape: tuple[int, ...], otherwise: Run
) -> Run | None:
    """The arrays one after the other along *axis* of the result."""
    from .llvm.direct import MOST_ARRAYS

    if len(arrays) >= MOST_ARRAYS or any(a.dtype is not _F32 or not a.size for a in arrays):
        return None
    rows = math.prod(shape[:axis])
    widths = [4 * a.size // rows for a in arrays]
    words = [rows, sum(widths), *widths]
    code = _direct("join", len(arrays), words, 4 * math.prod(shape))
    empty = np.empty

    def run(*given: Array) -> Array:
        out = empty(shape, _F32)
        return out if code(*given, out) is out else otherwise(*given)

    return run


@prepare("Concat", "stack")
def _join(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    shape = op.infer_shape(params, [a.shape for a in arrays])[1][0]
    axis = rules.one_axis(params["dim" if op.name == "Concat" else "axis"], len(shape))

    def body(*given: Array) -> Array:
        return op.body(np, *given, **params)

    made = _joined(arrays, axis, shape, body) if llvm.available() else None
    return body if made is None else made


@prepare("SliceChannel")
def _split(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    from .llvm.direct import MOST_ARRAYS

    (data,) = arrays
    count = params["num_outputs"]
    (shape, *_) = op.infer_shape(params, [data.shape])[1]

    def body(data: Array) -> Any:
        return [part.copy() for part in op.body(np, data, **params)]

    if not llvm.available() or count >= MOST_ARRAYS or data.dtype is not _F32 or not data.size:
        return body
    rows = math.prod(data.shape[: rules.one_axis(params["axis"], data.ndim)])
    width = 4 * data.size // rows // count
    code = _direct("split", count, [rows, width * count, *[width] * count], data.nbytes)
    each, empty = range(count), np.empty

    def run(data: Array) -> Any:
        outs = [empty(shape, _F32) for _ in each]
        return outs if code(data, *outs) is outs[-1] else body(data)

    return run


@prepare("reverse")
def _reverse(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    (data,) = arrays
    shape, rank = data.shape, data.ndim
    axes = {rules.one_axis(axis, rank) for axis in params["axis"]}
    key = tuple(slice(None, None, -1 if i in axes else 1) for i in range(rank))

    def body(data: Array) -> Array:
        return data[key].copy()

    if not llvm.available() or data.dtype is not _F32 or not data.size or axes != {rank - 1}:
        return body
    code = _direct("reverse", 1, [data.size // shape[-1], shape[-1]], data.nbytes)
    empty = np.empty

    def run(data: Array) -> Array:
        out = empty(shape, _F32)
        return out if code(data, out) is out else body(data)

    return run


@prepare("add_n")
def _add_n(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    from .elemwise import Recorder, fused

    shapes = [a.shape for a in arrays]
    count = len(arrays)
    if not llvm.available() or count < 2 or any(a.dtype is not _F32 for a in arrays):
        return None
    if any(shape != shapes[0] for shape in shapes):
        return None
    xp = Recorder("float32")
    made = fused(functools.reduce(xp.add, xp.inputs(count)))
    code = made.direct(shapes)
    if code is None:
        return None
    shape, empty = shapes[0], np.empty

    def run(*given: Array) -> Any:
        out = empty(shape, _F32)
        return out if code(*given, out) is out else made(*given)

    return run


def _block_copy(name: str, small: tuple[int, ...], down: int, across: int) -> Run:
    from . import copies_llvm
    from .llvm.direct import direct

    columns = small[-1]
    words = [0, 0, math.prod(small) // columns, columns, down, across]
    code = copies_llvm.compile_copy(name, 2 if across == 2 else 0)
    nbytes = 4 * math.prod(small) * down * across
    return direct(code, [_F32] * 2, words, release=nbytes > HELD)


def _with_blocks(name: str, data: Array, down: int, across: int, otherwise: Run) -> Run | None:
    """``enlarge`` or ``shrink`` of data, whose last axes are rows and columns."""
    if not llvm.available() or data.dtype is not _F32 or not data.size:
        return None
    (*lead, height, width), empty = (1, *data.shape), np.empty
    if name == "enlarge":
        shape = (*lead, height * down, width * across)[1:]
        code = _block_copy(name, data.shape, down, across)
    else:
        shape = (*lead, height // down, width // across)[1:]
        code = _block_copy(name, shape, down, across)

    def run(data: Array) -> Any:
        out = empty(shape, _F32)
        return out if code(data, out) is out else otherwise(data)

    return run


@prepare("_repeat_blocks", "_sum_blocks", "UpSampling", "repeat")
def _blocks(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    data = arrays[0]

    def body(data: Array) -> Any:
        return op.body(np, data, **params)

    if op.name == "UpSampling":
        if params["sample_type"] != "nearest" or len(arrays) > 1:
            return None
        down = across = params["scale"]
    elif op.name == "repeat":
        if params["axis"] is None or rules.one_axis(params["axis"], data.ndim) != data.ndim - 1:
            return None
        down, across = 1, params["repeats"]
    else:
        down, across = params.get("down", 1), params.get("across", 1)
    if not across:
        return None
    name = "shrink" if op.name == "_sum_blocks" else "enlarge"
    return _with_blocks(name, data, down, across, body)
