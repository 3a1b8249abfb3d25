"""``mx.random``: the seed of all devices' generators, and the samplers of ``mx.nd.random``."""

from __future__ import annotations

import numbers
from typing import Any

from .backend import activate
from .context import Context, current_context
from .error import ParameterError
from .ndarray.random import (
    exponential,
    gamma,
    generalized_negative_binomial,
    multinomial,
    negative_binomial,
    normal,
    poisson,
    randint,
    randn,
    shuffle,
    uniform,
)

__all__ = [
    "exponential",
    "gamma",
    "generalized_negative_binomial",
    "multinomial",
    "negative_binomial",
    "normal",
    "poisson",
    "randint",
    "randn",
    "seed",
    "shuffle",
    "uniform",
]


def seed(seed_state: int, ctx: str | Context = "all") -> None:
    """Seed the random generators.

    Parameters
    ----------
    seed_state : int
        the same seed gives the same numbers as MXNet 1.9.1
    ctx : Context or "all"
        the device whose generator is seeded. All CPU contexts share one generator; naming one
        of them seeds ``multinomial`` and ``shuffle`` in MXNet's device form.

    Raises
    ------
    ValueError
        when the seed is no whole number
    """
    if not isinstance(seed_state, numbers.Integral):
        raise ParameterError(f"sd must be int, got {type(seed_state).__name__} {seed_state!r}")
    value = int(seed_state)
    if isinstance(ctx, Context):
        activate(ctx).backend.rng.seed(value, device_form=True)
        return
    from .backend import live_backends

    activate(current_context())
    for backend in live_backends():
        backend.rng.seed(value)


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'workbench.random' has no attribute {name!r}")
