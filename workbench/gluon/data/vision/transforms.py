"""Image transforms, as blocks.

Images are (height, width, channels), mostly uint8, until :class:`ToTensor` makes them float32
(channels, height, width) between 0 and 1. Those with ``takes_batches`` also take a batch of
images along a first axis, which a loader uses to transform whole batches at once.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .... import ndarray as nd
from ...._surface import getattr_for
from ....error import ShapeError, message
from ....ndarray import NDArray
from ...block import Block
from ...hybrid import HybridBlock
from ...nn import Sequential
from . import _pixels

__all__ = [
    "Cast",
    "CenterCrop",
    "Compose",
    "CropResize",
    "Normalize",
    "RandomApply",
    "RandomFlipLeftRight",
    "RandomFlipTopBottom",
    "RandomResizedCrop",
    "Resize",
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
        if not isinstance(x, NDArray):
            return F.image.to_tensor(x)
        axes = {3: (2, 0, 1), 4: (0, 3, 1, 2)}.get(len(x.shape))
        if axes is None:
            raise _no_image("ToTensor", x)
        return x.transpose(axes).astype("float32") / 255.0


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
        if not isinstance(x, NDArray):
            return F.image.normalize(x, mean=self._mean, std=self._std)
        if len(x.shape) not in (3, 4) or np.dtype(x.dtype).kind != "f":
            raise _no_image("Normalize", x, "Apply it after ToTensor.")
        return (x - self._each_channel(self._mean, x)) / self._each_channel(self._std, x)

    def _each_channel(self, value: Any, x: NDArray) -> Any:
        if np.ndim(value) == 0:
            return float(value)
        values = np.asarray(value, dtype=np.float32).reshape(-1, 1, 1)
        if len(values) not in (1, x.shape[-3]):
            raise ShapeError(
                message(
                    f"Normalize: {len(values)} numbers for {x.shape[-3]} channels",
                    where=[f"x {x.shape}"],
                    fix="Give one number, or one for each channel.",
                )
            )
        return nd.array(values, ctx=x.context, dtype=x.dtype)


class Resize(HybridBlock):
    """Another size.

    Parameters
    ----------
    size : int or (int, int)
        Width and height; one number is both, or the shorter edge with *keep_ratio*.
    keep_ratio : bool
        Keep the ratio of width and height, when *size* is one number.
    interpolation : int
        OpenCV's number: 0 nearest, 1 bilinear, 2 bicubic, 3 area, 9 automatic.
    """

    def __init__(self, size: Any, keep_ratio: bool = False, interpolation: int = 1) -> None:
        super().__init__()
        self._keep = keep_ratio
        self._size = size
        self._interpolation = interpolation

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The resized image or batch, of the same dtype."""
        if not isinstance(x, NDArray):
            return F.image.resize(
                x, size=self._size, keep_ratio=self._keep, interp=self._interpolation
            )
        return _each_image(
            "Resize", x, lambda im: _pixels.resize(im, self._new_size(im), self._interpolation)
        )

    def _new_size(self, image: np.ndarray) -> tuple[int, int]:
        if np.ndim(self._size):
            return _pair(self._size)
        size = int(self._size)
        if not self._keep:
            return size, size
        height, width = image.shape[:2]
        return (size, size * height // width) if height > width else (size * width // height, size)


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
        if not isinstance(x, NDArray):
            left, top, width, height = self._rectangle
            part = F.image.crop(x, x=left, y=top, width=width, height=height)
            if not self._size:
                return part
            return F.image.resize(part, size=self._size, interp=self._interpolation)
        return _each_image("CropResize", x, self._part)

    def _part(self, image: np.ndarray) -> np.ndarray:
        part = _pixels.crop(image, *self._rectangle)
        if not self._size:
            return part
        return _pixels.resize(part, _pair(self._size), self._interpolation)


class CenterCrop(Block):
    """The middle of an image; enlarged when the image is smaller.

    Parameters
    ----------
    size : int or (int, int)
        Width and height; one number is both.
    interpolation : int
        As in :class:`Resize`.
    """

    def __init__(self, size: Any, interpolation: int = 1) -> None:
        super().__init__()
        self._args = (_pair(size), interpolation)

    def forward(self, x: NDArray) -> NDArray:
        """The cropped image, of the same dtype."""
        return _image("CenterCrop", x, lambda image: _pixels.center_crop(image, *self._args))


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
        return _image("RandomResizedCrop", x, self._part)

    def _part(self, image: np.ndarray) -> np.ndarray:
        rows, columns = image.shape[:2]
        logarithms = [math.log(ratio) for ratio in self._ratio]
        for _ in range(10):
            area = random.uniform(*self._scale) * rows * columns
            ratio = math.exp(random.uniform(*logarithms))
            width, height = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < width <= columns and 0 < height <= rows:
                x, y = random.randint(0, columns - width), random.randint(0, rows - height)
                part = _pixels.crop(image, x, y, width, height)
                return _pixels.resize(part, self._size, self._interpolation)
        return _pixels.center_crop(image, self._size, self._interpolation)


class RandomFlipLeftRight(HybridBlock):
    """Mirrors an image with a probability of one half; ``mx.random.seed`` settles when."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The image, or its mirror image."""
        if not isinstance(x, NDArray):
            return F.image.random_flip_left_right(x)
        return x.flip(axis=len(x.shape) - 2) if _chance() < 0.5 else x


class RandomFlipTopBottom(HybridBlock):
    """Turns an image upside down with a probability of one half; see RandomFlipLeftRight."""

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The image, or its mirror image."""
        if not isinstance(x, NDArray):
            return F.image.random_flip_top_bottom(x)
        return x.flip(axis=len(x.shape) - 3) if _chance() < 0.5 else x


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


def _chance() -> float:
    return float(nd.random.uniform(0, 1, shape=(1,)).asscalar())


def _pair(size: Any) -> tuple[int, int]:
    """(width, height) of one number or two."""
    if np.ndim(size) == 0:
        return int(size), int(size)
    width, height = size
    return int(width), int(height)


def _image(name: str, x: Any, change: Callable[[np.ndarray], np.ndarray]) -> NDArray:
    """A change to the pixels of one image, on the image's device."""
    if not isinstance(x, NDArray) or len(x.shape) != 3:
        raise _no_image(name, x)
    pixels = change(x.asnumpy())
    return nd.array(pixels, ctx=x.context, dtype=pixels.dtype)


def _each_image(name: str, x: NDArray, change: Callable[[np.ndarray], np.ndarray]) -> NDArray:
    """As :func:`_image`, of one image or each of a batch."""
    if len(x.shape) != 4:
        return _image(name, x, change)
    pixels = np.stack([change(image) for image in x.asnumpy()])
    return nd.array(pixels, ctx=x.context, dtype=pixels.dtype)


def _no_image(name: str, x: Any, fix: str = "") -> ShapeError:
    found = f"{x.shape} {np.dtype(x.dtype).name}" if isinstance(x, NDArray) else type(x).__name__
    fix = fix or "Give an image (height, width, channels) as an NDArray."
    return ShapeError(message(f"{name} needs an image, got {found}", where=[], fix=fix))
