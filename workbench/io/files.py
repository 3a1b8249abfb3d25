"""What iterators over files share: reading ahead, and how samples become batches."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .. import ndarray as nd
from ..error import ParameterError, StorageError, message
from .base import DataBatch, DataDesc, DataIter

__all__ = [
    "MXDataIter",
    "as_batch",
    "batch_size_of",
    "batches_of",
    "csr_rows",
    "left_out",
    "next_start",
    "part_of",
    "read_file",
    "shape_of",
]


class MXDataIter(DataIter):
    """Base of the iterators over files, which MXNet 1.9.1 has in its C++ library.

    ``getdata()`` and ``getlabel()`` give an array, not a list as elsewhere.

    Parameters
    ----------
    data_name, label_name : str
        The names in ``provide_data`` and ``provide_label``.
    **unknown
        Options without a meaning here; a warning names them.
    """

    def __init__(
        self, data_name: str = "data", label_name: str = "softmax_label", **unknown: Any
    ) -> None:
        super().__init__()
        if unknown:
            names = ", ".join(sorted(unknown))
            warnings.warn(f"{type(self).__name__} ignores {names}", stacklevel=3)
        self._batch: DataBatch | None = None
        self._first: DataBatch | None = None
        self._coming: Iterator[DataBatch] | None = None
        self._same_batch = False
        self._names = (data_name, label_name)

    def _epoch(self) -> Iterator[DataBatch]:
        """The batches of one epoch."""
        raise NotImplementedError(f"{type(self).__name__} has no _epoch")

    def _forget(self) -> None:
        """Let go of what was read ahead; :meth:`reset` calls it."""

    def _start(self) -> None:
        """Read the first batch, whose shapes are those of all."""
        self._coming = self._epoch()
        self._first = next(self._coming, None)
        if self._first is None:
            raise ParameterError(
                message(
                    f"{type(self).__name__}: there is not a single batch",
                    fix="Look into the file, or choose a smaller batch_size.",
                )
            )
        data, label = self._first.data[0], self._first.label[0]
        self.provide_data = [DataDesc(self._names[0], data.shape, data.dtype)]
        self.provide_label = [DataDesc(self._names[1], label.shape, label.dtype)]
        self.batch_size = data.shape[0]

    def reset(self) -> None:
        """Start the next epoch."""
        if self._first is not None and self._batch is None:
            return  # nothing was taken yet
        self._forget()
        self._batch = self._first = None
        self._coming = self._epoch()

    def iter_next(self) -> bool:
        """Move to the next batch; False after the last."""
        if self._same_batch and self._batch is not None:
            return True
        if self._first is not None:
            self._batch, self._first = self._first, None
            return True
        assert self._coming is not None
        following = next(self._coming, None)
        if following is None:
            return False
        self._batch = following
        return True

    def next(self) -> DataBatch:
        """The next batch; StopIteration after the last."""
        if not self.iter_next():
            raise StopIteration
        return self._current()

    def _current(self) -> DataBatch:
        if self._batch is None:
            raise ParameterError(message("there is no current batch", fix="Call next() first."))
        return self._batch

    def getdata(self) -> Any:
        """The data of the current batch."""
        return self._current().data[0]

    def getlabel(self) -> Any:
        """The labels of the current batch."""
        return self._current().label[0]

    def getindex(self) -> Any:
        """The numbers of the samples of the current batch, uint64."""
        return self._current().index

    def getpad(self) -> int:
        """How many samples at the end only fill the current batch up."""
        return self._current().pad or 0

    def debug_skip_load(self) -> None:
        """From now on give the same batch again and again, to time a network without loading."""
        self._same_batch = True
        logging.info("Set debug_skip_load to be true, will simply return first batch")


def batches_of(count: int, batch_size: int, round_batch: bool, start: int) -> Iterable[Any]:
    """The numbers of the samples of each batch of an epoch, and how many only fill it up.

    Parameters
    ----------
    count : int
        How many samples there are.
    round_batch : bool
        Fill the last batch up with the first samples; otherwise with those that had their places
        in the batch before.
    start : int
        The sample to start with; see :func:`next_start`.
    """
    before = np.zeros(batch_size, np.int64)
    for begin in range(start, count, batch_size):
        numbers = np.arange(begin, begin + batch_size)
        pad = max(0, begin + batch_size - count)
        if pad and round_batch:
            numbers %= count
        elif pad:
            numbers[-pad:] = before[-pad:]
        before = numbers
        yield numbers, pad


def next_start(count: int, batch_size: int, round_batch: bool, start: int) -> int:
    """The sample with which the next epoch starts: after those that filled up the last batch."""
    if not round_batch or count <= start:
        return 0
    return -(count - start) % batch_size % count


def part_of(count: int, num_parts: int, part_index: int) -> tuple[int, int]:
    """Begin and end of one of *num_parts* parts of *count* samples."""
    if not 0 <= part_index < num_parts:
        raise ParameterError(
            message(
                f"part_index {part_index} of num_parts {num_parts}",
                fix="Number the parts from 0.",
            )
        )
    return count * part_index // num_parts, count * (part_index + 1) // num_parts


def shape_of(name: str, shape: Any) -> tuple[int, ...]:
    """A shape given as a tuple, a number or a text; ParameterError when it is none."""
    text = str(shape).strip("()[] ")
    try:
        sizes = tuple(int(one) for one in text.split(",") if one.strip())
    except ValueError:
        sizes = ()
    if not sizes or min(sizes) < 1:
        raise ParameterError(
            message(f"{name} is {shape!r}", fix="Give a tuple of whole numbers above 0.")
        )
    return sizes


def batch_size_of(batch_size: Any) -> int:
    """A batch size of 1 or more; ParameterError otherwise."""
    try:
        size = int(batch_size)
    except (TypeError, ValueError):
        size = 0
    if size < 1:
        raise ParameterError(
            message(f"batch_size is {batch_size!r}", fix="Give a whole number above 0.")
        )
    return size


def read_file(path: str | os.PathLike[str], what: str) -> bytes:
    """The content of a file; StorageError when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise StorageError.of(error, f"cannot read the {what} {os.fspath(path)}") from error


def as_batch(data: Any, label: Any, pad: int, index: Any) -> DataBatch:
    """A batch of one array of data and one of labels, given as NumPy arrays or NDArrays."""
    arrays = [
        one if isinstance(one, nd.NDArray) else nd.array(one, dtype=one.dtype)
        for one in (data, label)
    ]
    return DataBatch([arrays[0]], [arrays[1]], pad, np.asarray(index, np.uint64))


def csr_rows(parts: Any, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, column numbers and beginnings of the chosen *rows* of a csr matrix."""
    values, indices, beginnings = parts
    counts = np.diff(beginnings)[rows]
    ends = np.cumsum(counts)
    place = np.arange(ends[-1] if len(ends) else 0)
    place += np.repeat(beginnings[:-1][rows] - (ends - counts), counts)
    return values[place], indices[place], np.concatenate([[0], ends])


def left_out(options: Mapping[str, Any], *known: str) -> dict[str, Any]:
    """The options but for those in *known*, which have a meaning in MXNet only."""
    return {name: value for name, value in options.items() if name not in known}
