"""The CuPy backend, run through a stand-in for CuPy whose arrays are those of the loopback device.

What runs here uses of CuPy only what the stand-in has, and mixes no host array with one of the
GPU.
"""

from __future__ import annotations

import sys

import numpy as np
import pytest
from op_examples import Call, every_example
from stand_in_cupy import DEVICES, installed

import workbench as mx
from workbench import nd
from workbench.error import ContextError
from workbench.ops import all_ops

EXAMPLES = every_example([op for op in all_ops() if "rng" not in op.uses])
NAMES = """
    Activation BatchNorm Cast Concat Convolution Dropout Embedding FullyConnected Pooling
    Reshape SliceChannel SoftmaxOutput add_n adam_update argmax batch_dot broadcast_add
    broadcast_div broadcast_equal broadcast_to clip dot elemwise_mul exp expand_dims gather_nd
    log_softmax max mean multi_sgd_mom_update norm one_hot pick relu sgd_mom_update sgd_update
    slice slice_axis softmax sqrt stack sum take tanh transpose where _mul_scalar
    _slice_assign _scatter_set_nd sort topk
"""
SOME = [e for e in EXAMPLES if e[1].name in NAMES.split()]


@pytest.fixture
def cupy():
    with installed() as module:
        yield module


@pytest.mark.parametrize(
    ("op", "example"), [e[1:] for e in SOME], ids=[name for name, _, _ in SOME]
)
@pytest.mark.parametrize("number", [0, 1])
def test_operators_give_what_they_give_on_the_cpu(cupy, op, example, number):
    expected = Call(op, example, "float32").run()
    call = Call(op, example, "float32")
    ctx = mx.gpu(number)
    nd.ones((1,), ctx=ctx)
    with ctx.backend.device(number):
        raws = [None if x is None else ctx.backend.from_host(x) for x in call.inputs()]
    options = dict(call.params)
    if "train" in op.uses:
        options["train"] = True
    cupy.launched.clear()
    made = ctx.table.of(op)(*raws, **options)
    # device 0 is the current one; work for another switches to it
    assert cupy.launched == ([1] if number else [])
    for raw, value in zip(made if op.has_outputs else (made,), expected, strict=True):
        assert isinstance(raw, cupy.ndarray)
        np.testing.assert_allclose(raw.get(), value, rtol=1e-5, atol=1e-6)


def test_arrays_live_on_their_gpu(cupy):
    assert mx.context.num_gpus() == DEVICES
    x = nd.array([[1, 2], [3, 4]], ctx=mx.gpu(1))
    assert x.context == mx.gpu(1)
    assert repr(x).endswith("<NDArray 2x2 @gpu(1)>")
    assert isinstance(x._data, cupy.ndarray)
    cupy.launched.clear()
    y = (x * 2 + 1).sum(axis=0)
    assert y.asnumpy().tolist() == [10, 14]
    assert set(cupy.launched) == {1}, "everything ran on gpu(1)"
    y.wait_to_read()
    nd.waitall()


def test_making_arrays_allocates_on_their_gpu(cupy):
    nd.ones((1,), ctx=mx.gpu(1))
    for make in (
        lambda ctx: nd.zeros((2,), ctx=ctx),
        lambda ctx: nd.full((2,), 3, ctx=ctx),
        lambda ctx: nd.array([1, 2], ctx=ctx),
        lambda ctx: nd.arange(3, ctx=ctx),
        lambda ctx: nd.random.uniform(shape=(2,), ctx=ctx),
        lambda ctx: nd.ones((2,)).as_in_context(ctx),
    ):
        cupy.launched.clear()
        assert make(mx.gpu(1)).context == mx.gpu(1)
        assert 1 in cupy.launched
        assert 0 not in cupy.launched


def test_two_gpus_and_the_cpu_meet_only_by_copies(cupy):
    near, far = nd.ones((2,)), nd.ones((2,), ctx=mx.gpu(0))
    with pytest.raises(ContextError, match=r"cpu\(0\) and gpu\(0\)"):
        near + far
    with pytest.raises(ContextError):
        far += near
    away = far.copyto(mx.gpu(1))
    assert away.context == mx.gpu(1)
    assert (away + far.as_in_context(mx.gpu(1))).asnumpy().tolist() == [2, 2]
    assert (near + away.as_in_context(mx.cpu())).asnumpy().tolist() == [2, 2]
    near[:] = away * 5
    assert near.asnumpy().tolist() == [5, 5]
    assert far.asnumpy().tolist() == [1, 1]


def test_autograd_and_updates(cupy):
    ctx = mx.gpu(1)
    x = nd.array([[1, 2], [3, 4]], ctx=ctx)
    w = nd.ones((2, 1), ctx=ctx)
    w.attach_grad()
    with mx.autograd.record():
        loss = nd.square(nd.dot(x, w) - 3).sum()
    loss.backward()
    assert w.grad.context == ctx
    expected = 2 * np.array([[1, 3], [2, 4]]) @ (np.array([[3], [7]]) - 3)
    np.testing.assert_allclose(w.grad.asnumpy(), expected)
    nd.sgd_update(w, w.grad, lr=0.1, out=w)
    np.testing.assert_allclose(w.asnumpy(), 1 - 0.1 * expected, rtol=1e-6)


@pytest.mark.parametrize("number", [0, 1])
def test_indexing(cupy, number):
    ctx = mx.gpu(number)
    x = nd.array(np.arange(12).reshape(3, 4), ctx=ctx)
    x[1][:] = -1
    x[0, 1:3] = nd.array([7, 8], ctx=ctx)
    x[[0, 2], 0] = 5
    assert x.asnumpy().tolist() == [[5, 7, 8, 3], [-1] * 4, [5, 9, 10, 11]]
    assert x[nd.array([2], ctx=ctx)].asnumpy().tolist() == [[5, 9, 10, 11]]
    assert x[:, ::2].shape == (3, 2)


def test_random_numbers_are_those_of_the_cpu(cupy):
    mx.random.seed(5)
    near = nd.random.normal(shape=(70,)).asnumpy()
    nd.ones((1,), ctx=mx.gpu(0))
    mx.random.seed(5)
    far = nd.random.normal(shape=(70,), ctx=mx.gpu(0)).asnumpy()
    np.testing.assert_array_equal(near, far)


def test_memory(cupy):
    nd.ones((1,), ctx=mx.gpu(0))
    assert mx.gpu(0).backend.memory_info(1) == (1 << 30, 2 << 30)
    mx.gpu(0).empty_cache()
    with pytest.raises(mx.error.OutOfMemory, match=r"gpu\(0\)"):
        nd.zeros((1 << 20, 1 << 10), ctx=mx.gpu(0))


def test_a_gpu_that_is_not_there(cupy):
    with pytest.raises(ContextError, match=r"gpu\(7\) does not exist: this machine has 2"):
        nd.ones((1,), ctx=mx.gpu(7))


def test_without_cupy_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(ContextError, match=r"(?s)GPU contexts need CuPy.*workbench\[cuda\]"):
        nd.ones((1,), ctx=mx.gpu(0))
    assert mx.context.num_gpus() == 0
