"""The tour in JupyterLab, as ``make lab`` shows it: run from top to bottom, and looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

TOUR = Path(__file__).parents[2] / "notebooks" / "00-tour.ipynb"
WHOLE_RUN = 300_000


@pytest.fixture
def tour():
    """The tour as it is on disk, without outputs."""
    document = json.loads(TOUR.read_text(encoding="utf-8"))
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return document


@pytest.fixture
def index_of(tour):
    """The number of the one cell that begins with these words."""

    def find(words: str) -> int:
        sources = ["".join(cell["source"]) for cell in tour["cells"]]
        (found,) = [i for i, source in enumerate(sources) if source.startswith(words)]
        return found

    return find


def shown(book, index):
    """A cell's card, scrolled into view: the page draws nothing that nobody sees."""
    card = book.card(index)
    card.scroll_into_view_if_needed()
    return card


def see_moving_curve(book, index):
    """The loss is drawn again and again while the cell runs."""
    book.wait_data("points", "v > 5", index=index, timeout=WHOLE_RUN)
    shown(book, index)
    assert book.data("state", index) == "running"
    points, draws = int(book.data("points", index)), book.draws(index)
    book.wait_data("points", f"v > {points + 20}", index=index)
    assert book.draws(index) > draws


def see_network(book, card):
    """The tab with the graph, and a network drawn by itself, show LeNet's layers."""
    card.get_by_role("tab", name="Graph").click()
    for layer in ("Conv 5×5", "max pool 2×2 /2", "Flatten", "Dense"):
        card.get_by_text(layer).first.wait_for(state="visible")


def see_timeline(card):
    """The timeline is drawn, and the foot of the card names both devices and their meeting."""
    card.get_by_role("tab", name="Timeline").click()
    canvas = card.locator(".wb-time canvas").first
    canvas.wait_for(state="visible")
    assert int(canvas.get_attribute("data-draws")) > 0
    rows = card.locator(".wb-busy").all_inner_texts()
    assert {"cpu(0)", "cpu(1)", "kvstore"} <= {row.split()[0] for row in rows}


@pytest.mark.timeout(600)
def test_the_tour_runs_from_top_to_bottom(notebook, tour, index_of):
    book = notebook(document=tour)
    lenet, devices = index_of("%%mxtrain lenet"), index_of("%%mxtrain two-devices")
    last = max(i for i, cell in enumerate(tour["cells"]) if cell["cell_type"] == "code")
    book.run(index_of("%load_ext workbench"))
    book.run_all()

    see_moving_curve(book, lenet)
    book.wait_done(last, timeout=WHOLE_RUN)
    for index in (lenet, devices):
        book.wait_data("state", "v === 'finished'", index=index)
    see_network(book, shown(book, lenet))
    see_timeline(shown(book, devices))
    for words in ("# NBVAL_IGNORE_OUTPUT\n# drawn", "%mxgraph lenet"):
        drawing = book.cell(index_of(words))
        drawing.scroll_into_view_if_needed()
        drawing.locator(".jp-OutputArea-output :is(svg, img):visible").first.wait_for()

    cells = [cell for cell in book.save()["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in cells)
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [output for output in outputs if output["output_type"] == "error"] == []
    assert [output for output in outputs if output.get("name") == "stderr"] == []
