"""``mx.gluon.loss``: one loss per sample, the mean over all other axes."""

from __future__ import annotations

from typing import Any

from .. import _surface
from .loss_base import Loss, weighted
from .loss_margin import (
    CosineEmbeddingLoss,
    HingeLoss,
    HuberLoss,
    KLDivLoss,
    LogisticLoss,
    PoissonNLLLoss,
    SquaredHingeLoss,
    TripletLoss,
)
from .loss_sequence import CTCLoss, SDMLLoss

__all__ = [
    "CTCLoss",
    "CosineEmbeddingLoss",
    "HingeLoss",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "L2Loss",
    "LogisticLoss",
    "Loss",
    "PoissonNLLLoss",
    "SDMLLoss",
    "SigmoidBCELoss",
    "SigmoidBinaryCrossEntropyLoss",
    "SoftmaxCELoss",
    "SoftmaxCrossEntropyLoss",
    "SquaredHingeLoss",
    "TripletLoss",
]


class L2Loss(Loss):
    """``weight / 2 · (label - pred)²``, averaged over all but the batch axis."""

    def __init__(self, weight: float | None = 1.0, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        """The loss of each sample, shape (N,)."""
        label = F.reshape_like(label, pred)
        loss = F.square(label - pred)
        half = None if self._weight is None else self._weight / 2
        return self._mean(F, weighted(F, loss, half, sample_weight))


class L1Loss(Loss):
    """``weight · |label - pred|``, averaged over all but the batch axis."""

    def __init__(self, weight: float | None = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        """The loss of each sample, shape (N,)."""
        label = F.reshape_like(label, pred)
        return self._mean(F, weighted(F, F.abs(label - pred), self._weight, sample_weight))


class SigmoidBinaryCrossEntropyLoss(Loss):
    """Cross entropy of yes/no labels with ``sigmoid(pred)``, computed from the logits.

    ``relu(pred) - pred · label + log(1 + exp(-|pred|))``; with *from_sigmoid* from probabilities.
    *pos_weight* is the weight of positive labels.
    """

    def __init__(
        self,
        from_sigmoid: bool = False,
        weight: float | None = None,
        batch_axis: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_sigmoid = from_sigmoid

    def hybrid_forward(
        self, F: Any, pred: Any, label: Any, sample_weight: Any = None, pos_weight: Any = None
    ) -> Any:
        """The loss of each sample, shape (N,)."""
        label = F.reshape_like(label, pred)
        if not self._from_sigmoid:
            softplus = F.Activation(-F.abs(pred), act_type="softrelu")
            if pos_weight is None:
                loss = F.relu(pred) - pred * label + softplus
            else:
                log_weight = 1 + F.broadcast_mul(pos_weight - 1, label)
                loss = pred - pred * label + log_weight * (softplus + F.relu(-pred))
        else:
            eps = 1e-12
            positive = F.log(pred + eps) * label
            if pos_weight is not None:
                positive = F.broadcast_mul(positive, pos_weight)
            loss = -(positive + F.log(1.0 - pred + eps) * (1.0 - label))
        return self._mean(F, weighted(F, loss, self._weight, sample_weight))


class SoftmaxCrossEntropyLoss(Loss):
    """``-log softmax(pred)[label]``, averaged over all but the batch axis.

    With ``sparse_label=False`` labels are distributions of pred's shape; with *from_logits*
    pred is a log softmax already.
    """

    def __init__(
        self,
        axis: int = -1,
        sparse_label: bool = True,
        from_logits: bool = False,
        weight: float | None = None,
        batch_axis: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._axis, self._sparse_label, self._from_logits = axis, sparse_label, from_logits

    def hybrid_forward(self, F: Any, pred: Any, label: Any, sample_weight: Any = None) -> Any:
        """The loss of each sample, shape (N,)."""
        if not self._from_logits:
            pred = F.log_softmax(pred, axis=self._axis)
        if self._sparse_label:
            loss = -F.pick(pred, label, axis=self._axis, keepdims=True)
        else:
            label = F.reshape_like(label, pred)
            loss = -F.sum(pred * label, axis=self._axis, keepdims=True)
        return self._mean(F, weighted(F, loss, self._weight, sample_weight))


SigmoidBCELoss = SigmoidBinaryCrossEntropyLoss
SoftmaxCELoss = SoftmaxCrossEntropyLoss

__getattr__ = _surface.getattr_for(__name__)
