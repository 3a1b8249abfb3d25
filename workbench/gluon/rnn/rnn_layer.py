"""``mx.gluon.rnn.rnn_layer``: recurrent layers over whole sequences."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ... import ndarray as nd, symbol
from ...error import ParameterError, ShapeError, message
from ...ops.rnn_steps import GATES
from ..hybrid import HybridBlock
from . import rnn_cell
from .sequences import is_tensor

__all__ = ["GRU", "LSTM", "RNN"]

_NAME = re.compile(r"([lr])(\d+)_(i2h|h2h|h2r)_(weight|bias)\Z")


class _RNNLayer(HybridBlock):
    """Layers of one mode, each in one or two directions, run by one operator."""

    def __init__(
        self,
        mode: str,
        hidden_size: int,
        num_layers: int,
        layout: str,
        dropout: float,
        bidirectional: bool,
        input_size: int,
        initializers: dict[str, Any],
        dtype: Any,
        projection_size: int | None = None,
        limits: tuple[Any, Any, bool] = (None, None, False),
        use_sequence_length: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if layout not in ("TNC", "NTC"):
            raise ParameterError(message(f"Invalid layout {layout}", fix="Use 'TNC' or 'NTC'."))
        self._mode, self._hidden_size, self._num_layers = mode, hidden_size, num_layers
        self._layout, self._dropout, self._dir = layout, dropout, 2 if bidirectional else 1
        self._input_size, self._dtype = input_size, dtype
        self._projection_size = projection_size or None
        self._initializers, self._limits = initializers, limits
        self._use_sequence_length = use_sequence_length
        self._gates = GATES[mode]
        for name, shape in self._shapes(input_size).items():
            made = self.params.get(
                name,
                shape=shape,
                init=initializers[name.split("_", 1)[1]],
                allow_deferred_init=True,
                dtype=dtype,
            )
            setattr(self, name, made)

    def _shapes(self, inputs: int) -> dict[str, tuple[int, ...]]:
        """Names and shapes of all parameters, in the order of MXNet."""
        rows, out = self._gates * self._hidden_size, self._projection_size or self._hidden_size
        made: dict[str, tuple[int, ...]] = {}
        for layer in range(self._num_layers):
            for way in "lr"[: self._dir]:
                made[f"{way}{layer}_i2h_weight"] = (rows, inputs)
                made[f"{way}{layer}_h2h_weight"] = (rows, out)
                made[f"{way}{layer}_i2h_bias"] = made[f"{way}{layer}_h2h_bias"] = (rows,)
                if self._projection_size:
                    made[f"{way}{layer}_h2r_weight"] = (out, self._hidden_size)
            inputs = out * self._dir
        return made

    def __repr__(self) -> str:
        rows, columns = self.l0_i2h_weight.shape
        words = [f"{columns or None} -> {rows // self._gates}", self._layout]
        words += [f"num_layers={self._num_layers}"] if self._num_layers != 1 else []
        words += [f"dropout={self._dropout}"] if self._dropout else []
        words += ["bidirectional"] if self._dir == 2 else []
        return f"{type(self).__name__}({', '.join(words)})"

    def _collect_params_with_prefix(self, prefix: str = "") -> dict[str, Any]:
        """As if the layers were cells: ``_unfused.0.l_cell.i2h_weight``."""
        made = {}
        for name, one in self._reg_params.items():
            way, layer, part, kind = _NAME.match(name).groups()  # type: ignore[union-attr]
            cell = f"{way}_cell." if self._dir == 2 else ""
            lead = f"{prefix}." if prefix else ""
            made[f"{lead}_unfused.{layer}.{cell}{part}_{kind}"] = one
        return made

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Shape (layers · directions, N, H), layout and dtype of each state."""
        sizes = [self._projection_size or self._hidden_size]
        sizes += [self._hidden_size] if self._mode == "lstm" else []
        lead = self._num_layers * self._dir
        return [
            {"shape": (lead, batch_size, size), "__layout__": "LNC", "dtype": self._dtype}
            for size in sizes
        ]

    def begin_state(
        self, batch_size: int = 0, func: Callable[..., Any] = nd.zeros, **kwargs: Any
    ) -> list[Any]:
        """The first states, by *func*, for example ``mx.nd.zeros`` or ``mx.nd.random.normal``."""
        return [
            func(name=f"{self.prefix}h0_{i}", **{**info, **kwargs})
            for i, info in enumerate(self.state_info(batch_size))
        ]

    def cast(self, dtype: Any) -> None:
        """Convert parameters, and the states that are made."""
        super().cast(dtype)
        self._dtype = dtype

    def infer_shape(self, inputs: Any, *args: Any) -> None:
        """Complete the parameters from the features of the input."""
        for name, shape in self._shapes(inputs.shape[2]).items():
            self._reg_params[name].shape = shape

    def __call__(self, inputs: Any, states: Any = None, sequence_length: Any = None) -> Any:
        """Run over a sequence: the outputs, and with *states* given (outputs, new states)."""
        given = states is not None
        if not given:
            if isinstance(inputs, nd.NDArray):
                batch = inputs.shape[self._layout.find("N")]
                states = self.begin_state(batch, ctx=inputs.context, dtype=inputs.dtype)
            else:
                states = self.begin_state(0, func=symbol.zeros)
        states = [states] if is_tensor(states) else list(states)
        lengths = (sequence_length,) if self._use_sequence_length else ()
        outputs, new_states = super().__call__(inputs, states, *lengths)
        return (outputs, new_states) if given else outputs

    def hybrid_forward(
        self, F: Any, inputs: Any, states: Any, sequence_length: Any = None, **params: Any
    ) -> Any:
        """(outputs, list of states)."""
        if F is nd:
            self._check_states(inputs, states)
        if self._layout == "NTC":
            inputs = F.swapaxes(inputs, dim1=0, dim2=1)
        vector = F._internal._rnn_param_concat(*self._flat(params), dim=0)
        low, high, stop_nan = self._limits
        made = F.RNN(
            inputs,
            vector,
            *states,
            *([sequence_length] if self._use_sequence_length else []),
            use_sequence_length=self._use_sequence_length,
            state_size=self._hidden_size,
            projection_size=self._projection_size,
            num_layers=self._num_layers,
            bidirectional=self._dir == 2,
            p=self._dropout,
            state_outputs=True,
            mode=self._mode,
            lstm_state_clip_min=low,
            lstm_state_clip_max=high,
            lstm_state_clip_nan=stop_nan,
        )
        outputs, *new_states = list(made)
        if self._layout == "NTC":
            outputs = F.swapaxes(outputs, dim1=0, dim2=1)
        return outputs, new_states

    def _flat(self, params: dict[str, Any]) -> list[Any]:
        """The parameters as vectors, in the order of the operator: weights, then biases."""
        groups = (("i2h", "h2h", "h2r"), ("i2h", "h2h"))
        names = [
            f"{way}{layer}_{part}_{kind}"
            for kind, parts in zip(("weight", "bias"), groups, strict=True)
            for layer in range(self._num_layers)
            for way in "lr"[: self._dir]
            for part in parts
        ]
        return [params[name].reshape((-1,)) for name in names if name in params]

    def _check_states(self, inputs: Any, states: Any) -> None:
        batch = inputs.shape[self._layout.find("N")]
        for state, info in zip(states, self.state_info(batch), strict=True):
            if state.shape != info["shape"]:
                raise ShapeError(
                    message(
                        "Invalid recurrent state shape. "
                        f"Expecting {info['shape']}, got {state.shape}."
                    )
                )

    def _unfuse(self) -> rnn_cell.HybridSequentialRNNCell:
        """The same layers as cells, which share the parameters."""
        if self._projection_size or any(limit is not None for limit in self._limits[:2]):
            raise ParameterError(
                message("_unfuse: cells have no projection and no limits of the state")
            )
        kinds: dict[str, Callable[..., Any]] = {
            "rnn_relu": rnn_cell.RNNCell,
            "rnn_tanh": rnn_cell.RNNCell,
            "lstm": rnn_cell.LSTMCell,
            "gru": rnn_cell.GRUCell,
        }
        more = {"activation": self._mode[4:]} if self._mode.startswith("rnn_") else {}
        more |= {
            f"{name}_initializer": init
            for name, init in self._initializers.items()
            if name != "h2r_weight"
        }
        stack = rnn_cell.HybridSequentialRNNCell(prefix=self.prefix, params=self.params)
        with stack.name_scope():
            size = self._input_size
            for i in range(self._num_layers):
                cells = [
                    kinds[self._mode](
                        self._hidden_size, input_size=size, prefix=f"{way}{i}_", **more
                    )
                    for way in "lr"[: self._dir]
                ]
                stack.add(cells[0] if self._dir == 1 else rnn_cell.BidirectionalCell(*cells))
                if self._dropout > 0 and i != self._num_layers - 1:
                    stack.add(rnn_cell.DropoutCell(self._dropout))
                size = self._hidden_size * self._dir
        return stack


def _initializers(*four: Any, h2r_weight: Any = None) -> dict[str, Any]:
    names = ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias")
    return {**dict(zip(names, four, strict=True)), "h2r_weight": h2r_weight}


class RNN(_RNNLayer):
    """Layers of ``h' = activation(Wx + b + Rh + d)`` (Elman); *activation* is relu or tanh.

    Data is (T, N, C), or (N, T, C) with *layout* ``"NTC"``; outputs are directions · H features
    wide. Called without states it starts from zeros and returns the outputs alone.
    """

    def __init__(
        self,
        hidden_size: int,
        num_layers: int = 1,
        activation: str = "relu",
        layout: str = "TNC",
        dropout: float = 0,
        bidirectional: bool = False,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        inits = _initializers(
            i2h_weight_initializer,
            h2h_weight_initializer,
            i2h_bias_initializer,
            h2h_bias_initializer,
        )
        super().__init__(
            f"rnn_{activation}",
            hidden_size,
            num_layers,
            layout,
            dropout,
            bidirectional,
            input_size,
            inits,
            dtype,
            **kwargs,
        )


class LSTM(_RNNLayer):
    """Layers of long short-term memory; see :class:`RNN` for shapes.

    There are two states, h and c. With *projection_size* outputs and h are that wide, by a matrix
    (Sak et al., arXiv:1402.1128). Limits of the cells are accepted and have no influence, as on
    the CPU in MXNet.
    """

    def __init__(
        self,
        hidden_size: int,
        num_layers: int = 1,
        layout: str = "TNC",
        dropout: float = 0,
        bidirectional: bool = False,
        input_size: int = 0,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        projection_size: int | None = None,
        h2r_weight_initializer: Any = None,
        state_clip_min: float | None = None,
        state_clip_max: float | None = None,
        state_clip_nan: bool = False,
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        inits = _initializers(
            i2h_weight_initializer,
            h2h_weight_initializer,
            i2h_bias_initializer,
            h2h_bias_initializer,
            h2r_weight=h2r_weight_initializer,
        )
        super().__init__(
            "lstm",
            hidden_size,
            num_layers,
            layout,
            dropout,
            bidirectional,
            input_size,
            inits,
            dtype,
            projection_size,
            (state_clip_min, state_clip_max, state_clip_nan),
            **kwargs,
        )


class GRU(_RNNLayer):
    """Layers of gated recurrent units; see :class:`RNN` for shapes."""

    def __init__(
        self,
        hidden_size: int,
        num_layers: int = 1,
        layout: str = "TNC",
        dropout: float = 0,
        bidirectional: bool = False,
        input_size: int = 0,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        dtype: Any = "float32",
        **kwargs: Any,
    ) -> None:
        inits = _initializers(
            i2h_weight_initializer,
            h2h_weight_initializer,
            i2h_bias_initializer,
            h2h_bias_initializer,
        )
        super().__init__(
            "gru",
            hidden_size,
            num_layers,
            layout,
            dropout,
            bidirectional,
            input_size,
            inits,
            dtype,
            **kwargs,
        )
