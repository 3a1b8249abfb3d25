"""Recurrent cells whose products are convolutions: states keep the shape of images.

The nine classes differ in the kind of cell and the number of axes.
"""

from __future__ import annotations

from typing import Any

from ...nn.conv_layers import as_tuple
from ...rnn import HybridRecurrentCell

__all__ = [
    "Conv1DGRUCell",
    "Conv1DLSTMCell",
    "Conv1DRNNCell",
    "Conv2DGRUCell",
    "Conv2DLSTMCell",
    "Conv2DRNNCell",
    "Conv3DGRUCell",
    "Conv3DLSTMCell",
    "Conv3DRNNCell",
]


class _ConvCell(HybridRecurrentCell):
    """Two convolutions, of the input and of the state, for *gates* times *hidden_channels*.

    Parameters
    ----------
    input_shape : tuple of int
        of a sample at one step, (C, W), (C, H, W) or (C, D, H, W); channels last where
        *conv_layout* has them last
    hidden_channels : int
        channels of the output and of each state
    i2h_kernel, h2h_kernel : int or tuple of int
        kernels of the convolutions of the input and of the state; the second has odd sizes
    i2h_pad : int or tuple of int
        zeros around the input; the state is padded so that it keeps its size
    i2h_dilate, h2h_dilate : int or tuple of int
    i2h_weight_initializer, h2h_weight_initializer, i2h_bias_initializer, h2h_bias_initializer :
        Initializer or str, optional
    conv_layout : str
        order of the axes
    activation : str or Block
    """

    _rank = 0
    _gates = 1
    _states = 1
    i2h_weight: Any

    def __init__(
        self,
        input_shape: Any,
        hidden_channels: int,
        i2h_kernel: Any,
        h2h_kernel: Any,
        i2h_pad: Any = 0,
        i2h_dilate: Any = 1,
        h2h_dilate: Any = 1,
        i2h_weight_initializer: Any = None,
        h2h_weight_initializer: Any = None,
        i2h_bias_initializer: Any = "zeros",
        h2h_bias_initializer: Any = "zeros",
        conv_layout: str | None = None,
        activation: Any = "tanh",
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        rank = self._rank
        self._hidden_channels, self._input_shape = hidden_channels, tuple(input_shape)
        self._conv_layout = conv_layout or {1: "NCW", 2: "NCHW", 3: "NCDHW"}[rank]
        self._activation = activation
        self._channel_axis = self._conv_layout.find("C")
        kernel = as_tuple(h2h_kernel, rank, "h2h_kernel")
        assert all(k % 2 == 1 for k in kernel), f"Only support odd number, get h2h_kernel={kernel}"
        dilate = as_tuple(h2h_dilate, rank, "h2h_dilate")
        self._i2h = self._places(
            as_tuple(i2h_kernel, rank, "i2h_kernel"),
            as_tuple(i2h_dilate, rank, "i2h_dilate"),
            as_tuple(i2h_pad, rank, "i2h_pad"),
        )
        pad = tuple(d * (k - 1) // 2 for d, k in zip(dilate, kernel, strict=True))
        self._h2h = self._places(kernel, dilate, pad)
        inner = self._input_shape[self._channel_axis - 1]
        rows = self._gates * hidden_channels
        for name, shape, init in (
            ("i2h_weight", self._weight(inner, self._i2h["kernel"]), i2h_weight_initializer),
            ("h2h_weight", self._weight(hidden_channels, kernel), h2h_weight_initializer),
            ("i2h_bias", (rows,), i2h_bias_initializer),
            ("h2h_bias", (rows,), h2h_bias_initializer),
        ):
            made = self.params.get(name, shape=shape, init=init, allow_deferred_init=True)
            setattr(self, name, made)

    def _places(self, kernel: Any, dilate: Any, pad: Any) -> dict[str, Any]:
        return {
            "num_filter": self._gates * self._hidden_channels,
            "kernel": kernel,
            "stride": (1,) * self._rank,
            "dilate": dilate,
            "pad": pad,
            "layout": self._conv_layout,
        }

    def _in_order(self, channels: int, sizes: Any) -> tuple[int, ...]:
        """Channels and sizes in the order of the layout."""
        return (channels, *sizes) if self._channel_axis == 1 else (*sizes, channels)

    def _weight(self, inner: int, kernel: Any) -> tuple[int, ...]:
        return (self._gates * self._hidden_channels, *self._in_order(inner, kernel))

    def state_info(self, batch_size: int = 0) -> list[dict[str, Any]]:
        """Shape and layout of each state: the size that the input's convolution gives."""
        first = self._channel_axis == 1
        sizes = self._input_shape[1:] if first else self._input_shape[:-1]
        k = self._i2h
        places = zip(sizes, k["kernel"], k["dilate"], k["pad"], strict=True)
        out = tuple(n and n + 2 * a - d * (s - 1) for n, s, d, a in places)
        shape = (batch_size, *self._in_order(self._hidden_channels, out))
        return [{"shape": shape, "__layout__": self._conv_layout} for _ in range(self._states)]

    def __repr__(self) -> str:
        shape = self.i2h_weight.shape
        inner = shape[1 if self._channel_axis == 1 else -1] or None
        words = f"{inner} -> {shape[0]}, {self._activation}, {self._conv_layout}"
        return f"{type(self).__name__}({words})"

    def _convolved(self, F: Any, t: str, x: Any, h: Any, weights: Any) -> tuple[Any, Any]:
        i2h_weight, h2h_weight, i2h_bias, h2h_bias = weights
        return (
            F.Convolution(x, i2h_weight, i2h_bias, name=f"{t}i2h", **self._i2h),
            F.Convolution(h, h2h_weight, h2h_bias, name=f"{t}h2h", **self._h2h),
        )

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
        """(output, states)."""
        t = f"t{self._counter}_"
        weights = (i2h_weight, h2h_weight, i2h_bias, h2h_bias)
        i2h, h2h = self._convolved(F, t, inputs, states[0], weights)
        return self._step(F, t, i2h, h2h, states)

    def _step(self, F: Any, t: str, i2h: Any, h2h: Any, states: Any) -> Any:
        """What the cell makes of both convolutions; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} must define _step()")

    def _sigmoid(self, F: Any, x: Any, name: str) -> Any:
        return F.Activation(x, act_type="sigmoid", name=name)


class _ConvRNNCell(_ConvCell):
    """``h' = activation(W ∗ x + b + R ∗ h + d)``."""

    def _alias(self) -> str:
        return "conv_rnn"

    def _step(self, F: Any, t: str, i2h: Any, h2h: Any, states: Any) -> Any:
        output = self._activated(F, i2h + h2h, self._activation, name=f"{t}out")
        return output, [output]


class _ConvLSTMCell(_ConvCell):
    """LSTM over images (Shi et al., arXiv:1506.04214), without peepholes."""

    _gates, _states = 4, 2

    def _alias(self) -> str:
        return "conv_lstm"

    def _step(self, F: Any, t: str, i2h: Any, h2h: Any, states: Any) -> Any:
        parts = F.SliceChannel(i2h + h2h, num_outputs=4, axis=self._channel_axis, name=f"{t}slice")
        i = self._sigmoid(F, parts[0], f"{t}i")
        f = self._sigmoid(F, parts[1], f"{t}f")
        c = self._activated(F, parts[2], self._activation, name=f"{t}c")
        o = self._sigmoid(F, parts[3], f"{t}o")
        new_c = F.elemwise_add(f * states[1], i * c, name=f"{t}state")
        bent = self._activated(F, new_c, self._activation)
        new_h = F.elemwise_mul(o, bent, name=f"{t}out")
        return new_h, [new_h, new_c]


class _ConvGRUCell(_ConvCell):
    """GRU over images, ``h' = (1 - z) n + z h``, ``n = activation(W ∗ x + b + r (R ∗ h + d))``."""

    _gates = 3

    def _alias(self) -> str:
        return "conv_gru"

    def _step(self, F: Any, t: str, i2h: Any, h2h: Any, states: Any) -> Any:
        options = {"num_outputs": 3, "axis": self._channel_axis}
        i_r, i_z, i_n = F.SliceChannel(i2h, name=f"{t}i2h_slice", **options)
        h_r, h_z, h_n = F.SliceChannel(h2h, name=f"{t}h2h_slice", **options)
        r = self._sigmoid(F, i_r + h_r, f"{t}r_act")
        z = self._sigmoid(F, i_z + h_z, f"{t}z_act")
        n = self._activated(F, i_n + r * h_n, self._activation, name=f"{t}h_act")
        new_h = F.elemwise_add((1.0 - z) * n, z * states[0], name=f"{t}out")
        return new_h, [new_h]


class Conv1DRNNCell(_ConvRNNCell):
    """A plain cell over (N, C, W); parameters of the constructor as in MXNet's nine cells."""

    _rank = 1


class Conv2DRNNCell(_ConvRNNCell):
    """A plain cell over (N, C, H, W), see :class:`Conv1DRNNCell`."""

    _rank = 2


class Conv3DRNNCell(_ConvRNNCell):
    """A plain cell over (N, C, D, H, W), see :class:`Conv1DRNNCell`."""

    _rank = 3


class Conv1DLSTMCell(_ConvLSTMCell):
    """LSTM over (N, C, W), see :class:`Conv1DRNNCell`."""

    _rank = 1


class Conv2DLSTMCell(_ConvLSTMCell):
    """LSTM over (N, C, H, W), see :class:`Conv1DRNNCell`."""

    _rank = 2


class Conv3DLSTMCell(_ConvLSTMCell):
    """LSTM over (N, C, D, H, W), see :class:`Conv1DRNNCell`."""

    _rank = 3


class Conv1DGRUCell(_ConvGRUCell):
    """GRU over (N, C, W), see :class:`Conv1DRNNCell`."""

    _rank = 1


class Conv2DGRUCell(_ConvGRUCell):
    """GRU over (N, C, H, W), see :class:`Conv1DRNNCell`."""

    _rank = 2


class Conv3DGRUCell(_ConvGRUCell):
    """GRU over (N, C, D, H, W), see :class:`Conv1DRNNCell`."""

    _rank = 3
