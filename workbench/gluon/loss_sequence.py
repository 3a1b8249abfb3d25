"""Losses of sequences and of pairs of batches."""

from __future__ import annotations

from typing import Any

from ..error import ParameterError, ShapeError, message
from .loss_base import Loss, weighted
from .loss_margin import KLDivLoss

__all__ = ["CTCLoss", "SDMLLoss"]


class CTCLoss(Loss):
    """Connectionist temporal classification (Graves et al. 2006); the last class is the blank.

    *layout* is that of predictions (NTC or TNC), *label_layout* that of labels (NT or TN). Labels
    end at -1, or where the fourth argument says; sequences where the third does.
    """

    def __init__(
        self, layout: str = "NTC", label_layout: str = "NT", weight: float | None = None, **kw: Any
    ) -> None:
        for given, known in ((layout, ("NTC", "TNC")), (label_layout, ("NT", "TN"))):
            if given not in known:
                raise ParameterError(
                    message(f"CTCLoss: layout {given!r}", fix=f"Use {' or '.join(known)}.")
                )
        self._layout, self._label_layout = layout, label_layout
        super().__init__(weight, label_layout.find("N"), **kw)

    def hybrid_forward(
        self,
        F: Any,
        pred: Any,
        label: Any,
        pred_lengths: Any = None,
        label_lengths: Any = None,
        sample_weight: Any = None,
    ) -> Any:
        """The loss of each sample, shape (N,)."""
        if self._layout == "NTC":
            pred = F.swapaxes(pred, dim1=0, dim2=1)
        if self._batch_axis == 1:
            label = F.swapaxes(label, dim1=0, dim2=1)
        given = {"data_lengths": pred_lengths, "label_lengths": label_lengths}
        given = {name: one for name, one in given.items() if one is not None}
        flags = {f"use_{name}": True for name in given}
        loss = F.CTCLoss(pred, label, blank_label="last", **given, **flags)
        return weighted(F, loss, self._weight, sample_weight)


class SDMLLoss(Loss):
    """Smoothed deep metric learning (Bonadiman, Kumar and Mittal, arXiv:1905.12786).

    Row i of one batch belongs to row i of the other; all others are negative examples, which get
    *smoothing_parameter* of the probability. Not for hybridized networks, as in MXNet.
    """

    def __init__(
        self,
        smoothing_parameter: float = 0.3,
        weight: float | None = 1.0,
        batch_axis: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self.smoothing_parameter = smoothing_parameter
        self.kl_loss = KLDivLoss(from_logits=True)

    def hybrid_forward(self, F: Any, x1: Any, x2: Any) -> Any:
        """The loss of each pair, shape (N,)."""
        if x1.shape != x2.shape:
            raise ShapeError(message(f"SDMLLoss: batches of shapes {x1.shape} and {x2.shape}"))
        count = x1.shape[0]
        apart = F.broadcast_sub(x1.expand_dims(axis=1), x2.expand_dims(axis=0))
        logs = F.log_softmax(-F.square(apart).sum(axis=2), axis=1)
        gold = F.eye(count, ctx=x1.context)
        others = self.smoothing_parameter / (count - 1)
        label = gold * (1 - self.smoothing_parameter - others) + others
        return self.kl_loss(logs, label)
