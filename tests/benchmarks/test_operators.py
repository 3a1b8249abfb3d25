"""The operators' benchmark: what it runs, and how its figures come about."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from benchmarks import operators, torch_calls
from benchmarks.operators_table import Table

FORWARD, BOTH = operators.WHATS


def _line(op, size, what, ours, torch):
    return {"rank": 1, "op": op, "size": size, "what": what, "ours": ours, "torch": torch}


def test_sixty_operators_at_three_sizes_each_with_a_call_of_torch():
    found = list(operators.calls())
    assert len(found) == 180
    assert {call.op for call in found} == set(torch_calls.FORWARD)
    assert [call.size for call in found[:3]] == list(operators.SIZES)


def test_words_of_the_list_become_inputs():
    rng = np.random.default_rng(0)
    assert operators.array_of("2x4", rng).shape == (2, 4)
    assert operators.array_of("+10x100", rng).min() >= 0.5
    whole = operators.array_of("i7@100", rng)
    assert set(whole.tolist()) == set(range(7))
    call = next(call for call in operators.calls() if call.op == "slice_axis")
    assert (call.inputs, call.attributes) == (["2x4"], {"axis": 1, "begin": 1, "end": 3})


def test_the_worst_start_counts():
    table = Table(
        [
            _line("exp", "small", FORWARD, 1.0, 2.0),
            _line("exp", "small", FORWARD, 3.0, 4.0),
            _line("log", "small", FORWARD, 1.0, 3.0),
        ]
    )
    key = ("small", FORWARD)
    assert table.ratios["exp"] == {key: 0.75}
    assert table.means()[key] == pytest.approx(0.5)
    assert table.passed
    assert list(table.slower()) == []


@pytest.mark.parametrize(("ours", "passes"), [(2.9, True), (3.1, False)])
def test_one_row_far_above_torch_fails(ours, passes):
    others = [_line(f"op{i}", "large", BOTH, 0.1, 1.0) for i in range(9)]
    table = Table([*others, _line("topk", "large", BOTH, ours, 1.0)])
    assert table.passed is passes
    assert [op for _, op, _ in table.slower()] == ["topk"]


def test_outputs_that_differ_are_not_timed():
    call = next(call for call in operators.calls() if call.op == "exp")
    with pytest.raises(AssertionError, match="exp"):
        operators._compare(call, [np.ones((2, 2))], [np.full((2, 2), 1.1)])


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
def test_every_operator_agrees_with_torch():
    import torch

    for call in operators.calls():
        if call.size == "small":
            assert list(operators._measured(call, torch, 1))


def test_the_page_names_what_is_slower(tmp_path):
    table = Table([_line("sum", "small", FORWARD, 2e-6, 1e-6)])
    page = tmp_path / "operators.md"
    table.write(page, 15)
    text = page.read_text("utf-8")
    assert "| 1 | sum | **2.00 (2 µs)** |" in text
    assert "- sum, forward, small: 2.00." in text
    assert "sum" in table.plain()
