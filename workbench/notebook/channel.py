"""From a session to its page: columns as binary buffers, at most twenty messages a second.

A :class:`Channel` reads a :class:`~workbench.watch.Session` by row index and never makes it wait.
It sends from a thread of its own while a run goes on, or, where there are no threads, from the
step boundaries of the run. The page acknowledges what it has drawn; while more than
:data:`UNANSWERED` messages are under way the channel falls back to five a second.

Messages to the page, all with a rising ``seq``::

    {"t": "data",  "live", "reset", "from", "next", "n", "columns": [[name, type], ...],
     "validation": {"from", "next", "n", "columns"}, "state", "marks", "busy": [[label, share]]}
    {"t": "runs",  "ghost", "runs": [{"label", "n", "columns", "validation", "marks"}]}
    {"t": "graph", "payload", "layout"}
    {"t": "trace", "reset", "from", "next", "n", "dropped", "rows", "names", "order",
     "columns"}

with one buffer per column, in the order of ``columns`` (training before validation). Types are
``f8``, ``f4``, ``i4``, ``u4``, ``u2``, ``u1``, little endian.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..watch.trace import covered

__all__ = ["FAST", "SLOW", "UNANSWERED", "Channel", "pack", "pack_run"]

FAST = 0.05
"""Least seconds between two messages."""
STEADY = 0.1
"""Seconds between two messages with nothing but new rows; a click or a new state goes at once."""
SLOW = 0.2
"""Seconds between two messages while the page does not keep up."""
UNANSWERED = 40
POINTS = 4000
"""Rows of a history that is sent as a whole."""
RESTING = 0.5
"""Seconds between two messages while there is nothing new but the clock."""
BUSY_EVERY = 0.25
TRACE_EVERY = 0.1
TRACE_ROWS = 40_000

Send = Callable[[dict[str, Any], list[bytes]], None]
Head = list[list[str]]

_WHOLE = {"step": "i4", "epoch": "i4"}
_TRACE = {
    "row": "u1",
    "name": "u2",
    "start": "f8",
    "stop": "f8",
    "wait": "f4",
    "id": "u4",
    "cause": "u4",
    "bytes": "f8",
}


def pack(columns: Mapping[str, Any], types: Mapping[str, str]) -> tuple[Head, list[bytes]]:
    """Names and types of *columns*, and a buffer for each; unnamed types are ``f8``."""
    head, buffers = [], []
    for name, values in columns.items():
        kind = types.get(name, "f8")
        head.append([name, kind])
        buffers.append(np.ascontiguousarray(values, dtype=f"<{kind}").tobytes())
    return head, buffers


def pack_run(run: Any, label: str, points: int = POINTS) -> tuple[dict[str, Any], list[bytes]]:
    """A run that is over, thinned to about *points* rows, for the page to draw beside another."""
    kept, columns = run.history.thinned(points)
    head, buffers = pack(columns, _WHOLE)
    more, tail = pack(run.history.validation.columns(), _WHOLE)
    part = {
        "label": label,
        "n": len(kept),
        "columns": head,
        "validation": {"n": len(run.history.validation), "columns": more},
        "marks": list(run.history.marks),
    }
    return part, buffers + tail


class Channel:
    """Sends what *session* saw by ``send(content, buffers)``.

    Parameters
    ----------
    session : the run that is watched, or one that is over.
    send : how a message leaves; called from the channel's thread.
    ghost : an earlier run whose curves the page shows as a pale line.
    """

    def __init__(self, session: Any, send: Send, *, ghost: Any = None) -> None:
        self.session = session
        self.ghost = ghost
        self.seq = 0
        self._send = send
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._over = False
        self._thread: threading.Thread | None = None
        self._acked = 0
        self._sync = self._full = False
        self._spent = 0.0
        self._wanted, self._wish = "", 0
        self._rows = self._validation = self._marks = 0
        self._said: tuple[Any, ...] = ()
        self._sent_at = self._busy_at = self._trace_at = 0.0
        self._busy_since, self._busy_index = 0.0, 0
        self._trace = 0
        self._labels = (0, 0)
        self._graph: Any = None
        self._graph_wish = self._trace_wish = 0

    # The page's word

    def note(self, content: Mapping[str, Any]) -> None:
        """Take in an acknowledgement or a wish of the page. Sets flags only; any thread."""
        kind = content.get("t")
        if kind == "ack" and isinstance(content.get("seq"), int):
            self._acked = max(self._acked, content["seq"])
        elif kind == "want":
            self._wanted = str(content.get("what"))
            self._wish += 1
        elif kind == "sync":
            self._sync = True
            self._full |= bool(content.get("full"))
        if kind != "ack":
            self._wake.set()

    # Running

    def start(self) -> None:
        """Begin to send; falls back to the run's step boundaries where threads do not exist."""
        if sys.platform == "emscripten":
            self.session.subscribe(self._on_step)
            return
        self.session.subscribe(self._on_state)
        self._thread = threading.Thread(target=self._loop, name="mxtrain channel", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            self._thread = None
            self.session.subscribe(self._on_step)

    def finish(self) -> None:
        """The run is over: send what is left, then fall silent until the page asks again."""
        self._over = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=2)
            self._thread = None
        self.flush(force=True)

    @property
    def idle(self) -> bool:
        """Nothing sends by itself any more."""
        return self._over

    def _loop(self) -> None:
        while not self._over:
            began = time.monotonic()
            self._wake.clear()
            self.flush()
            self._rest(began)

    def _rest(self, began: float) -> None:
        """Sleep until there is something worth a message, and not too soon after the last."""
        behind = self.seq - self._acked > UNANSWERED
        while not self._over:
            passed = time.monotonic() - began
            least = SLOW if behind else FAST if self._wake.is_set() else STEADY
            if passed < least:
                if behind or self._wake.is_set():
                    time.sleep(least - passed)
                else:
                    self._wake.wait(least - passed)
            elif passed > RESTING or self._wake.is_set() or self._changed():
                return
            else:
                self._wake.wait(FAST)

    def _on_state(self, session: Any, what: str) -> None:
        if what == "state":
            self._wake.set()

    def _on_step(self, session: Any, what: str) -> None:
        if what != "step" or time.monotonic() - self._sent_at >= FAST:
            self.flush()

    # Sending

    def flush(self, force: bool = False) -> None:
        """Send what the page lacks, if anything."""
        with self._lock:
            began = time.thread_time()
            take_sync = getattr(self.session, "take_sync", bool)
            if take_sync() or self._sync:
                self._send_whole()
            elif force or self._changed() or time.monotonic() - self._sent_at > RESTING:
                self._send_rows()
            self._send_graph()
            self._send_trace(force)
            self._spent += time.thread_time() - began

    def _changed(self) -> bool:
        return bool(self._wake.is_set() or self._now() != self._said)

    def _now(self) -> tuple[Any, ...]:
        """What, when it differs, is worth a message at once."""
        session = self.session
        controls = getattr(session, "controls", None)
        history = session.history
        return (
            len(history),
            len(history.validation),
            session.state,
            getattr(controls, "live", False),
            getattr(controls, "click", 0),
            getattr(controls, "notice", ""),
        )

    def _emit(self, content: dict[str, Any], buffers: Iterable[bytes] = ()) -> None:
        self.seq += 1
        content["seq"] = self.seq
        self._send(content, list(buffers))

    def _send_whole(self) -> None:
        history = self.session.history
        full = self._full
        self._sync = self._full = False
        start, n, columns = history.rows_since(0)
        thin = not full and n > POINTS
        self._rows = start + n
        self._validation = self._marks = 0
        if thin:
            kept, columns = history.thinned(POINTS)
            self._rows = max(self._rows, int(kept[-1]) + 1)
            n = len(kept)
        if self.ghost is not None:
            part, buffers = pack_run(self.ghost, f"run {self.ghost.number}")
            self._emit({"t": "runs", "ghost": True, "runs": [part]}, buffers)
        head = {"reset": True, "thin": thin, "from": 0, "next": self._rows, "n": n}
        self._send_data(head, columns)

    def _send_rows(self) -> None:
        start, n, columns = self.session.history.rows_since(self._rows)
        self._rows = start + n
        self._send_data({"reset": False, "from": start, "next": self._rows, "n": n}, columns)

    def _send_data(self, head: dict[str, Any], columns: Mapping[str, Any]) -> None:
        self._sent_at = time.monotonic()
        self._said = self._now()
        history = self.session.history
        names, buffers = pack(columns, _WHOLE)
        start, n, more = history.validation.rows_since(self._validation)
        self._validation = start + n
        validation, tail = pack(more, _WHOLE)
        state = self.session.state_dict()
        if state.get("cost") is not None and state.get("elapsed"):
            # The card shows its whole price: what the session measured, and this thread's time.
            state["cost"] = round(state["cost"] + self._spent / state["elapsed"], 5)
        content = {
            "t": "data",
            **head,
            "live": bool(state.get("live")),
            "columns": names,
            "validation": {
                "from": start,
                "next": self._validation,
                "n": n,
                "columns": validation,
            },
            "state": state,
        }
        marks = history.marks
        if len(marks) != self._marks or head["reset"]:
            self._marks = len(marks)
            content["marks"] = list(marks)
        if busy := self._busy(state):
            content["busy"] = busy
        self._emit(content, buffers + tail)

    def _busy(self, state: Mapping[str, Any]) -> list[list[Any]]:
        """Busy share of every row of the timeline since it was last asked for.

        From the bars that ended since then, so reading costs what they cost, however long the run;
        bars that overlap, such as a task and the operators in it, count once.
        """
        trace = getattr(self.session, "trace", None)
        now = time.monotonic()
        if trace is None or now - self._busy_at < BUSY_EVERY or state["state"] != "running":
            return []
        self._busy_at = now
        since, self._busy_since = self._busy_since, 1e6 * float(state.get("elapsed") or 0)
        part = trace.since(self._busy_index)
        self._busy_index = int(part["from"]) + int(part["n"])
        span = self._busy_since - since
        if span <= 0 or not trace.rows:
            return []
        begins, ends, row = np.maximum(part["start"], since), part["stop"], part["row"]
        shares = [(i, covered(begins[row == i], ends[row == i]) / span) for i in trace.order()]
        return [[trace.rows[i], round(min(share, 1.0), 4)] for i, share in shares]

    def _send_graph(self) -> None:
        graph = getattr(self.session, "graph", None)
        wish = self._wish
        if self._wanted != "graph" or graph is None:
            return
        if graph is self._graph and wish == self._graph_wish:
            return
        self._graph, self._graph_wish = graph, wish
        self._emit({"t": "graph", "payload": graph.payload(), "layout": graph.layout()})

    def _send_trace(self, force: bool) -> None:
        trace = getattr(self.session, "trace", None)
        wish, now = self._wish, time.monotonic()
        if self._wanted != "trace" or trace is None:
            return
        reset = wish != self._trace_wish
        if not (force or reset) and now - self._trace_at < TRACE_EVERY:
            return
        self._trace_at, self._trace_wish = now, wish
        if reset:
            self._trace, self._labels = 0, (0, 0)
        while self._send_events(trace, reset):
            reset = False

    def _send_events(self, trace: Any, reset: bool) -> bool:
        """One part of the timeline; whether more is waiting."""
        part = trace.since(self._trace)
        n = min(int(part["n"]), TRACE_ROWS)
        if not n and not reset:
            return False
        columns = {name: part[name][:n] for name in _TRACE}
        head, buffers = pack(columns, _TRACE)
        self._trace = int(part["from"]) + n
        content = {
            "t": "trace",
            "reset": reset,
            "from": int(part["from"]),
            "next": self._trace,
            "n": n,
            "dropped": int(part["dropped"]),
            "columns": head,
        }
        labels = (len(trace.rows), len(trace.names))
        if labels != self._labels or reset:
            self._labels = labels
            content["rows"], content["names"] = list(trace.rows), list(trace.names)
            content["order"] = list(trace.order())
        self._emit(content, buffers)
        return n < int(part["n"])
