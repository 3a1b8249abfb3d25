"""2-bit compression of gradients: each element becomes -threshold, 0 or +threshold.

What is lost is kept and added to the next gradient (Seide et al., Interspeech 2014). In one
process nothing travels in two bits; the numbers are what a run over a network would see.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..error import ParameterError, message
from ..ndarray.core import NDArray

__all__ = ["Compression"]


class Compression:
    """Quantizes gradients and keeps the rest, for each key and device.

    Parameters
    ----------
    settings : mapping
        ``type``, which must be ``"2bit"``, and ``threshold``, a positive number (0.5)
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        unknown = set(settings) - {"type", "threshold"}
        kind = settings.get("type")
        self.threshold = float(settings.get("threshold", 0.5))
        if unknown or kind != "2bit" or self.threshold <= 0:
            raise ParameterError(
                message(
                    f"Unknown type for gradient compression {kind} with {dict(settings)}",
                    fix="Give {'type': '2bit', 'threshold': a positive number}.",
                )
            )
        self._rests: dict[Any, NDArray] = {}

    def __call__(self, key: Any, gradient: NDArray) -> NDArray:
        """The quantized gradient, on the same device."""
        place = (key, gradient.context)
        whole = gradient + self._rests[place] if place in self._rests else gradient
        made = self.threshold * ((whole >= self.threshold) - (whole <= -self.threshold))
        self._rests[place] = whole - made
        return made
