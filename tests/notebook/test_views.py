"""Views as widgets: bundles within their budget, traits, messages in and out."""

from __future__ import annotations

import pytest

pytest.importorskip("anywidget")

from workbench.notebook import views
from workbench.notebook.views.base import STATIC
from workbench.watch import GraphView, Run

BUDGET = {"train": 80_000, "curves": 40_000, "graph": 40_000, "timeline": 40_000}


@pytest.fixture
def sent(monkeypatch):
    out = []
    monkeypatch.setattr(views.View, "send", lambda self, content, buffers=None: out.append(content))
    return out


def test_bundles_stay_within_their_budget():
    sizes = {path.stem: path.stat().st_size for path in STATIC.glob("*.js")}
    assert sizes.keys() == BUDGET.keys()
    assert {name: size for name, size in sizes.items() if size > BUDGET[name]} == {}


@pytest.mark.parametrize("name", BUDGET)
def test_each_bundle_is_a_module_of_its_own(name):
    text = (STATIC / f"{name}.js").read_text("utf-8")
    assert "as default" in text
    assert "import" not in text.split("(")[0]
    assert "http://" not in text.replace("http://www.w3.org/", "")


def test_a_view_holds_small_state_only(session):
    view = views.TrainView(session, tab="graph", log=True)
    state = view.get_state()
    assert (state["run"], state["phase"], state["tab"], state["log"]) == (
        "lenet",
        "waiting",
        "graph",
        True,
    )
    assert repr(view) == "mxtrain run: lenet"
    with pytest.raises(Exception, match="smoothing"):
        view.smoothing = 2
    view.close()


def test_a_page_that_asks_after_the_end_is_answered(session, sent, fake):
    view = views.TrainView(session)
    view.start()
    with session:
        fake.train(1, batches=5, seconds=0)
    view.finish()
    sent.clear()
    view.doors._door_b(view, {"t": "sync"}, [])
    assert [content["t"] for content in sent] == ["data"]
    assert sent[0]["reset"]
    assert sent[0]["n"] == 5
    assert sent[0]["state"]["state"] == "finished"


def test_while_the_run_goes_on_only_the_channel_sends(session, sent):
    view = views.TrainView(session)
    view.doors._door_b(view, {"t": "sync"}, [])
    assert sent == []
    view.close()


def test_curves_of_a_run_that_is_over(sent):
    run = Run("old", 4)
    run.history.append({"step": 1, "epoch": 1, "time": 1, "loss": 2.0})
    view = views.CurvesView(run)
    view.doors._door_b(view, {"t": "sync"}, [])
    assert sent[-1]["n"] == 1
    view.close()


def test_curves_of_several_runs(sent):
    view = views.CurvesView(Run("a", 1), Run("b", 2))
    view.doors._door_b(view, {"t": "hello"}, [])
    assert [part["label"] for part in sent[-1]["runs"]] == ["1 a", "2 b"]
    with pytest.raises(ValueError, match="at least one"):
        views.CurvesView()
    view.close()


def test_a_graph_view_sends_its_graph(sent):
    graph = {"nodes": [{"op": "null", "name": "x", "inputs": []}], "arg_nodes": [0], "heads": []}
    view = views.GraphView(GraphView.from_json(graph), "net")
    assert view.text == "mxgraph: net"
    view.doors._door_b(view, {"t": "want", "what": "graph"}, [])
    assert sent[-1]["payload"]["nodes"][0]["name"] == "x"
    view.close()
