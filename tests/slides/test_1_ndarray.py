"""The talk: ndarray, and calls that return before the work is done."""

from __future__ import annotations

import numpy as np

import workbench as mx
from workbench import nd


def test_arrays_know_shape_and_type_at_once(contexts):
    a = nd.ones((2, 3))
    b = a * 2 + 1
    assert (b.shape, b.dtype, b.context) == ((2, 3), np.float32, contexts[0])
    assert b.asnumpy().tolist() == [[3.0] * 3] * 2
    assert repr(b).endswith(f"<NDArray 2x3 @{contexts[0]}>")


def test_from_and_to_numpy(contexts):
    values = np.arange(12, dtype="float32").reshape(3, 4)
    a = nd.array(values)
    assert np.array_equal((a.T).asnumpy(), values.T)
    assert a[1:3].shape == (2, 4)
    a[0] = 7
    assert a[0].asnumpy().tolist() == [7.0] * 4
    assert values[0].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_work_on_each_device_is_queued_and_waited_for(contexts):
    halves = []
    for i, ctx in enumerate(contexts):
        x = nd.full((64, 64), 1 + i, ctx=ctx)
        for _ in range(20):
            x = nd.dot(x, x) / 64 / (1 + i)
        halves.append(x)
    nd.waitall()
    for i, x in enumerate(halves):
        assert np.allclose(x.asnumpy(), 1 + i)


def test_a_chain_gives_what_numpy_gives(contexts):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 5, 4)).astype("float32")
    for ctx in contexts:
        x, y = nd.array(a, ctx=ctx), nd.array(b, ctx=ctx)
        z = nd.exp(-nd.abs(x - y)).sum(axis=1)
        z.wait_to_read()
        assert np.allclose(z.asnumpy(), np.exp(-np.abs(a - b)).sum(axis=1), rtol=1e-5)


def test_copies_between_devices(contexts):
    x = nd.arange(6).reshape((2, 3))
    for ctx in [*contexts, mx.cpu(0)]:
        y = x.as_in_context(ctx)
        assert y.context == ctx
        assert y.asnumpy().tolist() == [[0, 1, 2], [3, 4, 5]]
