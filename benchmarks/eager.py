"""Dispatch: what an operator costs when its arrays are tiny."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import workbench as mx

from .harness import Case, row, torch_or_none

CHAIN = 100


def _same(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours.asnumpy(), theirs.detach().numpy(), rtol=1e-5, atol=1e-6)


@row("add", "eager add of 8 floats", limit=0.6, threads=(1,))
def add() -> Case:
    """``a + b``, not recorded."""
    values = np.arange(8, dtype="float32")
    a, b = mx.nd.array(values), mx.nd.array(values + 1)
    ways: dict[str, Callable[[], Any]] = {"workbench": lambda: a + b}
    torch = torch_or_none()
    if torch is not None:
        s, t = torch.from_numpy(values), torch.from_numpy(values + 1)
        ways["torch"] = lambda: s + t

    def check() -> None:
        if torch is not None:
            _same(a + b, s + t)

    return Case(ways, check)


@row("scalar", "eager multiplication of 8 floats by a number", threads=(1,))
def scalar() -> Case:
    """``a * 2.0``, not recorded."""
    values = np.arange(8, dtype="float32")
    a = mx.nd.array(values)
    ways: dict[str, Callable[[], Any]] = {"workbench": lambda: a * 2.0}
    torch = torch_or_none()
    if torch is not None:
        t = torch.from_numpy(values)
        ways["torch"] = lambda: t * 2.0

    def check() -> None:
        if torch is not None:
            _same(a * 2.0, t * 2.0)

    return Case(ways, check)


def _chain(x: Any, a: Any, b: Any) -> Any:
    for _ in range(CHAIN // 2):
        x = x * a
        x = x + b
    return x


@row(
    "chain",
    f"forward + backward of a chain of {CHAIN} adds/muls of 8 floats",
    limit=0.5,
    threads=(1,),
)
def chain() -> Case:
    """Every other operator multiplies by *a*, the others add *b*; all three are leaves."""
    values = [np.full(8, 1.0, "float32"), np.full(8, 0.9, "float32"), np.full(8, 0.1, "float32")]
    arrays = [mx.nd.array(v) for v in values]
    for one in arrays:
        one.attach_grad()

    def ours() -> None:
        with mx.autograd.record():
            y = _chain(*arrays)
        y.backward()

    ways: dict[str, Callable[[], Any]] = {"workbench": ours}
    torch = torch_or_none()
    if torch is not None:
        leaves = [torch.from_numpy(v).requires_grad_() for v in values]
        ones = torch.ones(8)

        def theirs() -> None:
            for leaf in leaves:
                leaf.grad = None
            _chain(*leaves).backward(ones)

        ways["torch"] = theirs

    def check() -> None:
        if torch is not None:
            ours(), theirs()
            for one, leaf in zip(arrays, leaves, strict=True):
                _same(one.grad, leaf.grad)

    return Case(ways, check)
