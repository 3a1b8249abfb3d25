"""Which kernel serves which operator, and when.

A kernel is registered by its builder, under the names of its operators:

    @kernel("sigmoid", "softsign", when=large)
    def whole(op):
        ...
        return run            # run(*arrays, **params), as the operator's body without xp

``when(*arrays, **params)`` says in a microsecond whether the kernel takes this call; everything
else goes to the body, which is also the kernel's reference in tests. :func:`faster` is what a
backend on host memory puts into its kernel table.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from ..ops.registry import Op
from . import llvm

__all__ = [
    "Kernel",
    "all_kernels",
    "faster",
    "is_prepared",
    "kernel",
    "kernels_of",
    "prepare",
    "prepared",
]

Run = Callable[..., Any]
#: calls of one operator that are kept prepared
SHAPES_KEPT = 1024
#: the modules that register kernels, preferred ones first; a new family's is added here
FAMILIES = (
    "elemwise_ops",
    "optimizer",
    "pointwise",
    "conv",
    "depthwise",
    "conv_shapes",
    "pool",
    "windows",
    "rows",
    "copies",
    "index",
    "draws",
    "norm",
    "products",
)


class Kernel(NamedTuple):
    """One way to compute an operator faster: ``build(op)`` where ``when(*arrays, **params)``."""

    op: str
    when: Callable[..., bool]
    build: Callable[[Op], Run]

    def reference(self, op: Op) -> Run:
        """The operator's own body on NumPy, which gives the same values."""
        return partial(op.body, np)


_kernels: dict[str, list[Kernel]] = {}


def kernel(
    *ops: str, when: Callable[..., bool]
) -> Callable[[Callable[[Op], Run]], Callable[[Op], Run]]:
    """Decorator: register the builder for these operators.

    Within a family what is registered first goes first.
    """

    def register(build: Callable[[Op], Run]) -> Callable[[Op], Run]:
        for name in ops:
            _kernels.setdefault(name, []).append(Kernel(name, when, build))
        return build

    return register


@cache
def _load() -> None:
    modules = [f"{__package__}.{family}" for family in FAMILIES]
    for module in modules:
        importlib.import_module(module)
    for found in _kernels.values():  # whoever imported one of them first
        found.sort(key=lambda one: modules.index(one.build.__module__))


def kernels_of(op: Op) -> list[Kernel]:
    """The kernels of an operator, the preferred one first."""
    _load()
    return _kernels.get(op.name, [])


def all_kernels() -> Iterator[Kernel]:
    """Every kernel that is registered."""
    _load()
    for found in _kernels.values():
        yield from found


# ---- prepared by shape ----------------------------------------------------------------------

#: ``(op, arrays, params) -> run(*arrays) | None``
Prepare = Callable[[Op, Sequence[Any], dict[str, Any]], Run | None]
_prepare: dict[str, Prepare] = {}


def prepare(*ops: str) -> Callable[[Prepare], Prepare]:
    """Decorator: register what makes the function for a call's shapes and parameters.

    Where the operator draws, the function takes the device's random streams after the arrays.

    For calls that cost little beside finding out what to do. It gets the arrays of one call and
    gives a function of arrays of the same shapes (and, of the first, the same dtype), or None.
    """

    def register(make: Prepare) -> Prepare:
        _prepare.update(dict.fromkeys(ops, make))
        return make

    return register


def is_prepared(op: Op) -> bool:
    """Whether something is registered for the operator."""
    _load()
    return op.name in _prepare


def prepared(op: Op, arrays: Sequence[Any], params: dict[str, Any]) -> Run | None:
    """The function for these shapes and parameters, where there is one."""
    if not is_prepared(op):
        return None
    left_out = 0 if op.variadic else len(op.inputs) - len(arrays)
    run = _prepare[op.name](op, [*arrays, *[None] * left_out], params)
    if run is None or not left_out:
        return run
    rest = (None,) * left_out
    return lambda *given: run(*given, *rest)


def _by_shape(op: Op, entry: Run) -> Run:
    """*entry*, or what is prepared for the shapes and parameters of the call."""
    kept: dict[Any, Run] = {}

    def choose(*arrays: Any, **params: Any) -> Any:
        key = (
            *[None if a is None else (a.shape, a.dtype) for a in arrays],
            *params.values(),
            *params,
        )
        try:
            run = kept[key]
        except KeyError:
            if len(kept) > SHAPES_KEPT:
                kept.clear()
            run = prepared(op, arrays, params) or partial(entry, **params)
            kept[key] = run
        return run(*arrays)

    return choose


def faster(op: Op, entry: Run) -> Run:
    """*entry* where no kernel serves the operator, else a choice among kernels and *entry*."""
    if is_prepared(op) and llvm.available() and "rng" not in op.uses:
        entry = _by_shape(op, entry)
    kernels = kernels_of(op) if llvm.available() else []
    if not kernels:
        return entry
    choices = [(one.when, one.build(op)) for one in kernels]
    if len(choices) == 1:
        ((only_applies, only_run),) = choices

        def choose_one(*arrays: Any, **params: Any) -> Any:
            run = only_run if only_applies(*arrays, **params) else entry
            return run(*arrays, **params)

        return choose_one

    def choose(*arrays: Any, **params: Any) -> Any:
        for applies, run in choices:
            if applies(*arrays, **params):
                return run(*arrays, **params)
        return entry(*arrays, **params)

    return choose
