"""What kernel tests share: one processor seen as one of 4, 8 or 16 lanes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from workbench.kernels import llvm


@pytest.fixture
def needs_llvm():
    if not llvm.available():
        pytest.skip("llvmlite is not installed: pip install 'workbench[fast]'")


@pytest.fixture(params=[4, 8, 16])
def lanes(request, monkeypatch, needs_llvm):
    """Kernels for registers of so many float32, whatever the machine has."""
    from workbench.kernels.llvm import cpu

    seen = dataclasses.replace(cpu.host(), lanes=request.param)
    monkeypatch.setattr(cpu, "host", lambda: seen)
    return request.param


CONVOLUTION = ("Convolution", "_backward_Convolution_data", "_backward_Convolution_weight")


@pytest.fixture
def errors_of_convolution():
    """The function :func:`_errors`; no tables of another number of lanes before and after."""
    _forget()
    yield _errors
    _forget()


def _forget():
    from workbench.kernels import conv, depthwise

    for module in (conv, depthwise):
        for name in ("_forward", "_phases", "_weight_gradient"):
            getattr(module, name).cache_clear()


def _errors(shape, outs, groups, kernel, stride, pad, dilate):
    """Which kernel served, and its error as a part of the largest value.

    Of a convolution's output and both gradients.
    """
    from workbench.kernels import registry
    from workbench.ops import get

    rng = np.random.default_rng(sum(shape))
    x = rng.normal(size=shape)
    inputs = [x, rng.normal(size=(outs, shape[1] // groups, *kernel)), rng.normal(size=outs)]
    params = {"kernel": kernel, "stride": stride, "pad": pad, "dilate": dilate}
    params |= {"num_filter": outs, "num_group": groups}
    g = rng.normal(size=get(CONVOLUTION[0]).body(np, *inputs, **params).shape)
    for name, arrays, more in [
        (CONVOLUTION[0], inputs, {}),
        (CONVOLUTION[1], [g, inputs[1]], {"shape": x.shape}),
        (CONVOLUTION[2], [g, x], {}),
    ]:
        single = [a.astype("float32") for a in arrays]
        serving = [k for k in registry.kernels_of(get(name)) if k.when(*single, **params, **more)]
        if not serving:
            continue
        got = serving[0].build(get(name))(*single, **params, **more)
        double = [a.astype("float64") for a in single]
        expected = get(name).body(np, *double, **params, **more)
        assert got.shape == expected.shape
        assert got.dtype == np.float32
        assert got.flags.c_contiguous
        yield serving[0].when, np.abs(got - expected).max() / max(np.abs(expected).max(), 1e-6)
