"""The talk: derivatives of what Python computed."""

from __future__ import annotations

import numpy as np

from workbench import autograd, nd


def test_the_slide(contexts):
    for ctx in contexts:
        Y = nd.array([[1, 2], [3, 4]], ctx=ctx)
        Y.attach_grad()
        with autograd.record():
            A = Y * 2
            B = A * Y
        B.backward()
        assert Y.grad.asnumpy().tolist() == [[4, 8], [12, 16]]
        assert Y.grad.context == ctx


def test_through_a_loop_and_a_branch(contexts):
    def f(a):
        b = a * 2
        while nd.norm(b).asscalar() < 1000:
            b = b * 2
        return b if b.sum().asscalar() > 0 else 100 * b

    for ctx in contexts:
        a = nd.array([0.5, -0.25], ctx=ctx)
        a.attach_grad()
        with autograd.record():
            c = f(a)
        c.backward()
        assert np.allclose(a.grad.asnumpy(), c.asnumpy() / a.asnumpy())


def test_head_gradients_weigh_the_outputs(contexts):
    x = nd.array([1.0, 2.0, 3.0])
    x.attach_grad()
    with autograd.record():
        y = x * x
    y.backward(nd.array([1.0, 0.1, 0.01]))
    assert np.allclose(x.grad.asnumpy(), [2.0, 0.4, 0.06])


def test_modes(contexts):
    assert not autograd.is_recording()
    x = nd.ones((1000,))
    with autograd.record():
        assert autograd.is_training()
        dropped = nd.Dropout(x, p=0.5)
        with autograd.pause():
            assert not autograd.is_recording()
        with autograd.predict_mode():
            kept = nd.Dropout(x, p=0.5)
    assert 300 < (dropped.asnumpy() == 0).sum() < 700
    assert (kept.asnumpy() == 1).all()
