"""Two devices at work at once."""

from __future__ import annotations

from typing import Any

import numpy as np

import workbench as mx

from .harness import Case, Times, row

SIZE = 256
"""A product of two matrices of this size takes about half a millisecond on one core."""
LENGTH = 40


def _speed_up(times: Times) -> float:
    return times["cpu(0) alone"] / times["cpu(0) and cpu(1)"]


def _chain(x: Any, weight: Any) -> Any:
    for _ in range(LENGTH):
        x = mx.nd.dot(x, weight)
    return x


@row(
    "two_devices",
    f"two chains of {LENGTH} products {SIZE}×{SIZE}: cpu(0) and cpu(1), times as fast as cpu(0)",
    figure=_speed_up,
    limit=1.6,
    most=False,
    threads=(1,),
)
def two_devices() -> Case:
    """The chains are independent; each product takes about 0.5 ms on one core."""
    rng = np.random.default_rng(0)
    start = rng.normal(size=(SIZE, SIZE)).astype("float32")
    turn = np.linalg.qr(rng.normal(size=(SIZE, SIZE)))[0].astype("float32")
    places = {
        ctx: [mx.nd.array(v, ctx=ctx) for v in (start, turn)] for ctx in (mx.cpu(0), mx.cpu(1))
    }

    def on(*contexts: Any) -> list[np.ndarray]:
        # What is pushed goes first: the caller then works on its own chain beside it.
        ends = [_chain(*places[ctx]) for ctx in contexts]
        for end in ends:
            end.wait_to_read()
        return [end.asnumpy() for end in ends]

    ways = {
        "cpu(0) and cpu(1)": lambda: on(mx.cpu(1), mx.cpu(0)),
        "cpu(0) alone": lambda: on(mx.cpu(0), mx.cpu(0)),
    }

    def check() -> None:
        for one, other in zip(*[way() for way in ways.values()], strict=True):
            np.testing.assert_array_equal(one, other)

    return Case(ways, check)
