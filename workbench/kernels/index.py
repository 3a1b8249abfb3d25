"""Rows and elements by index, prepared by shape: float32 numbers and float32 indices."""

from __future__ import annotations

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
_F32, _I64 = np.dtype("float32"), np.dtype("int64")
#: numbers up to which a call keeps the interpreter's lock
HELD = 1 << 18
#: topk of so many keeps them in order one by one; more are sorted
MOST = 64


def _plain(*arrays: Any) -> bool:
    return llvm.available() and all(a.dtype is _F32 and a.size for a in arrays)


def _code(name: str, places: Sequence[int], sizes: Sequence[int], work: int) -> Run:
    """Machine code of :mod:`.index_llvm`; *places* are those of the arrays in the call's order."""
    from . import index_llvm
    from .llvm.direct import direct

    kinds: list[Any] = [_F32] * len(places)
    if name in ("largest", "smallest"):
        kinds[1] = _I64  # odd, which the call names before the values and their places
    words = [0] * len(places) + [*sizes]
    code = index_llvm.compile_index(name)
    return direct(code, kinds, words, places, release=work > HELD)


def _filling(op: Op, params: Params, code: Run, shape: tuple[int, ...]) -> Run:
    empty = np.empty

    def run(*arrays: Array) -> Any:
        out = empty(shape, _F32)
        return out if code(*arrays, out) is out else op.body(np, *arrays, **params)

    return run


@prepare("Embedding")
def _embedding(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    data, weight = arrays
    if not _plain(data, weight):
        return None
    limit, width = weight.shape
    code = _code("gather", (1, 0, 2), (data.size, width, limit), data.size * width)
    return _filling(op, params, code, (*data.shape, width))


@prepare("take")
def _take(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    """Along the first axis."""
    table, index = arrays
    if not _plain(table, index) or params["mode"] != "clip":
        return None
    if rules.one_axis(params["axis"], table.ndim) or not index.ndim:
        return None
    limit, width = table.shape[0], math.prod(table.shape[1:])
    code = _code("gather", (0, 1, 2), (index.size, width, limit), index.size * width)
    return _filling(op, params, code, index.shape + table.shape[1:])


@prepare("_backward_take")
def _take_gradient(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    grad, index = arrays
    shape = params["shape"]
    if not _plain(grad, index) or params.get("mode", "clip") != "clip" or 0 in shape:
        return None
    if rules.one_axis(params.get("axis", 0), len(shape)):
        return None
    width = math.prod(shape[1:])
    code = _code("scatter_add", (0, 1, 2), (index.size, width, shape[0]), grad.size)
    return _filling(op, params, code, shape)


@prepare("one_hot")
def _one_hot(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    (index,) = arrays
    depth, given = params["depth"], (params["on_value"], params["off_value"], params["dtype"])
    if not _plain(index) or given != (1.0, 0.0, "float32"):
        return None
    code = _code("one_hot", (0, 1), (index.size, depth), index.size * depth)
    return _filling(op, params, code, (*index.shape, depth))


def _along_last(axis: int | None, rank: int) -> bool:
    return axis is not None and rank > 0 and rules.one_axis(axis, rank) == rank - 1


@prepare("pick")
def _pick(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    data, index = arrays
    if not _plain(data, index) or params["mode"] != "clip":
        return None
    if not _along_last(params["axis"], data.ndim) or index.size * data.shape[-1] != data.size:
        return None
    code = _code("pick", (0, 1, 2), (index.size, data.shape[-1]), index.size)
    kept = (1,) if params["keepdims"] else ()
    return _filling(op, params, code, (data.shape[:-1] + kept) or (1,))


@prepare("_backward_pick", "_put_along")
def _place(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    grad, index = arrays
    shape = params["shape"]
    if not _plain(grad, index) or params.get("mode", "clip") != "clip" or 0 in shape:
        return None
    rows = math.prod(shape[:-1])
    if not _along_last(params.get("axis", -1), len(shape)) or grad.size != index.size:
        return None
    if index.size % rows or (op.name == "_backward_pick" and index.size != rows):
        return None
    each = index.size // rows
    code = _code("place", (0, 1, 2), (rows, each, shape[-1]), rows * shape[-1])
    return _filling(op, params, code, shape)


@prepare("topk")
def _topk(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    (data,) = arrays
    if not _plain(data) or params["ret_typ"] == "mask" or params["dtype"] != "float32":
        return None
    if not _along_last(params["axis"], data.ndim) or data.shape[-1] >= 1 << 24:
        return None
    (shape, *_) = op.infer_shape(params, [data.shape])[1]
    width, each = data.shape[-1], shape[-1]
    if not 0 < each <= MOST:
        return None
    name = "smallest" if params["is_ascend"] else "largest"
    code = _code(name, (0, 3, 1, 2), (data.size // width, width, each), data.size)
    empty, kind = np.empty, params["ret_typ"]

    def run(data: Array) -> Any:
        odd, values, places = empty(1, _I64), empty(shape, _F32), empty(shape, _F32)
        if code(data, odd, values, places) is not places or odd[0]:
            return op.body(np, data, **params)
        if kind == "both":
            return values, places
        return (places,) if kind == "indices" else (values,)

    return run
