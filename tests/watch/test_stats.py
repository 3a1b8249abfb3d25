"""Counts of parameters and operations, statistics of values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from workbench.watch.stats import count_flops, count_params, live, shape_of

CONV = {"kernel": "(3, 3)", "num_filter": "8"}


@pytest.mark.parametrize(
    ("op", "attrs", "data", "out", "flops", "params"),
    [
        ("Convolution", CONV, (2, 4, 5, 5), (2, 8, 3, 3), 144 * (2 * 36 + 1), 8 * 37),
        (
            "Convolution",
            {**CONV, "num_group": "4", "no_bias": "True"},
            (2, 4, 5, 5),
            (2, 8, 3, 3),
            144 * 18,
            72,
        ),
        (
            "Deconvolution",
            {"kernel": "(2, 2)", "num_filter": "6"},
            (1, 4, 5, 5),
            (1, 6, 6, 6),
            100 * 2 * 24,
            96,
        ),
        ("FullyConnected", {"num_hidden": "10"}, (2, 3, 4), (2, 10), 20 * 25, 130),
        (
            "FullyConnected",
            {"num_hidden": "10", "flatten": "False"},
            (2, 3, 4),
            (2, 3, 10),
            60 * 9,
            50,
        ),
        ("BatchNorm", {}, (2, 3, 4), (2, 3, 4), 96, 6),
        ("BatchNorm", {"fix_gamma": "True"}, (2, 3, 4), (2, 3, 4), 96, 3),
        ("LayerNorm", {}, (2, 3, 4), (2, 3, 4), 192, 8),
        ("Pooling", {"kernel": "(2, 2)"}, (1, 1, 4, 4), (1, 1, 2, 2), 16, 0),
        ("Pooling", {"global_pool": "True"}, (1, 1, 4, 4), (1, 1, 1, 1), 16, 0),
        ("dot", {}, (3, 4), (3, 5), 2 * 15 * 4, 0),
        ("Embedding", {"input_dim": "9", "output_dim": "4"}, (2, 3), (2, 3, 4), 0, 36),
        ("exp", {}, (2, 3), (2, 3), 6, 0),
        ("Flatten", {}, (2, 3, 4), (2, 12), 0, 0),
        ("softmax", {}, (2, 5), (2, 5), 50, 0),
    ],
)
def test_counts(op, attrs, data, out, flops, params):
    assert count_flops(op, attrs, [data], [out]) == flops
    assert count_params(op, attrs, data) == params


def test_lstm_counts_as_mxnet_lays_its_parameters_out():
    attrs = {"mode": "lstm", "state_size": "5", "num_layers": "2", "bidirectional": "True"}
    one = 2 * 4 * 5 * (3 + 5 + 2)
    two = 2 * 4 * 5 * (10 + 5 + 2)
    assert count_params("RNN", attrs, (7, 2, 3)) == one + two
    assert count_flops("RNN", attrs, [(7, 2, 3)], [(7, 2, 10)]) == 2 * 7 * 2 * (one + two)


def test_unknown_shapes_count_nothing():
    assert count_flops("Convolution", CONV, [None], [(1, 8, 3, 3)]) == 0
    assert count_flops("Convolution", CONV, [], [None]) == 0
    assert count_params("Convolution", CONV, None) == 0


@pytest.mark.parametrize(
    ("text", "shape"),
    [("(3, 3)", (3, 3)), ("[2,2]", (2, 2)), ("3", (3,)), ("", ()), (None, ()), ("x", ())],
)
def test_shapes_in_attributes(text, shape):
    assert shape_of(text) == shape


def test_live_values():
    out = live(np.array([[0.0, 3.0], [-4.0, 1.0]], dtype=np.float32), np.array([3.0, 4.0]))
    np.testing.assert_allclose(out, [0.0, np.std([0, 3, -4, 1]), 4.0, 0.25, 5.0], rtol=1e-6)
    assert out.dtype == np.float32


def test_live_values_show_what_is_not_finite():
    out = live(np.array([1.0, math.nan]))
    assert math.isnan(out[0])
    assert math.isnan(out[4])
    assert np.isinf(live(np.array([math.inf]))[2])
    assert np.isnan(live(np.empty(0))).all()
    assert live(np.array([True, False]))[3] == 0.5
