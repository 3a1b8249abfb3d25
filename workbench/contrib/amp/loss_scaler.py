"""The factor that keeps small gradients above the smallest float16."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from ... import autograd, ndarray as nd

__all__ = ["LossScaler"]

_FIRST, _LARGEST, _STEPS = 2.0**16, 2.0**24, 2000
_TOGETHER = 200  # arrays in one call


class LossScaler:
    """Halves the scale after an overflow, doubles it after 2000 steps without one."""

    def __init__(self) -> None:
        self._loss_scale = self._next_loss_scale = _FIRST
        self._unskipped = 0

    @property
    def loss_scale(self) -> float:
        """The factor of the present step."""
        return self._loss_scale

    def has_overflow(self, params: Iterable[Any]) -> bool:
        """Whether a gradient on the first device is not finite; chooses the next scale."""
        with autograd.pause():
            grads = [p._grad[0] for p in params if p._grad]
            finite = all(
                bool(nd.multi_all_finite(*part, num_arrays=len(part)).asscalar())
                for part in (grads[i : i + _TOGETHER] for i in range(0, len(grads), _TOGETHER))
            )
        self._loss_scale = self._next_loss_scale
        self._unskipped = self._unskipped + 1 if finite else 0
        if not finite:
            self._next_loss_scale = self._loss_scale / 2
            logging.info("AMP: decreasing loss scale to %f", self._next_loss_scale)
        elif self._unskipped == _STEPS:
            self._unskipped = 0
            self._next_loss_scale = min(_LARGEST, self._loss_scale * 2)
            logging.info("AMP: increasing loss scale to %f", self._next_loss_scale)
        return not finite
