"""Random programs on three devices give what sequential execution gives, to the last bit."""

from __future__ import annotations

import random

import numpy as np
import pytest

from workbench.engine import Engine, Var
from workbench.error import MXNetError

_OPERATIONS = 300
_DEVICES = ("a", "b", "c")


class _Chunk:
    """A piece of memory and the views of it, which share its variable."""

    def __init__(self, number: int) -> None:
        self.data = np.random.default_rng(number).integers(0, 97, 12)
        self.var = Var()
        self.views = [self.data, self.data[2:8], self.data.reshape(3, 4)[1:, ::2], self.data[::-1]]


def _program(seed: int) -> list[tuple]:
    choose = random.Random(seed)
    program: list[tuple] = []
    for _ in range(_OPERATIONS):
        kind = choose.choices(
            ("new", "copy", "inplace", "view", "add", "wait", "wait_write", "inline", "fail"),
            (5, 20, 20, 20, 20, 2, 1, 3, 1),
        )[0]
        chunks = tuple(choose.randrange(10) for _ in range(3))
        views = tuple(choose.randrange(4) for _ in range(3))
        program.append((kind, chunks, views, choose.choice(_DEVICES), choose.randrange(3)))
    return program


def _operation(kind: str, chunks: list[_Chunk], views: tuple, number: int):
    """The work and what it reads and writes."""
    one, two, out = chunks
    left, right = one.views[views[0]], two.views[views[1]]
    target = out.views[views[2]]

    def fail() -> None:
        raise MXNetError(f"operation {number}")

    def whole() -> None:
        out.data[...] = one.data + number

    def add_in_place() -> None:
        out.data *= 3
        out.data += two.data
        out.data %= 1009

    def through_views() -> None:
        target[...] = (target + int(left.sum()) + int(right.max())) % 1009

    def sum_of_two() -> None:
        out.data[...] = (one.data * 5 + two.data[::-1]) % 1009

    if kind == "fail":
        return fail, [], [out.var]
    if kind in ("copy", "inline"):
        return whole, [one.var], [out.var]
    if kind == "inplace":
        return add_in_place, [two.var, out.var], [out.var]
    if kind == "view":
        return through_views, [one.var, two.var, out.var], [out.var]
    return sum_of_two, [one.var, two.var], [out.var]


def _execute(program: list[tuple], one: Engine, bulk: int = 0) -> tuple[list, list[str]]:
    """Run a program; the content of every chunk at the end, and the errors in order."""
    chunks = [_Chunk(number) for number in range(10)]
    errors: list[str] = []
    waits: list[np.ndarray] = []
    one.set_bulk_size(bulk)
    for number, (kind, picked, views, ctx, priority) in enumerate(program):
        three = [chunks[index] for index in picked]
        if kind == "new":
            chunks[picked[0]] = _Chunk(number)
        elif kind == "wait":
            one.wait(three[0].var)
            waits.append(three[0].data.copy())
        elif kind == "wait_write":
            one.wait_to_write(three[0].var)
            three[0].data += 1
            waits.append(three[0].data.copy())
        else:
            fn, reads, writes = _operation(kind, three, views, number)
            one.push(fn, reads, writes, ctx, kind, priority=priority, inline=kind == "inline")
    one.set_bulk_size(0)
    try:
        one.wait_all()
    except MXNetError as error:
        errors.append(str(error))
    return [chunk.data for chunk in chunks] + waits, errors


def _without_errors(program: list[tuple]) -> list[tuple]:
    return [step for step in program if step[0] != "fail"]


@pytest.mark.parametrize("block", range(5))
def test_threads_equal_sequential(block):
    sequential = Engine(naive=True)
    engines = [Engine(width=2), Engine(width=1), Engine(width=2, backlog=20)]
    for seed in range(block * 30, block * 30 + 30):
        program = _without_errors(_program(seed))
        expected, _ = _execute(program, sequential)
        got, errors = _execute(program, engines[seed % 3], bulk=(0, 0, 5, 16)[seed % 4])
        assert errors == []
        for left, right in zip(expected, got, strict=True):
            np.testing.assert_array_equal(left, right, err_msg=f"program {seed}")
    for one in engines:
        assert one.in_flight() == 0
        one.stop_workers()


class _Model:
    """What must come out of a program with errors: which memory is spoilt, by which operation."""

    def __init__(self) -> None:
        self.spoilt: dict[int, int] = {}
        self.first: int | None = None

    def run(self, program: list[tuple]) -> tuple[int | None, set[int]]:
        for number, (kind, (one, two, out), _, _, _) in enumerate(program):
            if kind == "new":
                self.spoilt.pop(one, None)
            elif kind == "fail":
                self.first = number if self.first is None else self.first
                self.spoilt[out] = number
            elif kind not in ("wait", "wait_write"):
                reads = {"copy": [one], "inplace": [two, out], "view": [one, two, out]}
                bad = [self.spoilt[c] for c in reads.get(kind, [one, two]) if c in self.spoilt]
                if bad:
                    self.spoilt[out] = bad[0]
                else:
                    self.spoilt.pop(out, None)
        return self.first, set(self.spoilt)


def test_errors_come_in_program_order_and_spoil_only_what_depends_on_them():
    one, sequential = Engine(width=2), Engine(naive=True)
    for seed in range(1000, 1030):
        program = [
            step for step in _program(seed) if step[0] not in ("wait", "wait_write", "inline")
        ]
        first, spoilt = _Model().run(program)
        got, errors = _execute(program, one)
        assert errors == ([] if first is None else [f"operation {first}"])
        # A sequential run in which failures only leave the old content tells the clean chunks.
        kept = [step for step in program if step[0] != "fail"]
        if first is None:
            expected, _ = _execute(kept, sequential)
            clean = range(10)
        else:
            expected = _clean_run(program)
            clean = [index for index in range(10) if index not in spoilt]
        for index in clean:
            np.testing.assert_array_equal(expected[index], got[index], err_msg=f"program {seed}")
    one.stop_workers()


def _clean_run(program: list[tuple]) -> list[np.ndarray]:
    """Plain execution, one operation after the other, without an engine."""
    chunks = [_Chunk(number) for number in range(10)]
    for number, (kind, picked, views, _, _) in enumerate(program):
        if kind == "new":
            chunks[picked[0]] = _Chunk(number)
        elif kind != "fail":
            fn, _, _ = _operation(kind, [chunks[index] for index in picked], views, number)
            fn()
    return [chunk.data for chunk in chunks]
