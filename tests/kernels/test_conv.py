"""Generated convolutions against the operators' own bodies in float64."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from workbench.kernels import conv, registry
from workbench.kernels.conv_plan import Axis, Source, windows
from workbench.ops import get

from .prepared import agree, is_prepared_for

conv_llvm = pytest.importorskip("workbench.kernels.conv_llvm", reason="needs llvmlite")
pytestmark = pytest.mark.usefixtures("needs_llvm")
NAMES = ("Convolution", "_backward_Convolution_data", "_backward_Convolution_weight")
LIMIT = 3e-6  # of the largest value
LENET = [(5, 1, 28, 28, 20, (5, 5)), (7, 20, 12, 12, 50, (5, 5))]
OTHERS = [
    (2, 60, 7, 7, 9, (3, 3), (1, 1), (1, 1)),
    (3, 70, 4, 4, 17, (3, 3), (1, 1), (1, 1)),
    (2, 3, 30, 29, 8, (7, 7), (2, 2), (3, 3)),
    (2, 5, 9, 8, 6, (1, 1)),
    (2, 5, 9, 8, 6, (1, 1), (2, 3), (0, 1)),
    (1, 1, 1, 1, 1, (1, 1)),
    (1, 2, 3, 3, 2, (3, 3)),
    (2, 4, 11, 13, 5, (3, 2), (1, 2), (2, 0), (2, 3)),
    (2, 3, 5, 5, 4, (1, 1), (1, 1), (2, 2)),
]


@pytest.fixture(autouse=True)
def fresh():
    """No tables of another number of lanes."""
    forget()
    yield
    forget()


@pytest.fixture(params=[4, 8, 16])
def lanes(request, monkeypatch):
    """Kernels of so many lanes, whatever is best on this machine."""
    monkeypatch.setattr(conv_llvm, "best_lanes", lambda: request.param)


def forget():
    for made in (conv._forward, conv._phases, conv._weight_gradient):
        made.cache_clear()


def kernel(name):
    return next(k for k in registry.kernels_of(get(name)) if k.build.__module__ == conv.__name__)


def largest_errors(n, c, h, w, o, k, s=(1, 1), p=(0, 0), d=(1, 1), bias=True):
    """Of the output and both gradients, as a part of the largest value."""
    rng = np.random.default_rng(n + c + h + w)
    x, weight = rng.normal(size=(n, c, h, w)), rng.normal(size=(o, c, *k))
    inputs = [x, weight, rng.normal(size=o)][: 2 + bias]
    params = {"kernel": k, "stride": s, "pad": p, "dilate": d, "num_filter": o}
    y = get(NAMES[0]).body(np, *inputs, **params)
    g = rng.normal(size=y.shape)
    calls = [
        (NAMES[0], inputs, {}),
        (NAMES[1], [g, weight], {"shape": x.shape}),
        (NAMES[2], [g, x], {}),
    ]
    for name, arrays, more in calls:
        single = [a.astype("float32") for a in arrays]
        kernel_of = kernel(name)
        assert kernel_of.when(*single, **params, **more)
        got = kernel_of.build(get(name))(*single, **params, **more)
        double = [a.astype("float64") for a in single]
        expected = get(name).body(np, *double, **params, **more)
        assert got.shape == expected.shape
        assert got.dtype == np.float32
        assert got.flags.c_contiguous
        yield np.abs(got - expected).max() / max(np.abs(expected).max(), 1e-6)


@pytest.mark.parametrize("case", LENET + OTHERS, ids=str)
def test_output_and_gradients_are_those_of_the_bodies(lanes, case):
    assert max(largest_errors(*case)) <= LIMIT


pairs = lambda low, high: st.tuples(st.integers(low, high), st.integers(low, high))  # noqa: E731


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 9), *[st.integers(1, 18)] * 2),
    outs=st.integers(1, 9),
    kernel=pairs(1, 5),
    stride=pairs(1, 3),
    pad=pairs(0, 3),
    dilate=pairs(1, 2),
    bias=st.booleans(),
)
def test_any_shape(sizes, outs, kernel, stride, pad, dilate, bias):
    for size, k, a, d in zip(sizes[2:], kernel, pad, dilate, strict=True):
        assume(size + 2 * a > d * (k - 1))
    errors = largest_errors(*sizes, outs, kernel, stride, pad, dilate, bias)
    assert max(errors) <= LIMIT


def test_a_second_call_finds_zeros_where_the_first_one_left_them():
    rng = np.random.default_rng(0)
    params = {"kernel": (3, 3), "pad": (1, 1), "num_filter": 4}
    run, body = kernel(NAMES[0]).build(get(NAMES[0])), get(NAMES[0]).body
    weight = rng.normal(size=(4, 3, 3, 3)).astype("float32")
    for scale in (1e6, 1.0):
        x = (rng.normal(size=(5, 3, 9, 9)) * scale).astype("float32")
        expected = body(np, x, weight, **params)
        np.testing.assert_allclose(run(x, weight, **params), expected, atol=1e-5 * scale)


def test_what_the_kernel_does_not_take():
    when = kernel(NAMES[0]).when
    x, w = np.ones((2, 4, 6, 6), "float32"), np.ones((4, 4, 3, 3), "float32")
    assert when(x, w, kernel=(3, 3))
    assert not when(x, w[:, :2].copy(), kernel=(3, 3), num_group=2)
    assert not when(x.astype("float64"), w.astype("float64"), kernel=(3, 3))
    assert not when(x.transpose(0, 1, 3, 2), w, kernel=(3, 3))
    assert not when(x[:0], w, kernel=(3, 3))
    assert not when(x[..., 0], w[..., 0].copy(), kernel=(3,))
    deep = np.ones((2, 512, 4, 4), "float32")
    assert not when(deep, np.ones((8, 512, 3, 3), "float32"), kernel=(3, 3), pad=(1, 1))
    wide = np.ones((2, 512, 7, 7), "float32")
    for images, taken in ((2, True), (1, False)):  # one image of 7 columns is narrow, too
        assert when(wide[:images], deep, kernel=(3, 3), pad=(1, 1)) == taken


def test_windows_cover_every_place_once_or_twice_and_stay_inside():
    for size, kernel_size, pad in ((28, 5, 0), (7, 3, 1), (9, 3, 0), (4, 3, 1), (33, 1, 0)):
        axis = Axis(
            size, size + 2 * pad - kernel_size + 1, 1, tuple(range(-pad, kernel_size - pad))
        )
        source = Source(axis, axis, 1, 8)
        starts, pieces = windows(source, 8)
        seen = np.zeros(axis.out**2, int)
        for start, own in zip(starts, pieces, strict=True):
            for target, low, high in own:
                seen[target + low : target + high] += 1
                for lane in range(low, high):
                    row, column = divmod(target + lane, axis.out)
                    assert source.position(row, column) == start + lane
        assert seen.min() == 1
        assert seen.max() <= 2
        if source.direct:
            assert starts.max() + 8 + source.koff.max() <= size * size


def test_the_package_imports_without_compiling():
    program = "import sys, workbench.kernels.conv; assert 'llvmlite' not in sys.modules, 'imported'"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("pad", [(0, 0), (1, 1)])
def test_a_short_call_gives_the_same(lanes, bias, pad):
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=n).astype("float32") for n in [(2, 3, 9, 8), (4, 3, 3, 3), (4,)]]
    params = {"kernel": (3, 3), "pad": pad, "num_filter": 4, "no_bias": not bias}
    for _ in range(2):  # the second call finds what the first one left in the scratch
        agree("Convolution", *arrays[: 2 + bias], limit=1e-5, **params)
    turned = arrays[0].swapaxes(2, 3)
    assert not is_prepared_for("Convolution", turned, *arrays[1 : 2 + bias], **params)
