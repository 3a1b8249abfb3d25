"""Bodies that change arrays in place, and numbers that change from call to call."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.kernels.imperative import trace_update
from workbench.kernels.trace import NotTraceable


def run(traced, arrays, params):
    return traced.kernel(*arrays, scalars=traced.scalars(params))


def test_changes_in_place_are_seen_by_every_name_of_the_array():
    def body(xp, a, b):
        c = a
        c += b
        c *= a  # which is c itself
        d = c.copy()
        d -= 1
        b[...] = d / 2
        return xp.sqrt(d * d, out=d)

    traced = trace_update(body, ["a", "b"], ["a", "b"], {}, "float64")
    a, b = np.array([1.0, -2.0]), np.array([2.0, 0.5])
    out, new_a, new_b = run(traced, [a, b], {})
    square = (a + b) ** 2
    np.testing.assert_allclose(new_a, square)
    np.testing.assert_allclose(new_b, (square - 1) / 2)
    np.testing.assert_allclose(out, abs(square - 1))


def test_numbers_are_computed_anew_in_double():
    def body(xp, a, *, lr, beta):
        return a * (1 - beta) + -lr * 2 / beta - (beta**2) * a

    traced = trace_update(body, ["a"], [], {"lr": 0.1, "beta": 0.999}, "float32")
    a = np.array([1.5, -3], "float32")
    for params in ({"lr": 0.1, "beta": 0.999}, {"lr": 5, "beta": 0.25}):
        lr, beta = params["lr"], params["beta"]
        expected = a * np.float32(1 - beta) + np.float32(-lr * 2 / beta) - np.float32(beta**2) * a
        np.testing.assert_array_equal(run(traced, [a], params)[0], expected)


def test_a_trace_serves_the_calls_that_decide_alike():
    def body(xp, a, *, wd, clip):
        if wd:
            a = a * wd
        if clip >= 0:
            a = xp.clip(a, -clip, clip)
        return a + 1

    traced = trace_update(body, ["a"], [], {"wd": 0.1, "clip": -1.0}, "float32")
    assert traced.serves({"wd": 0.7, "clip": -0.5})
    assert not traced.serves({"wd": 0.0, "clip": -1.0})
    assert not traced.serves({"wd": 0.1, "clip": 0.0})


@pytest.mark.parametrize(
    "body",
    [
        lambda xp, a, *, n: a if a > 0 else -a,
        lambda xp, a, *, n: a * float(n),
        lambda xp, a, *, n: a.__setitem__(0, n) or a,
        lambda xp, a, *, n: xp.sum(a),
    ],
)
def test_what_cannot_be_followed_is_refused(body):
    with pytest.raises(NotTraceable):
        trace_update(body, ["a"], [], {"n": 2.0}, "float32")


def test_comparisons_of_arrays_are_arrays():
    traced = trace_update(
        lambda xp, a, *, n: (a > n).astype(a.dtype) + (-a) * n, ["a"], [], {"n": 1.0}, "float32"
    )
    a = np.array([0.5, 2], "float32")
    np.testing.assert_array_equal(run(traced, [a], {"n": 1.0})[0], [-0.5, -1])


def test_the_number_of_scalars_is_checked():
    traced = trace_update(lambda xp, a, *, n: a * n, ["a"], [], {"n": 1.0}, "float32")
    with pytest.raises(TypeError, match="takes 1 scalars, got 0"):
        traced.kernel(np.ones(3, "float32"))


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("wd", [0.0, 0.1])
@pytest.mark.parametrize("name", ["sgd_update", "sgd_mom_update", "nag_mom_update", "adam_update"])
def test_updates_by_kernel_are_those_of_the_bodies(name, wd, in_place):
    """nag's momentum differs where the weight is written in place."""
    import workbench as mx

    op, size = mx.ops.get(name), 1 << 16
    rng = np.random.default_rng(5)
    raw = [rng.uniform(0.1, 1, size).astype("float32") for _ in op.inputs]
    params = {"lr": 0.1, "wd": wd, "clip_gradient": 0.5}
    if "momentum" in op.params:
        params["momentum"] = 0.9
    bodies = [a.copy() for a in raw]
    expected = op.body(np, *bodies, **params, out=bodies[0] if in_place else None)
    arrays = [mx.nd.array(a) for a in raw]
    out = getattr(mx.nd, name)(*arrays, **params, **({"out": arrays[0]} if in_place else {}))
    np.testing.assert_allclose(out.asnumpy(), expected, rtol=2e-6, atol=1e-7)
    for one, other in zip(arrays[2:], bodies[2:], strict=True):
        np.testing.assert_allclose(one.asnumpy(), other, rtol=2e-6, atol=1e-7)
