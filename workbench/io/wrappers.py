"""Iterators over other iterators: another number of batches, batches made ahead."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ..error import ParameterError, ShapeError, message
from .base import DataBatch, DataDesc, DataIter

__all__ = ["PrefetchingIter", "ResizeIter"]


class _OfCurrentBatch(DataIter):
    """Reads data, labels, pad and index off ``current_batch``."""

    current_batch: Any = None

    def getdata(self) -> Any:
        """The data of the current batch, a list."""
        return self.current_batch.data

    def getlabel(self) -> Any:
        """The labels of the current batch, a list."""
        return self.current_batch.label

    def getindex(self) -> Any:
        """The numbers of the samples of the current batch, or None."""
        return self.current_batch.index

    def getpad(self) -> Any:
        """How many samples at the end only fill the current batch up."""
        return self.current_batch.pad


class ResizeIter(_OfCurrentBatch):
    """An iterator with a given number of batches in an epoch: it starts anew, or stops early.

    Parameters
    ----------
    data_iter : DataIter
        The iterator that makes the batches.
    size : int
        Number of batches.
    reset_internal : bool
        Whether :meth:`reset` resets *data_iter*, too.

    Examples
    --------
    >>> from workbench import io, nd
    >>> batches = ResizeIter(io.NDArrayIter(nd.ones((10, 2)), batch_size=5), 3)
    >>> sum(1 for batch in batches)
    3
    """

    def __init__(self, data_iter: Any, size: int, reset_internal: bool = True) -> None:
        super().__init__(data_iter.batch_size)
        self.data_iter = data_iter
        self.size = self._batches = size
        self.reset_internal = reset_internal
        self.cur = 0
        self.provide_data = data_iter.provide_data
        self.provide_label = data_iter.provide_label
        if hasattr(data_iter, "default_bucket_key"):
            self.default_bucket_key = data_iter.default_bucket_key

    def reset(self) -> None:
        """Go back to the first batch."""
        self.cur = 0
        if self.reset_internal:
            self.data_iter.reset()

    def iter_next(self) -> bool:
        """Move to the next batch; False after *size* of them."""
        if self.cur == self.size:
            return False
        try:
            self.current_batch = self.data_iter.next()
        except StopIteration:
            self.data_iter.reset()
            self.current_batch = self.data_iter.next()
        self.cur += 1
        return True


class PrefetchingIter(_OfCurrentBatch):
    """Has other iterators make their next batches in threads, while the current is used.

    Parameters
    ----------
    iters : DataIter or list of DataIter
        Batches of several are joined: their data and labels one after another.
    rename_data, rename_label : list of dict, optional
        For each iterator ``{name: new name}``.

    Notes
    -----
    An error in an iterator is raised where its batch is asked for.
    """

    def __init__(self, iters: Any, rename_data: Any = None, rename_label: Any = None) -> None:
        self.iters = list(iters) if isinstance(iters, (list, tuple)) else [iters]
        if not self.iters:
            raise ParameterError(message("no iterator to prefetch", fix="Give one at least."))
        self.n_iter = len(self.iters)
        self.rename_data, self.rename_label = rename_data, rename_label
        super().__init__(self.provide_data[0][1][0])
        self._pool = ThreadPoolExecutor(self.n_iter, thread_name_prefix="prefetch")
        self._coming: list[Future[Any]] = []
        self._fetch()

    def _fetch(self) -> None:
        self._coming = [self._pool.submit(_next_or_none, one) for one in self.iters]

    def __del__(self) -> None:
        if hasattr(self, "_pool"):
            self._pool.shutdown(wait=False)

    @property
    def provide_data(self) -> list[DataDesc]:
        """Names and shapes of the data of all iterators."""
        return _renamed([one.provide_data for one in self.iters], self.rename_data)

    @property
    def provide_label(self) -> list[DataDesc]:
        """Names and shapes of the labels of all iterators."""
        return _renamed([one.provide_label for one in self.iters], self.rename_label)

    def reset(self) -> None:
        """Go back to the first batch."""
        for future in self._coming:
            future.exception()  # wait, whatever came of it
        for one in self.iters:
            one.reset()
        self._fetch()

    def iter_next(self) -> bool:
        """Move to the next batch; False after the last."""
        batches = [future.result() for future in self._coming]
        missing = [batch is None for batch in batches]
        if all(missing):
            return False
        if any(missing) or len({batch.pad for batch in batches}) > 1:
            raise ShapeError(
                message(
                    "Number of entry mismatches between iterators",
                    fix="Prefetch iterators with as many samples and one batch size.",
                )
            )
        self._fetch()
        self.current_batch = DataBatch(
            [array for batch in batches for array in batch.data],
            [array for batch in batches for array in batch.label or ()],
            batches[0].pad,
            batches[0].index,
            provide_data=self.provide_data,
            provide_label=self.provide_label,
        )
        return True

    def next(self) -> DataBatch:
        """The next batch; StopIteration after the last."""
        if not self.iter_next():
            raise StopIteration
        return self.current_batch


def _next_or_none(iterator: Any) -> Any:
    try:
        return iterator.next()
    except StopIteration:
        return None


def _renamed(described: list[Any], renames: Any) -> list[DataDesc]:
    """All descriptions in one list, under their new names."""
    made = []
    for i, descriptions in enumerate(described):
        names = renames[i] if renames is not None else {}
        for one in descriptions:
            desc = one if isinstance(one, DataDesc) else DataDesc(*one)
            name = names.get(desc.name, desc.name)
            made.append(DataDesc(name, desc.shape, desc.dtype, desc.layout))
    return made
