"""Pictures of curves: every series and the caption are in them, and they are well formed."""

from __future__ import annotations

import importlib.util
import io
import math
import sys
from xml.etree import ElementTree

import pytest

from workbench.watch import Session
from workbench.watch.panels import caption, panels, ticks
from workbench.watch.picture import curves_png, curves_svg, save_curves

NEEDS_MATPLOTLIB = pytest.mark.skipif(
    importlib.util.find_spec("matplotlib") is None, reason="pip install matplotlib"
)


def run_of(cast, losses=(2.0, 1.0, math.nan, 0.5), name="lenet", error=None):
    run = Session(name, 2, terminal=False, save=False)
    try:
        with run:
            trainer, metric = cast.Trainer(), cast.Metric()
            for _ in range(2):
                metric.reset()
                for loss in cast.Loader(losses):
                    cast.backward(cast.Array(loss))
                    trainer.step(4)
                    metric.update(0.5)
                metric.reset()
                for _ in cast.Loader([0]):
                    metric.update(0.75)
            if error:
                raise error
    except Exception:
        assert error
    return run


def texts(svg):
    return [one.text for one in ElementTree.fromstring(svg).iter() if one.tag.endswith("text")]


def test_svg_shows_titles_legend_caption_and_what_is_not_finite(cast):
    shown = texts(curves_svg(run_of(cast)))
    assert {"loss", "accuracy", "train 0.5", "validation 0.75"} <= set(shown)
    assert any("▲ not finite: 2" in text for text in shown)
    assert any("lenet · run" in text and "2 epochs · 8 steps" in text for text in shown)
    assert "loss 0.5 · accuracy 0.5 · validation accuracy 0.75" in shown


def test_svg_escapes_names_and_shows_the_exception(cast):
    run = run_of(cast, name="<a&b>", error=ValueError("x < y & z\nmore"))
    shown = texts(curves_svg(run))
    assert any(text.startswith("<a&b>") for text in shown)
    assert "ValueError: x < y & z (epoch 2, step 8)" in shown
    assert caption(run)[0].split(" · ")[2] == "failed"


@NEEDS_MATPLOTLIB
def test_png_is_one_and_odd_names_are_no_formulas(cast):
    assert curves_png(run_of(cast, name="a $x_ b"))[:8] == b"\x89PNG\r\n\x1a\n"


def test_without_matplotlib_there_is_no_png_but_svg(cast, monkeypatch, tmp_path):
    for name in [name for name in sys.modules if name.startswith("matplotlib")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    run = run_of(cast)
    assert curves_png(run) is None
    with pytest.raises(ImportError, match=r"pip install 'workbench\[lab\]'"):
        save_curves(run, tmp_path / "a.png")
    save_curves(run, tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text() == curves_svg(run)


def test_other_endings_are_refused(cast, tmp_path):
    with pytest.raises(ValueError, match=r"\.bmp"):
        save_curves(run_of(cast), tmp_path / "a.bmp")


@pytest.mark.parametrize("losses", [[], [1.0], [math.nan], [math.nan, math.inf], [0.0, 0.0]])
def test_odd_runs_have_pictures_too(cast, losses):
    run = run_of(cast, losses)
    ElementTree.fromstring(curves_svg(run))
    if importlib.util.find_spec("matplotlib"):
        assert curves_png(run)


def test_a_run_nobody_started_has_a_picture():
    ElementTree.fromstring(curves_svg(Session("t", save=False)))


def test_long_runs_are_thinned_and_smoothed_with_the_raw_values_behind(cast):
    loss = panels(run_of(cast, [1.0 + math.sin(i) for i in range(5000)]))[0]
    assert [one.pale for one in loss.series] == [True, False]
    assert all(len(one.x) <= 4100 for one in loss.series)


def test_one_high_value_does_not_flatten_the_rest(cast):
    losses = [1.0 + 0.01 * math.sin(i) for i in range(100)]
    losses[3] = 1e6
    *_, high = panels(run_of(cast, losses))[0].limits()
    assert high < 2


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3, 7), (0.001, 0.0013), (1e6, 3e9), (0, 0), (5, 5 + 1e-9)]
)
def test_ticks_are_few_and_inside(low, high):
    made = ticks(low, high)
    assert 1 <= len(made) <= 6
    assert all(low - 1e-6 * abs(low) <= tick <= high + 1e-6 * abs(high) for tick in made)


def test_a_run_looked_at_by_its_timeline_is_pictured_with_it():
    pytest.importorskip("matplotlib")
    from matplotlib.image import imread

    from workbench.engine import events
    from workbench.watch import Session
    from workbench.watch.picture import curves_png, run_png

    with Session("two", save=False, terminal=False) as run:
        for i in range(6):
            run.history.append({"step": i + 1, "time": 0.01 * (i + 1), "loss": 1.0 / (i + 1)})
            begin = events.now()
            events.record("cpu(0)", "dot", begin, begin + 500.0)
    alone, both = curves_png(run), run_png(run, timeline=True)
    tall, taller = (imread(io.BytesIO(one)).shape[0] for one in (alone, both))
    assert taller > tall + 50
    assert run_png(run) == alone
