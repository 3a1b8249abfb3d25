"""What all recurrent cells share: states, steps, unrolling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ... import ndarray as nd
from ...error import MXNetError, message
from ..block import Block
from ..hybrid import HybridBlock
from ..nn import LeakyReLU
from .sequences import begin_state_for, formatted, masked

__all__ = ["HybridRecurrentCell", "RecurrentCell"]


class RecurrentCell(Block):
    """One step of a recurrent network: ``output, states = cell(input, states)``.

    Inputs are (N, C); a state is what :meth:`state_info` describes.
    """

    def __init__(self, prefix: str | None = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self._modified = False
        self.reset()

    def reset(self) -> None:
        """Start counting steps anew, before the cell is used for another graph."""
        self._init_counter = self._counter = -1
        for cell in self._children.values():
            cell.reset()

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Shape and layout of each state."""
        raise NotImplementedError(f"{type(self).__name__} must define state_info()")

    def begin_state(
        self, batch_size: int = 0, func: Callable[..., Any] = nd.zeros, **kwargs: Any
    ) -> list[Any]:
        """The first states, by *func*, for example ``mx.nd.zeros`` or ``mx.sym.var``."""
        self._check_usable()
        states = []
        for info in self.state_info(batch_size):
            self._init_counter += 1
            name = f"{self._prefix}begin_state_{self._init_counter}"
            states.append(func(name=name, **{**info, **kwargs}))
        return states

    def _check_usable(self) -> None:
        if self._modified:
            raise MXNetError(
                message(
                    f"{self.name}: after applying modifier cells (e.g. ZoneoutCell) the base cell "
                    "cannot be called directly",
                    fix="Call the modifier cell instead.",
                )
            )

    def unroll(
        self,
        length: int,
        inputs: Any,
        begin_state: Any = None,
        layout: str = "NTC",
        merge_outputs: bool | None = None,
        valid_length: Any = None,
    ) -> tuple[Any, list[Any]]:
        """Run over *length* steps.

        Parameters
        ----------
        inputs : an array in *layout*, or a list of (N, C)
        begin_state : the first states; zeros without it
        merge_outputs : outputs as one array (True), as a list (False), as is cheaper (None)
        valid_length : (N,), the length of each sample; outputs behind it are 0, and the states
            are those at its end

        Returns
        -------
        outputs, states
        """
        self.reset()
        steps, axis, F, batch = formatted(length, inputs, layout, False)
        states = begin_state_for(self, F, begin_state, steps, batch)
        outputs, every = [], []
        for step in steps:
            output, states = self(step, states)
            outputs.append(output)
            every.append(states)
        if valid_length is not None:
            states = [
                F.SequenceLast(
                    F.stack(*ones, axis=0), sequence_length=valid_length, use_sequence_length=True
                )
                for ones in zip(*every, strict=True)
            ]
            outputs = masked(F, outputs, length, valid_length, axis, True)
        return formatted(length, outputs, layout, merge_outputs)[0], states

    def _activated(self, F: Any, x: Any, activation: Any, **kwargs: Any) -> Any:
        if activation in ("tanh", "relu", "sigmoid", "softsign"):
            return getattr(F, activation)(x, **kwargs)
        if isinstance(activation, str):
            return F.Activation(x, act_type=activation, **kwargs)
        if isinstance(activation, LeakyReLU):
            return F.LeakyReLU(x, act_type="leaky", slope=activation._alpha, **kwargs)
        return activation(x, **kwargs)

    def forward(self, inputs: Any, states: Any) -> Any:
        """One step."""
        self._counter += 1
        return super().forward(inputs, states)


class HybridRecurrentCell(RecurrentCell, HybridBlock):
    """A cell that can be traced into a graph."""

    def hybrid_forward(self, F: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        """One step with *F* = ``mx.nd`` or ``mx.sym``; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} must define hybrid_forward()")
