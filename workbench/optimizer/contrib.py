"""``mx.optimizer.contrib``: AdaGrad by rows."""

from __future__ import annotations

from typing import Any

from .. import ndarray as nd
from .._surface import getattr_for
from ..error import ParameterError, ShapeError, message
from .base import Optimizer, register

__all__ = ["GroupAdaGrad"]

__getattr__ = getattr_for(__name__)


@register
class GroupAdaGrad(Optimizer):
    """AdaGrad with one rate for each row: ``history += mean(g * g)`` along the row.

    Weights are matrices; there is no weight decay.
    """

    def __init__(self, eps: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.float_stable_eps = eps

    def create_state(self, index: Any, weight: nd.NDArray) -> Any:
        """The history, one number a row."""
        if len(weight.shape) != 2:
            raise ShapeError(
                message(f"GroupAdaGrad: a weight of shape {weight.shape}", fix="Use AdaGrad.")
            )
        return nd.zeros((weight.shape[0], 1), weight.context, stype=weight.stype)

    def update(self, index: Any, weight: Any, grad: Any, state: Any) -> None:
        """Update one weight."""
        options = self._begin(index)
        if options.pop("wd"):
            raise ParameterError(
                message("GroupAdaGrad: weight decay is not supported", fix="Leave wd out.")
            )
        nd.contrib.group_adagrad_update(
            weight, grad, state, out=weight, epsilon=self.float_stable_eps, **options
        )
