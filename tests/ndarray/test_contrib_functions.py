"""Functions of mx.nd.contrib that are made of operators."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import nd


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_no_ordinary_number(dtype):
    x = nd.array([1, np.nan, np.inf, -np.inf, 0], dtype=dtype)
    for name in ("isnan", "isinf", "isfinite"):
        found = getattr(nd.contrib, name)(x)
        assert found.dtype is np.dtype(dtype).type
        assert found.asnumpy().astype(bool).tolist() == getattr(np, name)(x.asnumpy()).tolist()


def test_rand_zipfian_draws_what_mxnet_draws():
    mx.random.seed(1)
    samples, true, sampled = nd.contrib.rand_zipfian(nd.array([3, 5]), 4, 100)
    assert samples.dtype is np.int64
    assert samples.asnumpy().tolist() == [0, 14, 23, 94]
    np.testing.assert_allclose(true.asnumpy(), [0.19340214, 0.1336049], rtol=1e-6)
    expected = [0.60076193, 0.05593659, 0.03538109, 0.00907565]
    np.testing.assert_allclose(sampled.asnumpy(), expected, rtol=1e-6)
