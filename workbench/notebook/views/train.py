"""The card of a run: state, controls, and the tabs curves, graph and timeline."""

from __future__ import annotations

from .base import View, script

__all__ = ["TrainView"]


class TrainView(View):
    """The card of ``%%mxtrain``: shows a session while it runs and after."""

    _esm = script("train")

    def start(self) -> None:
        """Begin to send; call before the session starts."""
        self.channel.start()

    def finish(self) -> None:
        """Send the rest and show the run's last state."""
        self.channel.finish()
        self.phase = self.session.state
