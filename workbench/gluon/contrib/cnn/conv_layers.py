"""Deformable convolutions whose offsets a second convolution predicts."""

from __future__ import annotations

from typing import Any

from ...hybrid import HybridBlock
from ...nn import Activation
from ...nn.conv_layers import as_tuple

__all__ = ["DeformableConvolution", "ModulatedDeformableConvolution"]


class DeformableConvolution(HybridBlock):
    """Convolution whose taps move by offsets that it predicts (Dai et al., arXiv:1703.06211).

    (N, C, H, W) → (N, channels, H', W').

    Parameters
    ----------
    channels : int
        of the output
    kernel_size, strides, padding, dilation : int or tuple of 2 int
        of both convolutions
    groups : int
        how many groups of channels are convolved apart
    num_deformable_group : int
        how many groups of channels have offsets of their own
    layout : {"NCHW"}
    use_bias, offset_use_bias : bool
    in_channels : int
        0 lets the first call tell
    activation : str, optional
    weight_initializer, bias_initializer, offset_weight_initializer, offset_bias_initializer :
        Initializer or str, optional
    op_name, adj :
        kept for MXNet's signature, without effect
    """

    deformable_conv_weight: Any
    deformable_conv_bias: Any
    _operator = "DeformableConvolution"
    _numbers_per_tap = 2  # of the predicted map
    _order = ("offset", "deformable_conv")  # of the parameters

    def __init__(
        self,
        channels: int,
        kernel_size: Any = (1, 1),
        strides: Any = (1, 1),
        padding: Any = (0, 0),
        dilation: Any = (1, 1),
        groups: int = 1,
        num_deformable_group: int = 1,
        layout: str = "NCHW",
        use_bias: bool = True,
        in_channels: int = 0,
        activation: str | None = None,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        offset_weight_initializer: Any = "zeros",
        offset_bias_initializer: Any = "zeros",
        offset_use_bias: bool = True,
        op_name: str | None = None,
        adj: Any = None,
        prefix: str | None = None,
        params: Any = None,
    ) -> None:
        super().__init__(prefix=prefix, params=params)
        assert layout in ("NCHW", "NHWC"), "Only supports 'NCHW' and 'NHWC' layout for now"
        self._channels, self._in_channels = channels, in_channels
        self._op_name = op_name or self._operator
        kernel = as_tuple(kernel_size, 2, "kernel_size")
        places = {
            "kernel": kernel,
            "stride": as_tuple(strides, 2, "strides"),
            "dilate": as_tuple(dilation, 2, "dilation"),
            "pad": as_tuple(padding, 2, "padding"),
            "num_group": groups,
            "layout": layout,
        }
        taps = kernel[0] * kernel[1] * num_deformable_group
        self._kwargs_offset: dict[str, Any] = {
            **places,
            "num_filter": self._numbers_per_tap * taps,
            "no_bias": not offset_use_bias,
        }
        self._kwargs_deformable_conv: dict[str, Any] = {
            **places,
            "num_filter": channels,
            "num_deformable_group": num_deformable_group,
            "no_bias": not use_bias,
        }
        self.offset_split_index = 2 * taps
        inner = in_channels // groups if in_channels else 0
        kinds = {
            "offset": (inner, offset_weight_initializer, offset_bias_initializer),
            "deformable_conv": (0, weight_initializer, bias_initializer),
        }
        with self.name_scope():
            for kind in self._order:
                self._make_parameters(kind, *kinds[kind])
            self.act = (
                None if activation is None else Activation(activation, prefix=activation + "_")
            )

    def _make_parameters(self, kind: str, inner: int, weight_init: Any, bias_init: Any) -> None:
        """Weight and bias of one of the two convolutions."""
        k = self._kwargs_offset if kind == "offset" else self._kwargs_deformable_conv
        shapes: dict[str, Any] = {"weight": (k["num_filter"], inner, *k["kernel"])}
        inits = {"weight": weight_init, "bias": bias_init}
        setattr(self, f"{kind}_bias", None)
        if not k["no_bias"]:
            shapes["bias"] = (k["num_filter"],)
        for one, shape in shapes.items():
            name, init = f"{kind}_{one}", inits[one]
            made = self.params.get(name, shape=shape, init=init, allow_deferred_init=True)
            setattr(self, name, made)

    def _alias(self) -> str:
        return "deformable_conv"

    def hybrid_forward(
        self,
        F: Any,
        x: Any,
        offset_weight: Any,
        deformable_conv_weight: Any,
        offset_bias: Any = None,
        deformable_conv_bias: Any = None,
    ) -> Any:
        """Predict the offsets, convolve, then the activation."""
        moved = F.Convolution(x, offset_weight, offset_bias, cudnn_off=True, **self._kwargs_offset)
        out = self._convolve(F, x, moved, deformable_conv_weight, deformable_conv_bias)
        return out if self.act is None else self.act(out)

    def _convolve(self, F: Any, x: Any, moved: Any, weight: Any, bias: Any) -> Any:
        return F.contrib.DeformableConvolution(
            x, moved, weight, bias, name="fwd", **self._kwargs_deformable_conv
        )

    def __repr__(self) -> str:
        k = self._kwargs_deformable_conv
        shape = self.deformable_conv_weight.shape
        text = f"{shape[1] or None} -> {shape[0]}, kernel_size={k['kernel']}, stride={k['stride']}"
        if k["pad"] != (0, 0):
            text += f", padding={k['pad']}"
        if k["dilate"] != (1, 1):
            text += f", dilation={k['dilate']}"
        if k["num_group"] != 1:
            text += f", groups={k['num_group']}"
        if self.deformable_conv_bias is None:
            text += ", bias=False"
        if self.act is not None:
            text += f", {self.act}"
        return f"{type(self).__name__}({text})"


class ModulatedDeformableConvolution(DeformableConvolution):
    """:class:`DeformableConvolution` that also weights its taps (Zhu et al., arXiv:1811.11168).

    The weight of a tap is ``2 · sigmoid`` of a third number that the second convolution predicts.
    """

    _operator = "ModulatedDeformableConvolution"
    _numbers_per_tap = 3
    _order = ("deformable_conv", "offset")

    def _alias(self) -> str:
        return "modulated_deformable_conv"

    def _convolve(self, F: Any, x: Any, moved: Any, weight: Any, bias: Any) -> Any:
        split = self.offset_split_index
        offset = F.slice_axis(moved, axis=1, begin=0, end=split)
        mask = F.sigmoid(F.slice_axis(moved, axis=1, begin=split, end=None)) * 2
        return F.contrib.ModulatedDeformableConvolution(
            x, offset, mask, weight, bias, name="fwd", **self._kwargs_deformable_conv
        )
