"""Optimizers' updates: one pass over a weight, its gradient and its states.

The formula is the operator's own body, traced by :mod:`.imperative`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..ops.registry import Op, get
from .elemwise import HELD
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


class _Finder:
    """The traces of the update of one weight, made when a call first needs them."""

    def __init__(self, op: Op) -> None:
        self.op = op
        self._traces: dict[Any, list[Traced]] = {}
        self.states = [name for name in op.inputs if name in op.mutates]
        self.places = [op.inputs.index(name) for name in self.states]

    def find(self, dtype: Any, numbers: dict[str, Any], in_place: bool) -> Traced:
        """The trace that serves these numbers."""
        fixed = [(name, None if is_number(value) else value) for name, value in numbers.items()]
        known = self._traces.setdefault((dtype, in_place, *fixed), [])
        for one in known:
            if one.serves(numbers):
                return one
        op = self.op
        body = _writing_weight(op) if in_place else _without_out(op)
        known.append(trace_update(body, op.inputs, self.states, numbers, dtype))
        return known[-1]


def _numbers_of(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name not in _UNUSED}


def _update_by(finder: _Finder) -> Callable[..., Any]:
    def run(*arrays: Any, out: Any = None, **params: Any) -> Any:
        numbers = _numbers_of(params)
        traced = finder.find(arrays[0].dtype, numbers, out is arrays[0])
        target = np.empty_like(arrays[0]) if out is None else out
        traced.kernel(
            *arrays,
            out=[target, *[arrays[i] for i in finder.places]],
            scalars=traced.scalars(numbers),
        )
        return target

    return run


@kernel("sgd_update", "sgd_mom_update", "nag_mom_update", "adam_update", when=fits)
def update(op: Op) -> Callable[..., Any]:
    """The update of one weight."""
    return _update_by(_Finder(op))


def of_floats(*arrays: Any, **params: Any) -> bool:
    """Whether the first weight is of float32 or float64."""
    return arrays[0].dtype in _FLOATS


class _InPlace:
    """Updates of small float32 weights in place that share their numbers (rate, decay).

    A call for a size is kept; the numbers are one of its arrays, so that calls for other rates,
    from other threads too, do not meet.
    """

    def __init__(self, finder: _Finder, numbers: dict[str, Any]) -> None:
        traced = finder.find(_FLOATS[0], numbers, True)
        self._kernel = traced.kernel
        self._calls: dict[int, Any] = _calls.setdefault(traced.kernel, {})
        self._numbers = self._kernel.numbers(traced.scalars(numbers))
        self._places = finder.places

    def __call__(self, arrays: Sequence[Any]) -> bool:
        """Update, and say whether that was possible; if not nothing was changed."""
        weight = arrays[0]
        size = weight.size
        if not 0 < size <= HELD or any([a.shape != weight.shape for a in arrays]):
            return False
        try:
            call = self._calls[size]
        except KeyError:
            call = self._calls[size] = self._kernel.direct_in_place(size, len(self._places))
        states = [arrays[i] for i in self._places]
        if not all([a.flags.writeable for a in (weight, *states)]):
            return False
        last = arrays[-1]
        return call(self._numbers, weight, *states, *arrays) is last


#: by kernel and size
_calls: dict[Any, dict[int, Any]] = {}


@kernel("multi_sgd_update", "multi_sgd_mom_update", "_multi_adam_update", when=of_floats)
def update_all(op: Op) -> Callable[..., Any]:
    """The updates of many weights, each in one pass over it."""
    single = get(op.name.removeprefix("_").removeprefix("multi_"))
    finder = _Finder(single)
    run_large, run_small = _update_by(finder), partial(single.body, np)

    def run(
        *args: Any, lrs: Any, wds: Any, num_weights: int = 1, out: Any = None, **params: Any
    ) -> Any:
        count = len(args) // num_weights
        made = []
        shared: dict[Any, _InPlace] = {}
        for i, pair in enumerate(zip(lrs, wds, strict=True)):
            arrays = args[i * count : (i + 1) * count]
            target = None if out is None else out[i]
            if target is arrays[0]:
                if pair not in shared:
                    numbers = _numbers_of({**params, "lr": pair[0], "wd": pair[1]})
                    shared[pair] = _InPlace(finder, numbers)
                if shared[pair](arrays):
                    made.append(target)
                    continue
            chosen = run_large if fits(*arrays, out=target) else run_small
            made.append(chosen(*arrays, lr=lrs[i], wd=wds[i], out=target, **params))
        return tuple(made)

    return run


def _writing_weight(op: Op) -> Callable[..., Any]:
    return lambda xp, *arrays, **numbers: op.body(xp, *arrays, **numbers, out=arrays[0])


def _without_out(op: Op) -> Callable[..., Any]:
    return lambda xp, *arrays, **numbers: op.body(xp, *arrays, **numbers, out=None)
