"""Moments, histograms and the threshold of quantization: what examples do not show."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.error import MXNetError

DATA = np.array([[0.0, 1.0, 2.5], [4.0, -1.0, np.nan]], np.float32)


def test_moments_need_axes():
    for axes in (None, ()):
        with pytest.raises(MXNetError, match="Empty axes"):
            mx.nd.moments(mx.nd.ones((2, 3)), axes=axes)


def test_moments_of_the_whole_have_shape_1():
    mean, var = mx.nd.moments(mx.nd.array([[1, 2], [3, 4]]), axes=(0, 1))
    assert (mean.asnumpy().tolist(), var.asnumpy().tolist()) == ([2.5], [1.25])


def test_half_precision_moments_are_computed_in_single():
    data = mx.nd.full((4096,), 0.1, dtype="float16") + 10
    mean, var = mx.nd.moments(data, axes=(0,))
    assert mean.dtype == np.float16
    assert abs(mean.asscalar() - 10.1) < 0.01
    assert var.asscalar() < 1e-4


@pytest.mark.parametrize("bins", [[-2, 0, 1, 4], [0.0, 2.5]])
def test_the_last_bin_holds_its_upper_edge(bins):
    counts, edges = mx.nd.histogram(mx.nd.array(DATA), bins=mx.nd.array(bins))
    expected, _ = np.histogram(DATA[~np.isnan(DATA)], bins)
    assert counts.asnumpy().tolist() == expected.tolist()
    assert counts.dtype == np.int64
    assert edges.asnumpy().tolist() == bins


@pytest.mark.parametrize(("count", "range_"), [(4, (0, 4)), (3, (-1, 2.5)), (2, (1, 1))])
def test_values_outside_the_range_do_not_count(count, range_):
    counts, edges = mx.nd.histogram(mx.nd.array(DATA), bins=count, range=range_)
    expected, at = np.histogram(DATA[~np.isnan(DATA)], count, range_)
    assert counts.asnumpy().tolist() == expected.tolist()
    np.testing.assert_allclose(edges.asnumpy(), at, rtol=1e-6)


def test_without_a_range_the_data_says_it():
    counts, edges = mx.nd.histogram(mx.nd.array([1, 2, 3]), bins=2)
    assert counts.dtype == np.float32
    assert edges.asnumpy().tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"bin_cnt": 3}, "both or neither"),
        ({"bin_cnt": 3, "range": (3, 1)}, "less than"),
        ({"bin_cnt": 3, "range": (1,)}, "2 elements"),
        ({"bins": mx.nd.ones((1,))}, "1D vector"),
        ({"bins": mx.nd.ones((2, 2))}, "1D vector"),
    ],
)
def test_histograms_that_make_no_sense_are_refused(given, words):
    with pytest.raises(MXNetError, match=words):
        mx.nd._internal._histogram(mx.nd.ones(3), **given)


def test_bins_are_a_number_or_an_array():
    for nd, data in ((mx.nd, mx.nd.ones(3)), (mx.sym, mx.sym.var("x"))):
        with pytest.raises(ValueError, match="bins argument"):
            nd.histogram(data, bins=[0, 1])
    with pytest.raises(ValueError, match="null range"):
        mx.sym.histogram(mx.sym.var("x"), bins=3)


def test_the_symbol_of_a_histogram():
    x = mx.nd.array([1, 2, 2])
    counts, _ = mx.sym.histogram(mx.sym.var("x"), bins=2, range=(1, 3)).eval(x=x)
    assert counts.asnumpy().tolist() == [1, 2]
    by_edges = mx.sym.histogram(mx.sym.var("x"), bins=mx.sym.var("edges"))
    counts, _ = by_edges.eval(x=x, edges=mx.nd.array([0, 2, 3]))
    assert counts.asnumpy().tolist() == [1, 2]


def test_calibration_gives_the_threshold_of_mxnet():
    hist = mx.nd.arange(11)
    threshold, divergence = mx.nd.contrib.calibrate_entropy(
        hist, mx.nd.array(np.linspace(-1, 1, 12)), num_quantized_bins=5
    )
    assert threshold.asscalar() == 1.0
    np.testing.assert_allclose(divergence.asscalar(), 0.005567224696278572, rtol=1e-5)


def test_an_empty_histogram_has_no_divergence():
    threshold, divergence = mx.nd.contrib.calibrate_entropy(
        mx.nd.zeros(11), mx.nd.array(np.linspace(-1, 1, 12)), num_quantized_bins=5
    )
    assert divergence.asscalar() == np.finfo(np.float32).max
    assert threshold.asscalar() > 0
