"""Convolution layers."""

from __future__ import annotations

from typing import Any

from ..._surface import getattr_for
from ..hybrid import HybridBlock
from .activations import Activation

__all__ = ["Conv1D", "Conv2D", "Conv3D"]

__getattr__ = getattr_for(__name__)


def as_tuple(value: Any, length: int, what: str) -> tuple[int, ...]:
    """One number repeated, or a tuple of the right length; ValueError otherwise."""
    if isinstance(value, int):
        return (value,) * length
    if len(value) != length:
        raise ValueError(f"{what} must be a number or a tuple of {length} ints, got {value}")
    return tuple(value)


class _Conv(HybridBlock):
    """What Conv1D, Conv2D, Conv3D and their transposes share."""

    _rank = 0
    _operator = "Convolution"

    def __init__(
        self,
        channels: int,
        kernel_size: Any,
        strides: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        layout: str,
        in_channels: int = 0,
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        rank = self._rank
        self._channels, self._in_channels = channels, in_channels
        self._kwargs: dict[str, Any] = {
            "kernel": as_tuple(kernel_size, rank, "kernel_size"),
            "stride": as_tuple(strides, rank, "strides"),
            "dilate": as_tuple(dilation, rank, "dilation"),
            "pad": as_tuple(padding, rank, "padding"),
            "num_filter": channels,
            "num_group": groups,
            "no_bias": not use_bias,
            "layout": layout,
        }
        with self.name_scope():
            self.weight = self.params.get(
                "weight",
                shape=self._weight_shape(),
                init=weight_initializer,
                allow_deferred_init=True,
            )
            self.bias = None
            if use_bias:
                self.bias = self.params.get(
                    "bias",
                    shape=(channels,),
                    init=bias_initializer,
                    allow_deferred_init=True,
                )
            self.act = (
                None if activation is None else Activation(activation, prefix=activation + "_")
            )

    def _alias(self) -> str:
        return "conv"

    def _weight_shape(self) -> tuple[int, ...]:
        inner = self._in_channels // self._kwargs["num_group"] if self._in_channels else 0
        kernel = self._kwargs["kernel"]
        if self._kwargs["layout"][-1] == "C":
            return (self._channels, *kernel, inner)
        return (self._channels, inner, *kernel)

    def hybrid_forward(self, F: Any, x: Any, weight: Any, bias: Any = None) -> Any:
        """The convolution, then the activation."""
        out = getattr(F, self._operator)(x, weight, bias, name="fwd", **self._kwargs)
        return out if self.act is None else self.act(out)

    def __repr__(self) -> str:
        kwargs, rank = self._kwargs, self._rank
        shape = self.weight.shape or ()
        inner = shape[-1 if kwargs["layout"][-1] == "C" else 1] or None
        text = (
            f"{inner} -> {shape[0] or None}, kernel_size={kwargs['kernel']}, "
            f"stride={kwargs['stride']}"
        )
        if kwargs["pad"] != (0,) * rank:
            text += f", padding={kwargs['pad']}"
        if kwargs["dilate"] != (1,) * rank:
            text += f", dilation={kwargs['dilate']}"
        if kwargs["num_group"] != 1:
            text += f", groups={kwargs['num_group']}"
        if self.bias is None:
            text += ", bias=False"
        if self.act is not None:
            text += f", {self.act}"
        return f"{type(self).__name__}({text})"


class Conv1D(_Conv):
    """Convolution over one axis: (N, C, W) to (N, channels, W')."""

    _rank = 1

    def __init__(
        self,
        channels: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        layout: str = "NCW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        assert layout == "NCW", "Only supports 'NCW' layout for now"
        super().__init__(
            channels,
            kernel_size,
            strides,
            padding,
            dilation,
            groups,
            layout,
            in_channels,
            activation,
            use_bias,
            weight_initializer,
            bias_initializer,
            **kwargs,
        )


class Conv2D(_Conv):
    """Convolution over two axes: (N, C, H, W) to (N, channels, H', W').

    Parameters
    ----------
    channels : int
        size of the output's channel axis
    kernel_size, strides, padding, dilation : int or tuple of 2 int
    groups : int
        how many groups of channels are convolved apart
    layout : {"NCHW", "NHWC"}
    activation : str, optional
    use_bias : bool
    weight_initializer, bias_initializer : Initializer or str, optional
    in_channels : int
        0 lets the first call tell
    """

    _rank = 2

    def __init__(
        self,
        channels: int,
        kernel_size: Any,
        strides: Any = (1, 1),
        padding: Any = (0, 0),
        dilation: Any = (1, 1),
        groups: int = 1,
        layout: str = "NCHW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        assert layout in ("NCHW", "NHWC"), "Only supports 'NCHW' and 'NHWC' layout for now"
        super().__init__(
            channels,
            kernel_size,
            strides,
            padding,
            dilation,
            groups,
            layout,
            in_channels,
            activation,
            use_bias,
            weight_initializer,
            bias_initializer,
            **kwargs,
        )


class Conv3D(_Conv):
    """Convolution over three axes: (N, C, D, H, W) to (N, channels, D', H', W')."""

    _rank = 3

    def __init__(
        self,
        channels: int,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: Any = (0, 0, 0),
        dilation: Any = (1, 1, 1),
        groups: int = 1,
        layout: str = "NCDHW",
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        assert layout in ("NCDHW", "NDHWC"), "Only supports 'NCDHW' and 'NDHWC' layout for now"
        super().__init__(
            channels,
            kernel_size,
            strides,
            padding,
            dilation,
            groups,
            layout,
            in_channels,
            activation,
            use_bias,
            weight_initializer,
            bias_initializer,
            **kwargs,
        )
