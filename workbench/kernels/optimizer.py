"""Optimizers' updates: one pass over a weight, its gradient and its states.

The formula is the operator's own body, traced by :mod:`.imperative`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..ops.registry import Op, get
from .imperative import Traced, is_number, trace_update
from .registry import kernel

__all__ = ["update", "update_all"]

#: below this NumPy's passes over data in the cache cost less than the call
SMALLEST = 1 << 16
_FLOATS = (np.dtype("float32"), np.dtype("float64"))
#: parameters that do not enter the formula of dense arrays
_UNUSED = ("out", "lazy_update")


def fits(*arrays: Any, **params: Any) -> bool:
    """Whether these are contiguous arrays of one shape and float dtype, large enough to gain."""
    weight, out = arrays[0], params.get("out")
    if weight.size < SMALLEST or weight.dtype not in _FLOATS:
        return False
    return all(
        a.flags.c_contiguous and a.shape == weight.shape and a.dtype == weight.dtype
        for a in (arrays if out is None else (*arrays, out))
    )


@kernel("sgd_update", "sgd_mom_update", "nag_mom_update", "adam_update", when=fits)
def update(op: Op) -> Callable[..., Any]:
    """The update of one weight."""
    traces: dict[Any, list[Traced]] = {}
    states = [name for name in op.inputs if name in op.mutates]
    places = [op.inputs.index(name) for name in states]

    def find(dtype: Any, numbers: dict[str, Any], in_place: bool) -> Traced:
        fixed = [(name, None if is_number(value) else value) for name, value in numbers.items()]
        known = traces.setdefault((dtype, in_place, *fixed), [])
        for one in known:
            if one.serves(numbers):
                return one
        body = _writing_weight(op) if in_place else _without_out(op)
        known.append(trace_update(body, op.inputs, states, numbers, dtype))
        return known[-1]

    def run(*arrays: Any, out: Any = None, **params: Any) -> Any:
        numbers = {name: value for name, value in params.items() if name not in _UNUSED}
        traced = find(arrays[0].dtype, numbers, out is arrays[0])
        target = np.empty_like(arrays[0]) if out is None else out
        traced.kernel(
            *arrays,
            out=[target, *[arrays[i] for i in places]],
            scalars=traced.scalars(numbers),
        )
        return target

    return run


def any_fits(*arrays: Any, **params: Any) -> bool:
    """Whether some weight is large enough."""
    return any([array.size >= SMALLEST for array in arrays])


@kernel("multi_sgd_update", "multi_sgd_mom_update", when=any_fits)
def update_all(op: Op) -> Callable[..., Any]:
    """The updates of many weights, each by its kernel or, if small, by the body."""
    single = get(op.name.removeprefix("multi_"))
    run_large, run_small = update(single), partial(single.body, np)

    def run(
        *args: Any, lrs: Any, wds: Any, num_weights: int = 1, out: Any = None, **params: Any
    ) -> Any:
        count = len(args) // num_weights
        made = []
        for i in range(num_weights):
            arrays = args[i * count : (i + 1) * count]
            target = None if out is None else out[i]
            chosen = run_large if fits(*arrays, out=target) else run_small
            made.append(chosen(*arrays, lr=lrs[i], wd=wds[i], out=target, **params))
        return tuple(made)

    return run


def _writing_weight(op: Op) -> Callable[..., Any]:
    return lambda xp, *arrays, **numbers: op.body(xp, *arrays, **numbers, out=arrays[0])


def _without_out(op: Op) -> Callable[..., Any]:
    return lambda xp, *arrays, **numbers: op.body(xp, *arrays, **numbers, out=None)
