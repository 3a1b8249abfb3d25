"""The generator's words mean what their Python namesakes mean."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("needs_llvm")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Compile a body that gets ``f`` and the address of an array, and run it on a copy."""
    from workbench.kernels.llvm import builder, jit

    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    numbers = itertools.count()

    def run(body, array):
        def build():
            module = builder.Module("test")
            with module.function("test", [builder.POINTER]) as (f, data):
                body(f, data, builder)
            return module

        array = np.array(array)
        jit.compiled(f"test {next(numbers)}", ["test"], build)[0](array.ctypes.data)
        return array.tolist()

    return run


def test_loops_count_as_range_does(run):
    def body(f, data, b):
        with f.loop(2, 9, 3) as i, f.loop(0, i) as j:
            f.store(f.load(b.I64, data, i) + j, data, i)
        with f.loop(5, 5):
            f.store(f.constant(b.I64, 99), data, 0)

    assert run(body, [0] * 10) == [0, 0, 1, 0, 0, 10, 0, 0, 28, 0]


def test_conditions_guard_their_block(run):
    def body(f, data, b):
        with f.loop(0, 6) as i:
            x = f.load(b.I64, data, i)
            with f.when((x > 1) & (x <= 4)):
                f.store(f.select(x.eq(3), -x, x * 10), data, i)

    assert run(body, [0, 1, 2, 3, 4, 5]) == [0, 1, 20, -3, 40, 5]


def test_variables_change(run):
    def body(f, data, b):
        total = f.variable(f.constant(b.I64, 1))
        with f.loop(0, 5) as i:
            total.set(total.get() * 3 + f.load(b.I64, data, i))
        f.store(total.get(), data, 0)

    assert run(body, [1, 0, 2, 0, 1])[0] == 1 * 3**5 + 81 + 18 + 1


@pytest.mark.parametrize(
    "formula",
    [
        lambda x: x + 3,
        lambda x: 3 - x,
        lambda x: (x << 3) ^ 5,
        lambda x: x >> 1,
        lambda x: (x | 8) & ~(x * 0 + 2),
        lambda x: x * x - 7,
    ],
)
def test_integers_compute_as_in_python(run, formula):
    def body(f, data, b):
        with f.loop(0, 5) as i:
            f.store(formula(f.load(b.I64, data, i)), data, i)

    values = [-9, -1, 0, 6, 1000]
    assert run(body, values) == [formula(x) for x in values]


def test_integer_division_truncates_as_in_c(run):
    def body(f, data, b):
        with f.loop(0, 4) as i:
            x = f.load(b.I64, data, i)
            f.store((x // 4) * 100 + x % 4, data, i)

    assert run(body, [9, -9, 3, -4]) == [201, -201, 3, -100]


def test_numbers_become_constants_in_each_lane(run):
    def body(f, data, b):
        x = f.load(b.F64, data, 0, lanes=4)
        y = 1 / (2.0 - f.fma(x, 3, x))
        f.store(f.select(x < 0.0, 7.0, y), data, 0)
        f.store(f.splat(f.load(b.F64, data, 3), 2), data, 4)

    assert run(body, [0.0, 1.0, -1.0, 0.25, 0.0, 0.0]) == [0.5, -0.5, 7.0, 1.0, 1.0, 1.0]


def test_code_can_be_read_as_llvm_and_as_assembly():
    from workbench.kernels.llvm import builder, jit

    module = builder.Module("test")
    with module.function("twice", [builder.POINTER]) as (f, data):
        f.store(f.load(builder.F32, data) * 2.0, data)
    assert "fmul float" in module.text()
    assert "define void @twice" in str(jit.optimized(module))
    assert "twice:" in jit.assembly(module)


def test_host_has_lanes():
    from workbench.kernels.llvm import cpu

    assert cpu.host().lanes in (4, 8, 16)
    assert cpu.host().name
