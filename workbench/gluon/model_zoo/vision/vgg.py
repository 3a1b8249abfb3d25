"""VGG (Simonyan and Zisserman, arXiv:1409.1556)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...._surface import getattr_for
from ....initializer import Xavier
from ... import nn
from .classifier import Classifier, with_parameters

__all__ = [
    "VGG",
    "get_vgg",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]

__getattr__ = getattr_for(__name__)

#: layers → convolutions of each stage, their filters
vgg_spec = {
    11: ([1, 1, 2, 2, 2], [64, 128, 256, 512, 512]),
    13: ([2, 2, 2, 2, 2], [64, 128, 256, 512, 512]),
    16: ([2, 2, 3, 3, 3], [64, 128, 256, 512, 512]),
    19: ([2, 2, 4, 4, 4], [64, 128, 256, 512, 512]),
}


class VGG(Classifier):
    """Stages of 3 × 3 convolutions, each halved by a pooling, and two dense layers.

    Parameters
    ----------
    layers, filters : list of int
        how many convolutions each stage has, and how many filters they have
    classes : int
    batch_norm : bool
        normalize behind each convolution
    """

    def __init__(
        self,
        layers: Sequence[int],
        filters: Sequence[int],
        classes: int = 1000,
        batch_norm: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        assert len(layers) == len(filters), "layers and filters have one number for each stage"
        with self.name_scope():
            self.features = self._make_features(layers, filters, batch_norm)
            for _ in range(2):
                self.features.add(_dense(4096, activation="relu"), nn.Dropout(rate=0.5))
            self.output = _dense(classes)

    def _make_features(
        self, layers: Sequence[int], filters: Sequence[int], batch_norm: bool
    ) -> nn.HybridSequential:
        made = nn.HybridSequential(prefix="")
        for count, channels in zip(layers, filters, strict=True):
            for _ in range(count):
                init = Xavier(rnd_type="gaussian", factor_type="out", magnitude=2)
                made.add(nn.Conv2D(channels, 3, padding=1, weight_initializer=init))
                if batch_norm:
                    made.add(nn.BatchNorm())
                made.add(nn.Activation("relu"))
            made.add(nn.MaxPool2D(strides=2))
        return made


def _dense(units: int, activation: str | None = None) -> nn.Dense:
    return nn.Dense(units, activation=activation, weight_initializer="normal")


def get_vgg(
    num_layers: int, pretrained: bool = False, ctx: Any = None, root: Any = None, **kwargs: Any
) -> VGG:
    """VGG of 11, 13, 16 or 19 layers; *pretrained* loads MXNet's parameters from *root*."""
    layers, filters = vgg_spec[num_layers]
    name = f"vgg{num_layers}" + ("_bn" if kwargs.get("batch_norm") else "")
    return with_parameters(VGG(layers, filters, **kwargs), name, pretrained, ctx, root)


def vgg11(**kwargs: Any) -> VGG:
    """VGG of 11 layers, see :func:`get_vgg`."""
    return get_vgg(11, **kwargs)


def vgg13(**kwargs: Any) -> VGG:
    """VGG of 13 layers, see :func:`get_vgg`."""
    return get_vgg(13, **kwargs)


def vgg16(**kwargs: Any) -> VGG:
    """VGG of 16 layers, see :func:`get_vgg`."""
    return get_vgg(16, **kwargs)


def vgg19(**kwargs: Any) -> VGG:
    """VGG of 19 layers, see :func:`get_vgg`."""
    return get_vgg(19, **kwargs)


def vgg11_bn(**kwargs: Any) -> VGG:
    """VGG of 11 layers with batch normalization, see :func:`get_vgg`."""
    return get_vgg(11, **{**kwargs, "batch_norm": True})


def vgg13_bn(**kwargs: Any) -> VGG:
    """VGG of 13 layers with batch normalization, see :func:`get_vgg`."""
    return get_vgg(13, **{**kwargs, "batch_norm": True})


def vgg16_bn(**kwargs: Any) -> VGG:
    """VGG of 16 layers with batch normalization, see :func:`get_vgg`."""
    return get_vgg(16, **{**kwargs, "batch_norm": True})


def vgg19_bn(**kwargs: Any) -> VGG:
    """VGG of 19 layers with batch normalization, see :func:`get_vgg`."""
    return get_vgg(19, **{**kwargs, "batch_norm": True})
