"""The iterator over the files of MNIST."""

from __future__ import annotations

import gzip
import io
import logging
import os
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..error import DataFileError, ShapeError, message
from .base import DataBatch
from .files import MXDataIter, as_batch, batch_size_of, left_out, part_of, read_file

__all__ = ["MNISTIter"]

_MOST_INFLATED = 1032  # bytes that one byte of a gzipped file can stand for


class MNISTIter(MXDataIter):
    """Batches of handwritten digits, with pixels between 0 and 1.

    Parameters
    ----------
    image, label : str
        Paths of the files, in MNIST's idx format, gzipped or not.
    batch_size : int
        Samples that are too few for a last batch are left out.
    shuffle : bool
        Shuffle once, by *seed*.
    flat : bool
        Samples of shape (784,) instead of (1, 28, 28).
    seed : int
    silent : bool
        Do not log how many images there are.
    num_parts, part_index : int
        Read one of several parts of the files.
    data_name, label_name : str
        Names in ``provide_data`` and ``provide_label``.

    Raises
    ------
    DataFileError
        A file is not in the format of MNIST.

    Examples
    --------
    >>> from workbench import data_path
    >>> folder = data_path("mnist")
    >>> batches = MNISTIter(
    ...     image=folder + "/t10k-images-idx3-ubyte.gz",
    ...     label=folder + "/t10k-labels-idx1-ubyte.gz",
    ...     batch_size=100,
    ...     silent=True,
    ... )
    >>> batches.next().data[0].shape
    (100, 1, 28, 28)
    """

    def __init__(
        self,
        image: str = "./train-images-idx3-ubyte",
        label: str = "./train-labels-idx1-ubyte",
        batch_size: int = 128,
        shuffle: bool = True,
        flat: bool = False,
        seed: int = 0,
        silent: bool = False,
        num_parts: int = 1,
        part_index: int = 0,
        **kwargs: Any,
    ) -> None:
        unused = ("prefetch_buffer", "ctx", "dtype", "data_shape", "input_shape")
        super().__init__(**left_out(kwargs, *unused))
        images, labels = _read_idx(image, 3), _read_idx(label, 1)
        if len(images) != len(labels):
            raise ShapeError(
                message(
                    f"{len(images)} images, {len(labels)} labels",
                    where=[f"image {image}, label {label}"],
                    fix="Give the two files of one data set.",
                )
            )
        begin, end = part_of(len(images), int(num_parts), int(part_index))
        order = np.arange(begin, end)
        if shuffle:
            np.random.RandomState(int(seed)).shuffle(order)
        pixels = images[order].astype(np.float32) / 256
        shape = (pixels.shape[1] * pixels.shape[2],) if flat else (1, *pixels.shape[1:])
        self._data = pixels.reshape(-1, *shape)
        self._label = labels[order].astype(np.float32)
        self._size = batch_size_of(batch_size)
        if not silent:
            logging.info(
                "MNISTIter: load %d images, shuffle=%s, shape=%s",
                len(order),
                bool(shuffle),
                (self._size, *shape),
            )
        self._start()

    def _epoch(self) -> Iterator[DataBatch]:
        for begin in range(0, len(self._data) - self._size + 1, self._size):
            rows = slice(begin, begin + self._size)
            yield as_batch(self._data[rows], self._label[rows], 0, np.zeros(self._size))


def _read_idx(path: str | os.PathLike[str], rank: int) -> np.ndarray:
    """The uint8 array in an idx file, gzipped or not."""
    content = read_file(path, "MNIST file")
    head = struct.Struct(f">{rank + 1}I")
    try:
        file: Any = io.BytesIO(content)
        room = len(content)
        if content[:2] == b"\x1f\x8b":
            file, room = gzip.GzipFile(fileobj=file), room * _MOST_INFLATED
        magic, *shape = head.unpack(file.read(head.size))
        size = int(np.prod(shape, dtype=object))
        if magic != 0x0800 + rank:
            raise ValueError(f"magic number {magic:#x} instead of {0x0800 + rank:#x}")
        if not size:
            raise ValueError(f"it is empty: {tuple(shape)}")
        pixels = file.read(size) if size <= room else b""
        if len(pixels) < size:
            raise ValueError(f"{size} bytes announced, {len(pixels)} found")
        return np.frombuffer(pixels, np.uint8).reshape(shape)
    except (OSError, EOFError, ValueError, struct.error, zlib.error) as error:
        raise DataFileError(
            message(
                f"invalid mnist format: {os.fspath(path)}: {error}",
                fix="Fetch the file again; images and labels are files of their own.",
            )
        ) from error
