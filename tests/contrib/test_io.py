"""Gluon's loaders as iterators."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import gluon
from workbench.error import ParameterError

X = np.arange(10, dtype="float32").reshape(5, 2)


def test_a_loader_as_an_iterator():
    loader = gluon.data.DataLoader(gluon.data.ArrayDataset(X, np.arange(5)), 2)
    batches = mx.contrib.io.DataLoaderIter(loader, "x", "y")
    assert batches.provide_data == [("x", (2, 2))]
    assert batches.provide_label == [("y", (2,))]
    for _ in range(2):
        made = list(batches)
        assert [batch.pad for batch in made] == [0, 0, 1]
        assert made[2].data[0].asnumpy().tolist() == [[8, 9], [0, 0]]
        assert made[2].label[0].asnumpy().tolist() == [4, 0]
        assert made[2].label[0].dtype is np.float32
        batches.reset()


def test_loaders_without_labels_are_refused():
    for data in (X, X[:0]):
        with pytest.raises(ParameterError, match="no pairs"):
            mx.contrib.io.DataLoaderIter(gluon.data.DataLoader(data, 2))
