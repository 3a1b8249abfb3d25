"""A training loop's cast, as far as signals show it: arrays, trainer, loader, metric."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from workbench import signals
from workbench.watch import runs


class Array:
    """What a Session sees of an NDArray."""

    def __init__(self, values, var=None):
        self._data = np.asarray(values, dtype=np.float32)
        self._var = var
        self.context = None
        self.size = self._data.size


class Optimizer:
    lr_scheduler = None

    def __init__(self, rate):
        self.learning_rate = rate


class Trainer:
    def __init__(self, rate=0.1, scheduler=None):
        self._optimizer = Optimizer(rate)
        self._optimizer.lr_scheduler = scheduler
        self.updates = 0

    @property
    def learning_rate(self):
        return self._optimizer.learning_rate

    def set_learning_rate(self, rate):
        self._optimizer.learning_rate = rate

    def step(self, batch_size):
        signals.fire(signals.step, self, batch_size)
        self.updates += 1
        signals.fire(signals.step_done, self, batch_size)


class Loader:
    def __init__(self, batches):
        self.batches = list(batches)

    def __iter__(self):
        signals.fire(signals.epoch, self, len(self.batches))
        for index, batch in enumerate(self.batches):
            signals.fire(signals.batch, self, index, len(self.batches))
            yield batch


class Metric:
    def __init__(self, name="accuracy"):
        self.name = name
        self.reset()

    def reset(self):
        self.total, self.n = 0.0, 0
        signals.fire(signals.metric, self, "reset")

    def update(self, value):
        self.total += value
        self.n += 1
        signals.fire(signals.metric, self, "update")

    def get(self):
        return self.name, self.total / self.n if self.n else float("nan")


def backward(*heads):
    signals.fire(signals.backward, list(heads))


@pytest.fixture
def cast():
    """The fakes; also forgets the runs of the test before."""
    runs.clear()
    return SimpleNamespace(
        Array=Array, Trainer=Trainer, Loader=Loader, Metric=Metric, backward=backward
    )


@pytest.fixture(autouse=True)
def state_folder(tmp_path, monkeypatch):
    """Records of a test go to its own folder."""
    monkeypatch.setenv("WORKBENCH_STATE", str(tmp_path / "state"))
    return tmp_path / "state" / "runs"


@pytest.fixture(autouse=True)
def _no_listener_left():
    yield
    assert not any(getattr(signals, name) for name in signals.NAMES)
