"""A run as text."""

from __future__ import annotations

import io

from workbench.watch import Session
from workbench.watch.terminal import Terminal, summary


class Screen(io.StringIO):
    def isatty(self):
        return True


def train(cast, stream, every=0.0):
    with Session("lenet", 2, terminal=False, save=False) as run:
        run.subscribe(Terminal(stream, every))
        trainer, metric = cast.Trainer(), cast.Metric()
        for _ in range(2):
            metric.reset()
            for loss in cast.Loader([0.5, 0.25]):
                cast.backward(cast.Array(loss))
                trainer.step(4)
                metric.update(0.5)
            metric.reset()
            for _ in cast.Loader([0]):
                metric.update(0.75)
    return run


def test_a_line_per_epoch_where_there_is_no_terminal(cast):
    stream = io.StringIO()
    run = train(cast, stream)
    lines = stream.getvalue().splitlines()
    assert [line.split("  ")[1] for line in lines[:2]] == ["epoch 1/2", "epoch 2/2"]
    assert "loss 0.25" in lines[0]
    assert "validation accuracy 0.75" in lines[0]
    assert lines[2].startswith("mxtrain run: lenet: finished after 4 steps")
    assert len(lines) == 3
    assert summary(run) == "mxtrain run: lenet"


def test_one_line_is_rewritten_on_a_terminal(cast, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    stream = Screen()
    train(cast, stream)
    text = stream.getvalue()
    assert text.count("\n") == 2
    assert "epoch 2/2" in text
    assert "▓" in text
    assert "accuracy 0.5" in text


def test_a_terminal_is_written_at_most_four_times_a_second(cast):
    stream = Screen()
    with Session("t", terminal=False, save=False) as run:
        run.subscribe(Terminal(stream))
        for _ in range(300):
            cast.Trainer().step(1)
    assert stream.getvalue().count("\r") < 30


def test_a_stream_that_breaks_does_not_end_the_run(cast):
    stream = io.StringIO()
    stream.close()
    assert train(cast, stream).state == "finished"


def test_a_stream_without_unicode_gets_question_marks(cast):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    stream.isatty = lambda: True
    train(cast, stream)
    assert b"???" in raw.getvalue()


def test_a_stopped_run_says_why(cast):
    stream = io.StringIO()
    with Session("t", terminal=False, save=False) as run:
        run.subscribe(Terminal(stream))
        run.control({"t": "stop", "click": 1})
        cast.Trainer().step(1)
    assert "stopped (stopped by the user)" in stream.getvalue()
