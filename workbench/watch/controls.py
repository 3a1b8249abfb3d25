"""Flags that clicks set and step boundaries read.

A click arrives on whatever thread the front end has free, while the watched thread computes. So
taking one does nothing but set a flag, and is harmless when the same click comes twice.
"""

from __future__ import annotations

import math
import threading
from typing import Any

__all__ = ["Controls"]


class Controls:
    """What the user asked for.

    Attributes
    ----------
    live : a message has come through, so clicks will.
    stop, pause : asked for, and until taken back in the case of pause.
    lr : a learning rate to be set at the next step boundary, or None.
    click : highest click number seen.
    notice : one line for the user.
    any : False when a step boundary has nothing to look at; the only test on the fast path.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.live = self.stop = self.pause = self.want_sync = self.any = False
        self.lr: float | None = None
        self.click = 0
        self.notice = ""

    def take(self, content: Any) -> None:
        """Obey one message; what is not understood is passed over."""
        if not isinstance(content, dict):
            return
        kind, click = content.get("t"), content.get("click")
        with self._lock:
            self.live = True
            if kind == "sync":
                self.want_sync = True
            if kind not in ("stop", "pause", "lr") or not isinstance(click, int):
                return
            if click <= self.click:
                return
            self.click = click
            if kind == "stop":
                self.stop = self.any = True
            elif kind == "pause":
                on = content.get("on")
                self.pause = (not self.pause) if on is None else bool(on)
                self.any = True
            else:
                self._take_rate(content.get("value"))

    def take_rate(self) -> float | None:
        """The learning rate asked for, once."""
        with self._lock:
            rate, self.lr = self.lr, None
            self.any = self.stop or self.pause
            return rate

    def take_sync(self) -> bool:
        """Whether the whole history was asked for since the last call."""
        with self._lock:
            wanted, self.want_sync = self.want_sync, False
            return wanted

    def refuse(self, why: str) -> None:
        """Say why a click was not obeyed."""
        with self._lock:
            self.notice = why

    def _take_rate(self, value: Any) -> None:
        try:
            rate = float(value)
        except (TypeError, ValueError):
            rate = math.nan
        if math.isfinite(rate) and rate >= 0:
            self.lr, self.any, self.notice = rate, True, ""
        else:
            self.notice = f"learning rate must be a number from 0 up, got {value!r}"
