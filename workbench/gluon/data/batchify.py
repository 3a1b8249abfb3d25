"""Functions that make a batch out of a list of samples.

``DataLoader(..., batchify_fn=Group(Stack(), Pad()))`` stacks the first part of every sample and
pads the second. MXNet 1.9.1 has only the default; the classes are those of its successor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import ndarray as nd
from ...error import ParameterError, ShapeError, message
from ...ndarray import NDArray

__all__ = ["Append", "AsList", "Group", "Pad", "Stack", "default_batchify_fn"]


def default_batchify_fn(data: Sequence[Any]) -> Any:
    """Stack samples: NDArrays on their device, tuples part by part, all else through NumPy.

    Numbers keep the dtype that NumPy gives them: Python floats become float64, ints int64.

    Parameters
    ----------
    data : sequence
        Samples of one kind and shape.

    Returns
    -------
    NDArray of shape (N, ...), or a list of them, one for each part of a tuple.
    """
    first = data[0]
    if isinstance(first, NDArray):
        return nd.stack(*data)
    if isinstance(first, tuple):
        return [default_batchify_fn(part) for part in zip(*data, strict=True)]
    try:
        array = np.asarray(data)
    except ValueError as error:
        shapes = sorted({np.shape(item) for item in data})
        raise ShapeError(
            message(
                "samples of different shapes cannot be stacked",
                where=[f"shapes {', '.join(map(str, shapes))}"],
                fix="Bring them to one shape in a transform, or pass batchify_fn=batchify.Pad().",
            )
        ) from error
    return nd.array(array, dtype=array.dtype)


class Stack:
    """Stacks samples along a new first axis; the default of a loader."""

    def __call__(self, data: Sequence[Any]) -> Any:
        return default_batchify_fn(data)


class Pad:
    """Fills samples up to the longest along every axis, then stacks them.

    Parameters
    ----------
    val : float
        What to fill with.
    dtype : str, optional
        Dtype of the batch; default that of the samples.
    round_to : int, optional
        Round the sizes up to a multiple of this.
    use_shared_mem : bool
        Not needed: workers are threads and share memory anyway.

    Examples
    --------
    >>> Pad(val=-1)([[1, 2, 3], [4]]).asnumpy().tolist()
    [[1, 2, 3], [4, -1, -1]]
    """

    def __init__(
        self,
        val: float = 0,
        dtype: Any = None,
        round_to: int | None = None,
        use_shared_mem: bool = False,
    ) -> None:
        self._val = val
        self._dtype = dtype
        self._round_to = round_to
        self._use_shared_mem = use_shared_mem

    def __call__(self, data: Sequence[Any]) -> Any:
        arrays = [_to_numpy(item) for item in data]
        if len({array.ndim for array in arrays}) != 1:
            raise ShapeError(
                message(
                    "samples with different numbers of axes cannot be padded",
                    where=[f"shapes {', '.join(str(array.shape) for array in arrays[:8])}"],
                    fix="Bring them to one number of axes in a transform.",
                )
            )
        shape = [max(sizes) for sizes in zip(*(array.shape for array in arrays), strict=True)]
        if self._round_to is not None:
            shape = [-(-size // self._round_to) * self._round_to for size in shape]
        dtype = self._dtype if self._dtype is not None else arrays[0].dtype
        batch = np.full((len(arrays), *shape), self._val, dtype)
        for row, array in zip(batch, arrays, strict=True):
            row[tuple(slice(size) for size in array.shape)] = array
        return nd.array(batch, dtype=batch.dtype)


class Append:
    """Keeps samples apart: a list of NDArrays, each with a first axis of 1.

    Parameters
    ----------
    expand : bool
        Add the first axis.
    batch_axis : int
        Where to add it.
    use_shared_mem : bool
        Not needed, see :class:`Pad`.
    """

    def __init__(
        self, expand: bool = True, batch_axis: int = 0, use_shared_mem: bool = False
    ) -> None:
        self._expand = expand
        self._batch_axis = batch_axis
        self._use_shared_mem = use_shared_mem

    def __call__(self, data: Sequence[Any]) -> list[Any]:
        made = []
        for item in data:
            array = _to_numpy(item)
            if self._expand:
                array = np.expand_dims(array, self._batch_axis)
            made.append(nd.array(array, dtype=array.dtype))
        return made


class AsList:
    """Keeps samples as they are, in a list: for text and other things that are no arrays."""

    def __call__(self, data: Sequence[Any]) -> list[Any]:
        return list(data)


class Group:
    """Treats each part of the samples in its own way.

    Parameters
    ----------
    fn : callable or sequence of callables
        As many as a sample has parts; further ones may follow as arguments.

    Examples
    --------
    >>> data, label = Group(Pad(), Stack())([([1, 2], 0), ([3], 1)])
    >>> data.shape, label.shape
    ((2, 2), (2,))
    """

    def __init__(self, fn: Any, *args: Callable[[Sequence[Any]], Any]) -> None:
        self._fns = tuple(fn) if isinstance(fn, (list, tuple)) else (fn, *args)

    def __call__(self, data: Sequence[Any]) -> list[Any]:
        if len(data[0]) != len(self._fns):
            raise ParameterError(
                message(
                    f"{len(self._fns)} batchify functions for samples of {len(data[0])} parts",
                    fix="Give one function for each part of a sample.",
                )
            )
        parts = zip(*data, strict=True)
        return [fn(part) for fn, part in zip(self._fns, parts, strict=True)]


def _to_numpy(item: Any) -> np.ndarray:
    return item.asnumpy() if isinstance(item, NDArray) else np.asarray(item)
