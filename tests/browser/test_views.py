"""Views that begin as a picture, and what JupyterLab's own widgets do with them."""

from __future__ import annotations

LOAD = "%load_ext workbench\nfrom fake_training import *"
TRAIN = "%%mxtrain lenet --no-save --quiet\ntrain(2, batches=20, seconds=0, devices=True);"
NET = """\
import workbench as mx
from workbench import nd
a = nd.ones((2, 3)); a.attach_grad()
with mx.autograd.record():
    b = nd.exp(a * 2)
"""


def test_runs_overlay_and_table(notebook):
    book = notebook(LOAD, TRAIN, TRAIN, "%mxruns", "%mxruns 1 2")
    for i in range(5):
        book.run(i)
    assert book.cell(3).locator("table tbody tr").count() == 2
    book.wait_data("adopted", "v === 'true'", index=4)
    book.page.wait_for_function(
        "() => document.querySelectorAll('.wb-legend .wb-entry').length >= 4"
    )
    assert "run 2" in book.text(4)
    outputs = book.save()["cells"][4]["outputs"]
    assert set(outputs[0]["data"]) == {"image/png", "text/plain"}


def test_graph_opens_its_blocks_and_is_found_again_after_a_reload(notebook):
    book = notebook(LOAD, NET, "%mxgraph b")
    for i in range(3):
        book.run(i)
    book.wait_data("adopted", "v === 'true'", index=2)
    scroll = book.card(2).locator(".wb-graph-scroll")
    scroll.locator(".wb-g-item").first.wait_for()
    assert int(scroll.get_attribute("data-boxes")) >= 3
    scroll.locator(".wb-g-item").last.click()
    assert book.card(2).locator(".wb-graph-info h4").count() >= 1
    book.save()
    book.page.reload()
    book.page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    book.wait_data("adopted", "v === 'true'", index=2)


def test_timeline_of_a_statement(notebook):
    book = notebook(LOAD, "%mxprofile train(1, batches=3, seconds=0, devices=True)")
    book.run(0)
    book.run(1)
    book.wait_data("adopted", "v === 'true'", index=1)
    book.page.wait_for_function(
        "() => document.querySelector('.wb-time canvas')?.dataset.draws > 0"
    )


def test_views_stand_in_boxes_and_link(notebook):
    cells = (
        "from workbench.notebook.views import CurvesView\n"
        "from ipywidgets import VBox, FloatSlider, jslink\n"
        "v = CurvesView(mx.runs[-1]); s = FloatSlider(value=0.6, max=0.9)\n"
        "jslink((v, 'smoothing'), (s, 'value')); VBox([v, v, s])"
    )
    book = notebook(LOAD + "\nimport workbench as mx", TRAIN, cells, "print(v.smoothing)")
    for i in range(3):
        book.run(i)
    book.page.wait_for_function("() => document.querySelectorAll('.wb-card .wb-panel').length >= 4")
    book.cell(2).locator(".wb-slider").first.evaluate(
        "(el) => { el.value = '0.3'; el.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    book.page.wait_for_function(
        "() => [...document.querySelectorAll('.wb-slider')].every((el) => el.value === '0.3')"
    )
    book.page.wait_for_function(
        "() => /0.30/.test(document.querySelector('.widget-readout').textContent)"
    )
    book.run(3)
    assert "0.3" in book.text(3)
