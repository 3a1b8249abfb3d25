"""Sessions: step boundaries, epochs, losses, metrics, clicks, endings."""

from __future__ import annotations

import json
import math
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from workbench import signals
from workbench.watch import Session, StopTraining, runs


def session(**options):
    return Session("t", **{"terminal": False, "save": False, **options})


def train(cast, run_epochs, losses, val=(), trainer=None):
    """A Gluon loop over batches that are their own losses."""
    trainer = trainer or cast.Trainer()
    metric, loader, held_out = cast.Metric(), cast.Loader(losses), cast.Loader(val)
    for _ in range(run_epochs):
        metric.reset()
        for loss in loader:
            cast.backward(cast.Array([loss, loss]))
            trainer.step(2)
            metric.update(1 - loss)
        metric.reset()
        for value in held_out:
            metric.update(value)
    return trainer


def test_a_gluon_loop_gives_steps_epochs_loss_metrics_and_validation(cast):
    with session(epochs=2) as run:
        train(cast, 2, [0.5, 0.25, 0.125], val=[0.5, 1.0])
    columns = run.history.columns()
    assert list(columns) == ["step", "epoch", "time", "loss", "lr", "accuracy"]
    assert columns["step"].tolist() == [1, 2, 3, 4, 5, 6]
    assert columns["epoch"].tolist() == [1, 1, 1, 2, 2, 2]
    assert columns["loss"].tolist() == [0.5, 0.25, 0.125] * 2
    assert columns["lr"].tolist() == [0.1] * 6
    np.testing.assert_allclose(columns["accuracy"], [0.5, 0.625, 0.7083333333333334] * 2)
    held = run.history.validation.columns()
    assert held["epoch"].tolist() == [1, 2]
    assert held["step"].tolist() == [3, 6]
    assert held["accuracy"].tolist() == [0.75, 0.75]
    assert run.state == "finished"
    assert run.loss.tolist() == columns["loss"].tolist()


def test_state_dict_is_json_and_counts(cast):
    seen = []
    with session(epochs=2) as run:
        run.subscribe(lambda s, what: seen.append((what, s.state_dict())))
        train(cast, 2, [0.5, float("nan"), 0.125])
    for _, state in seen:
        json.dumps(state, allow_nan=False)
    state = run.state_dict()
    assert (state["epoch"], state["epochs"], state["step"]) == (2, 2, 6)
    assert (state["step_in_epoch"], state["steps_per_epoch"]) == (3, 3)
    assert state["progress"] == 1.0
    assert state["nonfinite"] == 2
    assert state["batch_size"] == 2
    assert state["eta"] is None
    assert 0 < state["cost"] <= 1
    assert [what for what, _ in seen if what == "epoch"] == ["epoch"]
    assert math.isnan(run.loss[1])
    assert run.history.marks[0]["kind"] == "nan"


def test_eta_counts_down_while_running(cast):
    etas = []
    with session(epochs=3) as run:
        run.subscribe(lambda s, what: etas.append(s.state_dict()["eta"]))
        trainer, loader = cast.Trainer(), cast.Loader([0.1] * 4)
        for _ in range(3):
            for loss in loader:
                cast.backward(cast.Array(loss))
                time.sleep(0.002)
                trainer.step(1)
    known = [eta for eta in etas if eta is not None]
    assert known
    assert all(eta >= 0 for eta in known)
    assert known[-1] <= max(known)


def test_several_backwards_between_two_steps_are_averaged_by_size(cast):
    with session() as run:
        trainer = cast.Trainer()
        for _ in range(2):
            cast.backward(cast.Array([1.0, 1.0, 1.0]))
            cast.backward(cast.Array([5.0]))
            trainer.step(4)
    assert run.loss.tolist() == [2.0, 2.0]


def test_heads_in_one_list_are_averaged(cast):
    with session() as run:
        cast.backward(cast.Array([1.0]), cast.Array([3.0]))
        cast.Trainer().step(2)
    assert run.loss.tolist() == [2.0]


def test_a_loop_without_trainer_steps_at_the_next_batch(cast):
    with session() as run:
        for _ in range(2):
            for loss in cast.Loader([3.0, 2.0]):
                cast.backward(cast.Array(loss))
    assert run.loss.tolist() == [3.0, 2.0, 3.0, 2.0]
    assert run.history["epoch"].tolist() == [1, 1, 2, 2]
    assert run.state_dict()["lr_locked"] == "the loop updates its parameters itself"


@pytest.mark.parametrize("count", [1, 3, 40])
def test_a_bare_loop_steps_at_every_backward(cast, count):
    with session() as run:
        for value in range(count):
            cast.backward(cast.Array(float(value)))
    assert run.loss.tolist() == [float(value) for value in range(count)]
    assert run.history["step"].tolist() == list(range(1, count + 1))


def test_gradient_accumulation_makes_one_row_per_step(cast):
    with session() as run:
        trainer = cast.Trainer()
        for index, loss in enumerate(cast.Loader([1.0, 3.0] * 4)):
            cast.backward(cast.Array(loss))
            if index % 2:
                trainer.step(2)
    # Until the first update nothing says that there will be any, so its batches count alone.
    assert run.loss.tolist() == [1.0, 3.0, 2.0, 2.0, 2.0]


def test_updates_without_any_loss_have_no_loss_column(cast):
    with session() as run:
        for _ in cast.Loader([0, 0]):
            cast.Trainer().step(1)
    assert "loss" not in run.history
    assert len(run.history) == 2
    assert run.loss.size == 0


def test_metric_between_forward_and_backward_of_the_first_batch_is_training(cast):
    metric, trainer = cast.Metric(), cast.Trainer()
    with session() as run:
        for loss in cast.Loader([0.5, 0.5]):
            metric.update(1.0)
            cast.backward(cast.Array(loss))
            trainer.step(1)
    assert len(run.history.validation) == 0
    assert run.history["accuracy"].tolist() == [1.0, 1.0]


def test_without_loaders_a_reset_tells_validation_from_training(cast):
    metric, trainer = cast.Metric(), cast.Trainer()
    with session() as run:
        for _ in range(2):
            metric.reset()
            for _ in range(3):
                cast.backward(cast.Array(1.0))
                trainer.step(1)
                metric.update(0.5)
            metric.reset()
            metric.update(0.25)
    assert run.history["accuracy"].tolist() == [0.5] * 6
    assert run.history.validation["accuracy"].tolist() == [0.25, 0.25]


def test_validation_in_the_middle_of_a_pass_does_not_start_an_epoch(cast):
    trainer, metric = cast.Trainer(), cast.Metric()
    with session() as run:
        for index, loss in enumerate(cast.Loader([1.0] * 6)):
            cast.backward(cast.Array(loss))
            trainer.step(1)
            if index % 2:
                metric.reset()
                for _ in cast.Loader([0, 0]):
                    metric.update(0.5)
    assert run.progress.epoch == 1
    assert run.history.validation["step"].tolist() == [2, 4, 6]


def test_a_metric_called_loss_does_not_mix_with_the_loss(cast):
    metric, trainer = cast.Metric("loss"), cast.Trainer()
    with session() as run:
        for loss in cast.Loader([4.0, 2.0]):
            cast.backward(cast.Array(loss))
            trainer.step(1)
            metric.update(loss)
    assert run.loss.tolist() == [4.0, 2.0]
    assert run.history["loss metric"].tolist() == [4.0, 3.0]


def test_stop_raises_at_the_next_step_and_the_cell_ends_well(cast):
    trainer = cast.Trainer()
    with session() as run:
        for index, loss in enumerate(cast.Loader([1.0] * 9)):
            cast.backward(cast.Array(loss))
            if index == 2:
                run.control({"t": "stop", "click": 1})
                assert run.state == "stopping"
            trainer.step(1)
    assert run.state == "stopped"
    assert trainer.updates == 2
    assert len(run.history) == 2
    assert run.state_dict()["reason"] == "stopped by the user"


def test_stop_passes_except_exception_but_not_except_keyboardinterrupt(cast):
    saved = []
    with session() as run:
        run.control({"t": "stop", "click": 1})
        try:
            try:
                cast.Trainer().step(1)
            except Exception:
                pytest.fail("a stop must pass 'except Exception'")
        except KeyboardInterrupt as stop:
            saved.append(stop)
            raise
    assert isinstance(saved[0], StopTraining)
    assert run.state == "stopped"


def test_a_stop_of_an_outer_session_goes_through_the_inner_one(cast):
    with session() as outer, session() as inner:
        outer.control({"t": "stop", "click": 1})
        cast.Trainer().step(1)
    assert (outer.state, inner.state) == ("stopped", "stopped")


def test_a_bare_loop_obeys_stop(cast):
    with session() as run:
        for count in range(100):
            cast.backward(cast.Array(1.0))
            if count == 30:
                run.control({"t": "stop", "click": 1})
    assert run.state == "stopped"
    assert len(run.history) <= 31


def test_pause_waits_and_another_thread_lets_go_on(cast):
    trainer = cast.Trainer()
    with session() as run:
        trainer.step(1)
        run.control({"t": "pause", "click": 1, "on": True})
        states = []

        def resume():
            while run.state != "paused":
                time.sleep(0.005)
            states.append(run.state_dict()["state"])
            run.control({"t": "pause", "click": 2, "on": False})

        helper = threading.Thread(target=resume)
        helper.start()
        trainer.step(1)
        helper.join()
    assert states == ["paused"]
    assert [mark["kind"] for mark in run.history.marks] == ["pause", "resume"]
    assert trainer.updates == 2
    assert run.state == "finished"


def test_stop_ends_a_pause(cast):
    with session() as run:
        run.control({"t": "pause", "click": 1})
        timer = threading.Timer(0.02, run.control, [{"t": "stop", "click": 2}])
        timer.start()
        cast.Trainer().step(1)
    timer.join()
    assert run.state == "stopped"


def test_a_new_rate_is_set_at_the_boundary_and_marked(cast):
    trainer = cast.Trainer(0.1)
    with session() as run:
        trainer.step(1)
        run.control({"t": "lr", "click": 1, "value": 0.01})
        assert trainer.learning_rate == 0.1
        trainer.step(1)
    assert trainer.learning_rate == 0.01
    assert run.history["lr"].tolist() == [0.1, 0.01]
    assert run.history.marks == [{"step": 2, "kind": "lr", "text": "rate 0.1 → 0.01"}]


def test_a_scheduler_keeps_the_rate_and_says_so(cast):
    trainer = cast.Trainer(0.1, scheduler=object())
    with session() as run:
        trainer.step(1)
        assert run.state_dict()["lr_locked"] == "a scheduler sets the rate"
        run.control({"t": "lr", "click": 1, "value": 0.01})
        trainer.step(1)
    assert trainer.learning_rate == 0.1
    assert "a scheduler sets the rate" in run.state_dict()["notice"]


@pytest.mark.parametrize("value", ["x", None, float("nan"), float("inf"), -1, [1]])
def test_a_rate_that_is_none_is_refused(cast, value):
    trainer = cast.Trainer(0.1)
    with session() as run:
        run.control({"t": "lr", "click": 1, "value": value})
        trainer.step(1)
    assert trainer.learning_rate == 0.1
    assert "learning rate must be a number" in run.state_dict()["notice"]


@pytest.mark.parametrize("content", [None, 3, "stop", [], {}, {"t": "what"}, {"t": "stop"}])
def test_messages_that_make_no_sense_are_passed_over(content):
    with session() as run:
        run.control(content)
        assert run.state == "waiting"


def test_a_click_that_comes_twice_counts_once():
    with session() as run:
        for _ in range(2):
            run.control({"t": "pause", "click": 5})
        assert run.controls.pause
        assert run.state_dict()["live"]
        run.control({"t": "sync"})
        assert run.take_sync()
        assert not run.take_sync()


def test_stop_on_nan(cast):
    trainer = cast.Trainer()
    with session(stop_on_nan=True) as run:
        for loss in cast.Loader([1.0, float("inf"), 1.0, 1.0]):
            cast.backward(cast.Array(loss))
            trainer.step(1)
    assert run.state == "stopped"
    assert "not finite at step 2" in run.state_dict()["reason"]
    assert trainer.updates == 2


def end_with(error, run, cast):
    with run:
        cast.backward(cast.Array(1.0))
        cast.Trainer().step(1)
        raise error


def test_an_exception_is_kept_and_goes_on(cast):
    run = session()
    with pytest.raises(ZeroDivisionError):
        end_with(ZeroDivisionError("no\nway"), run, cast)
    assert run.state == "failed"
    assert run.error == {"type": "ZeroDivisionError", "message": "no\nway", "epoch": 1, "step": 1}
    assert run.state_dict()["reason"] == "ZeroDivisionError: no"
    assert run.loss.tolist() == [1.0]


def test_an_interrupt_is_a_stop_and_goes_on(cast):
    run = session()
    with pytest.raises(KeyboardInterrupt):
        end_with(KeyboardInterrupt(), run, cast)
    assert (run.state, run.state_dict()["reason"]) == ("stopped", "interrupted")


def test_other_threads_are_not_watched(cast):
    with session() as run:
        helper = threading.Thread(target=train, args=(cast, 1, [0.5, 0.5]))
        helper.start()
        helper.join()
    assert len(run.history) == 0


def test_a_pending_loss_is_not_waited_for(cast):
    var = SimpleNamespace(pending=True)
    trainer = cast.Trainer()
    with session() as run:
        cast.backward(cast.Array(1.0, var))
        trainer.step(1)
        cast.backward(cast.Array(2.0))
        trainer.step(1)
        cast.backward(cast.Array(3.0))
        assert len(run.history) == 0
        var.pending = False
        trainer.step(1)
    assert run.loss.tolist() == [1.0, 2.0, 3.0]


def test_trouble_while_watching_never_breaks_the_run(cast):
    with session() as run:
        signals.fire(signals.backward, [object()])
        cast.Trainer().step(1)
    assert run.state == "finished"
    assert "AttributeError" in run.state_dict()["notice"]


def test_a_session_starts_once(cast):
    with session() as run:
        pass
    with pytest.raises(RuntimeError, match="make a new one"), run:
        pass


@pytest.mark.parametrize("epochs", [0, -1, True])
def test_epochs_must_be_positive(epochs):
    with pytest.raises(ValueError, match="epochs"):
        Session("t", epochs)


def test_sessions_are_runs(cast):
    with session() as one:
        pass
    with session() as two:
        assert runs[-1] is two
    assert runs[one.number] is one
    assert runs["t"] is two
    assert runs.previous(two) is one
    assert repr(one).startswith(f"<Run {one.number} 't' finished: 0 steps")


def test_results_are_the_same_watched_or_not(cast):
    watched, alone = cast.Trainer(), cast.Trainer()
    with session():
        train(cast, 2, [0.5, 0.25], trainer=watched)
    train(cast, 2, [0.5, 0.25], trainer=alone)
    assert watched.updates == alone.updates
