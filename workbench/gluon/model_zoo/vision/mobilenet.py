"""MobileNet (Howard et al., arXiv:1704.04861) and MobileNet v2 (Sandler et al., 1801.04381)."""

from __future__ import annotations

from typing import Any

from ...._surface import getattr_for
from ... import nn
from ...hybrid import HybridBlock
from .classifier import Classifier, with_parameters

__all__ = [
    "MobileNet",
    "MobileNetV2",
    "get_mobilenet",
    "get_mobilenet_v2",
    "mobilenet0_5",
    "mobilenet0_25",
    "mobilenet0_75",
    "mobilenet1_0",
    "mobilenet_v2_0_5",
    "mobilenet_v2_0_25",
    "mobilenet_v2_0_75",
    "mobilenet_v2_1_0",
]

__getattr__ = getattr_for(__name__)

#: channels behind each separable convolution and its stride
_SEPARABLE = [
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *[(512, 1)] * 5,
    (1024, 2),
    (1024, 1),
]
#: of each stage of version 2: expansion, channels, layers, stride of the first
_STAGES = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 1),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]


class RELU6(HybridBlock):
    """``min(max(x, 0), 6)``."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """Cut off below 0 and above 6."""
        return F.clip(x, 0, 6, name="relu6")


def _add_conv(
    net: nn.HybridSequential,
    channels: int,
    kernel: int = 1,
    stride: int = 1,
    pad: int = 0,
    groups: int = 1,
    active: bool = True,
    relu6: bool = False,
) -> None:
    net.add(nn.Conv2D(channels, kernel, stride, pad, groups=groups, use_bias=False))
    net.add(nn.BatchNorm(scale=True))
    if active:
        net.add(RELU6() if relu6 else nn.Activation("relu"))


class LinearBottleneck(HybridBlock):
    """Widened *t* times, convolved channel by channel, narrowed; with a shortcut where it fits."""

    def __init__(self, in_channels: int, channels: int, t: int, stride: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.use_shortcut = stride == 1 and in_channels == channels
        wide = in_channels * t
        with self.name_scope():
            self.out = nn.HybridSequential()
            _add_conv(self.out, wide, relu6=True)
            _add_conv(self.out, wide, 3, stride, 1, groups=wide, relu6=True)
            _add_conv(self.out, channels, active=False)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The narrowed result, added to *x* on the shortcut."""
        out = self.out(x)
        return F.elemwise_add(out, x) if self.use_shortcut else out


class MobileNet(Classifier):
    """Convolutions channel by channel, mixed by 1 × 1 convolutions.

    *multiplier* scales the number of channels of all layers.
    """

    def __init__(self, multiplier: float = 1.0, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            with self.features.name_scope():
                before = int(32 * multiplier)
                _add_conv(self.features, before, kernel=3, stride=2, pad=1)
                for wide, stride in _SEPARABLE:
                    _add_conv(self.features, before, 3, stride, 1, groups=before)
                    before = int(wide * multiplier)
                    _add_conv(self.features, before)
                self.features.add(nn.GlobalAvgPool2D(), nn.Flatten())
            self.output = nn.Dense(classes)


class MobileNetV2(Classifier):
    """Stages of :class:`LinearBottleneck`; *multiplier* scales their channels."""

    def __init__(self, multiplier: float = 1.0, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="features_")
            with self.features.name_scope():
                before = int(32 * multiplier)
                _add_conv(self.features, before, kernel=3, stride=2, pad=1, relu6=True)
                for t, wide, layers, stride in _STAGES:
                    channels = int(wide * multiplier)
                    for i in range(layers):
                        step = stride if i == 0 else 1
                        self.features.add(LinearBottleneck(before, channels, t, step))
                        before = channels
                last = int(1280 * multiplier) if multiplier > 1.0 else 1280
                _add_conv(self.features, last, relu6=True)
                self.features.add(nn.GlobalAvgPool2D())
            self.output = nn.HybridSequential(prefix="output_")
            with self.output.name_scope():
                self.output.add(nn.Conv2D(classes, 1, use_bias=False, prefix="pred_"), nn.Flatten())


def _suffix(multiplier: float) -> str:
    """0.25, 0.5, 0.75, 1.0, as the names of MXNet's files have it."""
    text = f"{multiplier:.2f}"
    return text[:-1] if text in ("1.00", "0.50") else text


def get_mobilenet(
    multiplier: float, pretrained: bool = False, ctx: Any = None, root: Any = None, **kwargs: Any
) -> MobileNet:
    """MobileNet with *multiplier* times its channels; *pretrained* loads MXNet's parameters."""
    net = MobileNet(multiplier, **kwargs)
    return with_parameters(net, f"mobilenet{_suffix(multiplier)}", pretrained, ctx, root)


def get_mobilenet_v2(
    multiplier: float, pretrained: bool = False, ctx: Any = None, root: Any = None, **kwargs: Any
) -> MobileNetV2:
    """MobileNet v2 with *multiplier* times its channels; *pretrained* loads MXNet's parameters."""
    net = MobileNetV2(multiplier, **kwargs)
    return with_parameters(net, f"mobilenetv2_{_suffix(multiplier)}", pretrained, ctx, root)


def mobilenet1_0(**kwargs: Any) -> MobileNet:
    """MobileNet with 1.0 times its channels, see :func:`get_mobilenet`."""
    return get_mobilenet(1.0, **kwargs)


def mobilenet0_75(**kwargs: Any) -> MobileNet:
    """MobileNet with 0.75 times its channels, see :func:`get_mobilenet`."""
    return get_mobilenet(0.75, **kwargs)


def mobilenet0_5(**kwargs: Any) -> MobileNet:
    """MobileNet with 0.5 times its channels, see :func:`get_mobilenet`."""
    return get_mobilenet(0.5, **kwargs)


def mobilenet0_25(**kwargs: Any) -> MobileNet:
    """MobileNet with 0.25 times its channels, see :func:`get_mobilenet`."""
    return get_mobilenet(0.25, **kwargs)


def mobilenet_v2_1_0(**kwargs: Any) -> MobileNetV2:
    """MobileNet v2 with 1.0 times its channels, see :func:`get_mobilenet_v2`."""
    return get_mobilenet_v2(1.0, **kwargs)


def mobilenet_v2_0_75(**kwargs: Any) -> MobileNetV2:
    """MobileNet v2 with 0.75 times its channels, see :func:`get_mobilenet_v2`."""
    return get_mobilenet_v2(0.75, **kwargs)


def mobilenet_v2_0_5(**kwargs: Any) -> MobileNetV2:
    """MobileNet v2 with 0.5 times its channels, see :func:`get_mobilenet_v2`."""
    return get_mobilenet_v2(0.5, **kwargs)


def mobilenet_v2_0_25(**kwargs: Any) -> MobileNetV2:
    """MobileNet v2 with 0.25 times its channels, see :func:`get_mobilenet_v2`."""
    return get_mobilenet_v2(0.25, **kwargs)
