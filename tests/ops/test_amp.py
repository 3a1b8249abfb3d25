"""Casts of mixed precision: which arrays change, and how."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.error import MXNetError


def of(dtype, values=(1.7, -2.0)):
    return mx.nd.array(values, dtype=dtype)


@pytest.mark.parametrize(
    ("given", "wanted", "made"),
    [
        ("float32", "float16", "float16"),
        ("float16", "float32", "float32"),
        ("float64", "float16", "float64"),
        ("int32", "float16", "int32"),
    ],
)
def test_only_single_and_half_precision_is_cast(given, wanted, made):
    out = mx.nd.amp_cast(of(given), dtype=wanted)
    assert out.dtype is np.dtype(made).type
    np.testing.assert_allclose(out.asnumpy(), of(given).asnumpy(), rtol=1e-3)


def test_a_cast_to_whole_numbers_rounds():
    assert mx.nd.amp_cast(of("float32"), dtype="int32").asnumpy().tolist() == [2, -2]


@pytest.mark.parametrize(
    ("given", "narrow", "made"),
    [
        (["float16", "float32"], False, ["float32", "float32"]),
        (["float16", "float32"], True, ["float16", "float16"]),
        (["float16", "float16"], False, ["float16", "float16"]),
        (["int32", "float16", "float64"], False, ["int32", "float16", "float64"]),
        (["int32"], False, ["int32"]),
    ],
)
def test_arrays_get_the_widest_or_narrowest_dtype_among_them(given, narrow, made):
    arrays = [of(dtype) for dtype in given]
    outs = mx.nd.amp_multicast(*arrays, num_outputs=len(arrays), cast_narrow=narrow)
    outs = outs if isinstance(outs, list) else [outs]
    assert [np.dtype(one.dtype).name for one in outs] == made
    symbols = [mx.sym.var(f"x{i}", dtype=dtype) for i, dtype in enumerate(given)]
    graph = mx.sym.amp_multicast(*symbols, num_outputs=len(arrays), cast_narrow=narrow)
    assert graph.infer_type()[1] == [np.dtype(dtype).type for dtype in made]


def test_gradients_come_back_in_the_inputs_dtypes():
    half, single = of("float16"), of("float32")
    for one in (half, single):
        one.attach_grad()
    with mx.autograd.record():
        a, b = mx.nd.amp_multicast(half, single, num_outputs=2)
        loss = (a * b).sum()
    loss.backward()
    assert (half.grad.dtype, single.grad.dtype) == (np.float16, np.float32)
    np.testing.assert_allclose(half.grad.asnumpy(), single.asnumpy(), rtol=1e-3)


def test_the_number_of_arrays_is_required():
    with pytest.raises(MXNetError, match="num_outputs"):
        mx.nd.amp_multicast(of("float16"), of("float32"))
