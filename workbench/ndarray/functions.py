"""``nd.add``, ``nd.maximum`` and the like: functions of two arrays, or an array and a number."""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..context import Context, cpu
from ..error import MXNetError, message, user_line
from ..ops import get
from .arithmetic import as_number
from .core import NDArray, wrap
from .invoke import invoke

__all__ = [
    "add", "divide", "equal", "eye", "from_dlpack", "from_numpy", "greater", "greater_equal",
    "lesser", "lesser_equal", "linspace", "logical_and", "logical_or", "logical_xor", "maximum",
    "minimum", "modulo", "moveaxis", "multiply", "not_equal", "onehot_encode", "power",
    "split_v2", "subtract", "to_dlpack_for_read", "to_dlpack_for_write", "true_divide",
]  # fmt: skip


def _two(
    name: str,
    both: str,
    right: str,
    left: str,
    numbers: Callable[[Any, Any], Any],
    names: tuple[str, str] = ("lhs", "rhs"),
) -> Callable[..., Any]:
    """A function of two arrays (*both*), array and number (*right*), number and array (*left*)."""

    def compute(lhs: Any, rhs: Any) -> Any:
        if isinstance(lhs, NDArray) and isinstance(rhs, NDArray):
            return invoke(get(both), (lhs, rhs), {}, None, {})
        number = as_number(rhs if isinstance(lhs, NDArray) else lhs)
        if isinstance(lhs, NDArray) and number is not None:
            return invoke(get(right), (lhs,), {"scalar": number}, None, {})
        if isinstance(rhs, NDArray) and number is not None:
            return invoke(get(left), (rhs,), {"scalar": number}, None, {})
        if as_number(lhs) is not None and as_number(rhs) is not None:
            return numbers(lhs, rhs)
        raise TypeError(
            message(
                f"{name}: types {type(lhs).__name__} and {type(rhs).__name__} are not supported",
                where=[user_line()],
                fix="Give NDArrays or numbers.",
            )
        )

    if names == ("lhs", "rhs"):
        function: Callable[..., Any] = compute
    else:
        def function(base: Any, exp: Any) -> Any:
            return compute(base, exp)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""``{name}`` element by element, with broadcasting; see ``nd.{both}``.

    Parameters
    ----------
    {names[0]}, {names[1]} : NDArray or number
        of two numbers the result is a number

    Returns
    -------
    NDArray
        in the arrays' dtype; a number is cast to it first
    """
    return function


def _mirrored(stem: str, other: str, numbers: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A comparison: with the number on the left it is *other* of array and number."""

    def compare(lhs: Any, rhs: Any) -> float:
        return float(numbers(lhs, rhs))

    return _two(stem, f"broadcast_{stem}", f"_{stem}_scalar", f"_{other}_scalar", compare)


add = _two("add", "broadcast_add", "_plus_scalar", "_plus_scalar", operator.add)
subtract = _two("subtract", "broadcast_sub", "_minus_scalar", "_rminus_scalar", operator.sub)
multiply = _two("multiply", "broadcast_mul", "_mul_scalar", "_mul_scalar", operator.mul)
divide = _two("divide", "broadcast_div", "_div_scalar", "_rdiv_scalar", operator.truediv)
true_divide = _two("true_divide", "broadcast_div", "_div_scalar", "_rdiv_scalar", operator.truediv)
modulo = _two("modulo", "broadcast_mod", "_mod_scalar", "_rmod_scalar", operator.mod)
power = _two(
    "power", "broadcast_power", "_power_scalar", "_rpower_scalar", operator.pow, ("base", "exp")
)
maximum = _two("maximum", "broadcast_maximum", "_maximum_scalar", "_maximum_scalar", max)
minimum = _two("minimum", "broadcast_minimum", "_minimum_scalar", "_minimum_scalar", min)
equal = _mirrored("equal", "equal", operator.eq)
not_equal = _mirrored("not_equal", "not_equal", operator.ne)
greater = _mirrored("greater", "lesser", operator.gt)
greater_equal = _mirrored("greater_equal", "lesser_equal", operator.ge)
lesser = _mirrored("lesser", "greater", operator.lt)
lesser_equal = _mirrored("lesser_equal", "greater_equal", operator.le)
logical_and = _mirrored("logical_and", "logical_and", lambda a, b: bool(a) and bool(b))
logical_or = _mirrored("logical_or", "logical_or", lambda a, b: bool(a) or bool(b))
logical_xor = _mirrored("logical_xor", "logical_xor", lambda a, b: bool(a) ^ bool(b))


def eye(
    N: int, M: int = 0, k: int = 0, ctx: Context | None = None, dtype: Any = None, **kwargs: Any
) -> NDArray:
    """A matrix (N, M) with ones on the diagonal *k*, zeros elsewhere; M = N where it is 0."""
    given = {"N": N, "M": M, "k": k, "dtype": "float32" if dtype is None else dtype, "ctx": ctx}
    return invoke(get("_eye"), (), given, kwargs.get("out"), {})


def linspace(
    start: float,
    stop: float,
    num: int,
    endpoint: bool = True,
    ctx: Context | None = None,
    dtype: Any = "float32",
) -> NDArray:
    """*num* numbers at equal steps from *start* to *stop*, which is the last if *endpoint*."""
    given = {"start": start, "stop": stop, "num": num, "endpoint": endpoint, "dtype": dtype}
    return invoke(get("_linspace"), (), {**given, "ctx": ctx}, None, {})


def split_v2(
    ary: NDArray, indices_or_sections: Any, axis: int = 0, squeeze_axis: bool = False
) -> Any:
    """Parts of an array along an axis.

    Parameters
    ----------
    ary : NDArray
    indices_or_sections : int or tuple of int
        how many equal parts, or where the second and later ones begin
    axis : int
    squeeze_axis : bool
        drop the axis, of which each part has one element then

    Returns
    -------
    NDArray, or a list of them for several parts
    """
    if isinstance(indices_or_sections, int):
        size = ary.shape[axis]
        if size % indices_or_sections:
            raise ValueError("array split does not result in an equal division")
        starts = tuple(range(0, size, size // indices_or_sections))
    elif isinstance(indices_or_sections, tuple):
        starts = (0, *indices_or_sections)
    else:
        raise ValueError("indices_or_sections must either int or tuple of ints")
    given = {"indices": starts, "axis": axis, "squeeze_axis": squeeze_axis}
    return invoke(get("_split_v2"), (ary,), given, None, {})


def onehot_encode(indices: NDArray, out: NDArray) -> NDArray:
    """Write rows with a one at each index into *out* (N, depth), and return it."""
    out[:] = invoke(get("one_hot"), (indices,), {"depth": out.shape[1]}, None, {})
    return out


def from_numpy(ndarray: np.ndarray, zero_copy: bool = True, array_cls: Any = NDArray) -> NDArray:
    """An NDArray on ``cpu(0)`` of a NumPy array, with its dtype.

    Parameters
    ----------
    ndarray : numpy.ndarray
        in C order when *zero_copy*; it becomes read-only then
    zero_copy : bool
        share the memory instead of copying it
    array_cls : type
        as in MXNet; the result is an NDArray whatever it says
    """
    from .creation import from_host

    if not zero_copy:
        return from_host(ndarray, cpu(0))
    if not ndarray.flags.c_contiguous:
        raise ValueError("Only c-contiguous arrays are supported for zero-copy")
    from_host(np.empty(1, ndarray.dtype), cpu(0))  # the device exists, the dtype is possible
    made = wrap(ndarray.view(), cpu(0))
    ndarray.flags.writeable = False
    return made


def to_dlpack_for_read(data: NDArray) -> Any:
    """A DLPack capsule of the memory, for reading; waits for queued writes."""
    return data.to_dlpack_for_read()


def to_dlpack_for_write(data: NDArray) -> Any:
    """A DLPack capsule of the memory, for writing; waits for queued readers and writes."""
    return data.to_dlpack_for_write()


class _Capsule:
    """What NumPy asks of a producer, over a capsule that is there already."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


def from_dlpack(dlpack: Any) -> NDArray:
    """An array on ``cpu(0)`` that shares memory with a DLPack capsule or producer."""
    source = dlpack if hasattr(dlpack, "__dlpack__") else _Capsule(dlpack)
    try:
        raw = np.from_dlpack(source)
    except (TypeError, ValueError, RuntimeError, BufferError) as error:
        raise MXNetError(
            message(
                f"from_dlpack: {error}",
                where=[user_line()],
                fix="Give an array in main memory, or its capsule that nobody has used yet.",
            )
        ) from None
    return wrap(_writable(raw) if source is not dlpack else raw, cpu(0))


def _writable(raw: np.ndarray) -> np.ndarray:
    """The same memory to be written into: a bare capsule cannot say, and NumPy plays safe."""
    if raw.flags.writeable or not raw.flags.c_contiguous:
        return raw
    buffer: Any = (ctypes.c_char * raw.nbytes).from_address(raw.ctypes.data)
    buffer.owner = raw
    return np.frombuffer(buffer, raw.dtype).reshape(raw.shape)


def moveaxis(tensor: NDArray, source: int, destination: int) -> NDArray:
    """A copy with one axis moved to another place; the others keep their order."""
    axes = list(range(tensor.ndim))
    try:
        axis = axes.pop(source)
    except IndexError:
        raise ValueError(f"Source should verify 0 <= source < tensor.ndim, got {source}") from None
    if not -tensor.ndim <= destination < tensor.ndim:
        raise ValueError(f"Destination should verify 0 <= destination < ndim, got {destination}")
    axes.insert(destination % tensor.ndim, axis)
    return tensor.transpose(axes)
