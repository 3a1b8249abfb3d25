"""Cells of cells: one above the other, and in both directions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...error import MXNetError, message
from ..block import _indent
from .cell_base import HybridRecurrentCell, RecurrentCell
from .sequences import begin_state_for, formatted, is_tensor, masked, reversed_steps

__all__ = ["BidirectionalCell", "HybridSequentialRNNCell", "SequentialRNNCell"]


def _joined(lists: Iterable[list[Any]]) -> list[Any]:
    return [one for part in lists for one in part]


class _Stack(RecurrentCell):
    """What both kinds of stacks do."""

    def __repr__(self) -> str:
        rows = [f"({i}): {_indent(repr(cell), 2)}" for i, cell in self._children.items()]
        return f"{type(self).__name__}(\n" + "\n".join(rows) + "\n)"

    def add(self, cell: RecurrentCell) -> None:
        """Put a cell on top."""
        self.register_child(cell)

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """The states of all cells, from below."""
        return _joined(cell.state_info(batch_size) for cell in self._children.values())

    def begin_state(self, **kwargs: Any) -> list[Any]:  # type: ignore[override]
        """The first states of all cells, from below."""
        self._check_usable()
        return _joined(cell.begin_state(**kwargs) for cell in self._children.values())

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step through all cells."""
        self._counter += 1
        place, made = 0, []
        for cell in self._children.values():
            count = len(cell.state_info())
            inputs, new = cell(inputs, states[place : place + count])
            place += count
            made += new
        return inputs, made

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Unroll cell after cell; see :meth:`RecurrentCell.unroll`."""
        self.reset()
        inputs, _, F, batch = formatted(length, inputs, layout, None)
        states = begin_state_for(self, F, begin_state, inputs, batch)
        place, made = 0, []
        for i, cell in enumerate(self._children.values()):
            count = len(cell.state_info())
            inputs, new = cell.unroll(
                length,
                inputs=inputs,
                begin_state=states[place : place + count],
                layout=layout,
                merge_outputs=None if i < len(self._children) - 1 else merge_outputs,
                valid_length=valid_length,
            )
            place += count
            made += new
        return inputs, made

    def __getitem__(self, i: int) -> RecurrentCell:
        return self._children[str(i)]

    def __len__(self) -> int:
        return len(self._children)


class SequentialRNNCell(_Stack):
    """Cells one above the other; the outputs of one are the inputs of the next."""


class HybridSequentialRNNCell(_Stack, HybridRecurrentCell):
    """A stack of hybrid cells, which can be traced into a graph."""

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Any:
        """One step through all cells."""
        return self(inputs, states)


class BidirectionalCell(HybridRecurrentCell):
    """Two cells, one from each end; their outputs side by side. Only for :meth:`unroll`."""

    def __init__(
        self, l_cell: RecurrentCell, r_cell: RecurrentCell, output_prefix: str = "bi_"
    ) -> None:
        super().__init__(prefix="", params=None)
        self.register_child(l_cell, "l_cell")
        self.register_child(r_cell, "r_cell")
        self._output_prefix = output_prefix

    def __call__(self, inputs: Any, states: Any) -> Any:
        """Not possible: the second cell starts from the end."""
        raise NotImplementedError("Bidirectional cannot be stepped. Please use unroll")

    def __repr__(self) -> str:
        cells = self._children
        return f"{type(self).__name__}(forward={cells['l_cell']}, backward={cells['r_cell']})"

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """The states of the forward cell, then of the other."""
        return _joined(cell.state_info(batch_size) for cell in self._children.values())

    def begin_state(self, **kwargs: Any) -> list[Any]:  # type: ignore[override]
        """The first states of the forward cell, then of the other."""
        self._check_usable()
        return _joined(cell.begin_state(**kwargs) for cell in self._children.values())

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Run both cells over the sequence; see :meth:`RecurrentCell.unroll`."""
        self.reset()
        steps, axis, F, batch = formatted(length, inputs, layout, False)
        states = begin_state_for(self, F, begin_state, steps, batch)
        left, right = self._children.values()
        count = len(left.state_info(batch))
        shared = {"layout": layout, "valid_length": valid_length}
        l_out, l_states = left.unroll(
            length, steps, states[:count], merge_outputs=merge_outputs, **shared
        )
        turned = reversed_steps(steps, length, valid_length)
        r_out, r_states = right.unroll(
            length, turned, states[count:], merge_outputs=False, **shared
        )
        r_out = reversed_steps(r_out, length, valid_length)
        merge = is_tensor(l_out) if merge_outputs is None else merge_outputs
        l_out, r_out = (formatted(None, one, layout, merge)[0] for one in (l_out, r_out))
        name = self._output_prefix
        if merge:
            outputs = F.concat(l_out, r_out, dim=2, name=f"{name}out")
        else:
            pairs = enumerate(zip(l_out, r_out, strict=True))
            outputs = [F.concat(one, other, dim=1, name=f"{name}t{i}") for i, (one, other) in pairs]
        if valid_length is not None:
            outputs = masked(F, outputs, length, valid_length, axis, merge)
        return outputs, l_states + r_states


def refuse_bidirectional(cell: RecurrentCell, what: str) -> None:
    """MXNetError for what cannot be stepped."""
    if isinstance(cell, BidirectionalCell):
        raise MXNetError(
            message(
                f"BidirectionalCell doesn't support {what}, since it doesn't support step",
                fix="Modify the cells underneath instead.",
            )
        )
