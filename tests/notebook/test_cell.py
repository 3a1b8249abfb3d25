"""Reading a cell for its number of epochs, without running it."""

from __future__ import annotations

import ast

import pytest

from workbench.notebook.cell import guess_epochs

LOOP = """
for epoch in range({n}):
    for data, label in loader:
        with autograd.record():
            loss = f(net(data), label)
        loss.backward()
        trainer.step(64)
"""


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        (LOOP.format(n="10"), {}, 10),
        (LOOP.format(n="2, 8, 3"), {}, 2),
        ("epochs = 7\n" + LOOP.format(n="epochs"), {"epochs": 3}, 7),
        ("epochs, lr = 7, 0.1\n" + LOOP.format(n="epochs"), {}, 7),
        (LOOP.format(n="epochs"), {"epochs": 3}, 3),
        (LOOP.format(n="epochs"), {}, None),
        ("n = 1\nn = 2\n" + LOOP.format(n="n"), {}, None),
        (LOOP.format(n="len(xs)"), {}, None),
        (LOOP.format(n="1, 9, 0"), {}, None),
        (LOOP.format(n="0"), {}, None),
        ("for i in range(100):\n    loss.backward()", {}, None),
        ("for x in range(4):\n    print(x)", {}, None),
        ("mod.fit(it, num_epoch=12)", {}, 12),
        ("print('nothing')", {}, None),
        ("for e in range(5):\n    while it.more():\n        trainer.step(1)", {}, 5),
    ],
)
def test_epochs_are_read_off_plain_code_only(text, known, expected):
    assert guess_epochs(ast.parse(text), known) == expected
