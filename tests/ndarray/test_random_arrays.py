"""Samples by arrays of parameters, as recorded from MXNet 1.9.1 or by their laws."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.error import DrawError, ParameterError

random = mx.nd.random


def test_each_element_of_the_parameters_has_its_own_draws():
    """With the default seed, MXNet 1.9.1 gives these numbers."""
    mx.random.seed(42)
    out = mx.nd.sample_uniform(mx.nd.array([0.0, 2.5]), mx.nd.array([1.0, 3.7]), shape=5)
    mx.random.seed(42)
    plain = random.uniform(shape=(10,)).asnumpy().reshape(2, 5)
    np.testing.assert_allclose(out.asnumpy()[0], plain[0])
    np.testing.assert_allclose(out.asnumpy()[1], plain[1] * 1.2 + 2.5, rtol=1e-6)


MEANS = {
    "uniform": ((-1.0, 3.0), lambda a, b: (a + b) / 2),
    "normal": ((2.0, 0.5), lambda a, b: a),
    "gamma": ((2.0, 3.0), lambda a, b: a * b),
    "exponential": ((4.0,), lambda a: a),
    "poisson": ((5.0,), lambda a: a),
    "negative_binomial": ((6.0, 0.4), lambda k, p: k * (1 - p) / p),
    "generalized_negative_binomial": ((3.0, 0.5), lambda a, b: a),
}


@pytest.mark.parametrize("name", MEANS)
def test_means_are_those_of_the_laws(name):
    numbers, mean = MEANS[name]
    mx.random.seed(7)
    arrays = [mx.nd.full((2, 2), n) for n in numbers]
    out = getattr(random, name)(*arrays, shape=(4000,))
    assert out.shape == (2, 2, 4000)
    spread = out.asnumpy().std(axis=-1) / np.sqrt(4000)
    assert (np.abs(out.asnumpy().mean(axis=-1) - mean(*numbers)) < 5 * spread).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", MEANS)
def test_shape_and_dtype_of_another_array(name, dtype):
    like = getattr(random, f"{name}_like")(mx.nd.zeros((3, 2), dtype=dtype))
    assert like.shape == (3, 2)
    assert like.dtype == np.dtype(dtype)
    assert len(np.unique(like.asnumpy())) > 1 or name.endswith("binomial")


def test_dtypes_of_draws():
    low, high = mx.nd.zeros((2,), dtype="float64"), mx.nd.ones((2,), dtype="float64")
    assert random.uniform(low, high).dtype == np.float64
    assert random.uniform(low, high, dtype="float16").dtype == np.float16
    assert random.uniform(low, high).shape == (2,)


def test_numbers_and_arrays_do_not_mix():
    with pytest.raises(ParameterError, match="all numbers or all NDArrays"):
        random.uniform(mx.nd.zeros((2,)), 1)


def test_densities_integrate_to_one():
    grid = mx.nd.array(np.linspace(-8, 8, 4001)[None], dtype="float64")
    mu, sigma = mx.nd.array([0.5], dtype="float64"), mx.nd.array([1.5], dtype="float64")
    density = mx.nd.random_pdf_normal(grid, mu, sigma)
    assert float(density.sum().asscalar()) * 16 / 4000 == pytest.approx(1, abs=1e-4)
    log = random.pdf_normal(grid, mu, sigma, is_log=True)
    np.testing.assert_allclose(np.exp(log.asnumpy()), density.asnumpy())


@pytest.mark.parametrize(
    "draw",
    [
        lambda: random.normal(0, -1, (2, 2)),
        lambda: random.uniform(3, 1, (2, 2)),
        lambda: random.exponential(-1, (2, 2)),
        lambda: random.gamma(-1, 1, (2, 2)),
        lambda: random.poisson(-1, (2, 2)),
        lambda: random.negative_binomial(-1, 0.5, (2, 2)),
        lambda: random.randint(5, 1, (2, 2)),
    ],
)
def test_a_law_that_does_not_exist_is_refused_where_its_numbers_are_read(draw):
    """As in MXNet 1.9.1, so that a program that never reads them runs on."""
    ones, before = mx.nd.ones((2, 2)), random.uniform(shape=1)
    with pytest.raises(DrawError):
        draw().asnumpy()
    spoilt = draw()  # the second call of the same function takes another way
    later = mx.nd.dot(ones, spoilt.astype("float32")).copyto(mx.cpu(0)) + 1
    assert later.shape == (2, 2)
    with pytest.raises(DrawError, match="is") as caught:
        later.asnumpy()
    assert "test_random_arrays.py" in str(caught.value.__cause__)
    assert before.asscalar() < 1
    mx.nd.waitall()


def test_a_law_that_does_not_exist_is_refused_at_once_in_naive_mode():
    with mx.engine.naive(), pytest.raises(DrawError, match="scale"):
        random.normal(0, -1, (2, 2))
