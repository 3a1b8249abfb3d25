"""The timeline alone: what ran where and when, and what it waited for."""

from __future__ import annotations

from typing import Any

from .base import View, script

__all__ = ["TimelineView"]


class TimelineView(View):
    """Rows of devices and threads, a bar for each operator or task of a run."""

    _esm = script("timeline")

    def __init__(self, session: Any, **traits: Any) -> None:
        super().__init__(session, **traits)
        if session.state in ("finished", "failed", "stopped", "killed"):
            self.channel.finish()
