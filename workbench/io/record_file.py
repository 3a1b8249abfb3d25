"""Records of a file by their numbers, and labels for them."""

from __future__ import annotations

import os

import numpy as np

from .. import recordio
from ..error import DataFileError, ShapeError, StorageError, message
from ..recordio import HEADER, MXIndexedRecordIO, MXRecordIO, unpack

__all__ = ["RecordFile", "read_labels"]


class RecordFile(MXRecordIO):
    """The records of a RecordIO file by number; may be read from several threads at once.

    Parameters
    ----------
    uri : str
        Path of the file.
    index : str
        Path of its index; without one the heads of all records are read first.

    Raises
    ------
    DataFileError
        The file is truncated or corrupt.
    """

    def __init__(self, uri: str, index: str = "") -> None:
        super().__init__(uri, "r")
        if index:
            indexed = MXIndexedRecordIO(index, uri, "r")
            # one that lies outside of any file stays so: it is refused when it is read
            offsets = [min(max(indexed.idx[key], -1), 2**62) for key in indexed.keys]
            indexed.close()
        else:
            offsets = self._scanned()
        self._offsets = np.array(offsets, np.int64)

    def __len__(self) -> int:
        return len(self._offsets)

    def _scanned(self) -> list[int]:
        """Where each record begins."""
        offsets, at = [], 0
        while at < self._size:
            self._file.seek(at)
            head = self._file.read(8)
            magic, word = (int.from_bytes(head[i : i + 4], "little") for i in (0, 4))
            if len(head) < 8 or magic != recordio.MAGIC:
                raise self._error("no record starts here")
            if word >> 29 in (0, 1):  # whole, or the first part of several
                offsets.append(at)
            length = word & ((1 << 29) - 1)
            at += 8 + length + -length % 4
        return offsets

    def read_at(self, number: int) -> tuple[HEADER, bytes]:
        """Header and content of a record."""
        offset = int(self._offsets[number])
        with self._lock:
            if not 0 <= offset < self._size:
                raise self._error(f"record {number} would begin at byte {offset}")
            self._file.seek(offset)
            record = self.read()
        assert record is not None
        return unpack(record)


def read_labels(path: str | os.PathLike[str], width: int) -> dict[int, np.ndarray]:
    """The labels of a list of images, lines ``number<tab>label...<tab>path``, by number.

    *width* is how many numbers each must have; any count when it is not positive.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError as error:
        raise StorageError.of(error, f"cannot read the image list {path}") from error
    labels = {}
    for number, line in enumerate(lines, 1):
        fields = line.strip().split("\t")
        if fields == [""]:
            continue
        try:
            key, label = int(fields[0]), np.array(fields[1:-1], np.float32)
        except ValueError as error:
            raise DataFileError(
                message(
                    f"{os.fspath(path)}: no number, labels and path in a line of the list",
                    where=[f"line {number}: {line[:80]!r}"],
                    fix="Write number<tab>label<tab>path.",
                )
            ) from error
        if len(label) != width and width > 0:
            raise ShapeError(
                message(
                    f"{os.fspath(path)}: {len(label)} labels instead of {width}",
                    where=[f"line {number}: {line[:80]!r}"],
                    fix="Set label_width to what the list has.",
                )
            )
        labels[key] = label
    return labels
