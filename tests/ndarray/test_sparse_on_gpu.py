"""Sparse arrays on a GPU that the stand-in for CuPy plays: its arrays stay there."""

from __future__ import annotations

import numpy as np
import pytest
from stand_in_cupy import installed

import workbench as mx
from workbench import autograd, nd

X = np.array([[0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 4, 0]], "float32")
SPARSE = ("csr", "row_sparse")


@pytest.fixture(params=[0, 1])
def gpu(request):
    """A GPU; the second one is not current."""
    with installed(), mx.gpu(request.param) as ctx:
        yield ctx


def check(made, expected, gpu):
    assert made.context == gpu
    np.testing.assert_allclose(made.asnumpy(), expected, rtol=1e-6)


@pytest.mark.parametrize("stype", SPARSE)
def test_operators(gpu, stype):
    x = nd.array(X).tostype(stype)
    check(x, X, gpu)
    x.check_format()
    for made, expected in (
        (x + x, 2 * X),
        (x * 2, 2 * X),
        (nd.sin(x), np.sin(X)),
        (nd.exp(x), np.exp(X)),
        (x * nd.array(X), X * X),
        (nd.dot(x, nd.array(X.T)), X @ X.T),
        (nd.dot(x, nd.array(X), transpose_a=True), X.T @ X),
        (nd.dot(nd.array(X.T), x), X.T @ X),
        (nd.sum(x, axis=0), X.sum(0)),
        (nd.sum(x, axis=1), X.sum(1)),
        (nd.take(x, nd.array([2, 0])), X[[2, 0]]),
        (nd.concat(x, x, dim=0), np.concatenate([X, X])),
        (nd.slice(x, begin=(0, 1), end=(3, 3)), X[:, 1:3]),
        (x.copy(), X),
        (x.astype("float64"), X),
        (nd.zeros_like(x), 0 * X),
    ):
        check(made, expected, gpu)
    x[:] = nd.array(X[::-1])
    check(x, X[::-1], gpu)
    check(x.copyto(mx.cpu()), X[::-1], mx.cpu())


def test_parts_in_any_order(gpu):
    made = nd.sparse.csr_matrix(([1, 2, 4], ([2, 0, 2], [1, 3, 1])), shape=(3, 4))
    check(made, [[0, 0, 0, 2], [0] * 4, [0, 5, 0, 0]], gpu)
    rows = nd.sparse.row_sparse_array(([[3, 4], [1, 2]], [3, 1]), shape=(4, 2))
    check(rows + rows, [[0, 0], [2, 4], [0, 0], [6, 8]], gpu)


def test_gradients_and_updates(gpu):
    w = nd.ones((4, 2))
    w.attach_grad(stype="row_sparse")
    c = nd.array(X).tostype("csr")
    for _ in range(2):
        with autograd.record():
            table = nd.Embedding(nd.array([1, 1]), w, input_dim=4, output_dim=2, sparse_grad=True)
            loss = nd.dot(c, w).sum() + table.sum()
        loss.backward()
    expected = X.T @ np.ones((3, 2)) + np.array([[0], [2], [0], [0]])
    check(w.grad, expected, gpu)
    weight, state = (nd.ones((4, 2)).tostype("row_sparse") for _ in range(2))
    nd.sgd_mom_update(weight, w.grad, state, out=weight, lr=1.0, momentum=0.5)
    check(state, 0.5 - expected, gpu)
    check(weight, 1.5 - expected, gpu)


def test_rows_of_a_store(gpu):
    store = mx.kv.create("device")
    store.init("w", nd.array(X).tostype("row_sparse"))
    out = nd.zeros((3, 4), stype="row_sparse")
    store.row_sparse_pull("w", out=out, row_ids=nd.array([2, 1]))
    check(out, X * [[0], [1], [1]], gpu)
    assert out.indices.asnumpy().tolist() == [1, 2]
