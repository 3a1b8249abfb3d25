from __future__ import annotations

import threading

import numpy as np
import pytest

import workbench as mx
from workbench import autograd
from workbench.error import ContextError, MXNetError
from workbench.ndarray.cached_op import CachedOp


def net():
    a, b = mx.sym.var("a"), mx.sym.var("b")
    return mx.sym.tanh(a * b) * 2 + a


def eager(a, b):
    return mx.nd.tanh(a * b) * 2 + a


def pair(shape=(3, 4), seed=0):
    rng = np.random.default_rng(seed)
    made = [mx.nd.array(rng.standard_normal(shape)) for _ in range(2)]
    for one in made:
        one.attach_grad()
    return made


def recorded(function, a, b):
    with autograd.record():
        y = function(a, b)
    y.backward()
    return [one.asnumpy() for one in (y, a.grad, b.grad)]


def test_the_same_as_eager():
    for one, other in zip(
        recorded(CachedOp(net()), *pair()), recorded(eager, *pair()), strict=True
    ):
        assert np.allclose(one, other, atol=1e-6)


def test_plans_are_kept_by_shape_mode_and_gradients():
    op = CachedOp(net())
    a, b = pair()
    op(a, b)
    op(a, b)
    assert (op.hits, op.misses) == (1, 1)
    with autograd.record():
        op(a, b)
    op(*pair((5, 4)))
    assert op.misses == 3


def test_one_node_for_the_whole_call():
    a, b = pair()
    with autograd.record():
        y = CachedOp(net())(a, b)
    assert y._node[3] == (a._node, b._node)


def test_two_forwards_before_the_backwards():
    op = CachedOp(net())
    first, second = pair(), pair(seed=1)
    with autograd.record():
        one, other = op(*first), op(*second)
    other.backward()
    one.backward()
    expected = [recorded(eager, *pair(seed=s))[1] for s in (0, 1)]
    assert np.allclose(first[0].grad.asnumpy(), expected[0], atol=1e-6)
    assert np.allclose(second[0].grad.asnumpy(), expected[1], atol=1e-6)


def test_several_outputs_and_one_unused():
    a = mx.sym.var("a")
    op = CachedOp(mx.sym.Group([mx.sym.exp(a), a * 2]))
    x = mx.nd.array([1.0, 2.0])
    x.attach_grad()
    with autograd.record():
        first, second = op(x)
    second.backward()
    assert x.grad.asnumpy().tolist() == [2, 2]
    assert np.allclose(first.asnumpy(), np.exp([1, 2]))


def test_gradients_of_gradients():
    x = mx.nd.array([0.3, -0.7])
    x.attach_grad()

    def second(function):
        with autograd.record():
            y = function(x)
            (g,) = autograd.grad(y, [x], create_graph=True)
        g.backward()
        return x.grad.asnumpy().copy()

    op = CachedOp(mx.sym.tanh(mx.sym.var("a")))
    assert np.allclose(second(op), second(mx.nd.tanh), atol=1e-6)


def test_an_array_for_two_inputs_counts_twice():
    x = mx.nd.array([0.5, 2.0])
    x.attach_grad()
    op = CachedOp(mx.sym.var("a") * mx.sym.var("b"))
    with autograd.record():
        y = op(x, x)
    y.backward()
    assert np.allclose(x.grad.asnumpy(), [1, 4])
    with autograd.record():
        (g,) = autograd.grad(op(x, x), [x], create_graph=True)
    assert np.allclose(g.asnumpy(), [1, 4])


def test_mode_is_the_callers():
    op = CachedOp(mx.sym.Dropout(mx.sym.var("a"), p=0.5))
    x = mx.nd.ones((100,))
    assert op(x).asnumpy().min() == 1
    with autograd.train_mode():
        assert set(op(x).asnumpy().tolist()) == {0, 2}


def test_threads_share_one():
    op = CachedOp(net())
    expected = [recorded(eager, *pair((40, 50), seed)) for seed in range(4)]
    faults = []

    def work(seed):
        for _ in range(20):
            got = recorded(op, *pair((40, 50), seed))
            if not all(
                np.allclose(g, e, atol=1e-5) for g, e in zip(got, expected[seed], strict=True)
            ):
                faults.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


def test_wrong_calls():
    a, b = pair()
    op = CachedOp(net())
    with pytest.raises(MXNetError, match="1 arrays for 2 inputs"):
        op(a)
    with pytest.raises(ContextError, match="two devices"):
        op(a, b.as_in_context(mx.cpu(1)))


def test_out_is_written():
    a, b = pair()
    out = mx.nd.zeros((3, 4))
    assert CachedOp(net())(a, b, out=out) is out
    assert np.allclose(out.asnumpy(), eager(a, b).asnumpy(), atol=1e-6)
