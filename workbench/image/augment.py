"""Augmenters: callables that change an image (height, width, channels), mostly at random.

The random numbers are Python's (``random.seed``); those of :class:`LightingAug` are NumPy's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import ndarray as nd
from ..error import ParameterError, message
from ..ndarray import NDArray
from .functions import (
    Size,
    center_crop,
    color_normalize,
    deprecated_area,
    random_crop,
    random_size_crop,
    resize_short,
    resized,
)

__all__ = [
    "Augmenter",
    "BrightnessJitterAug",
    "CastAug",
    "CenterCropAug",
    "ColorJitterAug",
    "ColorNormalizeAug",
    "ContrastJitterAug",
    "CreateAugmenter",
    "ForceResizeAug",
    "HorizontalFlipAug",
    "HueJitterAug",
    "LightingAug",
    "RandomCropAug",
    "RandomGrayAug",
    "RandomOrderAug",
    "RandomSizedCropAug",
    "ResizeAug",
    "SaturationJitterAug",
    "SequentialAug",
]

_GREY = (0.299, 0.587, 0.114)
#: means and deviations of ImageNet's colours
MEAN, STD = (123.68, 116.28, 103.53), (58.395, 57.12, 57.375)


class Described:
    """What augmenters of images and of images with boxes share: they can be told in text."""

    def __init__(self, **kwargs: Any) -> None:
        self._kwargs = {name: _plain(value) for name, value in kwargs.items()}

    def dumps(self) -> Any:
        """A description: JSON of the class name in small letters and the options."""
        return json.dumps([type(self).__name__.lower(), self._kwargs])


class Augmenter(Described):
    """Base of all augmenters: called with an image it returns the changed image.

    Parameters
    ----------
    **kwargs
        What :meth:`dumps` tells of it; arrays become lists.
    """

    def __call__(self, src: NDArray) -> NDArray:
        raise NotImplementedError("Must override implementation.")


def _plain(value: Any) -> Any:
    if isinstance(value, NDArray):
        value = value.asnumpy()
    return value.tolist() if isinstance(value, np.ndarray) else value


class SequentialAug(Augmenter):
    """Augmenters one after another.

    Parameters
    ----------
    ts : list of Augmenter
    """

    def __init__(self, ts: Sequence[Augmenter]) -> None:
        super().__init__()
        self.ts = list(ts)

    def dumps(self) -> Any:
        """The class name in small letters and the descriptions of the augmenters, as a list."""
        return [type(self).__name__.lower(), [one.dumps() for one in self.ts]]

    def __call__(self, src: NDArray) -> NDArray:
        for one in self.ts:
            src = one(src)
        return src


class RandomOrderAug(SequentialAug):
    """Augmenters in an order drawn for every image.

    Parameters
    ----------
    ts : list of Augmenter
    """

    def __call__(self, src: NDArray) -> NDArray:
        random.shuffle(self.ts)  # the order of the last image, as MXNet draws it
        return super().__call__(src)


# ---- sizes and places ---------------------------------------------------------------------------


class ResizeAug(Augmenter):
    """The shorter edge resized to *size* pixels.

    Parameters
    ----------
    size : int
    interp : int
        0 nearest, 1 bilinear, 2 bicubic, 3 area, 4 Lanczos, 9 by the sizes, 10 at random.
    """

    def __init__(self, size: int, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size, self.interp = size, interp

    def __call__(self, src: NDArray) -> NDArray:
        return resize_short(src, self.size, self.interp)


class ForceResizeAug(Augmenter):
    """Resized to (width, height) *size* whatever the aspect ratio; see :class:`ResizeAug`."""

    def __init__(self, size: Size, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size, self.interp = size, interp

    def __call__(self, src: NDArray) -> NDArray:
        return resized(src, self.size, self.interp)


class RandomCropAug(Augmenter):
    """A part of (width, height) *size* at a random place; see :class:`ResizeAug`."""

    def __init__(self, size: Size, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size, self.interp = size, interp

    def __call__(self, src: NDArray) -> NDArray:
        return random_crop(src, self.size, self.interp)[0]


class RandomSizedCropAug(Augmenter):
    """A part of random area and aspect ratio, resized.

    Parameters
    ----------
    size : (int, int)
        Final width and height.
    area : float or (float, float)
        Least, and largest, share of the image's area.
    ratio : (float, float)
        Least and largest width over height.
    interp : int
        As for :class:`ResizeAug`.
    """

    def __init__(
        self, size: Size, area: Any, ratio: tuple[float, float], interp: int = 2, **kwargs: Any
    ) -> None:
        area = deprecated_area(area, kwargs)
        super().__init__(size=size, area=area, ratio=ratio, interp=interp)
        self.size, self.area, self.ratio, self.interp = size, area, ratio, interp

    def __call__(self, src: NDArray) -> NDArray:
        return random_size_crop(src, self.size, self.area, self.ratio, self.interp)[0]


class CenterCropAug(Augmenter):
    """The middle of (width, height) *size*; see :class:`ResizeAug`."""

    def __init__(self, size: Size, interp: int = 2) -> None:
        super().__init__(size=size, interp=interp)
        self.size, self.interp = size, interp

    def __call__(self, src: NDArray) -> NDArray:
        return center_crop(src, self.size, self.interp)[0]


class HorizontalFlipAug(Augmenter):
    """The mirror image with probability *p*."""

    def __init__(self, p: float) -> None:
        super().__init__(p=p)
        self.p = p

    def __call__(self, src: NDArray) -> NDArray:
        return nd.flip(src, axis=1) if random.random() < self.p else src


# ---- colours ------------------------------------------------------------------------------------


class BrightnessJitterAug(Augmenter):
    """Pixels times a factor between ``1 - brightness`` and ``1 + brightness``."""

    def __init__(self, brightness: float) -> None:
        super().__init__(brightness=brightness)
        self.brightness = brightness

    def __call__(self, src: NDArray) -> NDArray:
        return src * _factor(self.brightness)


class ContrastJitterAug(Augmenter):
    """The distance from the mean grey times a factor within *contrast* of 1."""

    def __init__(self, contrast: float) -> None:
        super().__init__(contrast=contrast)
        self.contrast = contrast

    def __call__(self, src: NDArray) -> NDArray:
        factor = _factor(self.contrast)
        grey = _grey(src).mean().asscalar()
        return src * factor + float(grey) * (1 - factor)


class SaturationJitterAug(Augmenter):
    """The distance of colours from their grey times a factor within *saturation* of 1."""

    def __init__(self, saturation: float) -> None:
        super().__init__(saturation=saturation)
        self.saturation = saturation

    def __call__(self, src: NDArray) -> NDArray:
        factor = _factor(self.saturation)
        return nd.broadcast_add(src * factor, _grey(src) * (1 - factor))


def _factor(jitter: float) -> float:
    return 1.0 + random.uniform(-jitter, jitter)


def _grey(src: NDArray) -> NDArray:
    """The grey value of each pixel: (height, width, 1)."""
    weights = nd.array([[_GREY]], ctx=src.context, dtype=src.dtype)
    return nd.broadcast_mul(src, weights).sum(axis=2, keepdims=True)


class HueJitterAug(Augmenter):
    """Colours turned around the grey axis by up to *hue* half circles.

    In YIQ, in which a turn of (I, Q) nearly keeps the brightness.
    """

    def __init__(self, hue: float) -> None:
        super().__init__(hue=hue)
        self.hue = hue
        self.tyiq = np.array(
            [[0.299, 0.587, 0.114], [0.596, -0.274, -0.321], [0.211, -0.523, 0.311]]
        )
        self.ityiq = np.array([[1.0, 0.956, 0.621], [1.0, -0.272, -0.647], [1.0, -1.107, 1.705]])

    def __call__(self, src: NDArray) -> NDArray:
        angle = random.uniform(-self.hue, self.hue) * np.pi
        cosine, sine = np.cos(angle), np.sin(angle)
        turn = np.array([[1.0, 0.0, 0.0], [0.0, cosine, -sine], [0.0, sine, cosine]])
        return nd.dot(src, nd.array((self.ityiq @ turn @ self.tyiq).T, ctx=src.context))


class ColorJitterAug(RandomOrderAug):
    """Brightness, contrast and saturation changed in random order; those at 0 are left out."""

    def __init__(self, brightness: float, contrast: float, saturation: float) -> None:
        kinds = (
            (BrightnessJitterAug, brightness),
            (ContrastJitterAug, contrast),
            (SaturationJitterAug, saturation),
        )
        super().__init__([kind(jitter) for kind, jitter in kinds if jitter > 0])


class LightingAug(Augmenter):
    """Noise along the principal components of colour.

    Parameters
    ----------
    alphastd : float
        Standard deviation of the noise.
    eigval : numpy.ndarray
        Deviation along each component, (3,).
    eigvec : numpy.ndarray
        The components in columns, (3, 3).
    """

    def __init__(self, alphastd: float, eigval: np.ndarray, eigvec: np.ndarray) -> None:
        super().__init__(alphastd=alphastd, eigval=eigval, eigvec=eigvec)
        self.alphastd, self.eigval, self.eigvec = alphastd, eigval, eigvec

    def __call__(self, src: NDArray) -> NDArray:
        alpha = np.random.normal(0, self.alphastd, size=(3,))
        change = np.dot(self.eigvec * alpha, self.eigval)
        return nd.broadcast_add(src, nd.array(change.reshape(1, 1, 3), ctx=src.context))


class ColorNormalizeAug(Augmenter):
    """``(src - mean) / std`` for each channel; either may be None."""

    def __init__(self, mean: Any, std: Any) -> None:
        super().__init__(mean=mean, std=std)
        self.mean = mean if mean is None or isinstance(mean, NDArray) else nd.array(mean)
        self.std = std if std is None or isinstance(std, NDArray) else nd.array(std)

    def __call__(self, src: NDArray) -> NDArray:
        return color_normalize(src, self.mean, self.std)


class RandomGrayAug(Augmenter):
    """Grey, still in three channels, with probability *p*."""

    def __init__(self, p: float) -> None:
        super().__init__(p=p)
        self.p = p
        self.mat = nd.array([[0.21] * 3, [0.72] * 3, [0.07] * 3])

    def __call__(self, src: NDArray) -> NDArray:
        return nd.dot(src, self.mat) if random.random() < self.p else src


class CastAug(Augmenter):
    """Another dtype."""

    def __init__(self, typ: Any = "float32") -> None:
        super().__init__(type=typ)
        self.typ = typ

    def __call__(self, src: NDArray) -> NDArray:
        return src.astype(self.typ)


# ---- the usual list -----------------------------------------------------------------------------


def CreateAugmenter(
    data_shape: tuple[int, int, int],
    resize: int = 0,
    rand_crop: bool = False,
    rand_resize: bool = False,
    rand_mirror: bool = False,
    mean: Any = None,
    std: Any = None,
    brightness: float = 0,
    contrast: float = 0,
    saturation: float = 0,
    hue: float = 0,
    pca_noise: float = 0,
    rand_gray: float = 0,
    inter_method: int = 2,
) -> list[Augmenter]:
    """The augmenters that :class:`ImageIter` uses, in their order.

    Parameters
    ----------
    data_shape : (int, int, int)
        Channels, height and width of the result.
    resize : int
        The shorter edge is resized to it first; not when 0.
    rand_crop : bool
        A part at a random place instead of the middle.
    rand_resize : bool
        A part of random size, too; needs *rand_crop*.
    rand_mirror : bool
        Mirror half of the images.
    mean, std : numpy.ndarray, NDArray, True or None
        Subtracted from and divided into each channel; True: ImageNet's.
    brightness, contrast, saturation, hue : float
        How much of each may be changed.
    pca_noise : float
        Deviation of the noise along the principal components of colour.
    rand_gray : float
        Probability of a grey image.
    inter_method : int
        Interpolation, as for :class:`ResizeAug`.

    Examples
    --------
    >>> [type(one).__name__ for one in CreateAugmenter((3, 6, 6), resize=8, rand_mirror=True)]
    ['ResizeAug', 'CenterCropAug', 'HorizontalFlipAug', 'CastAug']
    """
    size = (data_shape[2], data_shape[1])
    augmenters: list[Augmenter] = [ResizeAug(resize, inter_method)] if resize > 0 else []
    if rand_resize:
        if not rand_crop:
            raise ParameterError(
                message("rand_resize without rand_crop", fix="Set rand_crop=True.")
            )
        augmenters.append(RandomSizedCropAug(size, 0.08, (3.0 / 4.0, 4.0 / 3.0), inter_method))
    else:
        augmenters.append((RandomCropAug if rand_crop else CenterCropAug)(size, inter_method))
    if rand_mirror:
        augmenters.append(HorizontalFlipAug(0.5))
    augmenters += color_augmenters(brightness, contrast, saturation, hue)
    return augmenters + finishing(pca_noise, rand_gray, mean, std)


def color_augmenters(
    brightness: float, contrast: float, saturation: float, hue: float
) -> list[Augmenter]:
    """The augmenters that make floats of an image and jitter its colours."""
    augmenters: list[Augmenter] = [CastAug()]
    if brightness or contrast or saturation:
        augmenters.append(ColorJitterAug(brightness, contrast, saturation))
    if hue:
        augmenters.append(HueJitterAug(hue))
    return augmenters


def finishing(pca_noise: float, rand_gray: float, mean: Any, std: Any) -> list[Augmenter]:
    """The augmenters that come last, in classification and in detection."""
    augmenters: list[Augmenter] = []
    if pca_noise > 0:
        values = np.array([55.46, 4.794, 1.148])
        vectors = np.array(
            [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]
        )
        augmenters.append(LightingAug(pca_noise, values, vectors))
    if rand_gray > 0:
        augmenters.append(RandomGrayAug(rand_gray))
    mean, std = _per_channel("mean", mean, MEAN), _per_channel("std", std, STD)
    if mean is not None or std is not None:
        augmenters.append(ColorNormalizeAug(mean, std))
    return augmenters


def _per_channel(name: str, value: Any, usual: tuple[float, ...]) -> Any:
    """The numbers of *mean* or *std*, *usual* where True."""
    if value is True:
        return nd.array(usual)
    if value is None or value is False:
        return None
    if not isinstance(value, (np.ndarray, NDArray)) or value.shape not in ((1,), (3,)):
        raise ParameterError(
            message(
                f"{name} is {value!r}",
                fix="Give an array of 1 or 3 numbers, True for ImageNet's, or None.",
            )
        )
    return value
