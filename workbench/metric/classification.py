"""Metrics of predicted classes and probabilities."""

from __future__ import annotations

import math
from typing import Any

import numpy

from .base import EvalMetric, alias, check_label_shapes, host, register

__all__ = ["Accuracy", "CrossEntropy", "NegativeLogLikelihood", "Perplexity", "TopKAccuracy"]


@register
@alias("acc")
class Accuracy(EvalMetric):
    """The share of samples whose largest prediction along *axis* is the label."""

    def __init__(
        self,
        axis: int = 1,
        name: str = "accuracy",
        output_names: Any = None,
        label_names: Any = None,
    ) -> None:
        self.axis = axis
        super().__init__(name, output_names, label_names, axis=axis)

    def update(self, labels: Any, preds: Any) -> None:
        """Count the right ones; predictions may be classes already."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            classes, truth = host(pred), host(label)
            if classes.shape != truth.shape:
                classes = classes.argmax(axis=self.axis)
            classes, truth = classes.astype("int32").ravel(), truth.astype("int32").ravel()
            check_label_shapes(truth, classes)
            self._add(int((classes == truth).sum()), len(classes))


@register
@alias("top_k_accuracy", "top_k_acc")
class TopKAccuracy(EvalMetric):
    """The share of samples whose label is among the *top_k* largest predictions."""

    def __init__(
        self,
        top_k: int = 1,
        name: str = "top_k_accuracy",
        output_names: Any = None,
        label_names: Any = None,
    ) -> None:
        assert top_k > 1, "Please use Accuracy if top_k is no more than 1"
        self.top_k = top_k
        super().__init__(f"{name}_{top_k}", output_names, label_names, top_k=top_k)

    def update(self, labels: Any, preds: Any) -> None:
        """Count the samples; predictions are (N, classes)."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            scores, truth = host(pred), host(label).astype("int32").ravel()
            assert scores.ndim <= 2, "Predictions should be no more than 2 dims"
            if scores.ndim == 1:
                self._add(int((scores.astype("int32") == truth).sum()), len(truth))
                continue
            best = numpy.argpartition(scores.astype("float32"), -self.top_k)[:, -self.top_k :]
            self._add(int((best == truth[:, None]).any(axis=1).sum()), len(truth))


class _LogLikelihood(EvalMetric):
    """Mean of ``-log p[label]``; predictions are probabilities (N, classes)."""

    eps: float

    def update(self, labels: Any, preds: Any) -> None:
        """Sum over the samples."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            truth, probabilities = host(label).ravel().astype("int64"), host(pred)
            assert truth.shape[0] == probabilities.shape[0], (
                f"{truth.shape[0]} labels but {probabilities.shape[0]} predictions"
            )
            chosen = probabilities[numpy.arange(truth.shape[0]), truth]
            self._add(float((-numpy.log(chosen + self.eps)).sum()), truth.shape[0])


@register
@alias("ce")
class CrossEntropy(_LogLikelihood):
    """Mean of ``-log(p[label] + eps)``."""

    def __init__(
        self,
        eps: float = 1e-12,
        name: str = "cross-entropy",
        output_names: Any = None,
        label_names: Any = None,
    ) -> None:
        self.eps = eps
        super().__init__(name, output_names, label_names, eps=eps)


@register
@alias("nll_loss")
class NegativeLogLikelihood(_LogLikelihood):
    """Mean of ``-log(p[label] + eps)`` under its other name."""

    def __init__(
        self,
        eps: float = 1e-12,
        name: str = "nll-loss",
        output_names: Any = None,
        label_names: Any = None,
    ) -> None:
        self.eps = eps
        super().__init__(name, output_names, label_names, eps=eps)


@register
class Perplexity(EvalMetric):
    """``exp`` of the mean of ``-log p[label]``; *ignore_label* is left out of the mean."""

    def __init__(
        self,
        ignore_label: int | None,
        axis: int = -1,
        name: str = "perplexity",
        output_names: Any = None,
        label_names: Any = None,
    ) -> None:
        self.ignore_label, self.axis = ignore_label, axis
        super().__init__(name, output_names, label_names, ignore_label=ignore_label, axis=axis)

    def update(self, labels: Any, preds: Any) -> None:
        """Sum over all labels that count."""
        assert len(labels) == len(preds), "as many labels as predictions are needed"
        for label, pred in zip(labels, preds, strict=True):
            truth, probabilities = host(label), host(pred)
            assert truth.size == probabilities.size / probabilities.shape[self.axis], (
                f"shape mismatch: {truth.shape} vs. {probabilities.shape}"
            )
            moved = numpy.moveaxis(probabilities, self.axis, -1)
            flat = moved.reshape(-1, moved.shape[-1])
            index = truth.ravel().astype("int64")
            counted = numpy.ones(len(index), bool)
            if self.ignore_label is not None:
                counted = index != self.ignore_label
            place = numpy.clip(index, 0, flat.shape[1] - 1)  # as MXNet, whose pick clips
            chosen = flat[numpy.arange(len(index)), place][counted]
            self._add(float(-numpy.log(numpy.maximum(1e-10, chosen)).sum()), int(counted.sum()))

    def _value(self, total: float, count: int) -> float:
        return math.exp(total / count)
