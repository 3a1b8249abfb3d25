"""Batch normalization by machine code against the operators' bodies."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.kernels import registry
from workbench.ops import get

from .prepared import is_prepared_for

pytestmark = pytest.mark.usefixtures("lanes")
SHAPES = [((4, 3, 5, 7), 1), ((2, 4), 1), ((9, 37), 1), ((3, 5, 16), 2), ((6, 2, 3, 3), -3)]


def calls(name, arrays, params):
    """What is prepared and the body give, each on arrays of its own: some are written."""
    op = get(name)
    one, other = ([a.copy() for a in arrays] for _ in range(2))
    run = registry.prepared(op, one, params)
    assert run is not None
    got, expected = run(*one), op.body(np, *other, **params)
    return [*got, *one], [*expected, *other]


def same(got, expected):
    for a, b in zip(got, expected, strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("fix_gamma", [False, True])
@pytest.mark.parametrize(("shape", "axis"), SHAPES, ids=str)
def test_outputs_gradients_and_moving_statistics(shape, axis, fix_gamma):
    rng = np.random.default_rng(0)
    channels = shape[axis]
    data, grad = (rng.normal(size=shape).astype("float32") for _ in range(2))
    vectors = [rng.uniform(0.5, 1.5, channels).astype("float32") for _ in range(4)]
    op = get("BatchNorm")
    params = {**op.parse({"axis": axis, "fix_gamma": fix_gamma}), "train": True}
    got, expected = calls("BatchNorm", [data, *vectors], params)
    same(got, expected)
    _, mean, scale = expected[:3]
    kept = {name: params[name] for name in ("eps", "momentum", "fix_gamma", "axis")}
    gamma, _, moving_mean, moving_var = vectors
    arrays = [grad, data, gamma, mean, scale, moving_mean, moving_var]
    same(*calls("_backward_BatchNorm", arrays, {**kept, "moving": False}))


def test_statistics_that_cannot_be_written_are_refused_as_by_the_body():
    data, vectors = np.ones((2, 3), "float32"), [np.ones(3, "float32") for _ in range(5)]
    vectors[-1].flags.writeable = False
    params = get("_backward_BatchNorm").parse({"axis": 1, "moving": False})
    run = registry.prepared(get("_backward_BatchNorm"), [data, data, *vectors], params)
    with pytest.raises(ValueError, match="read-only"):
        run(data, data, *vectors)


def test_what_is_left_to_the_body():
    data, vector = np.ones((2, 3), "float32"), np.ones(3, "float32")
    arrays = [data, *[vector] * 4]
    op = get("BatchNorm")
    assert registry.prepared(op, arrays, {**op.parse({}), "train": False}) is None
    wide = [a.astype("float64") for a in arrays]
    assert registry.prepared(op, wide, {**op.parse({}), "train": True}) is None
    assert not is_prepared_for(
        "_backward_BatchNorm", data, data, *[vector] * 5, axis=1, moving=True
    )
