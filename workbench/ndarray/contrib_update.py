"""The optimizers' updates of ``mx.nd.contrib``, which take numbers and lists of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..context import Context
from ..ops import get
from .core import NDArray
from .creation import full
from .invoke import invoke

__all__ = [
    "adamw_update",
    "mp_adamw_update",
    "multi_adamw_update",
    "multi_lamb_update",
    "multi_mp_adamw_update",
    "multi_mp_lamb_update",
]

Arrays = Sequence[NDArray]


def _scale(rescale_grad: Any, ctx: Context) -> NDArray:
    """The factor of the gradient as an array of shape (1,) on *ctx*."""
    if isinstance(rescale_grad, NDArray):
        return rescale_grad.as_in_context(ctx)
    return full((1,), rescale_grad, ctx)


def adamw_update(
    weight: NDArray,
    grad: NDArray,
    mean: NDArray,
    var: NDArray,
    rescale_grad: Any,
    lr: float,
    eta: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0,
    clip_gradient: float = -1,
    out: NDArray | None = None,
    name: str | None = None,
    **kwargs: Any,
) -> NDArray:
    """One step of AdamW; see the operator ``_adamw_update``.

    *rescale_grad* is a number or an array of shape (1,): where it is 0, infinite or nan, nothing
    is updated.
    """
    params = {
        "lr": lr,
        "eta": eta,
        "beta1": beta1,
        "beta2": beta2,
        "epsilon": epsilon,
        "wd": wd,
        "clip_gradient": clip_gradient,
    }
    arrays = (weight, grad, mean, var, _scale(rescale_grad, weight._ctx))
    return invoke(get("_adamw_update"), arrays, params, out, kwargs)


def mp_adamw_update(
    weight: NDArray,
    grad: NDArray,
    mean: NDArray,
    var: NDArray,
    weight32: NDArray,
    rescale_grad: Any,
    lr: float,
    eta: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
    wd: float = 0,
    clip_gradient: float = -1,
    out: NDArray | None = None,
    name: str | None = None,
    **kwargs: Any,
) -> NDArray:
    """As :func:`adamw_update` of float16 weights, with *weight32* to compute in."""
    params = {
        "lr": lr,
        "eta": eta,
        "beta1": beta1,
        "beta2": beta2,
        "epsilon": epsilon,
        "wd": wd,
        "clip_gradient": clip_gradient,
    }
    arrays = (weight, grad, mean, var, weight32, _scale(rescale_grad, weight._ctx))
    return invoke(get("_mp_adamw_update"), arrays, params, out, kwargs)


def _many(op: str, groups: Sequence[Arrays], last: Arrays, given: Any, out: Any, rest: Any) -> Any:
    """Call a variadic operator on weight, gradient, ... of one weight after the other."""
    arrays = [one for each in zip(*groups, strict=True) for one in each]
    params = {**given, **{k: rest.pop(k) for k in list(rest) if k in get(op).params}}
    return invoke(get(op), [*arrays, *last], params, out, rest)


def multi_adamw_update(
    weights: Arrays,
    grads: Arrays,
    mean: Arrays,
    var: Arrays,
    rescale_grad: Any,
    lrs: Sequence[float],
    wds: Sequence[float],
    etas: Sequence[float],
    out: Any = None,
    name: str | None = None,
    size: int = 0,
    **kwargs: Any,
) -> Any:
    """:func:`adamw_update` of many weights, each with its own rates."""
    given = {"lrs": lrs, "wds": wds, "etas": etas, "num_weights": size or len(weights)}
    scale = _scale(rescale_grad, weights[0]._ctx)
    groups = (weights, grads, mean, var)
    return _many("_multi_adamw_update", groups, [scale], given, out, kwargs)


def multi_mp_adamw_update(
    weights: Arrays,
    grads: Arrays,
    mean: Arrays,
    var: Arrays,
    weights32: Arrays,
    rescale_grad: Any,
    lrs: Sequence[float],
    wds: Sequence[float],
    etas: Sequence[float],
    out: Any = None,
    name: str | None = None,
    size: int = 0,
    **kwargs: Any,
) -> Any:
    """:func:`mp_adamw_update` of many weights, each with its own rates."""
    given = {"lrs": lrs, "wds": wds, "etas": etas, "num_weights": size or len(weights)}
    scale = _scale(rescale_grad, weights[0]._ctx)
    groups = (weights, grads, mean, var, weights32)
    return _many("_multi_mp_adamw_update", groups, [scale], given, out, kwargs)


def multi_lamb_update(
    weights: Arrays,
    grads: Arrays,
    mean: Arrays,
    var: Arrays,
    step_count: Sequence[int],
    lrs: Sequence[float],
    wds: Sequence[float],
    out: Any = None,
    num_tensors: int = 0,
    **kwargs: Any,
) -> Any:
    """One step of LAMB for many weights, each with its own rate, decay and count of steps."""
    given = {
        "learning_rates": lrs,
        "wds": wds,
        "step_count": step_count,
        "num_tensors": num_tensors or len(weights),
    }
    return _many("_multi_lamb_update", (weights, grads, mean, var), [], given, out, kwargs)


def multi_mp_lamb_update(
    weights: Arrays,
    grads: Arrays,
    mean: Arrays,
    var: Arrays,
    weights32: Arrays,
    step_count: Sequence[int],
    lrs: Sequence[float],
    wds: Sequence[float],
    out: Any = None,
    num_tensors: int = 0,
    **kwargs: Any,
) -> Any:
    """As :func:`multi_lamb_update` of float16 weights, with *weights32* to compute in."""
    given = {
        "learning_rates": lrs,
        "wds": wds,
        "step_count": step_count,
        "num_tensors": num_tensors or len(weights),
    }
    groups = (weights, grads, mean, var, weights32)
    return _many("_multi_mp_lamb_update", groups, [], given, out, kwargs)
