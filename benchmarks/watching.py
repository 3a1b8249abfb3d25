"""What it costs to be watched: the same step inside and outside a Session that keeps everything."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import workbench as mx

from .harness import Case, Times, row
from .training import digits, lenet, mlp, our_step


def _extra(times: Times) -> float:
    return 100 * (times["watched"] / times["alone"] - 1)


@contextlib.contextmanager
def _watched(step: Callable[[], None]) -> Iterator[None]:
    """Inside a Session that has seen its first step, which draws the graph."""
    with tempfile.TemporaryDirectory() as folder, mx.Session("bench", save=folder, terminal=False):
        step()
        yield


def _case(net: Any, shape: tuple[int, ...], calls: int) -> Case:
    data = digits(*shape)
    x, y = mx.nd.array(data[0]), mx.nd.array(data[1])
    net.initialize(mx.init.Xavier())
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    step: Callable[[], None] = our_step(net, loss, x, y, 0.01, 0.9)
    step()

    def check() -> None:
        alone = net(x).asnumpy()
        with mx.Session("bench", save=False, terminal=False):
            np.testing.assert_array_equal(net(x).asnumpy(), alone)

    around = {"watched": lambda: _watched(step)}
    return Case({"watched": step, "alone": step}, check, around, calls)


_PERCENT = {"figure": _extra, "shown": "{:+.1f} %", "threads": (1,)}


@row(
    "watch_lenet",
    "watching, all recorded: more time for a LeNet step, batch 64",
    limit=2.0,
    **_PERCENT,
)
def watch_lenet() -> Case:
    """Eager LeNet."""
    return _case(lenet(), (64, 1, 28, 28), 10)


@row(
    "watch_mlp",
    "watching, all recorded: more time for an eager MLP step, batch 64",
    limit=5.0,
    **_PERCENT,
)
def watch_mlp() -> Case:
    """Eager MLP."""
    return _case(mlp(), (64, 784), 40)
