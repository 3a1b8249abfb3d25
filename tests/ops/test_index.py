"""Operators that read and write at places."""

from __future__ import annotations

import pytest

from workbench import nd


def test_broadcast_like_refuses_axes_that_name_nothing():
    x = nd.ones((1, 2))
    with pytest.raises(ValueError, match="Empty axes tuple is not allowed"):
        nd.broadcast_like(x, nd.ones((3, 2)), lhs_axes=(), rhs_axes=())
