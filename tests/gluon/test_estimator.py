"""``gluon.contrib.estimator``: runs, their events, and what is refused."""

from __future__ import annotations

import logging
import math
import re

import pytest

import workbench as mx
from workbench import nd
from workbench.gluon import Trainer, data, loss, nn
from workbench.gluon.contrib.estimator import (
    BatchBegin,
    BatchEnd,
    BatchProcessor,
    CheckpointHandler,
    EarlyStoppingHandler,
    EpochBegin,
    EpochEnd,
    Estimator,
    LoggingHandler,
    MetricHandler,
    TrainBegin,
    TrainEnd,
    ValidationHandler,
)

SAMPLES, BATCH = 12, 4


def network():
    net = nn.HybridSequential()
    net.add(nn.Dense(4, activation="relu"), nn.Dense(2))
    return net


def loader(samples=SAMPLES):
    mx.random.seed(1)
    x = nd.random.normal(shape=(samples, 3))
    return data.DataLoader(data.ArrayDataset(x, (x.sum(axis=1) > 0)), batch_size=BATCH)


def estimator(net=None, **options):
    net = network() if net is None else net
    net.initialize(mx.init.Xavier(), force_reinit=True)
    options.setdefault("trainer", Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5}))
    made = Estimator(net, loss.SoftmaxCrossEntropyLoss(), **options)
    made.logger.handlers.clear()  # quiet
    return made


class Listener(TrainBegin, EpochBegin, BatchBegin, BatchEnd, EpochEnd, TrainEnd):
    """Writes down which events there were."""

    def __init__(self, stop=None):
        self.heard, self.stop = [], stop

    def train_begin(self, estimator, *args, **kwargs):
        self.heard.append("train{")

    def epoch_begin(self, estimator, *args, **kwargs):
        self.heard.append("epoch{")

    def batch_begin(self, estimator, *args, **kwargs):
        self.heard.append("(")

    def batch_end(self, estimator, *args, **kwargs):
        self.heard.append(")")
        assert kwargs["pred"][0].shape == (kwargs["label"][0].shape[0], 2)
        return self.heard.count(")") == self.stop

    def epoch_end(self, estimator, *args, **kwargs):
        self.heard.append("}")
        return self.heard.count(")") == self.stop

    def train_end(self, estimator, *args, **kwargs):
        self.heard.append("}train")


def events(stop=None, **length):
    listener = Listener(stop)
    estimator().fit(loader(), event_handlers=[listener], **length)
    return "".join(listener.heard)


def test_events_come_in_their_order():
    epoch = "epoch{()()()}"
    assert events(epochs=2) == "train{" + 2 * epoch + "}train"
    assert events(batches=4) == "train{" + epoch + "epoch{()}" + "}train"
    assert events(stop=2, epochs=2) == "train{" + "epoch{()()}" + "}train"


def test_a_run_learns_and_measures():
    run = estimator(val_metrics=[mx.metric.Accuracy(name="share")])
    assert [metric.name for metric in run.train_metrics] == [
        "training accuracy",
        "training softmaxcrossentropyloss",
    ]
    assert [metric.name for metric in run.val_metrics] == ["validation share"]
    run.fit(loader(), val_data=loader(), epochs=20)
    assert run.train_metrics[0].get()[1] > 0.9
    assert run.val_metrics[0].get()[1] > 0.9


def test_without_a_trainer_there_is_sgd_with_a_warning():
    with pytest.warns(UserWarning, match="No trainer specified"):
        run = Estimator(network(), loss.L2Loss())
    assert run.trainer.learning_rate == 0.001
    assert [metric.name for metric in run.train_metrics] == ["training l2loss"]
    with pytest.warns(UserWarning, match="already fully initialized"):
        Estimator(run.net, loss.L2Loss(), trainer=run.trainer, initializer=mx.init.One())


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "mse"},
        {"val_loss": "mse"},
        {"train_metrics": "acc"},
        {"trainer": "sgd"},
        {"context": "cpu"},
        {"batch_processor": object()},
    ],
)
def test_what_is_none_of_its_kind_is_refused(options):
    net = network()
    net.initialize()
    trainer = Trainer(net.collect_params(), "sgd")
    with pytest.raises(ValueError, match=r"must (be|contain)"):
        Estimator(**{"net": net, "loss": loss.L2Loss(), "trainer": trainer, **options})


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(AssertionError, match="not available"):
        Estimator(network(), loss.L2Loss(), context=[mx.gpu(100)])


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"epochs": 1, "batches": 1}, "one and only one"),
        ({}, "one and only one"),
        ({"epochs": 1, "event_handlers": [print]}, "EventHandler"),
        ({"epochs": 1, "event_handlers": [LoggingHandler(metrics=mx.metric.MSE())]}, "outside"),
        ({"epochs": 1, "train_data": [nd.ones((2, 3))]}, "DataLoader"),
    ],
)
def test_runs_that_cannot_be_are_refused(given, match):
    with pytest.raises(ValueError, match=match):
        estimator().fit(**{"train_data": loader(), **given})


def test_what_a_run_writes():
    run, lines = estimator(train_metrics=mx.metric.Accuracy()), []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())
    run.logger.addHandler(handler)
    log = LoggingHandler(log_interval=2, metrics=run.train_metrics)
    run.fit(loader(), val_data=loader(), epochs=1, event_handlers=log)
    text = re.sub(r"\d+\.\d+", "#", "\n".join(lines))
    assert text.split("\n") == [
        "Training begin: using optimizer SGD with current learning rate # ",
        "Train for 1 epochs.",
        "[Epoch 0] Begin, current learning rate: #",
        "[Epoch 0][Batch 0][Samples 4] time/interval: #s training accuracy: #",
        "[Epoch 0][Batch 2][Samples 12] time/interval: #s training accuracy: #",
        "Validation Begin",
        "[Epoch 0] Finished in #s, validation accuracy: #",
        "[Epoch 0] Finished in #s, training accuracy: #",
        "Train finished using total 0s with 1 epochs. training accuracy: #",
    ]
    with pytest.raises(ValueError, match="log_interval"):
        LoggingHandler(log_interval="batch")


def test_validation_when_it_is_time():
    run, calls = estimator(), []
    validation = ValidationHandler(
        loader(), lambda **kwargs: calls.append(kwargs), epoch_period=2, batch_period=3
    )
    run.fit(loader(), epochs=3, event_handlers=[validation])
    assert len(calls) == 1 + 3
    assert calls[0]["batch_axis"] == 0


class Constant(EpochEnd):
    """Sets a metric to the next of given values, before others look at it."""

    priority = -1

    def __init__(self, metric, values):
        self.metric_of, self.values = [metric], iter(values)

    def epoch_end(self, estimator, *args, **kwargs):
        self.metric_of[0].sum_metric, self.metric_of[0].num_inst = next(self.values), 1


@pytest.mark.parametrize(
    ("mode", "values", "options", "epochs"),
    [
        ("min", [3, 2, 2, 1], {}, 3),
        ("min", [3, 2, 2, 1], {"patience": 2}, 4),
        ("max", [1, 2, 2.5, 4], {"min_delta": 1}, 2),
        ("max", [1, 2, 2.5, 4], {"baseline": 1.5}, 1),
    ],
)
def test_a_run_that_gets_no_better_ends(mode, values, options, epochs):
    run = estimator(train_metrics=mx.metric.Accuracy())
    metric = run.train_metrics[0]
    stopping = EarlyStoppingHandler(metric, mode=mode, **options)
    run.fit(loader(), epochs=4, event_handlers=[stopping, Constant(metric, values)])
    assert stopping.current_epoch == epochs


def test_what_is_better_follows_from_the_name():
    with pytest.warns(UserWarning, match="`greater`"):
        assert EarlyStoppingHandler(mx.metric.Accuracy()).best == -math.inf
    with pytest.warns(UserWarning, match="`less`"):
        assert EarlyStoppingHandler(mx.metric.MSE()).best == math.inf
    with (
        pytest.warns(RuntimeWarning, match="unknown"),
        pytest.warns(UserWarning, match="`less`"),
    ):
        EarlyStoppingHandler(mx.metric.MSE(), mode="other")
    with pytest.raises(ValueError, match="monitor"):
        EarlyStoppingHandler("acc")
    with pytest.raises(ValueError, match="Composite"):
        EarlyStoppingHandler(mx.metric.CompositeEvalMetric())


def test_a_metric_that_nobody_updates_is_warned_of():
    run = estimator()
    stopping = EarlyStoppingHandler(run.val_metrics[0], mode="max")
    with pytest.warns(RuntimeWarning, match="not updated"):
        run.fit(loader(), epochs=1, event_handlers=[stopping])


def test_checkpoints_are_kept_and_gone_on_from(tmp_path):
    run = estimator()
    run.net.hybridize()
    options = {"model_dir": str(tmp_path / "models"), "model_prefix": "net", "max_checkpoints": 2}
    best = {"monitor": run.train_metrics[0], "save_best": True, "mode": "max", "verbose": 1}
    run.fit(loader(), epochs=3, event_handlers=[CheckpointHandler(**options, **best)])
    names = {path.name for path in (tmp_path / "models").iterdir()}
    steps = ("net-best", "net-epoch1batch6", "net-epoch2batch9")
    files = {f"{step}.{ending}" for step in steps for ending in ("params", "states")}
    assert names == files | {"net-symbol.json"}
    resumed = estimator()
    handler = CheckpointHandler(**options, resume_from_checkpoint=True)
    resumed.fit(loader(), epochs=5, event_handlers=[handler])
    assert resumed.max_epoch == 2
    assert handler.saved_checkpoints[-1].startswith("net-epoch4")
    with pytest.raises(ValueError, match="maximum number of epoch"):
        resumed.fit(loader(), epochs=4, event_handlers=[handler])
    with pytest.raises(AssertionError, match="counted in"):
        resumed.fit(loader(), batches=4, event_handlers=[handler])
    with pytest.raises(ValueError, match="save best"):
        CheckpointHandler(**options, save_best=True)


def test_a_run_without_checkpoints_begins_at_the_start(tmp_path):
    run = estimator()
    handler = CheckpointHandler(
        str(tmp_path), epoch_period=None, batch_period=2, resume_from_checkpoint=True
    )
    run.fit(loader(), batches=4, event_handlers=[handler])
    assert run.max_batch == 4
    assert len(handler.saved_checkpoints) == 2


def test_batches_are_processed_as_one_likes():
    class Twice(BatchProcessor):
        def fit_batch(self, estimator, train_batch, batch_axis=0):
            super().fit_batch(estimator, train_batch, batch_axis)
            return super().fit_batch(estimator, train_batch, batch_axis)

    class Heard(MetricHandler):
        calls = 0

        def batch_end(self, estimator, *args, **kwargs):
            Heard.calls += 1

    run = estimator(batch_processor=Twice())
    run.fit(loader(), batches=2, event_handlers=[Heard(run.train_metrics)])
    assert Heard.calls == 2


def test_another_network_may_be_evaluated():
    net = network()
    net.initialize()
    run = estimator(net, val_net=net[:1], val_loss=loss.L2Loss(), val_metrics=mx.metric.Loss())
    run.evaluate(data.DataLoader(data.ArrayDataset(nd.ones((4, 3)), nd.ones((4, 4))), batch_size=2))
    assert run.val_metrics[0].num_inst == 4
