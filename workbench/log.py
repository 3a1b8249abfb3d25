"""``mx.log``: loggers with one letter for the level, the time, the process and the line."""

from __future__ import annotations

import logging
import sys
import warnings
from logging import CRITICAL, DEBUG, ERROR, INFO, NOTSET, WARNING

from ._surface import getattr_for

__all__ = ["CRITICAL", "DEBUG", "ERROR", "INFO", "NOTSET", "WARNING", "getLogger", "get_logger"]

__getattr__ = getattr_for(__name__)

_COLOURS = {"WARNING": "\x1b[0;33m", "ERROR": "\x1b[0;31m", "CRITICAL": "\x1b[0;35m"}
_PLAIN, _GREEN = "\x1b[0m", "\x1b[32m"


class _Formatter(logging.Formatter):
    """``I1125 14:24:49 14888 train.py:main:54] text``, in colour on a terminal."""

    def __init__(self, colour: bool) -> None:
        super().__init__(datefmt="%m%d %H:%M:%S")
        self.colour = colour

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line (and a traceback where there is one)."""
        head = (
            f"{record.levelname[0]}{self.formatTime(record, self.datefmt)} {record.process} "
            f"{record.pathname}:{record.funcName}:{record.lineno}]"
        )
        if self.colour:
            head = _COLOURS.get(record.levelname, _GREEN) + head + _PLAIN
        self._style._fmt = head.replace("%", "%%") + " %(message)s"
        return super().format(record)


def get_logger(
    name: str | None = None,
    filename: str | None = None,
    filemode: str | None = None,
    level: int = WARNING,
) -> logging.Logger:
    """The logger called *name*, with a handler of MXNet's format at its first request.

    Parameters
    ----------
    name : str, optional
        None is the root logger, which is handed out as it is.
    filename, filemode : str, optional
        Write to this file (mode ``"a"``) and not to standard error.
    level : int
        Set at the first request.
    """
    logger = logging.getLogger(name)
    if name is not None and not getattr(logger, "_workbench_ready", False):
        handler: logging.Handler
        if filename:
            handler = logging.FileHandler(filename, filemode or "a")
            handler.setFormatter(_Formatter(colour=False))
        else:
            handler = logging.StreamHandler()
            handler.setFormatter(_Formatter(colour=sys.stderr.isatty()))
        logger.addHandler(handler)
        logger.setLevel(level)
        logger._workbench_ready = True  # type: ignore[attr-defined]
    return logger


def getLogger(
    name: str | None = None,
    filename: str | None = None,
    filemode: str | None = None,
    level: int = WARNING,
) -> logging.Logger:
    """Old spelling of :func:`get_logger`; warns."""
    warnings.warn(
        "getLogger is deprecated, use get_logger instead", DeprecationWarning, stacklevel=2
    )
    return get_logger(name, filename, filemode, level)
