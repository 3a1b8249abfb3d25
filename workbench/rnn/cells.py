"""Cells with dense matrices, and the steps that they share with the convolutional ones.

A step is a mixin over ``_projected``, which applies the cell's weights to inputs and state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .. import symbol
from ..initializer import LSTMBias
from ..ops.rnn_steps import GATE_NAMES
from .cell_base import BaseRNNCell, RNNParams

__all__ = ["GRUCell", "GRUStep", "GatedCell", "LSTMCell", "LSTMStep", "PlainStep", "RNNCell"]

_plus: Any = symbol._internal._plus
_mul: Any = symbol._internal._mul


class GatedCell(BaseRNNCell):
    """A cell with gates; ``_projected`` gives what inputs and state contribute to them."""

    _activation: Any = "tanh"
    _mode: ClassVar[str]

    @property
    def _gate_names(self) -> Sequence[str]:
        return GATE_NAMES[self._mode]

    @property
    def _num_gates(self) -> int:
        return len(self._gate_names)

    def _projected(self, inputs: Any, state: Any, name: str) -> tuple[Any, Any]:
        raise NotImplementedError

    def _slicing(self) -> dict[str, Any]:
        """Where the gates are cut, unless on the second axis."""
        return {}


class PlainStep(GatedCell):
    """``h' = activation(W x + b + R h + c)``."""

    _mode = "rnn_tanh"

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step."""
        name = self._step_name()
        i2h, h2h = self._projected(inputs, states[0], name)
        output = self._get_activation(i2h + h2h, self._activation, name=f"{name}out")
        return output, [output]


class LSTMStep(GatedCell):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997), with states h and c."""

    _mode = "lstm"

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step."""
        name = self._step_name()
        i2h, h2h = self._projected(inputs, states[0], name)
        i, f, c, o = symbol.SliceChannel(
            i2h + h2h, num_outputs=4, name=f"{name}slice", **self._slicing()
        )
        i = symbol.Activation(i, act_type="sigmoid", name=f"{name}i")
        f = symbol.Activation(f, act_type="sigmoid", name=f"{name}f")
        c = self._get_activation(c, self._activation, name=f"{name}c")
        o = symbol.Activation(o, act_type="sigmoid", name=f"{name}o")
        cell = _plus(f * states[1], i * c, name=f"{name}state")
        output = _mul(o, self._get_activation(cell, self._activation), name=f"{name}out")
        return output, [output, cell]


class GRUStep(GatedCell):
    """Gated recurrent unit (Cho et al., arXiv:1406.1078), as cuDNN has it.

    The reset gate scales the state after its matrix, not before it.
    """

    _mode = "gru"

    def __call__(self, inputs: Any, states: Any) -> tuple[Any, list[Any]]:
        """One step."""
        name, cut = self._step_name(), self._slicing()
        i2h, h2h = self._projected(inputs, states[0], name)
        split: Any = symbol.SliceChannel
        i2h_r, i2h_z, i2h = split(i2h, num_outputs=3, name=f"{name}_i2h_slice", **cut)
        h2h_r, h2h_z, h2h = split(h2h, num_outputs=3, name=f"{name}_h2h_slice", **cut)
        r: Any = symbol.Activation(i2h_r + h2h_r, act_type="sigmoid", name=f"{name}_r_act")
        z: Any = symbol.Activation(i2h_z + h2h_z, act_type="sigmoid", name=f"{name}_z_act")
        new = self._get_activation(i2h + r * h2h, self._activation, name=f"{name}_h_act")
        output = _plus((1.0 - z) * new, z * states[0], name=f"{name}out")
        return output, [output]


class _Dense(GatedCell):
    """Matrices (gates · H, I) and (gates · H, H), biases (gates · H,)."""

    _states: ClassVar[int] = 1

    def __init__(
        self,
        num_hidden: int,
        prefix: str,
        params: RNNParams | None,
        bias_init: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._num_hidden = num_hidden
        self._iW = self.params.get("i2h_weight")
        self._iB = self.params.get("i2h_bias", init=bias_init)
        self._hW = self.params.get("h2h_weight")
        self._hB = self.params.get("h2h_bias")

    @property
    def state_info(self) -> list[dict[str, Any]]:
        """(0, H) for each state."""
        return [{"shape": (0, self._num_hidden), "__layout__": "NC"} for _ in range(self._states)]

    def _projected(self, inputs: Any, state: Any, name: str) -> tuple[Any, Any]:
        rows = self._num_hidden * self._num_gates
        i2h = symbol.FullyConnected(
            data=inputs, weight=self._iW, bias=self._iB, num_hidden=rows, name=f"{name}i2h"
        )
        h2h = symbol.FullyConnected(
            data=state, weight=self._hW, bias=self._hB, num_hidden=rows, name=f"{name}h2h"
        )
        return i2h, h2h


class RNNCell(PlainStep, _Dense):
    """Plain recurrent cell, ``h' = activation(W x + b + R h + c)``.

    Parameters
    ----------
    num_hidden : int
        units of the output and of the state
    activation : str or callable
        ``"tanh"``, ``"relu"`` ..., or a function of a symbol
    prefix : str
        what names begin with
    params : RNNParams, optional
        variables to share
    """

    def __init__(
        self,
        num_hidden: int,
        activation: Any = "tanh",
        prefix: str = "rnn_",
        params: RNNParams | None = None,
    ) -> None:
        super().__init__(num_hidden, prefix, params)
        self._activation = activation


class LSTMCell(LSTMStep, _Dense):
    """Long short-term memory with states h and c, both (N, H).

    Parameters
    ----------
    num_hidden : int
        units of the output and of each state
    prefix : str
        what names begin with
    params : RNNParams, optional
        variables to share
    forget_bias : float
        what the bias of the forget gate begins with (Jozefowicz et al., 2015, recommend 1)
    """

    _states = 2

    def __init__(
        self,
        num_hidden: int,
        prefix: str = "lstm_",
        params: RNNParams | None = None,
        forget_bias: float = 1.0,
    ) -> None:
        super().__init__(num_hidden, prefix, params, LSTMBias(forget_bias=forget_bias))


class GRUCell(GRUStep, _Dense):
    """Gated recurrent unit in the form of cuDNN.

    Parameters
    ----------
    num_hidden : int
        units of the output and of the state
    prefix : str
        what names begin with
    params : RNNParams, optional
        variables to share
    """

    def __init__(
        self, num_hidden: int, prefix: str = "gru_", params: RNNParams | None = None
    ) -> None:
        super().__init__(num_hidden, prefix, params)

    def _projected(self, inputs: Any, state: Any, name: str) -> tuple[Any, Any]:
        return super()._projected(inputs, state, f"{name}_")  # MXNet's names have one _ more here
