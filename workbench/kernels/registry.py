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

import functools
import importlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from ..ops.registry import Op
from . import llvm

__all__ = ["Kernel", "all_kernels", "faster", "kernel", "kernels_of"]

Run = Callable[..., Any]
#: the modules that register kernels, preferred ones first; a new family's is added here
FAMILIES = ("elemwise_ops", "optimizer", "conv", "depthwise", "conv_shapes", "pool")


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


@functools.cache
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


def faster(op: Op, entry: Run) -> Run:
    """*entry* where no kernel serves the operator, else a choice among kernels and *entry*."""
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
