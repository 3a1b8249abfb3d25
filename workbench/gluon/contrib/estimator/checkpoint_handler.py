"""Parameters and trainer states on disk, and runs that go on from there."""

from __future__ import annotations

import math
import os
import re
import warnings
from typing import Any

from ....metric import EvalMetric
from .events import BatchEnd, EpochEnd, TrainBegin
from .utils import Better

__all__ = ["CheckpointHandler"]


class CheckpointHandler(TrainBegin, BatchEnd, EpochEnd):
    """Saves the network every so often, and lets a run go on from the last time.

    Files in *model_dir*: ``PREFIX-symbol.json`` (of a hybridized network),
    ``PREFIX-epochEbatchB.params`` and ``.states``, ``PREFIX-best.params`` and ``.states``.

    Parameters
    ----------
    model_dir : str
    model_prefix : str
    monitor : EvalMetric, optional
        for *save_best*: one of ``estimator.train_metrics`` and ``val_metrics``
    verbose : int
        1 writes to the log what is saved
    save_best : bool
        save also when the monitored value is better than ever
    mode : {"auto", "min", "max"}
        whether smaller or larger is better; auto tells it by the metric's name
    epoch_period, batch_period : int, optional
        save every so many epochs, every so many batches
    max_checkpoints : int
        how many are kept, the best one not counted
    resume_from_checkpoint : bool
        go on from the newest in *model_dir*; ValueError when that run was complete
    """

    def __init__(
        self,
        model_dir: str,
        model_prefix: str = "model",
        monitor: Any = None,
        verbose: int = 0,
        save_best: bool = False,
        mode: str = "auto",
        epoch_period: int | None = 1,
        batch_period: int | None = None,
        max_checkpoints: int = 5,
        resume_from_checkpoint: bool = False,
    ) -> None:
        if save_best and not isinstance(monitor, EvalMetric):
            raise ValueError(
                "To save best model only, please provide one of the metric objects from "
                "estimator.train_metrics and estimator.val_metrics as monitor."
            )
        os.makedirs(model_dir, exist_ok=True)
        self.model_dir, self.model_prefix = model_dir, model_prefix
        self.monitor, self.verbose, self.save_best = monitor, verbose, save_best
        self.epoch_period, self.batch_period = epoch_period, batch_period
        self.max_checkpoints = max_checkpoints
        self.resume_from_checkpoint = resume_from_checkpoint
        self.current_batch = self.current_epoch = 0
        self.trained_epoch = self.trained_batch = -1
        self.saved_checkpoints: list[str] = []
        if save_best:
            self._better = Better(monitor, mode)
            self.best = self._better.worst

    # ---- events ---------------------------------------------------------------------------

    def train_begin(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Count anew; with *resume_from_checkpoint* load the newest files."""
        self.current_epoch = self.current_batch = 0
        if self.save_best:
            self.best = self._better.worst
        if self.resume_from_checkpoint:
            right, wrong = self.epoch_period, self.batch_period
            if estimator.max_batch:
                right, wrong = wrong, right
            why = (
                "To resume from checkpoint, save by what the run is counted in: by epochs "
                "(batch_period=None), or by batches (epoch_period=None)."
            )
            assert right, why
            assert not wrong, why
            self._resume(estimator)

    def batch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Save the graph after the first batch, parameters when it is time."""
        if self.current_batch == 0:
            self._save_symbol(estimator)
        if self.batch_period and (self.current_batch + 1) % self.batch_period == 0:
            self._save(estimator)
        self.current_batch += 1

    def epoch_end(self, estimator: Any, *args: Any, **kwargs: Any) -> None:
        """Save when it is time."""
        if self.epoch_period and (self.current_epoch + 1) % self.epoch_period == 0:
            self._save(estimator)
        self.current_epoch += 1

    # ---- saving ---------------------------------------------------------------------------

    def _path(self, name: str) -> str:
        return os.path.join(self.model_dir, name)

    def _save_symbol(self, estimator: Any) -> None:
        graph = getattr(estimator.net, "_graph", None)
        path = self._path(f"{self.model_prefix}-symbol.json")
        if graph is not None:
            graph[1].save(path)
            return
        estimator.logger.info(
            "Model architecture(symbol file) is not saved, please use HybridBlock to construct "
            "your model, and call net.hybridize() before passing to Estimator in order to save "
            "model architecture as %s.",
            path,
        )

    def _save(self, estimator: Any) -> None:
        epoch, batch = self.current_epoch, self.current_batch
        if self.resume_from_checkpoint:
            epoch += self.trained_epoch + 1
            batch += self.trained_batch + (0 if estimator.max_epoch else 1)
        name = f"{self.model_prefix}-epoch{epoch}batch{batch}"
        self._write(estimator, name)
        self.saved_checkpoints.append(name)
        while len(self.saved_checkpoints) > self.max_checkpoints:
            old = self.saved_checkpoints.pop(0)
            for ending in (".params", ".states"):
                if os.path.exists(self._path(old + ending)):
                    os.remove(self._path(old + ending))
        self._say(
            estimator,
            f"trained total {self.current_batch + 1} batches, saving model at {self.model_dir} "
            f"with prefix: {name}",
        )
        if self.save_best:
            self._save_best(estimator)

    def _save_best(self, estimator: Any) -> None:
        name, value = self.monitor.get()
        if math.isnan(value):
            warnings.warn(
                f"Skipping save best because {name} is not updated, make sure you pass one of the "
                "metric objects estimator.train_metrics and estimator.val_metrics as monitor",
                RuntimeWarning,
                stacklevel=2,
            )
        elif self._better(value, self.best):
            self._write(estimator, f"{self.model_prefix}-best")
            self._say(estimator, f"{name} improved from {self.best:0.5f} to {value:0.5f}")
            self.best = value
        else:
            self._say(estimator, f"{name} did not improve from {self.best:0.5f}")

    def _write(self, estimator: Any, name: str) -> None:
        estimator.net.save_parameters(self._path(f"{name}.params"))
        estimator.trainer.save_states(self._path(f"{name}.states"))

    def _say(self, estimator: Any, text: str) -> None:
        if self.verbose > 0:
            estimator.logger.info("[Epoch %d] CheckpointHandler: %s", self.current_epoch, text)

    # ---- going on -------------------------------------------------------------------------

    def _saved(self) -> list[tuple[int, int, str]]:
        """Epoch, batch and name of every checkpoint in the folder, the newest last."""
        pattern = re.compile(re.escape(self.model_prefix) + r"-epoch(\d+)batch(\d+)\.params")
        found = (pattern.fullmatch(name) for name in os.listdir(self.model_dir))
        return sorted(
            (int(one[1]), int(one[2]), one[0].removesuffix(".params")) for one in found if one
        )

    def _resume(self, estimator: Any) -> None:
        saved = self._saved()
        self.saved_checkpoints = [name for _, _, name in saved]
        if not saved:
            self.trained_epoch = self.trained_batch = -1
            length = f"{estimator.max_batch} batches"
            if estimator.max_epoch:
                length = f"{estimator.max_epoch} epochs"
            estimator.logger.info(
                "CheckpointHandler: No checkpoint found, training from scratch for %s", length
            )
            return
        self.trained_epoch, self.trained_batch, name = saved[-1]
        left = self._shorten(estimator)
        estimator.net.load_parameters(self._path(f"{name}.params"), ctx=estimator.context)
        estimator.trainer.load_states(self._path(f"{name}.states"))
        estimator.logger.warning(
            "CheckpointHandler: Checkpoint resumed from epoch %d batch %d, continue to train for "
            "%s ",
            self.trained_epoch,
            self.trained_batch,
            left,
        )

    def _shorten(self, estimator: Any) -> str:
        """Leave the run what is not trained yet, and say how much that is."""
        what, done = "batch", self.trained_batch
        if estimator.max_epoch:
            what, done = "epoch", self.trained_epoch
        whole = getattr(estimator, f"max_{what}")
        if done >= whole - 1:
            raise ValueError(
                f"Found checkpoint with maximum number of {what} {whole} reached, please specify "
                "resume_from_checkpoint=False (default value) if you want to train from scratch."
            )
        setattr(estimator, f"max_{what}", whole - done - 1)
        return f"{whole - done - 1} {'epochs' if what == 'epoch' else 'batches'}"
