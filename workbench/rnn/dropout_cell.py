"""Dropout between the cells of a stack."""

from __future__ import annotations

from numbers import Number
from typing import Any

from .. import symbol
from ..error import message
from .cell_base import BaseRNNCell, CellError, RNNParams, as_sequence

__all__ = ["DropoutCell"]


class DropoutCell(BaseRNNCell):
    """Dropout of the inputs, as a cell without states.

    Parameters
    ----------
    dropout : float
        share of the inputs that becomes 0 in training
    prefix : str
        what names begin with
    params : RNNParams, optional
        not used

    Raises
    ------
    AssertionError
        *dropout* is no number.
    """

    def __init__(
        self, dropout: float, prefix: str = "dropout_", params: RNNParams | None = None
    ) -> None:
        super().__init__(prefix, params)
        if not isinstance(dropout, Number):
            raise CellError(message(f"dropout probability must be a number, got {dropout!r}"))
        self.dropout = dropout

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """None."""
        return []

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """(inputs with zeros, states)."""
        if self.dropout > 0:
            inputs = symbol.Dropout(data=inputs, p=self.dropout)
        return inputs, states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, list[Any]]:
        """Drop out of the whole sequence at once, where it is one symbol."""
        self.reset()
        inputs, _ = as_sequence(length, inputs, layout, merge_outputs)
        if isinstance(inputs, symbol.Symbol):
            return self(inputs, [])
        return super().unroll(length, inputs, begin_state, layout, merge_outputs)
