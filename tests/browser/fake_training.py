"""A training loop that computes nothing: it fires the signals a real one would.

Kernels of browser tests import it, so that what is tested here depends on no operator.
"""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from workbench import signals
from workbench.engine import events


class Head:
    """As much of an NDArray as a watcher looks at."""

    def __init__(self, value: float) -> None:
        self._data = np.full(4, value, np.float32)
        self.size, self.shape, self.dtype, self.context = 4, (4,), np.float32, "cpu(0)"
        self._var = None

    def asnumpy(self) -> Any:
        return self._data

    def wait_to_read(self) -> None:
        """Ready from the start."""


class Trainer:
    """Has a rate, counts steps."""

    def __init__(self, rate: float = 0.05) -> None:
        self.learning_rate = rate
        self.steps = 0

    def set_learning_rate(self, rate: float) -> None:
        self.learning_rate = rate

    def step(self, batch_size: int) -> None:
        signals.fire(signals.step, self, batch_size)
        self.steps += 1
        signals.fire(signals.step_done, self, batch_size)


class Metric:
    """An accuracy that is told its value."""

    def __init__(self, name: str = "accuracy") -> None:
        self.name, self.value = name, math.nan

    def get(self) -> tuple[str, float]:
        return self.name, self.value

    def get_name_value(self) -> list[tuple[str, float]]:
        return [self.get()]

    def reset(self) -> None:
        self.value = math.nan
        signals.fire(signals.metric, self, "reset")

    def update(self, value: float) -> None:
        self.value = value
        signals.fire(signals.metric, self, "update")


class Loader:
    """Hands out numbers."""

    def __init__(self, batches: int) -> None:
        self.batches = batches

    def __iter__(self) -> Any:
        signals.fire(signals.epoch, self, self.batches)
        for i in range(self.batches):
            signals.fire(signals.batch, self, i, self.batches)
            yield i


def compute(seconds: float) -> None:
    """Keep this thread busy, as NumPy and Python do."""
    end = time.perf_counter() + seconds
    a = np.ones((40, 40), np.float32)
    while time.perf_counter() < end:
        a = np.tanh(a @ a * 1e-3)


def two_devices() -> None:
    """Record the events of one step on two devices: each waits, at the end, for the kvstore."""
    kinds = ["Convolution", "Activation", "Pooling", "Convolution", "Pooling", "FullyConnected"]
    kinds += [f"backward {name}" for name in reversed(kinds)]
    began = events.now()
    load = events.new_id()
    ends = []
    events.record("data", "batchify", began - 900, began, id=load, bytes=200_000)
    for device in (0, 1):
        at, cause = began + 60 * device, load
        for i, name in enumerate(kinds):
            span = 260 + 90 * ((i * 7 + device) % 5)
            new = events.new_id()
            wait = 120 if i % 6 == 2 + device else 0
            events.record(f"cpu({device})", name, at, at + span, id=new, cause=cause, wait=wait)
            at, cause = at + span + 18, new
        ends.append((at, cause))
    at, cause = max(ends)
    for i in range(4):
        new = events.new_id()
        events.record(
            "kvstore", f"pushpull weight{i}", at, at + 150, id=new, cause=cause, bytes=1e6
        )
        at, cause = at + 170, new
    events.record("main", "wait", ends[0][0], at, id=events.new_id(), cause=cause)


def train(
    epochs: int,
    batches: int = 40,
    seconds: float = 0.005,
    *,
    fail_at: int = 0,
    nan_at: int = 0,
    trainer: Trainer | None = None,
    devices: bool = False,
) -> Trainer:
    """Run *epochs* of *batches* steps, each *seconds* long, with a validation pass after each."""
    trainer = trainer or Trainer()
    loader, check = Loader(batches), Loader(4)
    accuracy, validation = Metric(), Metric()
    noise = np.random.RandomState(7)
    for _ in range(epochs):
        accuracy.reset()
        for _ in loader:
            t = trainer.steps / 60
            loss = 2.3 * math.exp(-t / 2) + 0.06 + 0.12 * math.exp(-t / 6) * noise.standard_normal()
            if trainer.steps + 1 == nan_at:
                loss = math.nan
            signals.fire(signals.backward, [Head(loss)])
            compute(seconds)
            if trainer.steps + 1 == fail_at:
                raise ValueError("the data went away")
            if devices:
                two_devices()
            trainer.step(64)
            accuracy.update(1 - 0.9 * math.exp(-t / 1.5))
        validation.reset()
        for _ in check:
            compute(seconds / 2)
            validation.update(0.97 - 0.9 * math.exp(-trainer.steps / 80))
    return trainer
