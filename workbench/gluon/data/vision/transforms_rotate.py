"""Image transforms that rotate tensors (channels, height, width), or batches of them."""

from __future__ import annotations

import numpy as np

from .... import image
from ....error import DTypeError, message
from ....ndarray import NDArray
from ...block import Block

__all__ = ["RandomRotation", "Rotate"]


class Rotate(Block):
    """Turns images around their middle.

    Parameters
    ----------
    rotation_degrees : float
        The angle in degrees.
    zoom_in : bool
        Enlarge until nothing but image is seen.
    zoom_out : bool
        Shrink until all of the image is seen.
    """

    def __init__(
        self, rotation_degrees: float, zoom_in: bool = False, zoom_out: bool = False
    ) -> None:
        super().__init__()
        self._args = (rotation_degrees, zoom_in, zoom_out)

    def forward(self, x: NDArray) -> NDArray:
        """The turned image or batch, float32; 0 where there is no image."""
        _check_float(x)
        return image.imrotate(x, *self._args)


class RandomRotation(Block):
    """Turns images around their middle by a random angle.

    Parameters
    ----------
    angle_limits : (float, float)
        Least and largest angle in degrees.
    zoom_in, zoom_out : bool
        As in :class:`Rotate`.
    rotate_with_proba : float
        Probability that anything is turned at all.

    Notes
    -----
    The random numbers are NumPy's (``numpy.random.seed``), as in MXNet 1.9.1.
    """

    def __init__(
        self,
        angle_limits: tuple[float, float],
        zoom_in: bool = False,
        zoom_out: bool = False,
        rotate_with_proba: float = 1.0,
    ) -> None:
        super().__init__()
        low, high = angle_limits
        if low >= high:
            raise ValueError("`angle_limits` must be an ordered tuple: the lower limit first")
        if not 0 <= rotate_with_proba <= 1:
            raise ValueError("Probability of rotating the image should be between 0 and 1")
        self._args = ((low, high), zoom_in, zoom_out)
        self._probability = rotate_with_proba

    def forward(self, x: NDArray) -> NDArray:
        """The turned image or batch, float32, or *x* itself."""
        if np.random.random() > self._probability:
            return x
        _check_float(x)
        return image.random_rotate(x, *self._args)


def _check_float(x: NDArray) -> None:
    if np.dtype(x.dtype) != np.float32:
        raise DTypeError(
            message(
                "This transformation only supports float32",
                where=[f"x {x.shape} {np.dtype(x.dtype).name}"],
                fix="Consider calling it after ToTensor.",
            )
        )
