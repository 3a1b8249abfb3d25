"""Image transforms that change colours at random.

They take images (height, width, 1 or 3 channels) in red, green, blue, before ``ToTensor``;
``mx.random.seed`` settles the random numbers.
"""

from __future__ import annotations

from typing import Any

from ...hybrid import HybridBlock

__all__ = [
    "RandomBrightness",
    "RandomColorJitter",
    "RandomContrast",
    "RandomHue",
    "RandomLighting",
    "RandomSaturation",
]


class _RandomFactor(HybridBlock):
    """A factor between ``1 - jitter`` (0 at least) and ``1 + jitter``."""

    _operator = ""

    def __init__(self, jitter: float) -> None:
        super().__init__()
        self._range = (max(0, 1 - jitter), 1 + jitter)

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The changed image, of the same dtype."""
        least, most = self._range
        return getattr(F.image, self._operator)(x, min_factor=least, max_factor=most)


class RandomBrightness(_RandomFactor):
    """Pixels times a factor between ``max(0, 1 - brightness)`` and ``1 + brightness``.

    Parameters
    ----------
    brightness : float
    """

    _operator = "random_brightness"

    def __init__(self, brightness: float) -> None:
        super().__init__(brightness)


class RandomContrast(_RandomFactor):
    """The distance from the mean grey times a factor between ``1 - contrast`` and ``1 + contrast``.

    Parameters
    ----------
    contrast : float
    """

    _operator = "random_contrast"

    def __init__(self, contrast: float) -> None:
        super().__init__(contrast)


class RandomSaturation(_RandomFactor):
    """The distance from grey times a factor between ``1 - saturation`` and ``1 + saturation``.

    Parameters
    ----------
    saturation : float
    """

    _operator = "random_saturation"

    def __init__(self, saturation: float) -> None:
        super().__init__(saturation)


class RandomHue(_RandomFactor):
    """Colours moved along the circle of hues by up to *hue* of it, either way.

    Parameters
    ----------
    hue : float
        0.5 reaches every colour.
    """

    _operator = "random_hue"

    def __init__(self, hue: float) -> None:
        super().__init__(hue)


class RandomColorJitter(HybridBlock):
    """Brightness, contrast, saturation and hue changed at random, in random order.

    Parameters
    ----------
    brightness, contrast, saturation, hue : float
        As in the transforms of one each; what is 0 is left alone.
    """

    def __init__(
        self, brightness: float = 0, contrast: float = 0, saturation: float = 0, hue: float = 0
    ) -> None:
        super().__init__()
        self._jitter = {
            "brightness": brightness,
            "contrast": contrast,
            "saturation": saturation,
            "hue": hue,
        }

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The changed image, of the same dtype."""
        return F.image.random_color_jitter(x, **self._jitter)


class RandomLighting(HybridBlock):
    """Noise along the principal components of ImageNet's colours, as in AlexNet.

    Parameters
    ----------
    alpha : float
        Standard deviation of the noise.
    """

    def __init__(self, alpha: float) -> None:
        super().__init__()
        self._alpha = alpha

    def hybrid_forward(self, F: Any, x: Any) -> Any:
        """The changed image, of the same dtype."""
        return F.image.random_lighting(x, alpha_std=self._alpha)
