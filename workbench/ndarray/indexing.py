"""``x[key]`` and ``x[key] = value`` with MXNet's views, copies and errors.

Numbers and contiguous slices of the leading axis give views that share memory; everything else
gives copies. A result of rank 0 does not occur: ``x[0, 1, 2]`` has shape (1,).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..error import MXNetError, ShapeError, message, user_line
from ..ops import get
from . import invoke, queued, recorded_write, tape
from .core import NDArray, QueuedNDArray, on, wrap
from .operands import as_number

__all__ = ["get_item", "set_item"]

_GETITEM = get("_getitem")


class InvalidIndex(MXNetError, ValueError, IndexError):
    """Something that is no index; MXNet 1.9.1 raises ValueError here."""


class OutOfRange(MXNetError, IndexError):
    """An index that the array does not have."""


def get_item(x: NDArray, key: Any) -> NDArray:
    """``x[key]``."""
    raw_key, basic = raw_keys(x, key)
    if basic and _is_view(x, raw_key):
        if x._data[raw_key].shape == ():
            raw_key = _one_element(raw_key, x)
        made = wrap(x._data[raw_key], x._ctx)
        share(x, made)
    else:
        if x._var is not None:
            x.wait_to_read()
        with on(x._ctx):
            made = wrap(_copied(x, raw_key, basic), x._ctx)
    if tape.local.recording and x._node is not None:
        _record(x, raw_key, basic, made)
    return made


def _copied(x: NDArray, key: Any, basic: bool) -> Any:
    """A raw copy of ``x[key]``; errors for what MXNet refuses."""
    try:
        raw = x._data[key] if basic else _advanced(x, key)
    except IndexError as error:
        raise _out_of_range(x, str(error)) from None
    if basic and raw.size == 0 and not _leading_slice(key):
        raise ShapeError(
            message(
                f"NDArray index: {key} selects nothing of an array of shape {x.shape}",
                where=[user_line()],
                fix="Check the begin and end of each slice.",
            )
        )
    return x._ctx.backend.xp.array(raw)


def _out_of_range(x: NDArray, problem: str) -> OutOfRange:
    return OutOfRange(
        message(
            f"NDArray index: {problem}",
            where=[f"array {x.shape}", user_line()],
            fix="Axis i has the indices -shape[i] to shape[i] - 1.",
        )
    )


def _leading_slice(key: Any) -> bool:
    return isinstance(key, slice) or (isinstance(key, tuple) and len(key) == 1)


def _advanced(x: NDArray, key: Any) -> Any:
    """Index with arrays, None axes put where MXNet puts them."""
    plain, places = _without_none(key, x._data.ndim)
    raw = x._data[plain]
    for place in places:
        raw = raw.reshape((*raw.shape[:place], 1, *raw.shape[place:]))
    return raw


def _without_none(key: Any, ndim: int) -> tuple[Any, list[int]]:
    """The key without None, and where each None puts its axis into the result.

    An axis behind index arrays goes in front of theirs. Arrays that are not side by side come
    first in the result, and NumPy places the others as MXNet does.
    """
    parts = key if isinstance(key, tuple) else (key,)
    if not any(part is None for part in parts):
        return key, []
    arrays = [i for i, part in enumerate(parts) if _indexes(part)]
    if arrays and arrays[-1] - arrays[0] >= len(arrays):
        return key, []
    places = [i - sum(1 for j in arrays if j < i) for i, part in enumerate(parts) if part is None]
    return tuple(part for part in parts if part is not None), places


def _indexes(part: Any) -> bool:
    return part is not None and part is not Ellipsis and not isinstance(part, slice)


def _record(x: NDArray, key: Any, basic: bool, made: NDArray) -> None:
    """Put the reading on the tape."""
    from .rules import run_of

    shape = x._data.shape
    if not basic:
        key = _without_none(key, len(shape))[0]
    result = x._data[key].shape
    node = [tape.next_seq(), run_of(_GETITEM), None, (x._node,), (shape,), {"key": key}, x._ctx]
    if result != made.shape:
        run = run_of(get("_reshape_to"))
        saves = tuple(result for _ in run.save_names)  # type: ignore[attr-defined]
        node = [tape.next_seq(), run, None, (node,), saves, {"shape": made.shape}, x._ctx]
    made._node = node


def share(x: NDArray, view: NDArray) -> None:
    """Make *view* part of the memory that *x* stands for: queued writes see both."""
    var = queued.var_of(x)
    if not var.live_views():
        var.add_view(x)
    view._var = var
    if view.__class__ is NDArray and x.__class__ is QueuedNDArray:
        view.__class__ = QueuedNDArray
    var.add_view(view)


def _one_element(key: Any, x: NDArray) -> Any:
    """A key that reads the same element as *key* with shape (1,)."""
    parts = [k for k in (key if isinstance(key, tuple) else (key,)) if k is not Ellipsis]
    last = parts[-1] % x._data.shape[len(parts) - 1]
    return (*parts[:-1], slice(last, last + 1))


def _is_view(x: NDArray, key: Any) -> bool:
    """True for what MXNet gives as a view: contiguous parts from the leading axis on."""
    parts = key if isinstance(key, tuple) else (key,)
    sliced = False
    for part in parts:
        if part is None or part is Ellipsis:
            continue
        if isinstance(part, slice):
            if part.step not in (None, 1):
                return False
            if sliced and part != slice(None):
                return False
            sliced = True
        elif sliced:
            return False
    return x._data[key].flags.c_contiguous if hasattr(x._data, "flags") else True


# ---- keys ---------------------------------------------------------------------------------------


def raw_keys(x: NDArray, key: Any) -> tuple[Any, bool]:
    """*key* as the raw array takes it, and whether it is basic (numbers, slices, None)."""
    if isinstance(key, tuple):
        parts = tuple(_raw_key(x, part) for part in key)
    else:
        parts = (_raw_key(x, key),)
    basic = all(p is None or p is Ellipsis or isinstance(p, (int, slice)) for p in parts)
    _check_range(x, parts)
    if not basic:
        parts = tuple(_to_device(x, p) for p in parts)
    return (parts if len(parts) != 1 else parts[0]), basic


def _raw_key(x: NDArray, part: Any) -> Any:
    kind = part.__class__
    if kind is int or kind is slice or part is None or part is Ellipsis:
        return part
    if isinstance(part, (bool, np.bool_, np.integer)):
        return int(part)
    if isinstance(part, NDArray):
        return _index_values(part.asnumpy())
    if isinstance(part, (list, tuple, np.ndarray, range)):
        return _index_values(np.asarray(part))
    raise _no_index(f"{part!r} of type {type(part).__name__}")


def _no_index(what: str) -> InvalidIndex:
    return InvalidIndex(
        message(
            f"an NDArray cannot be indexed by {what}",
            where=[user_line()],
            fix="Use numbers, slices, None, ..., lists of numbers or NDArrays.",
        )
    )


def _index_values(values: np.ndarray) -> np.ndarray:
    if values.dtype.kind not in "biuf":
        raise _no_index(f"values of dtype {values.dtype}")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise _no_index("nan or infinity")
    return values.astype(np.int64)


def _to_device(x: NDArray, part: Any) -> Any:
    if isinstance(part, np.ndarray) and x._ctx.backend.array_type is not np.ndarray:
        with on(x._ctx):
            return x._ctx.backend.from_host(part)
    return part


def _check_range(x: NDArray, parts: tuple[Any, ...]) -> None:
    """IndexError for too many indices and for numbers out of range."""
    shape = x._data.shape
    used = sum(1 for p in parts if p is not None and p is not Ellipsis)
    if used > len(shape):
        raise _out_of_range(x, f"too many indices, {used} for {len(shape)} axes")
    axis, seen = 0, False
    for part in parts:
        if part is None:
            continue
        if part is Ellipsis:
            if seen:
                raise _out_of_range(x, "an index can have a single ellipsis ('...')")
            seen = True
            axis = len(shape) - (used - axis)
            continue
        if isinstance(part, int) and not -shape[axis] <= part < shape[axis]:
            problem = f"index {part} is out of bounds for axis {axis} with size {shape[axis]}"
            raise _out_of_range(x, problem)
        axis += 1


# ---- assignment ---------------------------------------------------------------------------------


def set_item(x: NDArray, key: Any, value: Any) -> None:
    """``x[key] = value``: the value is cast to x's dtype and broadcast."""
    raw_key, _ = raw_keys(x, key)
    if tape.local.recording:
        recorded = isinstance(value, NDArray) and tape.is_recorded(value)
        if tape.is_recorded(x) or (recorded and not recorded_write.names_all(x, raw_key)):
            raise MXNetError(invoke.recorded_write("x[...] = value"))
        if recorded:
            recorded_write.assign(x, value)
            return
    if _pushed(x, raw_key, value):
        return
    if x._var is not None:
        x.wait_to_write()
    with on(x._ctx):
        raw_value = _raw_value(x, value)
        _write(x, raw_key, raw_value)


def _write(x: NDArray, raw_key: Any, raw_value: Any) -> None:
    try:
        _assign(x._data, raw_key, raw_value)
    except IndexError as error:
        raise _out_of_range(x, str(error)) from None
    except ValueError as error:
        raise ShapeError(
            message(
                f"x[...] = value: Shape inconsistent: {error}",
                where=[f"x {x.shape}, value {getattr(raw_value, 'shape', ())}", user_line()],
                fix="Give a value that broadcasts to the part it is assigned to.",
            )
        ) from None


def _pushed(x: NDArray, key: Any, value: Any) -> bool:
    """Push the assignment of one array to another where that is better than waiting."""
    if not isinstance(value, NDArray) or value._ctx.backend is not x._ctx.backend:
        return False
    if not queued.goes_to_queue(x._ctx, (value,), (x,), value._data.nbytes / 4000.0):
        return False
    raw, source = x._data, value._data
    target = raw[key]
    if target.shape != source.shape:
        return False

    def run() -> None:
        raw[key] = source

    queued.push(run, (value, x), (x,), x._ctx, "_assign", nbytes=source.nbytes)
    return True


def _assign(raw: Any, key: Any, value: Any) -> None:
    shape = getattr(value, "shape", ())
    extra = len(shape) - raw[key].ndim
    if extra > 0 and all(n == 1 for n in shape[:extra]):
        value = value.reshape(shape[extra:])
    raw[key] = value


def _raw_value(x: NDArray, value: Any) -> Any:
    backend, dtype = x._ctx.backend, x._data.dtype
    if value is None:
        return backend.scalar(float("nan"), dtype)
    if isinstance(value, NDArray):
        value.wait_to_read()
        raw = value._data
        if value._ctx.backend is not backend:
            raw = backend.from_host(value._ctx.backend.to_host(raw))
        return raw if raw.dtype == dtype else raw.astype(dtype)
    number = as_number(value)
    if number is not None:
        return backend.scalar(number, dtype)
    if isinstance(value, (list, tuple, np.ndarray)):
        from .creation import _host_values

        with np.errstate(all="ignore"):
            return backend.from_host(_host_values(value).astype(dtype))
    raise TypeError(
        message(
            f"x[...] = value: cannot assign a {type(value).__name__}",
            where=[user_line()],
            fix="Assign a number, a list of numbers, a NumPy array or an NDArray.",
        )
    )
