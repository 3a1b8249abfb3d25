"""Datasets: anything with a length whose samples are found by number.

Besides ``[i]`` a dataset may offer ``_columns(indices)``: a whole batch at once, stacked as
:func:`~workbench.gluon.data.batchify.default_batchify_fn` would stack the samples. It is what
makes a loader over arrays as fast as slicing them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ... import recordio
from ...context import current_context
from ...error import ParameterError, ShapeError, message
from ...ndarray import NDArray
from ...ndarray.core import wrap
from .batchify import default_batchify_fn
from .sampler import FilterSampler, Sampler, SequentialSampler

__all__ = ["ArrayDataset", "Dataset", "RecordFileDataset", "SimpleDataset"]


class Dataset:
    """Base of all datasets: subclasses have ``__getitem__`` and ``__len__``.

    NumPy arrays, NDArrays and lists can be used where a dataset is asked for.
    """

    def __getitem__(self, idx: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no __len__")

    def _columns(self, indices: Sequence[Any]) -> Any:
        """The stacked samples at *indices*, or None when they must be taken one by one."""
        return None

    def filter(self, fn: Callable[[Any], bool]) -> Dataset:
        """The samples for which ``fn(sample)`` is true; looked at once, now."""
        return _SampledDataset(self, FilterSampler(fn, self))

    def shard(self, num_shards: int, index: int) -> Dataset:
        """Part *index* of *num_shards* parts of nearly equal length.

        Shard before shuffling when each worker is to see samples of its own.

        >>> len(SimpleDataset(range(10)).shard(3, 0))
        4
        """
        if not 0 <= index < num_shards:
            raise ParameterError(
                message(
                    f"Shard index of out bound: {index} out of {num_shards}",
                    fix="Number the shards from 0.",
                )
            )
        shortest, rest = divmod(len(self), num_shards)
        start = shortest * index + min(index, rest)
        return _SampledDataset(self, SequentialSampler(shortest + (index < rest), start))

    def take(self, count: int | None) -> Dataset:
        """The first *count* samples, or all when there are fewer or *count* is None."""
        if count is None or count > len(self):
            count = len(self)
        return _SampledDataset(self, SequentialSampler(count))

    def sample(self, sampler: Sampler) -> Dataset:
        """The samples that *sampler* chooses, in its order."""
        if not isinstance(sampler, Sampler):
            raise TypeError(
                f"Invalid sampler type: {type(sampler)}. Expected gluon.data.Sampler instead."
            )
        return _SampledDataset(self, sampler)

    def transform(self, fn: Callable[..., Any], lazy: bool = True) -> Dataset:
        """Every sample passed through *fn*; a tuple becomes its arguments.

        Parameters
        ----------
        fn : callable
            Takes the parts of a sample, returns the new sample.
        lazy : bool
            Call *fn* whenever a sample is read, as a random transformation needs; otherwise
            once for all, now.
        """
        transformed = _LazyTransformDataset(self, fn)
        if lazy:
            return transformed
        return SimpleDataset([transformed[i] for i in range(len(transformed))])

    def transform_first(self, fn: Callable[[Any], Any], lazy: bool = True) -> Dataset:
        """As :meth:`transform`, of the first part of each sample only: data without label."""
        return self.transform(_TransformFirst(fn), lazy)


class SimpleDataset(Dataset):
    """A list, an array or anything else with a length and ``[i]``.

    >>> SimpleDataset([1, 2, 3])[1]
    2
    """

    def __init__(self, data: Any) -> None:
        self._data = data

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, idx: int) -> Any:
        return self._data[idx]

    def _columns(self, indices: Sequence[Any]) -> Any:
        if type(self).__getitem__ is not SimpleDataset.__getitem__:
            return None
        return take_rows(self._data, indices)


class ArrayDataset(Dataset):
    """Several arrays, lists or datasets side by side: sample i is ``(x1[i], x2[i], ...)``.

    Parameters
    ----------
    *args : dataset-like
        All of the same length. The numbers of a 1-D NDArray are given as NumPy scalars.
    """

    def __init__(self, *args: Any) -> None:
        if not args:
            raise ParameterError(message("Needs at least 1 arrays", fix="Give the arrays."))
        self._length = len(args[0])
        self._data = []
        for i, data in enumerate(args):
            if len(data) != self._length:
                raise ShapeError(
                    message(
                        "All arrays must have the same length",
                        where=[f"array[0] has length {self._length}, array[{i}] {len(data)}"],
                        fix="Cut them to one length, or look for a missing label.",
                    )
                )
            if isinstance(data, NDArray) and len(data.shape) == 1:
                data = data.asnumpy()
            self._data.append(data)

    def __getitem__(self, idx: int) -> Any:
        if len(self._data) == 1:
            return self._data[0][idx]
        return tuple(data[idx] for data in self._data)

    def __len__(self) -> int:
        return self._length

    def _columns(self, indices: Sequence[Any]) -> Any:
        if type(self).__getitem__ is not ArrayDataset.__getitem__:
            return None
        columns = []
        for data in self._data:
            column = take_rows(data, indices)
            if column is None:
                column = default_batchify_fn([data[i] for i in indices])
            columns.append(column)
        return columns[0] if len(columns) == 1 else columns


class RecordFileDataset(Dataset):
    """The records of a RecordIO file, as bytes.

    Parameters
    ----------
    filename : str
        Path of the ``.rec`` file; its index is beside it under the same name with ``.idx``.
    """

    def __init__(self, filename: str) -> None:
        self.idx_file = os.path.splitext(filename)[0] + ".idx"
        self.filename = filename
        self._record = recordio.MXIndexedRecordIO(self.idx_file, self.filename, "r")

    def __getitem__(self, idx: int) -> Any:
        return self._record.read_idx(self._record.keys[idx])

    def __len__(self) -> int:
        return len(self._record.keys)


def take_rows(data: Any, indices: Sequence[Any]) -> Any:
    """The rows of an array at *indices* as one new NDArray, or None when *data* is no array.

    Gives what stacking the rows one by one would give, in one step.
    """
    if isinstance(data, Dataset):
        return data._columns(indices)
    where = np.asarray(indices)
    if where.dtype.kind not in "iu" or where.ndim != 1 or not where.size:
        return None
    if isinstance(data, np.ndarray) and data.ndim and data.dtype.kind in "fiub":
        return _array(data.take(where, 0))
    if type(data).__name__ != "NDArray" or not isinstance(data, NDArray):
        return None  # a sparse array, or no array at all
    if data._node is not None or not isinstance(data._data, np.ndarray):
        return None  # recorded, or on a device that is not NumPy's
    data.wait_to_read()
    return wrap(data._data.take(where, 0), data.context)


def _array(rows: np.ndarray) -> Any:
    from ... import ndarray as nd

    return nd.array(rows, ctx=current_context(), dtype=rows.dtype)


class _LazyTransformDataset(Dataset):
    """Calls a function on every sample that is read."""

    def __init__(self, data: Any, fn: Callable[..., Any]) -> None:
        self._data = data
        self._fn = fn

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, idx: int) -> Any:
        item = self._data[idx]
        return self._fn(*item) if isinstance(item, tuple) else self._fn(item)

    def _columns(self, indices: Sequence[Any]) -> Any:
        """Transforms such as ToTensor do to a batch what they do to each image of it."""
        fn = self._fn._fn if isinstance(self._fn, _TransformFirst) else self._fn
        if not getattr(fn, "takes_batches", False):
            return None
        columns = take_rows(self._data, indices)
        if isinstance(columns, list) and fn is not self._fn and len(columns[0].shape) == 4:
            return [fn(columns[0]), *columns[1:]]
        if isinstance(columns, NDArray) and len(columns.shape) == 4:
            return fn(columns)
        return None


class _TransformFirst:
    """Applies a function to the first argument; an object, so that it can be pickled."""

    def __init__(self, fn: Callable[[Any], Any]) -> None:
        self._fn = fn

    def __call__(self, x: Any, *args: Any) -> Any:
        return (self._fn(x), *args) if args else self._fn(x)


class _SampledDataset(Dataset):
    """The samples that a sampler chose once, in its order."""

    def __init__(self, dataset: Any, sampler: Sampler) -> None:
        self._dataset = dataset
        self._sampler = sampler
        self._indices = list(sampler)

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, idx: int) -> Any:
        return self._dataset[self._indices[idx]]

    def _columns(self, indices: Sequence[Any]) -> Any:
        return take_rows(self._dataset, [self._indices[i] for i in indices])
