"""Iterators over text files: comma-separated values and LibSVM's sparse format."""

from __future__ import annotations

import io
import math
import os
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..error import DataFileError, ParameterError, ShapeError, StorageError, message
from ..ndarray.sparse import csr_matrix
from .base import DataBatch
from .files import (
    MXDataIter,
    as_batch,
    batch_size_of,
    batches_of,
    csr_rows,
    left_out,
    next_start,
    part_of,
    read_file,
    shape_of,
)

__all__ = ["CSVIter", "LibSVMIter"]

#: options of MXNet's reading threads
_THREADS = ("prefetch_buffer", "ctx", "preprocess_threads")


class CSVIter(MXDataIter):
    """Batches of the lines of files of comma-separated numbers.

    Parameters
    ----------
    data_csv : str
        Path of the file, or of a folder of such files, taken in the order of their names.
    data_shape : tuple of int
        Shape of one sample; a line has as many numbers.
    batch_size : int
    label_csv : str
        File of the labels, one line each; without it labels are 0.
    label_shape : tuple of int
    round_batch : bool
        Fill the last batch up with the first samples, and start the next epoch after those.
        Otherwise it is filled up with samples of the batch before.
    dtype : {"float32", "int32", "int64"}
        What the numbers are.
    data_name, label_name : str
        Names in ``provide_data`` and ``provide_label``.

    Raises
    ------
    DataFileError
        A line is no list of numbers (MXNetError and ValueError).
    ShapeError
        A line has more or fewer numbers than the shape says.
    """

    def __init__(
        self,
        data_csv: str,
        data_shape: Any,
        batch_size: int,
        label_csv: str | None = None,
        label_shape: Any = (1,),
        round_batch: bool = True,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**left_out(kwargs, *_THREADS))
        kind = np.dtype("float32" if dtype is None else dtype)
        if kind.name not in ("float32", "int32", "int64"):
            raise ParameterError(
                message(
                    f"{kind.name} is not supported for CSVIter",
                    fix="Use float32, int32 or int64.",
                )
            )
        self._size, self._round = batch_size_of(batch_size), bool(round_batch)
        shape = shape_of("data_shape", data_shape)
        self._data = _rows(data_csv, shape, kind)
        labels = shape_of("label_shape", label_shape)
        if label_csv in (None, "NULL", ""):
            self._label = np.zeros((len(self._data), 1), kind)
        else:
            self._label = _rows(str(label_csv), labels, kind)
        if len(self._label) < len(self._data):
            raise ShapeError(
                message(
                    f"{len(self._data)} lines of data, {len(self._label)} of labels",
                    where=[f"data_csv {data_csv}, label_csv {label_csv}"],
                    fix="Give one line of labels for each line of data.",
                )
            )
        if self._label.shape[1:] == (1,):
            self._label = self._label[:, 0]
        self._begin = 0
        self._start()

    def _epoch(self) -> Iterator[DataBatch]:
        plan = (len(self._data), self._size, self._round, self._begin)
        self._begin = 0
        for numbers, pad in batches_of(*plan):
            self._begin = next_start(*plan) if pad else 0
            yield as_batch(self._data[numbers], self._label[numbers], pad, numbers)


def _rows(path: str, shape: tuple[int, ...], kind: np.dtype[Any]) -> np.ndarray:
    """The lines of one file or of a folder of files, each an array of *shape*."""
    size = math.prod(shape)
    tables = [_table(one, kind) for one in _files(path)]
    for one, table in zip(_files(path), tables, strict=True):
        if table.shape[1] != size:
            raise ShapeError(
                message(
                    f"The data size in CSV do not match size of shape: specified shape={shape}, "
                    f"the csv row-length={table.shape[1]}",
                    where=[one],
                    fix=f"Give a shape of {table.shape[1]} numbers, or look for missing columns.",
                )
            )
    return np.concatenate(tables).reshape(-1, *shape)


def _files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    try:
        found = sorted(os.path.join(path, name) for name in os.listdir(path))
    except OSError as error:
        raise StorageError.of(error, f"cannot list the folder {path}") from error
    files = [one for one in found if os.path.isfile(one)]
    if not files:
        raise DataFileError(message(f"{path} has no files", fix="Put the CSV files there."))
    return files


def _table(path: str, kind: np.dtype[Any]) -> np.ndarray:
    """The numbers of one file: (lines, columns)."""
    content = read_file(path, "CSV file")
    try:
        text = content.decode("ascii")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an empty file, which is an error below
            table = np.loadtxt(io.StringIO(text), kind, comments=None, delimiter=",", ndmin=2)
    except (ValueError, OverflowError) as error:
        raise DataFileError(
            message(
                f"{path} is no table of {kind.name}: {error}",
                fix="Write numbers with commas between them, as many in each line.",
            )
        ) from error
    if not table.size:
        raise DataFileError(message(f"{path} has no numbers", fix="Look for the right file."))
    return table


# ---- LibSVM -------------------------------------------------------------------------------------

_LINE = re.compile(rb"[^\s:]+(?:\s+[^\s:]+:[^\s:]+)*")


class LibSVMIter(MXDataIter):
    """Batches of the lines of a file in LibSVM's format: ``label index:value index:value ...``.

    The data of a batch is a csr array. Indices begin with 0.

    Parameters
    ----------
    data_libsvm : str
        Path of the file.
    data_shape : (int,)
        How many columns there are.
    batch_size : int
    label_libsvm : str
        A file in the same format whose lines are the labels; without it the first numbers of the
        data's lines are the labels.
    label_shape : (int,)
        How many columns *label_libsvm* has.
    num_parts, part_index : int
        Read one of several parts of the lines.
    round_batch : bool
        As in :class:`CSVIter`.
    data_name, label_name : str
        Names in ``provide_data`` and ``provide_label``.

    Raises
    ------
    DataFileError
        A line is not in that format, or an index lies outside the shape.
    """

    def __init__(
        self,
        data_libsvm: str,
        data_shape: Any,
        batch_size: int,
        label_libsvm: str | None = None,
        label_shape: Any = (1,),
        num_parts: int = 1,
        part_index: int = 0,
        round_batch: bool = True,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**left_out(kwargs, *_THREADS))
        if dtype is not None and np.dtype(dtype) != np.float32:
            raise ParameterError(
                message(f"LibSVMIter gives float32, not {np.dtype(dtype)}", fix="Leave dtype out.")
            )
        self._size, self._round = batch_size_of(batch_size), bool(round_batch)
        self._columns = _columns("data_shape", data_shape)
        self._label_columns = 0
        self._label, self._data = _sparse_lines(data_libsvm, self._columns)
        self._label_rows: Any = None
        if label_libsvm not in (None, "NULL", ""):
            self._label_columns = _columns("label_shape", label_shape)
            lines, self._label_rows = _sparse_lines(str(label_libsvm), self._label_columns)
            if len(lines) < len(self._label):
                raise ShapeError(
                    message(
                        f"{len(self._label)} lines of data, {len(lines)} of labels",
                        where=[f"data_libsvm {data_libsvm}, label_libsvm {label_libsvm}"],
                        fix="Give one line of labels for each line of data.",
                    )
                )
        self._part = part_of(len(self._label), int(num_parts), int(part_index))
        self._begin = 0
        self._start()

    def _epoch(self) -> Iterator[DataBatch]:
        first, end = self._part
        plan = (end - first, self._size, self._round, self._begin)
        self._begin = 0
        for numbers, pad in batches_of(*plan):
            self._begin = next_start(*plan) if pad else 0
            rows = numbers + first
            label: Any = self._label[rows]
            if self._label_rows is not None:
                label = self._csr(self._label_rows, rows, self._label_columns)
            yield as_batch(self._csr(self._data, rows, self._columns), label, pad, rows)

    def _csr(self, parts: Any, rows: np.ndarray, columns: int) -> Any:
        chosen = csr_rows(parts, rows)
        return csr_matrix(chosen, shape=(len(rows), columns), dtype=np.float32)


def _columns(name: str, shape: Any) -> int:
    sizes = shape_of(name, shape)
    if len(sizes) != 1:
        raise ParameterError(
            message(f"{name} is {shape!r}", fix="Give one number: how many columns there are.")
        )
    return sizes[0]


def _sparse_lines(path: str, columns: int) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """The first number of each line; values, column numbers and beginnings of the others."""
    lines = [line.strip() for line in read_file(path, "LibSVM file").splitlines()]
    lines = [line for line in lines if line]
    for number, line in enumerate(lines, 1):
        if not _LINE.fullmatch(line):
            raise _bad_line(path, number, line, "no label followed by index:value")
    counts = np.array([line.count(b":") for line in lines], np.int64)
    words = b" ".join(lines).replace(b":", b" ").split()
    try:
        numbers = np.array(words, "S").astype(np.float64) if words else np.empty(0)
    except ValueError as error:
        number = next(i for i, line in enumerate(lines, 1) if not _has_numbers(line))
        raise _bad_line(path, number, lines[number - 1], "a word that is no number") from error
    starts = np.cumsum(counts * 2 + 1) - (counts * 2 + 1)
    is_label = np.zeros(len(numbers), bool)
    is_label[starts] = True
    pairs = numbers[~is_label].reshape(-1, 2)
    indices = pairs[:, 0]
    wrong = np.flatnonzero(~((indices >= 0) & (indices < columns) & (indices % 1 == 0)))
    if len(wrong):
        number = int(np.searchsorted(np.cumsum(counts), wrong[0], side="right")) + 1
        problem = f"index {indices[wrong[0]]:g} is none of the {columns} columns"
        raise _bad_line(path, number, lines[number - 1], problem)
    beginnings = np.concatenate([[0], np.cumsum(counts)])
    values = pairs[:, 1].astype(np.float32)
    return numbers[starts].astype(np.float32), (values, indices.astype(np.int64), beginnings)


def _has_numbers(line: bytes) -> bool:
    try:
        [float(word) for word in line.replace(b":", b" ").split()]
    except ValueError:
        return False
    return True


def _bad_line(path: str, number: int, line: bytes, problem: str) -> DataFileError:
    return DataFileError(
        message(
            f"{path}: {problem}",
            where=[f"line {number}: {line[:80]!r}"],
            fix="Write 'label index:value ...', with indices from 0 below data_shape.",
        )
    )
