"""The loopback device: foreign arrays mix with nothing, and every operator runs on them."""

from __future__ import annotations

import numpy as np
import pytest
from op_examples import Call, every_example

import workbench as mx
from workbench import nd
from workbench.backend.loopback import LoopbackArray, MixedArraysError
from workbench.error import ContextError, MXNetError
from workbench.ops import all_ops

CTX = mx.Context("loopback", 0)
EXAMPLES = every_example([op for op in all_ops() if "rng" not in op.uses])


@pytest.mark.parametrize(
    ("op", "example"), [e[1:] for e in EXAMPLES], ids=[name for name, _, _ in EXAMPLES]
)
def test_operators_give_what_they_give_on_numpy(op, example):
    call = Call(op, example, "float32")
    here = call.run()
    again = Call(op, example, "float32")
    nd.ones((1,), ctx=CTX)
    kernel = CTX.table.of(op)
    raws = [None if x is None else CTX.backend.from_host(x) for x in again.inputs()]
    options = dict(again.params)
    if "train" in op.uses:
        options["train"] = True
    made = kernel(*raws, **options)
    for raw, expected in zip(made if op.has_outputs else (made,), here, strict=True):
        assert isinstance(raw, LoopbackArray)
        np.testing.assert_allclose(raw.get(), expected, rtol=1e-5, atol=1e-6)


def test_raw_arrays_mix_with_nothing():
    raw = nd.ones((2,), ctx=CTX)._data
    for mix in (
        lambda: raw + np.ones(2),
        lambda: np.asarray(raw),
        lambda: np.concatenate([raw, raw]),
        lambda: CTX.backend.xp.add(raw, np.ones(2)),
        lambda: raw.__setitem__(0, np.ones(2)),
    ):
        with pytest.raises(MixedArraysError):
            mix()
    with pytest.raises(TypeError):
        np.ones(2) + raw
    assert raw.get().tolist() == [1, 1]
    assert repr(raw).startswith("LoopbackArray(")


def test_arrays_of_two_devices_meet_only_by_a_copy():
    far, near = nd.ones((2,), ctx=CTX), nd.ones((2,))
    for mix in (
        lambda: far + near,
        lambda: near * far,
        lambda: nd.concat(near, far, dim=0),
        lambda: nd.dot(far, near),
        lambda: far.__iadd__(near),
        lambda: nd.where(near, near, far),
        lambda: far == near,
    ):
        with pytest.raises(ContextError, match=r"as_in_context"):
            mix()
    assert (far + near.as_in_context(CTX)).context is CTX
    far[:] = near * 3  # assignment copies between devices, as copyto does
    assert far.asnumpy().tolist() == [3, 3]


def test_devices_of_one_kind_share_operators():
    x, y = nd.ones((2,), ctx=CTX), nd.ones((2,), ctx=mx.Context("loopback", 1))
    assert (x + y).context is CTX
    assert y.copyto(CTX).context is CTX


def test_training_runs_there():
    mx.random.seed(1)
    x = nd.random.normal(shape=(16, 4), ctx=CTX)
    target = nd.dot(x, nd.array([[1], [2], [3], [4]], ctx=CTX))
    w = nd.zeros((4, 1), ctx=CTX)
    w.attach_grad()
    for _ in range(200):
        with mx.autograd.record():
            loss = nd.square(nd.dot(x, w) - target).mean()
        loss.backward()
        w -= 0.1 * w.grad
    np.testing.assert_allclose(w.asnumpy().ravel(), [1, 2, 3, 4], rtol=1e-2)
    assert w.grad.context is CTX
    assert isinstance(w._data, LoopbackArray)


def test_random_numbers_are_those_of_the_cpu():
    mx.random.seed(3)
    near = nd.random.uniform(shape=(100,)).asnumpy()
    mx.random.seed(3)
    far = nd.random.uniform(shape=(100,), ctx=CTX).asnumpy()
    np.testing.assert_array_equal(near, far)


def test_a_device_that_is_not_there():
    with pytest.raises(ContextError, match=r"loopback\(99\) does not exist"):
        nd.ones((1,), ctx=mx.Context("loopback", 99))
    assert isinstance(ContextError("x"), MXNetError)
    assert CTX.backend.memory_info(0)[1] >= 0
    CTX.backend.synchronize()
    CTX.backend.empty_cache()
