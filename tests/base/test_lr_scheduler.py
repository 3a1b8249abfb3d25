"""Learning-rate schedules against their formulas."""

from __future__ import annotations

import logging
import math

import pytest

from workbench import lr_scheduler as lr


def test_factor_follows_its_formula_and_stops():
    schedule = lr.FactorScheduler(step=2, factor=0.1, stop_factor_lr=1e-3, base_lr=1.0)
    for update in range(1, 12):
        expected = max(0.1 ** ((update - 1) // 2), 1e-3)
        assert schedule(update) == pytest.approx(expected)


def test_multifactor_changes_after_each_number():
    schedule = lr.MultiFactorScheduler([1, 3], 0.1, base_lr=1.0)
    assert [schedule(n) for n in range(6)] == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda **k: lr.PolyScheduler(10, pwr=3, **k), lambda x: (1 - x) ** 3),
        (lambda **k: lr.CosineScheduler(10, **k), lambda x: (1 + math.cos(math.pi * x)) / 2),
    ],
)
def test_decay_to_a_final_rate_after_warm_up(make, shape):
    schedule = make(base_lr=0.8, final_lr=0.2, warmup_steps=4, warmup_begin_lr=0.4)
    assert [schedule(n) for n in range(4)] == pytest.approx([0.4, 0.5, 0.6, 0.7])
    assert [schedule(n) for n in range(4, 11)] == pytest.approx(
        [0.2 + 0.6 * shape((n - 4) / 6) for n in range(4, 11)]
    )
    assert schedule(50) == pytest.approx(0.2)


def test_constant_warm_up():
    schedule = lr.FactorScheduler(
        100, base_lr=1.0, warmup_steps=3, warmup_begin_lr=0.1, warmup_mode="constant"
    )
    assert [schedule(n) for n in range(4)] == [0.1, 0.1, 0.1, 1.0]


def test_changes_are_logged_in_mxnets_words(caplog):
    schedule = lr.FactorScheduler(1, 0.1, 1e-2, base_lr=0.5)
    with caplog.at_level(logging.INFO):
        schedule(3)
    assert caplog.messages == [
        "Update[3]: Change learning rate to 5.00000e-02",
        "Update[3]: now learning rate arrived at 1.00000e-02, will not change in the future",
    ]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: lr.FactorScheduler(0), "greater or equal than 1"),
        (lambda: lr.FactorScheduler(2, factor=2), "no more than 1"),
        (lambda: lr.MultiFactorScheduler([]), "at least one"),
        (lambda: lr.MultiFactorScheduler(5), "at least one"),
        (lambda: lr.MultiFactorScheduler([3, 2]), "increasing"),
        (lambda: lr.MultiFactorScheduler([0]), "greater or equal than 1"),
        (lambda: lr.MultiFactorScheduler([1], factor=2), "no more than 1"),
        (lambda: lr.PolyScheduler(0), "strictly positive"),
        (lambda: lr.CosineScheduler(1.5), "strictly positive"),
        (lambda: lr.LRScheduler(0.1, 1, 2), "higher than warmup_begin_lr"),
        (lambda: lr.LRScheduler(0.1, -1), "positive or 0"),
        (lambda: lr.LRScheduler(0.1, 1.5), "positive or 0"),
        (lambda: lr.LRScheduler(0.1, 5, 0.01, "x"), "linear and constant"),
    ],
)
def test_wrong_arguments(make, text):
    with pytest.raises(ValueError, match=text):
        make()
