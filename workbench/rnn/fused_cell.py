"""All layers and steps of a recurrent network as one operator."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from .. import ndarray as nd, symbol
from ..error import ParameterError, message
from ..initializer import FusedRNN
from ..ops.rnn_steps import GATE_NAMES, gate_views, inputs_of, vector_size
from .cell_base import BaseRNNCell, CellError, RNNParams, as_sequence
from .cell_stacks import BidirectionalCell, SequentialRNNCell
from .cells import GRUCell, LSTMCell, RNNCell
from .dropout_cell import DropoutCell

__all__ = ["FusedRNNCell"]


class FusedRNNCell(BaseRNNCell):
    """Layers of one mode over a whole sequence, by the operator ``RNN``.

    It can be unrolled but not stepped; :meth:`unfuse` gives cells that can. All weights are one
    vector, ``PREFIXparameters``.

    Parameters
    ----------
    num_hidden : int
        units of each layer and direction
    num_layers : int
        layers, one above the other
    mode : str
        ``"rnn_relu"``, ``"rnn_tanh"``, ``"lstm"`` or ``"gru"``
    bidirectional : bool
        run in both directions; outputs are then twice as wide
    dropout : float
        share of the outputs that become 0 between layers, in training
    get_next_state : bool
        give the last states; without it :meth:`unroll` gives an empty list
    forget_bias : float
        what the biases of an LSTM's forget gates begin with
    prefix : str, optional
        what names begin with; the mode and ``_`` without it
    params : RNNParams, optional
        variables to share
    """

    def __init__(
        self,
        num_hidden: int,
        num_layers: int = 1,
        mode: str = "lstm",
        bidirectional: bool = False,
        dropout: float = 0.0,
        get_next_state: bool = False,
        forget_bias: float = 1.0,
        prefix: str | None = None,
        params: RNNParams | None = None,
    ) -> None:
        if mode not in GATE_NAMES:
            modes = ", ".join(GATE_NAMES)
            raise ParameterError(
                message(f"FusedRNNCell: unknown mode {mode!r}", fix=f"Use {modes}.")
            )
        super().__init__(prefix=f"{mode}_" if prefix is None else prefix, params=params)
        self._num_hidden, self._num_layers = num_hidden, num_layers
        self._mode: Any = mode
        self._bidirectional, self._dropout = bidirectional, dropout
        self._get_next_state = get_next_state
        self._directions = ["l", "r"] if bidirectional else ["l"]
        first = FusedRNN(None, num_hidden, num_layers, mode, bidirectional, forget_bias)
        self._parameter: Any = self.params.get("parameters", init=first)

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """(layers · directions, 0, H) for h, and for c of an LSTM."""
        shape = (len(self._directions) * self._num_layers, 0, self._num_hidden)
        count = 2 if self._mode == "lstm" else 1
        return [{"shape": shape, "__layout__": "LNC"} for _ in range(count)]

    @property
    def _gate_names(self) -> Sequence[str]:
        return GATE_NAMES[self._mode]

    @property
    def _num_gates(self) -> int:
        return len(self._gate_names)

    def _sizes(self) -> tuple[str, int, int, int]:
        return self._mode, self._num_hidden, self._num_layers, len(self._directions)

    def _parts(self, vector: nd.NDArray) -> Iterator[tuple[str, nd.NDArray]]:
        for name, part in gate_views(vector, *self._sizes()):
            yield self._prefix + name, part

    def unpack_weights(self, args: dict[str, nd.NDArray]) -> dict[str, nd.NDArray]:
        """A copy of *args* with the vector cut into an array for each gate.

        They have the names and shapes that the cells of :meth:`unfuse` unpack to, such as
        ``lstm_l0_i2h_f_weight``. Raises AssertionError when the vector's size cannot be right.
        """
        args = args.copy()
        vector = args.pop(self._parameter.name)
        if inputs_of(vector.size, *self._sizes()) is None:
            raise CellError(message(f"Invalid parameters size {vector.size} for FusedRNNCell"))
        args.update({name: part.copy() for name, part in self._parts(vector)})
        return args

    def pack_weights(self, args: dict[str, nd.NDArray]) -> dict[str, nd.NDArray]:
        """A copy of *args* with the gates' arrays joined; undoes :meth:`unpack_weights`."""
        args = args.copy()
        first = args[f"{self._prefix}l0_i2h{self._gate_names[0]}_weight"]
        size = vector_size(first.shape[1], *self._sizes())
        vector = nd.zeros((size,), ctx=first.context, dtype=first.dtype)
        for name, part in self._parts(vector):
            part[:] = args.pop(name)
        args[self._parameter.name] = vector
        return args

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """Not possible: the operator runs over a whole sequence."""
        raise NotImplementedError("FusedRNNCell cannot be stepped. Please use unroll")

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
    ) -> tuple[Any, list[Any]]:
        """Run over *length* steps; see :meth:`BaseRNNCell.unroll`.

        Outputs are one symbol unless *merge_outputs* is False. The operator's own layout is
        ``"TNC"``; ``"NTC"`` is turned before and after it, with a warning.
        """
        self.reset()
        inputs, axis = as_sequence(length, inputs, layout, True)
        if axis not in (0, 1):
            raise CellError(message(f"Unsupported layout {layout}", fix="Use 'TNC' or 'NTC'."))
        if axis == 1:
            warnings.warn(
                "NTC layout detected. Consider using TNC for FusedRNNCell for faster speed",
                stacklevel=2,
            )
            inputs = symbol.swapaxes(inputs, dim1=0, dim2=1)
        states = self.begin_state() if begin_state is None else begin_state
        rnn = symbol.RNN(
            data=inputs,
            parameters=self._parameter,
            **dict(zip(("state", "state_cell"), states[: len(self.state_info)], strict=False)),
            state_size=self._num_hidden,
            num_layers=self._num_layers,
            bidirectional=self._bidirectional,
            p=self._dropout,
            state_outputs=self._get_next_state,
            mode=self._mode,
            name=f"{self._prefix}rnn",
        )
        outputs, states = rnn, []
        if self._get_next_state:
            outputs, *states = list(rnn)
            for state in states:
                state._set_attr(__layout__="LNC")
        if axis == 1:
            outputs = symbol.swapaxes(outputs, dim1=0, dim2=1)
        return as_sequence(length, outputs, layout, merge_outputs)[0], states

    def _unfused(self, prefix: str) -> BaseRNNCell:
        """The cell of one layer and direction."""
        if self._mode == "lstm":
            return LSTMCell(self._num_hidden, prefix=prefix)
        if self._mode == "gru":
            return GRUCell(self._num_hidden, prefix=prefix)
        activation = self._mode.removeprefix("rnn_")
        return RNNCell(self._num_hidden, activation=activation, prefix=prefix)

    def unfuse(self) -> SequentialRNNCell:
        """The same network as a stack of cells, which can be stepped.

        Weights are carried over by ``stack.pack_weights(cell.unpack_weights(args))``.
        """
        stack, prefix = SequentialRNNCell(), self._prefix
        for layer in range(self._num_layers):
            cell = self._unfused(f"{prefix}l{layer}_")
            if self._bidirectional:
                back = self._unfused(f"{prefix}r{layer}_")
                cell = BidirectionalCell(cell, back, output_prefix=f"{prefix}bi_l{layer}_")
            stack.add(cell)
            if self._dropout > 0 and layer != self._num_layers - 1:
                stack.add(DropoutCell(self._dropout, prefix=f"{prefix}_dropout{layer}_"))
        return stack
