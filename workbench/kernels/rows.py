"""Softmax and reductions along the last axes of float32 arrays, prepared by shape."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..ops import rules
from ..ops.registry import Op
from . import llvm
from .registry import prepare

__all__ = ["rows_kernel"]

Array = np.ndarray
Run = Callable[..., Any]
Params = dict[str, Any]
_F32 = np.dtype("float32")
#: numbers up to which a call keeps the interpreter's lock: some 50 µs
HELD = 1 << 18
#: sums of longer rows are left to NumPy, which adds in pairs
LONGEST = 1 << 14


def _plain(*arrays: Any) -> bool:
    """Whether these are float32 and not empty, and machine code can be made."""
    return llvm.available() and all(a.dtype is _F32 and a.size for a in arrays)


def rows_kernel(name: str, arrays: int, rows: int, columns: int) -> Run:
    """Machine code over matrices, called with *arrays* arrays; see :func:`.direct.direct`."""
    from . import rows_llvm
    from .llvm.direct import direct

    words = [0] * arrays + [rows, columns]
    release = rows * columns > HELD
    return direct(rows_llvm.compile_rows(name), [_F32] * arrays, words, release=release)


def _filling(code: Run, shape: tuple[int, ...], otherwise: Run) -> Run:
    """A function that makes the array that *code* fills; *otherwise* where it does not fit."""
    empty = np.empty

    def run(*arrays: Array) -> Any:
        out = empty(shape, _F32)
        return out if code(*arrays, out) is out else otherwise(*arrays)

    return run


def _body(op: Op, params: Params) -> Run:
    def run(*arrays: Array) -> Any:
        return op.body(np, *arrays, **params)

    return run


# ---- softmax ------------------------------------------------------------------------------------


def _along_last(
    name: str, op: Op, arrays: Sequence[Array], axis: int, params: Params
) -> Run | None:
    shape = arrays[0].shape
    if not _plain(*arrays) or not shape or rules.one_axis(axis, len(shape)) != len(shape) - 1:
        return None
    code = rows_kernel(name, len(arrays) + 1, math.prod(shape[:-1]), shape[-1])
    return _filling(code, shape, _body(op, params))


@prepare("softmax", "log_softmax", "_backward_softmax", "_backward_log_softmax")
def _softmax(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    given = [a for a in arrays if a is not None]
    if params.get("temperature") not in (None, 1.0) or params.get("dtype"):
        return None
    if params.get("use_length") and op.name == "softmax":
        return None
    name = op.name.removeprefix("_backward_") + ("_back" if op.name[0] == "_" else "")
    made = _along_last(name, op, given, params["axis"], params)
    if made is None or len(given) == len(arrays):
        return made
    return lambda data, length: made(data)


@prepare("SoftmaxActivation")
def _activation(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    axis = 1 if params["mode"] == "channel" else -1
    return _along_last("softmax", op, arrays, axis, params) if arrays[0].ndim > 1 else None


@prepare("SoftmaxOutput")
def _output(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    data, body = arrays[0], _body(op, params)
    if params["multi_output"] or data.ndim < 2 or not _plain(data):
        return None
    columns = data.shape[-1] if params["preserve_shape"] else math.prod(data.shape[1:])
    code = rows_kernel("softmax", 2, data.size // columns, columns)
    shape, empty = data.shape, np.empty

    def run(data: Array, label: Array) -> Any:
        out = empty(shape, _F32)
        return out if code(data, out) is out else body(data, label)

    return run


@prepare("_backward_SoftmaxOutput")
def _output_gradient(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    """With one label for each row, and nothing that scales."""
    data, label = arrays
    options = {n: params.get(n, param.default) for n, param in op.params.items()}
    plain = (options["grad_scale"], options["normalization"]) == (1.0, "null")
    if not plain or any(options[n] for n in ("multi_output", "use_ignore", "smooth_alpha")):
        return None
    if not _plain(data, label) or data.ndim < 2 or data.shape == label.shape:
        return None
    columns = data.shape[-1] if options["preserve_shape"] else math.prod(data.shape[1:])
    if label.size * columns != data.size:
        return None
    code = rows_kernel("less_one_hot", 3, label.size, columns)
    return _filling(code, data.shape, _body(op, params))


# ---- gradients of reductions --------------------------------------------------------------------


def _is_last(axes: Sequence[int], rank: int) -> bool:
    return bool(axes) and sorted(axes) == list(range(rank - len(axes), rank))


@prepare("_expand_to")
def _expand(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    """A fresh array; the body gives a view, which is dearer to make than it is to fill one."""
    (data,) = arrays
    shape, axes, empty = params["shape"], params["axes"], np.empty
    if not axes:
        return None
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    if data.size != math.prod(kept):
        return None

    def fill(data: Array) -> Array:
        out = empty(shape, data.dtype)
        out[...] = data.reshape(kept)
        return out

    if not _plain(data) or not _is_last(axes, len(shape)) or 0 in shape:
        return fill
    columns = math.prod(shape[len(shape) - len(axes) :])
    return _filling(rows_kernel("repeat", 2, data.size, columns), shape, fill)


@prepare("_backward_extreme")
def _extreme(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    grad, data, out = arrays
    axes, shape = params["axes"], data.shape
    if not _plain(*arrays) or not _is_last(axes, len(shape)):
        return None
    columns = math.prod(shape[len(shape) - len(axes) :])
    if grad.size * columns != data.size or out.size != grad.size:
        return None
    return _filling(rows_kernel("hits", 4, grad.size, columns), shape, _body(op, params))


# ---- reductions ---------------------------------------------------------------------------------


@prepare("sum", "mean", "max", "min", "norm")
def _reduction(op: Op, arrays: Sequence[Any], params: Params) -> Run | None:
    """Where the axes that are reduced are the last ones."""
    (data,) = arrays
    if not _plain(data) or params.get("out_dtype") or params.get("ord", 2) != 2:
        return None
    rank = data.ndim
    axes = rules.reduced_axes({"exclude": False, **params}, rank)
    if not _is_last(axes, rank):
        return None
    left, columns = data.shape[: rank - len(axes)], math.prod(data.shape[rank - len(axes) :])
    if columns > LONGEST:
        return None
    shape = (*left, *(1,) * len(axes)) if params["keepdims"] else left or (1,)
    code = rows_kernel(op.name, 2, math.prod(left), columns)
    return _filling(code, shape, _body(op, params))
