"""Cells of cells: one above the other, and in both directions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import ndarray as nd, symbol
from ..error import message
from .cell_base import BaseRNNCell, CellError, RNNParams, as_sequence

__all__ = ["BidirectionalCell", "SequentialRNNCell", "has_two_directions"]


def _joined(lists: Iterable[list[Any]]) -> list[Any]:
    return [one for part in lists for one in part]


class _Stack(BaseRNNCell):
    """A cell made of ``_cells``, whose variables it holds together."""

    _cells: list[BaseRNNCell]

    def __init__(self, params: RNNParams | None) -> None:
        super().__init__(prefix="", params=params)
        self._override_cell_params = params is not None
        self._cells = []

    def _take(self, cell: BaseRNNCell) -> None:
        if self._override_cell_params:
            if not cell._own_params:
                raise CellError(
                    message(
                        f"Either specify params for {type(self).__name__} or child cells, not both"
                    )
                )
            cell.params._params.update(self.params._params)
        self.params._params.update(cell.params._params)
        self._cells.append(cell)

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """The states of all cells."""
        return _joined(cell.state_info for cell in self._cells)

    def begin_state(self, *args: Any, **kwargs: Any) -> list[Any]:
        """The first states of all cells; see :meth:`BaseRNNCell.begin_state`."""
        self._check_usable()
        return _joined(cell.begin_state(*args, **kwargs) for cell in self._cells)

    def unpack_weights(self, args: dict[str, nd.NDArray]) -> dict[str, nd.NDArray]:
        """Unpack the weights of all cells."""
        for cell in self._cells:
            args = cell.unpack_weights(args)
        return args

    def pack_weights(self, args: dict[str, nd.NDArray]) -> dict[str, nd.NDArray]:
        """Pack the weights of all cells."""
        for cell in self._cells:
            args = cell.pack_weights(args)
        return args


class SequentialRNNCell(_Stack):
    """Cells one above the other; the outputs of one are the inputs of the next.

    Parameters
    ----------
    params : RNNParams, optional
        variables to share with all cells
    """

    def __init__(self, params: RNNParams | None = None) -> None:
        super().__init__(params)

    def add(self, cell: BaseRNNCell) -> None:
        """Put a cell on top."""
        self._take(cell)

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step through all cells."""
        self._counter += 1
        place, made = 0, []
        for cell in self._cells:
            if isinstance(cell, BidirectionalCell):
                raise CellError(
                    message("A stack with a BidirectionalCell cannot be stepped", fix="Unroll it.")
                )
            count = len(cell.state_info)
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
    ) -> tuple[Any, list[Any]]:
        """Unroll cell after cell; see :meth:`BaseRNNCell.unroll`."""
        self.reset()
        states = self.begin_state() if begin_state is None else begin_state
        place, made = 0, []
        for cell in self._cells:
            count = len(cell.state_info)
            inputs, new = cell.unroll(
                length,
                inputs=inputs,
                begin_state=states[place : place + count],
                layout=layout,
                merge_outputs=merge_outputs if cell is self._cells[-1] else None,
            )
            place += count
            made += new
        return inputs, made


class BidirectionalCell(_Stack):
    """Two cells, one from the beginning and one from the end; outputs side by side.

    Parameters
    ----------
    l_cell, r_cell : BaseRNNCell
        for the way forward and for the way back
    params : RNNParams, optional
        variables to share with both
    output_prefix : str
        what the names of outputs begin with
    """

    def __init__(
        self,
        l_cell: BaseRNNCell,
        r_cell: BaseRNNCell,
        params: RNNParams | None = None,
        output_prefix: str = "bi_",
    ) -> None:
        super().__init__(params)
        self._output_prefix = output_prefix
        for cell in (l_cell, r_cell):
            self._take(cell)

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """Not possible: the way back begins at the end."""
        raise NotImplementedError("Bidirectional cannot be stepped. Please use unroll")

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, list[Any]]:
        """Unroll in both directions; see :meth:`BaseRNNCell.unroll`.

        The states are two lists, those of each direction.
        """
        self.reset()
        steps, axis = as_sequence(length, inputs, layout, False)
        states = self.begin_state() if begin_state is None else begin_state
        left, right = self._cells
        count = len(left.state_info)
        l_out, l_states = left.unroll(length, steps, states[:count], layout, merge_outputs)
        r_out, r_states = right.unroll(
            length, list(reversed(steps)), states[count:], layout, merge_outputs
        )
        merged = [isinstance(one, symbol.Symbol) for one in (l_out, r_out)]
        if merge_outputs is None:
            merge_outputs = all(merged)
        if merge_outputs:
            turned = symbol.reverse(r_out, axis=axis)
            name = f"{self._output_prefix}out"
            return symbol.Concat(l_out, turned, dim=2, name=name), [l_states, r_states]
        l_out, r_out = (as_sequence(length, one, layout, False)[0] for one in (l_out, r_out))
        pairs = zip(l_out, reversed(r_out), strict=True)
        outputs = [
            symbol.Concat(one, other, dim=1, name=f"{self._output_prefix}t{step}")
            for step, (one, other) in enumerate(pairs)
        ]
        return outputs, [l_states, r_states]


def has_two_directions(cell: BaseRNNCell) -> bool:
    """True for a bidirectional cell and for a stack that has one."""
    return isinstance(cell, BidirectionalCell) or any(map(has_two_directions, cell._cells))
