"""Callbacks: the texts that people's log readers expect."""

from __future__ import annotations

import logging
import re
from types import SimpleNamespace

import pytest

from workbench import callback


class Metric:
    def __init__(self, **values):
        self.values = values
        self.resets = 0

    def get_name_value(self):
        return list(self.values.items())

    def reset_local(self):
        self.resets += 1


def param(nbatch, metric=None, epoch=0):
    return SimpleNamespace(epoch=epoch, nbatch=nbatch, eval_metric=metric, locals=None)


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO)
    return lambda: [
        re.sub(r"\d+\.\d\d samples|inf samples", "N samples", m) for m in caplog.messages
    ]


def test_speedometer(lines):
    metric = Metric(accuracy=0.5, loss=1.25)
    speed = callback.Speedometer(32, frequent=2)
    for batch in range(5):
        speed(param(batch, metric))
    assert lines() == [
        "Epoch[0] Batch [0-2]\tSpeed: N samples/sec\taccuracy=0.500000\tloss=1.250000",
        "Epoch[0] Batch [2-4]\tSpeed: N samples/sec\taccuracy=0.500000\tloss=1.250000",
    ]
    assert metric.resets == 2


def test_speedometer_that_keeps_the_metric_running(lines):
    metric = Metric(accuracy=0.5)
    speed = callback.Speedometer(32, frequent=2, auto_reset=False)
    for batch in range(5):
        speed(param(batch, metric))
    assert [line.partition("\t")[0] for line in lines()] == [
        "Epoch[0] Batch [0-2]",
        "Epoch[0] Batch [0-4]",
    ]
    assert metric.resets == 0


def test_speedometer_without_a_metric_and_over_two_epochs(lines):
    speed = callback.Speedometer(32, frequent=2)
    for epoch in range(2):
        for batch in range(3):
            speed(param(batch, epoch=epoch))
    assert lines() == [
        "Iter[0] Batch [2]\tSpeed: N samples/sec",
        "Iter[1] Batch [2]\tSpeed: N samples/sec",
    ]


def test_log_train_metric(lines):
    metric = Metric(accuracy=0.5)
    log = callback.log_train_metric(2, auto_reset=True)
    for batch in range(4):
        log(param(batch, metric, epoch=3))
    log(param(4))
    assert lines() == [f"Iter[3] Batch[{n}] Train-accuracy=0.500000" for n in (0, 2)]
    assert metric.resets == 2


def test_progress_bar(lines):
    bar = callback.ProgressBar(total=10, length=20)
    for batch in (0, 5, 10):
        bar(param(batch))
    assert lines() == [
        "[--------------------] 0%\r",
        "[==========----------] 50%\r",
        "[====================] 100%\r",
    ]


def test_validation_metrics(lines):
    callback.LogValidationMetricsCallback()(param(0, Metric(accuracy=0.5, loss=2), epoch=3))
    assert lines() == ["Epoch[3] Validation-accuracy=0.500000", "Epoch[3] Validation-loss=2.000000"]


def test_module_checkpoint_every_other_epoch():
    calls = []
    module = SimpleNamespace(save_checkpoint=lambda *args: calls.append(args))
    save = callback.module_checkpoint(module, "p", period=2, save_optimizer_states=True)
    for epoch in range(5):
        save(epoch)
    assert calls == [("p", 2, True), ("p", 4, True)]


def test_do_checkpoint_counts_from_one(monkeypatch):
    from workbench import model

    calls = []
    monkeypatch.setattr(
        model, "save_checkpoint", lambda *args: calls.append(args[:2]), raising=False
    )
    save = callback.do_checkpoint("p", period=2)
    for epoch in range(4):
        save(epoch, None, {}, {})
    assert calls == [("p", 2), ("p", 4)]
