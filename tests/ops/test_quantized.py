"""Quantized operators: what recorded numbers do not show."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.error import MXNetError

contrib = mx.nd.contrib


def numbers(dtype, *shape, seed=0):
    low, high = {"int8": (-127, 128), "uint8": (0, 256)}[dtype]
    values = np.random.default_rng(seed).integers(low, high, shape)
    return mx.nd.array(values, dtype=dtype)


def one(value):
    return mx.nd.array([value])


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_there_and_back_loses_half_a_step(dtype):
    data = mx.nd.random.uniform(0 if dtype == "uint8" else -2, 2, shape=(100,))
    small = contrib.quantize_v2(data, out_type=dtype)
    assert small[0].dtype is np.dtype(dtype).type
    step = 2 / (255.5 if dtype == "uint8" else 127.5)
    back = contrib.dequantize(*small).asnumpy()
    np.testing.assert_allclose(back, data.asnumpy(), atol=0.51 * step)


def test_zeros_stay_zeros():
    small, low, high = contrib.quantize_v2(mx.nd.zeros((2, 3)))
    assert not small.asnumpy().any()
    assert low.asscalar() == high.asscalar() == 0


def test_asymmetric_numbers_of_8_bits_are_shifted():
    small, scale, shift = contrib.quantize_asym(mx.nd.array([-128, 0, 127], dtype="int8"))
    assert small.asnumpy().tolist() == [0, 128, 255]
    assert (scale.asscalar(), shift.asscalar()) == (1, 128)
    data = numbers("uint8", 3)
    small, _, shift = contrib.quantize_asym(data)
    assert small.asnumpy().tolist() == data.asnumpy().tolist()
    assert shift.asscalar() == 0


def test_products_are_those_of_mxnet():
    lhs = mx.nd.array([[-21, 25, 122], [4, 57, 73]], dtype="int8")
    rhs = mx.nd.array([[-127, -106, 126], [20, 75, -20]], dtype="int8")
    given = (lhs, rhs, one(-1), one(1), one(-2), one(1.5))
    out, low, high = contrib.quantized_elemwise_mul(*given)
    assert out.asnumpy().tolist() == [[2667, -2650, 15372], [80, 4275, -1460]]
    np.testing.assert_allclose([low.asscalar(), high.asscalar()], [-266288.5, 266288.5])
    out, *_ = contrib.quantized_elemwise_mul(*given, min_calib_range=-1.0, max_calib_range=0.9)
    assert out.asnumpy().tolist() == [[41, -41, -15], [1, 67, -22]]
    out = contrib.quantized_elemwise_mul(*given, enable_float_output=True)
    np.testing.assert_allclose(out.asnumpy()[0], [0.32811996, -0.32602844, 1.891211], rtol=1e-6)


def test_sums_of_signed_and_unsigned_numbers_are_exact():
    lhs, rhs = numbers("int8", 3, 4), numbers("uint8", 3, 4, seed=1)
    out = contrib.quantized_elemwise_add(lhs, rhs, one(-1), one(1), one(0), one(1.5))
    floats = out[0].asnumpy() * (out[2].asscalar() / 2.0**31)
    expected = lhs.asnumpy() / 127.5 + rhs.asnumpy() * (1.5 / 255.5)
    np.testing.assert_allclose(floats, expected, rtol=1e-5, atol=1e-6)


def test_an_activation_of_unsigned_numbers_keeps_them():
    data = numbers("uint8", 3, 4)
    out, *_ = contrib.quantized_act(data, one(0), one(1), act_type="relu")
    np.testing.assert_array_equal(out.asnumpy(), data.asnumpy())


def test_a_long_sum_is_exact():
    data, weight = mx.nd.full((1, 20000), 127, dtype="int8"), mx.nd.full((2, 20000), 127)
    weight = weight.astype("int8")
    ranges = [one(x) for x in (-1, 1, -1, 1)]
    out, *_ = contrib.quantized_fully_connected(
        data, weight, None, *ranges, num_hidden=2, no_bias=True
    )
    assert out.dtype == np.int32
    assert out.asnumpy().tolist() == [[127 * 127 * 20000] * 2]


@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (2, True)])
def test_a_quantized_lstm_is_near_the_lstm(layers, bidirectional):
    ways = 2 if bidirectional else 1
    rng = np.random.default_rng(0)
    widths = [3] + [5 * ways] * (layers - 1)
    size = ways * sum(20 * (width + 5) + 40 for width in widths)
    data = mx.nd.array(rng.uniform(-1, 1, (4, 2, 3)))
    parameters = mx.nd.array(rng.uniform(-0.5, 0.5, size))
    states = [mx.nd.array(rng.uniform(-0.5, 0.5, (layers * ways, 2, 5))) for _ in range(2)]
    options = {
        "mode": "lstm",
        "state_size": 5,
        "num_layers": layers,
        "bidirectional": bidirectional,
        "state_outputs": True,
    }
    small, scale, shift = contrib.quantize_asym(data)
    made = contrib.quantized_rnn(small, parameters, *states, scale, shift, **options)
    for a, b in zip(made, mx.nd.RNN(data, parameters, *states, **options), strict=True):
        np.testing.assert_allclose(a.asnumpy(), b.asnumpy(), atol=0.02)
        assert a.dtype == np.float32


@pytest.mark.parametrize(
    ("name", "arrays", "options", "words"),
    [
        ("dequantize", 1, {}, "uint8 and int8"),
        ("requantize", 1, {}, "int32"),
        ("quantized_flatten", 1, {}, "uint8 and int8"),
        ("quantized_act", 1, {"act_type": "tanh"}, "uint8 and int8"),
        ("quantized_elemwise_mul", 2, {}, "int8"),
    ],
)
def test_floats_are_refused(name, arrays, options, words):
    given = [mx.nd.ones((2, 2))] * arrays + [one(1)] * (2 * arrays)
    with pytest.raises(MXNetError, match=words):
        getattr(contrib, name)(*given, **options)


def test_what_is_not_quantized_says_so():
    data, ends = numbers("int8", 1, 1, 4, 4), (one(-1), one(1))
    small, vectors, states = numbers("uint8", 1, 1, 1), [one(1)] * 4, [mx.nd.ones((1, 1, 1))] * 2
    gru = {"mode": "gru", "state_size": 1, "num_layers": 1}
    with pytest.raises(MXNetError, match="only supports act_type=relu"):
        contrib.quantized_act(data, *ends, act_type="tanh")
    with pytest.raises(MXNetError, match="pool_type=max/avg"):
        contrib.quantized_pooling(data, *ends, kernel=(2, 2), pool_type="sum")
    with pytest.raises(MXNetError, match="min_calib_range"):
        contrib.quantized_batch_norm(data, *vectors, *ends)
    with pytest.raises(MXNetError, match="6 inputs"):
        contrib.quantized_concat(data, data, num_args=2)
    with pytest.raises(MXNetError, match="LSTM"):
        contrib.quantized_rnn(small, one(1), *states, *ends, **gru)
