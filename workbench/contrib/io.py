"""Gluon's loaders as iterators, for :class:`mx.module.Module`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import ndarray as nd
from .._surface import getattr_for
from ..error import ParameterError, message
from ..io import DataDesc, DataIter

__all__ = ["DataLoaderIter"]

__getattr__ = getattr_for(__name__)


class DataLoaderIter(DataIter):
    """The batches of a loader that gives pairs of data and label.

    Parameters
    ----------
    loader : gluon.data.DataLoader
    data_name, label_name : str
        Names in ``provide_data`` and ``provide_label``.
    dtype : str
        Dtype of data and labels.

    Examples
    --------
    >>> from workbench import gluon, nd
    >>> pairs = gluon.data.ArrayDataset(nd.ones((5, 2)), nd.zeros((5,)))
    >>> batches = DataLoaderIter(gluon.data.DataLoader(pairs, 2))
    >>> [(batch.data[0].shape, batch.pad) for batch in batches]
    [((2, 2), 0), ((2, 2), 0), ((2, 2), 1)]
    """

    def __init__(
        self,
        loader: Any,
        data_name: str = "data",
        label_name: str = "softmax_label",
        dtype: Any = "float32",
    ) -> None:
        first = next(iter(loader), None)
        if not isinstance(first, (list, tuple)) or len(first) != 2:
            raise ParameterError(
                message(
                    "DataLoaderIter: the loader gives no pairs of data and label",
                    fix="Make the loader over a data set of pairs, with one sample at least.",
                )
            )
        data, label = first
        super().__init__(data.shape[0])
        self.dtype = dtype
        self.provide_data = [DataDesc(data_name, data.shape, dtype)]
        self.provide_label = [DataDesc(label_name, label.shape, dtype)]
        self._loader = loader
        self._pairs: Iterator[Any] = iter(loader)
        self._pair: Any = None

    def reset(self) -> None:
        """Start the next epoch."""
        self._pairs = iter(self._loader)

    def iter_next(self) -> bool:
        """Move to the next batch; False after the last."""
        self._pair = next(self._pairs, None)
        return self._pair is not None

    def getdata(self) -> list[Any]:
        """The data of the current batch; a short one is filled up with zeros."""
        return [self._whole(self._pair[0])]

    def getlabel(self) -> list[Any]:
        """The labels of the current batch; a short one is filled up with zeros."""
        return [self._whole(self._pair[1])]

    def getpad(self) -> int:
        """How many samples at the end only fill the current batch up."""
        return self.batch_size - self._pair[0].shape[0]

    def _whole(self, array: Any) -> Any:
        array = array.astype(self.dtype)
        missing = self.batch_size - array.shape[0]
        if not missing:
            return array
        rest = nd.zeros((missing, *array.shape[1:]), ctx=array.context, dtype=array.dtype)
        return nd.concat(array, rest, dim=0)
