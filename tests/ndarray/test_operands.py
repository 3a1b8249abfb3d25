"""Operators of arrays and numbers: values against NumPy, ``out=``, in place, NumPy on one side."""

from __future__ import annotations

import operator

import numpy as np
import pytest

import workbench as mx
from workbench import nd

TWO = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "%": operator.mod, "**": operator.pow, "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
IN_PLACE = {
    "+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "/=": operator.itruediv,
    "%=": operator.imod,
}  # fmt: skip
LEFT = np.array([[1.5, 2, 3], [4, 5.25, 6]], "float32")
RIGHT = np.array([[2, 2, 0.5], [1, 5.25, 7]], "float32")


@pytest.mark.parametrize("function", TWO.values(), ids=TWO)
@pytest.mark.parametrize("other", [RIGHT, 2, 2.5, np.float64(1.5), np.int64(2), True, -1.5],
                         ids=repr)  # fmt: skip
def test_as_numpy(device, function, other):
    x = nd.array(LEFT, ctx=device)
    y = nd.array(other, ctx=device) if isinstance(other, np.ndarray) else other
    got, swapped = function(x, y), function(y, x)
    with np.errstate(invalid="ignore"):
        wanted = function(LEFT, other), function(other, LEFT)
    for result, expected in zip((got, swapped), wanted, strict=True):
        assert result.dtype is np.float32
        assert result.context is device
        np.testing.assert_allclose(result.asnumpy(), expected.astype("float32"), rtol=1e-5)


@pytest.mark.parametrize("function", TWO.values(), ids=TWO)
def test_numpy_arrays_on_either_side(device, function):
    x = nd.array(LEFT, ctx=device)
    for result in (function(x, RIGHT), function(LEFT, nd.array(RIGHT, ctx=device))):
        assert isinstance(result, nd.NDArray)
        np.testing.assert_allclose(result.asnumpy(), function(LEFT, RIGHT), rtol=1e-5)


@pytest.mark.parametrize("function", IN_PLACE.values(), ids=IN_PLACE)
@pytest.mark.parametrize("other", [RIGHT, RIGHT[0], RIGHT[:, :1], 2.5, 3], ids=str)
def test_in_place_keeps_the_object_and_its_memory(device, function, other):
    x = nd.array(LEFT, ctx=device)
    view, before = x[1], x
    x = function(x, nd.array(other, ctx=device) if isinstance(other, np.ndarray) else other)
    assert x is before
    expected = function(LEFT.copy(), other)
    np.testing.assert_allclose(x.asnumpy(), expected, rtol=1e-5)
    np.testing.assert_allclose(view.asnumpy(), expected[1], rtol=1e-5)


def test_in_place_with_itself(device):
    x = nd.array(LEFT, ctx=device)
    x += x
    x *= x
    np.testing.assert_allclose(x.asnumpy(), (LEFT * 2) ** 2, rtol=1e-6)
    x[0] += x[1]
    np.testing.assert_allclose(x.asnumpy()[0], ((LEFT * 2) ** 2).sum(0), rtol=1e-6)


def test_unary_minus_and_abs(device):
    x = nd.array([[-1, 2]], ctx=device)
    assert (-x).asnumpy().tolist() == [[1, -2]]
    assert abs(x).asnumpy().tolist() == [[1, 2]]
    assert (-nd.array([1], dtype="int32", ctx=device)).dtype is np.int32


def test_integers_keep_their_dtype_and_numbers_are_cut(device):
    x = nd.array([3, 1], dtype="int32", ctx=device)
    assert (x + 2.5).asnumpy().tolist() == [5, 3]
    assert (x / 2).asnumpy().tolist() == [1, 0]
    assert (-7 / nd.array([2], dtype="int32", ctx=device)).asnumpy().tolist() == [-3]
    x /= 2
    assert (x.asnumpy().tolist(), x.dtype) == ([1, 0], np.int32)
    assert (nd.array([1], dtype="uint8", ctx=device) - 2).asnumpy().tolist() == [255]
    assert (nd.array([7, -7], dtype="int32", ctx=device) % 3).asnumpy().tolist() == [1, 2]


def test_bool_and_a_number_give_int64(device):
    x = nd.array([True, False], dtype="bool", ctx=device)
    for made in (x + 2, 2 + x, x * 2.5, x - 1, 1 - x, x == 1, x / 1, x**2, x % 2):
        assert made.dtype is np.int64
    assert (x + 2).asnumpy().tolist() == [3, 2]
    with pytest.raises(mx.base.MXNetError):
        x += 1
    assert x.asnumpy().tolist() == [True, False]


def test_division_by_zero_of_floats_is_infinite_or_nan(device):
    x = nd.array([1, -1, 0], ctx=device)
    np.testing.assert_array_equal((x / 0).asnumpy(), [np.inf, -np.inf, np.nan])
    np.testing.assert_array_equal((x % 0).asnumpy(), [0, 0, 0])


def test_out_is_written_and_returned(device):
    x, out = nd.array(LEFT, ctx=device), nd.zeros((2, 3), ctx=device)
    assert nd.exp(x, out=out) is out
    np.testing.assert_allclose(out.asnumpy(), np.exp(LEFT), rtol=1e-6)
    assert nd.broadcast_add(x, x, out=out) is out
    np.testing.assert_allclose(out.asnumpy(), 2 * LEFT)
    assert nd.sum(x, axis=1, out=nd.zeros((2,), ctx=device)).asnumpy().tolist() == [6.5, 15.25]
    parts = [nd.zeros((2, 1), ctx=device) for _ in range(3)]
    made = nd.split(x, num_outputs=3, axis=1, out=parts)
    assert all(a is b for a, b in zip(made, parts, strict=True))
    np.testing.assert_array_equal(parts[2].asnumpy(), LEFT[:, 2:])


@pytest.mark.parametrize("function", [nd.exp, nd.relu, nd.square, nd.softmax, nd.abs, nd.reverse],
                         ids=lambda f: f.__name__)  # fmt: skip
def test_out_may_be_the_input(device, function):
    options = {"axis": 1} if function is nd.reverse else {}
    x = nd.array(LEFT - 3, ctx=device)
    expected = function(x, **options).asnumpy()
    assert function(x, out=x, **options) is x
    np.testing.assert_allclose(x.asnumpy(), expected, rtol=1e-6)


def test_out_may_be_a_view(device):
    out = nd.zeros((4, 3), ctx=device)
    nd.negative(nd.array(LEFT, ctx=device), out=out[1:3])
    np.testing.assert_array_equal(out.asnumpy()[1:3], -LEFT)
    assert out.asnumpy()[[0, 3]].sum() == 0


def test_dot_into_its_own_input(device):
    x = nd.array([[1, 2], [3, 4]], ctx=device)
    assert nd.dot(x, x, out=x) is x
    assert x.asnumpy().tolist() == [[7, 10], [15, 22]]


def test_unknown_keywords_of_operators_without_parameters_are_refused_too(device):
    with pytest.raises(mx.MXNetError, match="Cannot find argument 'foo'"):
        nd.relu(nd.array([-1, 1], ctx=device), foo=1)


def test_numpy_ufuncs_take_arrays():
    x = nd.array([1, 4])
    np.testing.assert_allclose(np.sqrt(x), [1, 2])
    assert isinstance(np.ones(2, "float32") + x, nd.NDArray)
    assert isinstance(np.float32(3) * x, nd.NDArray)
    with pytest.raises(TypeError):
        np.add(np.ones(2), 1, out=x)
