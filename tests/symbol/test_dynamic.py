"""Graphs in which the shape of a result depends on values run operator by operator."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.error import MXNetError
from workbench.gluon import nn


def rows():
    return mx.nd.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])


class Chosen(nn.HybridBlock):
    def hybrid_forward(self, F, x, mask):
        return F.contrib.boolean_mask(x, mask) * 2


@pytest.mark.parametrize("hybridize", [False, True])
def test_a_block_keeps_the_rows_that_a_mask_names(hybridize):
    net = Chosen()
    if hybridize:
        net.hybridize()
    for mask, kept in (([0, 1, 1], [1, 2]), ([1, 0, 0], [0])):
        x = rows()
        x.attach_grad()
        with mx.autograd.record():
            out = net(x, mx.nd.array(mask))
        out.backward()
        np.testing.assert_array_equal(out.asnumpy(), 2 * rows().asnumpy()[kept])
        np.testing.assert_array_equal(x.grad.asnumpy()[:, 0], 2 * np.array(mask))


def chosen():
    return mx.sym.contrib.boolean_mask(mx.sym.var("x"), mx.sym.var("mask"), name="chosen")


def test_its_shape_is_not_told():
    with pytest.warns(UserWarning, match="Cannot decide shape"):
        assert chosen().infer_shape(x=(3, 2), mask=(3,)) == (None, None, None)


def test_a_bound_symbol_gives_outputs_and_gradients():
    x, grad = rows(), mx.nd.ones((3, 3))
    mask = mx.nd.array([0, 1, 1])
    bound = chosen().bind(mx.cpu(), [x, mask], [grad, None], ["add", "null"])
    (out,) = bound.forward(is_train=True)
    assert out.shape == (2, 3)
    bound.backward([mx.nd.ones((2, 3)) * 3])
    assert grad.asnumpy()[:, 0].tolist() == [1, 4, 4]
    (out,) = bound.forward(mask=mx.nd.array([0, 0, 1]))
    assert out.asnumpy().tolist() == [[7, 8, 9]]
    bound.backward(mx.nd.ones((1, 3)))
    assert grad.asnumpy()[:, 0].tolist() == [1, 4, 5]


def test_there_are_no_outputs_before_the_first_forward():
    bound = chosen().bind(mx.cpu(), {"x": rows(), "mask": mx.nd.ones(3)})
    with pytest.raises(MXNetError, match="depend on values"):
        bound.outputs  # noqa: B018


def test_a_monitor_sees_every_node():
    bound = chosen().simple_bind(mx.cpu(), x=(3, 3), mask=(3,))
    seen = []
    bound.set_monitor_callback(lambda name, array: seen.append((name.decode(), array.shape)))
    bound.forward(x=rows(), mask=mx.nd.array([1, 0, 1]))
    assert seen == [("chosen_output", (2, 3))]
