"""Generated pooling of any geometry against the operator's own bodies."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.error import ShapeError
from workbench.kernels import registry, windows
from workbench.ops import get

from .prepared import agree, is_prepared_for

pytestmark = pytest.mark.usefixtures("lanes")

GEOMETRIES = [
    ((2, 3, 15, 14), {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1)}),
    ((2, 8, 33, 35), {"kernel": (3, 3), "stride": (2, 2)}),
    ((3, 4, 10, 12), {"kernel": (3, 2), "pad": (1, 0)}),
    ((2, 5, 11, 13), {"kernel": (2, 3), "stride": (3, 3), "pad": (1, 1)}),
    ((2, 5, 14, 41), {"kernel": (2, 2), "stride": (1, 4)}),
    ((2, 9, 7, 9), {"kernel": (3, 3), "stride": (2, 2), "pooling_convention": "full"}),
    ((2, 9, 16, 8), {"kernel": (3, 3), "stride": (5, 1), "pooling_convention": "full"}),
    ((4, 40, 7, 7), {"kernel": (7, 7), "stride": (7, 7)}),
    ((4, 40, 3, 5), {"global_pool": True}),
    ((2, 6, 100), {"kernel": (4,), "stride": (2,), "pad": (1,)}),
    ((2, 6, 101), {"kernel": (3,), "stride": (2,), "pooling_convention": "same"}),
]
KINDS = [
    {"pool_type": "max"},
    {"pool_type": "avg"},
    {"pool_type": "avg", "count_include_pad": False},
    {"pool_type": "sum"},
]


@pytest.fixture(autouse=True)
def fresh(lanes):
    """No arguments for another number of lanes."""
    windows._pooled.cache_clear()
    yield
    windows._pooled.cache_clear()


def by_kernel(name, *arrays, **params):
    kernels = [k for k in registry.kernels_of(get(name)) if k.when(*arrays, **params)]
    assert kernels or params["pool_type"] == "max", name
    op = get(name)
    return kernels[0].build(op)(*arrays, **params) if kernels else op.body(np, *arrays, **params)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(("shape", "geometry"), GEOMETRIES, ids=str)
def test_pooling_and_its_gradient_are_those_of_the_bodies(shape, geometry, kind):
    rng = np.random.default_rng(0)
    data = rng.integers(-3, 3, shape).astype("float32")  # many windows have several largest
    params = {**geometry, **kind}
    got = by_kernel("Pooling", data, **params)
    expected = get("Pooling").body(np, data, **params)
    np.testing.assert_allclose(got, expected, rtol=0, atol=3e-6 * np.abs(expected).max())
    grad = rng.normal(size=got.shape).astype("float32")
    back = by_kernel("_backward_Pooling", grad, data, expected, **params)
    wanted = get("_backward_Pooling").body(np, grad, data, expected, **params)
    np.testing.assert_allclose(back, wanted, rtol=0, atol=3e-6 * np.abs(wanted).max())
    assert got.dtype == back.dtype == np.float32
    assert back.flags.c_contiguous


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize(("shape", "geometry"), GEOMETRIES[:10:3], ids=str)
def test_short_calls_give_the_same(shape, geometry, kind):
    data = np.random.default_rng(0).normal(size=shape).astype("float32")
    pooled = agree("Pooling", data, limit=3e-6, **geometry, **kind)
    grad = np.random.default_rng(1).normal(size=pooled.shape).astype("float32")
    if kind["pool_type"] != "max" or is_prepared_for(
        "_backward_Pooling", grad, data, pooled, **geometry, **kind
    ):
        agree("_backward_Pooling", grad, data, pooled, limit=3e-6, **geometry, **kind)


def test_nan_and_infinities_come_through():
    data = np.random.default_rng(0).normal(size=(2, 4, 16, 16)).astype("float32")
    data[:, :, 3, 5], data[:, 0, 8, 8], data[:, 1, 0:4, 0:4] = np.nan, np.inf, -np.inf
    params = {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1), "pool_type": "max"}
    got = by_kernel("Pooling", data, **params)
    np.testing.assert_array_equal(got, get("Pooling").body(np, data, **params))
    assert np.isnan(got).any()
    grad = np.ones_like(got)
    back = by_kernel("_backward_Pooling", grad, data, got, **params)
    body = get("_backward_Pooling").body
    np.testing.assert_array_equal(back, body(np, grad, data, got, **params))


def test_padding_alone_is_the_smallest_number():
    data = np.full((1, 64, 4, 4), -np.inf, "float32")
    params = {"kernel": (2, 2), "stride": (2, 2), "pad": (1, 1), "pool_type": "max"}
    got = by_kernel("Pooling", data, **params)
    np.testing.assert_array_equal(got, get("Pooling").body(np, data, **params))


def test_what_the_kernel_does_not_take():
    data, params = np.ones((2, 4, 16, 16), "float32"), {"kernel": (3, 3)}
    assert windows.fits(data, **params)
    assert not windows.fits(data.astype("float64"), **params)
    assert not windows.fits(data[:, :, ::2], **params)
    assert not windows.fits(data, **params, pool_type="lp", p_value=2)
    assert not windows.fits(data, **params, layout="NHWC")
    assert not windows.fits(data[:1, :1, :4, :4].copy(), **params)
    with pytest.raises(ShapeError, match="exceeds input size"):
        windows.fits(data, kernel=(20, 3))
