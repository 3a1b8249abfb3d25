"""Executors with sparse arguments, outputs and gradients."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import nd
from workbench.error import MXNetError, ShapeError

X = np.array([[0, 1, 0, 2], [0, 0, 0, 0], [3, 0, 4, 0]], "float32")
SPARSE = ("csr", "row_sparse")


def stored(values, stype):
    return nd.array(values).tostype(stype)


@pytest.mark.parametrize("stype", ["default", *SPARSE])
def test_outputs_are_stored_as_eager_ones(stype):
    x = mx.sym.var("x", stype=stype)
    graph = mx.sym.Group([x * 2, mx.sym.sparse.sqrt(x), mx.sym.exp(x), x + 0])
    executor = graph.bind(mx.cpu(), {"x": stored(X, stype)})
    outputs = executor.forward()
    assert [one.stype for one in outputs] == [stype, stype, "default", stype]
    for made, expected in zip(outputs, (X * 2, np.sqrt(X), np.exp(X), X), strict=True):
        np.testing.assert_allclose(made.asnumpy(), expected, rtol=1e-6)
    assert executor.output_dict.keys() == set(graph.list_outputs())


@pytest.mark.parametrize("grad_stype", ["default", "row_sparse"])
@pytest.mark.parametrize("request_", ["write", "add", "null"])
def test_gradients_go_into_buffers_of_any_storage(grad_stype, request_):
    y = mx.sym.sparse.dot(mx.sym.var("x", stype="csr"), mx.sym.var("w"))
    grad = nd.ones((4, 2)).tostype(grad_stype)
    executor = y.bind(
        mx.cpu(),
        {"x": stored(X, "csr"), "w": nd.ones((4, 2))},
        args_grad={"w": grad},
        grad_req={"x": "null", "w": request_},
    )
    executor.forward(is_train=True)
    executor.backward(nd.ones((3, 2)))
    product = X.T @ np.ones((3, 2))
    expected = {"write": product, "add": product + 1, "null": np.ones((4, 2))}[request_]
    np.testing.assert_array_equal(grad.asnumpy(), expected)
    assert executor.grad_dict["w"] is grad
    assert grad.stype == grad_stype


def test_backward_twice_and_after_prediction():
    x = mx.sym.var("x", stype="row_sparse")
    grad = nd.zeros((3, 4), stype="row_sparse")
    executor = (x * x).bind(mx.cpu(), [stored(X, "row_sparse")], [grad])
    for train in (True, False):
        executor.forward(is_train=train)
        for scale in (1, 3):
            executor.backward(stored(np.full((3, 4), scale), "row_sparse"))
            np.testing.assert_array_equal(grad.asnumpy(), 2 * scale * X)


def test_losses_need_no_head_gradient():
    x, label = mx.sym.var("x", stype="csr"), mx.sym.var("label")
    loss = mx.sym.LinearRegressionOutput(mx.sym.dot(x, mx.sym.var("w")), label)
    grad = nd.zeros((4, 1), stype="row_sparse")
    executor = loss.bind(
        mx.cpu(),
        {"x": stored(X, "csr"), "w": nd.zeros((4, 1)), "label": nd.ones((3, 1))},
        {"w": grad},
    )
    executor.forward(is_train=True)
    executor.backward()
    np.testing.assert_allclose(grad.asnumpy(), -X.T @ np.ones((3, 1)), rtol=1e-6)
    assert grad.indices.asnumpy().tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("sparse_grad", [False, True])
def test_simple_bind_makes_what_the_graph_declares(sparse_grad):
    weight = mx.sym.var("weight", stype="row_sparse")
    y = mx.sym.Embedding(
        mx.sym.var("data"), weight, input_dim=5, output_dim=2, sparse_grad=sparse_grad
    )
    executor = y.simple_bind(mx.cpu(), grad_req={"data": "null", "weight": "write"}, data=(3,))
    assert executor.arg_dict["weight"].stype == "row_sparse"
    assert executor.arg_dict["data"].stype == "default"
    assert executor.grad_dict["weight"].stype == ("row_sparse" if sparse_grad else "default")
    executor.arg_dict["weight"][:] = nd.ones((5, 2))
    (made,) = executor.forward(is_train=True, data=nd.array([1, 1, 4]))
    assert made.asnumpy().tolist() == [[1, 1]] * 3
    executor.backward([nd.ones((3, 2))])
    assert executor.grad_dict["weight"].asnumpy()[:, 0].tolist() == [0, 2, 0, 0, 1]
    named = y.simple_bind(mx.cpu(), stype_dict={"weight": "default"}, data=(3,))
    assert named.arg_dict["weight"].stype == "default"


def test_a_graph_of_dense_arguments_may_store_its_result():
    graph = mx.sym.cast_storage(mx.sym.var("x"), stype="csr")
    grad = nd.zeros((3, 4))
    executor = graph.bind(mx.cpu(), [nd.array(X)], [grad])
    (made,) = executor.forward(is_train=True)
    assert made.stype == "csr"
    executor.backward(nd.ones((3, 4)))
    assert grad.asnumpy().tolist() == [[1] * 4] * 3


def test_states_are_updated():
    x = mx.sym.var("x", stype="row_sparse")
    net = mx.sym.BatchNorm(x, fix_gamma=False, momentum=0.0, name="bn")
    shapes = {"x": (3, 4)}
    executor = net.simple_bind(mx.cpu(), **shapes)
    executor.arg_dict["bn_gamma"][:] = 1
    executor.forward(is_train=True, x=stored(X, "row_sparse"))
    executor.backward(nd.ones((3, 4)))
    np.testing.assert_allclose(executor.aux_dict["bn_moving_mean"].asnumpy(), X.mean(0), rtol=1e-5)


def test_monitor_sees_every_node():
    x = mx.sym.var("x", stype="csr")
    executor = mx.sym.square(x * 2, name="sq").bind(mx.cpu(), [stored(X, "csr")])
    seen = {}
    executor.set_monitor_callback(lambda name, array: seen.update({name.decode(): array.stype}))
    executor.forward()
    assert seen["sq_output"] == "csr"
    assert len(seen) == 2


def test_other_shapes():
    x, w = mx.sym.var("x", stype="csr"), mx.sym.var("w")
    executor = mx.sym.dot(x, w).bind(mx.cpu(), {"x": stored(X, "csr"), "w": nd.ones((4, 2))})
    other = executor.reshape(x=(2, 4))
    assert other.arg_dict["x"].stype == "csr"
    assert other.arg_dict["x"].shape == (2, 4)
    (made,) = other.forward(x=stored(X[:2], "csr"))
    np.testing.assert_array_equal(made.asnumpy(), X[:2] @ np.ones((4, 2)))


def test_what_is_refused():
    x = mx.sym.var("x", stype="csr")
    executor = (x * 2).bind(mx.cpu(), [stored(X, "csr")], [nd.zeros((3, 4))])
    with pytest.raises(ShapeError, match="Shape not match"):
        executor.forward(x=stored(X[:2], "csr"))
    executor.forward(is_train=True)
    with pytest.raises(MXNetError, match="Shape inconsistent"):
        executor.backward(nd.ones((2, 2)))
    with pytest.raises(TypeError, match="expected NDArray"):
        executor.backward([X])
    with pytest.raises(MXNetError, match="gradients for 1 outputs"):
        executor.backward([])
