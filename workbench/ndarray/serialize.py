"""``nd.save`` and ``nd.load``: arrays in MXNet's ``.params`` files.

The file format is in :mod:`.container`; this module puts arrays into it and takes them out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..context import Context
from ..error import DataFileError, message
from ..util import is_np_shape
from . import sparse_array
from .container import (
    Record,
    pack_record,
    read_arrays,
    read_file,
    unpack_record,
    write_arrays,
)
from .core import NDArray, wrap

__all__ = ["array_from_record", "load", "load_frombuffer", "record_of", "save"]

_FOREIGN = 99  # a device that MXNet does not know is written as cpu(0)


def save(fname: str | os.PathLike[str], data: Any) -> None:
    """Write arrays to a file that MXNet can read, byte for byte as MXNet 1.9.1 writes it.

    Parameters
    ----------
    fname : str
        Path of the file. It is replaced in one step: when anything fails, what was there before
        is still there.
    data : NDArray, list of NDArray, or dict of str to NDArray

    Raises
    ------
    ValueError, TypeError
        *data* is something else.
    StorageError
        The file cannot be written.

    Examples
    --------
    >>> import os, tempfile
    >>> from workbench import nd
    >>> name = os.path.join(tempfile.mkdtemp(), "some.params")
    >>> nd.save(name, {"w": nd.ones((2, 3))})
    >>> nd.load(name)["w"].shape
    (2, 3)
    """
    names: list[str] = []
    if isinstance(data, NDArray):
        arrays = [data]
    elif isinstance(data, Mapping):
        names, arrays = list(data), list(data.values())
    elif isinstance(data, list):
        arrays = data
    else:
        raise ValueError(
            "data needs to either be a NDArray, dict of str, NDArray pairs or a list of NDarrays."
        )
    if not all(isinstance(name, str) for name in names) or not all(
        isinstance(array, NDArray) for array in arrays
    ):
        raise TypeError("save only accept dict str->NDArray or list of NDArray")
    write_arrays(fname, [record_of(array) for array in arrays], names, is_np_shape())


def load(fname: str | os.PathLike[str]) -> Any:
    """The arrays of a file written by ``save``, ``save_parameters`` or ``export``.

    Parameters
    ----------
    fname : str
        Path of a file by MXNet (of any version) or Workbench.

    Returns
    -------
    list of NDArray, or dict of str to NDArray where the file has names
        On ``cpu(0)``, whatever device they came from. A place where the file has no array holds
        None. bfloat16 becomes float32, without loss.

    Raises
    ------
    StorageError
        The file cannot be read.
    DataFileError
        It is truncated, corrupt or of another kind.
    """
    return _arrays(*read_file(fname))


def load_frombuffer(buf: bytes | bytearray | memoryview) -> Any:
    """As :func:`load`, of the content of a file."""
    if not isinstance(buf, (bytes, bytearray, memoryview)):
        raise TypeError(f"buf is the content of a file, bytes, not {type(buf).__name__}")
    return _arrays(*read_arrays(buf))


def record_of(array: NDArray) -> Record:
    """An array as the file format has it; waits for its values."""
    if isinstance(array, sparse_array.BaseSparseNDArray):
        return sparse_array.record_of(array)
    ctx = array.context
    kind, number = ctx.device_typeid, ctx.device_id
    device = (1, 0) if kind == _FOREIGN else (kind, number)
    array.wait_to_read()
    raw = array._data
    return Record.dense(raw if isinstance(raw, np.ndarray) else array.asnumpy(), device)


def array_from_record(buf: bytes | bytearray | memoryview) -> np.ndarray:
    """The values in the state of a pickled NDArray of MXNet: one record, dense."""
    record = unpack_record(buf)
    if record is None or record.stype != "default":
        raise DataFileError(
            message(
                "a pickled array holds no dense values",
                fix="Pickle arrays of the default storage type.",
            )
        )
    return record.values()


def record_bytes(array: NDArray) -> bytes:
    """One array as MXNet's pickles hold it; the opposite of :func:`array_from_record`."""
    return pack_record(record_of(array), is_np_shape())


def _arrays(records: list[Record | None], names: list[str]) -> Any:
    arrays = [None if record is None else _array(record) for record in records]
    return dict(zip(names, arrays, strict=True)) if names else arrays


def _array(record: Record) -> NDArray:
    if record.stype != "default":
        return sparse_array.from_record(record)
    return wrap(record.values(), Context("cpu", 0))  # the record owns its memory
