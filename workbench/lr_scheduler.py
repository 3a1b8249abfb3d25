"""Learning rates as functions of the number of updates, with warm-up.

A scheduler is called with the number of updates done so far and returns the rate for the next.
Trainer and Module set ``base_lr`` to the optimizer's learning rate.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from math import cos, pi

from ._surface import getattr_for
from .error import ParameterError

__all__ = [
    "CosineScheduler",
    "FactorScheduler",
    "LRScheduler",
    "MultiFactorScheduler",
    "PolyScheduler",
]

__getattr__ = getattr_for(__name__)


class LRScheduler:
    """Base of the schedulers: warm-up from ``warmup_begin_lr`` to ``base_lr``.

    Parameters
    ----------
    base_lr : float
        The rate that the decay starts from.
    warmup_steps : int
        Updates before the decay starts.
    warmup_begin_lr : float
        The rate that warm-up starts from; at most ``base_lr``.
    warmup_mode : str
        ``"linear"`` rises by equal steps, ``"constant"`` stays at ``warmup_begin_lr``.

    Raises
    ------
    ValueError
        A negative or fractional ``warmup_steps``, a start above ``base_lr``, an unknown mode.
    """

    def __init__(
        self,
        base_lr: float = 0.01,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0,
        warmup_mode: str = "linear",
    ) -> None:
        if not isinstance(warmup_steps, int) or warmup_steps < 0:
            raise ParameterError(f"Warmup steps has to be positive or 0, got {warmup_steps!r}")
        if warmup_begin_lr > base_lr:
            raise ParameterError(
                "Base lr has to be higher than warmup_begin_lr, "
                f"got {base_lr} and {warmup_begin_lr}"
            )
        if warmup_mode not in ("linear", "constant"):
            raise ParameterError(
                f"Supports only linear and constant modes of warmup, got {warmup_mode!r}"
            )
        self.base_lr = base_lr
        self.warmup_steps = warmup_steps
        self.warmup_final_lr = base_lr
        self.warmup_begin_lr = warmup_begin_lr
        self.warmup_mode = warmup_mode

    def get_warmup_lr(self, num_update: int) -> float:
        """The rate during warm-up, for ``num_update < warmup_steps``."""
        if self.warmup_mode == "constant":
            return self.warmup_begin_lr
        rise = self.warmup_final_lr - self.warmup_begin_lr
        return self.warmup_begin_lr + rise * float(num_update) / float(self.warmup_steps)

    def __call__(self, num_update: int) -> float:
        """The learning rate after *num_update* updates."""
        raise NotImplementedError(f"{type(self).__name__} must override __call__(num_update)")


class FactorScheduler(LRScheduler):
    """Multiply the rate by *factor* every *step* updates, not below *stop_factor_lr*.

    After warm-up: ``base_lr * factor ** floor((num_update - 1) / step)``.

    Parameters
    ----------
    step : int
        Updates between two changes, at least 1.
    factor : float
        At most 1.
    stop_factor_lr : float
        The rate stays here once it would fall below.
    base_lr, warmup_steps, warmup_begin_lr, warmup_mode
        See :class:`LRScheduler`.

    Examples
    --------
    >>> decay = FactorScheduler(step=10, factor=0.5, base_lr=0.8)
    >>> [decay(update) for update in (1, 10, 11, 21)]
    [0.8, 0.8, 0.4, 0.2]
    """

    def __init__(
        self,
        step: int,
        factor: float = 1,
        stop_factor_lr: float = 1e-8,
        base_lr: float = 0.01,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0,
        warmup_mode: str = "linear",
    ) -> None:
        super().__init__(base_lr, warmup_steps, warmup_begin_lr, warmup_mode)
        if step < 1:
            raise ParameterError(f"Schedule step must be greater or equal than 1 round, got {step}")
        if factor > 1.0:
            raise ParameterError(f"Factor must be no more than 1 to make lr reduce, got {factor}")
        self.step = step
        self.factor = factor
        self.stop_factor_lr = stop_factor_lr
        self.count = 0

    def __call__(self, num_update: int) -> float:
        """The learning rate after *num_update* updates; may be called with gaps, not backwards."""
        if num_update < self.warmup_steps:
            return self.get_warmup_lr(num_update)
        while num_update > self.count + self.step:
            self.count += self.step
            self.base_lr *= self.factor
            if self.base_lr < self.stop_factor_lr:
                self.base_lr = self.stop_factor_lr
                logging.info(
                    "Update[%d]: now learning rate arrived at %0.5e, will not change in the future",
                    num_update,
                    self.base_lr,
                )
            else:
                logging.info("Update[%d]: Change learning rate to %0.5e", num_update, self.base_lr)
        return self.base_lr


class MultiFactorScheduler(LRScheduler):
    """Multiply the rate by *factor* after each of the listed numbers of updates.

    Parameters
    ----------
    step : sequence of int
        Increasing, each at least 1.
    factor : float
        At most 1.
    base_lr, warmup_steps, warmup_begin_lr, warmup_mode
        See :class:`LRScheduler`.

    Examples
    --------
    >>> decay = MultiFactorScheduler(step=[5, 8], factor=0.5, base_lr=0.8)
    >>> [decay(update) for update in (5, 6, 8, 9)]
    [0.8, 0.4, 0.4, 0.2]
    """

    def __init__(
        self,
        step: Sequence[int],
        factor: float = 1,
        base_lr: float = 0.01,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0,
        warmup_mode: str = "linear",
    ) -> None:
        super().__init__(base_lr, warmup_steps, warmup_begin_lr, warmup_mode)
        if not isinstance(step, Sequence) or not step:
            raise ParameterError(
                f"Schedule step must be a list of at least one number, got {step!r}"
            )
        for index, number in enumerate(step):
            if index and number <= step[index - 1]:
                raise ParameterError(
                    f"Schedule step must be an increasing integer list, got {step}"
                )
            if number < 1:
                raise ParameterError(
                    f"Schedule step must be greater or equal than 1 round, got {step}"
                )
        if factor > 1.0:
            raise ParameterError(f"Factor must be no more than 1 to make lr reduce, got {factor}")
        self.step = step
        self.cur_step_ind = 0
        self.factor = factor
        self.count = 0

    def __call__(self, num_update: int) -> float:
        """The learning rate after *num_update* updates; may be called with gaps, not backwards."""
        if num_update < self.warmup_steps:
            return self.get_warmup_lr(num_update)
        while self.cur_step_ind < len(self.step) and num_update > self.step[self.cur_step_ind]:
            self.count = self.step[self.cur_step_ind]
            self.cur_step_ind += 1
            self.base_lr *= self.factor
            logging.info("Update[%d]: Change learning rate to %0.5e", num_update, self.base_lr)
        return self.base_lr


class _DecayToFinal(LRScheduler):
    """From ``base_lr`` at the end of warm-up to ``final_lr`` at ``max_update``, by ``_shape``."""

    def __init__(
        self,
        max_update: int,
        base_lr: float,
        final_lr: float,
        warmup_steps: int,
        warmup_begin_lr: float,
        warmup_mode: str,
    ) -> None:
        super().__init__(base_lr, warmup_steps, warmup_begin_lr, warmup_mode)
        if not isinstance(max_update, int) or max_update < 1:
            raise ParameterError(
                f"maximum number of updates must be strictly positive, got {max_update!r}"
            )
        self.base_lr_orig = base_lr
        self.max_update = max_update
        self.final_lr = final_lr
        self.max_steps = max_update - warmup_steps

    def _shape(self, done: float) -> float:
        """What is left of the way from base to final rate, 1 at *done* = 0 and 0 at 1."""
        raise NotImplementedError

    def __call__(self, num_update: int) -> float:
        """The learning rate after *num_update* updates."""
        if num_update < self.warmup_steps:
            return self.get_warmup_lr(num_update)
        if num_update <= self.max_update:
            done = float(num_update - self.warmup_steps) / float(self.max_steps)
            way = self.base_lr_orig - self.final_lr
            self.base_lr = self.final_lr + way * self._shape(done)
        return self.base_lr


class PolyScheduler(_DecayToFinal):
    """Fall to *final_lr* as ``(1 - updates / max_update) ** pwr``.

    Parameters
    ----------
    max_update : int
        Updates until *final_lr* is reached, warm-up included.
    pwr : float
        Power of the decay.
    base_lr, final_lr : float
        First and last rate.
    warmup_steps, warmup_begin_lr, warmup_mode
        See :class:`LRScheduler`.
    """

    def __init__(
        self,
        max_update: int,
        base_lr: float = 0.01,
        pwr: float = 2,
        final_lr: float = 0,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0,
        warmup_mode: str = "linear",
    ) -> None:
        super().__init__(max_update, base_lr, final_lr, warmup_steps, warmup_begin_lr, warmup_mode)
        self.power = pwr

    def _shape(self, done: float) -> float:
        return pow(1 - done, self.power)


class CosineScheduler(_DecayToFinal):
    """Fall to *final_lr* along half a cosine: ``(1 + cos(pi * updates / max_update)) / 2``.

    Parameters
    ----------
    max_update : int
        Updates until *final_lr* is reached, warm-up included.
    base_lr, final_lr : float
        First and last rate.
    warmup_steps, warmup_begin_lr, warmup_mode
        See :class:`LRScheduler`.
    """

    def __init__(
        self,
        max_update: int,
        base_lr: float = 0.01,
        final_lr: float = 0,
        warmup_steps: int = 0,
        warmup_begin_lr: float = 0,
        warmup_mode: str = "linear",
    ) -> None:
        super().__init__(max_update, base_lr, final_lr, warmup_steps, warmup_begin_lr, warmup_mode)

    def _shape(self, done: float) -> float:
        return (1 + cos(pi * done)) / 2
