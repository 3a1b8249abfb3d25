"""What stands in a cell's output: a picture with a living view over it, or text.

While a cell trains, its output is the widget. When it ends the same output is replaced by a picture
and a constant line of text, so that a saved notebook shows the curve wherever it is opened; the
living page puts the interactive view back over the picture. Views of what is over already begin
with the picture.
"""

from __future__ import annotations

import base64
import html
import uuid
from collections import deque
from collections.abc import Sequence
from typing import Any

from IPython.display import display

from ..watch.picture import graph_svg, run_png, timeline_png
from .overlay import overlay_png

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
"""Views that stay interactive; older ones are closed, their pictures stay."""

Bundle = dict[str, Any]

_views: deque[Any] = deque()
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


def picture_bundle(text: str, png: bytes | None = None, svg: str = "") -> tuple[Bundle, str]:
    """A mime bundle of one picture and *text*, and a piece of the picture's address in a page."""
    if png:
        data = base64.b64encode(png).decode("ascii")
        return {"text/plain": text, "image/png": data}, data[-64:]
    if svg:
        key = uuid.uuid4().hex
        return {"text/plain": text, "image/svg+xml": f"{svg}<!--{key}-->"}, key
    return {"text/plain": text}, ""


def _show(view: Any, png: bytes | None = None, svg: str = "") -> None:
    """Display a view of something that is over: its picture, which the page makes live."""
    bundle, view.picture = picture_bundle(view.text, png, svg)
    if view.picture:
        display(bundle, raw=True)
    else:
        display(view)
    _keep(view)


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

        self.session, self._tab = session, tab
        self.view = TrainView(session, ghost=runs.previous(session), tab=tab, log=log)
        self._id = uuid.uuid4().hex

    def open(self) -> None:
        """Show the live view; call before the session starts."""
        self.view.start()
        display(self.view, display_id=self._id)

    def close(self) -> None:
        """The run is over: the picture takes the output's place, the page keeps the view."""
        self.view.finish()
        picture = run_png(self.session, timeline=self._tab == "timeline")
        bundle, piece = picture_bundle(self.view.text, picture)
        if piece:
            display(bundle, raw=True, display_id=self._id, update=True)
            self.view.picture = piece
        _keep(self.view)


def _keep(view: Any) -> None:
    """Hold on to the newest views. No widget is closed while a run goes on: JupyterLab drops a
    kernel's subshell with its last widget, and messages to it would be lost."""
    _views.append(view)
    while len(_views) > KEPT:
        _views.popleft().close()


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

    _show(CurvesView(*runs), png=overlay_png(runs))


def show_graph(shell: Any, graph: Any, title: str) -> None:
    """The graph of a Session, Block or Symbol."""
    from ..watch import graph_view

    seen = graph if hasattr(graph, "layout") else graph_view(graph, title=title)
    if front_end(shell) == "text":
        print(seen)
        return
    from .views import GraphView

    _show(GraphView(seen, title), svg=graph_svg(seen))


def show_timeline(shell: Any, run: Any) -> None:
    """The timeline of a run."""
    if front_end(shell) == "text":
        print(getattr(run, "trace", None) or f"run {run.number} kept no timeline")
        return
    from .views import TimelineView

    _show(TimelineView(run), png=timeline_png(run))
