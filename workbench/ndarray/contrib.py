"""``mx.nd.contrib``: operators called ``_contrib_NAME``, made on first use, and a few more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..context import current_context
from .control_flow import cond, foreach, while_loop
from .core import NDArray
from .namespace import namespace

if TYPE_CHECKING:
    from .._stubs.ndarray_contrib import *  # noqa: F403

__all__ = ["cond", "foreach", "isfinite", "isinf", "isnan", "rand_zipfian", "while_loop"]


def isinf(data: NDArray) -> NDArray:
    """1 where an element is infinite, else 0; shape and dtype of *data*."""
    return data.abs() == math.inf


def isnan(data: NDArray) -> NDArray:
    """1 where an element is no number, else 0; shape and dtype of *data*."""
    return data != data


def isfinite(data: NDArray) -> NDArray:
    """1 where an element is a finite number, else 0; shape and dtype of *data*."""
    return (data == data) * (data.abs() != math.inf)


def rand_zipfian(
    true_classes: NDArray, num_sampled: int, range_max: int, ctx: Any = None
) -> tuple[NDArray, NDArray, NDArray]:
    """Draw classes below *range_max* with P(k) = (log(k + 2) - log(k + 1)) / log(range_max + 1).

    Parameters
    ----------
    true_classes : NDArray, 1-D
    num_sampled : int
        How many classes to draw, with replacement.
    range_max : int
        The number of classes.
    ctx : Context, optional
        Device of the results; the current one by default.

    Returns
    -------
    samples : NDArray, int64, (num_sampled,)
    expected_true : NDArray, float64, like *true_classes*
        How often each true class is expected among the samples.
    expected_sampled : NDArray, float64, (num_sampled,)
        How often each drawn class is.
    """
    from .random import uniform

    ctx = current_context() if ctx is None else ctx
    wide = math.log(range_max + 1)
    drawn = uniform(0, wide, shape=(num_sampled,), dtype="float64", ctx=ctx)
    return zipfian(drawn, true_classes.as_in_context(ctx), num_sampled, range_max)


def zipfian(drawn: Any, true_classes: Any, num_sampled: int, range_max: int) -> tuple[Any, ...]:
    """The three results from uniform numbers below log(range_max + 1), arrays or symbols."""
    wide = math.log(range_max + 1)
    samples = (drawn.exp() - 1).astype("int64") % range_max

    def expected(classes: Any) -> Any:
        classes = classes.astype("float64")
        return ((classes + 2.0) / (classes + 1.0)).log() / wide * num_sampled

    return samples, expected(true_classes), expected(samples)


__getattr__, __dir__ = namespace(__name__, "_contrib_")
