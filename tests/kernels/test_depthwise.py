"""Depthwise convolutions against the bodies in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from workbench.kernels import depthwise

conv_llvm = pytest.importorskip("workbench.kernels.conv_llvm", reason="needs llvmlite")
pytestmark = pytest.mark.usefixtures("needs_llvm")
LIMIT = 3e-6  # of the largest value
#: input, filters, groups, kernel, stride, pad, dilate
DEPTHWISE = [
    ((2, 3, 14, 14), 3, 3, (3, 3), (1, 1), (1, 1), (1, 1)),
    ((2, 8, 15, 13), 8, 8, (3, 3), (2, 2), (1, 1), (1, 1)),
    ((1, 4, 7, 7), 4, 4, (5, 5), (1, 1), (2, 2), (1, 1)),
    ((2, 3, 9, 10), 6, 3, (3, 2), (1, 2), (0, 1), (2, 1)),
    ((2, 5, 8, 8), 5, 5, (1, 1), (1, 1), (0, 0), (1, 1)),
    ((2, 5, 3, 3), 5, 5, (3, 3), (1, 1), (1, 1), (1, 1)),
    ((2, 2, 1, 1), 2, 2, (1, 1), (1, 1), (0, 0), (1, 1)),
    ((1, 2, 33, 40), 6, 2, (3, 3), (3, 3), (1, 1), (1, 1)),
    ((2, 3, 37, 41), 3, 3, (3, 3), (2, 2), (0, 1), (1, 1)),
    # tiny planes of several images
    ((5, 3, 7, 7), 3, 3, (3, 3), (1, 1), (1, 1), (1, 1)),
    ((6, 4, 8, 6), 4, 4, (3, 3), (2, 2), (1, 1), (1, 1)),
    ((4, 9, 2, 2), 9, 9, (3, 3), (1, 1), (1, 1), (1, 1)),
    ((9, 2, 5, 3), 2, 2, (2, 3), (3, 1), (1, 0), (1, 1)),
]


@pytest.mark.parametrize("lanes", [4, 8, 16])
@pytest.mark.parametrize("case", DEPTHWISE, ids=str)
def test_each_channel_by_itself(case, lanes, monkeypatch, errors_of_convolution):
    monkeypatch.setattr(conv_llvm, "best_lanes", lambda: lanes)
    found = list(errors_of_convolution(*case))
    own = {depthwise.fits, depthwise.fits_data, depthwise.fits_weight}
    assert len(own & {when for when, _ in found}) == (3 if case[1] == case[2] else 2)
    assert max(error for _, error in found) < LIMIT


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_depthwise_shape(errors_of_convolution, data):
    def numbers(low, high):
        return (data.draw(st.integers(low, high)), data.draw(st.integers(low, high)))

    size, kernel, stride, pad, dilate = (
        numbers(*r) for r in ((1, 20), (1, 4), (1, 3), (0, 2), (1, 2))
    )
    axes = zip(size, kernel, pad, dilate, strict=True)
    assume(all(n + 2 * p > d * (k - 1) for n, k, p, d in axes))
    channels, filters = data.draw(st.integers(2, 4)), data.draw(st.integers(1, 2))
    images = data.draw(st.sampled_from([2, 5]))
    case = ((images, channels, *size), channels * filters, channels, kernel, stride, pad, dilate)
    assert all(error < LIMIT for _, error in errors_of_convolution(*case))


def test_long_sums_keep_their_digits():
    """A plane of half a million equal products, whose sum float32 holds exactly."""
    ones = np.ones((1, 2, 720, 728), np.float32)
    made = depthwise._weight_gradient(ones.shape, 2, ((1, 1), (1, 1), (1, 1), (0, 0)))
    assert made(ones, ones).tolist() == [720 * 728.0] * 2
