"""Iterators over other iterators."""

from __future__ import annotations

import numpy as np
import pytest

from workbench import io
from workbench.error import ParameterError, ShapeError

X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10, dtype="float32")


def labels(iterator) -> list[list[float]]:
    return [batch.label[0].asnumpy().tolist() for batch in iterator]


def test_resizing():
    batches = io.ResizeIter(io.NDArrayIter(X, Y, 5), 3)
    assert labels(batches) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [0, 1, 2, 3, 4]]
    assert list(batches) == []
    batches.reset()
    assert batches.next().label[0].asnumpy().tolist() == [0, 1, 2, 3, 4]
    kept = io.ResizeIter(io.NDArrayIter(X, Y, 5), 1, reset_internal=False)
    assert labels(kept) == [[0, 1, 2, 3, 4]]
    kept.reset()
    assert labels(kept) == [[5, 6, 7, 8, 9]]


def test_prefetching_joins_iterators():
    pair = [io.NDArrayIter({"x": X}, Y, 5), io.NDArrayIter({"x": -X}, batch_size=5)]
    batches = io.PrefetchingIter(pair, rename_data=[{"x": "left"}, {"x": "right"}])
    assert [one.name for one in batches.provide_data] == ["left", "right"]
    for _ in range(2):
        made = list(batches)
        assert len(made) == 2
        assert np.array_equal(made[1].data[1].asnumpy(), -X[5:])
        assert len(made[0].label) == 1
        batches.reset()


def test_prefetched_iterators_must_agree():
    batches = io.PrefetchingIter([io.NDArrayIter(X, Y, 5), io.NDArrayIter(X[:5], Y[:5], 5)])
    batches.next()
    with pytest.raises(ShapeError, match="mismatches"):
        batches.next()


def test_errors_of_a_prefetched_iterator_come_out():
    class Broken(io.DataIter):
        provide_data = (("data", (2, 3)),)
        provide_label = ()

        def next(self):
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        io.PrefetchingIter(Broken(2)).next()
    with pytest.raises(ParameterError, match="no iterator"):
        io.PrefetchingIter([])
