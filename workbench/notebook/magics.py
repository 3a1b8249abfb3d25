"""``%%mxtrain``, ``%mxgraph``, ``%mxprofile``, ``%mxruns``: arguments in, watching out.

The cell under ``%%mxtrain`` is ordinary code and runs unchanged; the magic watches it through
:class:`workbench.watch.Session` and shows what it sees: a live card in a notebook, lines of text
in a terminal.
"""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, line_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from ..watch import Session, StopTraining, runs
from ..watch.runs import Run
from .cell import Cell, guess_epochs, parse_cell, run_cell
from .show import Card, front_end, show_curves, show_graph, show_table, show_timeline

__all__ = ["WorkbenchMagics"]


@magics_class
class WorkbenchMagics(Magics):
    """The magics of ``%load_ext workbench``."""

    shell: Any

    @magic_arguments()
    @argument("name", nargs="?", default="run", help="what the run is called")
    @argument("-e", "--epochs", type=int, help="how many epochs the cell is going to run")
    @argument("--log", action="store_true", help="loss on a logarithmic axis")
    @argument("--timeline", action="store_true", help="open the card on its timeline")
    @argument("--graph", action="store_true", help="open the card on its graph")
    @argument("--stop-on-nan", action="store_true", help="stop when the loss is not finite")
    @argument("--save", metavar="DIR", help="folder for the record of the run")
    @argument("--no-save", action="store_true", help="keep no record on disk")
    @argument("--quiet", action="store_true", help="watch, but show nothing")
    @cell_magic
    def mxtrain(self, line: str, cell: str) -> None:
        """Run the cell and watch what it trains.

        The run is ``run`` in the next cells, and the newest of ``mx.runs``.
        """
        __tracebackhide__ = True
        args = parse_argstring(self.mxtrain, line)
        if args.save and args.no_save:
            raise UsageError("--save and --no-save exclude each other")
        ready = parse_cell(self.shell, cell)
        front = "none" if args.quiet else front_end(self.shell)
        session = Session(
            args.name,
            args.epochs or guess_epochs(ready.tree, self.shell.user_ns),
            save=False if args.no_save else args.save,
            stop_on_nan=args.stop_on_nan,
            terminal=front == "text",
        )
        tab = "timeline" if args.timeline else "graph" if args.graph else "curves"
        card = Card(session, tab=tab, log=args.log) if front == "widget" else None
        self._offer(session)
        self._watch(session, card, ready)

    def _watch(self, session: Session, card: Card | None, ready: Cell) -> None:
        __tracebackhide__ = True
        error: BaseException | None = None
        if card is not None:
            card.open()
        session.start()
        try:
            run_cell(self.shell, ready)
        except StopTraining as stopped:
            error = stopped
            if stopped.session is not session:
                raise
        except BaseException as caught:
            error = caught
            raise
        finally:
            session.finish(error)
            if card is not None:
                card.close()

    def _offer(self, session: Session) -> None:
        """Call the run ``run`` in the notebook, unless the user means something else by it."""
        present = self.shell.user_ns.get("run")
        if present is None or isinstance(present, Run):
            self.shell.user_ns["run"] = session

    @magic_arguments()
    @argument("runs", nargs="*", help="numbers or names of runs; none: a table of all")
    @line_magic
    def mxruns(self, line: str) -> None:
        """A table of the runs, or the curves of some of them laid over each other."""
        args = parse_argstring(self.mxruns, line)
        chosen = [_find(one) for one in args.runs]
        if chosen:
            show_curves(self.shell, chosen)
        else:
            show_table(runs)

    @line_magic
    def mxgraph(self, line: str) -> None:
        """The graph of an expression (a Block, a Symbol), or of the newest run."""
        source = line.strip()
        if source:
            show_graph(self.shell, self.shell.ev(source), source)
            return
        run = _newest()
        graph = getattr(run, "graph", None)
        if graph is None:
            raise UsageError(f"run {run.number} has no graph: it has made no backward yet")
        show_graph(self.shell, graph, run.name)

    @line_magic
    def mxprofile(self, line: str) -> None:
        """Run a statement and show its timeline; without one, the newest run's."""
        source = line.strip()
        if not source:
            show_timeline(self.shell, _newest())
            return
        ready = parse_cell(self.shell, source)
        with Session("profile", save=False, terminal=False) as session:
            run_cell(self.shell, ready)
        show_timeline(self.shell, session)


def _find(key: str) -> Run:
    try:
        return runs[int(key) if key.lstrip("-").isdigit() else key]
    except KeyError as missing:
        raise UsageError(str(missing.args[0])) from None


def _newest() -> Run:
    if not len(runs):
        raise UsageError("there is no run yet: put %%mxtrain at the head of a cell that trains")
    return runs[-1]
