"""Stores with row_sparse values: sums, rows, what is left out."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.error import MXNetError

ROWS = np.array([[0, 0], [1, 2], [0, 0], [3, 4], [0, 0]], "float32")


@pytest.fixture
def store():
    made = mx.kv.create("device")
    made.init("w", nd.array(ROWS).tostype("row_sparse"))
    return made


def empty(ctx=None):
    return nd.zeros((5, 2), ctx, stype="row_sparse")


def test_rows_are_sorted_and_unique(store):
    out = empty()
    store.row_sparse_pull("w", out=out, row_ids=nd.array([[4, 0], [3, 3]]))
    assert out.indices.asnumpy().tolist() == [0, 3, 4]
    assert out.data.asnumpy().tolist() == [[0, 0], [3, 4], [0, 0]]


def test_rows_for_several_arrays(store):
    outs = [empty(), empty(mx.cpu(1))]
    store.row_sparse_pull("w", out=outs, row_ids=[nd.array([1]), nd.array([3])])
    assert [one.indices.asnumpy().tolist() for one in outs] == [[1], [3]]
    assert outs[1].context == mx.cpu(1)
    store.row_sparse_pull("w", out=outs, row_ids=nd.array([3]))
    assert [one.indices.asnumpy().tolist() for one in outs] == [[3], [3]]
    store.init("v", nd.array(2 * ROWS).tostype("row_sparse"))
    both = [[empty(), empty()], [empty(), empty()]]
    store.row_sparse_pull(["w", "v"], out=both, row_ids=[[nd.array([1])] * 2] * 2)
    assert both[1][1].data.asnumpy().tolist() == [[2, 4]]


def test_what_row_sparse_pull_refuses(store):
    with pytest.raises(AssertionError, match="row_ids"):
        store.row_sparse_pull("w", out=empty())
    with pytest.raises(AssertionError, match="out"):
        store.row_sparse_pull("w", row_ids=nd.array([1]))
    with pytest.raises(MXNetError, match="out must be row_sparse"):
        store.row_sparse_pull("w", out=nd.zeros((5, 2)), row_ids=nd.array([1]))
    store.init("dense", nd.ones((5, 2)))
    with pytest.raises(MXNetError, match="stored value must be row_sparse"):
        store.row_sparse_pull("dense", out=empty(), row_ids=nd.array([1]))
    with pytest.raises(MXNetError, match="2 row_ids for 1"):
        store.row_sparse_pull("w", out=empty(), row_ids=[nd.array([1]), nd.array([2])])
    with pytest.raises(MXNetError, match="not been inited"):
        store.row_sparse_pull("x", out=empty(), row_ids=nd.array([1]))


def test_pulling_whole_values(store):
    dense = nd.zeros((5, 2))
    store.pull("w", out=dense)
    np.testing.assert_array_equal(dense.asnumpy(), ROWS)
    out = empty()
    with pytest.warns(UserWarning, match="row_sparse_pull"):
        store.pull("w", out=out)
    assert out.data.shape == (0, 2)
    store.pull("w", out=out, ignore_sparse=False)
    np.testing.assert_array_equal(out.asnumpy(), ROWS)


def test_pushing_sums_over_devices_and_replaces(store):
    values = [nd.array(ROWS, ctx=mx.cpu(i)).tostype("row_sparse") for i in range(3)]
    store.push("w", values)
    out = empty()
    store.pull("w", out=out, ignore_sparse=False)
    np.testing.assert_array_equal(out.asnumpy(), 3 * ROWS)
    store.push("w", nd.zeros((5, 2), stype="row_sparse"))
    store.pull("w", out=out, ignore_sparse=False)
    assert not out.asnumpy().any()


def test_pushing_with_an_optimizer(store):
    store.set_optimizer(mx.optimizer.create("sgd", learning_rate=1.0))
    grad = np.zeros_like(ROWS)
    grad[[0, 3]] = 1
    store.push("w", [nd.array(grad).tostype("row_sparse")] * 2)
    out = nd.zeros((5, 2))
    store.pull("w", out=out)
    np.testing.assert_array_equal(out.asnumpy(), ROWS - 2 * grad)


def test_updaters_of_ones_own(store):
    def update(key, received, stored):
        assert received.stype == stored.stype == "row_sparse"
        stored += received

    store.set_updater(update)
    store.push("w", nd.array(ROWS).tostype("row_sparse"))
    out = nd.zeros((5, 2))
    store.pull("w", out=out)
    np.testing.assert_array_equal(out.asnumpy(), 2 * ROWS)
