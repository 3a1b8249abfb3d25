# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.ndarray.core import NDArray

def adjust_lighting(data: NDArray, alpha: float | Sequence[float] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Noise along the principal components of ImageNet's colours, as in AlexNet."""

def crop(data: NDArray, x: int = ..., y: int = ..., width: int = ..., height: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """A rectangle of an image or of each image of a batch."""

def flip_left_right(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The mirror image: columns in reverse order."""

def flip_top_bottom(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The image upside down: rows in reverse order."""

def normalize(data: NDArray, mean: float | Sequence[float] = ..., std: float | Sequence[float] = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """``(data - mean) / std`` of each channel of (C, H, W) or (N, C, H, W), as to_tensor gives."""

def random_brightness(data: NDArray, min_factor: float = ..., max_factor: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Pixels times a random factor."""

def random_color_jitter(data: NDArray, brightness: float = ..., contrast: float = ..., saturation: float = ..., hue: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Brightness, contrast, saturation and hue changed at random, in random order."""

def random_contrast(data: NDArray, min_factor: float = ..., max_factor: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The distance of pixels from the mean grey times a random factor."""

def random_flip_left_right(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The image, or with probability one half its mirror image."""

def random_flip_top_bottom(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The image, or with probability one half the image upside down."""

def random_hue(data: NDArray, min_factor: float = ..., max_factor: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Colours moved along the circle of hues by a random part of it."""

def random_lighting(data: NDArray, alpha_std: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """Random noise along the principal components of ImageNet's colours, as in AlexNet."""

def random_saturation(data: NDArray, min_factor: float = ..., max_factor: float = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """The distance of colours from grey times a random factor."""

def resize(data: NDArray, size: int | Sequence[int] = ..., keep_ratio: bool = ..., interp: int = ..., out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """An image or a batch at another size, of the same dtype. No gradient flows through."""

def to_tensor(data: NDArray, out: NDArray | Sequence[NDArray] | None = ..., **kwargs: Any) -> NDArray:
    """From (height, width, channels) in [0, 255] to float32 (channels, height, width) in [0, 1]."""
