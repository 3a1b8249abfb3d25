"""Batches out of arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

import workbench as mx
from workbench import io, nd
from workbench.error import DTypeError, ParameterError, ShapeError

X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10, dtype="float32")


def labels(iterator) -> list[list[float]]:
    return [batch.label[0].asnumpy().tolist() for batch in iterator]


# ---- NDArrayIter ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handle", "first", "second"),
    [
        ("pad", [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 0, 1]], [[0, 1, 2, 3], [4, 5, 6, 7]]),
        ("discard", [[0, 1, 2, 3], [4, 5, 6, 7]], [[0, 1, 2, 3], [4, 5, 6, 7]]),
        ("roll_over", [[0, 1, 2, 3], [4, 5, 6, 7]], [[8, 9, 0, 1], [2, 3, 4, 5], [6, 7, 8, 9]]),
    ],
)
def test_last_batches(handle, first, second):
    batches = io.NDArrayIter(X, Y, 4, last_batch_handle=handle)
    assert labels(batches) == first
    batches.reset()
    assert labels(batches)[: len(second)] == second


def test_what_rolls_over_is_said_and_forgotten_by_a_hard_reset():
    batches = io.NDArrayIter(X, Y, 4, last_batch_handle="roll_over")
    labels(batches)
    batches.reset()
    assert batches.next().pad == 2
    labels(batches)
    batches.hard_reset()
    assert batches.next().label[0].asnumpy().tolist() == [0, 1, 2, 3]


@given(st.integers(1, 9), st.integers(1, 25))
def test_padding_repeats_the_rows(count, size):
    batches = io.NDArrayIter(np.arange(count), batch_size=size)
    made = np.concatenate([batch.data[0].asnumpy() for batch in batches])
    assert made.tolist() == [i % count for i in range(-(-count // size) * size)]


def test_names():
    batches = io.NDArrayIter({"b": X, "a": X}, {"lab": Y}, 5)
    assert [one.name for one in batches.provide_data] == ["a", "b"]
    assert batches.provide_label == [("lab", (5,))]
    batches = io.NDArrayIter([X, X], batch_size=5)
    assert [one.name for one in batches.provide_data] == ["_0_data", "_1_data"]
    assert batches.provide_label == []
    assert batches.next().label == []


def test_shuffling_keeps_rows_together():
    np.random.seed(3)
    expected = np.arange(10)
    np.random.shuffle(expected)
    np.random.seed(3)
    batches = io.NDArrayIter(X, Y, 5, shuffle=True)
    assert batches.idx.tolist() == expected.tolist()
    for _ in range(2):
        seen = []
        for batch in batches:
            data, label = batch.data[0].asnumpy(), batch.label[0].asnumpy()
            assert np.array_equal(data[:, 0], label * 2)
            seen += label.tolist()
        assert sorted(seen) == list(range(10))
        batches.reset()


def test_another_axis_is_the_batch():
    batches = io.NDArrayIter(nd.arange(30).reshape((3, 10)), Y, 4, layout="TN")
    assert batches.provide_data == [("data", (3, 4))]
    assert [batch.data[0].shape for batch in batches] == [(3, 4)] * 3


@pytest.mark.parametrize("shuffle", [False, True])
def test_csr(shuffle):
    dense = X * (X % 3 == 0)
    sparse = mx.nd.array(dense).tostype("csr")
    with pytest.raises(NotImplementedError, match="discard"):
        io.NDArrayIter(sparse, Y, 4)
    np.random.seed(0)
    batches = io.NDArrayIter(sparse, Y, 4, shuffle=shuffle, last_batch_handle="discard")
    for batch in batches:
        assert batch.data[0].stype == "csr"
        rows = batch.label[0].asnumpy().astype(int)
        assert np.array_equal(batch.data[0].asnumpy(), dense[rows])
    with pytest.raises(StopIteration):
        batches.next()


def test_matrices_of_scipy():
    scipy = pytest.importorskip("scipy.sparse")
    batches = io.NDArrayIter(scipy.csr_matrix(X), Y, 5, last_batch_handle="discard")
    assert np.array_equal(batches.next().data[0].asnumpy(), X[:5])


def test_data_sets_of_h5py(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file.create_dataset("x", data=X)
        np.random.seed(1)
        batches = io.NDArrayIter(file["x"], Y, 4, shuffle=True)
        for _ in range(2):
            for batch in batches:
                data, label = batch.data[0].asnumpy(), batch.label[0].asnumpy()
                assert np.array_equal(data[:, 0], label * 2)
            batches.reset()


def test_what_makes_no_sense():
    with pytest.raises(ShapeError, match=r"(?s)softmax_label has 3 rows.*data has 10"):
        io.NDArrayIter(X, Y[:3])
    with pytest.raises(DTypeError, match="Invalid type 'object' for data"):
        io.NDArrayIter({"data": object()})
    with pytest.raises(TypeError, match="not int"):
        io.NDArrayIter(3)
    with pytest.raises(ParameterError, match="no data"):
        io.NDArrayIter([])
    with pytest.raises(ParameterError, match="batch_size 0"):
        io.NDArrayIter(X, batch_size=0)
    batches = io.NDArrayIter(X, batch_size=5)
    labels_ = list(batches)
    assert len(labels_) == 2
    with pytest.raises(ParameterError, match="needs reset"):
        batches.getdata()
