"""Fused kernels: the same values with and without machine code, for all shapes and layouts."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.error import DTypeError, ShapeError
from workbench.kernels import elemwise, llvm
from workbench.kernels.elemwise import Recorder, fused
from workbench.kernels.trace import NotTraceable

FLOATS = ("float32", "float64")


def chain(xp, a, b, c, d):
    return xp.tanh(a * b + c) * (1 / (1 + xp.exp(-d))) - xp.exp(-a)


def traced(formula, inputs, dtype="float32"):
    xp = Recorder(dtype)
    return fused(formula(xp, *xp.inputs(inputs)))


def normal(*shapes, dtype="float32", seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(dtype) for shape in shapes]


def close(got, expected, limit=3e-6):
    __tracebackhide__ = True
    assert got.shape == expected.shape
    scale = np.abs(expected).max(initial=1)
    limit = limit if got.dtype == np.float32 else limit * 1e-8
    np.testing.assert_allclose(got, expected, rtol=limit, atol=limit * scale)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("size", [2048, 2049, 2079, 4095, 100003])
def test_a_chain_equals_numpy_at_every_width(lanes, dtype, size):
    arrays = normal(*[size] * 4, dtype=dtype)
    exact = chain(np, *[a.astype("float64") for a in arrays])
    close(traced(chain, 4, dtype)(*arrays), exact)


def test_every_element_is_computed_alike_wherever_it_stands(lanes):
    kernel = traced(chain, 4)
    arrays = [np.full(2048 + 37, value, "float32") for value in (0.3, -1.2, 0.7, 2.0)]
    assert len(set(kernel(*arrays).tolist())) == 1


SHAPES = [
    [(64, 100), (64, 100)],
    [(64, 100), (100,)],
    [(64, 100), (64, 1)],
    [(64, 1), (1, 100)],
    [(64, 100), ()],
    [(), (64, 100)],
    [(1, 1), (64, 100)],
    [(8, 8, 50), (8, 50)],
    [(8, 8, 50), (50,)],
    [(8, 8, 50), (8, 8, 1)],
    [(8, 1, 50), (8, 8, 50)],
    [(8, 8, 50), (1, 8, 1)],
    [(3, 1), (1, 2)],
    [(0, 5), (5,)],
    [(), ()],
]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_arrays_broadcast_as_in_numpy(shapes, dtype, needs_llvm):
    a, b = normal(*shapes, dtype=dtype)
    kernel = traced(lambda xp, a, b: (a - b) * b + 3, 2, dtype)
    expected = (a - b) * b + np.asarray(3, dtype)  # NumPy 1 makes float64 of 0-d arrays
    np.testing.assert_array_equal(kernel(a, b), expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a[:, ::2],
        lambda a: a[::-1],
        lambda a: np.asfortranarray(a),
        lambda a: a[:, 3:],
        lambda a: np.broadcast_to(a[:1], a.shape),
    ],
)
def test_arrays_need_not_be_contiguous(change):
    a, b = (change(x) for x in normal((100, 100), (100, 100)))
    kernel = traced(lambda xp, a, b: a * b - a, 2)
    np.testing.assert_array_equal(kernel(a, b), a * b - a)
    out = np.full((100, 200), 7, "float32")[:, ::2]
    a, b = normal((100, 100), (100, 100))
    assert kernel(a, b, out=out) is out
    np.testing.assert_array_equal(out, a * b - a)


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("size", [10, 5000])
def test_out_may_be_an_input_or_overlap_one(native, size, monkeypatch):
    if not native:
        monkeypatch.setenv("WORKBENCH_NO_LLVM", "1")
    kernel = traced(lambda xp, a, b: xp.where(a > 0, a * b, b - a), 2)
    store, b = normal(size + 1, size)
    for a, out in (
        (store[:-1], store[:-1]),
        (store[:-1], store[1:]),
        (store[1:], store[:-1]),
        (store[:1], store[1:]),
    ):
        before = store.copy()
        expected = np.where(a > 0, a * b, b - a)
        assert kernel(a, b, out=out) is out
        np.testing.assert_array_equal(out, expected)
        store[:] = before
        kernel.bind((a, b), out)()
        np.testing.assert_array_equal(out, expected)
        store[:] = before


@pytest.mark.parametrize("native", [True, False])
def test_several_outputs_among_them_inputs_and_constants(native, monkeypatch):
    if not native:
        monkeypatch.setenv("WORKBENCH_NO_LLVM", "1")
    xp = Recorder()
    a, b = xp.inputs(2)
    product = a * b
    kernel = fused([product, product + 1, a, xp.lift(2.5), product])
    x, y = normal(3000, 3000)
    results = kernel(x, y)
    for got, expected in zip(results, [x * y, x * y + 1, x, np.full_like(x, 2.5), x * y],
                             strict=True):  # fmt: skip
        np.testing.assert_array_equal(got, expected)
    assert len({id(r) for r in results} | {id(x)}) == 6
    outs = [np.empty_like(x) for _ in range(5)]
    assert kernel(x, y, out=outs)[1] is outs[1]
    np.testing.assert_array_equal(outs[1], results[1])


def test_bound_kernels_read_the_arrays_anew(needs_llvm):
    kernel = traced(chain, 4)
    for size in (10, 5000):
        arrays = normal(*[size] * 4)
        out = np.empty(size, "float32")
        run = kernel.bind(arrays, out)
        run()
        np.testing.assert_array_equal(out, kernel(*arrays))
        arrays[0] *= -2
        run()
        np.testing.assert_array_equal(out, kernel(*arrays))


def test_special_values_pass_as_in_numpy(lanes):
    special = np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 1e-42, 3e38, 2.5, -2.5, 0.5])
    a, b = (x.reshape(-1).astype("float32") for x in np.meshgrid(special, special))
    a, b = np.tile(a, 20), np.tile(b, 20)
    formulas = {
        "maximum": lambda xp, a, b: xp.maximum(a, b),
        "minimum": lambda xp, a, b: xp.minimum(a, b),
        "relu": lambda xp, a, b: xp.maximum(a, 0),
        "clip": lambda xp, a, b: xp.clip(a, -1, 2),
        "sign": lambda xp, a, b: xp.sign(a) * b,
        "rounding": lambda xp, a, b: xp.floor(a) + xp.ceil(b) - xp.trunc(a) * xp.rint(b),
        "copysign": lambda xp, a, b: xp.copysign(a, b),
        "divide": lambda xp, a, b: a / b,
        "order": lambda xp, a, b: xp.where((a < b) | (a >= 2), 1, 2) + (a <= b) * 4 + (a > b) * 8,
        "equal": lambda xp, a, b: (a == b) * 2 + xp.where(a != b, 1, 0),
        "tests": lambda xp, a, b: xp.isnan(a) * 1 + xp.isinf(b) * 2 + xp.isfinite(a) * 4,
        "logic": lambda xp, a, b: xp.where(xp.logical_and(a, b) ^ xp.logical_not(a), a, b),
        "square": lambda xp, a, b: xp.square(a) + 1 / b + xp.abs(-a) + xp.sqrt(b),
    }
    for name, formula in formulas.items():
        kernel = traced(formula, 2)
        with np.errstate(all="ignore"):
            expected = formula(np, a, b).astype("float32")
        np.testing.assert_array_equal(kernel(a, b), expected, err_msg=name)
        assert kernel._native, name


UNARY = ["tanh", "exp", "sqrt", "square", "negative", "absolute", "floor", "sin", "log1p", "sign"]
BINARY = ["add", "subtract", "multiply", "divide", "maximum", "minimum", "less", "equal"]


@st.composite
def programs(draw):
    """Steps over three inputs: a function's name, and which earlier values it takes."""
    steps = []
    for i in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from([*UNARY, *BINARY, "where", "const"]))
        args = draw(st.tuples(*[st.integers(0, 2 + i)] * 3))
        steps.append((name, args, draw(st.sampled_from([0.0, 1.0, -0.75, 3.0]))))
    return steps


def run_program(xp, steps, inputs, real):
    values = list(inputs)
    for name, args, number in steps:
        a, b, c = (values[i] for i in args)
        if name == "const":
            values.append(real(a * number))
        elif name == "where":
            values.append(xp.where(a > b, c, a))
        else:
            values.append(real(getattr(xp, name)(*((a,) if name in UNARY else (a, b)))))
    return values[-1]


@settings(deadline=None, max_examples=25)
@given(steps=programs(), native=st.booleans(), size=st.sampled_from([7, 2100, 40000]))
def test_random_programs_equal_numpy(steps, native, size):
    xp = Recorder("float64")
    expression = run_program(xp, steps, xp.inputs(3), xp.real)
    kernel = fused(expression)
    kernel._native = None if native else False
    arrays = normal(*[size] * 3, dtype="float64", seed=size)
    with np.errstate(all="ignore"):
        expected = run_program(np, steps, arrays, lambda v: np.asarray(v, "float64"))
    np.testing.assert_allclose(kernel(*arrays), expected, rtol=1e-9, atol=1e-9)


def test_constants_do_not_make_new_code(needs_llvm, monkeypatch):
    from workbench.kernels import elemwise_llvm

    x = normal(4000)[0]
    traced(lambda xp, a: a * 0.25 + 7, 1)(x)
    monkeypatch.setattr(elemwise_llvm, "module_of", None)
    np.testing.assert_array_equal(
        traced(lambda xp, a: a * 3.5 + -9, 1)(x), x * np.float32(3.5) + np.float32(-9)
    )


def test_without_llvmlite_the_values_agree(monkeypatch):
    arrays = normal(*[5000] * 4)
    with_code = traced(chain, 4)(*arrays)
    monkeypatch.setenv("WORKBENCH_NO_LLVM", "1")
    assert not llvm.available()
    kernel = traced(chain, 4)
    close(kernel(*arrays), with_code)
    assert kernel._native is False


def test_a_function_that_the_generator_does_not_know_runs_on_numpy():
    kernel = traced(lambda xp, a: xp.sin(a) * 2, 1)
    x = normal(5000)[0]
    np.testing.assert_array_equal(kernel(x), np.sin(x) * 2)
    assert kernel._native is False


def test_small_arrays_compile_nothing(monkeypatch):
    monkeypatch.setattr(elemwise, "_generator", None)
    kernel = traced(chain, 4)
    arrays = normal(*[100] * 4)
    close(kernel(*arrays), chain(np, *arrays))


def test_threads_may_share_a_kernel(needs_llvm):
    kernel, results = traced(chain, 4), {}
    arrays = {i: normal(*[4000] * 4, seed=i) for i in range(4)}

    def work(i):
        results[i] = [kernel(*arrays[i]) for _ in range(5)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i in range(4):
        for got in results[i]:
            close(got, chain(np, *arrays[i]), 1e-5)


def test_the_code_can_be_read(needs_llvm):
    kernel = traced(lambda xp, a, b: xp.sqrt(a) + b, 2)
    assert "llvm.sqrt" in kernel.source()
    assert 'define void @"kernel"' in kernel.source("fs")
    assert repr(kernel) == "<Fused (sqrt(in0) + in1) of float32>"


def test_wrong_arguments_are_refused():
    kernel = traced(lambda xp, a, b: a + b, 2)
    x = np.ones(4, "float32")
    with pytest.raises(TypeError, match="takes 2 arrays, got 1"):
        kernel(x)
    with pytest.raises(DTypeError, match="float32 got an array of float64"):
        kernel(x, x.astype("float64"))
    with pytest.raises(ShapeError, match=r"do not broadcast\n.*\(4,\), \(3,\)"):
        kernel(x, x[:3])
    for out in (np.ones(3, "float32"), np.ones(4), [x, x]):
        with pytest.raises(ShapeError, match="out= takes 1 arrays"):
            kernel(x, x, out=out)
    with pytest.raises(NotTraceable, match="outputs that are real numbers"):
        traced(lambda xp, a: a > 0, 1)
    with pytest.raises(NotTraceable, match="needs inputs"):
        fused(Recorder().lift(1.0))
