"""What all views share: a bundle, a channel to the page and the doors back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..channel import Channel
from ..control import Doors

__all__ = ["STATIC", "View", "script"]

STATIC = Path(__file__).parent / "static"


def script(name: str) -> str:
    """The built bundle called *name*; every widget sends it to its page."""
    return (STATIC / f"{name}.js").read_text(encoding="utf-8")


class View(anywidget.AnyWidget):
    """A view of one run.

    Traits are small state that a user may link or observe; data never is a trait, it goes by the
    channel.

    Attributes
    ----------
    run : str
        Name of the run.
    phase : str
        State of the run at its beginning and end.
    tab : str
        The tab on top, in views that have tabs.
    smoothing : float
        Factor of the exponential mean over training curves, 0 (none) to 0.99.
    log : bool
        Whether the axis of the loss is logarithmic.
    picture : str
        A piece of the data of the picture that stands for the view in its output, by which the
        page finds the place for the living view.
    """

    run = traitlets.Unicode("").tag(sync=True)
    phase = traitlets.Unicode("waiting").tag(sync=True)
    tab = traitlets.Unicode("curves").tag(sync=True)
    smoothing = traitlets.Float(0.6, min=0.0, max=0.99).tag(sync=True)
    log = traitlets.Bool(False).tag(sync=True)
    picture = traitlets.Unicode("").tag(sync=True)

    def __init__(self, session: Any, *, ghost: Any = None, **traits: Any) -> None:
        super().__init__(run=session.name, phase=session.state, **traits)
        self.session = session
        self.channel = Channel(session, self._send_page, ghost=ghost)
        self.doors = Doors(self._hear, self._answer)
        self.doors.open(self)

    @property
    def text(self) -> str:
        """What stands for the view where only text can be shown; never changes."""
        return f"mxtrain run: {self.run}"

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return {"text/plain": self.text}, {}
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": self.text}, metadata

    def _send_page(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(content, buffers=buffers)

    def _hear(self, content: Mapping[str, Any]) -> None:
        """Flags only: this runs on foreign threads, in the middle of the kernel's routing."""
        control = getattr(self.session, "control", None)
        if control is not None:
            control(dict(content))
        self.channel.note(content)

    def _answer(self) -> None:
        """The run is over and the page asks: nobody else would answer."""
        if self.channel.idle:
            self.channel.flush()
