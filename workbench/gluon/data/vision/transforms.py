"""Image transforms, as blocks.

Images are (height, width, channels), mostly uint8, until :class:`ToTensor` makes them float32
(channels, height, width) between 0 and 1. Those with ``takes_batches`` also take a batch of
images along a first axis, which a loader uses to transform whole batches at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .... import image
from ...._surface import getattr_for
from ....error import ShapeError, message
from ....ndarray import NDArray
from ...block import Block
from ...hybrid import HybridBlock
from ...nn import Sequential
from .transforms_color import (
    RandomBrightness,
    RandomColorJitter,
    RandomContrast,
    RandomHue,
    RandomLighting,
    RandomSaturation,
)
from .transforms_rotate import RandomRotation, Rotate

__all__ = [
    "Cast",
    "CenterCrop",
    "Compose",
    "CropResize",
    "Normalize",
    "RandomApply",
    "RandomBrightness",
    "RandomColorJitter",
    "RandomContrast",
    "RandomFlipLeftRight",
    "RandomFlipTopBottom",
    "RandomHue",
    "RandomLighting",
    "RandomResizedCrop",
    "RandomRotation",
    "RandomSaturation",
    "Resize",
    "Rotate",
    "ToTensor",
]

__getattr__ = getattr_for(__name__)


class Compose(Sequential):
    """Several transforms, one after another.

    Parameters
    ----------
    transforms : list of Block

    Examples
    --------
    >>> from workbench import nd
    >>> steps = Compose([CenterCrop(6), ToTensor(), Normalize(0.5, 0.25)])
    >>> steps(nd.zeros((10, 14, 3), dtype="uint8")).shape
    (3, 6, 6)
    """

    def __init__(self, transforms: Sequence[Any]) -> None:
        super().__init__()
        for transform in transforms:
            self.add(transform)

    @property
    def takes_batches(self) -> bool:
        """Whether all of the transforms do."""
        return all(getattr(one, "takes_batches", False) for one in self._children.values())


class Cast(HybridBlock):
    """Another dtype.

    Parameters
    ----------
    dtype : str
        Name of the dtype.
    """

    takes_batches = True

    def __init__(self, dtype: Any = "float32") -> None:
        super().__init__()
        self._dtype = dtype

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """An array like *x* with the new dtype."""
        return F.Cast(x, dtype=self._dtype)


class ToTensor(HybridBlock):
    """From (height, width, channels) in [0, 255] to float32 (channels, height, width) in [0, 1].

    A batch (N, height, width, channels) becomes (N, channels, height, width).
    """

    takes_batches = True

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The tensor of an image or of a batch."""
        return F.image.to_tensor(x)


class Normalize(HybridBlock):
    """``(x - mean) / std`` for each channel of (C, height, width) or (N, C, height, width).

    Parameters
    ----------
    mean, std : float or tuple of floats
        One number, or one for each channel.
    """

    takes_batches = True

    def __init__(self, mean: Any = 0.0, std: Any = 1.0) -> None:
        super().__init__()
        self._mean = mean
        self._std = std

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The normalized tensor, float32."""
        return F.image.normalize(x, mean=self._mean, std=self._std)


class Resize(HybridBlock):
    """Another size.

    Parameters
    ----------
    size : int or (int, int)
        Width and height; one number is both, or the shorter edge with *keep_ratio*.
    keep_ratio : bool
        Keep the ratio of width and height, when *size* is one number.
    interpolation : int
        OpenCV's number: 0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos.
    """

    def __init__(self, size: Any, keep_ratio: bool = False, interpolation: int = 1) -> None:
        super().__init__()
        self._keep = keep_ratio
        self._size = size
        self._interpolation = interpolation

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The resized image or batch, of the same dtype."""
        return F.image.resize(x, size=self._size, keep_ratio=self._keep, interp=self._interpolation)


class CropResize(HybridBlock):
    """A rectangle of an image, resized when *size* is given.

    Parameters
    ----------
    x, y : int
        Left and upper edge of the rectangle.
    width, height : int
        Its size.
    size : int or (int, int)
        New width and height.
    interpolation : int
        As in :class:`Resize`.
    """

    def __init__(
        self,
        x: int,
        y: int,
        width: int,
        height: int,
        size: Any = None,
        interpolation: int | None = None,
    ) -> None:
        super().__init__()
        self._rectangle = (x, y, width, height)
        self._size = size
        self._interpolation = 1 if interpolation is None else interpolation

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The part of the image or batch, of the same dtype."""
        left, top, width, height = self._rectangle
        part = F.image.crop(x, x=left, y=top, width=width, height=height)
        if not self._size:
            return part
        return F.image.resize(part, size=_pair(self._size), interp=self._interpolation)


class CenterCrop(Block):
    """The middle of an image; enlarged when the image is smaller.

    Parameters
    ----------
    size : int or (int, int)
        Width and height; one number is both.
    interpolation : int
        As in :class:`Resize`; 9 chooses by the sizes, 10 at random.
    """

    def __init__(self, size: Any, interpolation: int = 1) -> None:
        super().__init__()
        self._args = (_pair(size), interpolation)

    def forward(self, x: NDArray) -> NDArray:
        """The cropped image, of the same dtype."""
        return image.center_crop(_one_image("CenterCrop", x), *self._args)[0]


class RandomResizedCrop(Block):
    """A random part of an image, with random shape, resized.

    Parameters
    ----------
    size : int or (int, int)
        Final width and height.
    scale : (float, float)
        Least and largest share of the image's area.
    ratio : (float, float)
        Least and largest width over height of the part.
    interpolation : int
        As in :class:`Resize`.

    Notes
    -----
    The random numbers are Python's (``random.seed``), as in MXNet 1.9.1. Where ten attempts find
    no part that fits, the middle of the image is taken.
    """

    def __init__(
        self,
        size: Any,
        scale: tuple[float, float] = (0.08, 1.0),
        ratio: tuple[float, float] = (3.0 / 4.0, 4.0 / 3.0),
        interpolation: int = 1,
    ) -> None:
        super().__init__()
        self._size = _pair(size)
        self._scale = scale
        self._ratio = ratio
        self._interpolation = interpolation

    def forward(self, x: NDArray) -> NDArray:
        """The part at its final size, of the same dtype."""
        x = _one_image("RandomResizedCrop", x)
        return image.random_size_crop(x, self._size, self._scale, self._ratio, self._interpolation)[
            0
        ]


class RandomFlipLeftRight(HybridBlock):
    """Mirrors an image with a probability of one half; ``mx.random.seed`` settles when."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The image, or its mirror image."""
        return F.image.random_flip_left_right(x)


class RandomFlipTopBottom(HybridBlock):
    """Turns an image upside down with a probability of one half; see RandomFlipLeftRight."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The image, or its mirror image."""
        return F.image.random_flip_top_bottom(x)


class RandomApply(Sequential):
    """Applies a transform with probability *p*; the random numbers are Python's.

    Parameters
    ----------
    transforms : callable
        The transform, a :class:`Compose` for several.
    p : float
    """

    def __init__(self, transforms: Callable[[Any], Any], p: float = 0.5) -> None:
        super().__init__()
        self.transforms = transforms
        self.p = p

    def forward(self, x: Any) -> Any:
        """The transformed image, or the image."""
        return x if self.p < random.random() else self.transforms(x)


def _pair(size: Any) -> tuple[int, int]:
    """(width, height) of one number or two."""
    if np.ndim(size) == 0:
        return int(size), int(size)
    width, height = size
    return int(width), int(height)


def _one_image(name: str, x: Any) -> NDArray:
    """*x*, which must be one image; ShapeError otherwise."""
    if isinstance(x, NDArray) and len(x.shape) == 3:
        return x
    found = f"{x.shape} {np.dtype(x.dtype).name}" if isinstance(x, NDArray) else type(x).__name__
    fix = "Give an image (height, width, channels) as an NDArray."
    raise ShapeError(message(f"{name} needs an image, got {found}", fix=fix))
