"""MXNet's ``.params`` container, as plain NumPy arrays.

Layout (little endian): u64 0x112, u64 0, u64 N, N records, u64 M (0, or N), M names, each u64
length and UTF-8 bytes. A record is, by its first u32:

=============  ==================================================================================
0xF993FAC9     V2: i32 storage type, [shape of the stored values when sparse], shape, device,
               dtype, [dtype and shape of each auxiliary array], values, [auxiliary arrays]
0xF993FACA     V3: the same under NumPy shape semantics, where a shape () is a scalar
0xF993FAC8     V1: shape, device, dtype, values
anything else  V0: this u32 is the rank, u32 dimensions follow, then as V1
=============  ==================================================================================

shape: u32 rank, rank x i64; device: i32 type, i32 id; dtype: i32. A rank of 0 before V3, or of
0xFFFFFFFF, stands for "no array" and ends the record.

Reading takes nothing on trust: every length is compared with the bytes that are there before
anything is allocated, so that memory stays below twice the file plus some hundred bytes per
array. Source: files written by MXNet 1.9.1; ``src/ndarray/ndarray.cc``.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from ..dtypes import FLAG_TO_NAME, NAME_TO_FLAG, dtype_flag
from ..error import DataFileError, StorageError, message
from ..fileio import atomic_write

__all__ = ["Record", "pack_record", "read_arrays", "read_file", "unpack_record", "write_arrays"]

FILE_MAGIC = 0x112
V1_MAGIC, V2_MAGIC, V3_MAGIC = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
STYPES = ("default", "row_sparse", "csr")
AUX_NAMES = {"default": (), "row_sparse": ("indices",), "csr": ("indptr", "indices")}
MAX_RANK = 32  # NumPy's own limit before 2.0
_NO_RANK = 0xFFFFFFFF
_BFLOAT16 = NAME_TO_FLAG["bfloat16"]
_MADE_BY = "Save it again with nd.save, or fetch a fresh copy."


@dataclass(frozen=True, slots=True)
class Record:
    """One array as it lies in a file.

    Attributes
    ----------
    data : numpy.ndarray
        The values; of a sparse array those that are stored. bfloat16, which NumPy does not have,
        is kept as its bits in uint16 with *flag* 12.
    flag : int
        MXNet's number of the dtype (0 float32, 1 float64, ... 12 bfloat16).
    stype : str
        ``"default"``, ``"row_sparse"`` or ``"csr"``.
    shape : tuple of int
        Shape of the array that is meant; equals ``data.shape`` unless it is sparse.
    aux : tuple of numpy.ndarray
        () for dense, (indices,) for row_sparse, (indptr, indices) for csr.
    device : (int, int)
        Device type (1 cpu, 2 gpu, 3 cpu_pinned, 5 cpu_shared) and id.
    """

    data: np.ndarray
    flag: int
    stype: str
    shape: tuple[int, ...]
    aux: tuple[np.ndarray, ...] = ()
    device: tuple[int, int] = (1, 0)

    @classmethod
    def dense(cls, data: np.ndarray, device: tuple[int, int] = (1, 0)) -> Record:
        """The record of a dense array of any dtype that MXNet has."""
        return cls(data, dtype_flag(data.dtype), "default", data.shape, (), device)

    @classmethod
    def sparse(
        cls,
        stype: str,
        data: np.ndarray,
        aux: Sequence[np.ndarray],
        shape: Sequence[int],
        device: tuple[int, int] = (1, 0),
    ) -> Record:
        """The record of a sparse array; raises DataFileError when the parts do not fit."""
        record = cls(data, dtype_flag(data.dtype), stype, tuple(shape), tuple(aux), device)
        problem = _sparse_problem(record)
        if problem:
            raise DataFileError(message(f"{stype} array: {problem}"))
        return record

    def values(self) -> np.ndarray:
        """The values in a dtype that NumPy has: bfloat16 becomes float32, which loses nothing."""
        if self.flag != _BFLOAT16:
            return self.data
        return (self.data.astype(np.uint32) << 16).view(np.float32)


def read_arrays(
    buffer: bytes | bytearray | memoryview, source: str = "buffer"
) -> tuple[list[Record | None], list[str]]:
    """Take a whole container apart.

    Parameters
    ----------
    buffer : bytes-like
        The content of a ``.params`` file.
    source : str
        What to call it in error messages: the file's name.

    Returns
    -------
    records : list of Record or None
        None where the file says "no array". The arrays own their memory.
    names : list of str
        As many names as arrays, or none at all.

    Raises
    ------
    DataFileError
        The content is truncated, corrupt, or no container.
    """
    cursor = _Cursor(buffer, source)
    start = bytes(buffer[:8]).hex() or "nothing"
    if len(buffer) < 24 or cursor.number("<Q", "header") != FILE_MAGIC:
        raise DataFileError(
            message(
                f"{source} is no file of arrays: Invalid NDArray file format",
                where=[f"{len(buffer)} bytes, starting with {start}"],
                fix="Give a file that nd.save, save_parameters or export wrote.",
            )
        )
    cursor.number("<Q", "header")
    count = cursor.number("<Q", "number of arrays")
    records = [_read_record(cursor, f"array {i} of {count}") for i in _within(cursor, count, 4)]
    named = cursor.number("<Q", "number of names")
    if named not in (0, count):
        raise cursor.error(f"{named} names for {count} arrays")
    return records, [_read_name(cursor, f"name {i}") for i in _within(cursor, named, 8)]


def read_file(path: str | os.PathLike[str]) -> tuple[list[Record | None], list[str]]:
    """As :func:`read_arrays`, of a file; raises StorageError when it cannot be read."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise StorageError.of(error, f"cannot read arrays from {os.fspath(path)}") from error
    return read_arrays(content, os.fspath(path))


def unpack_record(buffer: bytes | bytearray | memoryview) -> Record | None:
    """One record alone, as pickled NDArrays of MXNet hold it in their state."""
    return _read_record(_Cursor(buffer, "pickled array"), "array")


def pack_record(record: Record | None, np_shape: bool = False) -> bytes:
    """The bytes of one record alone; the opposite of :func:`unpack_record`."""
    return b"".join(bytes(part) for part in _record_parts(record, np_shape))


def write_arrays(
    target: str | os.PathLike[str] | IO[bytes],
    records: Sequence[Record | None],
    names: Sequence[str] = (),
    np_shape: bool = False,
) -> None:
    """Write a container, byte for byte as MXNet 1.9.1 does.

    Parameters
    ----------
    target : path or binary file
        A path is written atomically: on any failure the old file is still there, whole.
    records : sequence of Record or None
        The arrays. Memory in C order is written from where it is, without a copy.
    names : sequence of str
        Empty, or one for each array.
    np_shape : bool
        Write V3 records. A scalar, which V2 cannot hold, is written as V3 in any case.

    Raises
    ------
    ValueError
        The numbers of arrays and names differ.
    StorageError
        The file cannot be written: no such folder, no permission, disk full.
    """
    if names and len(names) != len(records):
        raise ValueError(f"{len(names)} names for {len(records)} arrays")
    parts = _container_parts(records, names, np_shape)
    if not isinstance(target, (str, os.PathLike)):
        _write_all(target, parts)
        return
    try:
        with atomic_write(target) as file:
            _write_all(file, parts)
    except OSError as error:
        raise StorageError.of(error, f"cannot write arrays to {os.fspath(target)}") from error


def _write_all(file: IO[bytes], parts: Iterable[bytes | memoryview]) -> None:
    for part in parts:
        file.write(part)


def _container_parts(
    records: Sequence[Record | None], names: Sequence[str], np_shape: bool
) -> Iterable[bytes | memoryview]:
    yield struct.pack("<QQQ", FILE_MAGIC, 0, len(records))
    for record in records:
        yield from _record_parts(record, np_shape)
    yield struct.pack("<Q", len(names))
    for name in names:
        text = name.encode("utf-8", "surrogateescape")
        yield struct.pack("<Q", len(text)) + text


def _record_parts(record: Record | None, np_shape: bool) -> Iterable[bytes | memoryview]:
    if record is None:
        rank = _NO_RANK if np_shape else 0
        yield struct.pack("<IiI", V3_MAGIC if np_shape else V2_MAGIC, 0, rank)
        return
    magic = V3_MAGIC if np_shape or not record.shape else V2_MAGIC
    yield struct.pack("<Ii", magic, STYPES.index(record.stype))
    if record.stype != "default":
        yield _pack_shape(record.data.shape)
    yield _pack_shape(record.shape)
    yield struct.pack("<iii", *record.device, record.flag)
    for aux in record.aux:
        yield struct.pack("<i", dtype_flag(aux.dtype)) + _pack_shape(aux.shape)
    for array in (record.data, *record.aux):
        little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
        yield little.reshape(-1).view(np.uint8).data


def _pack_shape(shape: Sequence[int]) -> bytes:
    return struct.pack(f"<I{len(shape)}q", len(shape), *shape)


class _Cursor:
    """A place in a buffer from which nothing can be read that is not there."""

    def __init__(self, buffer: bytes | bytearray | memoryview, source: str) -> None:
        self.view = memoryview(buffer).cast("B")
        self.at = 0
        self.source = source

    @property
    def left(self) -> int:
        return len(self.view) - self.at

    def take(self, size: int, what: str) -> memoryview:
        if size > self.left:
            raise self.error(f"{what} takes {size} bytes, {self.left} are left: truncated")
        self.at += size
        return self.view[self.at - size : self.at]

    def number(self, code: str, what: str) -> int:
        return struct.unpack(code, self.take(struct.calcsize(code), what))[0]

    def error(self, problem: str, what: str = "") -> DataFileError:
        text = f"{self.source}: {what + ': ' if what else ''}{problem}"
        place = f"byte {self.at} of {len(self.view)}"
        return DataFileError(message(text, where=[place], fix=_MADE_BY))


def _within(cursor: _Cursor, count: int, least: int) -> range:
    """range(count), if so many items of at least *least* bytes can follow."""
    if count > cursor.left // least:
        raise cursor.error(f"{count} items announced, {cursor.left} bytes are left: truncated")
    return range(count)


def _read_name(cursor: _Cursor, what: str) -> str:
    raw = cursor.take(cursor.number("<Q", what), what)
    return str(raw, "utf-8", "surrogateescape")


def _read_record(cursor: _Cursor, what: str) -> Record | None:
    magic = cursor.number("<I", what)
    stype = 0
    stored: tuple[int, ...] | None = None
    if magic in (V2_MAGIC, V3_MAGIC):
        stype = cursor.number("<i", what)
        if not 0 <= stype < len(STYPES):
            raise cursor.error(f"Unknown storage type {stype}", what)
        if stype:
            stored = _read_shape(cursor, what)
        shape = _read_shape(cursor, what)
        if not shape and magic == V2_MAGIC:
            shape = None
    elif magic == V1_MAGIC:
        shape = _read_shape(cursor, what) or None
    else:
        shape = _read_dimensions(cursor, magic, "I", what) or None
    if shape is None:
        return None
    device = (cursor.number("<i", what), cursor.number("<i", what))
    flag = _read_flag(cursor, what)
    if not stype:
        return Record(_read_data(cursor, flag, shape, what), flag, "default", shape, (), device)
    return _read_sparse(cursor, STYPES[stype], stored or (), (flag, shape, device), what)


def _read_sparse(
    cursor: _Cursor,
    stype: str,
    stored: tuple[int, ...],
    head: tuple[int, tuple[int, ...], tuple[int, int]],
    what: str,
) -> Record:
    flag, shape, device = head
    names = [f"{what}: {name}" for name in AUX_NAMES[stype]]
    layouts = [(_read_flag(cursor, name), _read_shape(cursor, name) or ()) for name in names]
    data = _read_data(cursor, flag, stored, what)
    aux = tuple(
        _read_data(cursor, aux_flag, aux_shape, name)
        for name, (aux_flag, aux_shape) in zip(names, layouts, strict=True)
    )
    record = Record(data, flag, stype, shape, aux, device)
    problem = _sparse_problem(record)
    if problem:
        raise cursor.error(problem, f"{what} ({stype})")
    return record


def _read_shape(cursor: _Cursor, what: str) -> tuple[int, ...] | None:
    rank = cursor.number("<I", what)
    return None if rank == _NO_RANK else _read_dimensions(cursor, rank, "q", what)


def _read_dimensions(cursor: _Cursor, rank: int, code: str, what: str) -> tuple[int, ...]:
    if rank > MAX_RANK:
        raise cursor.error(f"{rank} dimensions (a shape has at most {MAX_RANK})", what)
    form = f"<{rank}{code}"
    shape = struct.unpack(form, cursor.take(struct.calcsize(form), f"{what}: shape"))
    if any(size < 0 for size in shape):
        raise cursor.error(f"negative size in shape {shape}", what)
    return shape


def _read_flag(cursor: _Cursor, what: str) -> int:
    flag = cursor.number("<i", what)
    if flag not in FLAG_TO_NAME:
        raise cursor.error(f"unknown dtype number {flag}", what)
    return flag


def _read_data(cursor: _Cursor, flag: int, shape: tuple[int, ...], what: str) -> np.ndarray:
    name = "uint16" if flag == _BFLOAT16 else FLAG_TO_NAME[flag]
    dtype = np.dtype(name).newbyteorder("<")
    raw = cursor.take(math.prod(shape) * dtype.itemsize, f"{what}: values of shape {shape}")
    if flag == NAME_TO_FLAG["bool"]:  # any byte but 0 is True; NumPy wants exactly 1
        return (np.frombuffer(raw, np.uint8) != 0).reshape(shape)
    try:
        return np.frombuffer(raw, dtype).astype(np.dtype(name)).reshape(shape)
    except ValueError as error:  # NumPy counts sizes up even where one of them is 0
        raise cursor.error(f"impossible shape {shape}", what) from error


def _sparse_problem(record: Record) -> str:
    """What is wrong with the parts of a sparse array, or nothing."""
    names = AUX_NAMES.get(record.stype, ())
    if record.stype == "default" or len(record.aux) != len(names):
        return f"storage type {record.stype} with {len(record.aux)} index arrays"
    for name, aux in zip(names, record.aux, strict=True):
        if aux.ndim != 1 or aux.dtype.kind not in "iu":
            return f"{name} has shape {aux.shape} and dtype {aux.dtype}, not one axis of integers"
    check = _csr_problem if record.stype == "csr" else _row_sparse_problem
    return check(record)


def _row_sparse_problem(record: Record) -> str:
    (indices,) = record.aux
    stored = record.data.shape
    if not record.shape or not stored or stored[1:] != record.shape[1:]:
        return f"rows of shape {stored[1:]} stored for an array of shape {record.shape}"
    if len(indices) != stored[0]:
        return f"{len(indices)} indices for {stored[0]} stored rows"
    return _outside(indices, record.shape[0], "row index")


def _csr_problem(record: Record) -> str:
    indptr, indices = record.aux
    if len(record.shape) != 2 or record.data.ndim != 1:
        return f"values of shape {record.data.shape} in an array of shape {record.shape}"
    if len(indices) != len(record.data):
        return f"{len(indices)} indices for {len(record.data)} values"
    if not len(indptr) and not len(indices):
        return ""
    if len(indptr) != record.shape[0] + 1:
        return f"indptr has {len(indptr)} entries for {record.shape[0]} rows"
    if indptr[0] != 0 or indptr[-1] != len(indices) or np.any(indptr[1:] < indptr[:-1]):
        return f"indptr does not rise from 0 to the number of values ({len(indices)})"
    return _outside(indices, record.shape[1], "column index")


def _outside(indices: np.ndarray, size: int, what: str) -> str:
    if len(indices) and (indices.min() < 0 or indices.max() >= size):
        return f"{what} outside [0, {size})"
    return ""
