"""Both doors hear, hear a click once, and never break the kernel's routing."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

from workbench.notebook.control import Doors


class Widget:
    def __init__(self, comm=True):
        self.comm = SimpleNamespace() if comm else None
        self.handlers = []

    def on_msg(self, handler):
        self.handlers.append(handler)

    def message(self, content):
        """As the kernel hands it over: door A while routing, then door B."""
        default = self.comm._reply_subshell_for({"method": "custom", "content": content}, "sub-1")
        assert default == "sub-1"
        for handler in self.handlers:
            handler(self, content, [])


@pytest.fixture
def opened():
    heard, answers = [], []
    doors = Doors(heard.append, lambda: answers.append(len(heard)))
    widget = Widget()
    doors.open(widget)
    return SimpleNamespace(doors=doors, widget=widget, heard=heard, answers=answers)


def test_a_click_through_both_doors_is_noted_once(opened):
    opened.widget.message({"t": "stop", "click": 5})
    assert len(opened.heard) == 2
    assert [content["click"] for content, _ in opened.doors.heard] == [5]
    assert opened.answers == [2]


def test_door_a_alone_is_heard_and_answers_nothing(opened):
    data = {"method": "custom", "content": {"t": "hello"}}
    assert opened.widget.comm._reply_subshell_for(data, None) is None
    assert opened.heard == [{"t": "hello"}]
    assert opened.answers == []


@pytest.mark.parametrize(
    "data", [None, 3, {}, {"method": "update", "state": {}}, {"method": "custom", "content": 7}]
)
def test_other_messages_pass_by(opened, data):
    assert opened.widget.comm._reply_subshell_for(data, "x") == "x"
    assert opened.heard == []


def test_an_error_in_hearing_does_not_reach_the_kernel(caplog):
    doors = Doors(lambda content: 1 / 0, lambda: None)
    widget = Widget()
    doors.open(widget)
    with caplog.at_level(logging.ERROR):
        widget.message({"t": "hello"})
    assert "was not understood" in caplog.text


def test_a_widget_outside_a_kernel_has_only_one_door():
    heard = []
    widget = Widget(comm=False)
    Doors(heard.append, lambda: None).open(widget)
    widget.handlers[0](widget, {"t": "hello"}, [])
    assert heard == [{"t": "hello"}]


def test_clicks_set_flags_that_the_next_step_obeys(session, fake):
    doors = Doors(session.control, lambda: None)
    widget = Widget()
    doors.open(widget)
    trainer = fake.Trainer(0.05)
    with session:
        fake.train(1, batches=3, seconds=0, trainer=trainer)
        widget.message({"t": "lr", "click": 1, "value": 0.01})
        fake.train(1, batches=3, seconds=0, trainer=trainer)
        assert trainer.learning_rate == 0.01
        widget.message({"t": "stop", "click": 2})
        fake.train(1, batches=3, seconds=0, trainer=trainer)
    assert session.state == "stopped"
    assert trainer.steps == 6
