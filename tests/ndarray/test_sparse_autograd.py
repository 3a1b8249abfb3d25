"""Gradients of sparse arrays, and gradients by rows."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, nd
from workbench.error import MXNetError

X = np.array([[0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 4, 0]], "float32")
ROWS = np.array([[0, 0], [1, 2], [0, 0], [3, 4], [0, 0]], "float32")


def leaf(values, stype="default", grad_stype=None, req="write"):
    made = nd.array(values).tostype(stype)
    made.attach_grad(req, grad_stype)
    return made


def test_a_buffer_has_the_storage_of_its_array(device):
    for stype in ("default", "csr", "row_sparse"):
        x = leaf(X, stype)
        assert x.grad.stype == stype
        assert x.grad.shape == (3, 4)
    assert leaf(X, "default", "row_sparse").grad.stype == "row_sparse"
    assert leaf(X, "row_sparse", "default").grad.stype == "default"


@pytest.mark.parametrize("grad_stype", ["default", "row_sparse"])
@pytest.mark.parametrize("transpose", [False, True])
def test_product_with_csr(device, grad_stype, transpose):
    w = leaf(np.ones((3, 2) if transpose else (4, 2)), "default", grad_stype)
    c = nd.array(X).tostype("csr")
    with autograd.record():
        y = nd.dot(c, w, transpose_a=transpose)
    y.backward(nd.array(np.arange(8 if transpose else 6).reshape(-1, 2)))
    g = np.arange(8 if transpose else 6, dtype="float32").reshape(-1, 2)
    assert w.grad.stype == grad_stype
    np.testing.assert_allclose(w.grad.asnumpy(), (X if transpose else X.T) @ g)


@pytest.mark.parametrize("stype", ["default", "row_sparse"])
@pytest.mark.parametrize("sparse_grad", [False, True])
@pytest.mark.parametrize("grad_stype", ["default", "row_sparse"])
def test_tables(device, stype, sparse_grad, grad_stype):
    w = leaf(ROWS, stype, grad_stype)
    rows = nd.array([[3, 0], [3, 1]])
    with autograd.record():
        y = nd.Embedding(rows, w, input_dim=5, output_dim=2, sparse_grad=sparse_grad)
    y.backward()
    np.testing.assert_array_equal(y.asnumpy(), ROWS[[[3, 0], [3, 1]]])
    assert w.grad.stype == grad_stype
    assert w.grad.asnumpy()[:, 0].tolist() == [1, 1, 0, 2, 0]
    if grad_stype == "row_sparse":
        assert w.grad.indices.asnumpy().tolist() == [0, 1, 3]
        w.grad.check_format()


def test_sparse_embedding_of_contrib(device):
    w = leaf(ROWS, "default", "row_sparse")
    with autograd.record():
        y = nd.contrib.SparseEmbedding(
            nd.array([1, 1]), w, input_dim=5, output_dim=2, deterministic=True
        )
    y.backward()
    assert w.grad.indices.asnumpy().tolist() == [1]
    assert w.grad.data.asnumpy().tolist() == [[2, 2]]


def test_two_uses_add_up(device):
    """By rows and by rows; by rows and dense."""
    w = leaf(ROWS, "default", "row_sparse")
    with autograd.record():
        first = nd.Embedding(nd.array([1]), w, input_dim=5, output_dim=2, sparse_grad=True)
        second = nd.Embedding(nd.array([4, 1]), w, input_dim=5, output_dim=2, sparse_grad=True)
        loss = first.sum() + second.sum()
    loss.backward()
    assert w.grad.indices.asnumpy().tolist() == [1, 4]
    assert w.grad.data.asnumpy().tolist() == [[2, 2], [1, 1]]
    with autograd.record():
        first = nd.Embedding(nd.array([1]), w, input_dim=5, output_dim=2, sparse_grad=True)
        loss = first.sum() + (w * w).sum()
    loss.backward()
    assert w.grad.stype == "row_sparse"
    expected = 2 * ROWS
    expected[1] += 1
    np.testing.assert_allclose(w.grad.asnumpy(), expected)


def test_through_an_operator_before_the_table(device):
    w = leaf(ROWS, "default", "row_sparse")
    with autograd.record():
        y = nd.Embedding(nd.array([3, 3]), w * 2, input_dim=5, output_dim=2, sparse_grad=True)
    y.backward()
    assert w.grad.asnumpy()[:, 0].tolist() == [0, 0, 0, 4, 0]


def test_adding_to_what_is_there(device):
    w = leaf(ROWS, "default", "row_sparse", "add")
    for row in (1, 3, 1):
        with autograd.record():
            y = nd.Embedding(nd.array([row]), w, input_dim=5, output_dim=2, sparse_grad=True)
        y.backward()
    assert w.grad.data.asnumpy().tolist() == [[2, 2], [1, 1]]
    with autograd.record():
        z = w.sum()
    z.backward()
    assert w.grad.asnumpy()[:, 0].tolist() == [1, 3, 1, 2, 1]
    w.zero_grad()
    assert w.grad.data.shape == (0, 2)


def test_no_gradient_is_no_rows(device):
    w = leaf(ROWS, "row_sparse")
    with autograd.record():
        y = nd.BlockGrad(w) * 1 + 0 * nd.sign(w)
    y.backward()
    assert not w.grad.asnumpy().any()


@pytest.mark.parametrize("stype", ["csr", "row_sparse"])
@pytest.mark.parametrize(
    "function",
    [
        lambda nd, x: x * 3,
        lambda nd, x: nd.square(x),
        lambda nd, x: nd.sin(x),
        lambda nd, x: x * x + x,
        lambda nd, x: nd.elemwise_mul(x, nd.ones((3, 4)) * 5),
        lambda nd, x: nd.broadcast_mul(x, nd.array([[1.0], [2.0], [3.0]])),
        lambda nd, x: nd.add_n(x, x),
        lambda nd, x: nd.concat(x, x, dim=0),
        lambda nd, x: nd.slice(x, begin=(0, 1), end=(3, 3)),
        lambda nd, x: nd.sum(x, axis=1),
        lambda nd, x: nd.norm(x),
        lambda nd, x: nd.softmax(x),
        lambda nd, x: nd.dot(x, nd.ones((4, 2))),
        lambda nd, x: nd.dot(nd.ones((2, 3)), x),
        lambda nd, x: nd.cast_storage(x, stype="default"),
        lambda nd, x: x.tostype("default") * 2,
    ],
)
def test_sparse_leaves_have_the_gradients_of_dense_ones(device, function, stype):
    x, same = leaf(X, stype), leaf(X)
    for one in (x, same):
        with autograd.record():
            y = function(nd, one)
            loss = (y.tostype("default") * 2).sum()
        loss.backward()
    assert x.grad.stype == stype
    np.testing.assert_allclose(x.grad.asnumpy(), same.grad.asnumpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("keepdims", [False, True])
def test_squares_have_gradients_where_something_is_stored(device, axis, keepdims):
    x, same = leaf(ROWS, "row_sparse"), leaf(ROWS)
    for one in (x, same):
        with autograd.record():
            sums = nd._internal._square_sum(one, axis=axis, keepdims=keepdims)
            loss = (sums.tostype("default") ** 2).sum() + nd.square(one).sum()
        loss.backward()
    assert x.grad.indices.asnumpy().tolist() == [1, 3]
    np.testing.assert_allclose(x.grad.asnumpy(), same.grad.asnumpy(), rtol=1e-6)


def test_retained_rows(device):
    x = leaf(ROWS, "row_sparse")
    with autograd.record():
        y = nd.sparse.retain(x, nd.array([3, 0])) * 2
    y.backward()
    assert x.grad.indices.asnumpy().tolist() == [0, 3]
    assert x.grad.data.asnumpy().tolist() == [[2, 2], [2, 2]]


def test_gradients_as_arrays(device):
    w = leaf(np.ones((4, 2)), "default", "row_sparse")
    c = nd.array(X).tostype("csr")
    with autograd.record():
        y = nd.dot(c, w)
    (grad,) = autograd.grad(y, w)
    assert grad.stype == "row_sparse"
    np.testing.assert_allclose(grad.asnumpy(), X.T @ np.ones((3, 2)))


def test_second_order(device):
    w = leaf(np.ones((4, 2)))
    c = nd.array(X).tostype("csr")
    with autograd.record():
        y = (nd.dot(c, w) ** 2).sum()
        (first,) = autograd.grad(y, w, create_graph=True)
        loss = (first**2).sum()
    loss.backward()
    hessian = 2 * X.T @ X
    np.testing.assert_allclose(w.grad.asnumpy(), 2 * hessian @ hessian @ np.ones((4, 2)))


def test_recorded_arrays_are_not_written(device):
    x = leaf(X, "csr")
    with autograd.record():
        y = x * 2
        with pytest.raises(MXNetError, match="recording"):
            y[:] = 0
        with pytest.raises(MXNetError, match="recording"):
            nd.square(x, out=y)


def test_backward_on_another_device():
    """The gradient is written by the other device's queue; who reads it waits."""
    with mx.cpu(1):
        w = leaf(ROWS, "default", "row_sparse")
        rows = nd.array([1, 3])
        for _ in range(20):
            with autograd.record():
                y = nd.Embedding(rows, w, input_dim=5, output_dim=2, sparse_grad=True).sum()
            y.backward()
            assert w.grad.indices.asnumpy().tolist() == [1, 3]
            assert w.grad.context == mx.cpu(1)
