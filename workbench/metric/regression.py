"""Metrics of predicted numbers, and the mean of losses."""

from __future__ import annotations

from typing import Any

import numpy

from .base import EvalMetric, alias, check_label_shapes, host, register

__all__ = ["MAE", "MSE", "RMSE", "Caffe", "Loss", "PearsonCorrelation", "Torch"]


class _Regression(EvalMetric):
    """The mean over updates of a distance of label and prediction."""

    def __init__(self, name: str, output_names: Any = None, label_names: Any = None) -> None:
        super().__init__(name, output_names, label_names)

    def _distance(self, difference: numpy.ndarray) -> float:
        raise NotImplementedError

    def update(self, labels: Any, preds: Any) -> None:
        """Add one distance per pair of arrays."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            truth, guess = host(label), host(pred)
            truth = truth.reshape(-1, 1) if truth.ndim == 1 else truth
            guess = guess.reshape(-1, 1) if guess.ndim == 1 else guess
            self._add(self._distance(truth - guess), 1)


@register
class MAE(_Regression):
    """Mean absolute error."""

    def __init__(
        self, name: str = "mae", output_names: Any = None, label_names: Any = None
    ) -> None:
        super().__init__(name, output_names, label_names)

    def _distance(self, difference: numpy.ndarray) -> float:
        return float(numpy.abs(difference).mean())


@register
class MSE(_Regression):
    """Mean squared error."""

    def __init__(
        self, name: str = "mse", output_names: Any = None, label_names: Any = None
    ) -> None:
        super().__init__(name, output_names, label_names)

    def _distance(self, difference: numpy.ndarray) -> float:
        return float((difference**2.0).mean())


@register
class RMSE(_Regression):
    """Root of the mean squared error of each update, averaged over updates."""

    def __init__(
        self, name: str = "rmse", output_names: Any = None, label_names: Any = None
    ) -> None:
        super().__init__(name, output_names, label_names)

    def _distance(self, difference: numpy.ndarray) -> float:
        return float(numpy.sqrt((difference**2.0).mean()))


@register
class Loss(EvalMetric):
    """The mean of what a loss returned, over all its elements."""

    def __init__(
        self, name: str = "loss", output_names: Any = None, label_names: Any = None
    ) -> None:
        super().__init__(name, output_names, label_names)

    def update(self, _: Any, preds: Any) -> None:
        """Sum the losses."""
        for pred in preds if isinstance(preds, (list, tuple)) else [preds]:
            values = host(pred)
            self._add(float(values.sum()), values.size)


@register
@alias("pearsonr")
class PearsonCorrelation(EvalMetric):
    """Pearson's correlation of labels and predictions.

    With *average* ``"macro"`` the mean over updates, with ``"micro"`` over all samples since the
    last reset; its global value is 0, as in MXNet 1.9.1.
    """

    def __init__(
        self,
        name: str = "pearsonr",
        output_names: Any = None,
        label_names: Any = None,
        average: str = "macro",
    ) -> None:
        self.average = average
        super().__init__(name, output_names, label_names, average=average)

    def reset(self) -> None:
        """Start anew."""
        self.reset_micro()
        super().reset()

    def reset_local(self) -> None:
        """Start the local count anew."""
        self.reset_micro()
        super().reset_local()

    def reset_micro(self) -> None:
        """Forget all samples."""
        self._labels = self._preds = (0, 0.0, 0.0)
        self._conv = 0.0

    def update_variance(
        self, new_values: numpy.ndarray, *aggregate: Any
    ) -> tuple[int, float, float]:
        """*aggregate*, ``(count, mean, sum of squares around it)``, with more values (Welford)."""
        count, mean, squares = aggregate
        count += len(new_values)
        before = new_values - mean
        mean += float(numpy.sum(before / count))
        return count, mean, squares + float(numpy.sum(before * (new_values - mean)))

    def update_cov(self, label: numpy.ndarray, pred: numpy.ndarray) -> None:
        """Add the products of labels, around their new mean, and predictions, around the old."""
        self._conv += float(numpy.sum((label - self._labels[1]) * (pred - self._preds[1])))

    def update(self, labels: Any, preds: Any) -> None:
        """Take pairs of labels and predictions of equal shape into account."""
        labels, preds = check_label_shapes(labels, preds, True)
        for label, pred in zip(labels, preds, strict=True):
            check_label_shapes(label, pred, False, True)
            x, y = host(label).ravel().astype("float64"), host(pred).ravel().astype("float64")
            if self.average == "macro":
                self._add(float(numpy.corrcoef(y, x)[0, 1]), 1)
                continue
            self.num_inst = self.global_num_inst = 1
            self._labels = self.update_variance(x, *self._labels)
            self.update_cov(x, y)
            self._preds = self.update_variance(y, *self._preds)
            spread = (self._labels[2] * self._preds[2]) ** 0.5
            self.sum_metric = self._conv / spread if spread else float("nan")


@register
class Torch(Loss):
    """Loss under another name, for criteria of Torch."""

    def __init__(
        self, name: str = "torch", output_names: Any = None, label_names: Any = None
    ) -> None:
        super().__init__(name, output_names, label_names)


@register
class Caffe(Loss):
    """Loss under another name, for criteria of Caffe."""

    def __init__(
        self, name: str = "caffe", output_names: Any = None, label_names: Any = None
    ) -> None:
        super().__init__(name, output_names, label_names)
