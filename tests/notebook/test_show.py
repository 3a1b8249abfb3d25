"""What is put into an output: a constant text, one picture, and a way for the page to find it."""

from __future__ import annotations

import base64
import sys
from types import SimpleNamespace

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("matplotlib")

from workbench.notebook import show
from workbench.watch import Run, runs


@pytest.fixture
def shown(monkeypatch):
    """Everything that is displayed, as (object, options)."""
    out = []
    monkeypatch.setattr(show, "display", lambda obj, **options: out.append((obj, options)))
    show._views.clear()
    yield out
    while show._views:
        show._views.pop().close()


def finished(number=1, name="lenet"):
    run = Run(name, number)
    for step in range(1, 20):
        run.history.append({"step": step, "epoch": 1, "time": step, "loss": 1 / step})
    run._state = {"state": "finished", "step": 19}
    return run


@pytest.fixture
def page_shell():
    return SimpleNamespace(kernel=object())


def test_first_and_last_bundle_carry_the_same_text(session, shown, fake):
    card = show.Card(session)
    card.open()
    with session:
        fake.train(1, batches=4, seconds=0)
    card.close()
    (view, first), (bundle, last) = shown
    assert view._repr_mimebundle_()[0]["text/plain"] == "mxtrain run: lenet"
    assert bundle["text/plain"] == "mxtrain run: lenet"
    assert set(bundle) == {"image/png", "text/plain"}
    assert first["display_id"] == last["display_id"]
    assert last["update"]
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["image/png"].endswith(view.picture)
    assert view.phase == "finished"


def test_the_last_run_of_the_same_name_is_the_ghost(session, shown):
    runs.add(finished(0, "lenet"))
    assert show.Card(session).view.channel.ghost.number == 0


def test_curves_of_runs_begin_as_a_picture(shown, page_shell):
    show.show_curves(page_shell, [finished(1), finished(2)])
    ((bundle, options),) = shown
    assert options["raw"]
    assert bundle["text/plain"] == "mxtrain run: 1 and 2"
    assert show._views[-1].picture
    show.show_curves(page_shell, [finished(1)])
    assert shown[-1][0]["text/plain"] == "mxtrain run: lenet"


def test_a_graph_begins_as_a_picture(shown, page_shell):
    graph = {"nodes": [{"op": "null", "name": "x", "inputs": []}], "arg_nodes": [0], "heads": []}
    from workbench.watch import GraphView

    show.show_graph(page_shell, GraphView.from_json(graph), "net")
    ((bundle, _),) = shown
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    assert show._views[-1].picture in bundle["image/svg+xml"]


def test_without_matplotlib_the_view_itself_is_shown(shown, page_shell, monkeypatch):
    monkeypatch.setattr(show, "overlay_png", lambda found: None)
    show.show_curves(page_shell, [finished()])
    assert shown[-1][0] is show._views[-1]


def test_old_views_are_closed(shown, page_shell, monkeypatch):
    monkeypatch.setattr(show, "KEPT", 1)
    show.show_curves(page_shell, [finished()])
    first = show._views[0]
    show.show_curves(page_shell, [finished()])
    assert first.comm is None
    assert len(show._views) == 1


def test_front_end():
    assert show.front_end(SimpleNamespace()) == "text"
    assert show.front_end(SimpleNamespace(kernel=1)) == "widget"


def test_a_missing_extra_is_one_sentence_with_the_pip_line(monkeypatch, capsys, page_shell):
    for name in [m for m in sys.modules if m.startswith("workbench.notebook.views")]:
        monkeypatch.delitem(sys.modules, name)
    import workbench.notebook

    monkeypatch.delattr(workbench.notebook, "views", raising=False)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.setattr(show, "_told", False)
    assert show.front_end(page_shell) == "text"
    assert show.front_end(page_shell) == "text"
    out = capsys.readouterr().out
    assert out.count('pip install "workbench[lab]"') == 1
    assert len(out.splitlines()) == 1


def test_the_table_is_html_for_pages_and_text_for_terminals(shown):
    runs.add(finished(3, "a<b"))
    show.show_table(runs)
    table = shown[-1][0]
    assert "a<b" in repr(table)
    assert "<td>a&lt;b</td>" in table._repr_html_()
    runs.clear()
    show.show_table(runs)
    assert "no runs yet" in shown[-1][0]._repr_html_()
