"""Accuracy of the generator's functions, in units in the last place, over all magnitudes."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.kernels.elemwise import Recorder, fused

pytestmark = pytest.mark.usefixtures("lanes")
LIMITS = {  # the table of vecmath's docstring
    "exp": {"float32": 1, "float64": 1},
    "exp2": {"float32": 1, "float64": 1},
    "expm1": {"float32": 2, "float64": 2},
    "log": {"float32": 1, "float64": 1},
    "log1p": {"float32": 3, "float64": 3},
    "tanh": {"float32": 4.4, "float64": 1.5},
    "sigmoid": {"float32": 2.4, "float64": 2.4},
    "sqrt": {"float32": 0.5, "float64": 0.5},
}
SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 1e-310, 88.72, 88.73,
           -87.33, -87.34, -103.9, -104.0, 709.78, 709.79, -708.39, -745.1, -745.2, 0.625, 9.02,
           -0.625, 3e38, -3e38, 1.5, 0.5, 2.0**-126, 2.0**-1022, 20.0, 128.0, -126.0,
           1024.0]  # fmt: skip


def sigmoid(xp, x):
    return 1 / (1 + xp.exp(-x))


def samples(dtype):
    """Numbers of every sign and exponent, and more of them where functions bend."""
    rng = np.random.default_rng(5)
    bits = rng.integers(0, 2 ** (8 * dtype.itemsize), 60000, np.uint64)
    everywhere = bits.astype(f"u{dtype.itemsize}").view(dtype)
    near = [rng.normal(size=60000) * scale for scale in (0.1, 1, 10, 100)]
    with np.errstate(over="ignore", invalid="ignore"):
        return np.concatenate([everywhere, *near, SPECIAL]).astype(dtype)


def units_off(got, expected):
    """Distance in units in the last place of the dtype, where the truth is finite."""
    finite = np.isfinite(expected.astype(got.dtype))
    spacing = np.spacing(np.abs(expected[finite]).astype(got.dtype)).astype(expected.dtype)
    return np.abs(got[finite] - expected[finite]) / spacing


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LIMITS)
def test_functions_are_as_accurate_as_promised(name, dtype):
    dtype = np.dtype(dtype)
    wide = np.dtype("float64") if dtype == "float32" else np.dtype(np.longdouble)
    if wide.itemsize <= dtype.itemsize:
        pytest.skip("no wider float type on this machine")
    xp = Recorder(dtype)
    x = xp.input()
    kernel = fused(sigmoid(xp, x) if name == "sigmoid" else getattr(xp, name)(x))
    values = samples(dtype)
    got = kernel(values)
    with np.errstate(all="ignore"):
        exact = values.astype(wide)
        truth = sigmoid(np, exact) if name == "sigmoid" else getattr(np, name)(exact)
        rounded = truth.astype(dtype)
        if name == "sigmoid":  # exp overflows where the quotient is all but subnormal
            tiny = np.finfo(dtype).tiny * 4
            got, truth, rounded = (np.where(rounded < tiny, 0, v) for v in (got, truth, rounded))
        assert units_off(got, truth).max() <= LIMITS[name][dtype.name]
    np.testing.assert_array_equal(np.isnan(got), np.isnan(rounded))
    infinite = np.isinf(rounded)
    np.testing.assert_array_equal(got[infinite], rounded[infinite])
    if name in ("tanh", "expm1", "log1p", "sqrt"):
        zero = values == 0
        np.testing.assert_array_equal(np.signbit(got[zero]), np.signbit(values[zero]))
