"""Convolutions with a kernel of one element against the bodies in float64."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.kernels import pointwise

pytestmark = pytest.mark.usefixtures("needs_llvm")
LIMIT = 3e-6  # of the largest value
ONE, NONE = (1, 1), (0, 0)


@pytest.mark.parametrize("shape", [(3, 64, 7, 7), (5, 128, 2, 2), (1, 300, 9, 7)], ids=str)
def test_each_image_is_a_product(shape, errors_of_convolution):
    found = list(errors_of_convolution(shape, 70, 1, ONE, ONE, NONE, ONE))
    assert [when for when, _ in found] == [pointwise.fits, pointwise.fits, pointwise.fits_weight]
    assert max(error for _, error in found) < LIMIT


def test_what_it_does_not_take():
    data, weight = np.ones((2, 64, 8, 8), "float32"), np.ones((64, 64, 1, 1), "float32")
    assert pointwise.fits(data, weight, kernel=ONE)
    for change in ({"stride": (2, 2)}, {"pad": (1, 0)}, {"num_group": 64}, {"kernel": (1, 2)}):
        assert not pointwise.fits(data, weight, **{"kernel": ONE, **change})
    assert not pointwise.fits(data, weight[:8].copy(), kernel=ONE)
    assert not pointwise.fits(data.astype("float64"), weight, kernel=ONE)
    assert not pointwise.fits_weight(data[:, :8].copy(), data, kernel=ONE)
