"""Batches of images, read one by one and augmented."""

from __future__ import annotations

import logging
import numbers
import os
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ndarray as nd, recordio
from ..error import DataFileError, ParameterError, ShapeError, StorageError, message
from ..io import DataBatch, DataDesc, DataIter
from ..ndarray import NDArray
from .augment import CreateAugmenter
from .functions import imdecode

__all__ = ["ImageIter"]

#: one sample, ready to be put into a batch: pixels (channels, height, width) and label
Row = tuple[np.ndarray, np.ndarray]


class ImageIter(DataIter):
    """Batches of images from a record file, or from image files that are listed.

    Parameters
    ----------
    batch_size : int
    data_shape : (int, int, int)
        Channels (3), height and width of an image.
    label_width : int
        How many numbers a label has.
    path_imgrec : str
        Record file, made by ``tools/im2rec.py`` of MXNet or with :mod:`workbench.recordio`.
    path_imglist : str
        List of images: lines ``number<tab>label...<tab>path``.
    path_root : str
        Folder that the paths begin in.
    path_imgidx : str
        Index of the record file; needed to shuffle or to read a part of it.
    shuffle : bool
        Shuffle at every reset, by Python's generator (``random.seed``).
    part_index, num_parts : int
        Read one of several parts.
    aug_list : list of callable
        Augmenters; without it those of :func:`CreateAugmenter` with the further keywords.
    imglist : list
        The list itself: entries ``[label..., path]``.
    data_name, label_name : str
        Names in ``provide_data`` and ``provide_label``.
    dtype : {"float32", "float64", "int32", "int64"}
        Dtype of the labels of a list.
    last_batch_handle : {"pad", "discard", "roll_over"}
        What becomes of images that are too few for the last batch: filled up with the first ones,
        left out, or kept for the next epoch.
    **kwargs
        For :func:`CreateAugmenter`.
    """

    def __init__(
        self,
        batch_size: int,
        data_shape: tuple[int, int, int],
        label_width: int = 1,
        path_imgrec: str | None = None,
        path_imglist: str | None = None,
        path_root: str | None = None,
        path_imgidx: str | None = None,
        shuffle: bool = False,
        part_index: int = 0,
        num_parts: int = 1,
        aug_list: Sequence[Any] | None = None,
        imglist: Sequence[Any] | None = None,
        data_name: str = "data",
        label_name: str = "softmax_label",
        dtype: str = "float32",
        last_batch_handle: str = "pad",
        **kwargs: Any,
    ) -> None:
        super().__init__(batch_size)
        if batch_size < 1 or last_batch_handle not in ("pad", "discard", "roll_over"):
            raise ParameterError(
                message(
                    f"batch_size {batch_size} or last_batch_handle {last_batch_handle!r} is wrong",
                    fix="Give a batch_size above 0, and 'pad', 'discard' or 'roll_over'.",
                )
            )
        self.check_data_shape(data_shape)
        self.data_shape, self.label_width = tuple(data_shape), label_width
        self.shuffle, self.last_batch_handle = shuffle, last_batch_handle
        self.path_root = path_root
        label_shape = (batch_size, label_width) if label_width > 1 else (batch_size,)
        self.provide_data = [DataDesc(data_name, (batch_size, *self.data_shape))]
        self.provide_label = [DataDesc(label_name, label_shape)]
        self.imgrec = _open_records(path_imgrec, path_imgidx) if path_imgrec else None
        self.imgidx = list(self.imgrec.keys) if self.imgrec and path_imgidx else None
        self.imglist = _listed(path_imglist, imglist, dtype)
        self.seq = self._sequence(shuffle or num_parts > 1, part_index, num_parts)
        self.num_image = None if self.seq is None else len(self.seq)
        self.auglist: Any = aug_list
        if aug_list is None:
            self.auglist = CreateAugmenter(data_shape, **kwargs)
        self.cur = 0
        self._kept: list[Row] = []
        self._allow_read = True
        self.reset()

    def _sequence(self, needs_index: bool, part_index: int, num_parts: int) -> list[Any] | None:
        """Keys of the images in their order; None to read a record file through."""
        if self.imgrec is None and self.imglist is None:
            raise ParameterError(
                message(
                    f"{type(self).__name__}: no images",
                    fix="Give path_imgrec, path_imglist or imglist.",
                )
            )
        keys = self.imgidx
        if self.imgrec is None:
            keys = list(self.imglist or ())
        elif keys is None and needs_index:
            raise ParameterError(
                message(
                    "a record file is shuffled or read in part by its index only",
                    fix="Give path_imgidx.",
                )
            )
        if num_parts > 1 and keys is not None:
            if not 0 <= part_index < num_parts:
                raise ParameterError(
                    message(f"part_index {part_index} of num_parts {num_parts}", fix="From 0.")
                )
            size = len(keys) // num_parts
            keys = keys[part_index * size : (part_index + 1) * size]
        return keys

    # ---- going on ---------------------------------------------------------------------------

    def reset(self) -> None:
        """Start the next epoch; with "roll_over", with what is left of the last."""
        if self.seq is not None and self.shuffle:
            random.shuffle(self.seq)
        if self.last_batch_handle != "roll_over" or not self._kept:
            self._rewind()

    def hard_reset(self) -> None:
        """Start anew, and forget what was left of the last epoch."""
        if self.seq is not None and self.shuffle:
            random.shuffle(self.seq)
        self._kept = []
        self._rewind()

    def _rewind(self) -> None:
        if self.imgrec is not None:
            self.imgrec.reset()
        self.cur = 0
        self._allow_read = True

    def next_sample(self) -> tuple[Any, bytes]:
        """Label and encoded image of the next sample; StopIteration after the last."""
        if not self._allow_read:
            raise StopIteration
        if self.seq is None:
            return self._next_record()
        if self.cur >= len(self.seq):
            if self.last_batch_handle != "discard":
                self.cur = 0
            raise StopIteration
        key = self.seq[self.cur]
        self.cur += 1
        if self.imgrec is None:
            assert self.imglist is not None
            label, name = self.imglist[key]
            return label, self.read_image(name)
        header, content = recordio.unpack(self.imgrec.read_idx(key))
        if self.imglist is None:
            return header.label, content
        if key not in self.imglist:
            raise DataFileError(
                message(f"image {key} of the record file is not in the list", fix="Compare them.")
            )
        return self.imglist[key][0], content

    def _next_record(self) -> tuple[Any, bytes]:
        assert self.imgrec is not None
        record = self.imgrec.read()
        if record is None:
            if self.last_batch_handle != "discard":
                self.imgrec.reset()
            raise StopIteration
        self.cur += 1
        header, content = recordio.unpack(record)
        return header.label, content

    def _next_row(self) -> Row:
        """The next sample that is valid, ready to be put into a batch."""
        while True:
            label, content = self.next_sample()
            data = self.imdecode(content)
            try:
                self.check_valid_image([data])
            except RuntimeError as error:
                logging.debug("Invalid image, skipping:  %s", error)
                continue
            data = self.postprocess_data(self.augmentation_transform(data))
            return self._checked(data), self._label_row(label)

    def _checked(self, data: Any) -> np.ndarray:
        """The pixels of a sample, which must have the shape that was promised."""
        pixels = data.asnumpy() if isinstance(data, NDArray) else np.asarray(data)
        if pixels.shape != self.data_shape:
            raise ShapeError(
                message(
                    f"an augmented image has shape {pixels.shape}, not {self.data_shape}",
                    fix="End aug_list with a crop or ForceResizeAug, or correct data_shape.",
                )
            )
        return pixels

    def _label_row(self, label: Any) -> np.ndarray:
        values = label.asnumpy() if isinstance(label, NDArray) else np.asarray(label)
        if values.size != max(1, self.label_width):
            raise ShapeError(
                message(
                    f"a label has {values.size} numbers, not label_width={self.label_width}",
                    fix="Set label_width to what the list or the records have.",
                )
            )
        return values.reshape(self.provide_label[0][1][1:])

    def _rows(self, count: int) -> list[Row]:
        """Up to *count* samples; fewer at the end of the epoch."""
        rows: list[Row] = []
        try:
            while len(rows) < count:
                rows.append(self._next_row())
        except StopIteration:
            logging.debug("%s: end of the epoch", type(self).__name__)
        return rows

    def next(self) -> DataBatch:
        """The next batch; StopIteration after the last."""
        rows, self._kept = self._kept, []
        carried = bool(rows)
        if not carried:
            rows = self._rows(self.batch_size)
            if not rows:
                raise StopIteration
        pad = self.batch_size - len(rows)
        if pad and self.last_batch_handle == "discard":
            raise StopIteration
        if pad and self.last_batch_handle == "roll_over" and not carried:
            self._kept = rows
            raise StopIteration
        while len(rows) < self.batch_size:
            rows += self._rows(self.batch_size - len(rows))
        if pad and self.last_batch_handle == "pad":
            self._allow_read = False
        return DataBatch([self._stacked(rows)], [self._stacked_labels(rows)], pad=pad)

    def _stacked(self, rows: list[Row]) -> NDArray:
        return nd.array(np.stack([data for data, _ in rows]), dtype=np.float32)

    def _stacked_labels(self, rows: list[Row]) -> NDArray:
        return nd.array(np.stack([label for _, label in rows]), dtype=np.float32)

    # ---- one image ----------------------------------------------------------------------------

    def check_data_shape(self, data_shape: Any) -> None:
        """ShapeError unless *data_shape* is (3, height, width)."""
        if len(data_shape) != 3:
            raise ShapeError(
                message(
                    f"data_shape {data_shape} should have length 3, with dimensions CxHxW",
                    fix="Write data_shape=(3, height, width).",
                )
            )
        if data_shape[0] != 3:
            raise ShapeError(
                message(
                    f"This iterator expects inputs to have 3 channels, not {data_shape[0]}.",
                    fix="Write data_shape=(3, height, width).",
                )
            )

    def check_valid_image(self, data: Any) -> None:
        """RuntimeError when ``data[0]`` is no image; such images are left out."""
        if len(data[0].shape) == 0:
            raise ShapeError("Data shape is wrong")

    def imdecode(self, s: bytes) -> NDArray:
        """Pixels (height, width, channels) of an encoded image; the error names which it was."""
        try:
            return imdecode(s)
        except (DataFileError, ValueError) as error:
            raise DataFileError(f"Broken image {self._current()}: {error}") from error

    def _current(self) -> str:
        """Which sample was read last, in words."""
        if self.seq is None:
            return f"index: {self.cur - 1}"
        key = self.seq[self.cur - 1]
        listed = self.imglist is not None and key in self.imglist
        return f"filename: {self.imglist[key][1]}" if listed and self.imglist else f"index: {key}"

    def read_image(self, fname: str) -> bytes:
        """The content of an image file below ``path_root``."""
        path = os.path.join(self.path_root or "", fname)
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise StorageError.of(error, f"cannot read the image {path}") from error

    def augmentation_transform(self, data: NDArray) -> NDArray:
        """The image after all augmenters."""
        for augmenter in self.auglist:
            data = augmenter(data)
        return data

    def postprocess_data(self, datum: NDArray) -> NDArray:
        """From (height, width, channels) to (channels, height, width)."""
        return nd.transpose(datum, axes=(2, 0, 1))


def _open_records(path: str, index: str | None) -> Any:
    logging.info("loading recordio %s...", path)
    if index:
        return recordio.MXIndexedRecordIO(index, path, "r")
    return recordio.MXRecordIO(path, "r")


def _listed(path: str | None, entries: Any, dtype: str) -> dict[Any, tuple[NDArray, str]] | None:
    """Label and path of each listed image by its key; None without a list."""
    if dtype not in ("int32", "float32", "int64", "float64"):
        raise ParameterError(
            message(f"{dtype} label not supported", fix="Use float32, float64, int32 or int64.")
        )
    if path:
        return _list_file(path, dtype)
    if entries is None:
        return None
    made = {}
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, (list, tuple)) or len(entry) < 2:
            raise ParameterError(
                message(
                    f"imglist: entry {number} is {entry!r}",
                    fix="Write entries as [label, path] or [label, label, ..., path].",
                )
            )
        label = entry[:-1] if len(entry) > 2 else entry[0]
        label = [label] if isinstance(label, numbers.Number) else label
        made[str(number)] = (nd.array(label, dtype=dtype), entry[-1])
    return made


def _list_file(path: str, dtype: str) -> dict[Any, tuple[NDArray, str]]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise StorageError.of(error, f"cannot read the image list {path}") from error
    made = {}
    for number, line in enumerate(lines, 1):
        fields = line.strip().split("\t")
        if fields == [""]:
            continue
        try:
            key, labels = int(fields[0]), [float(one) for one in fields[1:-1]]
            if not labels:
                raise ValueError("no label")
        except ValueError as error:
            raise DataFileError(
                message(
                    f"{path}: no number, labels and path in a line of the list: {error}",
                    where=[f"line {number}: {line[:80]!r}"],
                    fix="Write number<tab>label<tab>path.",
                )
            ) from error
        made[key] = (nd.array(labels, dtype=dtype), fields[-1])
    return made
