"""What all losses share; public in :mod:`.loss`."""

from __future__ import annotations

from typing import Any

from .hybrid import HybridBlock

__all__ = ["Loss", "weighted"]


def weighted(F: Any, loss: Any, weight: float | None, sample_weight: Any) -> Any:
    """The loss times a number and times a broadcast array of weights."""
    if sample_weight is not None:
        loss = F.broadcast_mul(loss, sample_weight)
    if weight is not None:
        assert isinstance(weight, (int, float)), "weight must be a number"
        loss = loss * weight
    return loss


class Loss(HybridBlock):
    """Base of all losses.

    Parameters
    ----------
    weight : float or None
        factor of the loss
    batch_axis : int
        the axis of samples; the loss is averaged over all others
    """

    def __init__(self, weight: float | None, batch_axis: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._weight, self._batch_axis = weight, batch_axis

    def _mean(self, F: Any, loss: Any) -> Any:
        return F.mean(loss, axis=self._batch_axis, exclude=True)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(batch_axis={self._batch_axis}, w={self._weight})"
