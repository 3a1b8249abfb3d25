"""Products that are prepared by shape are those of the bodies."""

from __future__ import annotations

import numpy as np
import pytest

from .prepared import agree, is_prepared_for


def numbers(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("a", [False, True])
@pytest.mark.parametrize("b", [False, True])
def test_dot(a, b):
    lhs, rhs = numbers(*((5, 3) if a else (3, 5))), numbers(*((4, 5) if b else (5, 4)))
    agree("dot", lhs, rhs, transpose_a=a, transpose_b=b, limit=1e-6)


def test_batch_dot():
    agree("batch_dot", numbers(2, 3, 4), numbers(2, 4, 5), limit=1e-6)
    assert not is_prepared_for("batch_dot", numbers(2, 3, 4), numbers(2, 5, 4), transpose_b=True)


def test_fully_connected():
    data, weight, bias = numbers(3, 4), numbers(5, 4), numbers(5)
    agree("FullyConnected", data, weight, bias, num_hidden=5, limit=1e-6)
    agree("FullyConnected", data, weight, num_hidden=5, no_bias=True, limit=1e-6)
    assert not is_prepared_for("FullyConnected", numbers(3, 2, 2), weight, bias, num_hidden=5)
    assert not is_prepared_for("FullyConnected", data, weight, numbers(5, 1), num_hidden=5)
