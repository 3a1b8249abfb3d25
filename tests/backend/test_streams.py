"""Draws against those of the real MXNet 1.9.1 (mxnet_draws.json, made by record_draws.py)."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from workbench.backend.streams import Streams
from workbench.error import DTypeError, ParameterError

RECORDED = json.loads(Path(__file__).with_name("mxnet_draws.json").read_text())
PROBABILITIES = np.array([[0.1, 0.2, 0.3, 0.4], [0.7, 0.0, 0.3, 0.0]], np.float32)
EXACT = {"uniform", "randint", "poisson", "negative_binomial", "generalized_negative_binomial"}
COUNTS = EXACT - {"uniform"}


def drawn(streams, draw):
    options = dict(draw["options"])
    dtype = options.pop("dtype", "float32")
    if draw["op"] not in COUNTS:
        options["dtype"] = dtype
    values = getattr(streams, draw["op"])(draw["n"], **options)
    assert values.shape == (draw["n"],)
    return values.astype(dtype) if draw["op"] != "randint" else values


@pytest.fixture(params=RECORDED, ids=lambda recorded: f"seed{recorded['seed']}")
def recorded(request):
    return request.param


def test_a_long_program_draws_what_mxnet_draws(recorded):
    streams = Streams(recorded["seed"])
    for draw in recorded["draws"]:
        got, expected = drawn(streams, draw)[draw["at"]], np.array(draw["values"])
        if draw["op"] in EXACT:
            np.testing.assert_array_equal(got, expected, err_msg=draw["op"])
        else:  # the C library's logarithm and power differ in the last place
            limit = {"float16": 1e-3, "float32": 5e-7, "float64": 2e-15}[got.dtype.name]
            np.testing.assert_allclose(got, expected, rtol=limit, err_msg=draw["op"])
    for dtype, mask in recorded["masks"].items():
        kept = streams.keep_mask((64, 128), 0.7, dtype)
        assert np.packbits(kept.reshape(-1)[-256:]).tobytes().hex() == mask


@pytest.mark.parametrize("form", ["all", "device"])
def test_multinomial_and_shuffle_have_an_engine_of_their_own(recorded, form):
    streams = Streams(5)
    streams.seed(recorded["seed"], device_form=form == "device")
    streams.uniform(100)
    expected = recorded[form]
    assert streams.multinomial(PROBABILITIES, 20).tolist() == expected["multinomial"]
    assert streams.shuffle_permutation(3000)[-40:].tolist() == expected["shuffle"]


def test_seeding_starts_all_over_again():
    streams = Streams(3)
    first = streams.normal(1000), streams.shuffle_permutation(10)
    streams.seed(3)
    np.testing.assert_array_equal(streams.normal(1000), first[0])
    np.testing.assert_array_equal(streams.shuffle_permutation(10), first[1])


def test_a_seed_of_127_times_as_much_gives_the_engine_of_the_device_form():
    streams = Streams(3)
    streams.seed(3 * 127, device_form=True)
    assert streams.shuffle_permutation(50).tolist() == Streams(3).shuffle_permutation(50).tolist()


@pytest.mark.parametrize("keep", [0.0, 1e-12, 0.3, 0.5, 0.7, np.nextafter(np.float32(1), 0), 1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_mask_is_where_a_uniform_draw_is_below_keep(keep, dtype):
    mask = Streams(1).keep_mask(5000, float(keep), dtype)
    np.testing.assert_array_equal(mask, Streams(1).uniform(5000, dtype) < np.float32(keep))


def test_the_mask_moves_the_streams_on_even_when_all_is_kept():
    streams, other = Streams(1), Streams(1)
    assert streams.keep_mask((10, 10), 1.0).all()
    other.uniform(100)
    assert streams.uniform(1) == other.uniform(1)


def test_parameters_may_differ_from_value_to_value():
    rates = np.array([0.5, 30.0, 3.0, 100.0] * 40, np.float32)
    counts = Streams(4).poisson(len(rates), rates)
    means = counts.reshape(-1, 4).mean(axis=0)
    np.testing.assert_allclose(means, [0.5, 30, 3, 100], rtol=0.3)
    shapes = np.array([0.3, 8.0] * 500)
    draws = Streams(4).gamma(1000, shapes, dtype="float64").reshape(-1, 2).mean(axis=0)
    np.testing.assert_allclose(draws, [0.3, 8], rtol=0.2)
    mixed = Streams(4).generalized_negative_binomial(400, 2.0, np.array([0.0, 0.5] * 200))
    np.testing.assert_allclose(mixed.reshape(-1, 2).var(axis=0), [2, 4], rtol=0.5)


@pytest.mark.parametrize(
    ("draw", "mean", "variance"),
    [
        (lambda s, n: s.uniform(n), 0.5, 1 / 12),
        (lambda s, n: s.normal(n), 0, 1),
        (lambda s, n: s.normal(n, "float64"), 0, 1),
        (lambda s, n: s.exponential(n), 1, 1),
        (lambda s, n: s.randint(n, -10, 11), 0, 110 / 3),
        (lambda s, n: s.gamma(n, 0.5, 2.0), 1, 2),
        (lambda s, n: s.poisson(n, 20.0), 20, 20),
        (lambda s, n: s.negative_binomial(n, 3.0, 0.4), 4.5, 11.25),
    ],
)
def test_laws(draw, mean, variance):
    values = draw(Streams(11), 20000).astype(np.float64)
    assert abs(values.mean() - mean) < 6 * np.sqrt(variance / 20000)
    assert abs(values.var() - variance) < 0.15 * variance


@pytest.mark.parametrize("name", ["uniform", "normal", "exponential"])
def test_nothing_drawn_is_an_empty_array(name):
    for dtype, given in (("float32", "float32"), ("float64", "float64"), ("float16", "float64")):
        values = getattr(Streams(), name)(0, dtype)
        assert values.shape == (0,)
        assert values.dtype == given
    assert Streams().keep_mask((0, 4), 0.5).shape == (0, 4)
    assert Streams().shuffle_permutation(0).tolist() == []
    assert Streams().shuffle_permutation(1).tolist() == [0]
    assert Streams().multinomial(PROBABILITIES, 0).shape == (2, 0)
    assert Streams().gamma(0, 1.0).shape == (0,)


@pytest.mark.parametrize(
    "call",
    [
        lambda s: s.randint(3, 5, 5),
        lambda s: s.gamma(3, 0.0),
        lambda s: s.gamma(3, 1.0, float("nan")),
        lambda s: s.poisson(3, -1.0),
        lambda s: s.negative_binomial(3, 1.0, 1.5),
        lambda s: s.generalized_negative_binomial(3, -2.0, 0.1),
        lambda s: s.multinomial(np.ones((2, 0)), 3),
    ],
)
def test_parameters_outside_their_range_are_refused(call):
    with pytest.raises(ParameterError, match="fix: Give"):
        call(Streams())


def test_a_dtype_without_sampler_is_refused():
    with pytest.raises(DTypeError, match="no sampler for dtype int32"):
        Streams().uniform(3, "int32")


def test_threads_never_get_the_same_words():
    streams, parts = Streams(2), []
    threads = [
        threading.Thread(target=lambda: parts.extend(streams.uniform(50) for _ in range(40)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = np.sort(np.concatenate(parts))
    alone = Streams(2)
    np.testing.assert_array_equal(
        together, np.sort(np.concatenate([alone.uniform(50) for _ in range(160)]))
    )
