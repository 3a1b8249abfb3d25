"""How far a run is: passes, epochs, steps, speed, and how long it still takes.

Nobody announces an epoch. A loader's pass in which a training step happens *is* one; a pass
without any is validation. Times of steps and of everything between two epochs are averaged
apart, because a pass over validation data would otherwise look like one slow step.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Mean", "Progress"]

BETA = 0.97


class Mean:
    """Bias-corrected exponential moving mean of what :meth:`add` is given."""

    __slots__ = ("_beta", "_sum", "_weight")

    def __init__(self, beta: float = BETA) -> None:
        self._beta, self._sum, self._weight = beta, 0.0, 0.0

    def add(self, value: float) -> None:
        """Take *value* in."""
        self._sum = self._beta * self._sum + (1 - self._beta) * value
        self._weight = self._beta * self._weight + (1 - self._beta)

    @property
    def value(self) -> float | None:
        """The mean, or None before the first value."""
        return self._sum / self._weight if self._weight else None


class Progress:
    """Counts what the signals tell. Times are seconds on any one clock, pauses taken out."""

    def __init__(self, epochs: int | None = None) -> None:
        self.epochs = epochs
        self.epoch = 0
        self.step = 0
        self.step_in_epoch = 0
        self.steps_per_epoch: int | None = None
        self.batch_size: int | None = None
        self.step_time = Mean()
        self.gap_time = Mean(0.5)
        self._loader: Any = None
        self._total: int | None = None
        self._last_index = -1
        self._new_pass = False
        self._trained: dict[int, Any] = {}
        self._steps_of: dict[int, int] = {}
        self._last_step: float | None = None

    def start_pass(self, loader: Any, total: int | None) -> None:
        """*loader* starts over its data of *total* batches."""
        if self._total and self._last_index + 1 == self._total and self.step_in_epoch:
            # The pass was whole: where steps are not batches, its count is the better guess.
            self._steps_of[id(self._loader)] = self.step_in_epoch
        self._loader, self._total, self._new_pass = loader, total, True
        self._last_index = -1

    def batch(self, loader: Any, index: int, total: int | None) -> None:
        """*loader* hands out batch *index*."""
        if loader is not self._loader or index <= self._last_index:
            # Coming back to a pass that was interrupted by another loader is no new pass.
            self._new_pass = index == 0 or id(loader) not in self._trained
            self._loader, self._total = loader, total
        elif total is not None:
            self._total = total
        self._last_index = index

    @property
    def fresh(self) -> bool:
        """Nobody has trained in the pass that is going on; :meth:`train` changes that."""
        return self._new_pass or not self.epoch

    def train(self) -> None:
        """A backward or an update happened: the pass going on is one of training."""
        if self._new_pass or not self.epoch:
            self._new_pass = False
            self.epoch += 1
            self.step_in_epoch = 0
            self.steps_per_epoch = self._steps_of.get(id(self._loader), self._total)
            if self._loader is not None:
                # Kept alive on purpose, else another loader could get the same id.
                self._trained[id(self._loader)] = self._loader

    def in_training(self) -> bool | None:
        """Whether the loader last heard of is one that was trained on; None without loaders."""
        return None if self._loader is None else id(self._loader) in self._trained

    @property
    def position(self) -> tuple[int, int] | None:
        """Which batch of which loader is at work; None without loaders."""
        return None if self._loader is None else (id(self._loader), self._last_index)

    def count_step(self, now: float, batch_size: int | None) -> None:
        """One training step happened at *now*."""
        if self._new_pass or not self.epoch:
            self.train()
        self.step += 1
        self.step_in_epoch += 1
        if batch_size:
            self.batch_size = int(batch_size)
        if self._last_step is not None:
            (self.step_time if self.step_in_epoch > 1 else self.gap_time).add(now - self._last_step)
        self._last_step = now

    def skip(self, seconds: float) -> None:
        """Leave *seconds* of pause out of the next step's time."""
        if self._last_step is not None:
            self._last_step += seconds

    def forget(self) -> None:
        """Let go of the user's loaders."""
        self._loader = None
        self._trained.clear()

    @property
    def steps_left_in_epoch(self) -> int | None:
        """Steps to the end of this epoch, if a loader said how many it has."""
        if self.steps_per_epoch is None:
            return None
        return max(0, self.steps_per_epoch - self.step_in_epoch)

    @property
    def epoch_progress(self) -> float | None:
        """Share of this epoch that is done."""
        if not self.steps_per_epoch:
            return None
        return min(1.0, self.step_in_epoch / self.steps_per_epoch)

    @property
    def progress(self) -> float | None:
        """Share of the whole run that is done."""
        part = self.epoch_progress
        if not self.epochs or part is None or not self.epoch:
            return None
        return min(1.0, (self.epoch - 1 + part) / self.epochs)

    @property
    def epoch_eta(self) -> float | None:
        """Seconds to the end of this epoch's steps."""
        left, each = self.steps_left_in_epoch, self.step_time.value
        return None if left is None or each is None else left * each

    @property
    def eta(self) -> float | None:
        """Seconds to the end of the run, with what lies between epochs as far as it is known."""
        left, each = self.epoch_eta, self.step_time.value
        if left is None or each is None or not self.epochs or not self.steps_per_epoch:
            return None
        more = max(0, self.epochs - self.epoch)
        gap = self.gap_time.value
        # A gap runs from an epoch's last step to the next one's first, so it contains one step.
        between = 0.0 if gap is None else max(0.0, gap - each)
        passes = more + (1 if self.epoch <= self.epochs else 0)
        return left + more * self.steps_per_epoch * each + passes * between

    @property
    def samples_per_second(self) -> float | None:
        """Training samples in a second, from the batch size and the mean time of a step."""
        each = self.step_time.value
        return self.batch_size / each if each and self.batch_size else None
