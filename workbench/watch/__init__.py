"""A training run seen without Jupyter: sessions, runs, histories, timelines, graphs, pictures.

A :class:`Session` listens to :mod:`workbench.signals` while a ``with`` block or a notebook cell
runs, and keeps what it saw. It computes nothing for the run and changes nothing in it, but for
what its user asks: stop, pause, another learning rate. Every finished run stays readable in
:data:`runs` and on disk.

What a front end may rely on
============================

Everything here is plain data: Python numbers, strings, lists, dicts (JSON-able, no NaN in them)
and one-dimensional NumPy arrays. Reading is allowed from any thread at any time.

``session.state_dict()`` - small JSON, cheap, the present state::

    {"name": "lenet", "run": 3, "id": "20261125-141503-lenet-3-4711", "state": "running",
     "reason": "",              # one line: why it waits, stopped or failed ("" otherwise)
     "live": false,             # a click has come through while the run was busy
     "click": 7,                # highest click number obeyed or refused so far
     "notice": "",              # one line for the user, e.g. why a click was refused
     "epoch": 4, "epochs": 10,  # epoch counts from 1, 0 before the first; epochs may be null
     "step": 3326,              # steps of the whole run
     "step_in_epoch": 512, "steps_per_epoch": 938,        # steps_per_epoch may be null
     "progress": 0.3546,        # share of the whole run, or null where no total is known
     "epoch_progress": 0.546,   # share of this epoch, or null
     "elapsed": 40.2, "eta": 72.0, "epoch_eta": 9.1,      # seconds; etas may be null
     "samples_per_second": 214.0, "step_ms": 298.5,       # null before two steps were seen
     "batch_size": 64,                                    # or null
     "lr": 0.05, "lr_locked": "",   # lr may be null; lr_locked: why it cannot be set ("" = it can)
     "loss": 0.0812, "metrics": {"accuracy": 0.981}, "validation": {"accuracy": 0.974},
     "nonfinite": 0,            # steps whose loss was NaN or infinite
     "error": null,             # or {"type", "message", "epoch", "step"}
     "cost": 0.004,             # share of the run's wall time spent on watching it
     "saved": "/home/.../x.jsonl",  # file of the record, "" where there is none
     "rows": 3325, "validation_rows": 3, "events": 12040, "graph": true}

    state: waiting | running | paused | stopping | stopped | failed | finished.
    A number that is not finite is sent as null, as JSON has none.

``session.history`` - see :mod:`.history`. Two tables with the same methods:

    ``history`` itself: one row per training step: ``step`` (from 1), ``epoch`` (from 1), ``time``
    (seconds since the start), ``loss`` (absent if no loss was ever seen), ``lr``, and one column
    per training metric under its name. NaN in ``loss`` is a NaN of the run, NaN elsewhere is
    "not measured in this row".
    ``history.validation``: one row per pass over validation data: ``step``, ``epoch``, ``time`` and
    one column per metric.

    ``table.columns()``          {name: float64 array}, all complete rows. Column order is stable.
    ``table.rows_since(index)``  (start, n, {name: float64 array of n}); rows never change once
                                 given out; a column that turns up later is NaN in earlier rows.
    ``table.thinned(4000)``      (kept, columns): min/max thinning; kept = int64 row indices.
    ``table.marks``              [{"step", "kind": "lr" | "pause" | "resume" | "nan", "text"}]
    ``smooth(values, beta)``     bias-corrected exponential mean, as the slider shows it.

``session.control(content)`` - the one entry for clicks, callable from any thread; it only sets
flags, never blocks, and ignores a click number that it has seen. Returns None::

    {"t": "hello"}                               sets ``live``
    {"t": "stop",  "click": 8}
    {"t": "pause", "click": 9, "on": true}       "on" absent: toggles
    {"t": "lr",    "click": 10, "value": 0.01}
    {"t": "sync"}                                sets ``want_sync``; session.take_sync() clears it

``session.trace`` - the timeline, see :mod:`.trace`:

    ``trace.rows``               labels of rows, index = row number; only ever grows
    ``trace.names``              labels of bars, index = name id; only ever grows
    ``trace.since(index)``       {"from", "n", "dropped", "row": uint8, "name": uint16, "start":
                                 float64 µs since the run began, "stop": float64 µs, "wait": float32
                                 µs of the bar spent waiting for the interpreter or a lock, "id":
                                 uint32, "cause": uint32 (id of the event it waited for last; 0:
                                 none), "bytes": float64}. Rows come in order of their end.
    ``trace.busy(start, stop)``  float64 array, exact busy share of each row within a span of µs
    ``trace.order()``            row numbers from top to bottom of the picture
    ``trace.save(path)``         Chrome trace JSON; ``trace`` is None where nothing is collected

``session.graph`` - a :class:`GraphView` or None until the first backward; ``graph.payload()``::

    {"title": "lenet", "nodes": [
       {"id": 7, "name": "conv0", "op": "Convolution", "family": "dense",
        "label": "Convolution 5×5", "detail": "20×24×24",
        "group": ["lenet", "features"], "attrs": {"kernel": "(5, 5)"},
        "in_shapes": [[64, 1, 28, 28]], "out_shapes": [[64, 20, 24, 24]],   # null: unknown
        "dtype": "float32", "params": 520, "flops": 36864000, "bytes": 2949120, "device": "cpu(0)"},
       ...], "edges": [[6, 7], ...], "inputs": 1, "params": 431080, "flops": ...}

    Parameters are not nodes: they are counted in ``params`` of the operator that reads them.
    family: input, dense, norm, activation, pooling, combine, shape, random, loss, recurrent, other.

``session.graph.layout()`` - groups with rank and order of their children; pure data, from which
:func:`.graph_place.place` in Python and the widget in the browser compute the same coordinates::

    {"version": 1, "root": "g0", "open": ["g0", "g1"], "items": {
      "n7": {"kind": "node", "node": 7, "parent": "g1", "size": [104, 34]},
      "s8": {"kind": "stack", "nodes": [8, 9, 10], "parent": "g1", "size": [104, 58]},
      "g1": {"kind": "group", "label": "features", "path": "lenet/features", "parent": "g0",
             "size": [104, 38],              # when closed
             "nodes": [7, 8, 9, 10], "count": 4, "params": 520, "flops": 123, "copies": 1,
             "ranks": [["in"], ["n7"], ["s8", "v0"], ["out"]],   # top to bottom, left to right
             "edges": [["in", "n7"], ["n7", "s8"], ["n7", "v0", "out"]]}}}

    An edge is a path of item ids; ``v0``.. are its bends, local to their group, and have size
    [BEND, 0]; ``in`` and ``out`` are where lines cross the frame of an open group, size [0, 0].
    A stack is several operators drawn as one box with a stripe each. ``copies`` > 1: this group
    stands for so many equal ones in a row.
"""

from __future__ import annotations

from .compiling import CompileReport, compile_report
from .graph_from import graph_view
from .graphs import GraphNode, GraphView
from .history import History, Table, smooth
from .inspection import Inspection, inspect
from .runs import Run, Runs, runs
from .session import Session, StopTraining
from .trace import Trace

__all__ = [
    "CompileReport",
    "GraphNode",
    "GraphView",
    "History",
    "Inspection",
    "Run",
    "Runs",
    "Session",
    "StopTraining",
    "Table",
    "Trace",
    "compile_report",
    "graph_view",
    "inspect",
    "runs",
    "smooth",
]
