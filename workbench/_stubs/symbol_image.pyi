# Generated from the operators' records by `make generate`.
from collections.abc import Sequence
from typing import Any, Literal

from workbench.symbol.symbol import Symbol

def adjust_lighting(data: Symbol | None = ..., alpha: float | Sequence[float] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Noise along the principal components of ImageNet's colours, as in AlexNet."""

def crop(data: Symbol | None = ..., x: int = ..., y: int = ..., width: int = ..., height: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """A rectangle of an image or of each image of a batch."""

def flip_left_right(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The mirror image: columns in reverse order."""

def flip_top_bottom(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The image upside down: rows in reverse order."""

def normalize(data: Symbol | None = ..., mean: float | Sequence[float] = ..., std: float | Sequence[float] = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """``(data - mean) / std`` of each channel of (C, H, W) or (N, C, H, W), as to_tensor gives."""

def random_brightness(data: Symbol | None = ..., min_factor: float = ..., max_factor: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Pixels times a random factor."""

def random_color_jitter(data: Symbol | None = ..., brightness: float = ..., contrast: float = ..., saturation: float = ..., hue: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Brightness, contrast, saturation and hue changed at random, in random order."""

def random_contrast(data: Symbol | None = ..., min_factor: float = ..., max_factor: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The distance of pixels from the mean grey times a random factor."""

def random_flip_left_right(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The image, or with probability one half its mirror image."""

def random_flip_top_bottom(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The image, or with probability one half the image upside down."""

def random_hue(data: Symbol | None = ..., min_factor: float = ..., max_factor: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Colours moved along the circle of hues by a random part of it."""

def random_lighting(data: Symbol | None = ..., alpha_std: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """Random noise along the principal components of ImageNet's colours, as in AlexNet."""

def random_saturation(data: Symbol | None = ..., min_factor: float = ..., max_factor: float = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """The distance of colours from grey times a random factor."""

def resize(data: Symbol | None = ..., size: int | Sequence[int] = ..., keep_ratio: bool = ..., interp: int = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """An image or a batch at another size, of the same dtype. No gradient flows through."""

def to_tensor(data: Symbol | None = ..., name: str | None = ..., attr: dict[str, str] | None = ..., **kwargs: Any) -> Symbol:
    """From (height, width, channels) in [0, 255] to float32 (channels, height, width) in [0, 1]."""
