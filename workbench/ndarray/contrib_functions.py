"""Functions of ``mx.nd.contrib`` that are made of operators."""

from __future__ import annotations

import math

from ..context import Context, current_context
from . import random
from .core import NDArray

__all__ = ["isfinite", "isinf", "isnan", "rand_zipfian"]


def isnan(data: NDArray) -> NDArray:
    """1 where an element is not a number, else 0; in the dtype of *data*."""
    return data != data


def isinf(data: NDArray) -> NDArray:
    """1 where an element is infinite, of either sign, else 0; in the dtype of *data*."""
    return data.abs() == math.inf


def isfinite(data: NDArray) -> NDArray:
    """1 where an element is neither infinite nor not a number, else 0; in the dtype of *data*."""
    return (data == data) * (data.abs() != math.inf)


def rand_zipfian(
    true_classes: NDArray, num_sampled: int, range_max: int, ctx: Context | None = None
) -> tuple[NDArray, NDArray, NDArray]:
    """Draw classes of which early ones are frequent, as candidates for a sampled softmax.

    Class k has the probability ``(log(k + 2) - log(k + 1)) / log(range_max + 1)``, approximately
    Zipf's law for classes sorted by falling frequency. Classes may be drawn repeatedly.

    Parameters
    ----------
    true_classes : NDArray
        classes of the targets
    num_sampled : int
        how many classes to draw
    range_max : int
        how many classes there are
    ctx : Context
        where the results are, default the current context

    Returns
    -------
    samples : NDArray
        (num_sampled,) int64
    exp_count_true, exp_count_sample : NDArray
        how often each of *true_classes* and of *samples* is expected among the samples, float64
    """
    ctx = current_context() if ctx is None else ctx
    log_range = math.log(range_max + 1)
    draws = random.uniform(0, log_range, shape=(num_sampled,), dtype="float64", ctx=ctx)
    samples = (draws.exp() - 1).astype("int64") % range_max

    def expected(classes: NDArray) -> NDArray:
        classes = classes.as_in_context(ctx).astype("float64")
        return ((classes + 2) / (classes + 1)).log() / log_range * num_sampled

    return samples, expected(true_classes), expected(samples)
