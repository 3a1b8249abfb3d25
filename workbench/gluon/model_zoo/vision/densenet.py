"""DenseNet (Huang et al., arXiv:1608.06993)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...._surface import getattr_for
from ... import nn
from ...contrib.nn import HybridConcurrent, Identity
from .classifier import Classifier, with_parameters

__all__ = ["DenseNet", "densenet121", "densenet161", "densenet169", "densenet201"]

__getattr__ = getattr_for(__name__)

#: layers → filters of the first convolution, growth, layers of each stage
densenet_spec = {
    121: (64, 32, [6, 12, 24, 16]),
    161: (96, 48, [6, 12, 36, 24]),
    169: (64, 32, [6, 12, 32, 32]),
    201: (64, 32, [6, 12, 48, 32]),
}


def _bent(net: nn.HybridSequential) -> None:
    net.add(nn.BatchNorm(), nn.Activation("relu"))


def _layer(growth: int, bn_size: int, dropout: float) -> HybridConcurrent:
    """The input, and *growth* channels made of it."""
    new = nn.HybridSequential(prefix="")
    _bent(new)
    new.add(nn.Conv2D(bn_size * growth, kernel_size=1, use_bias=False))
    _bent(new)
    new.add(nn.Conv2D(growth, kernel_size=3, padding=1, use_bias=False))
    if dropout:
        new.add(nn.Dropout(dropout))
    made = HybridConcurrent(axis=1, prefix="")
    made.add(Identity(), new)
    return made


def _stage(
    number: int, layers: int, growth: int, bn_size: int, dropout: float
) -> nn.HybridSequential:
    made = nn.HybridSequential(prefix=f"stage{number}_")
    with made.name_scope():
        for _ in range(layers):
            made.add(_layer(growth, bn_size, dropout))
    return made


def _transition(channels: int) -> nn.HybridSequential:
    """Between stages: fewer channels, images of half the size."""
    made = nn.HybridSequential(prefix="")
    _bent(made)
    made.add(
        nn.Conv2D(channels, kernel_size=1, use_bias=False), nn.AvgPool2D(pool_size=2, strides=2)
    )
    return made


class DenseNet(Classifier):
    """Stages in which every layer sees the outputs of all before it.

    Parameters
    ----------
    num_init_features : int
        filters of the first convolution
    growth_rate : int
        channels that each layer adds
    block_config : list of int
        how many layers each stage has
    bn_size : int
        how many times *growth_rate* channels are between the two convolutions of a layer
    dropout : float
        rate of the dropout behind each layer
    classes : int
    """

    def __init__(
        self,
        num_init_features: int,
        growth_rate: int,
        block_config: Sequence[int],
        bn_size: int = 4,
        dropout: float = 0,
        classes: int = 1000,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        channels = num_init_features
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(nn.Conv2D(channels, 7, strides=2, padding=3, use_bias=False))
            _bent(self.features)
            self.features.add(nn.MaxPool2D(pool_size=3, strides=2, padding=1))
            for number, layers in enumerate(block_config, 1):
                self.features.add(_stage(number, layers, growth_rate, bn_size, dropout))
                channels += layers * growth_rate
                if number < len(block_config):
                    channels //= 2
                    self.features.add(_transition(channels))
            _bent(self.features)
            self.features.add(nn.AvgPool2D(pool_size=7), nn.Flatten())
            self.output = nn.Dense(classes)


def get_densenet(
    num_layers: int, pretrained: bool = False, ctx: Any = None, root: Any = None, **kwargs: Any
) -> DenseNet:
    """DenseNet of 121, 161, 169 or 201 layers; *pretrained* loads MXNet's parameters."""
    net = DenseNet(*densenet_spec[num_layers], **kwargs)
    return with_parameters(net, f"densenet{num_layers}", pretrained, ctx, root)


def densenet121(**kwargs: Any) -> DenseNet:
    """DenseNet of 121 layers, see :func:`get_densenet`."""
    return get_densenet(121, **kwargs)


def densenet161(**kwargs: Any) -> DenseNet:
    """DenseNet of 161 layers, see :func:`get_densenet`."""
    return get_densenet(161, **kwargs)


def densenet169(**kwargs: Any) -> DenseNet:
    """DenseNet of 169 layers, see :func:`get_densenet`."""
    return get_densenet(169, **kwargs)


def densenet201(**kwargs: Any) -> DenseNet:
    """DenseNet of 201 layers, see :func:`get_densenet`."""
    return get_densenet(201, **kwargs)
