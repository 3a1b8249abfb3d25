"""nd's functions of two arrays or numbers, and arrays from rules."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, nd
from workbench.error import DTypeError, MXNetError, ShapeError

A = np.array([[3.0, -2.0, 0.5], [1.0, 4.0, -7.0]], "float32")
B = np.array([2.0, -3.0, 0.5], "float32")
FUNCTIONS = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "true_divide": operator.truediv,
    "modulo": operator.mod,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "lesser": operator.lt,
    "lesser_equal": operator.le,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("ctx", [mx.cpu(0), mx.cpu(1), mx.loopback(0)], ids=str)
def test_arrays_and_numbers_on_both_sides(name, ctx):
    function, reference = getattr(nd, name), FUNCTIONS[name]
    a, b = nd.array(A, ctx=ctx), nd.array(B, ctx=ctx)
    for found, expected in (
        (function(a, b), reference(A, B)),
        (function(a, 2), reference(A, np.float32(2))),
        (function(0.5, a), reference(np.float32(0.5), A)),
    ):
        assert (found.context, found.dtype) == (ctx, np.float32)
        assert np.allclose(found.asnumpy(), expected, atol=1e-6)
    assert function(3, 2) == reference(3, 2)


def test_power():
    a = nd.array([1.0, 2.0, 3.0])
    assert np.allclose(nd.power(a, 2).asnumpy(), [1, 4, 9])
    assert np.allclose(nd.power(2, a).asnumpy(), [2, 4, 8])
    assert np.allclose(nd.power(base=a, exp=a).asnumpy(), [1, 4, 27])
    assert nd.power(2, 3) == 8


def test_gradients_go_through():
    x = nd.array([1.0, -2.0])
    x.attach_grad()
    with autograd.record():
        y = nd.maximum(x, 0) + nd.multiply(3, x)
    y.backward()
    assert x.grad.asnumpy().tolist() == [4, 3]


@pytest.mark.parametrize("wrong", ["2", None, [1.0]])
def test_what_is_neither(wrong):
    for pair in ((nd.ones(1), wrong), (wrong, nd.ones(1)), (wrong, 1), (1, wrong)):
        with pytest.raises(DTypeError, match=f"type {type(wrong).__name__} is not supported"):
            nd.add(*pair)


def test_shapes_that_do_not_broadcast():
    with pytest.raises(MXNetError, match="broadcast_add"):
        nd.add(nd.ones((2, 3)), nd.ones((2, 4)))


class TestFromRules:
    def test_linspace(self):
        assert nd.linspace(0, 1, 5).asnumpy().tolist() == [0, 0.25, 0.5, 0.75, 1]
        open_end = nd.linspace(0, 1, 4, endpoint=False, dtype="float64", ctx=mx.cpu(1))
        assert open_end.asnumpy().tolist() == [0, 0.25, 0.5, 0.75]
        assert (open_end.dtype, open_end.context) == (np.float64, mx.cpu(1))

    def test_eye(self):
        assert np.array_equal(nd.eye(3).asnumpy(), np.eye(3))
        assert np.array_equal(nd.eye(2, 3, 1, dtype="int32").asnumpy(), np.eye(2, 3, 1))

    def test_arange(self):
        assert nd.arange(3).asnumpy().tolist() == [0, 1, 2]
        assert nd.arange(2, 6, 2, repeat=2).asnumpy().tolist() == [2, 2, 4, 4]

    def test_onehot_encode_writes_into_its_target(self):
        out = nd.zeros((2, 3))
        assert nd.onehot_encode(nd.array([1, 0]), out) is out
        assert out.asnumpy().tolist() == [[0, 1, 0], [1, 0, 0]]

    def test_histogram(self):
        data = nd.array([1, 2, 3, 4, 5])
        counts, edges = nd.histogram(data, bins=3, range=(0, 6))
        assert counts.asnumpy().tolist() == [1, 2, 2]
        assert edges.asnumpy().tolist() == [0, 2, 4, 6]
        counts, _ = nd.histogram(data, bins=nd.array([0, 2.5, 5]))
        assert counts.asnumpy().tolist() == [2, 3]
        assert nd.histogram(data, bins=2)[0].asnumpy().sum() == 5
        with pytest.raises(ValueError, match="either an integer or an NDArray"):
            nd.histogram(data, bins="x")


class TestSplit:
    def test_at_places(self):
        x = nd.arange(12).reshape((6, 2))
        parts = nd.split_v2(x, (1, 3))
        assert [one.shape for one in parts] == [(1, 2), (2, 2), (3, 2)]
        assert np.array_equal(np.concatenate([p.asnumpy() for p in parts]), x.asnumpy())

    def test_equal_parts(self):
        x = nd.arange(12).reshape((2, 6))
        assert [one.shape for one in nd.split_v2(x, 3, axis=1)] == [(2, 2)] * 3
        assert [one.shape for one in nd.split_v2(x, 2, squeeze_axis=True)] == [(6,)] * 2
        assert nd.split_v2(x, 1).shape == (2, 6)

    def test_parts_that_would_differ(self):
        with pytest.raises(ShapeError, match="equal division"):
            nd.split_v2(nd.ones((5,)), 2)
        with pytest.raises(ValueError, match="int or a tuple"):
            nd.split_v2(nd.ones((5,)), "2")
