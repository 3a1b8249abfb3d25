"""``group2ctx``: one graph on several devices."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx

GROUPS = {"left": mx.cpu(0), "right": mx.cpu(1)}


def net():
    with mx.AttrScope(ctx_group="left"):
        data = mx.sym.var("data")
        hidden = mx.sym.FullyConnected(data, num_hidden=4, name="fc1")
        hidden = mx.sym.BatchNorm(hidden, name="bn", fix_gamma=False)
    with mx.AttrScope(ctx_group="right"):
        hidden = mx.sym.Activation(hidden, act_type="tanh")
        out = mx.sym.FullyConnected(hidden, num_hidden=2, name="fc2")
    return mx.sym.SoftmaxOutput(out + mx.sym.ones((3, 2)), name="softmax")


def run(groups):
    executor = net().simple_bind(mx.cpu(), group2ctx=groups, data=(3, 5))
    rng = np.random.default_rng(0)
    for name, one in executor.arg_dict.items():
        one[:] = rng.standard_normal(one.shape) if name != "softmax_label" else [0, 1, 0]
    for _ in range(2):
        outputs = executor.forward(is_train=True)
        executor.backward()
    return executor, outputs


def test_arrays_live_on_the_devices_of_their_groups():
    executor, outputs = run(GROUPS)
    places = {name: one.context for name, one in executor.arg_dict.items()}
    assert places["fc1_weight"] == executor.aux_dict["bn_moving_var"].context == mx.cpu(0)
    assert places["fc2_weight"] == executor.grad_dict["fc2_weight"].context == mx.cpu(1)
    assert outputs[0].context == mx.cpu(0), "a node without a group is where it was bound"


def test_the_numbers_are_those_of_one_device():
    (one, outs), (other, others) = run(None), run(GROUPS)
    assert np.allclose(outs[0].asnumpy(), others[0].asnumpy(), atol=1e-6)
    for name, grad in one.grad_dict.items():
        assert np.allclose(grad.asnumpy(), other.grad_dict[name].asnumpy(), atol=1e-5), name
    for name, state in one.aux_dict.items():
        assert np.allclose(state.asnumpy(), other.aux_dict[name].asnumpy(), atol=1e-6), name


def test_arrays_of_the_caller_may_be_anywhere():
    with mx.AttrScope(ctx_group="right"):
        out = mx.sym.var("a") * 2 + mx.sym.var("b")
    a, b = mx.nd.ones(3, ctx=mx.cpu(0)), mx.nd.ones(3, ctx=mx.cpu(2))
    grad = mx.nd.zeros(3)
    executor = out.bind(mx.cpu(), [a, b], args_grad={"a": grad}, group2ctx=GROUPS)
    assert executor.forward(is_train=True)[0].asnumpy().tolist() == [3, 3, 3]
    executor.backward(mx.nd.ones(3))
    assert grad.asnumpy().tolist() == [2, 2, 2]


def test_a_monitor_sees_all_parts():
    executor = net().simple_bind(mx.cpu(), group2ctx=GROUPS, data=(3, 5))
    executor.forward()
    seen = []
    executor.set_monitor_callback(lambda name, array: seen.append(name))
    executor.forward()
    assert {b"fc1_output", b"bn_output", b"fc2_output", b"softmax_output"} <= set(seen)


@pytest.mark.parametrize("group", ["left", "nobody"])
def test_a_group_without_a_device_runs_where_it_was_bound(group):
    with mx.AttrScope(ctx_group=group):
        out = mx.sym.exp(mx.sym.var("a"))
    executor = out.simple_bind(mx.cpu(2), group2ctx=GROUPS, a=(2,))
    expected = GROUPS.get(group, mx.cpu(2))
    assert executor.forward()[0].context == expected
