"""The three cells: plain, LSTM and GRU."""

from __future__ import annotations

from typing import Any

from .cell_base import HybridRecurrentCell

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class _GatedCell(HybridRecurrentCell):
    """Two products, of the input and of the state, for *gates* times *hidden_size* numbers."""

    _gates = 1
    _states = 1

    def __init__(
        self,
        hidden_size: int,
        initializers: tuple[Any, Any, Any, Any],
        input_size: int,
        prefix: str | None,
        params: Any,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        self._hidden_size, self._input_size = hidden_size, input_size
        rows = self._gates * hidden_size
        shapes = {
            "i2h_weight": (rows, input_size),
            "h2h_weight": (rows, hidden_size),
            "i2h_bias": (rows,),
            "h2h_bias": (rows,),
        }
        for (name, shape), init in zip(shapes.items(), initializers, strict=True):
            made = self.params.get(name, shape=shape, init=init, allow_deferred_init=True)
            setattr(self, name, made)

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Shape (N, H) and layout of each state."""
        return [
            {"shape": (batch_size, self._hidden_size), "__layout__": "NC"}
            for _ in range(self._states)
        ]

    def _mapping(self) -> str:
        rows, columns = self.i2h_weight.shape
        return f"{columns or None} -> {rows}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._mapping()})"

    def _products(
        self, F: Any, prefix: str, x: Any, h: Any, weights: tuple[Any, Any, Any, Any]
    ) -> tuple[Any, Any]:
        i2h_weight, h2h_weight, i2h_bias, h2h_bias = weights
        rows = self._gates * self._hidden_size
        return (
            F.FullyConnected(x, i2h_weight, i2h_bias, num_hidden=rows, name=f"{prefix}i2h"),
            F.FullyConnected(h, h2h_weight, h2h_bias, num_hidden=rows, name=f"{prefix}h2h"),
        )


class RNNCell(_GatedCell):
    """``h' = activation(Wx + b + Rh + d)`` (Elman)."""

    def __init__(
        self,
        hidden_size: int,
        activation: Any = "tanh",
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        initializers = (
            i2h_weight_initializer,
            h2h_weight_initializer,
            i2h_bias_initializer,
            h2h_bias_initializer,
        )
        super().__init__(hidden_size, initializers, input_size, prefix, params)
        self._activation = activation

    def _alias(self) -> str:
        return "rnn"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._mapping()}, {self._activation})"

    def hybrid_forward(
        self,
        F: Any,
        inputs: Any,
        states: Any,
        i2h_weight: Any,
        h2h_weight: Any,
        i2h_bias: Any,
        h2h_bias: Any,
    ) -> Any:
        """(output, [h'])."""
        prefix = f"t{self._counter}_"
        weights = (i2h_weight, h2h_weight, i2h_bias, h2h_bias)
        i2h, h2h = self._products(F, prefix, inputs, states[0], weights)
        total = F.elemwise_add(i2h, h2h, name=f"{prefix}plus0")
        output = self._activated(F, total, self._activation, name=f"{prefix}out")
        return output, [output]


class LSTMCell(_GatedCell):
    """Long short-term memory (Hochreiter and Schmidhuber 1997), gates in the order i, f, c, o.

    ``c' = f c + i activation(...)``; ``h' = o activation(c')``; the gates are bent by
    *recurrent_activation*.
    """

    _gates, _states = 4, 2

    def __init__(
        self,
        hidden_size: int,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        prefix: str | None = None,
        params: Any = None,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
    ) -> None:
        initializers = (
            i2h_weight_initializer,
            h2h_weight_initializer,
            i2h_bias_initializer,
            h2h_bias_initializer,
        )
        super().__init__(hidden_size, initializers, input_size, prefix, params)
        self._activation, self._recurrent_activation = activation, recurrent_activation

    def _alias(self) -> str:
        return "lstm"

    def hybrid_forward(
        self,
        F: Any,
        inputs: Any,
        states: Any,
        i2h_weight: Any,
        h2h_weight: Any,
        i2h_bias: Any,
        h2h_bias: Any,
    ) -> Any:
        """(h', [h', c'])."""
        t = f"t{self._counter}_"
        weights = (i2h_weight, h2h_weight, i2h_bias, h2h_bias)
        i2h, h2h = self._products(F, t, inputs, states[0], weights)
        total = F.elemwise_add(i2h, h2h, name=f"{t}plus0")
        parts = F.SliceChannel(total, num_outputs=4, name=f"{t}slice")
        bend, squash = self._recurrent_activation, self._activation
        i = self._activated(F, parts[0], bend, name=f"{t}i")
        f = self._activated(F, parts[1], bend, name=f"{t}f")
        c = self._activated(F, parts[2], squash, name=f"{t}c")
        o = self._activated(F, parts[3], bend, name=f"{t}o")
        kept = F.elemwise_mul(f, states[1], name=f"{t}mul0")
        added = F.elemwise_mul(i, c, name=f"{t}mul1")
        new_c = F.elemwise_add(kept, added, name=f"{t}state")
        bent = self._activated(F, new_c, squash, name=f"{t}activation0")
        new_h = F.elemwise_mul(o, bent, name=f"{t}out")
        return new_h, [new_h, new_c]


class GRUCell(_GatedCell):
    """Gated recurrent unit (Cho et al. 2014, as in cuDNN), gates in the order r, z, n.

    ``n = tanh(Wx + b + r (Rh + d))``; ``h' = (1 - z) n + z h``.
    """

    _gates = 3

    def __init__(
        self,
        hidden_size: int,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        input_size: int = 0,
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        initializers = (
            i2h_weight_initializer,
            h2h_weight_initializer,
            i2h_bias_initializer,
            h2h_bias_initializer,
        )
        super().__init__(hidden_size, initializers, input_size, prefix, params)

    def _alias(self) -> str:
        return "gru"

    def hybrid_forward(
        self,
        F: Any,
        inputs: Any,
        states: Any,
        i2h_weight: Any,
        h2h_weight: Any,
        i2h_bias: Any,
        h2h_bias: Any,
    ) -> Any:
        """(h', [h'])."""
        t, before = f"t{self._counter}_", states[0]
        weights = (i2h_weight, h2h_weight, i2h_bias, h2h_bias)
        i2h, h2h = self._products(F, t, inputs, before, weights)
        i_r, i_z, i_n = F.SliceChannel(i2h, num_outputs=3, name=f"{t}i2h_slice")
        h_r, h_z, h_n = F.SliceChannel(h2h, num_outputs=3, name=f"{t}h2h_slice")

        def gate(one: Any, other: Any, plus: str, act: str, kind: str = "sigmoid") -> Any:
            total = F.elemwise_add(one, other, name=f"{t}{plus}")
            return F.Activation(total, act_type=kind, name=f"{t}{act}")

        r = gate(i_r, h_r, "plus0", "r_act")
        z = gate(i_z, h_z, "plus1", "z_act")
        n = gate(i_n, F.elemwise_mul(r, h_n, name=f"{t}mul0"), "plus2", "h_act", "tanh")
        rest = F.elemwise_sub(F.ones_like(z, name=f"{t}ones_like0"), z, name=f"{t}minus0")
        fresh = F.elemwise_mul(rest, n, name=f"{t}mul1")
        kept = F.elemwise_mul(z, before, name=f"{t}mul20")
        new_h = F.elemwise_add(fresh, kept, name=f"{t}out")
        return new_h, [new_h]
