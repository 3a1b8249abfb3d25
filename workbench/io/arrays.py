"""Batches out of arrays in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ndarray as nd
from ..context import current_context
from ..error import DTypeError, ParameterError, ShapeError, message
from ..ndarray import NDArray
from ..ndarray.sparse import CSRNDArray, csr_matrix
from .base import DataBatch, DataDesc, DataIter
from .files import csr_rows

__all__ = ["NDArrayIter"]

Named = list[tuple[str, Any]]


class _CsrNeedsDiscard(ParameterError, NotImplementedError):
    """As in MXNet 1.9.1, a NotImplementedError too."""


class NDArrayIter(DataIter):
    """Batches of the rows of arrays.

    Parameters
    ----------
    data : array, list of arrays or dict of arrays
        NDArrays (csr too), NumPy arrays, SciPy's csr matrices or h5py data sets, all with as many
        rows. Of a dict, the arrays come in the order of their names.
    label : likewise, optional
    batch_size : int
    shuffle : bool
        Shuffle the rows now and at every reset, by NumPy's generator (``numpy.random.seed``).
    last_batch_handle : {"pad", "discard", "roll_over"}
        What becomes of rows that are too few for the last batch: filled up with the first rows,
        left out, or kept for the first batch of the next epoch. csr arrays need "discard".
    data_name, label_name : str
        Names of arrays that are not in a dict; numbered, ``_0_data``, where there are several.
    layout : str
        Which axis is N, along which batches are cut.

    Examples
    --------
    >>> import numpy as np
    >>> batches = NDArrayIter(np.arange(20).reshape(10, 2), np.arange(10), batch_size=4)
    >>> [batch.pad for batch in batches]
    [0, 0, 2]
    >>> batches.provide_label[0].name
    'softmax_label'
    """

    def __init__(
        self,
        data: Any,
        label: Any = None,
        batch_size: int = 1,
        shuffle: bool = False,
        last_batch_handle: str = "pad",
        data_name: str = "data",
        label_name: str = "softmax_label",
        layout: str = "NCHW",
    ) -> None:
        super().__init__(batch_size)
        self.data = _named_arrays(data, data_name, empty=False)
        self.label = _named_arrays(label, label_name, empty=True)
        self.shuffle, self.last_batch_handle, self.layout = shuffle, last_batch_handle, layout
        self._axis = layout.find("N")
        self.num_data = self._count()
        self._check(batch_size, last_batch_handle)
        padded = last_batch_handle == "pad"
        self._batches = (self.num_data + padded * (batch_size - 1)) // batch_size
        self.idx = np.arange(self.num_data)
        #: where each row was when the iterator was made
        self._order = np.arange(self.num_data)
        self.cursor = -batch_size
        #: data and labels of the rows that the last epoch had left
        self._kept: tuple[list[Any], list[Any]] | None = None
        if shuffle:
            self._shuffle_data()
        self.num_source = len(self.data) + len(self.label)

    def _count(self) -> int:
        sources = [*self.data, *self.label]
        counts = {name: array.shape[self._row_axis(array)] for name, array in sources}
        first = counts[self.data[0][0]]
        for name, count in counts.items():
            if count != first:
                raise ShapeError(
                    message(
                        f"NDArrayIter: {name} has {count} rows, {self.data[0][0]} has {first}",
                        fix="Give arrays with as many rows.",
                    )
                )
        return first

    def _row_axis(self, array: Any) -> int:
        return self._axis if self._axis < len(array.shape) else 0

    def _check(self, batch_size: int, last_batch_handle: str) -> None:
        if batch_size < 1 or last_batch_handle not in ("pad", "discard", "roll_over"):
            raise ParameterError(
                message(
                    f"batch_size {batch_size} or last_batch_handle {last_batch_handle!r} is wrong",
                    fix="Give a batch_size above 0, and 'pad', 'discard' or 'roll_over'.",
                )
            )
        sparse = any(isinstance(array, CSRNDArray) for _, array in (*self.data, *self.label))
        if sparse and last_batch_handle != "discard":
            raise _CsrNeedsDiscard(
                message(
                    "`NDArrayIter` only supports ``CSRNDArray`` with `last_batch_handle` set to "
                    "`discard`.",
                    fix="Set last_batch_handle='discard', or pass todense().",
                )
            )

    # ---- what it provides -------------------------------------------------------------------

    @property
    def provide_data(self) -> list[DataDesc]:
        """Name, shape, dtype and layout of the data."""
        return self._described(self.data)

    @property
    def provide_label(self) -> list[DataDesc]:
        """Name, shape, dtype and layout of the labels."""
        return self._described(self.label)

    def _described(self, sources: Named) -> list[DataDesc]:
        made = []
        for name, array in sources:
            shape = list(array.shape)
            shape[self._row_axis(array)] = self.batch_size
            made.append(DataDesc(name, tuple(shape), array.dtype, self.layout))
        return made

    # ---- going on ---------------------------------------------------------------------------

    def reset(self) -> None:
        """Start the next epoch; with "roll_over", with what is left of this one."""
        left = self.num_data - self.cursor
        rolls = self.last_batch_handle == "roll_over" and 0 < left < self.batch_size
        if self.shuffle:
            self._shuffle_data()
        self.cursor = -left if rolls else 0
        self.cursor -= self.batch_size
        if not rolls:
            self._kept = None

    def hard_reset(self) -> None:
        """Start anew, and forget what was left of the last epoch."""
        if self.shuffle:
            self._shuffle_data()
        self.cursor = -self.batch_size
        self._kept = None

    def iter_next(self) -> bool:
        """Move to the next batch; False after the last."""
        self.cursor += self.batch_size
        return self.cursor < self.num_data

    def next(self) -> DataBatch:
        """The next batch; StopIteration after the last."""
        if not self.iter_next():
            raise StopIteration
        left = self.num_data - self.cursor
        if left < self.batch_size and self.last_batch_handle != "pad":
            if self.last_batch_handle == "roll_over":
                rows = (self.cursor, self.num_data)
                self._kept = (self._rows(self.data, *rows), self._rows(self.label, *rows))
            raise StopIteration
        return DataBatch(self.getdata(), self.getlabel(), self.getpad(), index=None)

    def getdata(self) -> list[Any]:
        """The data of the current batch."""
        return self._batch(self.data, 0)

    def getlabel(self) -> list[Any]:
        """The labels of the current batch."""
        return self._batch(self.label, 1)

    def getpad(self) -> int:
        """How many samples at the end only fill the current batch up.

        Of a first batch with rows left from the last epoch, how many those are.
        """
        if self.last_batch_handle == "pad":
            return max(0, self.cursor + self.batch_size - self.num_data)
        return max(0, -self.cursor)

    def _batch(self, sources: Named, kept: int) -> list[Any]:
        if self.cursor >= self.num_data:
            raise ParameterError(message("DataIter needs reset.", fix="Call reset()."))
        end = self.cursor + self.batch_size
        if self.cursor < 0 and self._kept is not None:
            first = self._kept[kept]
            return self._joined(first, self._rows(sources, 0, end))
        rows = self._rows(sources, max(0, self.cursor), min(end, self.num_data))
        missing = end - self.num_data
        while missing > 0 and self.last_batch_handle == "pad":
            more = min(missing, self.num_data)
            rows = self._joined(rows, self._rows(sources, 0, more))
            missing -= more
        return rows

    def _rows(self, sources: Named, begin: int, end: int) -> list[Any]:
        made: list[Any] = []
        for _, array in sources:
            axis = self._row_axis(array)
            if isinstance(array, CSRNDArray):
                made.append(array[begin:end])
            elif isinstance(array, NDArray):
                made.append(array.slice_axis(axis=axis, begin=begin, end=end))
            else:
                made.append(self._read(array, begin, end))
        return made

    def _read(self, array: Any, begin: int, end: int) -> NDArray:
        """Rows of an h5py data set, which gives them in rising order only."""
        order = self._order[begin:end]
        rising = np.argsort(order)
        rows = array[order[rising]]
        return nd.array(rows[np.argsort(rising)], dtype=rows.dtype)

    def _joined(self, first: list[Any], second: list[Any]) -> list[Any]:
        return [
            nd.concat(one, other, dim=self._row_axis(one))
            for one, other in zip(first, second, strict=True)
        ]

    def _shuffle_data(self) -> None:
        np.random.shuffle(self.idx)
        self._order = self._order[self.idx]
        self.data, self.label = (
            [(name, self._in_order(array, self.idx)) for name, array in sources]
            for sources in (self.data, self.label)
        )

    def _in_order(self, array: Any, order: np.ndarray) -> Any:
        if isinstance(array, CSRNDArray):
            return _csr_rows(array, order)
        if isinstance(array, NDArray):
            rows = array.asnumpy().take(order, self._row_axis(array))
            return nd.array(rows, array.context, array.dtype)
        return array


def _csr_rows(array: CSRNDArray, order: np.ndarray) -> CSRNDArray:
    """The rows of a csr array in another order."""
    parts = (array.data.asnumpy(), array.indices.asnumpy(), array.indptr.asnumpy())
    chosen = csr_rows(parts, order)
    return csr_matrix(chosen, shape=array.shape, ctx=array.context, dtype=array.dtype)


def _named_arrays(source: Any, default: str, empty: bool) -> Named:
    """Pairs of name and array, in the order of names; arrays are NDArrays or h5py data sets."""
    if source is None:
        source = []
    if _is_array(source):
        source = [source]
    if isinstance(source, (list, tuple)):
        alone = len(source) == 1
        source = {default if alone else f"_{i}_{default}": x for i, x in enumerate(source)}
    if not isinstance(source, dict):
        raise DTypeError(
            message(
                f"Input must be NDArray, numpy.ndarray, h5py.Dataset, a list of them or a dict "
                f"with them as values, not {type(source).__name__}",
                fix="Call numpy.asarray on it.",
            )
        )
    if not source and not empty:
        raise ParameterError(message("NDArrayIter: no data", fix="Give one array at least."))
    return sorted((name, _as_array(name, value)) for name, value in source.items())


def _is_array(source: Any) -> bool:
    kind = type(source)
    scipy_or_h5py = kind.__module__.partition(".")[0] in ("h5py", "scipy")
    return isinstance(source, (np.ndarray, NDArray)) or scipy_or_h5py


def _as_array(name: str, value: Any) -> Any:
    library = type(value).__module__.partition(".")[0]
    if isinstance(value, NDArray) or library == "h5py":
        return value
    if library == "scipy":
        value = value.tocsr()
        parts = (value.data, value.indices, value.indptr)
        return csr_matrix(parts, shape=value.shape, dtype=value.dtype)
    try:
        return nd.array(value, ctx=current_context())
    except (TypeError, ValueError) as error:
        raise DTypeError(
            message(
                f"Invalid type '{type(value).__name__}' for {name}, should be NDArray, "
                "numpy.ndarray or h5py.Dataset",
                fix="Call numpy.asarray on it.",
            )
        ) from error
