"""Generated pooling against the operators' own bodies."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.kernels import pool, registry
from workbench.ops import get

from .prepared import agree

pytestmark = pytest.mark.usefixtures("lanes")
PARAMS = {"kernel": (2, 2), "stride": (2, 2)}
SHAPES = [(2, 3, 24, 24), (5, 9, 8, 8), (3, 7, 9, 11), (40, 2, 4, 5), (1, 4, 30, 66), (20, 5, 5, 4)]


@pytest.fixture(autouse=True)
def fresh(lanes):
    """No arguments for another number of lanes."""
    pool._ready.cache_clear()
    yield
    pool._ready.cache_clear()


def both(name, *arrays):
    op, kernel = get(name), registry.kernels_of(get(name))[0]
    assert kernel.when(*arrays, **PARAMS)
    return kernel.build(op)(*arrays, **PARAMS), op.body(np, *arrays, **PARAMS)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_pooling_and_its_gradient_are_those_of_the_bodies(shape):
    rng = np.random.default_rng(0)
    data = rng.integers(-3, 3, shape).astype("float32")  # many windows have several largest
    got, expected = both("Pooling", data)
    np.testing.assert_array_equal(got, expected)
    grad = rng.normal(size=got.shape).astype("float32")
    got, expected = both("_backward_Pooling", grad, data, got)
    np.testing.assert_array_equal(got, expected)
    assert got.flags.c_contiguous


@pytest.mark.parametrize("shape", [(1, 1, 4, 4), (2, 3, 6, 5), *SHAPES[:2]], ids=str)
def test_short_calls_give_the_same(shape):
    data = np.random.default_rng(0).integers(-3, 3, shape).astype("float32")
    pooled = agree("Pooling", data, **PARAMS)
    grad = np.random.default_rng(1).normal(size=pooled.shape).astype("float32")
    agree("_backward_Pooling", grad, data, pooled, **PARAMS)


def test_nan_and_infinities_come_through():
    data = np.random.default_rng(0).normal(size=(2, 4, 16, 16)).astype("float32")
    data[:, :, 3, 5], data[:, 0, 8, 8], data[:, 1, 0:2, 0:2] = np.nan, np.inf, -np.inf
    got, expected = both("Pooling", data)
    np.testing.assert_array_equal(got, expected)
    assert np.isnan(got).sum() == 8
    got, expected = both("_backward_Pooling", np.ones_like(got), data, got)
    np.testing.assert_array_equal(got, expected)


def test_what_the_kernel_does_not_take():
    when, data = pool.fits, np.ones((2, 4, 16, 16), "float32")
    assert when(data, **PARAMS)
    for change in (
        {"kernel": (3, 3)},
        {"stride": (1, 1)},
        {"pad": (1, 1)},
        {"pool_type": "avg"},
        {"global_pool": True},
        {"layout": "NHWC"},
    ):
        assert not when(data, **{**PARAMS, **change})
    assert not when(data.astype("float64"), **PARAMS)
    assert not when(data[:, :, ::2], **PARAMS)
    assert not when(data[:, :, :15].copy(), **PARAMS, pooling_convention="full")
    assert when(data, **PARAMS, pooling_convention="full")
