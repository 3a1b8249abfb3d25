"""``x[key]`` and ``x[key] = value`` with MXNet's views, copies and errors.

Numbers and contiguous slices of the leading axis give views that share memory; everything else
gives copies. A result of rank 0 does not occur: ``x[0, 1, 2]`` has shape (1,).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..error import MXNetError, ShapeError, message, user_line
from ..ops import get
from . import invoke, tape
from .core import NDArray, wrap

__all__ = ["get_item", "set_item"]

_GETITEM = get("_getitem")


def get_item(x: NDArray, key: Any) -> NDArray:
    """``x[key]``."""
    raw_key, basic = raw_keys(x, key)
    if x._var is not None and not basic:
        x.wait_to_read()
    raw = x._data[raw_key]
    if basic and _is_view(x, raw_key):
        made = wrap(raw.reshape((1,)) if raw.shape == () else raw, x._ctx)
        share(x, made)
    else:
        if x._var is not None:
            x.wait_to_read()
        made = wrap(_own(raw, x, raw_key), x._ctx)
    if tape.local.recording and x._node is not None:
        from .entry import run_of

        shape = x._data.shape
        key_ = _one_element(raw_key, x) if raw.shape == () else raw_key
        node = (x._node,)
        made._node = [
            tape.next_seq(), run_of(_GETITEM), None, node, (shape,), {"key": key_}, x._ctx,
        ]
    return made


def share(x: NDArray, view: NDArray) -> None:
    """Make *view* part of the memory that *x* stands for: queued writes see both."""
    if x._var is None:
        from ..engine import Var

        x._var = Var()
    view._var = x._var
    view.__class__ = x.__class__
    note = getattr(x._var, "add_view", None)
    if note is not None:
        note(view)
        note(x)


def _own(raw: Any, x: NDArray, key: Any) -> Any:
    made = x._ctx.backend.xp.array(raw)
    return made.reshape((1,)) if made.shape == () else made


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
    if isinstance(part, (bool, np.bool_)):
        raise IndexError(f"an NDArray cannot be indexed by {part!r}")
    if isinstance(part, np.integer):
        return int(part)
    if isinstance(part, NDArray):
        return _index_values(part.asnumpy())
    if isinstance(part, (list, tuple, np.ndarray, range)):
        return _index_values(np.asarray(part))
    raise IndexError(
        message(
            f"an NDArray cannot be indexed by {part!r} of type {type(part).__name__}",
            where=[user_line()],
            fix="Use numbers, slices, None, ..., lists of numbers or NDArrays.",
        )
    )


def _index_values(values: np.ndarray) -> np.ndarray:
    if values.dtype == bool:
        return values
    if values.dtype.kind not in "iuf":
        raise IndexError(f"an NDArray cannot be indexed by values of dtype {values.dtype}")
    return values.astype(np.int64)


def _to_device(x: NDArray, part: Any) -> Any:
    if isinstance(part, np.ndarray) and x._ctx.backend.array_type is not np.ndarray:
        return x._ctx.backend.from_host(part)
    return part


def _check_range(x: NDArray, parts: tuple[Any, ...]) -> None:
    """IndexError for too many indices and for numbers out of range."""
    shape = x._data.shape
    used = sum(
        p.ndim if isinstance(p, np.ndarray) and p.dtype == bool else 1
        for p in parts
        if p is not None and p is not Ellipsis
    )
    if used > len(shape):
        raise IndexError(f"too many indices: {used} for an array of shape {shape}")
    axis, seen = 0, False
    for part in parts:
        if part is None:
            continue
        if part is Ellipsis:
            if seen:
                raise IndexError("an index can have a single ellipsis ('...')")
            seen = True
            axis = len(shape) - (used - axis)
            continue
        if isinstance(part, int) and not -shape[axis] <= part < shape[axis]:
            raise IndexError(
                f"index {part} is out of bounds for axis {axis} with size {shape[axis]}"
            )
        axis += part.ndim if isinstance(part, np.ndarray) and part.dtype == bool else 1


# ---- assignment ---------------------------------------------------------------------------------


def set_item(x: NDArray, key: Any, value: Any) -> None:
    """``x[key] = value``: the value is cast to x's dtype and broadcast."""
    if tape.local.recording and x._node is not None:
        raise MXNetError(invoke.recorded_write("x[...] = value"))
    raw_key, _ = raw_keys(x, key)
    raw_value = _raw_value(x, value)
    if x._var is not None:
        x.wait_to_write()
    try:
        _assign(x._data, raw_key, raw_value)
    except (ValueError, IndexError) as error:
        if isinstance(error, IndexError):
            raise
        raise ShapeError(
            message(
                f"x[...] = value: Shape inconsistent: {error}",
                where=[f"x {x.shape}, value {getattr(raw_value, 'shape', ())}", user_line()],
                fix="Give a value that broadcasts to the part it is assigned to.",
            )
        ) from None


def _assign(raw: Any, key: Any, value: Any) -> None:
    shape = getattr(value, "shape", ())
    extra = len(shape) - raw[key].ndim
    if extra > 0 and all(n == 1 for n in shape[:extra]):
        value = value.reshape(shape[extra:])
    raw[key] = value


def _raw_value(x: NDArray, value: Any) -> Any:
    backend, dtype = x._ctx.backend, x._data.dtype
    if isinstance(value, NDArray):
        value.wait_to_read()
        raw = value._data
        if value._ctx.backend is not backend:
            raw = backend.from_host(value._ctx.backend.to_host(raw))
        return raw if raw.dtype == dtype else raw.astype(dtype)
    number = invoke.as_number(value)
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
