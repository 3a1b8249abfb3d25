"""Draws by machine code are those of NumPy's way, number by number, and leave the same state."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.backend import streams
from workbench.backend.streams import Streams
from workbench.kernels import mersenne
from workbench.ops import get

from .prepared import is_prepared_for

pytestmark = pytest.mark.usefixtures("lanes")
COUNTS = (1, 3, 64, 65, 700, 5000, 100_001)


@pytest.fixture
def on_numpy(monkeypatch):
    """A function of a draw that runs it without machine code."""

    def run(draw):
        with monkeypatch.context() as patch:
            patch.setattr(streams, "draw_of", lambda *args: None)
            return draw()

    return run


@pytest.fixture(autouse=True)
def fresh(lanes):
    mersenne.draw_of.cache_clear()
    yield
    mersenne.draw_of.cache_clear()


def test_both_ways_may_take_turns(on_numpy):
    one, other = Streams(3), Streams(3)
    for n in COUNTS:
        for turn in range(3):
            for name in ("uniform", "normal"):
                expected = on_numpy(lambda name=name, n=n: getattr(one, name)(n))
                if turn == 1:  # the second stream, too, goes on by NumPy now and then
                    got = on_numpy(lambda name=name, n=n: getattr(other, name)(n))
                else:
                    got = getattr(other, name)(n)
                assert got.dtype == np.float32
                np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("keep", [0.5, 0.3, 0.999])
def test_dropout(on_numpy, keep):
    one, other = Streams(5), Streams(5)
    for n in COUNTS:
        data = np.random.default_rng(0).normal(size=n).astype("float32")
        expected = on_numpy(lambda data=data: one.dropped(data, keep))
        for got, value in zip(other.dropped(data, keep), expected, strict=True):
            np.testing.assert_array_equal(got, value)


def test_operators_are_prepared_for_the_usual_laws():
    assert is_prepared_for("_random_uniform", shape=(2, 3))
    assert is_prepared_for("_random_normal", shape=(2, 3), dtype="float32")
    assert not is_prepared_for("_random_normal", shape=(2, 3), scale=2.0)
    assert not is_prepared_for("_random_uniform", shape=(2, 3), dtype="float64")
    assert not is_prepared_for("_random_uniform", shape=(0, 3))


def test_an_operator_draws_what_its_body_draws():
    for name in ("_random_uniform", "_random_normal"):
        mx.random.seed(11)
        got = [getattr(mx.nd, name)(shape=(7, 30)).asnumpy() for _ in range(2)]
        rng = Streams(11)
        for one in got:
            expected = get(name).body(np, shape=(7, 30), rng=rng)
            np.testing.assert_array_equal(one, expected)


def test_dropout_of_an_array_that_is_not_contiguous():
    data = mx.nd.array(np.arange(60.0).reshape(6, 10))
    with mx.autograd.train_mode():
        mx.random.seed(2)
        expected = mx.nd.Dropout(data.T.copy())
        mx.random.seed(2)
        run = mx.nd.Dropout(mx.nd.transpose(data))
    np.testing.assert_array_equal(run.asnumpy(), expected.asnumpy())
