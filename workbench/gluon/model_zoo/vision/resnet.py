"""Residual networks: v1 (He et al., arXiv:1512.03385) and v2 (He et al., arXiv:1603.05027)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...._surface import getattr_for
from ... import nn
from ...hybrid import HybridBlock
from .classifier import Classifier, with_parameters

__all__ = [
    "BasicBlockV1",
    "BasicBlockV2",
    "BottleneckV1",
    "BottleneckV2",
    "ResNetV1",
    "ResNetV2",
    "get_resnet",
    "resnet18_v1",
    "resnet18_v2",
    "resnet34_v1",
    "resnet34_v2",
    "resnet50_v1",
    "resnet50_v2",
    "resnet101_v1",
    "resnet101_v2",
    "resnet152_v1",
    "resnet152_v2",
]

__getattr__ = getattr_for(__name__)


def _conv3x3(channels: int, stride: int, in_channels: int) -> nn.Conv2D:
    return nn.Conv2D(
        channels, 3, strides=stride, padding=1, use_bias=False, in_channels=in_channels
    )


def _shortcut(channels: int, stride: int, in_channels: int) -> nn.Conv2D:
    return nn.Conv2D(channels, 1, strides=stride, use_bias=False, in_channels=in_channels)


# ---- version 1: normalized and bent behind the convolutions -----------------------------------


class _BlockV1(HybridBlock):
    """``relu(body(x) + x)``; with *downsample* the shortcut is a convolution, too.

    Parameters
    ----------
    channels : int
        of the output
    stride : int
        of the first convolution
    downsample : bool
    in_channels : int
        0 lets the first call tell
    """

    _residual_first = True  # the order of the operands in MXNet's graphs

    def __init__(
        self,
        channels: int,
        stride: int,
        downsample: bool = False,
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.body = nn.HybridSequential(prefix="")
        self._fill(channels, stride, in_channels)
        self.downsample: Any = None
        if downsample:
            self.downsample = nn.HybridSequential(prefix="")
            self.downsample.add(_shortcut(channels, stride, in_channels), nn.BatchNorm())

    def _fill(self, channels: int, stride: int, in_channels: int) -> None:
        """Add the layers of the body; subclasses define it."""
        raise NotImplementedError(type(self).__name__)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The residual added to the body's output, then ReLU."""
        out = self.body(x)
        residual = x if self.downsample is None else self.downsample(x)
        total = residual + out if self._residual_first else out + residual
        return F.Activation(total, act_type="relu")


class BasicBlockV1(_BlockV1):
    """Two 3 × 3 convolutions, for 18 and 34 layers; parameters are those of both versions."""

    def _fill(self, channels: int, stride: int, in_channels: int) -> None:
        self.body.add(_conv3x3(channels, stride, in_channels), nn.BatchNorm())
        self.body.add(nn.Activation("relu"))
        self.body.add(_conv3x3(channels, 1, channels), nn.BatchNorm())


class BottleneckV1(_BlockV1):
    """A 3 × 3 convolution over a quarter of the *channels*, for 50 layers and more."""

    _residual_first = False

    def _fill(self, channels: int, stride: int, in_channels: int) -> None:
        inner = channels // 4
        self.body.add(nn.Conv2D(inner, kernel_size=1, strides=stride), nn.BatchNorm())
        self.body.add(nn.Activation("relu"))
        self.body.add(_conv3x3(inner, 1, inner), nn.BatchNorm())
        self.body.add(nn.Activation("relu"))
        self.body.add(nn.Conv2D(channels, kernel_size=1, strides=1), nn.BatchNorm())


# ---- version 2: before them -------------------------------------------------------------------


class _BlockV2(HybridBlock):
    """Pairs of normalization and convolution, ``bn1``, ``conv1``, ...; parameters as in v1."""

    def __init__(
        self,
        channels: int,
        stride: int,
        downsample: bool = False,
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._pairs: list[tuple[Any, Any]] = []
        self._fill(channels, stride, in_channels)
        self.downsample: Any = None
        if downsample:
            self.downsample = _shortcut(channels, stride, in_channels)

    def _fill(self, channels: int, stride: int, in_channels: int) -> None:
        """Add the pairs; subclasses define it."""
        raise NotImplementedError(type(self).__name__)

    def _add(self, make: Any) -> None:
        """One more pair; the convolution is made behind the normalization, for its name."""
        number = len(self._pairs) + 1
        norm = nn.BatchNorm()
        setattr(self, f"bn{number}", norm)
        conv = make()
        setattr(self, f"conv{number}", conv)
        self._pairs.append((norm, conv))

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The residual, from behind the first ReLU where it is convolved, added at the end."""
        residual = x
        for number, (norm, conv) in enumerate(self._pairs):
            x = F.Activation(norm(x), act_type="relu")
            if number == 0 and self.downsample is not None:
                residual = self.downsample(x)
            x = conv(x)
        return x + residual


class BasicBlockV2(_BlockV2):
    """Two 3 × 3 convolutions, for 18 and 34 layers; parameters are those of both versions."""

    def _fill(self, channels: int, stride: int, in_channels: int) -> None:
        self._add(lambda: _conv3x3(channels, stride, in_channels))
        self._add(lambda: _conv3x3(channels, 1, channels))


class BottleneckV2(_BlockV2):
    """A 3 × 3 convolution over a quarter of the *channels*, for 50 layers and more."""

    def _fill(self, channels: int, stride: int, in_channels: int) -> None:
        inner = channels // 4
        self._add(lambda: nn.Conv2D(inner, kernel_size=1, strides=1, use_bias=False))
        self._add(lambda: _conv3x3(inner, stride, inner))
        self._add(lambda: nn.Conv2D(channels, kernel_size=1, strides=1, use_bias=False))


# ---- networks ---------------------------------------------------------------------------------


class _ResNet(Classifier):
    """The first convolution and the stages of both versions."""

    def _add_first(self, channels: int, thumbnail: bool) -> None:
        if thumbnail:
            self.features.add(_conv3x3(channels, 1, 0))
            return
        self.features.add(nn.Conv2D(channels, 7, 2, 3, use_bias=False), nn.BatchNorm())
        self.features.add(nn.Activation("relu"), nn.MaxPool2D(3, 2, 1))

    def _add_stages(self, block: Any, layers: Sequence[int], channels: Sequence[int]) -> None:
        for i, count in enumerate(layers):
            before, after = channels[i], channels[i + 1]
            stage = nn.HybridSequential(prefix=f"stage{i + 1}_")
            with stage.name_scope():
                stride = 1 if i == 0 else 2
                stage.add(block(after, stride, before != after, in_channels=before, prefix=""))
                for _ in range(count - 1):
                    stage.add(block(after, 1, False, in_channels=after, prefix=""))
            self.features.add(stage)


def _check(layers: Sequence[int], channels: Sequence[int]) -> None:
    assert len(layers) == len(channels) - 1, "channels has one number more than layers"


class ResNetV1(_ResNet):
    """ResNet v1.

    Parameters
    ----------
    block : type
        :class:`BasicBlockV1` or :class:`BottleneckV1`
    layers : list of int
        how many blocks each stage has
    channels : list of int
        channels before the first stage and behind each
    classes : int
    thumbnail : bool
        for small images: a 3 × 3 convolution first, without pooling
    """

    def __init__(
        self,
        block: Any,
        layers: Sequence[int],
        channels: Sequence[int],
        classes: int = 1000,
        thumbnail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check(layers, channels)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self._add_first(channels[0], thumbnail)
            self._add_stages(block, layers, channels)
            self.features.add(nn.GlobalAvgPool2D())
            self.output = nn.Dense(classes, in_units=channels[-1])


class ResNetV2(_ResNet):
    """ResNet v2; parameters as for :class:`ResNetV1`, with the blocks of version 2."""

    def __init__(
        self,
        block: Any,
        layers: Sequence[int],
        channels: Sequence[int],
        classes: int = 1000,
        thumbnail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        _check(layers, channels)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(nn.BatchNorm(scale=False, center=False))
            self._add_first(channels[0], thumbnail)
            self._add_stages(block, layers, channels)
            self.features.add(nn.BatchNorm(), nn.Activation("relu"))
            self.features.add(nn.GlobalAvgPool2D(), nn.Flatten())
            self.output = nn.Dense(classes, in_units=channels[-1])


#: layers → kind of block, blocks of each stage, channels
resnet_spec: dict[int, tuple[str, list[int], list[int]]] = {
    18: ("basic_block", [2, 2, 2, 2], [64, 64, 128, 256, 512]),
    34: ("basic_block", [3, 4, 6, 3], [64, 64, 128, 256, 512]),
    50: ("bottle_neck", [3, 4, 6, 3], [64, 256, 512, 1024, 2048]),
    101: ("bottle_neck", [3, 4, 23, 3], [64, 256, 512, 1024, 2048]),
    152: ("bottle_neck", [3, 8, 36, 3], [64, 256, 512, 1024, 2048]),
}
resnet_net_versions: list[Any] = [ResNetV1, ResNetV2]
resnet_block_versions: list[dict[str, Any]] = [
    {"basic_block": BasicBlockV1, "bottle_neck": BottleneckV1},
    {"basic_block": BasicBlockV2, "bottle_neck": BottleneckV2},
]


def get_resnet(
    version: int,
    num_layers: int,
    pretrained: bool = False,
    ctx: Any = None,
    root: Any = None,
    **kwargs: Any,
) -> Any:
    """ResNet of version 1 or 2 with 18, 34, 50, 101 or 152 layers.

    Parameters
    ----------
    pretrained : bool
        load MXNet's parameters
    ctx : Context
        where to
    root : str
        folder of the files; default ``$MXNET_HOME/models``
    """
    assert num_layers in resnet_spec, (
        f"Invalid number of layers: {num_layers}. Options are {list(resnet_spec)}"
    )
    assert version in (1, 2), f"Invalid resnet version: {version}. Options are 1 and 2."
    kind, layers, channels = resnet_spec[num_layers]
    block = resnet_block_versions[version - 1][kind]
    net = resnet_net_versions[version - 1](block, layers, channels, **kwargs)
    return with_parameters(net, f"resnet{num_layers}_v{version}", pretrained, ctx, root)


def resnet18_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 18 layers, see :func:`get_resnet`."""
    return get_resnet(1, 18, **kwargs)


def resnet34_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 34 layers, see :func:`get_resnet`."""
    return get_resnet(1, 34, **kwargs)


def resnet50_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 50 layers, see :func:`get_resnet`."""
    return get_resnet(1, 50, **kwargs)


def resnet101_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 101 layers, see :func:`get_resnet`."""
    return get_resnet(1, 101, **kwargs)


def resnet152_v1(**kwargs: Any) -> ResNetV1:
    """ResNet v1 of 152 layers, see :func:`get_resnet`."""
    return get_resnet(1, 152, **kwargs)


def resnet18_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 18 layers, see :func:`get_resnet`."""
    return get_resnet(2, 18, **kwargs)


def resnet34_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 34 layers, see :func:`get_resnet`."""
    return get_resnet(2, 34, **kwargs)


def resnet50_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 50 layers, see :func:`get_resnet`."""
    return get_resnet(2, 50, **kwargs)


def resnet101_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 101 layers, see :func:`get_resnet`."""
    return get_resnet(2, 101, **kwargs)


def resnet152_v2(**kwargs: Any) -> ResNetV2:
    """ResNet v2 of 152 layers, see :func:`get_resnet`."""
    return get_resnet(2, 152, **kwargs)
