"""Operators that read and write at places."""

from __future__ import annotations

import pytest

from workbench import nd


def test_fill_element_0index_replaces_one_element_of_each_row():
    x, values = nd.zeros((2, 3)), nd.array([5, 6])
    filled = nd.fill_element_0index(x, values, nd.array([2, 0]))
    assert filled.asnumpy().tolist() == [[0, 0, 5], [6, 0, 0]]
    outside = nd.fill_element_0index(x, values, nd.array([3, -1]))
    assert outside.asnumpy().tolist() == x.asnumpy().tolist()
    for rows in (nd.ones(3), nd.ones((2, 1))):
        with pytest.raises(ValueError, match="Shape inconsistent"):
            nd.fill_element_0index(x, rows, nd.array([0, 0]))


def test_broadcast_like_refuses_axes_that_name_nothing():
    x = nd.ones((1, 2))
    with pytest.raises(ValueError, match="Empty axes tuple is not allowed"):
        nd.broadcast_like(x, nd.ones((3, 2)), lhs_axes=(), rhs_axes=())
