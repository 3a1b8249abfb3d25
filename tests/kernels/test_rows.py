"""Softmax and reductions along last axes, by machine code, against the operators' bodies."""

from __future__ import annotations

import numpy as np
import pytest

from .prepared import agree, both, is_prepared_for

pytestmark = pytest.mark.usefixtures("lanes")
SHAPES = [(2, 4), (1, 1), (3, 16), (5, 17), (7, 100), (2, 3, 129), (33,)]
SOFTMAX = ["softmax", "log_softmax"]
REDUCE = ["sum", "mean", "max", "min", "norm"]


def numbers(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", SOFTMAX)
def test_softmax_and_its_gradient(name, shape):
    data, grad = numbers(shape, shape)
    inputs = (data, None) if name == "softmax" else (data,)
    got, expected = both(name, *inputs)
    np.testing.assert_allclose(got[0], expected[0], rtol=2e-6, atol=2e-6)
    agree(f"_backward_{name}", grad, got[0], limit=3e-6)


@pytest.mark.parametrize("name", SOFTMAX)
def test_rows_with_nan_and_infinities_come_out_as_in_the_body(name):
    data = np.repeat(numbers((1, 19)), 5, axis=1).reshape(5, 19)
    data[0, 3], data[1, 18], data[2, 0], data[3] = np.nan, np.inf, -np.inf, -np.inf
    got, expected = both(name, *((data, None) if name == "softmax" else (data,)))
    np.testing.assert_allclose(got[0], expected[0], rtol=2e-6, atol=2e-6)
    assert np.isnan(got[0][0]).all()


def test_the_other_softmaxes():
    data, label = numbers((6, 10), (6,))
    agree("SoftmaxActivation", data, limit=1e-6)
    agree("SoftmaxOutput", data, np.abs(label), limit=1e-6)
    (cube,) = numbers((2, 3, 4))
    agree("SoftmaxOutput", cube, np.zeros(2, "float32"), limit=1e-6)
    agree("SoftmaxOutput", cube, np.zeros((2, 3), "float32"), preserve_shape=True, limit=1e-6)
    labels = np.array([0, 9, -1, 10, 3.7, 2], "float32")
    agree("_backward_SoftmaxOutput", data, labels)
    agree("_backward_SoftmaxOutput", cube, np.zeros((2, 3), "float32"), preserve_shape=True)
    assert not is_prepared_for("_backward_SoftmaxOutput", data, labels, grad_scale=2.0)
    assert not is_prepared_for("_backward_SoftmaxOutput", data, labels, use_ignore=True)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", REDUCE)
@pytest.mark.parametrize("keepdims", [False, True])
def test_reductions_of_last_axes(name, shape, keepdims):
    (data,) = numbers(shape)
    for axis in ((len(shape) - 1,), tuple(range(len(shape)))[-2:], None):
        agree(name, data, axis=axis, keepdims=keepdims, limit=1e-5)


@pytest.mark.parametrize("axes", [(1,), (0, 1), (0,)])
def test_gradients_of_reductions(axes):
    (data,) = numbers((5, 19))
    data[2] = 3.0  # all of them are the largest
    shape = tuple(n for i, n in enumerate(data.shape) if i not in axes) or (1,)
    (grad,) = numbers(shape)
    agree("_expand_to", grad, shape=data.shape, axes=axes)
    if axes != (0,):
        largest = data.max(axis=axes).reshape(shape)
        agree("_backward_extreme", grad, data, largest, axes=axes)


@pytest.mark.parametrize("name", ["max", "min"])
def test_an_extreme_of_nan_is_nan(name):
    (data,) = numbers((4, 37))
    data[1, 36], data[2, 0], data[3] = np.nan, np.nan, np.inf
    agree(name, data, axis=1)


def test_what_is_left_to_the_body():
    data = np.ones((3, 4), "float32")
    assert is_prepared_for("sum", data, axis=1)
    assert not is_prepared_for("sum", data, axis=0)
    assert not is_prepared_for("sum", data.astype("float64"), axis=1)
    assert not is_prepared_for("sum", np.ones((1, 1 << 15), "float32"), axis=1)
    assert not is_prepared_for("sum", np.ones((0, 4), "float32"), axis=1)
    assert not is_prepared_for("norm", data, axis=1, ord=1)
    assert not is_prepared_for("log_softmax", data, temperature=2.0)
    assert not is_prepared_for("log_softmax", data, axis=0)


def test_arrays_that_are_not_contiguous_are_left_to_the_body_at_the_call():
    (data,) = numbers((8, 6))
    agree("sum", data.T[:4], axis=1, limit=1e-6)
    agree("log_softmax", data[:, ::2], limit=1e-6)
