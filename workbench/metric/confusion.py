"""Metrics of the confusion matrix: F1, and Matthews' correlation of two or many classes."""

from __future__ import annotations

import math
from typing import Any

import numpy

from .base import EvalMetric, alias, check_label_shapes, host, register

__all__ = ["F1", "MCC", "PCC"]


def classes_of(label: Any, pred: Any) -> tuple[numpy.ndarray, numpy.ndarray]:
    """True and predicted classes as flat integers; predictions are (N, classes) or classes."""
    truth, guess = host(label), host(pred)
    if guess.shape != truth.shape:
        guess = guess.argmax(axis=1)
    truth, guess = truth.astype("int64").ravel(), guess.astype("int64").ravel()
    check_label_shapes(truth, guess)
    return truth, guess


class _Binary(EvalMetric):
    """A score of the counts (true positives, false positives, false negatives, true negatives).

    With *average* ``"macro"`` the mean of the scores of all updates, with ``"micro"`` the score
    of all samples.
    """

    def __init__(
        self, name: str, output_names: Any = None, label_names: Any = None, average: str = "macro"
    ) -> None:
        if average not in ("macro", "micro"):
            raise ValueError(f"average must be 'macro' or 'micro', got {average!r}")
        self.average = average
        super().__init__(name, output_names, label_names, average=average)

    def _score(self, tp: int, fp: int, fn: int, tn: int) -> float:
        raise NotImplementedError

    def reset(self) -> None:
        """Start anew."""
        self._counts = self._global_counts = numpy.zeros(4, "int64")
        super().reset()

    def reset_local(self) -> None:
        """Start the local count anew."""
        self._counts = numpy.zeros(4, "int64")
        super().reset_local()

    def update(self, labels: Any, preds: Any) -> None:
        """Count; ValueError for more than two classes."""
        labels, preds = check_label_shapes(labels, preds, True)
        counts = numpy.zeros(4, "int64")
        for label, pred in zip(labels, preds, strict=True):
            truth, guess = classes_of(label, pred)
            if len(numpy.unique(truth)) > 2:
                raise ValueError(
                    f"{type(self).__name__} currently only supports binary classification."
                )
            right, yes = guess == truth, guess == 1
            counts += [(right & yes).sum(), (~right & yes).sum(), (~right & ~yes).sum(),
                       (right & ~yes).sum()]  # fmt: skip
        if self.average == "macro":
            self._add(self._score(*counts.tolist()), 1)
            return
        self._counts, self._global_counts = self._counts + counts, self._global_counts + counts
        self.num_inst, self.global_num_inst = (
            int(self._counts.sum()),
            int(self._global_counts.sum()),
        )
        self.sum_metric = self._score(*self._counts.tolist()) * self.num_inst
        self.global_sum_metric = self._score(*self._global_counts.tolist()) * self.global_num_inst


@register
class F1(_Binary):
    """The harmonic mean of precision and recall of class 1."""

    def __init__(
        self,
        name: str = "f1",
        output_names: Any = None,
        label_names: Any = None,
        average: str = "macro",
    ) -> None:
        super().__init__(name, output_names, label_names, average)

    def _score(self, tp: int, fp: int, fn: int, tn: int) -> float:
        return 2 * tp / (2 * tp + fp + fn) if tp else 0.0


@register
class MCC(_Binary):
    """Matthews' correlation of two classes: 1 all right, 0 chance, -1 all wrong."""

    def __init__(
        self,
        name: str = "mcc",
        output_names: Any = None,
        label_names: Any = None,
        average: str = "macro",
    ) -> None:
        super().__init__(name, output_names, label_names, average)

    def _score(self, tp: int, fp: int, fn: int, tn: int) -> float:
        sums = [one for one in (tp + fp, tp + fn, tn + fp, tn + fn) if one]
        return (tp * tn - fp * fn) / math.sqrt(math.prod(sums))


@register
@alias("pcc")
class PCC(EvalMetric):
    """Matthews' correlation of any number of classes, over all samples."""

    def __init__(
        self, name: str = "pcc", output_names: Any = None, label_names: Any = None
    ) -> None:
        super().__init__(name, output_names, label_names)

    def reset(self) -> None:
        """Start anew."""
        self._matrix = self._global_matrix = numpy.zeros((0, 0))
        super().reset()

    def reset_local(self) -> None:
        """Start the local count anew."""
        self._matrix = numpy.zeros((0, 0))
        super().reset_local()

    def update(self, labels: Any, preds: Any) -> None:
        """Count pairs of true and predicted class."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            truth, guess = classes_of(label, pred)
            size = int(max(truth.max(), guess.max())) + 1
            counts = numpy.zeros((size, size))
            numpy.add.at(counts, (guess, truth), 1)
            self._matrix = _sum(self._matrix, counts)
            self._global_matrix = _sum(self._global_matrix, counts)
        self.num_inst = self.global_num_inst = 1
        self.sum_metric = _correlation(self._matrix)
        self.global_sum_metric = _correlation(self._global_matrix)


def _sum(one: numpy.ndarray, other: numpy.ndarray) -> numpy.ndarray:
    """The sum of two square matrices of different sizes."""
    made = numpy.zeros((max(len(one), len(other)),) * 2)
    made[: len(one), : len(one)] += one
    made[: len(other), : len(other)] += other
    return made


def _correlation(counts: numpy.ndarray) -> float:
    n, x, y = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    spread = (x * (n - x)).sum() * (y * (n - y)).sum()
    if spread == 0:
        return float("nan")
    return float((counts.diagonal() * n - x * y).sum() / math.sqrt(spread))
