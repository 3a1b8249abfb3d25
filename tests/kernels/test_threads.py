"""Calls on several cores: all are done, and sums come out alike every time."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from workbench.kernels import conv, threads
from workbench.kernels.conv_plan import Axis


def test_every_call_is_done_and_the_first_one_here():
    seen = {}
    calls = [(lambda i: seen.setdefault(i, threading.get_ident()), i, None) for i in range(4)]
    for _ in range(50):
        seen.clear()
        threads.run_all(calls)
        assert sorted(seen) == [0, 1, 2, 3]
        assert seen[0] == threading.get_ident()
        assert len(set(seen.values())) == 4


def test_a_call_inside_a_call_does_its_parts_itself():
    seen = []

    def outer(i):
        threads.run_all([(lambda j: seen.append((i, j, threading.get_ident())), j, None)
                         for j in range(2)])  # fmt: skip

    threads.run_all([(outer, i, None) for i in range(2)])
    assert sorted((i, j) for i, j, _ in seen) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    for i in range(2):
        assert len({ident for one, _, ident in seen if one == i}) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="POSIX")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_starts_threads_of_its_own():
    results = []
    calls = [(results.append, i, None) for i in range(2)]
    threads.run_all(calls)
    child = os.fork()
    if not child:
        threads.run_all(calls)
        os._exit(len(results))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4


@pytest.mark.parametrize("asked", ["3", "2,4"])
def test_omp_num_threads_says_how_many(monkeypatch, asked):
    threads.count.cache_clear()
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert threads.count() == int(asked[0])
    threads.count.cache_clear()


@pytest.mark.usefixtures("needs_llvm")
def test_convolutions_in_parts_are_the_same_bits_every_time(monkeypatch):
    monkeypatch.setattr(threads, "count", lambda: 3)
    monkeypatch.setattr(conv, "PRODUCTS", 1)
    axis = Axis(14, 12, 1, (0, 1, 2))
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(40, 3, 14, 14)), rng.normal(size=(8, 3, 3, 3))
    dy = rng.normal(size=(40, 8, 12, 12))
    x, w, dy = (a.astype("float32") for a in (x, w, dy))
    forward = conv.Correlation(40, axis, axis, 3, 8)
    weight = conv.WeightGradient(40, axis, axis, 3, 8)
    assert forward._parts == weight._parts == 3
    y, dw = forward(x, w), weight(dy, x)
    for _ in range(20):
        np.testing.assert_array_equal(forward(x, w), y)
        np.testing.assert_array_equal(weight(dy, x), dw)
    monkeypatch.setattr(threads, "count", lambda: 1)
    alone = conv.WeightGradient(40, axis, axis, 3, 8)(dy, x)
    np.testing.assert_allclose(dw, alone, rtol=1e-5, atol=1e-4)
