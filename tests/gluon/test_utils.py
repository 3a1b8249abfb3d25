"""Helpers: splitting batches, clipping gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest

import workbench as mx
from workbench import gluon, nd
from workbench.gluon.utils import clip_global_norm, split_and_load, split_data


@pytest.mark.parametrize(
    ("parts", "even", "sizes"),
    [(5, True, [2] * 5), (3, False, [4, 3, 3]), (1, True, [10]), (12, False, [1] * 10 + [0] * 2)],
)
def test_split_data(parts, even, sizes):
    data = nd.arange(20).reshape((10, 2))
    found = split_data(data, parts, even_split=even)
    assert [one.shape[0] for one in found] == sizes
    joined = np.concatenate([one.asnumpy() for one in found])
    assert np.array_equal(joined, data.asnumpy())


def test_split_along_another_axis():
    data = nd.arange(20).reshape((10, 2))
    one, two = split_data(data, 2, batch_axis=1)
    assert np.array_equal(one.asnumpy(), data.asnumpy()[:, :1])
    assert np.array_equal(two.asnumpy(), data.asnumpy()[:, 1:])


def test_uneven_parts_are_refused():
    with pytest.raises(ValueError, match="even_split=False"):
        split_data(nd.ones((10, 2)), 3)


def test_split_and_load_takes_numpy_too():
    pair = [mx.cpu(0), mx.cpu(1)]
    found = split_and_load(np.arange(6).reshape(3, 2), pair, even_split=False)
    assert [one.context for one in found] == pair
    assert [one.shape for one in found] == [(2, 2), (1, 2)]
    (whole,) = split_and_load(nd.ones((3, 2)), [mx.cpu(1)])
    assert whole.context == mx.cpu(1)


def test_clip_global_norm():
    arrays = [nd.array([3.0, 4.0]), nd.array([12.0], ctx=mx.cpu(1))]
    assert clip_global_norm(arrays, 6.5) == pytest.approx(13)
    assert np.allclose(arrays[0].asnumpy(), [1.5, 2])
    assert np.allclose(arrays[1].asnumpy(), [6])
    assert clip_global_norm(arrays, 100) == pytest.approx(6.5)
    assert np.allclose(arrays[1].asnumpy(), [6])
    lazy = clip_global_norm(arrays, 100, check_isfinite=False)
    assert isinstance(lazy, nd.NDArray)


def test_clipping_what_is_not_finite_warns():
    with pytest.warns(UserWarning, match="nan or inf"):
        assert math.isnan(clip_global_norm([nd.array([math.nan])], 1))
    with pytest.raises(AssertionError, match="at least one"):
        clip_global_norm([], 1)


def test_the_module_offers_mxnets_names():
    assert gluon.utils.split_data is split_data
    assert callable(gluon.utils.download)
