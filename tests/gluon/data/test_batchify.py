"""Functions that make batches out of samples."""

from __future__ import annotations

import numpy as np
import pytest

from workbench import nd
from workbench.error import ShapeError
from workbench.gluon.data import batchify
from workbench.gluon.data.batchify import default_batchify_fn


@pytest.mark.parametrize(
    ("samples", "dtypes", "shapes"),
    [
        ([1, 2, 3], ["int64"], [(3,)]),
        ([1.5, 2.5], ["float64"], [(2,)]),
        ([np.ones(2), np.ones(2)], ["float64"], [(2, 2)]),
        ([np.float32(1), np.float32(2)], ["float32"], [(2,)]),
        ([(1, 1.5), (2, 2.5)], ["int64", "float64"], [(2,), (2,)]),
        ([np.ones(2, "uint8"), np.ones(2, "uint8")], ["uint8"], [(2, 2)]),
    ],
)
def test_default(samples, dtypes, shapes):
    made = default_batchify_fn(samples)
    assert isinstance(made, list) == isinstance(samples[0], tuple)
    columns = made if isinstance(made, list) else [made]
    assert [np.dtype(column.dtype).name for column in columns] == dtypes
    assert [column.shape for column in columns] == shapes


@pytest.mark.parametrize("dtype", ["float32", "int32"])
def test_default_of_ndarrays(dtype):
    made = default_batchify_fn([nd.ones((2,), dtype=dtype)] * 3)
    assert made.shape == (3, 2)
    assert np.dtype(made.dtype).name == dtype


def test_ragged_samples_say_so():
    with pytest.raises(ShapeError, match=r"(?s)\(2,\), \(3,\).*Pad"):
        default_batchify_fn([np.ones(2), np.ones(3)])


def test_pad():
    made = batchify.Pad(val=-1)([[1, 2, 3], [4]])
    assert made.asnumpy().tolist() == [[1, 2, 3], [4, -1, -1]]
    assert made.dtype is np.int64
    rounded = batchify.Pad(dtype="float32", round_to=4)([nd.ones((1, 2)), nd.ones((2, 1))])
    assert rounded.shape == (2, 4, 4)
    assert rounded.asnumpy().sum() == 4
    with pytest.raises(ShapeError, match="numbers of axes"):
        batchify.Pad()([np.ones(2), np.ones((2, 2))])


def test_group_stack_append_and_as_list():
    samples = [([1, 2], 0, "a"), ([3], 1, "b")]
    group = batchify.Group(batchify.Pad(), batchify.Stack(), batchify.AsList())
    data, label, text = group(samples)
    assert data.shape == (2, 2)
    assert label.asnumpy().tolist() == [0, 1]
    assert text == ["a", "b"]
    assert [array.shape for array in batchify.Append()([[1, 2], [3]])] == [(1, 2), (1, 1)]
    assert [array.shape for array in batchify.Append(expand=False)([[1, 2], [3]])] == [(2,), (1,)]
    with pytest.raises(ValueError, match="2 batchify functions for samples of 3 parts"):
        batchify.Group([batchify.Pad(), batchify.Stack()])(samples)
