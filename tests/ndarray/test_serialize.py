"""The .params container: byte-exact, and safe against every kind of broken file."""

from __future__ import annotations

import contextlib
import io
import math
import resource
import signal
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.error import DataFileError, MXNetError, StorageError
from workbench.ndarray import container
from workbench.ndarray.container import (
    Record,
    pack_record,
    read_arrays,
    read_file,
    unpack_record,
    write_arrays,
)

FILES = Path(__file__).parent.parent / "data" / "params"
V0, V1, V3 = 2, 0xF993FAC8, 0xF993FACA
DTYPES = ["float32", "float64", "float16", "uint8", "int32", "int8", "int64", "bool"]


def dumped(records, names=(), **options) -> bytes:
    file = io.BytesIO()
    write_arrays(file, records, names, **options)
    return file.getvalue()


def container_of(*records: bytes) -> bytes:
    head = struct.pack("<QQQ", 0x112, 0, len(records))
    return head + b"".join(records) + struct.pack("<Q", 0)


def same(left: Record | None, right: Record | None) -> bool:
    if left is None or right is None:
        return left is right
    parts = zip((left.data, *left.aux), (right.data, *right.aux), strict=True)
    return (left.flag, left.stype, tuple(left.shape), left.device) == (
        right.flag,
        right.stype,
        tuple(right.shape),
        right.device,
    ) and all(
        a.dtype == b.dtype and np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in parts
    )


CSR = Record.sparse(
    "csr",
    np.array([1, 2, 3], "float32"),
    (np.array([0, 1, 3]), np.array([2, 0, 1])),
    (2, 3),
)
ROWS = Record.sparse("row_sparse", np.ones((2, 3), "float16"), (np.array([0, 4]),), (5, 3))


@pytest.mark.parametrize("path", sorted(FILES.glob("*.params")), ids=lambda path: path.stem)
def test_mxnet_files_are_written_back_byte_by_byte(path):
    records, names = read_file(path)
    assert dumped(records, names, np_shape=path.stem == "npshape") == path.read_bytes()


def test_dict_file_has_every_dtype():
    records, names = read_file(FILES / "dict.params")
    found = {name: record.data.dtype.name for name, record in zip(names, records, strict=True)}
    assert found == {
        "a": "float32",
        "b_int8": "int8",
        "b_uint8": "uint8",
        "f16": "float16",
        "i64": "int64",
        "f64": "float64",
        "bool": "bool",
    }


def test_sparse_file_gives_the_parts():
    records, names = read_file(FILES / "sparse.params")
    csr, rows = (records[names.index(name)] for name in ("csr", "rsp"))
    assert csr.shape == (2, 3)
    assert [part.tolist() for part in csr.aux] == [[0, 1, 3], [1, 0, 2]]
    assert csr.data.tolist() == [1, 2, 3]
    assert rows.shape == (3, 2)
    assert rows.aux[0].tolist() == [1]


def test_scalar_and_zero_size_under_numpy_shapes():
    records, _ = read_file(FILES / "npshape.params")
    assert sorted(record.shape for record in records) == [(), (0, 3)]


def test_older_records_are_read():
    body = struct.pack("<iii", 2, 7, 4) + np.arange(6, dtype="<i4").tobytes()
    v0 = struct.pack("<III", V0, 2, 3) + body
    v1 = struct.pack("<IIqq", V1, 2, 2, 3) + body
    records, names = read_arrays(container_of(v0, v1))
    assert names == []
    for record in records:
        assert record.data.tolist() == [[0, 1, 2], [3, 4, 5]]
        assert record.device == (2, 7)


def test_no_array_is_none_in_every_version():
    v0, v1 = struct.pack("<I", 0), struct.pack("<II", V1, 0)
    v3 = struct.pack("<IiI", V3, 0, 0xFFFFFFFF)
    records, _ = read_arrays(container_of(v0, v1, pack_record(None), v3))
    assert records == [None] * 4
    assert pack_record(None, np_shape=True) == v3


def test_bfloat16_values_become_float32():
    bits = np.array([0x3F80, 0xC000], "uint16")
    record = Record(bits, 12, "default", (2,))
    (back,), _ = read_arrays(dumped([record]))
    assert back.flag == 12
    assert back.values().tolist() == [1.0, -2.0]
    assert dumped([back]) == dumped([record])


def test_odd_bytes_of_a_bool_array_are_true():
    raw = bytearray(pack_record(Record.dense(np.array([True, False, True]))))
    raw[-3] = 7
    assert unpack_record(raw).data.tolist() == [True, False, True]


def test_big_endian_and_strided_arrays_are_written_in_order():
    plain = np.arange(12, dtype="int32").reshape(3, 4)
    odd = plain.astype(">i4").T
    (back,), _ = read_arrays(dumped([Record.dense(odd)]))
    assert back.data.dtype == np.dtype("int32")
    assert np.array_equal(back.data, plain.T)


arrays = st.builds(
    lambda dtype, shape, seed: Record.dense(
        (np.random.default_rng(seed).random(math.prod(shape)) * 100).astype(dtype).reshape(shape)
    ),
    st.sampled_from(DTYPES),
    st.lists(st.integers(0, 4), max_size=4).map(tuple),
    st.integers(0, 9),
)
records_lists = st.lists(st.one_of(arrays, st.sampled_from([CSR, ROWS, None])), max_size=5)


@given(records_lists, st.booleans(), st.booleans())
def test_round_trip(records, named, np_shape):
    names = [f"é{i}" for i in range(len(records))] if named else []
    back, back_names = read_arrays(dumped(records, names, np_shape=np_shape))
    assert back_names == names
    assert all(same(a, b) for a, b in zip(back, records, strict=True))


@given(st.data())
@settings(max_examples=300)
def test_mutated_files_give_arrays_or_a_typed_error(data):
    content = bytearray(dumped([Record.dense(np.ones((2, 3), "float32")), CSR, ROWS], list("abc")))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]
    records: list = []
    names: list = []
    with contextlib.suppress(DataFileError):  # any other exception fails the test
        records, names = read_arrays(content)
    assert len(names) in (0, len(records))


def test_every_truncation_is_noticed():
    content = dumped([Record.dense(np.ones((2, 3), "float32")), CSR, ROWS], list("abc"))
    for size in range(len(content)):
        with pytest.raises(DataFileError):
            read_arrays(content[:size])


def record_head(*shape: int, flag: int = 0) -> bytes:
    return struct.pack(f"<IiI{len(shape)}qiii", 0xF993FAC9, 0, len(shape), *shape, 1, 0, flag)


HOSTILE = {
    "enormous": container_of(record_head(1 << 40, 1 << 20)),
    "overflowing product": container_of(record_head(1 << 32, 1 << 32)),
    "zero beside enormous": container_of(record_head(0, 1 << 62, 1 << 62)),
    "negative": container_of(record_head(-1, -8)),
    "rank": container_of(struct.pack("<IiI", 0xF993FAC9, 0, 1 << 30)),
    "dtype": container_of(record_head(1, flag=99) + bytes(8)),
    "storage type": container_of(struct.pack("<Ii", 0xF993FAC9, 7) + bytes(64)),
    "count": struct.pack("<QQQ", 0x112, 0, 1 << 63) + bytes(64),
    "names": struct.pack("<QQQQ", 0x112, 0, 0, 5) + bytes(64),
    "name length": dumped([Record.dense(np.ones(1))])[:-8] + struct.pack("<QQ", 1, 1 << 60),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_sizes_are_refused_before_anything_is_allocated(name):
    tracemalloc.start()
    with pytest.raises(DataFileError):
        read_arrays(HOSTILE[name])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


def test_memory_while_reading_stays_below_four_times_the_file():
    content = dumped([Record.dense(np.ones((50, 1000), "float32"))] * 20)
    many_none = struct.pack("<QQQ", 0x112, 0, 500_000) + bytes(4 * 500_000) + bytes(8)
    for buffer in (content, many_none):
        tracemalloc.start()
        read_arrays(buffer)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 4 * len(buffer)


@pytest.mark.parametrize(
    ("stype", "data", "aux", "shape"),
    [
        ("csr", np.ones(2), (np.array([0, 1, 3]), np.array([0, 1])), (2, 3)),
        ("csr", np.ones(2), (np.array([0, 1, 2]), np.array([0, 3])), (2, 3)),
        ("csr", np.ones(2), (np.array([0, 2, 1, 2]), np.array([0, 1])), (3, 3)),
        ("csr", np.ones(2), (np.array([0, 2]), np.array([0, 1])), (2, 3)),
        ("csr", np.ones(2), (np.array([0, 2]), np.array([0, 1])), (1, 3, 1)),
        ("csr", np.ones(2), (np.array([0.0, 2.0]), np.array([0, 1])), (1, 3)),
        ("csr", np.ones(2), (np.array([0, 2]),), (1, 3)),
        ("row_sparse", np.ones((2, 3)), (np.array([0, 5]),), (5, 3)),
        ("row_sparse", np.ones((2, 3)), (np.array([-1, 1]),), (5, 3)),
        ("row_sparse", np.ones((2, 3)), (np.array([1]),), (5, 3)),
        ("row_sparse", np.ones((2, 3)), (np.array([1, 2]),), (5, 4)),
    ],
)
def test_sparse_parts_that_do_not_fit(stype, data, aux, shape):
    with pytest.raises(DataFileError, match=stype):
        Record.sparse(stype, data, aux, shape)
    lie = Record(data, 1, stype, shape, aux)
    if len(aux) == len(container.AUX_NAMES[stype]):
        content = dumped([lie])
        with pytest.raises(DataFileError):
            read_arrays(content)


def test_errors_say_what_where_and_how_to_fix():
    with pytest.raises(DataFileError, match=r"(?s)Invalid NDArray file format.*where:.*fix:"):
        read_arrays(b"hello, this is no file of arrays", "x.params")
    with pytest.raises(MXNetError, match=r"cannot read arrays from .*absent"):
        read_file("absent.params")
    with pytest.raises(ValueError, match="1 names for 2 arrays"):
        dumped([None, None], ["a"])


def test_missing_folder_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match=r"(?s)cannot write.*fix:") as caught:
        write_arrays(tmp_path / "none" / "x.params", [])
    assert isinstance(caught.value, OSError)


@contextlib.contextmanager
def disk_of(size: int):
    """Files may not grow beyond *size* bytes inside the block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


def test_full_disk_leaves_the_old_file_and_no_rubbish(tmp_path):
    path = tmp_path / "net.params"
    write_arrays(path, [Record.dense(np.ones(4))])
    old = path.read_bytes()
    with disk_of(1 << 16), pytest.raises(StorageError, match=r"cannot write arrays.*net\.params"):
        write_arrays(path, [Record.dense(np.ones(1 << 16))])
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_interrupt_while_writing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "net.params"
    write_arrays(path, [])
    old = path.read_bytes()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(container, "_record_parts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_arrays(path, [None])
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]
