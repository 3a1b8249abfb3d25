"""Operators in Python: at once, recorded, bound, hybridized, read back; and their mistakes."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench.base import MXNetError
from workbench.error import NotDifferentiable, OperatorError, ParameterError, UnknownOperator
from workbench.ndarray.cached_op import CachedOp

operator = mx.operator


class Scale(operator.CustomOp):
    """out = factor · data, other = data + bias; counts its forwards in a state."""

    def __init__(self, factor):
        self.factor = factor

    def forward(self, is_train, req, in_data, out_data, aux):
        self.seen = in_data[0].copy()
        self.assign(out_data[0], req[0], in_data[0] * self.factor)
        self.assign(out_data[1], req[1], in_data[0] + in_data[1])
        if is_train:
            aux[0][:] += 1

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        assert np.array_equal(self.seen.asnumpy(), in_data[0].asnumpy())
        self.assign(in_grad[0], req[0], out_grad[0] * self.factor + out_grad[1])
        self.assign(in_grad[1], req[1], mx.nd.sum(out_grad[1], axis=0))


@operator.register("test_scale")
class ScaleProp(operator.CustomOpProp):
    def __init__(self, factor="2"):
        super().__init__()
        self.factor = float(factor)

    def list_arguments(self):
        return ["data", "bias"]

    def list_outputs(self):
        return ["scaled", "moved"]

    def list_auxiliary_states(self):
        return ["count"]

    def infer_shape(self, in_shape):
        data = in_shape[0]
        return [data, data[1:]], [data, data], [(1,)]

    def create_operator(self, ctx, in_shapes, in_dtypes):
        return Scale(self.factor)


class Halves(operator.CustomOp):
    """A loss: the gradient is half of the output, whatever comes from above."""

    def forward(self, is_train, req, in_data, out_data, aux):
        self.assign(out_data[0], req[0], mx.nd.exp(in_data[0]))

    def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
        self.assign(in_grad[0], req[0], out_data[0] / 2)


@operator.register("test_halves")
class HalvesProp(operator.CustomOpProp):
    def __init__(self):
        super().__init__(need_top_grad=False)

    def create_operator(self, ctx, in_shapes, in_dtypes):
        assert in_dtypes == [0]
        assert isinstance(ctx, mx.Context)
        return Halves()


DEVICES = [mx.cpu(), mx.cpu(1), mx.Context("loopback", 0)]
every_device = pytest.mark.parametrize("ctx", DEVICES, ids=str)


def arrays(ctx=None):
    data = mx.nd.array(np.arange(6.0).reshape(2, 3), ctx=ctx)
    return data, mx.nd.array([1.0, 2.0, 3.0], ctx=ctx), mx.nd.zeros(1, ctx=ctx)


def expected():
    data, bias, _ = (one.asnumpy() for one in arrays())
    return [data * 3, data + bias, np.full((2, 3), 4.0), np.full(3, 2.0)]


def compare(found, count, state):
    for one, other in zip(found, expected(), strict=True):
        assert np.allclose(one.asnumpy(), other)
    assert state.asscalar() == count


@every_device
def test_eager_and_recorded(ctx):
    data, bias, count = arrays(ctx)
    for one in (data, bias):
        one.attach_grad()
    with ctx, mx.autograd.record():
        scaled, moved = mx.nd.Custom(data, bias, count, op_type="test_scale", factor=3)
        total = mx.nd.sum(scaled) + mx.nd.sum(moved)
    total.backward()
    compare([scaled, moved, data.grad, bias.grad], 1, count)
    with ctx:
        mx.nd.Custom(data, bias=bias, count=count, op_type="test_scale", factor=3)
    assert count.asscalar() == 1, "not in training mode"


@every_device
def test_bound(ctx):
    data, bias, count = arrays(ctx)
    out = mx.sym.Custom(data=mx.sym.var("x"), op_type="test_scale", factor=3, name="s")
    assert out.list_arguments() == ["x", "s_bias"]
    assert out.list_auxiliary_states() == ["s_count"]
    assert out.list_outputs() == ["s_scaled", "s_moved"]
    assert out.infer_shape(x=(2, 3)) == ([(2, 3), (3,)], [(2, 3), (2, 3)], [(1,)])
    grads = [mx.nd.zeros((2, 3), ctx=ctx), mx.nd.zeros(3, ctx=ctx)]
    executor = out.bind(ctx, [data, bias], args_grad=grads, aux_states=[count])
    outputs = executor.forward(is_train=True)
    executor.backward([mx.nd.ones((2, 3), ctx=ctx)] * 2)
    compare([*outputs, *grads], 1, count)
    executor.forward(is_train=True)
    executor.backward([mx.nd.ones((2, 3), ctx=ctx)] * 2)
    compare([*executor.outputs, *grads], 2, count)


def test_hybridized_and_read_back():
    class Net(mx.gluon.HybridBlock):
        def __init__(self):
            super().__init__()
            self.count = self.params.get("count", shape=(1,), grad_req="null", init="zeros")

        def hybrid_forward(self, F, x, bias, count):
            scaled, moved = F.Custom(x, bias, count, op_type="test_scale", factor=3)
            return F.elemwise_add(scaled, F.relu(moved))

    data, bias, _ = arrays()
    net = Net()
    net.initialize()
    plain = net(data, bias).asnumpy()
    net.hybridize()
    for one in (data, bias):
        one.attach_grad()
    with mx.autograd.record():
        out = net(data, bias)
    out.backward()
    assert np.allclose(out.asnumpy(), plain)
    assert np.allclose(data.grad.asnumpy(), 4)
    assert net.count.data().asscalar() == 1
    symbol = net(mx.sym.var("a"), mx.sym.var("b"))
    again = mx.sym.load_json(symbol.tojson())
    assert again.tojson() == symbol.tojson()
    executor = again.bind(mx.cpu(), {"a": data, "b": bias}, aux_states=[mx.nd.zeros(1)])
    assert np.allclose(executor.forward()[0].asnumpy(), plain)


def test_what_the_forward_saw_is_kept_from_later_kernels():
    """The buffer of an input, and the output, are not given away before the backward."""
    x = mx.sym.var("x")
    out = mx.sym.exp(mx.sym.Custom(x * 2, op_type="test_halves") + 1) * 3 + x
    executor = out.simple_bind(mx.cpu(), x=(300, 300))
    executor.arg_dict["x"][:] = 0.5
    executor.forward(is_train=True)
    executor.backward(mx.nd.ones((300, 300)))
    assert np.allclose(executor.grad_dict["x"].asnumpy(), 1 + np.e / 2 * 2)


def test_two_forwards_before_one_backward_have_operators_of_their_own():
    data, bias, count = arrays()
    data.attach_grad()
    with mx.autograd.record():
        first, _ = mx.nd.Custom(data, bias, count, op_type="test_scale")
        mx.nd.Custom(data * 5, bias, count, op_type="test_scale")
    first.backward()  # asserts that it sees its own data
    assert np.allclose(data.grad.asnumpy(), 2)


def test_a_graph_pushed_to_another_device_may_wait_for_its_own_work():
    class Waits(operator.CustomOp):
        def forward(self, is_train, req, in_data, out_data, aux):
            total = mx.nd.dot(in_data[0], in_data[0].T).sum().asscalar()
            self.assign(out_data[0], req[0], in_data[0] * float(total))

        def backward(self, req, out_grad, in_data, out_data, in_grad, aux):
            self.assign(in_grad[0], req[0], out_grad[0] * 2)

    prop = type("Prop", (operator.CustomOpProp,), {"create_operator": lambda *args: Waits()})
    operator.register("test_waits")(prop)
    op = CachedOp(mx.sym.Custom(mx.sym.var("x") * 1, op_type="test_waits"))
    x = mx.nd.ones((300, 300), ctx=mx.cpu(1))
    x.attach_grad()
    for _ in range(3):
        with mx.autograd.record():
            y = op(x)
        y.backward()
    assert y.asnumpy()[0, 0] == 300.0**3
    assert (x.grad.asnumpy() == 2).all()


def test_a_loss_needs_no_gradient_from_above():
    out = mx.sym.Custom(mx.sym.var("x"), op_type="test_halves")
    executor = out.simple_bind(mx.cpu(), x=(3,))
    executor.forward(is_train=True)
    executor.backward()
    assert executor.grad_dict["x"].asnumpy().tolist() == [0.5] * 3
    x = mx.nd.zeros(3)
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(x, op_type="test_halves") * 100
    y.backward()
    assert x.grad.asnumpy().tolist() == [0.5] * 3


def test_inside_of_a_loop():
    x, s = mx.sym.var("x"), mx.sym.var("s")

    def body(row, state):
        scaled, moved = mx.sym.Custom(row, state, op_type="test_scale", name="c")
        return scaled, mx.sym.broadcast_add(mx.sym.mean(moved, axis=0), state * 0)

    out, last = mx.sym.contrib.foreach(body, x, s)
    both = mx.sym.Group([out, last])
    assert both.list_auxiliary_states() == ["c_count"]
    executor = both.simple_bind(mx.cpu(), x=(4, 2, 3), s=(3,))
    executor.arg_dict["x"][:] = 1
    outputs = executor.forward(is_train=True)
    assert np.allclose(outputs[0].asnumpy(), 2)
    assert np.allclose(outputs[1].asnumpy(), 4)
    executor.backward([mx.nd.ones((4, 2, 3)), mx.nd.ones(3)])
    assert executor.aux_dict["c_count"].asscalar() == 4
    assert np.allclose(executor.grad_dict["x"].asnumpy(), 2.5)


def broken(name, **methods):
    """A property whose methods, or those of its operator, are replaced."""
    op = type("Op", (operator.CustomOp,), {k: v for k, v in methods.items() if "ward" in k})
    own = {k: v for k, v in methods.items() if "ward" not in k}
    prop = type("Prop", (operator.CustomOpProp,), {"create_operator": lambda *a: op(), **own})
    operator.register(name)(prop)


def user_error(*args, **kwargs):
    raise KeyError("a mistake of the user's")


@pytest.mark.parametrize(
    "method", ["forward", "infer_shape", "infer_type", "list_arguments", "create_operator"]
)
def test_errors_keep_the_users_lines(method):
    broken(f"test_broken_{method}", **{method: user_error})
    with pytest.raises(OperatorError, match="a mistake of the user's") as caught:
        mx.nd.Custom(mx.nd.ones(3), op_type=f"test_broken_{method}")
    assert "test_operator.py" in str(caught.value)
    assert "in user_error: raise KeyError" in str(caught.value)
    assert isinstance(caught.value.__cause__, KeyError)


def test_errors_of_a_backward():
    broken("test_broken_backward", backward=user_error)
    x = mx.nd.ones(3)
    x.attach_grad()
    with mx.autograd.record():
        y = mx.nd.Custom(x, op_type="test_broken_backward")
    with pytest.raises(OperatorError, match="backward raised KeyError"):
        y.backward()
    assert not mx.autograd.is_recording()
    out = mx.sym.Custom(mx.sym.var("x"), op_type="test_broken_backward")
    executor = out.simple_bind(mx.cpu(), x=(3,))
    executor.forward(is_train=True)
    with pytest.raises(OperatorError, match="backward raised KeyError"):
        executor.backward(mx.nd.ones(3))


@pytest.mark.parametrize("compiled", [False, True])
def test_there_is_no_gradient_of_its_gradient(compiled):
    x = mx.nd.ones(3)
    x.attach_grad()
    out = mx.sym.exp(mx.sym.Custom(mx.sym.var("x"), op_type="test_halves"))
    run = CachedOp(out) if compiled else lambda x: mx.nd.exp(mx.nd.Custom(x, op_type="test_halves"))
    with mx.autograd.record():
        y = run(x)
        with pytest.raises(NotDifferentiable, match="Custom operator"):
            mx.autograd.grad(y, [x], create_graph=True)


def test_wrong_calls():
    x = mx.nd.ones(3)
    with pytest.raises(MXNetError, match="Cannot find custom operator 'no_such'"):
        mx.nd.Custom(x, op_type="no_such")
    with pytest.raises(ParameterError, match="input bias is missing"):
        mx.nd.Custom(x, op_type="test_scale")
    with pytest.raises(ParameterError, match="an input too many"):
        mx.nd.Custom(x, x, op_type="test_halves")
    with pytest.raises(AssertionError, match="data must be an NDArray"):
        mx.nd.Custom([1, 2], op_type="test_halves")
    with pytest.raises(OperatorError, match="__init__ raised TypeError"):
        mx.nd.Custom(x, op_type="test_halves", unknown=1)
    with pytest.raises(ValueError, match="symbol of one output"):
        mx.sym.Custom(3, op_type="test_halves")
    with pytest.raises(ValueError, match="an input too many"):
        mx.sym.Custom(label=mx.sym.var("x"), op_type="test_halves")
    broken("test_two_shapes", infer_shape=lambda self, shapes: (shapes, [(1,), (2,)]))
    with pytest.raises(OperatorError, match="lists of 1, 2, 0 entries"):
        mx.nd.Custom(x, op_type="test_two_shapes")


def test_a_file_with_an_operator_that_is_not_registered():
    text = mx.sym.Custom(mx.sym.var("x"), op_type="test_halves").tojson()
    text = text.replace("test_halves", "from_another_project")
    with pytest.raises(UnknownOperator, match="Custom"):
        mx.sym.load_json(text)
    assert mx.sym.load_json(text, allow_unknown=True).list_arguments() == ["x"]


@pytest.mark.parametrize("base", [operator.NumpyOp, operator.NDArrayOp])
def test_operators_of_the_older_kind(base):
    class Square(base):
        def forward(self, in_data, out_data):
            out_data[0][:] = in_data[0] * in_data[0]

        def backward(self, out_grad, in_data, out_data, in_grad):
            in_grad[0][:] = 2 * in_data[0] * out_grad[0]

    out = Square()(mx.sym.var("x"), name="sq")
    executor = out.simple_bind(mx.cpu(), x=(3,))
    executor.forward(is_train=True, x=mx.nd.array([1, 2, 3]))
    executor.backward(mx.nd.array([1, 1, 2]))
    assert executor.outputs[0].asnumpy().tolist() == [1, 4, 9]
    assert executor.grad_dict["x"].asnumpy().tolist() == [2, 4, 12]


def test_what_operators_there_are():
    names = operator.get_all_registered_operators()
    assert {"FullyConnected", "exp"} <= set(names)
    told = operator.get_operator_arguments("Activation")
    assert told.names[:2] == ["data", "act_type"]
    assert told.narg == len(told.names) == len(told.types)
    assert told.types[1] == "{'relu', 'sigmoid', 'softrelu', 'softsign', 'tanh'}, required"
    told = operator.get_operator_arguments("Convolution")
    kinds = dict(zip(told.names, told.types, strict=True))
    assert kinds["num_filter"].endswith(", required")
    assert kinds["num_group"].endswith(", optional, default=1")
    assert kinds["layout"].startswith("{None, 'NCDHW', ")
    with pytest.raises(UnknownOperator):
        operator.get_operator_arguments("no_such_operator")
