from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.error import GraphError, MXNetError, ShapeError


def fc():
    return mx.sym.FullyConnected(mx.sym.var("a"), num_hidden=3, name="fc")


def arrays():
    rng = np.random.default_rng(0)
    return {
        name: mx.nd.array(rng.standard_normal(shape))
        for name, shape in {"a": (2, 4), "fc_weight": (3, 4), "fc_bias": (3,)}.items()
    }


def zeros_like(args):
    return {name: mx.nd.zeros(one.shape) for name, one in args.items()}


def reference(args):
    a, w, b = (args[n].asnumpy() for n in ("a", "fc_weight", "fc_bias"))
    return a @ w.T + b


def test_bind_forward_backward():
    args = arrays()
    grads = zeros_like(args)
    executor = fc().bind(mx.cpu(), args, args_grad=grads)
    (out,) = executor.forward(is_train=True)
    assert np.allclose(out.asnumpy(), reference(args), atol=1e-5)
    head = mx.nd.ones((2, 3))
    executor.backward(head)
    assert np.allclose(grads["fc_bias"].asnumpy(), 2)
    assert np.allclose(
        grads["a"].asnumpy(), np.tile(args["fc_weight"].asnumpy().sum(0), (2, 1)), atol=1e-5
    )
    assert executor.grad_dict["a"] is grads["a"]
    assert list(executor.output_dict) == ["fc_output"]


def test_lists_in_the_order_of_the_arguments():
    args = arrays()
    executor = fc().bind(mx.cpu(), [args[n] for n in ("a", "fc_weight", "fc_bias")])
    assert np.allclose(executor.forward()[0].asnumpy(), reference(args), atol=1e-5)


@pytest.mark.parametrize("given", ["str", "list", "dict"])
def test_requests_in_three_forms(given):
    args = arrays()
    grads = zeros_like(args)
    wanted = {"a": "add", "fc_weight": "write", "fc_bias": "null"}
    request = {"str": "add", "list": list(wanted.values()), "dict": wanted}[given]
    executor = fc().bind(mx.cpu(), args, args_grad=grads, grad_req=request)
    for _ in range(2):
        executor.forward(is_train=True)
        executor.backward(mx.nd.ones((2, 3)))
    once = np.tile(args["fc_weight"].asnumpy().sum(0), (2, 1))
    assert np.allclose(grads["a"].asnumpy(), 2 * once, atol=1e-5)
    assert grads["fc_bias"].asnumpy()[0] == (4 if given == "str" else 0)


def test_simple_bind_makes_zeros_and_infers():
    executor = fc().simple_bind(mx.cpu(), a=(2, 4))
    assert {n: one.shape for n, one in executor.arg_dict.items()} == {
        "a": (2, 4),
        "fc_weight": (3, 4),
        "fc_bias": (3,),
    }
    assert executor.outputs[0].shape == (2, 3)
    assert all(not one.asnumpy().any() for one in executor.grad_arrays)
    half = fc().simple_bind(mx.cpu(), grad_req={"a": "write"}, type_dict={"a": "float64"}, a=(2, 4))
    assert half.arg_dict["fc_weight"].dtype == np.float64
    assert half.grad_dict["fc_weight"] is None
    with pytest.raises(RuntimeError, match="cannot decide shapes"):
        fc().simple_bind(mx.cpu())


def test_forward_takes_new_values():
    args = arrays()
    executor = fc().bind(mx.cpu(), args)
    new = np.ones((2, 4), "float32")
    executor.forward(a=mx.nd.array(new))
    assert args["a"].asnumpy().tolist() == new.tolist()
    executor.forward(a=2 * new)
    assert args["a"].asnumpy()[0, 0] == 2
    with pytest.raises(TypeError, match="Unknown argument zzz"):
        executor.forward(zzz=mx.nd.ones((1,)))
    with pytest.raises(ValueError, match="Shape not match"):
        executor.forward(a=mx.nd.ones((2, 5)))
    with pytest.raises(ValueError, match="only accept"):
        executor.forward(a=3)


def test_outputs_are_the_same_arrays_each_time():
    executor = fc().bind(mx.cpu(), arrays())
    first = executor.forward()[0]
    row, before = first[0], first.asnumpy()
    second = executor.forward(a=mx.nd.zeros((2, 4)))[0]
    assert executor.outputs[0] is second is first
    assert first.asnumpy().tolist() != before.tolist()
    assert row.asnumpy().tolist() == before[0].tolist(), "a view keeps what it saw"


def test_outputs_taken_before_the_first_forward_are_filled_by_it():
    executor = (mx.sym.var("x") * 2).bind(mx.cpu(), {"x": mx.nd.ones((2,))})
    early = executor.outputs[0]
    assert early.asnumpy().tolist() == [0, 0]
    executor.forward()
    assert early.asnumpy().tolist() == [2, 2]
    executor.forward(x=mx.nd.zeros((2,)))
    assert early.asnumpy().tolist() == [0, 0]


def test_a_loss_needs_no_head():
    net = mx.sym.SoftmaxOutput(fc(), name="softmax")
    executor = net.simple_bind(mx.cpu(), a=(2, 4), grad_req="write")
    executor.forward(is_train=True, a=mx.nd.ones((2, 4)), softmax_label=mx.nd.array([0, 1]))
    executor.backward()
    expected = np.full((2, 3), 1 / 3) - np.eye(3)[[0, 1]]
    assert np.allclose(executor.grad_dict["fc_bias"].asnumpy(), expected.sum(0), atol=1e-6)
    assert not executor.grad_dict["softmax_label"].asnumpy().any()


def test_the_gradient_of_an_output_that_has_none_is_not_looked_at():
    executor = mx.sym.argmax(mx.sym.var("x"), axis=1).simple_bind(mx.cpu(), x=(2, 3))
    executor.forward(is_train=True)
    executor.backward(mx.nd.ones((5,)))
    assert (executor.grad_dict["x"].asnumpy() == 0).all()


def test_other_outputs_need_one():
    args = arrays()
    executor = fc().bind(mx.cpu(), args, args_grad=zeros_like(args))
    executor.forward(is_train=True)
    with pytest.raises(MXNetError, match="is no loss"):
        executor.backward()
    with pytest.raises(ShapeError, match="Shape inconsistent"):
        executor.backward(mx.nd.ones((2, 4)))
    with pytest.raises(MXNetError, match="0 gradients for 1"):
        executor.backward([])
    with pytest.raises(TypeError):
        executor.backward([3])
    executor.backward([mx.nd.ones((2, 3)), "not looked at"])
    assert executor.grad_dict["fc_bias"].asnumpy().tolist() == [2, 2, 2]


def test_what_comes_from_above_to_an_output_without_gradient_is_not_looked_at():
    executor = mx.sym.shape_array(mx.sym.var("x")).bind(
        mx.cpu(), {"x": mx.nd.ones((2, 3))}, {"x": mx.nd.ones((2, 3))}
    )
    executor.forward(is_train=True)
    executor.backward([mx.nd.ones(7)])
    assert (executor.grad_dict["x"].asnumpy() == 0).all()


def test_a_gradient_from_above_may_have_another_float_dtype():
    x = mx.sym.cast(mx.sym.var("x"), dtype="float64")
    executor = (x * x * 2 + x).simple_bind(mx.cpu(), x=(3,))
    executor.arg_dict["x"][:] = 1.5
    executor.forward(is_train=True)
    executor.backward([mx.nd.ones(3)])
    assert executor.grad_dict["x"].asnumpy().tolist() == [7, 7, 7]


def test_backward_uses_what_a_forward_in_predict_mode_has_drawn():
    executor = mx.sym.Dropout(mx.sym.var("x"), mode="always").simple_bind(mx.cpu(), x=(50, 50))
    executor.arg_dict["x"][:] = 1
    executor.forward(is_train=False)
    executor.backward([mx.nd.ones((50, 50))], is_train=False)
    out = executor.outputs[0].asnumpy()
    assert 0 < (out == 0).mean() < 1
    assert (executor.grad_dict["x"].asnumpy() == out).all()


def test_gradients_beyond_the_outputs_are_left_alone():
    args = arrays()
    grads = zeros_like(args)
    executor = fc().bind(mx.cpu(), args, args_grad=grads)
    executor.forward(is_train=True)
    executor.backward([mx.nd.ones((2, 3)), mx.nd.ones((7,))])
    assert np.allclose(grads["fc_bias"].asnumpy(), 2)


def test_backward_after_a_forward_in_predict_mode():
    args = arrays()
    grads = zeros_like(args)
    executor = fc().bind(mx.cpu(), args, args_grad=grads)
    executor.forward(is_train=False)
    executor.backward(mx.nd.ones((2, 3)))
    assert np.allclose(grads["fc_bias"].asnumpy(), 2)


def test_no_gradient_wanted_is_no_error():
    executor = fc().bind(mx.cpu(), arrays(), grad_req="null")
    executor.forward(is_train=True)
    executor.backward(mx.nd.ones((2, 3)))
    assert executor.grad_arrays == [None] * 3


def test_moving_averages_change_in_the_arrays_that_were_bound():
    net = mx.sym.BatchNorm(mx.sym.var("x"), name="bn", fix_gamma=False, momentum=0.5)
    executor = net.simple_bind(mx.cpu(), x=(4, 3))
    executor.aux_dict["bn_moving_var"][:] = 1
    data = np.arange(12, dtype="float32").reshape(4, 3)
    executor.forward(is_train=True, x=mx.nd.array(data))
    assert not executor.aux_dict["bn_moving_mean"].asnumpy().any()
    executor.backward(mx.nd.ones((4, 3)))
    assert np.allclose(executor.aux_dict["bn_moving_mean"].asnumpy(), 0.5 * data.mean(0))


def test_bind_refuses_what_does_not_fit():
    args = arrays()
    with pytest.raises(ValueError, match="Length of args"):
        fc().bind(mx.cpu(), [args["a"]])
    with pytest.raises(ValueError, match="`fc_weight` is missing"):
        fc().bind(mx.cpu(), {"a": args["a"]})
    with pytest.raises(TypeError):
        fc().bind(mx.cpu(), 3)
    with pytest.raises(TypeError, match="a in args"):
        fc().bind(mx.cpu(), {**args, "a": 3})
    with pytest.raises(ShapeError, match="Error in operator fc"):
        fc().bind(mx.cpu(), {**args, "fc_weight": mx.nd.ones((3, 5))})
    with pytest.raises(ValueError, match="grad_req"):
        fc().bind(mx.cpu(), args, grad_req="zzz")
    with pytest.raises(TypeError, match="Context"):
        fc().bind("cpu", args)
    bn = mx.sym.BatchNorm(mx.sym.var("x"), name="bn")
    given = {n: mx.nd.ones((3,)) for n in ("bn_gamma", "bn_beta")}
    with pytest.raises(ValueError, match="aux_states"):
        bn.bind(mx.cpu(), {**given, "x": mx.nd.ones((2, 3))})


def test_two_variables_of_one_name_are_refused():
    net = mx.sym.var("x") + mx.sym.var("x")
    assert net.list_arguments() == ["x", "x"]
    for call in (
        lambda: net.bind(mx.cpu(), [mx.nd.ones((2,))] * 2),
        lambda: net.simple_bind(mx.cpu(), x=(2,)),
    ):
        with pytest.raises(GraphError, match="two different variables are called 'x'") as error:
            call()
        assert "test_executor.py" in str(error.value)


def test_eval_gives_a_list():
    args = arrays()
    (out,) = fc().eval(ctx=mx.cpu(), **args)
    assert np.allclose(out.asnumpy(), reference(args), atol=1e-5)


def test_copy_params_from():
    executor = fc().simple_bind(mx.cpu(), a=(2, 4))
    executor.copy_params_from({"fc_bias": mx.nd.ones((3,), dtype="float64")})
    assert executor.arg_dict["fc_bias"].asnumpy().tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match='"q" that is not in the arguments'):
        executor.copy_params_from({"q": mx.nd.ones((3,))})
    executor.copy_params_from({"q": mx.nd.ones((3,))}, allow_extra_params=True)
    with pytest.raises(ValueError, match="auxiliary states"):
        executor.copy_params_from({}, {"q": mx.nd.ones((3,))})
    with pytest.raises(ShapeError):
        executor.copy_params_from({"fc_bias": mx.nd.ones((4,))})


def test_reshape_shares_memory_and_minds_sizes():
    executor = fc().simple_bind(mx.cpu(), a=(4, 4))
    small = executor.reshape(a=(2, 4))
    assert small.arg_dict["fc_weight"] is executor.arg_dict["fc_weight"]
    small.arg_dict["a"][:] = 3
    assert executor.arg_dict["a"].asnumpy()[:2].min() == 3
    assert small.forward()[0].shape == (2, 3)
    with pytest.raises(MXNetError, match="larger than original"):
        executor.reshape(a=(8, 4))
    assert executor.reshape(allow_up_sizing=True, a=(8, 4)).forward()[0].shape == (8, 3)
    with pytest.raises(MXNetError, match="unspecified arg: fc_weight"):
        executor.reshape(a=(2, 2))
    assert executor.reshape(partial_shaping=True, a=(2, 2)).arg_dict["fc_weight"].shape == (3, 2)
    with pytest.raises(MXNetError, match="no argument"):
        executor.reshape(zz=(1,))


def test_monitor_sees_every_output():
    net = mx.sym.exp(fc(), name="e")
    executor = net.bind(mx.cpu(), arrays())
    seen = []
    executor.set_monitor_callback(
        lambda name, array: seen.append((mx.base.py_str(name), array.shape))
    )
    executor.forward()
    assert seen == [("fc_output", (2, 3)), ("e_output", (2, 3))]
    seen.clear()
    executor.set_monitor_callback(lambda name, _: seen.append(name.decode()), monitor_all=True)
    executor.forward()
    inputs = ["a", "fc_data", "fc_weight", "fc_weight", "fc_bias", "fc_bias"]
    assert seen == [*inputs, "fc_output", "e_input0", "e_output"], "MXNet's names and order"


def test_watching_changes_no_number():
    def results(watch):
        executor = lenet().simple_bind(mx.cpu(), data=(4, 1, 14, 14))
        if watch:
            executor.set_monitor_callback(lambda name, array: None, monitor_all=True)
        for array in executor.arg_arrays:
            array[:] = 0.1
        mx.random.seed(1)
        executor.forward(is_train=True)
        executor.backward()
        arrays = [*executor.outputs, *executor.grad_arrays, *executor.aux_arrays]
        return [array.asnumpy() for array in arrays]

    for one, other in zip(results(True), results(False), strict=True):
        assert np.allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_variable_alone_can_be_bound():
    x = mx.nd.ones((2,))
    net = mx.sym.Group([mx.sym.var("a"), mx.sym.var("b")])
    first, second = net.bind(mx.cpu(), {"a": x, "b": x}).forward()
    first[:] = 5
    assert x.asnumpy().tolist() == second.asnumpy().tolist() == [1, 1]


def test_the_compiled_graph_can_be_read():
    assert "FullyConnected" in fc().simple_bind(mx.cpu(), a=(2, 4)).debug_str()


def test_bound_on_another_cpu_device():
    ctx = mx.cpu(1)
    args = {name: one.as_in_context(ctx) for name, one in arrays().items()}
    executor = fc().bind(
        ctx, args, args_grad={n: mx.nd.zeros(a.shape, ctx=ctx) for n, a in args.items()}
    )
    (out,) = executor.forward(is_train=True)
    executor.backward(mx.nd.ones((2, 3), ctx=ctx))
    assert out.context == ctx
    assert np.allclose(out.asnumpy(), reference(args), atol=1e-5)
    assert np.allclose(executor.grad_dict["fc_bias"].asnumpy(), 2)


def lenet():
    x = mx.sym.Convolution(mx.sym.var("data"), kernel=(5, 5), num_filter=4, name="conv")
    x = mx.sym.Pooling(mx.sym.Activation(x, act_type="relu"), kernel=(2, 2), stride=(2, 2))
    x = mx.sym.Dropout(mx.sym.BatchNorm(x, fix_gamma=False, name="bn"), p=0.3)
    x = mx.sym.FullyConnected(mx.sym.Flatten(x), num_hidden=10, name="fc")
    return mx.sym.SoftmaxOutput(x, name="softmax")


def trained(ctx):
    """Outputs, gradients and states after two steps that add up gradients."""
    executor = lenet().simple_bind(ctx, data=(4, 1, 14, 14), grad_req="add")
    rng = np.random.default_rng(0)
    for array in executor.arg_arrays:
        array[:] = mx.nd.array(rng.standard_normal(array.shape), ctx=ctx)
    mx.random.seed(1)
    for _ in range(2):
        executor.forward(is_train=True)
        executor.backward()
    arrays = [*executor.outputs, *executor.grad_arrays, *executor.aux_arrays]
    return [array.asnumpy() for array in arrays]


@pytest.mark.parametrize("device", ["cpu", "loopback"])
def test_a_network_trains_alike_on_every_device(device):
    for one, other in zip(trained(getattr(mx, device)(1)), trained(mx.cpu()), strict=True):
        assert np.allclose(one, other, rtol=1e-5, atol=1e-5)
