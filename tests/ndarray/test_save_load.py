"""nd.save and nd.load: NDArrays into files and back."""

from __future__ import annotations

import io
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.error import DataFileError, MXNetError, StorageError
from workbench.ndarray import serialize
from workbench.ndarray.container import Record, write_arrays

FILES = Path(__file__).parent.parent / "data" / "params"
DENSE = [path for path in sorted(FILES.glob("*.params")) if path.stem != "sparse"]


@pytest.mark.parametrize("path", DENSE, ids=lambda path: path.stem)
def test_mxnet_files_are_loaded_and_saved_byte_by_byte(path, tmp_path):
    copy = tmp_path / "copy.params"
    with mx.np_shape(path.stem == "npshape"):
        nd.save(copy, nd.load(path))
    assert copy.read_bytes() == path.read_bytes()


def test_list_dict_and_single(tmp_path):
    path = str(tmp_path / "x.params")
    a, b = nd.array([1, 2]), nd.array([[3]], dtype="int8")
    nd.save(path, [a, b])
    first, second = nd.load(path)
    assert first.asnumpy().tolist() == [1, 2]
    assert second.dtype is np.int8
    nd.save(path, {"a": a, "b": b})
    assert {name: array.shape for name, array in nd.load(path).items()} == {"a": (2,), "b": (1, 1)}
    nd.save(path, a)
    (only,) = nd.load(path)
    assert only.shape == (2,)
    assert [array.shape for array in nd.load_frombuffer(Path(path).read_bytes())] == [(2,)]


def test_loaded_arrays_are_writable_and_on_the_cpu(tmp_path):
    path = tmp_path / "x.params"
    nd.save(path, [nd.zeros((2,), ctx=mx.cpu(1))])
    (array,) = nd.load(path)
    array[:] = 5
    assert array.asnumpy().tolist() == [5, 5]
    assert array.context == mx.cpu(0)


def test_the_device_is_written_as_mxnet_does(tmp_path):
    path = tmp_path / "x.params"
    nd.save(path, [nd.zeros((1,), ctx=mx.cpu(1))])
    assert path.read_bytes()[24 + 20 : 24 + 28] == struct.pack("<ii", 1, 1)


def test_loopback_arrays_are_saved_as_cpu_arrays(tmp_path):
    path = tmp_path / "x.params"
    nd.save(path, [nd.ones((2,), ctx=mx.loopback())])
    assert path.read_bytes()[24 + 20 : 24 + 28] == struct.pack("<ii", 1, 0)
    assert nd.load(path)[0].asnumpy().tolist() == [1, 1]


def test_queued_values_are_waited_for(tmp_path):
    path = tmp_path / "x.params"
    array = nd.zeros((1000,), ctx=mx.cpu(1))
    for i in range(20):
        array[:] = i
    nd.save(path, [array])
    assert nd.load(path)[0].asnumpy().max() == 19


@pytest.mark.parametrize("data", [3, "x", None])
def test_saving_something_else_is_a_value_error(data, tmp_path):
    with pytest.raises(ValueError, match="NDArray"):
        nd.save(tmp_path / "x", data)


@pytest.mark.parametrize("data", [[1], {"a": 1}, [np.ones(2)], {1: None}])
def test_saving_lists_of_something_else_is_a_type_error(data, tmp_path):
    with pytest.raises(TypeError, match="save only accept"):
        nd.save(tmp_path / "x", data)
    assert list(tmp_path.iterdir()) == []


def test_loading_what_is_not_there_or_not_whole(tmp_path):
    with pytest.raises(MXNetError, match=r"absent\.params") as caught:
        nd.load(tmp_path / "absent.params")
    assert isinstance(caught.value, StorageError)
    path = tmp_path / "x.params"
    nd.save(path, [nd.ones((10,))])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataFileError, match="truncated"):
        nd.load(path)
    with pytest.raises(DataFileError):
        nd.load_frombuffer(b"")
    with pytest.raises(TypeError, match="bytes"):
        nd.load_frombuffer("text")


def test_sparse_arrays_come_back_and_are_written_byte_for_byte(tmp_path):
    arrays = nd.load(FILES / "sparse.params")
    assert {name: array.stype for name, array in arrays.items()} == {
        "csr": "csr",
        "rsp": "row_sparse",
    }
    nd.save(tmp_path / "again.params", arrays)
    assert (tmp_path / "again.params").read_bytes() == (FILES / "sparse.params").read_bytes()


def test_bfloat16_becomes_float32():
    file = io.BytesIO()
    write_arrays(file, [Record(np.array([0x3FC0], "uint16"), 12, "default", (1,))])
    (array,) = nd.load_frombuffer(file.getvalue())
    assert array.dtype is np.float32
    assert array.asnumpy().tolist() == [1.5]


def test_one_record_is_the_state_of_mxnets_pickles():
    record = serialize.record_bytes(nd.array([[1, 2]]))
    assert serialize.array_from_record(record).tolist() == [[1, 2]]
    array = nd.zeros((1,))
    array.__setstate__({"handle": bytearray(record)})
    assert array.asnumpy().tolist() == [[1, 2]]
    assert pickle.loads(pickle.dumps(array)).asnumpy().tolist() == [[1, 2]]
    with pytest.raises(DataFileError, match="no dense values"):
        serialize.array_from_record(struct.pack("<IiI", 0xF993FAC9, 0, 0))


def test_the_state_of_an_array_is_that_of_mxnets_pickles():
    x = nd.array([[1, 2], [3, 4]])
    made = nd.NDArray.__new__(nd.NDArray)
    made.__setstate__(x.__getstate__())
    assert made.asnumpy().tolist() == [[1, 2], [3, 4]]
