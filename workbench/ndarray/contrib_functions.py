"""Functions of ``mx.nd.contrib`` that are no operators: tests of numbers, Zipf's law."""

from __future__ import annotations

import math

from ..context import Context, current_context
from .arithmetic import logical_and
from .core import NDArray
from .random import uniform

__all__ = ["isfinite", "isinf", "isnan", "rand_zipfian"]


def isinf(data: NDArray) -> NDArray:
    """1 where an element is infinite, else 0, in *data*'s dtype."""
    return data.abs() == math.inf


def isnan(data: NDArray) -> NDArray:
    """1 where an element is nan, else 0, in *data*'s dtype."""
    return data != data


def isfinite(data: NDArray) -> NDArray:
    """1 where an element is neither infinite nor nan, else 0, in *data*'s dtype."""
    return logical_and(data.abs() != math.inf, data == data)


def rand_zipfian(
    true_classes: NDArray, num_sampled: int, range_max: int, ctx: Context | None = None
) -> tuple[NDArray, NDArray, NDArray]:
    """Classes drawn, with repetition, by a law under which those of small number are frequent.

    Class k has the probability ``log((k + 2) / (k + 1)) / log(range_max + 1)``.

    Parameters
    ----------
    true_classes : NDArray
        (T,), classes whose expected count is wanted
    num_sampled : int
        how many to draw
    range_max : int
        how many classes there are
    ctx : Context, optional
        where the results lie

    Returns
    -------
    samples : NDArray
        (num_sampled,), int64
    expected_count_true, expected_count_sample : NDArray
        (T,) and (num_sampled,), float64: how often each class is to be expected
    """
    ctx = current_context() if ctx is None else ctx
    log_range = math.log(range_max + 1)
    drawn = uniform(0, log_range, shape=(num_sampled,), dtype="float64", ctx=ctx)
    samples = (drawn.exp() - 1).astype("int64") % range_max

    def expected(classes: NDArray) -> NDArray:
        k = classes.astype("float64")
        return ((k + 2.0) / (k + 1.0)).log() / log_range * num_sampled

    return samples, expected(true_classes.as_in_context(ctx)), expected(samples)
