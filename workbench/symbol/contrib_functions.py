"""Functions of ``mx.sym.contrib`` that are no operators: Zipf's law, AdamW with a number."""

from __future__ import annotations

import math
from typing import Any

from .compose import function
from .creation import full
from .random import uniform
from .symbol import Symbol

__all__ = ["adamw_update", "mp_adamw_update", "rand_zipfian"]


def rand_zipfian(
    true_classes: Symbol, num_sampled: int, range_max: int
) -> tuple[Symbol, Symbol, Symbol]:
    """Classes drawn by Zipf's law, and how often to expect them; see ``mx.nd.contrib``."""
    log_range = math.log(range_max + 1)
    drawn: Any = function("exp")(uniform(0, log_range, shape=(num_sampled,), dtype="float64"))
    classes: Any = function("Cast")(drawn - 1, dtype="int64")
    samples = classes % range_max

    def expected(classes: Symbol) -> Symbol:
        k: Any = function("Cast")(classes, dtype="float64")
        share: Any = function("log")((k + 2.0) / (k + 1.0))
        return share / log_range * num_sampled

    return samples, expected(true_classes), expected(samples)


def _scale(rescale_grad: Any) -> Symbol:
    return rescale_grad if isinstance(rescale_grad, Symbol) else full((1,), rescale_grad)


def adamw_update(
    weight: Symbol,
    grad: Symbol,
    mean: Symbol,
    var: Symbol,
    rescale_grad: Any,
    lr: float,
    eta: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0,
    clip_gradient: float = -1,
    **kwargs: Any,
) -> Symbol:
    """One step of AdamW; *rescale_grad* is a number or a symbol of shape (1,)."""
    rates = {
        "lr": lr,
        "eta": eta,
        "beta1": beta1,
        "beta2": beta2,
        "epsilon": epsilon,
        "wd": wd,
        "clip_gradient": clip_gradient,
    }
    arrays = (weight, grad, mean, var, _scale(rescale_grad))
    return function("_adamw_update")(*arrays, **rates, **kwargs)


def mp_adamw_update(
    weight: Symbol,
    grad: Symbol,
    mean: Symbol,
    var: Symbol,
    weight32: Symbol,
    rescale_grad: Any,
    lr: float,
    eta: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0,
    clip_gradient: float = -1,
    **kwargs: Any,
) -> Symbol:
    """As :func:`adamw_update` of float16 weights, with *weight32* to compute in."""
    arrays = (weight, grad, mean, var, weight32, _scale(rescale_grad))
    rates = {
        "lr": lr,
        "eta": eta,
        "beta1": beta1,
        "beta2": beta2,
        "epsilon": epsilon,
        "wd": wd,
        "clip_gradient": clip_gradient,
    }
    return function("_mp_adamw_update")(*arrays, **rates, **kwargs)
