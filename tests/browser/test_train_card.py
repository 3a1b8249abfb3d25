"""The card of ``%%mxtrain`` in JupyterLab, driven by a loop that only fires signals."""

from __future__ import annotations

LOAD = "%load_ext workbench\nfrom fake_training import *"


def test_curve_moves_while_the_cell_runs(notebook):
    book = notebook(LOAD, "%%mxtrain lenet --no-save\ntrain(3)", "print('next', run.state, len(run.loss))")
    book.run(0)
    book.start(1)
    first = int(book.wait_data("points", "v > 5", index=1))
    later = int(book.wait_data("points", f"v > {first + 10}", index=1))
    assert later > first
    book.wait_done(1)
    book.run(2)
    assert "next finished 120" in book.text(2)
    assert book.data("points", 1) == "120"
