"""An LSTM with projection, and dropout whose mask stays the same over time."""

from __future__ import annotations

from typing import Any

from ...rnn import HybridRecurrentCell, ModifierCell, RecurrentCell
from ...rnn.cell_stacks import refuse_bidirectional
from ...rnn.sequences import begin_state_for, formatted, is_tensor, masked

__all__ = ["LSTMPCell", "VariationalDropoutCell", "dynamic_unroll"]


class VariationalDropoutCell(ModifierCell):
    """Dropout with one mask for all steps (Gal and Ghahramani, arXiv:1512.05287).

    The masks are drawn at the first step after :meth:`reset`.

    Parameters
    ----------
    base_cell : RecurrentCell
    drop_inputs, drop_states, drop_outputs : float
        share of the inputs, of the first state, of the outputs that becomes 0; their masks differ
    """

    def __init__(
        self,
        base_cell: RecurrentCell,
        drop_inputs: float = 0.0,
        drop_states: float = 0.0,
        drop_outputs: float = 0.0,
    ) -> None:
        if drop_states:
            refuse_bidirectional(base_cell, "variational state dropout")
        super().__init__(base_cell)
        self.drop_inputs, self.drop_states = drop_inputs, drop_states
        self.drop_outputs = drop_outputs
        self._forget_masks()

    def _forget_masks(self) -> None:
        self.drop_inputs_mask: Any = None
        self.drop_states_mask: Any = None
        self.drop_outputs_mask: Any = None

    def _alias(self) -> str:
        return "vardrop"

    def reset(self) -> None:
        """Count steps anew, with new masks."""
        super().reset()
        self._forget_masks()

    def _dropped(self, F: Any, what: str, x: Any) -> Any:
        """*x* under its mask, which is drawn where there is none."""
        share = getattr(self, what)
        if not share:
            return x
        if getattr(self, f"{what}_mask") is None:
            setattr(self, f"{what}_mask", F.Dropout(F.ones_like(x), p=share))
        return x * getattr(self, f"{what}_mask")

    def hybrid_forward(self, F: Any, inputs: Any, states: Any) -> Any:
        """One step of the base cell under the masks."""
        if self.drop_states:
            states = [self._dropped(F, "drop_states", states[0]), *states[1:]]
        output, states = self.base_cell(self._dropped(F, "drop_inputs", inputs), states)
        return self._dropped(F, "drop_outputs", output), states

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Run over *length* steps; see :meth:`RecurrentCell.unroll`.

        Without dropout of states the masks of inputs and outputs are applied to whole sequences.
        """
        if self.drop_states:
            return super().unroll(length, inputs, begin_state, layout, merge_outputs, valid_length)
        self.reset()
        inputs, axis, F, batch = formatted(length, inputs, layout, True)
        states = begin_state_for(self, F, begin_state, inputs, batch)
        if self.drop_inputs:
            inputs = F.Dropout(inputs, p=self.drop_inputs, axes=(axis,))
        outputs, states = self.base_cell.unroll(length, inputs, states, layout, True, valid_length)
        if self.drop_outputs:
            outputs = F.Dropout(outputs, p=self.drop_outputs, axes=(axis,))
        merge = is_tensor(outputs) if merge_outputs is None else merge_outputs
        outputs, *_ = formatted(length, outputs, layout, merge)
        if valid_length is not None:
            outputs = masked(F, outputs, length, valid_length, axis, merge)
        return outputs, states

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p_out = {self.drop_outputs}, p_state = {self.drop_states})"


class LSTMPCell(HybridRecurrentCell):
    """LSTM whose output is projected to fewer numbers (Sak et al., arXiv:1402.1128).

    ``r = W · h``, and the gates see r in place of h. The states are r, (N, projection_size), and
    c, (N, hidden_size).

    Parameters
    ----------
    hidden_size, projection_size : int
    i2h_weight_initializer, h2h_weight_initializer, h2r_weight_initializer, i2h_bias_initializer,
    h2h_bias_initializer : Initializer or str, optional
    input_size : int
        0 lets the first call tell
    """

    i2h_weight: Any
    h2r_weight: Any

    def __init__(
        self,
        hidden_size: int,
        projection_size: int,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        h2r_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._hidden_size, self._input_size = hidden_size, input_size
        self._projection_size = projection_size
        for name, shape, init in (
            ("i2h_weight", (4 * hidden_size, input_size), i2h_weight_initializer),
            ("h2h_weight", (4 * hidden_size, projection_size), h2h_weight_initializer),
            ("h2r_weight", (projection_size, hidden_size), h2r_weight_initializer),
            ("i2h_bias", (4 * hidden_size,), i2h_bias_initializer),
            ("h2h_bias", (4 * hidden_size,), h2h_bias_initializer),
        ):
            made = self.params.get(name, shape=shape, init=init, allow_deferred_init=True)
            setattr(self, name, made)

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Shapes and layouts of r and c."""
        return [
            {"shape": (batch_size, size), "__layout__": "NC"}
            for size in (self._projection_size, self._hidden_size)
        ]

    def _alias(self) -> str:
        return "lstmp"

    def __repr__(self) -> str:
        rows, columns = self.i2h_weight.shape
        return f"{type(self).__name__}({columns or None} -> {rows} -> {self.h2r_weight.shape[0]})"

    def hybrid_forward(
        self,
        F: Any,
        inputs: Any,
        states: Any,
        i2h_weight: Any,
        h2h_weight: Any,
        h2r_weight: Any,
        i2h_bias: Any,
        h2h_bias: Any,
    ) -> Any:
        """(r', [r', c'])."""
        t, rows = f"t{self._counter}_", 4 * self._hidden_size
        i2h = F.FullyConnected(inputs, i2h_weight, i2h_bias, num_hidden=rows, name=f"{t}i2h")
        h2h = F.FullyConnected(states[0], h2h_weight, h2h_bias, num_hidden=rows, name=f"{t}h2h")
        parts = F.SliceChannel(i2h + h2h, num_outputs=4, name=f"{t}slice")
        i, f, c, o = (
            F.Activation(part, act_type=kind, name=t + gate)
            for part, gate, kind in zip(
                (parts[n] for n in range(4)),
                "ifco",
                ("sigmoid", "sigmoid", "tanh", "sigmoid"),
                strict=True,
            )
        )
        new_c = F.elemwise_add(f * states[1], i * c, name=f"{t}state")
        hidden = F.elemwise_mul(o, F.Activation(new_c, act_type="tanh"), name=f"{t}hidden")
        new_r = F.FullyConnected(
            hidden, h2r_weight, num_hidden=self._projection_size, no_bias=True, name=f"{t}out"
        )
        return new_r, [new_r, new_c]


def dynamic_unroll(
    cell: RecurrentCell,
    inputs: Any,
    begin_state: Any,
    drop_inputs: float = 0,
    drop_outputs: float = 0,
    layout: str = "TNC",
    valid_length: Any = None,
) -> tuple[Any, Any]:
    """Run a cell over a sequence by ``contrib.foreach``, whatever its length.

    Parameters
    ----------
    cell : RecurrentCell
    inputs : NDArray or Symbol
        a sequence in *layout*; time first is fastest
    begin_state : list
        the first states
    drop_inputs, drop_outputs : float
        rates of dropout, the same for all steps
    valid_length : NDArray or Symbol, optional
        (N,), the length of each sample; outputs behind it are 0, and the states are those at its
        end

    Returns
    -------
    outputs in *layout*, states
    """
    inputs, axis, F, _ = formatted(0, inputs, layout, True)
    order = list(range(len(layout)))
    order[0], order[axis] = order[axis], order[0]
    if axis:
        inputs = F.transpose(inputs, axes=tuple(order))
    if drop_inputs:
        inputs = F.Dropout(inputs, p=drop_inputs, axes=(axis,))
    states = list(begin_state) if isinstance(begin_state, (list, tuple)) else [begin_state]
    if valid_length is None:
        outputs, states = F.contrib.foreach(cell, inputs, states)
    else:
        step = _until(F, cell, valid_length)
        outputs, states = F.contrib.foreach(step, inputs, [*states, F.zeros((1,))])
        states = states[:-1]
    if drop_outputs:
        outputs = F.Dropout(outputs, p=drop_outputs, axes=(axis,))
    if axis:
        outputs = F.transpose(outputs, axes=tuple(order))
    if valid_length is not None:
        outputs = F.SequenceMask(
            outputs, sequence_length=valid_length, use_sequence_length=True, axis=axis
        )
    return outputs, states


def _until(F: Any, cell: RecurrentCell, valid_length: Any) -> Any:
    """A step that leaves states as they are behind each sample's end; the last state counts."""

    def step(inputs: Any, states: Any) -> Any:
        *before, count = states
        out, after = cell(inputs, before)
        running = F.broadcast_greater(valid_length, count)
        kept = [F.where(running, new, old) for new, old in zip(after, before, strict=True)]
        return out, [*kept, count + 1]

    return step
