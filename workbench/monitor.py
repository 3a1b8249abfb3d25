"""Monitor: statistics of all arrays of executors, every few batches."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable
from typing import Any

from . import _surface, ndarray as nd
from .error import ParameterError, message

__all__ = ["Monitor"]

__getattr__ = _surface.getattr_for(__name__)

Row = tuple[int, str, Any]


def _norm_per_element(x: Any) -> Any:
    """``‖x‖ / √size``."""
    return nd.norm(x) / math.sqrt(x.size)


class Monitor:
    """Looks at outputs, arguments and auxiliary states by name.

    Parameters
    ----------
    interval : int
        Batches between two looks.
    stat_func : callable, optional
        ``NDArray -> NDArray`` or list of them; by default ``‖x‖ / √size``.
    pattern : str
        A regular expression that names must match from their beginning.
    sort : bool
        Rows by name, else as they come.
    monitor_all : bool
        Also the inputs of operators.

    Examples
    --------
    >>> import workbench as mx
    >>> executor = mx.sym.exp(mx.sym.var("x"), name="e").simple_bind(mx.cpu(), x=(4,))
    >>> monitor = Monitor(1)
    >>> monitor.install(executor)
    >>> monitor.tic()
    >>> _ = executor.forward()
    >>> monitor.toc()
    [(1, 'e_output', '1.0\\t'), (1, 'x', '0.0\\t')]
    """

    def __init__(
        self,
        interval: int,
        stat_func: Callable[[Any], Any] | None = None,
        pattern: str = ".*",
        sort: bool = False,
        monitor_all: bool = False,
    ) -> None:
        self.interval, self.sort, self.monitor_all = interval, sort, monitor_all
        self.stat_func = stat_func or _norm_per_element
        self.re_prog = re.compile(pattern)
        self.activated = False
        self.step = 0
        self.queue: list[Row] = []
        self.exes: list[Any] = []

    def stat_helper(self, name: bytes | str, array: Any) -> None:
        """What executors call for every output."""
        name = name.decode() if isinstance(name, bytes) else name
        if self.activated and self.re_prog.match(name):
            self.queue.append((self.step, name, self.stat_func(array)))

    def install(self, exe: Any) -> None:
        """Look at an executor; several may be looked at."""
        exe.set_monitor_callback(self.stat_helper, self.monitor_all)
        self.exes.append(exe)

    def tic(self) -> None:
        """Call before a forward: looks if it is time."""
        if self.step % self.interval == 0:
            self.queue, self.activated = [], True
        self.step += 1

    def toc(self) -> list[tuple[int, str, str]]:
        """Call after the batch: step, name and text of what was seen; empty between looks."""
        if not self.activated:
            return []
        for exe in self.exes:
            for name, array in [*exe.arg_dict.items(), *exe.aux_dict.items()]:
                self.stat_helper(name, array)
        self.activated = False
        rows, self.queue = self.queue, []
        if self.sort:
            rows.sort(key=lambda row: row[1])
        return [(step, name, _text(name, values)) for step, name, values in rows]

    def toc_print(self) -> None:
        """Like :meth:`toc`, to the log."""
        for step, name, text in self.toc():
            logging.info(f"Batch: {step:7d} {name:30s} {text:s}")


def _text(name: str, values: Any) -> str:
    values = values if isinstance(values, list) else [values]
    if not all(isinstance(one, nd.NDArray) for one in values):
        raise ParameterError(
            message(f"Monitor: stat_func gave no NDArray for {name}", fix="Return an NDArray.")
        )
    return "".join(f"{one.asscalar() if one.shape == (1,) else one.asnumpy()}\t" for one in values)
