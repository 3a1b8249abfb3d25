"""Convolutions that become others, against the bodies in float64."""

from __future__ import annotations

import pytest

from workbench.kernels import conv_shapes

pytestmark = pytest.mark.usefixtures("needs_llvm")
LIMIT = 3e-6  # of the largest value
#: input, filters, groups, kernel, stride, pad, dilate
OTHERS = [
    ((2, 3, 14), 4, 1, (3,), (1,), (1,), (1,)),
    ((2, 8, 30), 8, 8, (3,), (2,), (1,), (2,)),
    ((2, 4, 5, 6, 7), 6, 1, (3, 3, 3), (1, 1, 1), (1, 1, 1), (1, 1, 1)),
    ((2, 4, 5, 9, 7), 6, 1, (2, 3, 1), (2, 1, 2), (0, 1, 2), (2, 1, 1)),
    ((2, 4, 7, 9, 8), 6, 2, (3, 3, 3), (2, 2, 2), (2, 1, 1), (1, 1, 1)),
    ((2, 4, 7, 9, 8), 4, 4, (3, 3, 3), (1, 2, 1), (1, 1, 1), (1, 1, 1)),
    ((1, 2, 2, 3, 3), 2, 1, (2, 1, 1), (1, 1, 1), (3, 0, 0), (1, 1, 1)),
    ((8, 16, 28, 28), 32, 4, (3, 3), (2, 2), (1, 1), (1, 1)),
]


@pytest.mark.parametrize("case", OTHERS, ids=str)
def test_what_becomes_another_convolution(case, errors_of_convolution):
    found = list(errors_of_convolution(*case))
    assert {when for when, _ in found} <= {conv_shapes.flat, conv_shapes.deep, conv_shapes.grouped}
    assert len(found) == 3
    assert max(error for _, error in found) < LIMIT
