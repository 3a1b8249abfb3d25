"""SqueezeNet (Iandola et al., arXiv:1602.07360)."""

from __future__ import annotations

from typing import Any

from ...._surface import getattr_for
from ... import nn
from ...contrib.nn import HybridConcurrent
from .classifier import Classifier, with_parameters

__all__ = ["SqueezeNet", "squeezenet1_0", "squeezenet1_1"]

__getattr__ = getattr_for(__name__)

#: version → (filters and kernel of the first convolution, then fires or "pool")
_VERSIONS: dict[str, tuple[tuple[int, int], list[Any]]] = {
    "1.0": ((96, 7), ["pool", 16, 16, 32, "pool", 32, 48, 48, 64, "pool", 64]),
    "1.1": ((64, 3), ["pool", 16, 16, "pool", 32, 32, "pool", 48, 48, 64, 64]),
}


def _conv(channels: int, kernel_size: int, padding: int = 0) -> nn.HybridSequential:
    made = nn.HybridSequential(prefix="")
    made.add(nn.Conv2D(channels, kernel_size, padding=padding), nn.Activation("relu"))
    return made


def _fire(squeezed: int) -> nn.HybridSequential:
    """Few channels, then four times as many by 1 × 1 and as many by 3 × 3 convolutions."""
    made = nn.HybridSequential(prefix="")
    made.add(_conv(squeezed, 1))
    paths = HybridConcurrent(axis=1, prefix="")
    paths.add(_conv(4 * squeezed, 1), _conv(4 * squeezed, 3, 1))
    made.add(paths)
    return made


class SqueezeNet(Classifier):
    """Fire modules: AlexNet's accuracy with a fiftieth of its parameters.

    *version* is "1.0", or "1.1", which computes less than half as much.
    """

    def __init__(self, version: str, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        assert version in _VERSIONS, f"SqueezeNet is of version 1.0 or 1.1, not {version}"
        (channels, kernel), rest = _VERSIONS[version]
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(nn.Conv2D(channels, kernel, strides=2), nn.Activation("relu"))
            for one in rest:
                if one == "pool":
                    self.features.add(nn.MaxPool2D(pool_size=3, strides=2, ceil_mode=True))
                else:
                    self.features.add(_fire(one))
            self.features.add(nn.Dropout(0.5))
            self.output = nn.HybridSequential(prefix="")
            self.output.add(
                nn.Conv2D(classes, kernel_size=1),
                nn.Activation("relu"),
                nn.AvgPool2D(13),
                nn.Flatten(),
            )


def get_squeezenet(
    version: str, pretrained: bool = False, ctx: Any = None, root: Any = None, **kwargs: Any
) -> SqueezeNet:
    """SqueezeNet of a version; *pretrained* loads MXNet's parameters from *root* to *ctx*."""
    net = SqueezeNet(version, **kwargs)
    return with_parameters(net, f"squeezenet{version}", pretrained, ctx, root)


def squeezenet1_0(**kwargs: Any) -> SqueezeNet:
    """SqueezeNet 1.0, see :func:`get_squeezenet`."""
    return get_squeezenet("1.0", **kwargs)


def squeezenet1_1(**kwargs: Any) -> SqueezeNet:
    """SqueezeNet 1.1, see :func:`get_squeezenet`."""
    return get_squeezenet("1.1", **kwargs)
