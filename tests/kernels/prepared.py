"""Compare what is prepared for a call with the operator's body."""

from __future__ import annotations

import numpy as np

from workbench.kernels import registry
from workbench.ops import get


def both(name, *arrays, **given):
    """What is prepared for these arrays and parameters gives, and what the body gives."""
    op = get(name)
    if op.variadic and "num_args" in op.params:
        given["num_args"] = len(arrays)
    params = op.parse(given)
    run = registry.prepared(op, arrays, params)
    assert run is not None, name
    return listed(run(*arrays)), listed(op.body(np, *arrays, **params))


def listed(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def agree(name, *arrays, limit=0.0, **given):
    """They are equal, up to *limit*; the results are fresh contiguous arrays. Returns the first."""
    got, expected = both(name, *arrays, **given)
    for one, other in zip(got, expected, strict=True):
        assert one.dtype == other.dtype
        assert one.shape == other.shape
        assert one.flags.c_contiguous or not all(a.flags.c_contiguous for a in arrays)
        assert not any(np.shares_memory(one, a) for a in arrays)
        np.testing.assert_allclose(one, other, rtol=limit, atol=limit)
    return got[0]


def is_prepared_for(name, *arrays, **given):
    """Whether something is prepared for such a call."""
    op = get(name)
    return registry.prepared(op, arrays, op.parse(given)) is not None
