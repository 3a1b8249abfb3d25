"""Inception v3 (Szegedy et al., arXiv:1512.00567), for images of 299 × 299."""

from __future__ import annotations

from typing import Any

from ...._surface import getattr_for
from ... import nn
from ...contrib.nn import HybridConcurrent
from .classifier import Classifier, with_parameters

__all__ = ["Inception3", "inception_v3"]

__getattr__ = getattr_for(__name__)

#: one convolution: channels, kernel, strides, padding
_Conv = tuple[int, Any, Any, Any]


def _conv(channels: int, kernel: Any, strides: Any = 1, padding: Any = 0) -> nn.HybridSequential:
    made = nn.HybridSequential(prefix="")
    made.add(
        nn.Conv2D(channels, kernel, strides, padding, use_bias=False),
        nn.BatchNorm(epsilon=0.001),
        nn.Activation("relu"),
    )
    return made


def _row(channels: int) -> _Conv:
    """A kernel of seven columns."""
    return channels, (1, 7), 1, (0, 3)


def _column(channels: int) -> _Conv:
    """A kernel of seven rows."""
    return channels, (7, 1), 1, (3, 0)


def _branch(*convs: _Conv, pool: Any = None) -> nn.HybridSequential:
    made = nn.HybridSequential(prefix="")
    if pool is not None:
        made.add(pool)
    for one in convs:
        made.add(_conv(*one))
    return made


def _mean() -> nn.AvgPool2D:
    return nn.AvgPool2D(pool_size=3, strides=1, padding=1)


def _half() -> nn.MaxPool2D:
    return nn.MaxPool2D(pool_size=3, strides=2)


def _make_a(pool_features: int, prefix: str) -> HybridConcurrent:
    made = HybridConcurrent(axis=1, prefix=prefix)
    with made.name_scope():
        made.add(_branch((64, 1, 1, 0)))
        made.add(_branch((48, 1, 1, 0), (64, 5, 1, 2)))
        made.add(_branch((64, 1, 1, 0), (96, 3, 1, 1), (96, 3, 1, 1)))
        made.add(_branch((pool_features, 1, 1, 0), pool=_mean()))
    return made


def _make_b(prefix: str) -> HybridConcurrent:
    made = HybridConcurrent(axis=1, prefix=prefix)
    with made.name_scope():
        made.add(_branch((384, 3, 2, 0)))
        made.add(_branch((64, 1, 1, 0), (96, 3, 1, 1), (96, 3, 2, 0)))
        made.add(_branch(pool=_half()))
    return made


def _make_c(inner: int, prefix: str) -> HybridConcurrent:
    made = HybridConcurrent(axis=1, prefix=prefix)
    with made.name_scope():
        made.add(_branch((192, 1, 1, 0)))
        made.add(_branch((inner, 1, 1, 0), _row(inner), _column(192)))
        twice = (_column(inner), _row(inner), _column(inner), _row(192))
        made.add(_branch((inner, 1, 1, 0), *twice))
        made.add(_branch((192, 1, 1, 0), pool=_mean()))
    return made


def _make_d(prefix: str) -> HybridConcurrent:
    made = HybridConcurrent(axis=1, prefix=prefix)
    with made.name_scope():
        made.add(_branch((192, 1, 1, 0), (320, 3, 2, 0)))
        made.add(_branch((192, 1, 1, 0), _row(192), _column(192), (192, 3, 2, 0)))
        made.add(_branch(pool=_half()))
    return made


def _split(*convs: _Conv) -> nn.HybridSequential:
    """Convolutions, then one along rows beside one along columns."""
    made = nn.HybridSequential(prefix="")
    made.add(_branch(*convs))
    both = HybridConcurrent(axis=1, prefix="")
    both.add(_branch((384, (1, 3), 1, (0, 1))), _branch((384, (3, 1), 1, (1, 0))))
    made.add(both)
    return made


def _make_e(prefix: str) -> HybridConcurrent:
    made = HybridConcurrent(axis=1, prefix=prefix)
    with made.name_scope():
        made.add(_branch((320, 1, 1, 0)))
        made.add(_split((384, 1, 1, 0)))
        made.add(_split((448, 1, 1, 0), (384, 3, 1, 1)))
        made.add(_branch((192, 1, 1, 0), pool=_mean()))
    return made


class Inception3(Classifier):
    """Parallel branches of convolutions that are factored along the axes."""

    def __init__(self, classes: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(_conv(32, 3, 2), _conv(32, 3), _conv(64, 3, padding=1), _half())
            self.features.add(_conv(80, 1), _conv(192, 3), _half())
            for number, pool_features in enumerate((32, 64, 64), 1):
                self.features.add(_make_a(pool_features, f"A{number}_"))
            self.features.add(_make_b("B_"))
            for number, inner in enumerate((128, 160, 160, 192), 1):
                self.features.add(_make_c(inner, f"C{number}_"))
            self.features.add(_make_d("D_"), _make_e("E1_"), _make_e("E2_"))
            self.features.add(nn.AvgPool2D(pool_size=8), nn.Dropout(0.5))
            self.output = nn.Dense(classes)


def make_aux(classes: int) -> nn.HybridSequential:
    """The auxiliary classifier of the paper, which MXNet's network does not use."""
    made = nn.HybridSequential(prefix="")
    made.add(
        nn.AvgPool2D(pool_size=5, strides=3),
        _conv(128, 1),
        _conv(768, 5),
        nn.Flatten(),
        nn.Dense(classes),
    )
    return made


def inception_v3(
    pretrained: bool = False, ctx: Any = None, root: Any = None, **kwargs: Any
) -> Inception3:
    """Inception v3; *pretrained* loads MXNet's parameters from *root* to *ctx*."""
    return with_parameters(Inception3(**kwargs), "inceptionv3", pretrained, ctx, root)
