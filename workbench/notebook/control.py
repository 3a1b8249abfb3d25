"""Two doors into a busy kernel.

A click has to be heard while the main thread computes. Which way works depends on the kernel and
on the front end, so both stand open and the page finds out by a handshake:

Door A
    ipykernel ≥ 7.4 asks a comm, in the thread of its shell channel, which subshell a message
    belongs to. Ours answers as it is asked and, in passing, hears the message.
Door B
    The ordinary message handler, which JupyterLab reaches by a subshell (ipykernel 7.0 to 7.3),
    and every front end when the main thread is free.

A message may come through both, so hearing one twice must be harmless; and it is heard on foreign
threads, so hearing must do nothing but set flags.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Doors"]

log = logging.getLogger(__name__)

Hear = Callable[[Mapping[str, Any]], None]


class Doors:
    """Opens both doors of a widget.

    Parameters
    ----------
    hear : takes the content of one message; sets flags only.
    answer : called after a message came by the ordinary way, where sending is allowed.

    Attributes
    ----------
    heard : deque of (content, unix time in seconds)
        Clicks in the order they were first heard; what the latency benchmark reads.
    """

    def __init__(self, hear: Hear, answer: Callable[[], None]) -> None:
        self._hear = hear
        self._answer = answer
        self._highest = 0
        self.heard: deque[tuple[Mapping[str, Any], float]] = deque(maxlen=256)

    def open(self, widget: Any) -> None:
        """Attach to *widget*, which may live in a kernel of any version or in none."""
        widget.on_msg(self._door_b)
        comm = getattr(widget, "comm", None)
        if comm is not None:
            comm._reply_subshell_for = self._door_a

    def _door_a(self, data: Any, default: Any) -> Any:
        """Called by the kernel in the middle of its routing, which an error here would break."""
        if isinstance(data, Mapping) and data.get("method") == "custom":
            self._listen(data.get("content"))
        return default

    def _door_b(self, _widget: Any, content: Any, _buffers: Any) -> None:
        self._listen(content)
        self._answer()

    def _listen(self, content: Any) -> None:
        if not isinstance(content, Mapping):
            return
        click = content.get("click")
        if isinstance(click, int) and click > self._highest:
            self._highest = click
            self.heard.append((content, time.time()))
        try:
            self._hear(content)
        except Exception:
            log.exception("a message of the page was not understood: %r", content)
