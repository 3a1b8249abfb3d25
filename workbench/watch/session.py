"""A Session watches what runs inside it: epochs, steps, loss, metrics, rate, and obeys clicks.

::

    with mx.Session("lenet", epochs=3) as run:
        for epoch in range(3):
            for data, label in loader: ...

A *step boundary* is a ``Trainer.step`` or ``Module.update``. Where a run has none, it is the next
batch of a loader after a backward, or the next backward where there is no loader either. Clicks
are obeyed there and nowhere else. Only the thread that opened the Session is watched.
"""

from __future__ import annotations

import functools
import math
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

from .. import signals
from .controls import Controls
from .graph_tape import BlockLog, copy_tape, graph_of
from .graphs import GraphView
from .meters import Meters
from .pending import LossMean
from .progress import Progress
from .rates import Rates
from .record import Keeper, slug
from .rows import Rows
from .runs import ENDED, Run, runs
from .trace import Trace

__all__ = ["Session", "StopTraining"]

PAUSE_WAIT, FLUSH_EVERY = 0.05, 1.0
SIGNALS = ("backward", "step", "metric", "batch", "epoch", "block", "graph_recorded")
FOR_GRAPH = ("block", "graph_recorded")  # listened to until the first backward only
UNDECIDED = 16
"""Backwards without any step or batch after which each is taken for a step of its own."""

Observer = Callable[["Session", str], None]


class StopTraining(KeyboardInterrupt):
    """Raised at a step boundary after Stop was pressed.

    A KeyboardInterrupt, so that ``except Exception`` around a step does not swallow it and code
    that saves on an interrupt still does. ``session`` is the Session that was stopped.
    """

    def __init__(self, text: str = "stopped", session: Session | None = None) -> None:
        super().__init__(text)
        self.session = session


def _watched(body: Callable[..., None]) -> Callable[..., None]:
    """A signal's callback: only on the owning thread, timed, and never the run's undoing."""

    @functools.wraps(body)
    def callback(self: Session, *args: Any) -> None:
        if threading.get_ident() != self._owner:
            return
        began = time.perf_counter()
        slept = self._slept
        try:
            body(self, *args)
        except Exception:
            self._trouble(body.__name__)
        finally:
            self._cost += time.perf_counter() - began - (self._slept - slept)

    return callback


class Session(Run):
    """Watches the training inside a ``with`` block; also a :class:`Run` during and after it.

    Parameters
    ----------
    name : what the run is called in tables, pictures and file names.
    epochs : how many epochs the code is going to run, where known; gives total and ETA.
    save : folder for the record; None is the user's state folder, False keeps none.
    stop_on_nan : stop at the boundary after a loss that is NaN or infinite.
    terminal : True writes progress to the standard error, None does so where no other front end
        is at work, False never does.
    collect : False leaves out graph and timeline.
    """

    def __init__(
        self,
        name: str = "run",
        epochs: int | None = None,
        *,
        save: str | os.PathLike[str] | bool | None = None,
        stop_on_nan: bool = False,
        terminal: bool | None = None,
        collect: bool = True,
    ) -> None:
        if epochs is not None and (isinstance(epochs, bool) or int(epochs) < 1):
            raise ValueError(f"epochs must be a positive number or None, got {epochs!r}")
        super().__init__(name, runs.next_number(), epochs=epochs and int(epochs))
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(self.started))
        self.id = f"{stamp}-{slug(self.name)}-{self.number}-{os.getpid()}"
        self.progress = Progress(self.epochs)
        self.meters = Meters(self.progress)
        self.controls = Controls()
        self.stop_on_nan = stop_on_nan
        self._save, self._terminal, self._collect = save, terminal, collect
        self._keeper: Keeper | None = None
        self._status, self._reason = "waiting", ""
        self._error: dict[str, Any] | None = None
        self._observers: tuple[Observer, ...] = ()
        self._owner = 0
        self._start = self._end = self._flushed = 0.0
        self._cost = self._slept = 0.0
        self._troubles = 0
        self._loss: LossMean | None = None
        self._undecided: list[LossMean] = []
        self._boundary = ""
        self._rows = Rows(self.history, self.meters, self.progress)
        self._rates = Rates()
        self.trace = Trace() if collect else None
        self._blocks: BlockLog | None = BlockLog() if collect else None
        self._tape: tuple[Any, Any] | None = None
        self._graph: GraphView | None = None

    # Opening and closing

    def __enter__(self) -> Session:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.finish(error)
        return isinstance(error, StopTraining) and error.session is self

    def start(self) -> Session:
        """Begin to watch the calling thread. A Session can be started once."""
        if self._start:
            raise RuntimeError(f"session {self.name!r} was started before; make a new one")
        self._owner = threading.get_ident()
        self.started = time.time()
        self._start = self._flushed = time.perf_counter()
        if self._save is not False:
            self._keeper = Keeper(self._save, self._header())
            self.saved = self._keeper.path
            self._mind_keeper()
        runs.add(self)
        if self._terminal or (self._terminal is None and not self._observers):
            from .terminal import Terminal

            self.subscribe(Terminal())
        for name in SIGNALS:
            if self._collect or name not in FOR_GRAPH:
                signals.connect(name, getattr(self, f"_on_{name}"))
        if self.trace is not None:
            self.trace.start()
        self._tell("start")
        return self

    def finish(self, error: BaseException | None = None) -> None:
        """Stop watching; *error* is what ended the run early. Doing it twice changes nothing."""
        if self._end or not self._start:
            return
        for name in SIGNALS:
            signals.disconnect(name, getattr(self, f"_on_{name}"))
        try:
            if self.trace is not None:
                self.trace.stop()
            self._last_rows(whole=error is None)
        except Exception:
            self._trouble("finish")
        self._end = time.perf_counter()
        if error is None:
            self._status, self._reason = "finished", ""
        elif isinstance(error, KeyboardInterrupt):
            self._status = "stopped"
            self._reason = str(error) or "interrupted"
        else:
            self._status, self._reason = "failed", _one_line(error)
            self._error = {
                "type": type(error).__name__,
                "message": str(error),
                "epoch": self.progress.epoch,
                "step": self.progress.step,
            }
        self.progress.forget()
        self._flush()
        self._tell("finish")
        self._observers = ()

    def subscribe(self, observer: Observer) -> None:
        """Have ``observer(session, what)`` called on the watched thread.

        *what* is ``start``, ``step``, ``epoch``, ``state`` or ``finish``.
        """
        self._observers = (*self._observers, observer)

    # Reading

    @property
    def state(self) -> str:
        """waiting, running, paused, stopping, stopped, failed or finished."""
        if self._status in ENDED or not self.controls.stop:
            return self._status
        return "stopping"

    @property
    def elapsed(self) -> float:
        """Seconds since the start, pauses included."""
        if not self._start:
            return 0.0
        return (self._end or time.perf_counter()) - self._start

    @property
    def cost(self) -> float:
        """Share of the elapsed time that was spent on watching, recording of events included."""
        spent = self._cost + (0.0 if self.trace is None else self.trace.cost)
        return min(1.0, spent / self.elapsed) if self.elapsed else 0.0

    def state_dict(self) -> dict[str, Any]:
        """Small JSON: the present state; its keys are listed in :mod:`workbench.watch`."""
        progress, controls = self.progress, self.controls
        step_time = progress.step_time.value
        return {
            "name": self.name,
            "run": self.number,
            "id": self.id,
            "state": self.state,
            "reason": self._reason,
            "live": controls.live,
            "click": controls.click,
            "notice": controls.notice,
            "epoch": progress.epoch,
            "epochs": self.epochs,
            "step": progress.step,
            "step_in_epoch": progress.step_in_epoch,
            "steps_per_epoch": progress.steps_per_epoch,
            "progress": progress.progress,
            "epoch_progress": progress.epoch_progress,
            "elapsed": round(self.elapsed, 3),
            "eta": None if self._status in ENDED else progress.eta,
            "epoch_eta": None if self._status in ENDED else progress.epoch_eta,
            "samples_per_second": progress.samples_per_second,
            "step_ms": None if step_time is None else 1e3 * step_time,
            "batch_size": progress.batch_size,
            "lr": self._rates.value,
            "lr_locked": self._rates.locked,
            "loss": self.history.last("loss"),
            "metrics": finite(self.meters.training),
            "validation": finite(self.meters.validation),
            "nonfinite": self._rows.nonfinite,
            "error": self._error,
            "cost": round(self.cost, 5),
            "saved": self.saved,
            "rows": len(self.history),
            "validation_rows": len(self.history.validation),
            "events": 0 if self.trace is None else len(self.trace),
            "graph": self._tape is not None or self._graph is not None,
        }

    @property
    def graph(self) -> GraphView | None:
        """The graph behind the first backward; None before it."""
        tape = self._tape
        if self._graph is None and tape is not None:
            self._graph = graph_of(*tape, self._blocks, self.name)
            self._tape = None
        return self._graph

    # Clicks

    def control(self, content: Any) -> None:
        """Take one click; from any thread, at any time. See :mod:`workbench.watch`."""
        self.controls.take(content)

    def take_sync(self) -> bool:
        """Whether a view asked for the whole history since the last call."""
        return self.controls.take_sync()

    # What the signals tell

    @_watched
    def _on_epoch(self, loader: Any, total: int | None) -> None:
        self._close_batch()
        self.progress.start_pass(loader, total)

    @_watched
    def _on_batch(self, loader: Any, index: int, total: int | None) -> None:
        self._close_batch()
        self.progress.batch(loader, index, total)
        self._tick(time.perf_counter())

    @_watched
    def _on_backward(self, heads: Any) -> None:
        self._rows.close()
        if self._boundary == "backward":
            self._step_boundary(None, None)
        elif not self._boundary and self._loss is not None:
            self._undecided.append(self._loss)
            self._loss = None
            if len(self._undecided) >= UNDECIDED:
                self._boundary = "backward"
                self._replay_undecided()
            self._obey(None)
        self._train()
        self._loss = self._loss or LossMean()
        for head in heads if isinstance(heads, list | tuple) else (heads,):
            self._loss.add(head)

    @_watched
    def _on_step(self, owner: Any, batch_size: int | None) -> None:
        self._boundary = "step"
        self._rows.close()
        self._merge_undecided()
        if self.controls.any or self.stop_on_nan:
            self._obey(owner)
        self._step_boundary(owner, batch_size)

    @_watched
    def _on_metric(self, metric: Any, kind: str) -> None:
        if kind == "reset":
            self.meters.reset(metric)
        else:
            self.meters.update(metric, time.perf_counter() - self._start)

    @_watched
    def _on_block(self, block: Any, entering: bool) -> None:
        if self._blocks is not None:
            self._blocks.note(block, entering)

    @_watched
    def _on_graph_recorded(self, heads: Any) -> None:
        for name in FOR_GRAPH:
            signals.disconnect(name, getattr(self, f"_on_{name}"))
        self._tape = copy_tape(heads)

    # Steps and rows

    def _train(self) -> None:
        if self._status == "running" and not (self.progress.fresh or self.meters.passing):
            self.meters.backwards += 1
            return
        before = self.progress.epoch
        self.progress.train()
        self.meters.trained(self.history)
        if self._status == "waiting":
            self._status = "running"
            self._tell("state")
        if self.progress.epoch != before and before:
            self._flush()
            self._tell("epoch")

    def _step_boundary(self, owner: Any, batch_size: int | None) -> None:
        if owner is None:
            self._obey(None)
        if self._loss is None:  # else its backward has said so
            self._train()
        self._rates.read(owner, self.history, self.progress.step + 1)
        now = time.perf_counter()
        self.progress.count_step(now, batch_size)
        self._rows.open(self._loss, self._rates.value, now - self._start)
        self._loss = None
        self._tick(now)

    def _close_batch(self) -> None:
        """Another batch or pass begins; where nobody else steps, that is the step boundary."""
        self._rows.close()
        if self._boundary != "step" and (self._loss is not None or self._undecided):
            self._boundary = "batch"
            self._merge_undecided()
            self._step_boundary(None, None)
            self._rows.close()

    def _last_rows(self, whole: bool) -> None:
        """The run is over: nothing is pending any more. *whole*: it ended by itself."""
        self._rows.close()
        if self._boundary != "step" and whole:
            self._replay_undecided()
            if self._loss is not None:
                self._count_bare_step(self._loss)
        self._rows.settle(force=whole)
        self.meters.finish(self.history)

    def _count_bare_step(self, loss: LossMean) -> None:
        self.progress.count_step(time.perf_counter(), None)
        self._rows.open(loss, self._rates.value, time.perf_counter() - self._start)
        self._rows.close()

    def _merge_undecided(self) -> None:
        """The backwards so far belong to one step: put their losses together."""
        for loss in self._undecided:
            if self._loss is not None:
                loss.merge(self._loss)
            self._loss = loss
        self._undecided = []

    def _replay_undecided(self) -> None:
        """Each of the backwards so far was a step of its own."""
        waiting, self._undecided = self._undecided, []
        for loss in waiting:
            self._count_bare_step(loss)

    # Obeying

    def _obey(self, owner: Any) -> None:
        controls = self.controls
        if self.stop_on_nan and self._rows.nan_step:
            raise StopTraining(f"the loss was not finite at step {self._rows.nan_step}", self)
        if not controls.any:
            return
        if controls.pause and not controls.stop:
            self._pause()
        if controls.stop:
            raise StopTraining("stopped by the user", self)
        if self._boundary and (rate := controls.take_rate()) is not None:
            why = self._rates.set(owner, rate)
            if why:
                controls.refuse(f"learning rate not set: {why}")

    def _pause(self) -> None:
        began = time.perf_counter()
        self._status = "paused"
        self.history.mark(self.progress.step, "pause", "paused")
        self._flush()
        self._tell("state")
        try:
            while self.controls.pause and not self.controls.stop:
                time.sleep(PAUSE_WAIT)
        finally:
            slept = time.perf_counter() - began
            self._slept += slept
            self.progress.skip(slept)
            self._status = "running"
            self.history.mark(self.progress.step, "resume", f"after {slept:.1f} s")
            self._tell("state")

    # Housekeeping

    def _tick(self, now: float) -> None:
        if now - self._flushed >= FLUSH_EVERY:
            self._flush()
        if self._observers:
            self._tell("step")

    def _tell(self, what: str) -> None:
        for observer in self._observers:
            try:
                observer(self, what)
            except Exception:
                self._trouble(f"an observer of {what}")

    def _trouble(self, where: str) -> None:
        """Something in here went wrong: the run goes on, its card says so."""
        self._troubles += 1
        line = traceback.format_exc().strip().splitlines()[-1]
        self.controls.notice = f"watching had a problem in {where.lstrip('_')}: {line}"

    def _header(self) -> dict[str, Any]:
        return {
            "run": self.number,
            "name": self.name,
            "id": self.id,
            "started": self.started,
            "epochs": self.epochs,
            "pid": os.getpid(),
            "host": socket.gethostname(),
        }

    def _flush(self) -> None:
        self._flushed = time.perf_counter()
        if self._keeper is not None:
            self._keeper.flush(self.history, self.state_dict())
            self._mind_keeper()

    def _mind_keeper(self) -> None:
        if self._keeper is not None and self._keeper.trouble:
            self.controls.notice = self._keeper.trouble
            self._keeper = None


def finite(values: dict[str, float]) -> dict[str, float | None]:
    """*values* with None for what JSON cannot say."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _one_line(error: BaseException) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0]}" if text else type(error).__name__
