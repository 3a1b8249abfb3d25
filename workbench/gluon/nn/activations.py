"""Activation layers."""

from __future__ import annotations

from typing import Any

from ..._surface import getattr_for
from ..hybrid import HybridBlock

__all__ = ["Activation", "Swish"]

__getattr__ = getattr_for(__name__)


class Activation(HybridBlock):
    """An element-wise function by name: relu, sigmoid, softrelu, softsign, tanh."""

    def __init__(self, activation: str, **kwargs: Any) -> None:
        self._act_type = activation
        super().__init__(**kwargs)

    def _alias(self) -> str:
        return self._act_type

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The function of every element."""
        return F.Activation(x, act_type=self._act_type, name="fwd")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._act_type})"


class Swish(HybridBlock):
    """``x · sigmoid(beta · x)`` (Ramachandran et al., arXiv:1710.05941)."""

    def __init__(self, beta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._beta = beta

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The function of every element."""
        return x * F.sigmoid(self._beta * x, name="fwd")
