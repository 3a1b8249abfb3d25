"""A batch, what is in it, and the iterator that gives batches."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .. import signals
from ..error import message

__all__ = ["DataBatch", "DataDesc", "DataIter"]


class DataDesc(namedtuple("DataDesc", ["name", "shape"])):
    """Name, shape, dtype and layout of one array of a batch; equal to ``(name, shape)``.

    Parameters
    ----------
    name : str
        the argument of the network that the array is given to
    shape : tuple of int
        with the batch axis
    dtype : dtype
        of the elements
    layout : str
        what the axes mean, e.g. ``"NCHW"``: batch, channels, height, width
    """

    dtype: Any
    layout: str | None

    def __new__(
        cls, name: str, shape: Any, dtype: Any = np.float32, layout: str | None = "NCHW"
    ) -> DataDesc:
        made = super().__new__(cls, name, shape)
        made.dtype, made.layout = dtype, layout
        return made

    def __getnewargs__(self) -> tuple[Any, ...]:
        return self.name, self.shape, self.dtype, self.layout

    def __repr__(self) -> str:
        return f"DataDesc[{self.name},{self.shape},{self.dtype},{self.layout}]"

    @staticmethod
    def get_batch_axis(layout: str | None) -> int:
        """The axis of the layout that counts examples: 0 without layout, -1 if there is none."""
        return 0 if layout is None else layout.find("N")

    @staticmethod
    def get_list(
        shapes: Iterable[tuple[str, Any]], types: Iterable[tuple[str, Any]] | None
    ) -> list[DataDesc]:
        """Descriptions from pairs of name and shape and, unless None, of name and dtype."""
        if types is None:
            return [DataDesc(name, shape) for name, shape in shapes]
        dtypes = dict(types)
        return [DataDesc(name, shape, dtypes[name]) for name, shape in shapes]


class DataBatch:
    """What an iterator gives: arrays for the inputs and for the labels.

    Parameters
    ----------
    data : list of NDArray or None
        one array for each input
    label : list of NDArray, optional
        one array for each label
    pad : int, optional
        how many examples at the end only fill the batch up
    index : array, optional
        numbers of the examples in the data set
    bucket_key : object, optional
        which network of a ``BucketingModule`` the batch is for
    provide_data, provide_label : list of DataDesc, optional
        descriptions of *data* and *label*, where they change from batch to batch

    Raises
    ------
    TypeError
        *data* or *label* is an array and not a list of arrays.
    """

    def __init__(
        self,
        data: Sequence[Any] | None,
        label: Sequence[Any] | None = None,
        pad: int | None = None,
        index: Any = None,
        bucket_key: Any = None,
        provide_data: Sequence[DataDesc] | None = None,
        provide_label: Sequence[DataDesc] | None = None,
    ) -> None:
        for name, given in (("Data", data), ("Label", label)):
            if given is not None and not isinstance(given, list | tuple):
                what = f"{name} must be list of NDArrays, got {type(given).__name__}"
                raise TypeError(message(what, fix=f"Write {name.lower()}=[array]."))
        self.data: Any = data
        self.label: Any = label
        self.pad, self.index, self.bucket_key = pad, index, bucket_key
        self.provide_data, self.provide_label = provide_data, provide_label

    def __str__(self) -> str:
        shapes = [array.shape for array in self.data or ()]
        labels = [array.shape for array in self.label] if self.label else None
        return f"{type(self).__name__}: data shapes: {shapes} label shapes: {labels}"


class DataIter:
    """Base of the iterators over batches.

    A subclass overrides :meth:`next`, or :meth:`iter_next` and the ``get`` methods, and
    :meth:`reset`.

    Parameters
    ----------
    batch_size : int
        examples in a batch
    """

    #: how many batches a loop has taken, and how many an epoch has where that is known
    _taken = 0
    _batches: int | None = None

    def __init__(self, batch_size: int = 0) -> None:
        self.batch_size = batch_size

    def __iter__(self) -> DataIter:
        self._taken = 0
        if signals.epoch:
            signals.fire(signals.epoch, self, self._batches)
        return self

    def reset(self) -> None:
        """Start again with the first batch; the base class has nothing to reset."""

    def next(self) -> DataBatch:
        """The next batch; raises StopIteration after the last one."""
        if not self.iter_next():
            raise StopIteration
        return DataBatch(
            data=self.getdata(), label=self.getlabel(), pad=self.getpad(), index=self.getindex()
        )

    def __next__(self) -> DataBatch:
        batch = self.next()
        if signals.batch:
            signals.fire(signals.batch, self, self._taken, self._batches)
        self._taken += 1
        return batch

    def iter_next(self) -> bool | None:
        """Move to the next batch, True if there is one; the base class has none."""
        return None

    def getdata(self) -> list[Any] | None:
        """The arrays of the current batch."""
        return None

    def getlabel(self) -> list[Any] | None:
        """The labels of the current batch."""
        return None

    def getindex(self) -> Any:
        """Numbers of the examples of the current batch."""
        return None

    def getpad(self) -> int | None:
        """How many examples of the current batch only fill it up."""
        return None
