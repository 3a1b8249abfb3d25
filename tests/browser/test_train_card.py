"""The card of ``%%mxtrain`` in JupyterLab, driven by a loop that only fires signals."""

from __future__ import annotations

LOAD = "%load_ext workbench\nfrom fake_training import *"
NEXT = "print('next', run.state, len(run.loss))"
LONG = "%%mxtrain lenet --no-save\ntrain(60)"


def running(notebook, cell=LONG, *more, **options):
    """A notebook whose cell 1 trains and whose page has shown that the kernel hears it."""
    book = notebook(LOAD, cell, NEXT, *more, **options)
    book.run(0)
    book.start(1)
    book.wait_data("live", "v === 'true'", index=1)
    book.wait_data("points", "v > 5", index=1)
    return book


def test_curve_moves_while_the_cell_runs(notebook):
    book = running(notebook, "%%mxtrain lenet --no-save\ntrain(4)")
    first = int(book.data("points", 1))
    book.wait_data("points", f"v > {first + 10}", index=1)
    assert book.data("state", 1) == "running"
    book.wait_done(1)
    book.run(2)
    assert "next finished 160" in book.text(2)
    book.wait_data("points", "v === '160'", index=1)


def test_stop_ends_the_run_and_the_next_cell_works(notebook):
    book = running(notebook)
    book.card(1).get_by_role("button", name="Stop").click()
    book.wait_done(1)
    book.wait_data("state", "v === 'stopped'", index=1)
    book.run(2)
    assert "next stopped" in book.text(2)
    assert "Error" not in book.text(1)


def test_pause_and_resume(notebook):
    book = running(notebook)
    book.card(1).get_by_role("button", name="Pause").click()
    book.wait_data("state", "v === 'paused'", index=1)
    book.page.wait_for_timeout(300)
    steps = book.data("step", 1)
    book.page.wait_for_timeout(700)
    assert book.data("step", 1) == steps
    book.card(1).get_by_role("button", name="Resume").click()
    book.wait_data("step", f"v > {int(steps) + 5}", index=1)
    book.card(1).get_by_role("button", name="Stop").click()
    book.wait_done(1)


def test_learning_rate_is_set_and_marked(notebook):
    book = running(
        notebook,
        "%%mxtrain lenet --no-save\nt = Trainer(0.05)\ntrain(60, trainer=t)",
        "print(t.learning_rate, [m['kind'] for m in run.history.marks])",
    )
    field = book.card(1).get_by_label("Learning rate")
    field.fill("0.01")
    field.press("Enter")
    book.wait_data("lr", "v === '0.01'", index=1)
    book.card(1).get_by_role("button", name="Stop").click()
    book.wait_done(1)
    book.run(3)
    assert "0.01 ['lr']" in book.text(3)


def test_keys(notebook):
    book = running(notebook)
    book.card(1).focus()
    book.page.keyboard.press("Space")
    book.wait_data("state", "v === 'paused'", index=1)
    book.page.keyboard.press("2")
    assert book.data("tab", 1) == "graph"
    book.page.keyboard.press("1")
    book.page.keyboard.press("Space")
    book.wait_data("state", "v === 'running'", index=1)
    book.page.keyboard.press("s")
    book.wait_done(1)
    book.wait_data("state", "v === 'stopped'", index=1)


def test_exception_shows_its_traceback_and_leaves_the_kernel_well(notebook):
    book = running(notebook, "%%mxtrain lenet --no-save\ntrain(60, fail_at=60)")
    book.wait_done(1)
    book.wait_data("state", "v === 'failed'", index=1)
    text = book.text(1)
    assert "ValueError: the data went away" in text
    assert "train(60, fail_at=60)" in text
    assert "magics.py" not in text
    book.run(2)
    assert "next failed 59" in book.text(2)


def test_interrupt_ends_the_run_and_the_next_cell_works(notebook):
    book = running(notebook)
    book.command("notebook:interrupt-kernel")
    book.wait_done(1)
    book.wait_data("state", "v === 'stopped'", index=1)
    assert "KeyboardInterrupt" in book.text(1)
    book.run(2)
    assert "next stopped" in book.text(2)


def test_after_the_run_the_card_stands_over_its_picture(notebook):
    book = running(notebook, "%%mxtrain lenet --no-save\ntrain(2)")
    book.wait_done(1)
    book.wait_data("adopted", "v === 'true'", index=1)
    assert book.cell(1).locator("img[src^='data:image/png']").is_hidden()
    book.card(1).focus()
    before = book.draws(1)
    book.page.keyboard.press("+")
    book.page.wait_for_function(
        "([el, n]) => Number(el.dataset.draws) > n",
        arg=[book.canvas(1).element_handle(), before],
    )
    outputs = book.save()["cells"][1]["outputs"]
    bundle = next(output["data"] for output in outputs if "image/png" in output.get("data", {}))
    assert "".join(bundle["text/plain"]) == "mxtrain run: lenet"
    assert set(bundle) == {"image/png", "text/plain"}


def test_saved_notebook_shows_the_picture_without_its_kernel(notebook):
    book = running(notebook, "%%mxtrain lenet --no-save\ntrain(2);")
    book.wait_done(1)
    book.wait_data("adopted", "v === 'true'", index=1)
    book.save()
    book.end_kernel()
    book.open()
    picture = book.cell(1).locator("img[src^='data:image/png']")
    picture.wait_for(state="visible")
    assert book.card(1).count() == 0
    assert "rror" not in book.text(1)
    assert picture.bounding_box()["width"] > 300


def test_reload_during_a_run_gets_the_curve_back(notebook):
    book = running(notebook, "%%mxtrain lenet --no-save\ntrain(12)")
    book.save()
    book.page.reload()
    book.page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    book.wait_data("points", "v === '480'", index=1)
    book.wait_data("state", "v === 'finished'", index=1)


def test_closing_the_tab_does_not_stop_the_run(notebook):
    book = running(notebook, "%%mxtrain lenet --no-save\ntrain(8)")
    book.save()
    again = book.another_page()
    book.page.close()
    book.page = again
    book.open()
    book.run(2)
    assert "next finished 320" in book.text(2)


def test_two_devices_on_the_timeline(notebook):
    book = running(
        notebook, "%%mxtrain lenet --no-save --timeline\ntrain(60, devices=True, seconds=0.01);"
    )
    book.page.wait_for_function(
        "() => /events/.test(document.querySelector('.wb-time-info').textContent)"
    )
    assert book.data("tab", 1) == "timeline"
    assert int(book.card(1).locator(".wb-time canvas").get_attribute("data-draws")) > 0
    book.page.wait_for_function(
        "() => /cpu.1./.test(document.querySelector('.wb-foot').textContent)"
    )
    book.card(1).get_by_role("button", name="Stop").click()
    book.wait_done(1)
