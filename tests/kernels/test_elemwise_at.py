"""Fused kernels bound to shapes give what the general ones give."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from workbench.kernels import llvm, threads
from workbench.kernels.elemwise import Recorder, fused
from workbench.kernels.elemwise_at import SHARE, SMALLEST, fused_at

pytestmark = pytest.mark.skipif(not llvm.available(), reason="llvmlite is not installed")


def kernel(outputs=1):
    xp = Recorder("float32")
    a, b = xp.inputs(2)
    found = [xp.tanh(a) * b + 0.25, a - b, xp.exp(-b)][:outputs]
    return fused(found[0] if outputs == 1 else found)


def alike(one, other):
    """Equal but for rounding: small ones NumPy computes."""
    return np.allclose(one, other, rtol=2e-6, atol=1e-6)


def arrays(*shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((40, 30), (40, 30)),
        ((40, 30), (30,)),
        ((40, 30), (40, 1)),
        ((40, 30), (1,)),
        ((4, 10, 30), (10, 30)),
        ((SHARE + 77, 2), (SHARE + 77, 2)),
        ((SHARE // 8, 17), (17,)),
    ],
)
@pytest.mark.parametrize("cores", [1, 3])
def test_all_ways_to_lie_on_one_core_and_on_several(one, other, cores, monkeypatch):
    monkeypatch.setattr(threads, "count", lambda: cores)
    a, b = arrays(one, other)
    made = fused_at(kernel(2), [one, other])
    for got, expected in zip(made(a, b), kernel(2)(a, b), strict=True):
        assert alike(got, expected)


def test_into_given_arrays_and_over_an_input():
    a, b = arrays((40, 30), (40, 30))
    first, second = kernel(2)(a, b)
    out = np.empty_like(a)
    made = fused_at(kernel(2), [a.shape, b.shape]).into(a, b, None, out)
    assert made[1] is out
    assert alike(made[0], first)
    assert alike(out, second)
    fused_at(kernel(), [a.shape, b.shape]).into(a, b, a)
    assert alike(a, first)


def test_arrays_that_are_not_contiguous():
    wide = arrays((40, 60))[0]
    a, b = wide[:, ::2], wide[:, 30:]
    assert alike(fused_at(kernel(), [a.shape, b.shape])(a, b), kernel()(a, b))
    out = np.empty((40, 60), "float32")[:, ::2]
    fused_at(kernel(), [a.shape, b.shape]).into(a, b, out)
    assert alike(out, kernel()(a, b))


def test_small_arrays_and_odd_shapes_are_left_to_numpy():
    assert fused_at(kernel(), [(SMALLEST - 1,), (SMALLEST - 1,)]) is None
    assert fused_at(kernel(), [(8, 1, 64), (8, 16, 1)]) is None


def test_several_threads_at_once():
    a, b = arrays((64, 64), (64, 64))
    made, expected = fused_at(kernel(), [a.shape, b.shape]), kernel()(a, b)
    wrong = []

    def work():
        for _ in range(50):
            if not np.array_equal(made(a, b), expected):
                wrong.append(1)

    crew = [threading.Thread(target=work) for _ in range(4)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    assert not wrong
