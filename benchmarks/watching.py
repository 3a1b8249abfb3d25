"""What watching costs: training steps with and without a Session around them.

``python benchmarks/watching.py [--rounds N]`` prints, for an eager MLP 784-256-128-10 and the
tour's LeNet (eager and hybridized) at batch 64, the least time of a step bare and watched in
interleaved rounds, the difference, what the Session itself says it costs, and events per step.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import workbench as mx
from workbench import autograd, gluon
from workbench.gluon import nn

BATCH = 64
STEPS = 8
"""Steps that one measurement takes the least of."""


def mlp() -> Any:
    """784-256-128-10."""
    net = nn.HybridSequential()
    net.add(nn.Dense(256, activation="relu"), nn.Dense(128, activation="relu"), nn.Dense(10))
    return net


def lenet() -> Any:
    """The tour's LeNet."""
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(20, 5, activation="relu"),
        nn.MaxPool2D(2, 2),
        nn.Conv2D(50, 5, activation="relu"),
        nn.MaxPool2D(2, 2),
        nn.Flatten(),
        nn.Dense(128, activation="relu"),
        nn.Dense(10),
    )
    return net


def stepper(net: Any, shape: tuple[int, ...], hybrid: bool) -> Callable[[], None]:
    """A function that trains *net* on one batch, with a metric as most loops have one."""
    numbers = np.random.RandomState(0)
    net.initialize(mx.init.Xavier())
    if hybrid:
        net.hybridize()
    data = mx.nd.array(numbers.rand(BATCH, *shape).astype("float32"))
    label = mx.nd.array(numbers.randint(0, 10, BATCH).astype("float32"))
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.01})

    def step() -> None:
        with autograd.record():
            loss = loss_of(net(data), label)
        loss.backward()
        trainer.step(BATCH)

    return step


def least(step: Callable[[], None]) -> float:
    """The least time of a few steps, in µs."""
    best = float("inf")
    for _ in range(STEPS):
        begin = time.perf_counter()
        step()
        best = min(best, time.perf_counter() - begin)
    return best * 1e6


def compare(name: str, step: Callable[[], None], rounds: int) -> None:
    """Measure one case and print a line."""
    least(step)
    bare = watched = float("inf")
    cost = events = 0.0
    for _ in range(rounds):
        bare = min(bare, least(step))
        with mx.Session(name, save=False, terminal=False) as run:
            least(step)  # the first backward copies the graph
            before = len(run.trace)
            watched = min(watched, least(step))
            events = (len(run.trace) - before) / STEPS
            cost = run.state_dict()["cost"]
    share = 100 * (watched / bare - 1)
    print(f"{name:22} {bare:9.0f} {watched:9.0f} {share:8.1f} % {100 * cost:8.1f} % {events:8.0f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    print(f"{'step at batch 64':22} {'bare µs':>9} {'watched':>9} {'more':>10} {'says':>10} "
          f"{'events':>8}")  # fmt: skip
    compare("MLP, eager", stepper(mlp(), (784,), False), rounds)
    compare("MLP, hybridized", stepper(mlp(), (784,), True), rounds)
    compare("LeNet, eager", stepper(lenet(), (1, 28, 28), False), rounds)
    compare("LeNet, hybridized", stepper(lenet(), (1, 28, 28), True), rounds)


if __name__ == "__main__":
    main()
