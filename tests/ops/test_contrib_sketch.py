"""Count sketches and Fourier transforms; MXNet has them on GPUs only, so NumPy is the measure."""

import numpy as np
import pytest

import workbench as mx
from workbench.error import OperatorError, ParameterError, ShapeError

contrib = mx.nd.contrib
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(5, 7), (2, 3, 2, 7)])
def test_columns_are_added_with_their_signs(shape):
    data, h, s = RNG.normal(size=shape), RNG.integers(0, 4, 7), RNG.choice([-1, 1], 7)
    expected = np.zeros((*shape[:-1], 4))
    for j in range(7):
        expected[..., h[j]] += s[j] * data[..., j]
    out = contrib.count_sketch(mx.nd.array(data), mx.nd.array([h]), mx.nd.array([s]), out_dim=4)
    np.testing.assert_allclose(out.asnumpy(), expected, rtol=1e-5, atol=1e-6)


def test_the_sketch_of_an_outer_product_is_a_convolution():
    """What the operators are for (Pham and Pagh 2013)."""
    x, y = RNG.normal(size=(2, 1, 6)).astype("float64")
    h, s = RNG.integers(0, 8, (2, 1, 6)), RNG.choice([-1, 1], (2, 1, 6))

    def sketch(data, h, s):
        arrays = (mx.nd.array(one, dtype="float64") for one in (data, h, s))
        return contrib.count_sketch(*arrays, out_dim=8)

    one, other = (sketch(*three) for three in zip((x, y), h, s, strict=True))
    one, other = (contrib.fft(z).asnumpy().reshape(-1, 2) @ [1, 1j] for z in (one, other))
    product = one * other
    pairs = np.stack([product.real, product.imag], axis=-1).reshape(1, 16)
    convolved = contrib.ifft(mx.nd.array(pairs, dtype="float64")).asnumpy() / 8
    outer = (x.T * y).reshape(1, 36)
    places, signs = (h[0].T + h[1]).reshape(1, 36) % 8, (s[0].T * s[1]).reshape(1, 36)
    np.testing.assert_allclose(convolved, sketch(outer, places, signs).asnumpy(), atol=1e-12)


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-5), ("float16", 1e-2)]
)
def test_real_and_imaginary_parts_alternate(dtype, tolerance):
    data = RNG.normal(size=(2, 3, 2, 5)).astype(dtype)
    out = contrib.fft(mx.nd.array(data, dtype=dtype))
    assert out.asnumpy().dtype == dtype
    pairs = out.asnumpy().reshape(2, 3, 2, 5, 2)
    expected = np.fft.fft(data.astype("float64"))
    np.testing.assert_allclose(pairs[..., 0], expected.real, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(pairs[..., 1], expected.imag, rtol=tolerance, atol=tolerance)
    back = contrib.ifft(out).asnumpy() / 5
    np.testing.assert_allclose(back, data, rtol=tolerance, atol=tolerance)


def test_what_is_refused():
    ones = mx.nd.ones
    with pytest.raises(OperatorError, match=r"h is out of range 0 \.\. 3"):
        contrib.count_sketch(ones((2, 3)), ones((1, 3)) * 4, ones((1, 3)), out_dim=4)
    with pytest.raises(ParameterError, match="out_dim must be positive"):
        contrib.count_sketch(ones((2, 3)), ones((1, 3)), ones((1, 3)), out_dim=0)
    with pytest.raises(ShapeError, match="h:"):
        contrib.count_sketch(ones((2, 3)), ones((1, 4)), ones((1, 3)), out_dim=4)
    with pytest.raises(ShapeError, match="pairs of numbers"):
        contrib.ifft(ones((2, 3)))
    with pytest.raises(ShapeError, match=r"\(\.\.\., numbers\)"):
        contrib.fft(ones((3,)))
