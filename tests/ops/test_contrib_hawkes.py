"""The likelihood of Hawkes processes, against its definition."""

import numpy as np
import pytest

import workbench as mx
from workbench.error import DTypeError, OperatorError, ShapeError


def call(lda, alpha, beta, state, lags, marks, valid_length, max_time):
    floats = (mx.nd.array(one) for one in (lda, alpha, beta, state, lags))
    rest = mx.nd.array(marks, dtype="int32"), mx.nd.array(valid_length), mx.nd.array(max_time)
    return [one.asnumpy() for one in mx.nd.contrib.hawkesll(*floats, *rest)]


def defined(lda, alpha, beta, state, times, marks, end):
    """Σ log rate - ∫ rate, and the states, for one sample."""
    total, last = 0.0, []
    for k in range(len(lda)):
        mine = times[marks == k]

        def excitement(t, k=k, mine=mine):
            before = mine[mine < t]
            return state[k] * np.exp(-beta[k] * t) + np.exp(-beta[k] * (t - before)).sum()

        rates = [lda[k] + alpha[k] * beta[k] * excitement(t) for t in mine]
        gone = state[k] * (1 - np.exp(-beta[k] * end)) + (1 - np.exp(-beta[k] * (end - mine))).sum()
        total += np.log(rates).sum() - lda[k] * end - alpha[k] * gone
        last.append(excitement(end))
    return total, last


def test_the_definition():
    rng = np.random.default_rng(0)
    lda, state = rng.uniform(0.2, 2, (3, 2)), rng.uniform(0, 1, (3, 2))
    alpha, beta = rng.uniform(0.1, 0.9, 2), rng.uniform(0.5, 2, 2)
    lags, marks, valid = rng.uniform(0.1, 1, (3, 6)), rng.integers(0, 2, (3, 6)), [6, 0, 4]
    likelihood, states = call(lda, alpha, beta, state, lags, marks, valid, [9.0] * 3)
    for i, n in enumerate(valid):
        times = lags[i, :n].cumsum()
        total, last = defined(lda[i], alpha, beta, state[i], times, marks[i, :n], 9.0)
        np.testing.assert_allclose(likelihood[i], total, rtol=1e-5)
        np.testing.assert_allclose(states[i], last, rtol=1e-4)


def test_without_excitement_it_is_a_poisson_process():
    likelihood, _ = call([[2.0]], [0.0], [1.0], [[0.0]], [[1, 2, 3]], [[0, 0, 0]], [3], [10])
    np.testing.assert_allclose(likelihood, 3 * np.log(2) - 20, rtol=1e-6)


def test_marks_behind_the_valid_points_do_not_matter():
    inside = call([[2.0]], [0.5], [1.0], [[0.0]], [[1, 2]], [[0, 0]], [1], [4])
    beyond = call([[2.0]], [0.5], [1.0], [[0.0]], [[1, 2]], [[0, 9]], [1], [4])
    for one, other in zip(inside, beyond, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(OperatorError, match=r"a mark is out of range 0 \.\. 0"):
        call([[2.0]], [0.5], [1.0], [[0.0]], [[1, 2]], [[0, 9]], [2], [4])


def test_shapes_and_dtypes_are_checked():
    with pytest.raises(ShapeError, match="alpha and beta"):
        call([[2.0]], [0.5, 1], [1.0], [[0.0]], [[1, 2]], [[0, 0]], [1], [4])
    with pytest.raises(ShapeError, match="lags and marks"):
        call([[2.0]], [0.5], [1.0], [[0.0]], [[1, 2]], [[0]], [1], [4])
    good = mx.nd.ones((1, 1)), mx.nd.ones(1)
    with pytest.raises(DTypeError, match="different dtypes, float32 and float64"):
        mx.nd.contrib.hawkesll(
            good[0], good[1], good[1].astype("float64"), good[0], good[0],
            mx.nd.zeros((1, 1), dtype="int32"), good[1], good[1],
        )  # fmt: skip
