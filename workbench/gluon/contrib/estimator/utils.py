"""Metrics of an Estimator: which ones, and that all handlers mean the same objects."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection
from typing import Any

from ....metric import Accuracy, CompositeEvalMetric, EvalMetric
from ...loss import SoftmaxCrossEntropyLoss

__all__ = ["Better", "check_known_metrics", "check_metrics", "metric_for"]


def check_metrics(metrics: Any) -> list[EvalMetric]:
    """One metric, several or none, as a list of simple ones; ValueError for anything else."""
    if isinstance(metrics, CompositeEvalMetric):
        return [simple for one in metrics.metrics for simple in check_metrics(one)]
    if isinstance(metrics, EvalMetric):
        return [metrics]
    made = [] if not metrics else list(metrics)
    if not all(isinstance(one, EvalMetric) for one in made):
        raise ValueError(
            "metrics must be a Metric or a list of Metric, refer to mxnet.metric.EvalMetric: "
            f"{made}"
        )
    return made


def check_known_metrics(handler: Any, known: Collection[EvalMetric]) -> None:
    """ValueError where a handler's ``metrics`` or ``monitor`` are not among the known ones.

    Another object of the same class would never be updated.
    """
    for name in ("metrics", "monitor"):
        used = getattr(handler, name, None)
        for metric in used if isinstance(used, list) else [used]:
            if metric is not None and not any(metric is one for one in known):
                raise ValueError(
                    f"Event handler {type(handler).__name__} refers to a metric instance {metric} "
                    "outside of the known training and validation metrics. Please use the metrics "
                    "from estimator.train_metrics and estimator.val_metrics instead."
                )


def metric_for(loss: Any) -> EvalMetric | None:
    """The metric that goes without saying for a loss, or None."""
    return Accuracy() if isinstance(loss, SoftmaxCrossEntropyLoss) else None


class Better:
    """Whether a monitored value is better than another.

    *mode* is ``"min"``, ``"max"``, or ``"auto"``: the larger for a metric whose name has ``acc``
    or ``f1`` in it, else the smaller, with a warning that says so.
    """

    def __init__(self, monitor: EvalMetric, mode: str) -> None:
        if mode not in ("auto", "min", "max"):
            warnings.warn(
                f"mode {mode} is unknown, fallback to auto mode", RuntimeWarning, stacklevel=3
            )
            mode = "auto"
        if mode == "auto":
            name = str(monitor.get()[0])
            mode = "max" if any(word in name.lower() for word in ("acc", "f1")) else "min"
            word, other = ("greater", "min") if mode == "max" else ("less", "max")
            warnings.warn(
                f"`{word}` operator will be used to determine if {name} has improved. "
                f"Please specify `mode='{other}'` for the other, `mode='{mode}'` to disable this "
                "warning.",
                stacklevel=3,
            )
        self.larger = mode == "max"

    @property
    def worst(self) -> float:
        """What every number is better than."""
        return -math.inf if self.larger else math.inf

    def __call__(self, value: float, best: float, by: float = 0.0) -> bool:
        """True when *value* is better than *best* by more than *by*."""
        return value - by > best if self.larger else value + by < best
