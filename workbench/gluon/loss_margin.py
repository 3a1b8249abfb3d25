"""Losses of margins, distances and distributions; public in :mod:`.loss`."""

from __future__ import annotations

import math
from typing import Any

from .loss_base import Loss, weighted

__all__ = [
    "CosineEmbeddingLoss",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "LogisticLoss",
    "PoissonNLLLoss",
    "SquaredHingeLoss",
    "TripletLoss",
]


class KLDivLoss(Loss):
    """``Σ label · (log label - pred)``: Kullback-Leibler divergence from log probabilities.

    With ``from_logits=False`` *pred* goes through a log softmax along *axis* first.
    """

    def __init__(
        self,
        from_logits: bool = True,
        axis: int = -1,
        weight: float | None = None,
        batch_axis: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_logits, self._axis = from_logits, axis

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        """The loss of each sample, shape (N,)."""
        if not self._from_logits:
            pred = F.log_softmax(pred, axis=self._axis)
        loss = label * (F.log(label + 1e-12) - pred)
        loss = weighted(F, loss, self._weight, sample_weight)
        return F.sum(loss, axis=self._batch_axis, exclude=True)


class HuberLoss(Loss):
    """``d² / (2 rho)`` where the distance d is at most *rho*, ``d - rho / 2`` beyond."""

    def __init__(
        self, rho: float = 1, weight: float | None = None, batch_axis: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._rho = rho

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        """The loss of each sample, shape (N,)."""
        distance = F.abs(F.reshape_like(label, pred) - pred)
        near = 0.5 / self._rho * F.square(distance)
        loss = F.where(distance > self._rho, distance - 0.5 * self._rho, near)
        return self._mean(F, weighted(F, loss, self._weight, sample_weight))


class HingeLoss(Loss):
    """``max(0, margin - pred · label)`` with labels -1 and 1."""

    def __init__(
        self, margin: float = 1, weight: float | None = None, batch_axis: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def _hinge(self, F: Any, pred: Any, label: Any) -> Any:
        return F.relu(self._margin - pred * F.reshape_like(label, pred))

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        """The loss of each sample, shape (N,)."""
        loss = self._hinge(F, pred, label)
        return self._mean(F, weighted(F, loss, self._weight, sample_weight))


class SquaredHingeLoss(HingeLoss):
    """``max(0, margin - pred · label)²`` with labels -1 and 1."""

    def _hinge(self, F: Any, pred: Any, label: Any) -> Any:
        return F.square(super()._hinge(F, pred, label))


class LogisticLoss(Loss):
    """``log(1 + exp(-pred · label))``; labels are -1 and 1, or 0 and 1 when ``"binary"``."""

    def __init__(
        self,
        weight: float | None = None,
        batch_axis: int = 0,
        label_format: str = "signed",
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        if label_format not in ("signed", "binary"):
            raise ValueError(f"label_format can only be signed or binary, received {label_format}.")
        self._label_format = label_format

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        """The loss of each sample, shape (N,)."""
        label = F.reshape_like(label, pred)
        if self._label_format == "signed":
            label = (label + 1.0) / 2.0
        loss = F.relu(pred) - pred * label + F.Activation(-F.abs(pred), act_type="softrelu")
        return self._mean(F, weighted(F, loss, self._weight, sample_weight))


class TripletLoss(Loss):
    """``max(0, |pred - positive|² - |pred - negative|² + margin)``, summed over all axes."""

    def __init__(
        self, margin: float = 1, weight: float | None = None, batch_axis: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(self, F: Any, pred: Any, positive: Any, negative: Any) -> Any:
        """The loss of each sample, shape (N,)."""
        near = F.square(F.reshape_like(positive, pred) - pred)
        far = F.square(F.reshape_like(negative, pred) - pred)
        loss = F.sum(near - far, axis=self._batch_axis, exclude=True)
        return weighted(F, F.relu(loss + self._margin), self._weight, None)


class PoissonNLLLoss(Loss):
    """``exp(pred) - target · pred``, the negative log likelihood of counts; one number.

    With ``from_logits=False`` *pred* is the mean itself. *compute_full* adds Stirling's
    approximation of ``log(target!)`` for targets above 1; as in MXNet 1.9.1 a target of 0 then
    gives nan.
    """

    def __init__(
        self,
        weight: float | None = None,
        from_logits: bool = True,
        batch_axis: int = 0,
        compute_full: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_logits, self._compute_full = from_logits, compute_full

    def hybrid_forward(
        self, F: Any, pred: Any, target: Any, sample_weight: Any = None, epsilon: float = 1e-8
    ) -> Any:
        """The mean over everything, shape (1,)."""
        target = F.reshape_like(target, pred)
        if self._from_logits:
            loss = F.exp(pred) - target * pred
        else:
            loss = pred - target * F.log(pred + epsilon)
        if self._compute_full:
            stirling = target * F.log(target) - target + 0.5 * F.log(2 * math.pi * target)
            loss = loss + stirling * (target > 1)
        return F.mean(weighted(F, loss, self._weight, sample_weight))


class CosineEmbeddingLoss(Loss):
    """``1 - cos`` for pairs labelled 1, ``max(0, cos - margin)`` for pairs labelled -1."""

    def __init__(
        self, weight: float | None = None, batch_axis: int = 0, margin: float = 0, **kwargs: Any
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._margin = margin

    def hybrid_forward(
        self, F: Any, input1: Any, input2: Any, label: Any, sample_weight: Any = None
    ) -> Any:
        """The loss of each pair, shape (N, 1)."""
        input1 = F.reshape_like(input1, input2)
        label = F.reshape(label, shape=(-1, 1))
        lengths = F.norm(input1, axis=-1) * F.norm(input2, axis=-1)
        dot = F.sum(input1 * input2, axis=-1)
        cosine = F.reshape(dot / F.clip(lengths, 1e-12, math.inf), shape=(-1, 1))
        loss = (1 - cosine) * (label == 1) + F.relu(cosine - self._margin) * (label == -1)
        return weighted(F, loss, self._weight, sample_weight)
