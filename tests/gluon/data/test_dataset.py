"""Datasets, and what a loader may take of them at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench import autograd, nd
from workbench.error import DataFileError, ShapeError, StorageError
from workbench.gluon.data import (
    ArrayDataset,
    Dataset,
    RecordFileDataset,
    SequentialSampler,
    SimpleDataset,
)
from workbench.gluon.data.dataset import take_rows

RECORDS = Path(__file__).parents[2] / "data" / "records"
X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10, dtype="float32")
NUMBERS = SimpleDataset(list(range(10, 20)))


def test_array_dataset_gives_rows():
    pairs = ArrayDataset(X, Y)
    data, label = pairs[3]
    assert len(pairs) == 10
    assert data.tolist() == [6, 7]
    assert type(label) is np.float32
    assert type(ArrayDataset(nd.array(X))[0]) is nd.NDArray
    assert type(ArrayDataset(nd.array(X), nd.array(Y))[0][1]) is np.float32


def test_arrays_of_different_lengths():
    with pytest.raises(ShapeError, match=r"(?s)same length.*array\[1\] 9.*fix:"):
        ArrayDataset(X, Y[:9])
    with pytest.raises(ValueError, match="at least 1"):
        ArrayDataset()


@pytest.mark.parametrize("lazy", [True, False])
def test_transform(lazy):
    calls = []

    def double(x, y):
        calls.append(y)
        return 2 * x, y

    dataset = ArrayDataset(X, Y).transform(double, lazy)
    assert len(calls) == (0 if lazy else 10)
    assert dataset[1][0].tolist() == [4, 6]
    assert len(dataset) == 10
    assert NUMBERS.transform(lambda x: -x, lazy)[2] == -12


def test_transform_first():
    data, label = ArrayDataset(X, Y).transform_first(lambda x: x * 10)[1]
    assert data.tolist() == [20, 30]
    assert label == 1
    assert NUMBERS.transform_first(lambda x: -x)[0] == -10


def test_shard_take_filter_sample():
    shards = [list(NUMBERS.shard(3, i)) for i in range(3)]
    assert shards == [[10, 11, 12, 13], [14, 15, 16], [17, 18, 19]]
    assert [len(NUMBERS.take(n)) for n in (4, 40, None)] == [4, 10, 10]
    assert list(NUMBERS.filter(lambda x: x % 3 == 0)) == [12, 15, 18]
    assert list(NUMBERS.sample(SequentialSampler(2, 5))) == [15, 16]
    with pytest.raises(ValueError, match="3 out of 3"):
        NUMBERS.shard(3, 3)
    with pytest.raises(TypeError, match="Invalid sampler type"):
        NUMBERS.sample([1, 2])


def test_record_file():
    dataset = RecordFileDataset(str(RECORDS / "images.rec"))
    assert len(dataset) == 6
    assert dataset[0][24:28] == b"\x89PNG"
    assert dataset[5] != dataset[0]
    dataset._record.close()
    with pytest.raises(StorageError):
        RecordFileDataset("absent.rec")


def test_record_file_of_another_kind(tmp_path):
    (tmp_path / "a.rec").write_bytes(b"no records in here.....")
    (tmp_path / "a.idx").write_text("0\t0\n")
    dataset = RecordFileDataset(str(tmp_path / "a.rec"))
    with pytest.raises(DataFileError, match="no record starts here"):
        dataset[0]
    dataset._record.close()


def test_the_base_class_says_what_is_missing():
    with pytest.raises(NotImplementedError, match="Dataset has no __getitem__"):
        Dataset()[0]
    with pytest.raises(NotImplementedError, match="Dataset has no __len__"):
        len(Dataset())


@pytest.mark.parametrize("made", [np.array, nd.array])
def test_rows_at_once_are_fresh_memory(made):
    source = made(X)
    rows = take_rows(source, [1, 1, 9])
    assert rows.asnumpy().tolist() == [[2, 3], [2, 3], [18, 19]]
    rows[:] = 0
    assert (source if made is np.array else source.asnumpy())[1].tolist() == [2, 3]


@pytest.mark.parametrize("dtype", ["uint8", "int64", "float64", "bool"])
def test_rows_at_once_keep_the_dtype(dtype):
    assert take_rows(X.astype(dtype), [0, 1]).dtype is np.dtype(dtype).type


def test_rows_one_by_one_where_they_must():
    assert take_rows([1, 2, 3], [0]) is None
    assert take_rows(np.array(["a", "b"]), [0]) is None
    assert take_rows(X, [(0, 1)]) is None
    assert take_rows(X, []) is None
    leaf = nd.array(X)
    leaf.attach_grad()
    assert take_rows(leaf, [0]) is None


def test_what_a_subclass_overrides_is_respected():
    class Negative(ArrayDataset):
        def __getitem__(self, idx):
            return -super().__getitem__(idx)

    class Squares(SimpleDataset):
        def __getitem__(self, idx):
            return super().__getitem__(idx) ** 2

    assert Negative(X)._columns([0, 1]) is None
    assert Squares(X)._columns([0, 1]) is None


def test_an_index_outside_is_an_index_error():
    with pytest.raises(IndexError):
        ArrayDataset(X, Y)._columns([0, 10])


def test_recording_is_left_alone():
    with autograd.record():
        rows = take_rows(nd.array(X), [0])
    assert rows.shape == (1, 2)
