"""The talk: a graph first, arrays later: compose, bind, forward, backward, JSON."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import nd, sym


def product():
    a, b = sym.Variable("A"), sym.Variable("B")
    return sym.broadcast_mul(a, b, name="product") + 1


def test_bind_forward_backward(contexts):
    d = product()
    assert d.list_arguments() == ["A", "B"]
    for ctx in contexts:
        arguments = {"A": nd.ones((2, 3), ctx=ctx) * 2, "B": nd.ones((2, 3), ctx=ctx) * 3}
        gradients = {name: nd.zeros((2, 3), ctx=ctx) for name in arguments}
        executor = d.bind(ctx=ctx, args=arguments, args_grad=gradients)
        (out,) = executor.forward(is_train=True)
        assert out.asnumpy().tolist() == [[7.0] * 3] * 2
        executor.backward(out_grads=nd.ones((2, 3), ctx=ctx) * 10)
        assert gradients["A"].asnumpy().tolist() == [[30.0] * 3] * 2
        assert gradients["B"].asnumpy().tolist() == [[20.0] * 3] * 2


def test_the_same_from_json(contexts, tmp_path):
    d = product()
    text = d.tojson()
    again = sym.load_json(text)
    assert again.tojson() == text
    d.save(str(tmp_path / "d.json"))
    loaded = sym.load(str(tmp_path / "d.json"))
    values = {"A": nd.array([1.0, 2.0]), "B": nd.array([3.0, 4.0])}
    for one in (d, again, loaded):
        assert one.eval(ctx=contexts[0], **values)[0].asnumpy().tolist() == [4.0, 9.0]


def test_a_network_infers_its_shapes(contexts):
    net = sym.FullyConnected(sym.Variable("data"), name="fc1", num_hidden=8)
    net = sym.Activation(net, name="relu1", act_type="relu")
    net = sym.FullyConnected(net, name="fc2", num_hidden=3)
    net = sym.SoftmaxOutput(net, name="softmax")
    shapes, outputs, _ = net.infer_shape(data=(4, 10))
    found = dict(zip(net.list_arguments(), shapes, strict=True))
    assert found["fc1_weight"] == (8, 10)
    assert outputs == [(4, 3)]
    executor = net.simple_bind(contexts[0], data=(4, 10))
    rng = np.random.default_rng(1)
    for name, array in executor.arg_dict.items():
        if name.endswith("weight"):
            array[:] = nd.array(rng.normal(size=array.shape))
    (p,) = executor.forward(is_train=True, data=nd.array(rng.normal(size=(4, 10))))
    assert np.allclose(p.asnumpy().sum(axis=1), 1, atol=1e-5)
    executor.backward()
    assert np.abs(executor.grad_dict["fc1_weight"].asnumpy()).max() > 0


def test_a_missing_argument_is_named(contexts):
    with pytest.raises(ValueError, match="B"):
        product().bind(mx.cpu(), {"A": nd.ones((1,))})
