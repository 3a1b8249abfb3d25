"""Convolution with a kernel of one element and its gradients as products of matrices: float32.

Images of many channels are such products as they lie, ``y[n] = w · x[n]``, and BLAS is the fastest
there. For the gradient of the weight, small images are put side by side first, so that there is
one product.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ops.registry import Op
from . import conv
from .registry import kernel

__all__ = ["fits", "fits_weight"]

Array = np.ndarray
Run = Callable[..., Array]
#: weights from which on a product with one image is worth a call, and up to which any image is
LEAST, MOST = 1 << 12, 1 << 16
#: places of an image that are enough for more weights
ENOUGH = 49
#: places of images that are put side by side
SIDE_BY_SIDE = 256


def _is_pointwise(
    *,
    kernel: tuple[int, ...],
    stride: tuple[int, ...] = (),
    pad: tuple[int, ...] = (),
    num_group: int = 1,
    **params: Any,
) -> bool:
    return kernel == (1, 1) and num_group == 1 and not any(pad) and stride in ((), (1, 1))


def fits(data: Array, weight: Array, bias: Array | None = None, **params: Any) -> bool:
    """Whether images are products that are worth a call each."""
    if not _is_pointwise(**params) or data.ndim != 4 or not conv.plain(data, weight, bias):
        return False
    return weight.size >= LEAST and (weight.size <= MOST or data.shape[2] * data.shape[3] >= ENOUGH)


def fits_weight(grad: Array, data: Array, **params: Any) -> bool:
    """Whether images are small enough to be put side by side, and have channels enough."""
    if not _is_pointwise(**params) or data.ndim != 4 or not conv.plain(grad, data):
        return False
    return data.shape[2] * data.shape[3] <= SIDE_BY_SIDE and grad.shape[1] * data.shape[1] >= LEAST


def _images(array: Array) -> Array:
    """(N, C, H, W) → (N, C, H W)."""
    return array.reshape(*array.shape[:2], -1)


def _side_by_side(array: Array) -> Array:
    """(N, C, H, W) → (C, N H W)."""
    return array.swapaxes(0, 1).reshape(array.shape[1], -1)


@kernel("Convolution", when=fits)
def convolution(op: Op) -> Run:
    """The convolution itself."""

    def run(data: Array, weight: Array, bias: Array | None = None, **params: Any) -> Array:
        made = np.matmul(weight[:, :, 0, 0], _images(data))
        if bias is not None:
            made += bias[:, None]
        return made.reshape(len(data), len(weight), *data.shape[2:])

    return run


@kernel("_backward_Convolution_data", when=fits)
def data_gradient(op: Op) -> Run:
    """The gradient of the input."""

    def run(grad: Array, weight: Array, *, shape: tuple[int, ...], **params: Any) -> Array:
        return np.matmul(weight[:, :, 0, 0].T, _images(grad)).reshape(shape)

    return run


@kernel("_backward_Convolution_weight", when=fits_weight)
def weight_gradient(op: Op) -> Run:
    """The gradient of the weight."""

    def run(grad: Array, data: Array, **params: Any) -> Array:
        made = np.dot(_side_by_side(grad), _side_by_side(data).T)
        return made.reshape(*made.shape, 1, 1)

    return run
