"""What ran when, in MXNet's words.  ``mx.profiler``

A view on the engine's events (:mod:`workbench.engine.events`) plus marks that a program sets
itself (:class:`Task`, :class:`Frame`, :class:`Event`, :class:`Counter`, :class:`Marker`)::

    mx.profiler.set_config(aggregate_stats=True, filename="profile.json")
    mx.profiler.start()
    ...
    mx.nd.waitall()
    mx.profiler.stop()
    print(mx.profiler.dumps())     # tables
    mx.profiler.dump()             # profile.json for chrome://tracing or ui.perfetto.dev

Recording is one test per operation when it is off. There is no C API here, so the table
``MXNET_C_API`` of MXNet 1.9.1 is missing; waits of the main thread are in the table ``wait``.
"""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass, field
from typing import Any

from .engine import events, marks
from .engine.marks import Counter, Domain, Event, Frame, Marker, Task, marks_as_trace
from .engine.tables import as_json, as_text, tables
from .engine.trace import category, write_trace
from .error import MXNetError, message
from .ndarray.memory import memory_stats

__all__ = [
    "Counter",
    "Domain",
    "Event",
    "Frame",
    "Marker",
    "Task",
    "dump",
    "dump_profile",
    "dumps",
    "memory_stats",
    "pause",
    "profiler_set_config",
    "profiler_set_state",
    "resume",
    "set_config",
    "set_kvstore_handle",
    "set_state",
    "start",
    "stop",
]


@dataclass
class _Config:
    """The arguments of :func:`set_config` with MXNet's defaults."""

    profile_all: bool = False
    profile_symbolic: bool = True
    profile_imperative: bool = True
    profile_memory: bool = True
    profile_api: bool = True
    filename: str = "profile.json"
    continuous_dump: bool = False
    dump_period: float = 1.0
    aggregate_stats: bool = False
    profile_process: str = "worker"


@dataclass
class _State:
    """The one profiler of the process: what it shall record, and which stretches of events."""

    config: _Config = field(default_factory=_Config)
    running: bool = False
    paused: bool = False
    output: bool = False
    spans: list[list[int | None]] = field(default_factory=list)
    dumper: threading.Event | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def active(self) -> bool:
        return self.running and not self.paused

    def begin(self) -> None:
        marks.on = True
        events.start(detail=True)
        self.spans.append([events.ring.appended, None])

    def end(self) -> None:
        marks.on = False
        self.spans[-1][1] = events.ring.appended
        events.stop(detail=True)

    def events(self) -> list[events.Event]:
        """The recorded events that are still in the ring."""
        config = self.config
        operators = config.profile_all or config.profile_symbolic or config.profile_imperative
        found: list[events.Event] = []
        for first, last in self.spans:
            found += events.ring.read(first or 0, last)[0]
        return [one for one in found if operators or category(one.row) != "operator"]

    def reset(self) -> None:
        """Forget what has been recorded so far and go on."""
        marks.kept.clear()
        self.spans = [[events.ring.appended, None]] if self.active else []


_state = _State()

profiler_kvstore_handle: Any = None
"""The distributed store whose servers ``profile_process="server"`` means; None: there is none."""


def set_kvstore_handle(handle: Any) -> None:
    """Name the distributed store whose servers are profiled."""
    global profiler_kvstore_handle
    profiler_kvstore_handle = handle


# -- switching ----------------------------------------------------------------------------------


def set_config(**kwargs: Any) -> None:
    """Set what is recorded and where it goes; what is not named keeps its value.

    Parameters
    ----------
    filename : str
        File of :func:`dump`; ``"profile.json"`` at first.
    aggregate_stats : bool
        Make :func:`dumps` return tables; off at first, then it returns an empty text.
    profile_all, profile_symbolic, profile_imperative : bool
        Record operators. They are left out when all three are off.
    profile_memory, profile_api : bool
        Accepted for old programs; nothing depends on them.
    continuous_dump, dump_period : bool, float
        Write the file every *dump_period* seconds while the profiler runs.
    profile_process : str
        ``"worker"`` or ``"server"``.

    Raises
    ------
    MXNetError
        An argument is unknown or its value does not fit.
    """
    known = _Config.__dataclass_fields__
    for name in kwargs:
        if name not in known:
            raise MXNetError(
                message(
                    f"Cannot find argument '{name}', Possible Arguments: {', '.join(known)}",
                    fix="Check the spelling of the argument of profiler.set_config().",
                )
            )
    checked = {name: _parse(name, known[name].type, value) for name, value in kwargs.items()}
    _check_process(checked.get("profile_process", "worker"))
    for name, value in checked.items():
        setattr(_state.config, name, value)


def _parse(name: str, kind: Any, value: Any) -> Any:
    """A value of set_config as its type; MXNet passes them as text."""
    text = str(value).strip()
    if kind == "bool" and text.lower() in ("true", "1", "false", "0"):
        return text.lower() in ("true", "1")
    if kind == "float":
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if number > 0:
            return number
    if kind == "str" and text:
        return text
    wanted = {"bool": "boolean", "float": "a positive number", "str": "a text"}[kind]
    raise MXNetError(
        message(
            f"Invalid Parameter format for {name} expect {wanted} but value={value!r}",
            fix=f"Give {wanted} for {name}.",
        )
    )


def _check_process(process: str) -> None:
    if process == "worker" or (process == "server" and profiler_kvstore_handle is not None):
        return
    if process != "server":
        raise KeyError(process)
    raise MXNetError(
        message(
            "profile_process='server': there is no server to profile",
            fix="Use it with a kvstore of type 'dist_sync' or 'dist_async' only.",
        )
    )


def set_state(state: str = "stop", profile_process: str = "worker") -> None:
    """Start (``"run"``) or end (``"stop"``) recording; twice is the same as once."""
    run = {"stop": False, "run": True}[state]
    _check_process(profile_process)
    with _state.lock:
        if run == _state.running:
            return
        was_active = _state.active
        _state.running = run
        if run:
            _state.paused = False
            _state.output = True
            _start_dumper()
        elif _state.dumper is not None:
            _state.dumper.set()
            _state.dumper = None
        _follow(was_active)


def start(profile_process: str = "worker") -> None:
    """Short for ``set_state("run")``."""
    set_state("run", profile_process)


def stop(profile_process: str = "worker") -> None:
    """Short for ``set_state("stop")``."""
    set_state("stop", profile_process)


def pause(profile_process: str = "worker") -> None:
    """Record nothing until :func:`resume`."""
    _set_paused(True, profile_process)


def resume(profile_process: str = "worker") -> None:
    """End what :func:`pause` began."""
    _set_paused(False, profile_process)


def _set_paused(paused: bool, profile_process: str) -> None:
    _check_process(profile_process)
    with _state.lock:
        was_active = _state.active
        _state.paused = paused
        _follow(was_active)


def _follow(was_active: bool) -> None:
    if _state.active and not was_active:
        _state.begin()
    elif was_active and not _state.active:
        _state.end()


def _start_dumper() -> None:
    if not _state.config.continuous_dump:
        return
    ended = _state.dumper = threading.Event()

    def work() -> None:
        while not ended.wait(_state.config.dump_period):
            _write()

    threading.Thread(target=work, name="workbench profiler", daemon=True).start()


# -- results ------------------------------------------------------------------------------------


def dump(finished: bool = True, profile_process: str = "worker") -> None:
    """Write the Chrome trace to the configured file; *finished*: and stop.

    Raises
    ------
    MXNetError
        Nothing was recorded since the last finished dump, or the file cannot be written.
    """
    _check_process(profile_process)
    if not _state.output:
        raise MXNetError(
            message(
                "Profiler hasn't been run. Config and start profiler first",
                fix="Call profiler.set_state('run') before the lines to profile.",
            )
        )
    if finished:
        set_state("stop")
    _write()
    _state.output = not finished


def _write() -> None:
    write_trace(_state.config.filename, _state.events(), marks_as_trace(list(marks.kept)))


def dumps(
    reset: bool = False, format: str = "table", sort_by: str = "total", ascending: bool = False
) -> str:
    """The recorded times as text: tables per category, in milliseconds.

    Parameters
    ----------
    reset : bool
        Forget what has been recorded so far.
    format : str
        ``"table"`` or ``"json"``.
    sort_by : str
        ``"total"``, ``"avg"``, ``"min"``, ``"max"`` or ``"count"``.
    ascending : bool
        Smallest first.

    Returns
    -------
    str
        Empty unless ``set_config(aggregate_stats=True)`` was called, as in MXNet.
    """
    _check_choice("format", format, ("table", "json"))
    _check_choice("sort_by", sort_by, ("total", "avg", "min", "max", "count"))
    _check_choice("ascending", ascending, (False, True))
    _check_choice("reset", reset, (False, True))
    if not _state.config.aggregate_stats:
        return ""
    with _state.lock:
        found = {
            name: dict(
                sorted(table.items(), key=lambda one: one[1].key(sort_by), reverse=not ascending)
            )
            for name, table in tables(_state.events(), list(marks.kept)).items()
        }
        if reset:
            _state.reset()
    return as_json(found) if format == "json" else as_text(found)


def _check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        # An AssertionError because old programs may catch that one.
        raise AssertionError(
            f"Invalid value provided for {name}: {value}. "
            f"Support: {', '.join(repr(one) for one in choices)}"
        )


# -- names of MXNet before 1.0 ------------------------------------------------------------------


def profiler_set_config(mode: str = "symbolic", filename: str = "profile.json") -> None:
    """Old name of :func:`set_config`."""
    _deprecated("profiler_set_config", "set_config")
    set_config(**{f"profile_{mode}": True, "filename": filename})


def profiler_set_state(state: str = "stop") -> None:
    """Old name of :func:`set_state`."""
    _deprecated("profiler_set_state", "set_state")
    set_state(state)


def dump_profile() -> None:
    """Old name of :func:`dump`."""
    _deprecated("dump_profile", "dump")
    dump(True)


def _deprecated(old: str, new: str) -> None:
    warnings.warn(
        f"profiler.{old}() is deprecated. Please use profiler.{new}() instead",
        DeprecationWarning,
        stacklevel=3,
    )
