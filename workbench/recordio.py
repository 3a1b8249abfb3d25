"""RecordIO files: records one after another, found in order or through an index beside them.

Needs NumPy only and imports nothing of the rest of Workbench but its error types. A record is
u32 0xCED7230A, u32 (part << 29 | length), the payload, and zeros up to a multiple of four bytes.
Where the payload itself has the magic number at a multiple of four, it is cut there into parts
(1 first, 2 middle, 3 last; 0 is a whole record) and the number left out, so that a reader can
find the next record from anywhere. Source: files of MXNet 1.9.1; dmlc-core ``recordio.h``.
"""

from __future__ import annotations

import io
import numbers
import os
import struct
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ._imagecodec import decode, encode
from .error import DataFileError, StorageError, message

__all__ = [
    "IRHeader",
    "MXIndexedRecordIO",
    "MXRecordIO",
    "pack",
    "pack_img",
    "unpack",
    "unpack_img",
]

MAGIC = 0xCED7230A
_MAGIC_BYTES = struct.pack("<I", MAGIC)
_LONGEST = (1 << 29) - 1
_WHOLE, _FIRST, _MIDDLE, _LAST = range(4)


class MXRecordIO:
    """Reads or writes a RecordIO file in order.

    Parameters
    ----------
    uri : str
        Path of the file.
    flag : str
        ``"r"`` to read, ``"w"`` to write (an existing file is emptied).

    Notes
    -----
    Every record is in the file when :meth:`write` returns. When one cannot be written (disk
    full), StorageError is raised and the file ends after the record before it.
    May be pickled: the copy opens the file anew, from the start. An object that came into another
    process by fork refuses to read or write in order there; see :meth:`reset`.

    Examples
    --------
    >>> import os, tempfile
    >>> name = os.path.join(tempfile.mkdtemp(), "tmp.rec")
    >>> record = MXRecordIO(name, "w")
    >>> for i in range(3):
    ...     record.write(b"record_%d" % i)
    >>> record.close()
    >>> MXRecordIO(name, "r").read()
    b'record_0'
    """

    def __init__(self, uri: str | os.PathLike[str], flag: str) -> None:
        self.uri = os.fspath(uri)
        self.flag = flag
        self.pid: int | None = None
        self.is_open = False
        self.writable = flag == "w"
        self._file: Any
        self._size = 0
        self.open()

    def open(self) -> None:
        """Open the file; writing starts with an empty one."""
        if self.flag not in ("r", "w"):
            raise ValueError(f'Invalid flag {self.flag}: use "r" to read or "w" to write')
        # Unbuffered when writing: a record that does not fit can be taken back at once.
        buffering = 0 if self.writable else -1
        try:
            self._file = open(self.uri, self.flag + "b", buffering=buffering)  # noqa: SIM115
            self._size = os.fstat(self._file.fileno()).st_size
        except OSError as error:
            raise StorageError.of(error, f"cannot open the record file {self.uri}") from error
        self._lock = threading.RLock()
        self.pid = os.getpid()
        self.is_open = True

    def close(self) -> None:
        """Close the file; doing it twice is fine."""
        if not self.is_open:
            return
        self._file.close()
        self.is_open = False
        self.pid = None

    def __del__(self) -> None:
        if getattr(self, "is_open", False):
            self.close()

    def __getstate__(self) -> dict[str, Any]:
        state = dict(self.__dict__)
        self.close()
        for name in ("_file", "_lock"):
            state.pop(name, None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, is_open=False)
        if state["is_open"]:
            self.open()

    def _check_open(self, allow_reset: bool = False) -> None:
        if not self.is_open:
            raise RuntimeError(f"the record file {self.uri} is closed; call reset() to reopen it")
        if self.pid != os.getpid():
            if not allow_reset:
                raise RuntimeError("Forbidden operation in multiple processes")
            self.reset()

    def reset(self) -> None:
        """Go back to the first record, with a file handle of this process's own.

        A file that is being written becomes empty.
        """
        self.close()
        self.open()

    def write(self, buf: bytes) -> None:
        """Append *buf* as one record.

        Raises
        ------
        StorageError
            It could not be written; the file ends after the record before it.
        DataFileError
            *buf* has 512 MiB or more, which the format cannot express.
        """
        if not self.writable:
            raise AssertionError(f"{self.uri} was opened to be read")
        self._check_open()
        start = self._file.tell()
        try:
            _write_fully(self._file, _frame(buf))
        except OSError as error:
            self._file.seek(start)
            self._file.truncate()
            raise StorageError.of(error, f"cannot write a record to {self.uri}") from error

    def read(self) -> bytes | None:
        """The next record, or None at the end of the file.

        Raises
        ------
        DataFileError
            The file is truncated or corrupt here.
        """
        if self.writable:
            raise AssertionError(f"{self.uri} was opened to be written")
        self._check_open()
        part, payload = self._read_part()
        if part == _WHOLE or payload is None:
            return payload
        if part != _FIRST:
            raise self._error("a record starts with one of its later parts")
        parts = [payload]
        while part != _LAST:
            part, payload = self._read_part()
            if payload is None or part not in (_MIDDLE, _LAST):
                raise self._error("a record ends before its last part")
            parts.append(payload)
        return _MAGIC_BYTES.join(parts)

    def _read_part(self) -> tuple[int, bytes | None]:
        head = self._file.read(8)
        if not head:
            return _WHOLE, None
        if len(head) < 8:
            raise self._error("truncated in the head of a record")
        magic, word = struct.unpack("<II", head)
        if magic != MAGIC:
            raise self._error(f"no record starts here (0x{magic:08X} instead of 0x{MAGIC:08X})")
        length = word & _LONGEST
        padded = length + -length % 4
        left = self._size - self._file.tell()
        payload = self._file.read(padded) if padded <= left else b""
        if len(payload) < padded:
            raise self._error(f"truncated: a record takes {padded} bytes, {left} are left")
        return word >> 29, payload[:length]

    def _error(self, problem: str) -> DataFileError:
        place = f"byte {self._file.tell()} of {self._size}"
        fix = "Write the file again; an index made for another file leads astray, too."
        return DataFileError(message(f"{self.uri}: {problem}", where=[place], fix=fix))


class MXIndexedRecordIO(MXRecordIO):
    """Reads or writes a RecordIO file in any order, by keys kept in an index file.

    :meth:`read_idx` may be called from several threads at once.

    Parameters
    ----------
    idx_path : str
        Path of the index: one line ``key<tab>byte offset`` for each record.
    uri, flag
        As in :class:`MXRecordIO`.
    key_type : callable
        Makes a key of its text.

    Examples
    --------
    >>> import os, tempfile
    >>> name = os.path.join(tempfile.mkdtemp(), "tmp")
    >>> record = MXIndexedRecordIO(name + ".idx", name + ".rec", "w")
    >>> for i in range(3):
    ...     record.write_idx(i, b"record_%d" % i)
    >>> record.close()
    >>> MXIndexedRecordIO(name + ".idx", name + ".rec", "r").read_idx(2)
    b'record_2'
    """

    def __init__(
        self,
        idx_path: str | os.PathLike[str],
        uri: str | os.PathLike[str],
        flag: str,
        key_type: Callable[[Any], Any] = int,
    ) -> None:
        self.idx_path = os.fspath(idx_path)
        self.idx: dict[Any, int] = {}
        self.keys: list[Any] = []
        self.key_type = key_type
        self.fidx: io.FileIO | None = None
        super().__init__(uri, flag)

    def open(self) -> None:
        """Open both files; reading takes the whole index into memory."""
        super().open()
        self.idx, self.keys = {}, []
        try:
            if self.writable:
                self.fidx = open(self.idx_path, "wb", buffering=0)  # noqa: SIM115
                return
            with open(self.idx_path, encoding="utf-8", errors="replace") as file:
                lines = file.read().splitlines()
        except OSError as error:
            self.close()
            raise StorageError.of(error, f"cannot open the index file {self.idx_path}") from error
        for number, line in enumerate(lines, 1):
            self._take_index_line(number, line)

    def _take_index_line(self, number: int, line: str) -> None:
        fields = line.strip().split("\t")
        try:
            key, offset = self.key_type(fields[0]), int(fields[1])
        except (ValueError, IndexError) as error:
            self.close()
            raise DataFileError(
                message(
                    f"{self.idx_path}: no key and offset in an index line",
                    where=[f"line {number}: {line[:80]!r}"],
                    fix="Make the index again (tools/rec2idx.py of MXNet does it).",
                )
            ) from error
        self.idx[key] = offset
        self.keys.append(key)

    def close(self) -> None:
        """Close both files."""
        super().close()
        if self.fidx is not None:
            self.fidx.close()
            self.fidx = None

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "fidx": None}

    def seek(self, idx: Any) -> None:
        """Make the record with key *idx* the next one that :meth:`read` gives.

        In a forked process the file is opened anew first, as workers of a loader need.
        """
        if self.writable:
            raise AssertionError(f"{self.uri} was opened to be written")
        self._check_open(allow_reset=True)
        offset = self.idx[idx]
        if not 0 <= offset < self._size:
            raise DataFileError(
                message(
                    f"{self.idx_path}: record {idx!r} lies outside {self.uri}",
                    where=[f"byte {offset} of {self._size}"],
                    fix="Use the index that was written together with this file.",
                )
            )
        self._file.seek(offset)

    def tell(self) -> int:
        """Byte offset at which the next record will be written."""
        if not self.writable:
            raise AssertionError(f"{self.uri} was opened to be read")
        self._check_open()
        return self._file.tell()

    def read_idx(self, idx: Any) -> bytes | None:
        """The record with key *idx*; an unknown key raises KeyError."""
        self._check_open(allow_reset=True)
        with self._lock:
            self.seek(idx)
            return self.read()

    def write_idx(self, idx: Any, buf: bytes) -> None:
        """Append *buf* as a record under key *idx*, and the line to the index."""
        key = self.key_type(idx)
        position = self.tell()
        self.write(buf)
        assert self.fidx is not None
        start = self.fidx.tell()
        try:
            _write_fully(self.fidx, f"{key}\t{position}\n".encode())
        except OSError as error:
            self.fidx.seek(start)
            self.fidx.truncate()
            raise StorageError.of(error, f"cannot write to {self.idx_path}") from error
        self.idx[key] = position
        self.keys.append(key)


def _write_fully(file: Any, content: bytes) -> None:
    """Write all of it: an unbuffered file may take less than it is given."""
    view = memoryview(content)
    while view:
        view = view[file.write(view) :]


def _frame(payload: bytes) -> bytes:
    """The bytes of one record as they lie in the file."""
    payload = bytes(payload)
    if len(payload) > _LONGEST:
        raise DataFileError(
            message(
                f"a record of {len(payload)} bytes",
                fix=f"Split it: RecordIO takes at most {_LONGEST} bytes.",
            )
        )
    parts = _split(payload)
    framed = []
    for i, part in enumerate(parts):
        kind = _WHOLE if len(parts) == 1 else _FIRST if i == 0 else _MIDDLE
        if i and i == len(parts) - 1:
            kind = _LAST
        framed += [_MAGIC_BYTES, struct.pack("<I", kind << 29 | len(part)), part]
        framed.append(bytes(-len(part) % 4))
    return b"".join(framed)


def _split(payload: bytes) -> list[bytes]:
    """Cut at every magic number that lies at a multiple of four bytes."""
    parts = []
    start = at = 0
    while (at := payload.find(_MAGIC_BYTES, at)) >= 0:
        if at % 4:
            at += 1
        else:
            parts.append(payload[start:at])
            start = at = at + 4
    parts.append(payload[start:])
    return parts


class HEADER(NamedTuple):
    """What accompanies the content of a record.

    Attributes
    ----------
    flag : int
        Number of labels where *label* is an array; 0 where it is one number.
    label : float or numpy.ndarray of float32
        The label or labels.
    id, id2 : int
        A number for the record, and its higher half (mostly 0).
    """

    flag: int
    label: Any
    id: int
    id2: int


IRHeader = HEADER
_HEADER_FORMAT = "<IfQQ"
_HEADER_SIZE = struct.calcsize(_HEADER_FORMAT)


def pack(header: HEADER | tuple[int, Any, int, int], s: bytes) -> bytes:
    """Put a header before the bytes *s*.

    Parameters
    ----------
    header : IRHeader
        Its flag is not used: it becomes the number of labels, or 0 for a label that is a number.
    s : bytes
        The content, an encoded image for example.

    Examples
    --------
    >>> pack(IRHeader(0, 3.0, 7, 0), b"xy").hex()
    '0000000000004040070000000000000000000000000000007879'
    """
    flag, label, first, second = header
    labels = b""
    if isinstance(label, numbers.Number):
        flag = 0
    else:
        array = np.asarray(label, dtype="<f4")
        flag, label, labels = array.size, 0.0, array.tobytes()
    try:
        return struct.pack(_HEADER_FORMAT, flag, label, first, second) + labels + s
    except struct.error as error:
        raise DataFileError(
            message(
                f"the header {tuple(header)!r} cannot be packed: {error}",
                fix="label is a number or an array of numbers, id and id2 are integers ≥ 0.",
            )
        ) from error


def unpack(s: bytes) -> tuple[HEADER, bytes]:
    """Take a packed record apart into its header and its content.

    Raises DataFileError when *s* is shorter than its header says.
    """
    if len(s) < _HEADER_SIZE:
        raise _unpackable(f"a packed record has at least {_HEADER_SIZE} bytes, this one {len(s)}")
    header = HEADER(*struct.unpack_from(_HEADER_FORMAT, s))
    content = s[_HEADER_SIZE:]
    if header.flag > 0:
        size = 4 * header.flag
        if size > len(content):
            problem = f"a packed record announces {header.flag} labels in {len(content)} bytes"
            raise _unpackable(problem)
        labels = np.frombuffer(content, "<f4", header.flag).astype(np.float32)
        header, content = header._replace(label=labels), content[size:]
    return header, content


def _unpackable(problem: str) -> DataFileError:
    return DataFileError(message(problem, fix="Read records made with pack or pack_img."))


def unpack_img(s: bytes, iscolor: int = -1) -> tuple[HEADER, np.ndarray]:
    """Take a packed record apart and decode its image.

    Parameters
    ----------
    s : bytes
        A record made by :func:`pack_img`.
    iscolor : int
        1 colour, 0 grey, -1 as the file has it.

    Returns
    -------
    header : IRHeader
    img : numpy.ndarray
        uint8, (height, width) or (height, width, channels), colours in OpenCV's order
        blue, green, red.
    """
    header, content = unpack(s)
    return header, decode(content, iscolor)


def pack_img(
    header: HEADER | tuple[int, Any, int, int],
    img: np.ndarray,
    quality: int = 95,
    img_fmt: str = ".jpg",
) -> bytes:
    """Encode an image and put a header before it.

    Parameters
    ----------
    header : IRHeader
    img : numpy.ndarray
        uint8, (height, width) or (height, width, 3), colours blue, green, red as in OpenCV.
    quality : int
        1 to 100 for ``.jpg``; the compression 0 to 9 for ``.png``.
    img_fmt : str
        ``".jpg"``, ``".jpeg"`` or ``".png"``.
    """
    return pack(header, encode(img, quality, img_fmt))
