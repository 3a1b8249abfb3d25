"""Single operators, where MXNet's behaviour is not what the walk over all of them would show."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, nd
from workbench.error import IndexOutOfRange


def test_prelu_takes_a_slope_for_each_example_and_channel():
    x = nd.array(np.arange(12.0).reshape(2, 3, 2) - 20)
    slopes = nd.array(np.arange(6.0).reshape(2, 3))
    slopes.attach_grad()
    with autograd.record():
        y = nd.LeakyReLU(x, slopes, act_type="prelu")
    y.backward()
    expected = x.asnumpy() * slopes.asnumpy()[:, :, None]
    np.testing.assert_array_equal(y.asnumpy(), expected)
    np.testing.assert_array_equal(slopes.grad.asnumpy(), x.asnumpy().sum(axis=2))
    with pytest.raises(ValueError, match="Cannot broadcast gamma to data"):
        nd.LeakyReLU(x, nd.ones(4), act_type="prelu")


def test_arange_of_integers_steps_by_whole_numbers():
    """As in MXNet; how many there are is computed before."""
    assert nd.arange(1.3, 9, 1.3, dtype="int32").asnumpy().tolist() == [1, 2, 3, 4, 5, 6]
    assert nd.arange(50.5, 45, -2.5, dtype="int64").asnumpy().tolist() == [50, 48, 46]
    assert nd.arange(1.3, 5, 1.3).asnumpy()[2] == np.float32(1.3) + 2 * np.float32(1.3)


def test_a_range_without_stop_is_as_long_as_its_place_wants():
    numbers = mx.sym.arange(start=2, stop=None, step=3, infer_range=True)
    bound = (numbers + mx.sym.zeros(shape=(4,))).bind(mx.cpu(), {})
    assert bound.forward()[0].asnumpy().tolist() == [2, 5, 8, 11]


def test_sizes_of_constants_may_be_left_to_what_they_meet():
    known, unknown = mx.sym.ones(shape=(2, 3)), mx.sym.ones(shape=(-1, -1))
    bound = (known + mx.sym.transpose(unknown)).bind(mx.cpu(), {})
    assert bound.forward()[0].shape == (2, 3)
    mixed = mx.sym.ones(shape=(2, -1)) + mx.sym.transpose(mx.sym.ones(shape=(3, 0)))
    assert mixed.bind(mx.cpu(), {}).forward()[0].shape == (2, 3)


@pytest.mark.parametrize("name", ["broadcast_mod", "_mod"])
def test_a_remainder_of_integers_has_no_gradient(name):
    a, b = nd.array([7, 5], dtype="int32"), nd.array([3, 0], dtype="int32")
    a.attach_grad()
    b.attach_grad()
    with autograd.record():
        y = getattr(nd, name)(a, b) if hasattr(nd, name) else getattr(nd._internal, name)(a, b)
    y.backward()
    assert a.grad.asnumpy().tolist() == b.grad.asnumpy().tolist() == [0, 0]


def test_pooling_of_one_window_for_each_step():
    x = nd.arange(1, 12).reshape((1, 1, 11))
    for pool_type, expected in (
        ("max", [2, 4, 6, 8, 10, 11]),
        ("sum", [3, 7, 11, 15, 19, 11]),
        ("avg", [1.5, 3.5, 5.5, 7.5, 9.5, 11]),
    ):
        out = nd.Pooling(
            x, kernel=2, stride=2, pool_type=pool_type, pooling_convention="same", pad=(0, 0, 0)
        )
        assert out.asnumpy().ravel().tolist() == expected
    for data, more in ((nd.ones((1, 1, 4, 4)), {"pad": (0, 0, 0)}), (x, {}), (x, {"pad": (1,)})):
        with pytest.raises(ValueError, match="for one axis"):
            nd.Pooling(data, kernel=2, stride=2, pooling_convention="same", **more)


@pytest.mark.parametrize("out", ["float16", "float32", "float64"])
@pytest.mark.parametrize("given", ["float16", "float32", "float64"])
def test_norm_is_computed_in_the_wider_dtype(given, out, monkeypatch):
    monkeypatch.setenv("MXNET_SAFE_ACCUMULATION", "1")
    x = nd.array([3, 4000], dtype=given)
    norm = nd.norm(x, out_dtype=out)
    assert norm.dtype is np.dtype(out).type
    if "float16" not in (given, out) or given != out:
        np.testing.assert_allclose(norm.asnumpy(), [np.hypot(3, 4000)], rtol=1e-3)


def test_norm_of_another_dtype_wants_safe_accumulation(monkeypatch):
    monkeypatch.delenv("MXNET_SAFE_ACCUMULATION", raising=False)
    with pytest.raises(TypeError, match="MXNET_SAFE_ACCUMULATION=1"):
        nd.norm(nd.ones(2), out_dtype="float64")


def test_the_upper_triangular_factor():
    a = nd.array([[4.0, 2], [2, 3]])
    lower, upper = nd.linalg.potrf(a), nd.linalg.potrf(a, lower=False)
    np.testing.assert_allclose(upper.asnumpy(), lower.asnumpy().T)
    inverse = np.linalg.inv(a.asnumpy())
    np.testing.assert_allclose(nd.linalg.potri(lower).asnumpy(), inverse, rtol=1e-5)
    np.testing.assert_allclose(nd.linalg.potri(upper, lower=False).asnumpy(), inverse, rtol=1e-5)


def test_softmin_of_float16_is_exact_where_safe_accumulation_is_asked_for(monkeypatch):
    x = nd.array(np.random.RandomState(0).rand(100, 500), dtype="float16")
    rounded = nd.softmin(x).asnumpy().astype("float64").sum(axis=1)
    monkeypatch.setenv("MXNET_SAFE_ACCUMULATION", "1")
    exact = nd.softmin(x).asnumpy().astype("float64").sum(axis=1)
    assert abs(exact - 1).max() < 1e-3 < abs(rounded - 1).max()


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nd.diag(nd.ones((2, 3)), k=4), ValueError, "Diagonal does not exist"),
        (lambda: nd.diag(nd.ones((2, 3)), k=-3), ValueError, "Diagonal does not exist"),
        (lambda: nd.tile(nd.ones((2, 3)), reps=(1, 0, 3)), ValueError, "invalid reps"),
        (lambda: nd.tile(nd.ones((2, 3)), reps=(-1,)), ValueError, "invalid reps"),
        (lambda: nd.depth_to_space(nd.array(np.ones((2, 4, 0, 3))), 2), ValueError, "no blocks"),
        (lambda: nd.space_to_depth(nd.array(np.ones((2, 0, 2, 4))), 2), ValueError, "no blocks"),
        (lambda: nd.gather_nd(nd.ones((2, 3)), nd.array([[0], [3]])), IndexError, "out of bounds"),
        (lambda: nd.take(nd.ones(2), nd.array([2]), mode="raise"), IndexError, "out of range"),
    ],
)
def test_wrong_calls(call, error, text):
    with pytest.raises(error, match=text):
        call()
    assert issubclass(IndexOutOfRange, mx.base.MXNetError)


def test_the_edges_of_what_is_allowed():
    assert nd.diag(nd.ones((2, 3)), k=3).shape == nd.diag(nd.ones((2, 3)), k=-2).shape == (0,)
    assert nd.one_hot(nd.array([0, 1]), depth=0).shape == (2, 0)
