"""Places where upper storeys listen to lower ones.

A signal is a tuple of callbacks. The storey below fires it, the storey above connects to it;
nobody below knows who listens. An empty signal costs its owner one truth test::

    if signals.step:
        signals.fire(signals.step, trainer, batch_size)

A callback must not raise; one that must stop a run raises :class:`KeyboardInterrupt` (or a
subclass), which passes through.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

Callbacks = tuple[Callable[..., None], ...]

backward: Callbacks = ()
"""``(heads)``: autograd.backward was called on these arrays, before gradients are computed."""
graph_recorded: Callbacks = ()
"""``(heads)``: fired with :data:`backward`, while the tape behind *heads* is still whole."""
step: Callbacks = ()
"""``(owner, batch_size)``: a Trainer or Module is about to update its parameters."""
step_done: Callbacks = ()
"""``(owner, batch_size)``: ... and has done so."""
metric: Callbacks = ()
"""``(metric, kind)``: an EvalMetric changed; *kind* is ``"update"`` or ``"reset"``."""
batch: Callbacks = ()
"""``(loader, index, total)``: a loader hands out batch *index* of *total* (None: unknown)."""
epoch: Callbacks = ()
"""``(loader, total)``: a loader starts a new pass over its data."""
block: Callbacks = ()
"""``(block, entering)``: a Block's call begins (True) or ends (False)."""

NAMES = ("backward", "graph_recorded", "step", "step_done", "metric", "batch", "epoch", "block")
_lock = threading.Lock()


def connect(name: str, callback: Callable[..., None]) -> None:
    """Add *callback* to the signal called *name*; connecting twice is the same as once."""
    with _lock:
        current = _get(name)
        if callback not in current:
            globals()[name] = (*current, callback)


def disconnect(name: str, callback: Callable[..., None]) -> None:
    """Remove *callback* from the signal called *name*, if it is there."""
    with _lock:
        globals()[name] = tuple(one for one in _get(name) if one != callback)


def fire(callbacks: Callbacks, *args: Any) -> None:
    """Call every callback of a signal in the order of connection."""
    for callback in callbacks:
        callback(*args)


def _get(name: str) -> Callbacks:
    if name not in NAMES:
        raise ValueError(f"unknown signal {name!r}; there are {', '.join(NAMES)}")
    return globals()[name]
