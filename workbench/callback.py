"""Callbacks for ``Module.fit`` and hand-written loops: speed, progress, metrics, checkpoints.

Callbacks after a batch take a ``BatchEndParam`` (epoch, nbatch, eval_metric, locals), those after
an epoch take ``(epoch, symbol, arg_params, aux_params)``. Texts are MXNet 1.9.1's, letter by
letter, since scripts read them back from logs.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from typing import Any

from ._surface import getattr_for

__all__ = [
    "LogValidationMetricsCallback",
    "ProgressBar",
    "Speedometer",
    "do_checkpoint",
    "log_train_metric",
    "module_checkpoint",
]

__getattr__ = getattr_for(__name__)


def module_checkpoint(
    mod: Any, prefix: str, period: int = 1, save_optimizer_states: bool = False
) -> Callable[..., None]:
    """After every *period* epochs: ``mod.save_checkpoint(prefix, epoch + 1, ...)``.

    Parameters
    ----------
    mod : Module
        What is saved.
    prefix : str
        Files are ``PREFIX-symbol.json``, ``PREFIX-0001.params`` (and ``.states``).
    period : int
        Epochs between two checkpoints; below 1 counts as 1.
    save_optimizer_states : bool
        Also save what the optimizer remembers.
    """
    period = max(1, int(period))

    def callback(epoch: int, sym: Any = None, arg: Any = None, aux: Any = None) -> None:
        if (epoch + 1) % period == 0:
            mod.save_checkpoint(prefix, epoch + 1, save_optimizer_states)

    return callback


def do_checkpoint(prefix: str, period: int = 1) -> Callable[..., None]:
    """After every *period* epochs: ``mx.model.save_checkpoint(prefix, epoch + 1, ...)``.

    Parameters
    ----------
    prefix : str
        Files are ``PREFIX-symbol.json`` and ``PREFIX-0001.params``.
    period : int
        Epochs between two checkpoints; below 1 counts as 1.
    """
    period = max(1, int(period))

    def callback(epoch: int, sym: Any, arg: Any, aux: Any) -> None:
        if (epoch + 1) % period == 0:
            from . import model

            model.save_checkpoint(prefix, epoch + 1, sym, arg, aux)

    return callback


def log_train_metric(period: int, auto_reset: bool = False) -> Callable[[Any], None]:
    """Every *period* batches: log ``Iter[0] Batch[50] Train-accuracy=0.812500``.

    Parameters
    ----------
    period : int
        Batches between two lines.
    auto_reset : bool
        Reset the metric after each line.
    """

    def callback(param: Any) -> None:
        if param.nbatch % period == 0 and param.eval_metric is not None:
            for name, value in param.eval_metric.get_name_value():
                line = "Iter[%d] Batch[%d] Train-%s=%f"
                logging.info(line, param.epoch, param.nbatch, name, value)
            if auto_reset:
                param.eval_metric.reset_local()

    return callback


class Speedometer:
    """Log samples per second and the metrics every *frequent* batches.

    Parameters
    ----------
    batch_size : int
        Samples in a batch.
    frequent : int
        Batches between two lines.
    auto_reset : bool
        Start the metric anew after each line (its local part, see ``EvalMetric.reset_local``).

    Notes
    -----
    ``Epoch[0] Batch [0-50]<tab>Speed: 1910.41 samples/sec<tab>accuracy=0.200000``. The first line
    comes *frequent* batches after the first call, which starts the clock.
    """

    def __init__(self, batch_size: int, frequent: int = 50, auto_reset: bool = True) -> None:
        self.batch_size = batch_size
        self.frequent = frequent
        self.auto_reset = auto_reset
        self.init = False
        self.tic = 0.0
        self.last_count = 0

    def __call__(self, param: Any) -> None:
        """Count a batch; log when it is time."""
        count = param.nbatch
        if self.last_count > count:
            self.init = False
        self.last_count = count
        if not self.init:
            self.init = True
            self.tic = time.time()
            return
        if count % self.frequent == 0:
            self._log(param, count)
            self.tic = time.time()

    def _log(self, param: Any, count: int) -> None:
        seconds = time.time() - self.tic
        speed = self.frequent * self.batch_size / seconds if seconds else float("inf")
        if param.eval_metric is None:
            line = "Iter[%d] Batch [%d]\tSpeed: %.2f samples/sec"
            logging.info(line, param.epoch, count, speed)
            return
        values = param.eval_metric.get_name_value()
        first = 0
        if self.auto_reset:
            param.eval_metric.reset_local()
            first = count - self.frequent
        line = "Epoch[%d] Batch [%d-%d]\tSpeed: %.2f samples/sec" + "\t%s=%f" * len(values)
        flat = [part for pair in values for part in pair]
        logging.info(line, param.epoch, first, count, speed, *flat)


class ProgressBar:
    """Show ``[=====-----] 50%`` after every batch.

    Parameters
    ----------
    total : int
        Batches in an epoch.
    length : int
        Characters of the bar.
    """

    def __init__(self, total: int, length: int = 80) -> None:
        self.bar_len = length
        self.total = total

    def __call__(self, param: Any) -> None:
        """Draw the bar for batch ``param.nbatch``."""
        filled = round(self.bar_len * param.nbatch / float(self.total))
        percents = math.ceil(100.0 * param.nbatch / float(self.total))
        bar = "=" * filled + "-" * (self.bar_len - filled)
        logging.info("[%s] %s%s\r", bar, percents, "%")


class LogValidationMetricsCallback:
    """After an epoch: log ``Epoch[3] Validation-accuracy=0.912000`` for every metric."""

    def __call__(self, param: Any) -> None:
        """Log the values of ``param.eval_metric``, if there is one."""
        if param.eval_metric:
            for name, value in param.eval_metric.get_name_value():
                logging.info("Epoch[%d] Validation-%s=%f", param.epoch, name, value)
