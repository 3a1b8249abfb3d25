"""Metrics of predicted numbers, and the mean of losses."""

from __future__ import annotations

from typing import Any

import numpy

from .base import EvalMetric, check_label_shapes, host, register

__all__ = ["MAE", "MSE", "RMSE", "Loss"]


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
