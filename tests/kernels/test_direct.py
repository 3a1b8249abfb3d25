"""Machine code that is called as a function of arrays."""

from __future__ import annotations

import sys
import threading

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("needs_llvm")


def doubling():
    from workbench.kernels.llvm import jit
    from workbench.kernels.llvm.builder import F32, I64, POINTER, Module

    def build():
        module = Module("double")
        with module.function("double", [POINTER]) as (f, block):
            x, count, y = (
                f.load(POINTER, block, 0),
                f.load(I64, block, 1),
                f.load(POINTER, block, 2),
            )
            with f.loop(0, count) as i:
                f.store(f.load(F32, x, i) * 2.0, y, i)
        return module

    return jit.compiled("test of direct calls", ["double"], build)[0]


@pytest.fixture(params=["machine code", "ctypes", "without the lock"])
def call(request, monkeypatch):
    from workbench.kernels.llvm import direct

    if request.param == "ctypes":
        monkeypatch.setattr(direct, "available", lambda: False)
    release = request.param == "without the lock"
    return direct.direct(doubling(), ["float32"] * 2, [0, 6, 0], (0, 2), release=release)


def test_it_computes_into_its_last_array_and_returns_it(call):
    data, out = np.arange(6, dtype="float32"), np.empty(6, "float32")
    assert call(data, out) is out
    assert out.tolist() == [0, 2, 4, 6, 8, 10]


def test_it_refuses_what_it_would_misread(call):
    data, out = np.arange(12, dtype="float32"), np.zeros(6, "float32")
    raw = np.zeros(25, "uint8")[1:].view("float32")
    assert not raw.flags.aligned
    for wrong in (data[::2], data.astype("float64"), data.astype("int32"), raw):
        assert call(wrong, out) is not out
    assert not out.any()


def test_it_leaves_the_counts_of_references_alone(call):
    data, out = np.arange(6, dtype="float32"), np.empty(6, "float32")
    before = sys.getrefcount(data), sys.getrefcount(out)
    for _ in range(100):
        call(data, out)
        call(data[::2], out)
    assert (sys.getrefcount(data), sys.getrefcount(out)) == before


def test_other_objects_are_no_arrays():
    from workbench.kernels.llvm import direct

    if not direct.available():
        pytest.skip("array objects are laid out in another way here")
    made = direct.direct(doubling(), ["float32"] * 2, [0, 6, 0], (0, 2))
    out = np.zeros(6, "float32")
    for wrong in (3, None, [1.0], object(), type("Sub", (np.ndarray,), {})((6,))):
        assert made(wrong, out) is not out
    assert made(out) is not out
    assert made() is not out


def test_threads_may_share_it(call):
    wrong = []

    def work(start):
        data, out = np.full(6, start, "float32"), np.empty(6, "float32")
        for _ in range(300):
            call(data, out)
            if not (out == 2 * start).all():
                wrong.append(start)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []


@pytest.mark.parametrize("available", [True, False])
def test_what_its_words_point_to_lives_as_long_as_the_function(available, monkeypatch):
    import gc
    import weakref

    from workbench.kernels.llvm import direct

    if not available:
        monkeypatch.setattr(direct, "available", lambda: False)
    table = np.ones(4, np.float32)
    alive = weakref.ref(table)
    made = direct.direct(doubling(), ["float32"] * 2, [0, 6, 0], (0, 2), keep=(table,))
    del table
    gc.collect()
    assert alive() is not None
    del made
    gc.collect()
    assert alive() is None


def test_prepared_pooling_outlives_the_tables_that_are_kept():
    import gc

    from workbench.kernels import windows
    from workbench.ops import get

    op, data = get("Pooling"), np.random.default_rng(0).normal(size=(2, 3, 9, 9)).astype("float32")
    params = {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1), "pool_type": "avg"}
    run = windows.short(op, [data], params)
    expected = op.body(np, data, **params)
    windows._pooled.cache_clear()
    gc.collect()
    rubbish = [np.full(size, np.nan, np.float32) for size in range(1, 400)]
    np.testing.assert_allclose(run(data), expected, rtol=1e-5, atol=1e-6)
    del rubbish
