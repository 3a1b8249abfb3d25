"""A training step of a hybridized net on one device and split over two, on the same batch.

``python benchmarks/two_devices.py [--picture FILE.svg] [--rounds N] [--batch N]`` prints the
least time of a step on ``cpu(0)`` alone and on ``cpu(0)`` with ``cpu(1)``, in interleaved rounds,
their quotient, and from the events of one watched run how much of the shorter device's work went
on while the other one worked too.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import workbench as mx
from workbench import autograd, gluon
from workbench.watch.picture import timeline_svg

DEVICES = ("cpu(0)", "cpu(1)")


def lenet(devices: Sequence[Any]) -> Any:
    """The tour's LeNet with the same parameters on every device."""
    net = gluon.nn.HybridSequential()
    with net.name_scope():
        net.add(
            gluon.nn.Conv2D(20, 5, activation="relu"),
            gluon.nn.MaxPool2D(2, 2),
            gluon.nn.Conv2D(50, 5, activation="relu"),
            gluon.nn.MaxPool2D(2, 2),
            gluon.nn.Flatten(),
            gluon.nn.Dense(128, activation="relu"),
            gluon.nn.Dense(10),
        )
    mx.random.seed(0)
    net.initialize(mx.init.Xavier(), ctx=list(devices))
    net.hybridize()
    net(mx.nd.zeros((1, 1, 28, 28), ctx=devices[0]))  # draws the parameters now
    return net


def stepper(devices: Sequence[Any], batch: int) -> Callable[[], float]:
    """A function that trains on one batch and returns the loss."""
    net = lenet(devices)
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.9})
    numbers = np.random.RandomState(0)
    images = mx.nd.array(numbers.rand(batch, 1, 28, 28).astype("float32"))
    labels = mx.nd.array(numbers.randint(0, 10, batch).astype("float32"))

    def step() -> float:
        parts = gluon.utils.split_and_load(images, devices)
        wanted = gluon.utils.split_and_load(labels, devices)
        with autograd.record():
            losses = [loss_of(net(x), y) for x, y in zip(parts, wanted, strict=True)]
        autograd.backward(losses)
        trainer.step(batch)
        return float(np.mean([one.mean().asscalar() for one in losses]))

    return step


def covered(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The union of intervals as intervals that do not touch."""
    union: list[tuple[float, float]] = []
    for start, stop in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(union[-1][1], stop))
        else:
            union.append((start, stop))
    return union


def overlap(events: Sequence[Any], rows: Sequence[str] = DEVICES) -> float:
    """Time in which both rows had a bar, as a share of the less busy one's busy time."""
    first, second = (covered([(e.start, e.stop) for e in events if e.row == row]) for row in rows)
    both = sum(max(0.0, min(a[1], b[1]) - max(a[0], b[0])) for a in first for b in second)
    busy = [sum(stop - start for start, stop in one) for one in (first, second)]
    return both / min(busy) if min(busy) else 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    one = stepper([mx.cpu(0)], options.batch)
    two = stepper([mx.cpu(0), mx.cpu(1)], options.batch)
    for number in range(3):
        first, second = one(), two()
        assert abs(first - second) < 1e-4 * abs(first), f"step {number}: {first} and {second}"
    least = {one: float("inf"), two: float("inf")}
    for _ in range(options.rounds):
        for step in (one, two):
            begin = time.perf_counter()
            step()
            mx.nd.waitall()
            least[step] = min(least[step], time.perf_counter() - begin)
    print(f"LeNet, batch {options.batch}: one device {1e3 * least[one]:.1f} ms, "
          f"two {1e3 * least[two]:.1f} ms, speed-up {least[one] / least[two]:.2f}")  # fmt: skip
    with mx.Session("two devices", save=False, terminal=False) as run:
        for _ in range(6):
            two()
        mx.nd.waitall()
    print(f"overlap of {' and '.join(DEVICES)}: {100 * overlap(run.trace.events()):.0f} %")
    if options.picture:
        options.picture.write_text(timeline_svg(run), encoding="utf-8")


if __name__ == "__main__":
    main()
