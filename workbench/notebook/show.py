"""What stands in a cell's output: a live view that becomes a picture, or text.

While a cell runs its output is the widget. When it ends the same output is replaced by a picture
and a constant line of text, so that a saved notebook shows the curve wherever it is opened; the
living page puts the interactive view back over the picture.
"""

from __future__ import annotations

import base64
import html
import uuid
from collections import deque
from collections.abc import Sequence
from typing import Any

from IPython.display import display

from ..watch.picture import curves_png

__all__ = [
    "EXTRA",
    "Card",
    "front_end",
    "show_curves",
    "show_graph",
    "show_table",
    "show_timeline",
]

EXTRA = 'Live views need Jupyter\'s widgets: pip install "workbench[lab]"'
KEPT = 20
"""Cards that stay interactive; the widgets of older ones are closed."""

_cards: deque[Card] = deque()
_told = False


def front_end(shell: Any) -> str:
    """Where output goes: ``widget`` (a notebook that can show views) or ``text``.

    In a notebook without the packages of ``workbench[lab]`` one sentence says so, once.
    """
    if not hasattr(shell, "kernel"):
        return "text"
    if _missing():
        global _told
        if not _told:
            _told = True
            print(EXTRA)
        return "text"
    return "widget"


def _missing() -> bool:
    try:
        from . import views  # noqa: F401
    except ImportError as error:
        if (error.name or "").split(".")[0] in ("anywidget", "ipywidgets", "traitlets"):
            return True
        raise
    return False


def picture_bundle(run: Any, text: str) -> dict[str, Any]:
    """Mime bundle of a finished run: its curves as PNG, *text*, nothing else."""
    bundle: dict[str, Any] = {"text/plain": text}
    if data := curves_png(run):
        bundle["image/png"] = base64.b64encode(data).decode("ascii")
    return bundle


class Card:
    """The card of one run in one output.

    Parameters
    ----------
    session : the run.
    tab : the tab on top.
    log : whether the loss axis begins logarithmic.
    """

    def __init__(self, session: Any, *, tab: str = "curves", log: bool = False) -> None:
        from ..watch import runs
        from .views import TrainView

        self.session = session
        self.view = TrainView(session, ghost=runs.previous(session), tab=tab, log=log)
        self._id = uuid.uuid4().hex

    def open(self) -> None:
        """Show the live view; call before the session starts."""
        self.view.start()
        display(self.view, display_id=self._id)

    def close(self) -> None:
        """The run is over: the picture takes the output's place, the page keeps the view."""
        self.view.finish()
        bundle = picture_bundle(self.session, self.view.text)
        if "image/png" in bundle:
            display(bundle, raw=True, display_id=self._id, update=True)
        _keep(self)


def _keep(card: Card) -> None:
    """Hold on to the newest cards. No widget is closed while a run goes on: JupyterLab drops a
    kernel's subshell with its last widget, and messages to it would be lost."""
    _cards.append(card)
    while len(_cards) > KEPT:
        _cards.popleft().view.close()


def show_table(runs: Any) -> None:
    """All runs in memory as a table: HTML for a notebook, text for everything else."""
    display(_Table(runs), metadata={})


class _Table:
    def __init__(self, runs: Any) -> None:
        self._text = repr(runs)

    def __repr__(self) -> str:
        return self._text

    def _repr_html_(self) -> str:
        lines = self._text.splitlines()
        if len(lines) < 2:
            return f"<em>{html.escape(self._text)}</em>"
        head, *rows = ([html.escape(c.strip()) for c in _cells(line, lines)] for line in lines)
        top = "".join(f"<th>{cell}</th>" for cell in head)
        body = "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows
        )
        return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _cells(line: str, lines: Sequence[str]) -> list[str]:
    """Cut a line of the text table where its heading has the columns."""
    head = lines[0]
    starts = [i for i in range(len(head)) if head[i] != " " and (i == 0 or head[i - 1] == " ")]
    return [line[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]


def show_curves(shell: Any, runs: Sequence[Any]) -> None:
    """The curves of *runs* laid over each other."""
    if front_end(shell) == "text":
        for run in runs:
            print(run)
        return
    from .views import CurvesView

    display(CurvesView(*runs))


def show_graph(shell: Any, graph: Any, title: str) -> None:
    """The graph of a Session, Block or Symbol."""
    from ..watch import graph_view

    seen = graph if hasattr(graph, "layout") else graph_view(graph, title=title)
    if front_end(shell) == "text":
        print(seen)
        return
    from .views import GraphView

    display(GraphView(seen, title))


def show_timeline(shell: Any, run: Any) -> None:
    """The timeline of a run."""
    if front_end(shell) == "text":
        print(getattr(run, "trace", None) or f"run {run.number} kept no timeline")
        return
    from .views import TimelineView

    display(TimelineView(run))
