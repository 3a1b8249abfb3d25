"""A notebook run without a page, as nbconvert and nbval do: picture and text in every output."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("anywidget")
pytest.importorskip("matplotlib")

HERE = Path(__file__).parent
CELLS = (
    "%load_ext workbench\nfrom fake_training import *",
    "%%mxtrain lenet --no-save\ntrain(2, batches=10, seconds=0, devices=True);",
    "assert len(run.loss) == 20 and run.state == 'finished'",
    "%mxruns 1 1",
    "%mxprofile",
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_every_output_is_a_picture_and_text(monkeypatch):
    path = [HERE.parents[1], HERE.parent / "browser"]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, path)))
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbclient.NotebookClient(book, timeout=60, kernel_name="python3").execute()
    for index in (1, 3, 4):
        (output,) = book.cells[index].outputs
        assert set(output["data"]) == {"image/png", "text/plain"}
    assert book.cells[1].outputs[0]["data"]["text/plain"] == "mxtrain run: lenet"
