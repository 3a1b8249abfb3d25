"""Transposed convolutions: the gradients of convolutions as layers."""

from __future__ import annotations

from typing import Any

from ..._surface import getattr_for
from .conv_layers import _Conv, as_tuple

__all__ = ["Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"]

__getattr__ = getattr_for(__name__)


class _ConvTranspose(_Conv):
    """What the three share.

    ``W' = (W - 1) · stride - 2 · padding + dilation · (kernel - 1) + output_padding + 1``.
    """

    _operator = "Deconvolution"
    _layouts: tuple[str, ...] = ()

    def __init__(
        self,
        channels: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        layout: str | None = None,
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        layout = layout or self._layouts[0]
        assert layout in self._layouts, f"Only supports {' and '.join(self._layouts)} layout"
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
        self._kwargs["adj"] = as_tuple(output_padding, self._rank, "output_padding")

    def _weight_shape(self) -> tuple[int, ...]:
        return (
            self._in_channels,
            self._channels // self._kwargs["num_group"],
            *self._kwargs["kernel"],
        )


class Conv1DTranspose(_ConvTranspose):
    """Transposed convolution: (N, C, W) to (N, channels, W')."""

    _rank = 1
    _layouts = ("NCW",)


class Conv2DTranspose(_ConvTranspose):
    """Transposed convolution: (N, C, H, W) to (N, channels, H', W')."""

    _rank = 2
    _layouts = ("NCHW",)


class Conv3DTranspose(_ConvTranspose):
    """Transposed convolution: (N, C, D, H, W) to (N, channels, D', H', W')."""

    _rank = 3
    _layouts = ("NCDHW",)
