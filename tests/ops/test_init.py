"""Operators that write into what they are given, and arrays whose dtype is a number."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.error import MXNetError

internal = mx.nd._internal


def test_a_copy_takes_the_dtype_of_its_target():
    out = mx.nd.zeros((2,), dtype="int32")
    assert internal._copyto(mx.nd.array([1.7, 2]), out=out) is out
    assert out.asnumpy().tolist() == [1, 2]
    assert internal._copyto(mx.nd.array([1.5])).asnumpy().tolist() == [1.5]


def test_a_number_is_written_everywhere():
    out = mx.nd.zeros((2, 2), dtype="float64")
    internal._set_value(src=3, out=out)
    assert out.asnumpy().tolist() == [[3, 3], [3, 3]]
    assert internal._set_value(src=3).asnumpy().tolist() == [3]


@pytest.mark.parametrize(("flag", "dtype"), [(-1, "float32"), (1, "float64"), (4, "int32")])
def test_zeros_of_a_numbered_dtype(flag, dtype):
    assert internal._zeros_without_dtype(shape=(2,), dtype=flag).dtype is np.dtype(dtype).type


def test_an_unknown_number_of_a_dtype_is_refused():
    with pytest.raises(MXNetError, match="dtype"):
        internal._zeros_without_dtype(shape=(2,), dtype=99)


def test_only_stored_values_change():
    rows = mx.nd.sparse.row_sparse_array(([[1.0, 2.0]], [1]), shape=(3, 2))
    for out, expected in (
        (internal._scatter_plus_scalar(rows, scalar=2), [3, 4]),
        (internal._scatter_minus_scalar(rows, scalar=2), [-1, 0]),
        (internal._scatter_elemwise_div(rows, mx.nd.ones((3, 2)) * 2), [0.5, 1]),
    ):
        assert out.stype == "row_sparse"
        assert out.asnumpy().tolist() == [[0, 0], expected, [0, 0]]
