"""Cells that change what another cell gets or gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import ndarray as nd
from ...error import MXNetError, ParameterError, message
from .cell_base import HybridRecurrentCell, RecurrentCell
from .cell_stacks import refuse_bidirectional
from .sequences import formatted, is_tensor, masked

__all__ = ["DropoutCell", "ModifierCell", "ResidualCell", "ZoneoutCell"]


class DropoutCell(HybridRecurrentCell):
    """Dropout of the inputs, as a cell without states; *axes* share one decision."""

    def __init__(
        self, rate: float, axes: Any = (), prefix: str | None = None, params: Any = None
    ) -> None:
        super().__init__(prefix, params)
        if not isinstance(rate, (int, float)):
            raise ParameterError(message(f"DropoutCell: rate must be a number, got {rate!r}"))
        self._rate, self._axes = rate, axes

    def __repr__(self) -> str:
        return f"{type(self).__name__}(rate={self._rate}, axes={self._axes})"

    def _alias(self) -> str:
        return "dropout"

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """None."""
        return []

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Any:
        """(inputs with zeros, states)."""
        if self._rate > 0:
            inputs = F.Dropout(inputs, p=self._rate, axes=self._axes, name=f"t{self._counter}_fwd")
        return inputs, states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Drop out of the whole sequence at once, where it is one array."""
        self.reset()
        inputs, _, F, _ = formatted(length, inputs, layout, merge_outputs)
        if is_tensor(inputs):
            return self.hybrid_forward(F, inputs, begin_state or [])
        return super().unroll(length, inputs, begin_state, layout, merge_outputs)


class ModifierCell(HybridRecurrentCell):
    """Base of cells around a *base_cell*, whose parameters they share."""

    def __init__(self, base_cell: RecurrentCell) -> None:
        if base_cell._modified:
            raise MXNetError(
                message(
                    f"Cell {base_cell.name} is already modified",
                    fix="One cell cannot be modified twice; modify the modifier cell.",
                )
            )
        base_cell._modified = True
        super().__init__(prefix=base_cell.prefix + self._alias(), params=None)
        self.base_cell = base_cell

    @property
    def params(self) -> Any:
        """The parameters of the base cell."""
        return self.base_cell.params

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """That of the base cell."""
        return self.base_cell.state_info(batch_size)

    def begin_state(  # type: ignore[override]
        self, func: Callable[..., Any] = nd.zeros, **kwargs: Any
    ) -> list[Any]:
        """The first states of the base cell."""
        self._check_usable()
        self.base_cell._modified = False
        try:
            return self.base_cell.begin_state(func=func, **kwargs)
        finally:
            self.base_cell._modified = True

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_cell})"


class ZoneoutCell(ModifierCell):
    """Keeps a random share of outputs and states as they were (Krueger et al., arXiv:1606.01305).

    In training only.
    """

    def __init__(
        self,
        base_cell: RecurrentCell,
        zoneout_outputs: float = 0.0,
        zoneout_states: float = 0.0,
    ) -> None:
        refuse_bidirectional(base_cell, "zoneout")
        super().__init__(base_cell)
        self.zoneout_outputs, self.zoneout_states = zoneout_outputs, zoneout_states
        self._prev_output: Any = None

    def __repr__(self) -> str:
        shares = f"p_out={self.zoneout_outputs}, p_state={self.zoneout_states}"
        return f"{type(self).__name__}({shares}, {self.base_cell})"

    def _alias(self) -> str:
        return "zoneout"

    def reset(self) -> None:
        """Forget the output before."""
        super().reset()
        self._prev_output = None

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Any:
        """One step of the base cell, mixed with what was before."""
        output, new_states = self.base_cell(inputs, states)

        def mixed(share: float, new: Any, old: Any) -> Any:
            if not share:
                return new
            return F.where(F.Dropout(F.ones_like(new), p=share), new, old)

        before = self._prev_output
        output = mixed(
            self.zoneout_outputs, output, F.zeros_like(output) if before is None else before
        )
        pairs = zip(new_states, states, strict=True)
        self._prev_output = output
        return output, [mixed(self.zoneout_states, new, old) for new, old in pairs]


class ResidualCell(ModifierCell):
    """Adds the input to the output of the base cell (Wu et al., arXiv:1609.08144)."""

    def _alias(self) -> str:
        return "residual"

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Any:
        """(output + inputs, states)."""
        output, states = self.base_cell(inputs, states)
        return F.elemwise_add(output, inputs, name=f"t{self._counter}_fwd"), states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Unroll the base cell, then add; see :meth:`RecurrentCell.unroll`."""
        self.reset()
        self.base_cell._modified = False
        try:
            outputs, states = self.base_cell.unroll(
                length, inputs, begin_state, layout, merge_outputs, valid_length
            )
        finally:
            self.base_cell._modified = True
        merge = is_tensor(outputs) if merge_outputs is None else merge_outputs
        inputs, axis, F, _ = formatted(length, inputs, layout, merge)
        if valid_length is not None:
            inputs = masked(F, inputs, length, valid_length, axis, merge)
        if merge:
            return F.elemwise_add(outputs, inputs), states
        pairs = zip(outputs, inputs, strict=True)
        return [F.elemwise_add(one, other) for one, other in pairs], states
