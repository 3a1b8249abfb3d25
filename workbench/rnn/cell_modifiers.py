"""Cells that change what another cell gets or gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ndarray as nd, symbol
from ..error import message
from .cell_base import BaseRNNCell, CellError, RNNParams, as_sequence
from .cell_stacks import has_two_directions
from .fused_cell import FusedRNNCell

__all__ = ["ModifierCell", "ResidualCell", "ZoneoutCell"]


class ModifierCell(BaseRNNCell):
    """Base of cells around another one, which from then on is called through them only.

    Parameters
    ----------
    base_cell : BaseRNNCell
        the cell inside; its variables are those of the modifier
    """

    def __init__(self, base_cell: BaseRNNCell) -> None:
        super().__init__()
        base_cell._modified = True
        self.base_cell = base_cell

    @property
    def params(self) -> RNNParams:
        """The variables of the base cell."""
        self._own_params = False
        return self.base_cell.params

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """That of the base cell."""
        return self.base_cell.state_info

    def begin_state(  # type: ignore[override]
        self,
        init_sym: Callable[..., Any] = symbol.zeros,
        func: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> list[Any]:
        """The first states of the base cell, by *init_sym* (or *func*, as other cells name it)."""
        self._check_usable()
        return self._inside("begin_state", func or init_sym, **kwargs)

    def _inside(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of the base cell, which refuses everybody else."""
        self.base_cell._modified = False
        try:
            return getattr(self.base_cell, method)(*args, **kwargs)
        finally:
            self.base_cell._modified = True

    def unpack_weights(self, args: dict[str, nd.NDArray]) -> dict[str, nd.NDArray]:
        """As the base cell does."""
        return self.base_cell.unpack_weights(args)

    def pack_weights(self, args: dict[str, nd.NDArray]) -> dict[str, nd.NDArray]:
        """As the base cell does."""
        return self.base_cell.pack_weights(args)


class ZoneoutCell(ModifierCell):
    """Keeps a random share of outputs and states as they were (Krueger et al., arXiv:1606.01305).

    In training only.

    Parameters
    ----------
    base_cell : BaseRNNCell
        a cell that can be stepped
    zoneout_outputs, zoneout_states : float
        the shares

    Raises
    ------
    AssertionError
        The base cell is fused or has two directions.
    """

    def __init__(
        self, base_cell: BaseRNNCell, zoneout_outputs: float = 0.0, zoneout_states: float = 0.0
    ) -> None:
        if isinstance(base_cell, FusedRNNCell):
            raise CellError(
                message("FusedRNNCell doesn't support zoneout", fix="Please unfuse first.")
            )
        if has_two_directions(base_cell):
            raise CellError(
                message(
                    f"Bidirectional {type(base_cell).__name__} doesn't support zoneout since it "
                    "doesn't support step",
                    fix="Please add ZoneoutCell to the cells underneath instead.",
                )
            )
        super().__init__(base_cell)
        self.zoneout_outputs, self.zoneout_states = zoneout_outputs, zoneout_states

    def reset(self) -> None:
        """Forget the output before."""
        super().reset()
        self.prev_output: Any = None

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step of the base cell, mixed with what was before."""
        output, new_states = self.base_cell(inputs, states)
        before = symbol.zeros((0, 0)) if self.prev_output is None else self.prev_output
        self.prev_output = _mixed(self.zoneout_outputs, output, before)
        pairs = zip(new_states, states, strict=True)
        return self.prev_output, [_mixed(self.zoneout_states, new, old) for new, old in pairs]


def _mixed(share: float, new: Any, old: Any) -> Any:
    """*new*, but in training a random *share* of *old*."""
    if not share:
        return new
    return symbol.where(symbol.Dropout(symbol.ones_like(new), p=share), new, old)


class ResidualCell(ModifierCell):
    """Adds the input to the output of the base cell (Wu et al., arXiv:1609.08144).

    Parameters
    ----------
    base_cell : BaseRNNCell
        a cell whose output is as wide as its input
    """

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """(output + inputs, states)."""
        output, states = self.base_cell(inputs, states)
        return _with_residual(output, inputs), states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, list[Any]]:
        """Unroll the base cell, then add; see :meth:`BaseRNNCell.unroll`."""
        self.reset()
        outputs, states = self._inside(
            "unroll",
            length,
            inputs=inputs,
            begin_state=begin_state,
            layout=layout,
            merge_outputs=merge_outputs,
        )
        if merge_outputs is None:
            merge_outputs = isinstance(outputs, symbol.Symbol)
        inputs, _ = as_sequence(length, inputs, layout, merge_outputs)
        if merge_outputs:
            return _with_residual(outputs, inputs), states
        pairs = zip(outputs, inputs, strict=True)
        return [_with_residual(one, other) for one, other in pairs], states


def _with_residual(output: Any, inputs: Any) -> Any:
    return symbol.elemwise_add(output, inputs, name=f"{output.name}_plus_residual")
