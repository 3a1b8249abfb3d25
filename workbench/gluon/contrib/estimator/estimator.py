"""A training loop for Gluon networks: what happens in it is up to event handlers."""

from __future__ import annotations

import copy
import logging
import sys
import warnings
from typing import Any

from ....context import Context, cpu, gpu, num_gpus
from ....metric import Loss as LossMetric
from ...data import DataLoader
from ...loss import Loss
from ...trainer import Trainer
from .batch_processor import BatchProcessor
from .event_handler import (
    BatchBegin,
    BatchEnd,
    EpochBegin,
    EpochEnd,
    GradientUpdateHandler,
    LoggingHandler,
    MetricHandler,
    StoppingHandler,
    TrainBegin,
    TrainEnd,
    ValidationHandler,
)
from .events import check_handlers
from .utils import check_known_metrics, check_metrics, metric_for

__all__ = ["Estimator"]


class Estimator:
    """Trains and evaluates a network.

    Parameters
    ----------
    net : Block
    loss : gluon.loss.Loss
    train_metrics, val_metrics : EvalMetric or list of EvalMetric, optional
        accuracy where the loss is a cross entropy, and the mean of the loss, without them; their
        names get ``training`` and ``validation`` before them
    initializer : Initializer, optional
        for parameters that are not initialized
    trainer : Trainer, optional
        SGD with learning rate 0.001 without it, with a warning
    context : Context or list of Context, optional
        devices; the first GPU, else the CPU
    val_net, val_loss : optional
        for evaluation, where they are others
    batch_processor : BatchProcessor, optional
        what is done with one batch

    Raises
    ------
    ValueError
        A loss, metric, trainer, context or batch processor that is none.
    AssertionError
        A device that is not there.
    """

    #: where the handlers write; to the standard output at first
    logger: logging.Logger

    def __init__(
        self,
        net: Any,
        loss: Any,
        train_metrics: Any = None,
        val_metrics: Any = None,
        initializer: Any = None,
        trainer: Any = None,
        context: Any = None,
        val_net: Any = None,
        val_loss: Any = None,
        batch_processor: Any = None,
    ) -> None:
        self.net, self.loss = net, _checked_loss(loss)
        self.val_net = net if val_net is None else val_net
        self.val_loss = self.loss if val_loss is None else _checked_loss(val_loss)
        self._train_metrics = check_metrics(train_metrics)
        self._val_metrics = check_metrics(val_metrics)
        self._name_metrics()
        self.logger = logging.Logger("Estimator", logging.INFO)
        self.logger.addHandler(logging.StreamHandler(sys.stdout))
        self.context = _checked_context(context)
        self._initialize(initializer)
        self.trainer = self._checked_trainer(trainer)
        for method in ("fit_batch", "evaluate_batch"):
            if batch_processor is not None and not callable(getattr(batch_processor, method, None)):
                raise ValueError(
                    "Customized Batch Processor must contain fit_batch() and evaluate_batch() "
                    "methods"
                )
        self.batch_processor = BatchProcessor() if batch_processor is None else batch_processor
        self.max_epoch: int | None = None
        self.max_batch: int | None = None
        self.batch_axis = 0

    @property
    def train_metrics(self) -> list[Any]:
        """Metrics of the training data."""
        return self._train_metrics

    @property
    def val_metrics(self) -> list[Any]:
        """Metrics of the validation data."""
        return self._val_metrics

    def _name_metrics(self) -> None:
        """Add the default metrics, and say in all names which data they are of."""
        if not self._train_metrics:
            suggested = metric_for(self.loss)
            self._train_metrics = [] if suggested is None else [suggested]
            self._train_metrics.append(LossMetric(self.loss.name.rstrip("0123456789")))
        for metric in self._train_metrics:
            metric.name = f"training {metric.name}"
        if not self._val_metrics:
            self._val_metrics = [copy.deepcopy(metric) for metric in self._train_metrics]
        for metric in self._val_metrics:
            if "training" in metric.name:
                metric.name = metric.name.replace("training", "validation")
            else:
                metric.name = f"validation {metric.name}"

    def _initialize(self, initializer: Any) -> None:
        if not _is_initialized(self.net):
            options = {"init": initializer} if initializer else {}
            self.net.initialize(ctx=self.context, **options)
        elif initializer:
            warnings.warn(
                "Network already fully initialized, skipping initialization. You don't need to "
                "pass initializer if you already initialized your net. You can use "
                "net.initialize(init=your_initializer, force_reinit=True) to force "
                "re-initialize.",
                stacklevel=3,
            )

    def _checked_trainer(self, trainer: Any) -> Trainer:
        if not trainer:
            warnings.warn(
                "No trainer specified, default SGD optimizer with learning rate 0.001 is used.",
                stacklevel=3,
            )
            return Trainer(self.net.collect_params(), "sgd", {"learning_rate": 0.001})
        if not isinstance(trainer, Trainer):
            raise ValueError(
                f"Trainer must be a Gluon Trainer instance, refer to gluon.Trainer:{trainer}"
            )
        return trainer

    # ---- loops ----------------------------------------------------------------------------

    def evaluate(self, val_data: Any, batch_axis: int = 0, event_handlers: Any = None) -> None:
        """Run over *val_data* and update ``val_metrics``.

        Parameters
        ----------
        val_data : DataLoader
        batch_axis : int
            along which a batch is cut for several devices
        event_handlers : EventHandler or list of EventHandler, optional
            a MetricHandler and a LoggingHandler are added where there is none
        """
        _check_loader(val_data)
        for metric in self.val_metrics:
            metric.reset()
        handlers = self._prepare_default_validation_handlers(event_handlers)
        _, epoch_begin, batch_begin, batch_end, epoch_end, _ = self._categorize_handlers(handlers)
        for one in epoch_begin:
            one.epoch_begin(self)
        for batch in val_data:
            for one in batch_begin:
                one.batch_begin(self, batch=batch)
            _, label, pred, loss = self.batch_processor.evaluate_batch(self, batch, batch_axis)
            for one in batch_end:
                one.batch_end(self, batch=batch, pred=pred, label=label, loss=loss)
        for one in epoch_end:
            one.epoch_end(self)

    def fit(
        self,
        train_data: Any,
        val_data: Any = None,
        epochs: int | None = None,
        event_handlers: Any = None,
        batches: int | None = None,
        batch_axis: int = 0,
    ) -> None:
        """Train for *epochs*, or for a number of *batches*.

        Parameters
        ----------
        train_data, val_data : DataLoader
        epochs, batches : int
            one of them
        event_handlers : EventHandler or list of EventHandler, optional
            handlers that stop, step, measure, validate (with *val_data*) and log are added where
            there are none
        batch_axis : int
            along which a batch is cut for several devices

        Raises
        ------
        ValueError
            Data that are no DataLoader; both or none of *epochs* and *batches*; a handler of
            metrics that are not the Estimator's.
        """
        _check_loader(train_data)
        if (not epochs) == (not batches):
            raise ValueError(
                "Fit only support exactly one type of iteration, train by number of epochs or "
                "number of batches. Please specify one and only one of: epochs or batches."
            )
        self.max_epoch, self.max_batch, self.batch_axis = epochs, batches, batch_axis
        handlers = self._prepare_default_handlers(val_data, event_handlers)
        events = self._categorize_handlers(handlers)
        train_begin, *_, train_end = events
        for one in train_begin:
            one.train_begin(self)
        while not self._fit_epoch(train_data, batch_axis, events):
            pass
        for one in train_end:
            one.train_end(self)

    def _fit_epoch(self, train_data: Any, batch_axis: int, events: Any) -> bool:
        """One epoch; True when a handler wants the run to end."""
        _, epoch_begin, batch_begin, batch_end, epoch_end, _ = events
        for one in epoch_begin:
            one.epoch_begin(self)
        for batch in train_data:
            for one in batch_begin:
                one.batch_begin(self, batch=batch)
            _, label, pred, loss = self.batch_processor.fit_batch(self, batch, batch_axis)
            stop = [
                one.batch_end(self, batch=batch, pred=pred, label=label, loss=loss)
                for one in batch_end
            ]
            if any(stop):
                break
        return any([one.epoch_end(self) for one in epoch_end])

    # ---- handlers -------------------------------------------------------------------------

    def _prepare_default_handlers(self, val_data: Any, event_handlers: Any) -> list[Any]:
        defaults: list[Any] = [StoppingHandler(self.max_epoch, self.max_batch)]
        given = check_handlers(event_handlers)

        def missing(kind: Any) -> bool:
            return not any(isinstance(one, kind) for one in given)

        if missing(GradientUpdateHandler):
            defaults.append(GradientUpdateHandler())
        if missing(MetricHandler):
            defaults.append(MetricHandler(self.train_metrics))
        if val_data and missing(ValidationHandler):
            defaults.append(ValidationHandler(val_data, self.evaluate))
        if missing(LoggingHandler):
            defaults.append(LoggingHandler(metrics=self.train_metrics))
        return _merged(given, defaults, [*self.train_metrics, *self.val_metrics])

    def _prepare_default_validation_handlers(self, event_handlers: Any) -> list[Any]:
        given = check_handlers(event_handlers)
        defaults: list[Any] = []
        if not any(isinstance(one, MetricHandler) for one in given):
            defaults.append(MetricHandler(self.val_metrics))
        if not any(isinstance(one, LoggingHandler) for one in given):
            defaults.append(LoggingHandler(metrics=self.val_metrics))
        return _merged(given, defaults, self.val_metrics)

    def _categorize_handlers(self, event_handlers: Any) -> tuple[list[Any], ...]:
        """Handlers by event: train, epoch and batch begin, batch, epoch and train end."""
        kinds = (TrainBegin, EpochBegin, BatchBegin, BatchEnd, EpochEnd, TrainEnd)
        return tuple([one for one in event_handlers if isinstance(one, kind)] for kind in kinds)


def _merged(given: list[Any], defaults: list[Any], known: list[Any]) -> list[Any]:
    """All handlers by priority; where both kinds are mixed, metrics must be the known ones."""
    every = given + defaults
    if given and defaults:
        for one in every:
            check_known_metrics(one, known)
    return sorted(every, key=lambda one: getattr(one, "priority", 0))


def _checked_loss(loss: Any) -> Loss:
    if not isinstance(loss, Loss):
        raise ValueError(f"loss must be a Loss, refer to gluon.loss.Loss:{loss}")
    return loss


def _checked_context(context: Any) -> list[Context]:
    gpus = [gpu(i) for i in range(num_gpus())]
    if not context:
        if len(gpus) > 1:
            warnings.warn(
                "You have multiple GPUs, gpu(0) will be used by default. To utilize all your "
                "GPUs, specify context as a list of gpus, e.g. context=[mx.gpu(0), mx.gpu(1)]",
                stacklevel=3,
            )
        return gpus[:1] or [cpu()]
    made = [context] if isinstance(context, Context) else context
    if not isinstance(made, list) or not all(isinstance(one, Context) for one in made):
        raise ValueError(
            "context must be a Context or a list of Context, for example mx.cpu() or "
            f"[mx.gpu(0), mx.gpu(1)], refer to mxnet.Context:{context}"
        )
    for one in made:
        assert one in gpus or one.device_type != "gpu", (
            f"{one} is not available, please make sure your context is in one of: mx.cpu(), "
            + ", ".join(map(str, gpus))
        )
    return made


def _is_initialized(net: Any) -> bool:
    try:
        for parameter in net.collect_params().values():
            parameter.list_ctx()
    except RuntimeError:
        return False
    return True


def _check_loader(data: Any) -> None:
    if not isinstance(data, DataLoader):
        raise ValueError(
            "Estimator only support input as Gluon DataLoader. Alternatively, you can transform "
            "your DataIter or any NDArray into Gluon DataLoader. Refer to gluon.data.DataLoader"
        )
