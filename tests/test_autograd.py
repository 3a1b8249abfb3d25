"""autograd: what MXNet 1.9.1 does, observed, and what Workbench adds (higher order for all)."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, nd


def leaf(values, req="write"):
    x = nd.array(values)
    x.attach_grad(req)
    return x


def test_record_sets_recording_and_training_and_restores_both():
    assert not autograd.is_recording()
    assert not autograd.is_training()
    with autograd.record():
        assert autograd.is_recording()
        assert autograd.is_training()
        with autograd.pause():
            assert not autograd.is_recording()
            assert not autograd.is_training()
        with autograd.predict_mode():
            assert autograd.is_recording()
            assert not autograd.is_training()
    assert not autograd.is_recording()


def test_record_in_predict_mode():
    with autograd.record(train_mode=False):
        assert autograd.is_recording()
        assert not autograd.is_training()


def test_scopes_restore_after_an_exception():
    with pytest.raises(KeyError), autograd.record():
        raise KeyError("x")
    assert not autograd.is_recording()


def test_recording_is_a_threads_own():
    import threading

    seen = []
    with autograd.record():
        thread = threading.Thread(target=lambda: seen.append(autograd.is_recording()))
        thread.start()
        thread.join(10)
    assert seen == [False]


def test_set_recording_returns_what_it_was():
    assert autograd.set_recording(True) is False
    assert autograd.set_recording(False) is True
    assert autograd.set_training(True) is False
    assert autograd.set_training(False) is True


def test_backward_of_the_talk():
    y = leaf([[1.0, 2.0], [3.0, 4.0]])
    with autograd.record():
        a = y * 2
        b = nd.exp(a)
    b.backward()
    np.testing.assert_allclose(y.grad.asnumpy(), 2 * np.exp(2 * y.asnumpy()), rtol=1e-6)


def test_head_gradients_default_to_ones_and_may_be_given():
    x = leaf([1.0, 2.0, 3.0])
    with autograd.record():
        y = x * x
    y.backward(retain_graph=True)
    assert x.grad.asnumpy().tolist() == [2, 4, 6]
    y.backward(nd.array([1.0, 0.0, 2.0]))
    assert x.grad.asnumpy().tolist() == [2, 0, 12]


def test_several_heads_are_summed():
    x = leaf([1.0, 2.0])
    with autograd.record():
        y, z = x * 2, x * x
    autograd.backward([y, z])
    assert x.grad.asnumpy().tolist() == [4, 6]


def test_write_overwrites_add_accumulates_null_refuses():
    x, y = leaf([1.0]), leaf([1.0], "add")
    for _ in range(2):
        with autograd.record():
            z = x * 3 + y * 5
        z.backward()
    assert x.grad.asscalar() == 3
    assert y.grad.asscalar() == 10


def test_the_gradient_buffer_is_the_same_object_every_time():
    x = leaf([1.0])
    before = x.grad
    with autograd.record():
        y = x * 2
    y.backward()
    assert x.grad is before or x.grad._data is before._data


def test_an_unused_leaf_keeps_its_old_gradient():
    x, y = leaf([1.0]), leaf([1.0])
    with autograd.record():
        z = x + y
    z.backward()
    with autograd.record():
        z = x * 4
    z.backward()
    assert (x.grad.asscalar(), y.grad.asscalar()) == (4, 1)


def test_attach_grad_on_an_intermediate_cuts_the_history():
    x = leaf([2.0])
    with autograd.record():
        y = x * 2
        y.attach_grad()
        z = y * 3
    z.backward()
    assert y.grad.asscalar() == 3
    assert x.grad.asscalar() == 0


def test_the_gradient_of_an_intermediate_is_none():
    x = leaf([2.0])
    with autograd.record():
        y = x * 2
    assert y.grad is None


def test_detach_and_block_grad_stop():
    x = leaf([2.0])
    with autograd.record():
        y = x * x.detach() + nd.BlockGrad(x) * x
    y.backward()
    assert x.grad.asscalar() == 4


def test_an_operator_without_gradient_gives_zeros():
    x = leaf([1.0, 3.0, 2.0])
    x.grad[:] = 7
    with autograd.record():
        y = nd.argmax(x, axis=0)
    y.backward()
    assert x.grad.asnumpy().tolist() == [0, 0, 0]


def test_broadcasting_is_undone():
    x, y = leaf(np.ones((2, 1, 3))), leaf(np.ones((4, 1)))
    with autograd.record():
        z = x * y + x
    z.backward()
    assert x.grad.shape == x.shape
    assert y.grad.shape == y.shape
    np.testing.assert_allclose(x.grad.asnumpy(), np.full((2, 1, 3), 8.0))
    np.testing.assert_allclose(y.grad.asnumpy(), np.full((4, 1), 6.0))


def test_a_second_backward_needs_retain_graph():
    x = leaf([1.0])
    with autograd.record():
        y = x * 2
    y.backward()
    with pytest.raises(mx.MXNetError, match="retain_graph"):
        y.backward()


def test_backward_of_what_was_not_recorded_is_refused():
    with pytest.raises(mx.MXNetError, match="not part of a recorded graph"):
        nd.ones((2,)).backward()


@pytest.mark.parametrize("write", ["x += 1", "x[:] = 2", "nd.exp(z, out=x)", "y[0] = 1"])
def test_writing_into_the_recorded_graph_is_refused(write):
    x, z = leaf([1.0, 2.0]), nd.ones((2,))
    with autograd.record():
        y = x * 2
        with pytest.raises(mx.MXNetError, match="recording"):
            exec(write, {"x": x, "y": y, "z": z, "nd": nd})
    y.backward()
    assert x.grad.asnumpy().tolist() == [2, 2]


def test_an_array_changed_after_the_forward_counts_with_its_new_value():
    x = leaf([3.0])
    with autograd.record():
        y = x * x
    x[:] = 10
    y.backward()
    assert x.grad.asscalar() == 20


def test_reading_parts_is_differentiable():
    x = leaf(np.arange(12.0).reshape(3, 4))
    with autograd.record():
        y = x[1] * 2
        z = x[:, 1:3].sum() + x[[0, 0]].sum() + x[2, 3] + y.sum()
    z.backward()
    expected = np.zeros((3, 4))
    expected[:, 1:3] += 1
    expected[0] += 2
    expected[1] += 2
    expected[2, 3] += 1
    np.testing.assert_allclose(x.grad.asnumpy(), expected)


def test_copies_between_devices_are_differentiable():
    x = leaf([1.0, 2.0])
    with autograd.record():
        y = (x * 2).copyto(mx.cpu(1))
        z = y * y
    z.backward()
    assert z.context == mx.cpu(1)
    assert x.grad.asnumpy().tolist() == [8, 16]


def test_reshape_and_astype_are_differentiable():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    with autograd.record():
        y = (x.reshape(-1).astype("float64") * nd.array([1, 2, 3, 4], dtype="float64")).sum()
    y.backward()
    assert x.grad.dtype == np.float32
    assert x.grad.asnumpy().ravel().tolist() == [1, 2, 3, 4]


def test_grad_returns_new_arrays_and_leaves_the_buffers_alone():
    x, y = leaf([2.0]), leaf([5.0])
    with autograd.record():
        z = x * x * y
    gx, gy = autograd.grad(z, [x, y])
    assert (gx.asscalar(), gy.asscalar()) == (20, 4)
    assert x.grad.asscalar() == 0


@pytest.mark.parametrize("function", [nd.radians, nd.floor, lambda x: x, lambda x: 2 - x])
def test_the_gradient_of_a_gradient_that_does_not_depend_on_the_input_is_zero(function):
    x, head = leaf([1.5, -2.0]), nd.array([3.0, 4.0])
    with autograd.record():
        y = function(x)
        (g,) = autograd.grad(y, x, head, create_graph=True)
    assert head._node is None
    g.backward()
    assert x.grad.asnumpy().tolist() == [0, 0]


def test_third_derivative():
    x = leaf([0.3, -1.2])
    with autograd.record():
        y = nd.sin(x) * x
        (first,) = autograd.grad(y, x, create_graph=True)
        (second,) = autograd.grad(first, x, create_graph=True)
    second.backward()
    v = x.asnumpy()
    np.testing.assert_allclose(x.grad.asnumpy(), -v * np.cos(v) - 3 * np.sin(v), rtol=1e-5)


def test_gradient_penalty_trains_through_the_gradient():
    w, x = leaf([[1.0, -2.0]]), leaf([[0.5, 0.3]])
    with autograd.record():
        y = nd.tanh(nd.dot(x, w.T))
        (g,) = autograd.grad(y, x, create_graph=True)
        penalty = nd.sum(g * g)
    penalty.backward()

    def value(weights):
        t = np.tanh((x.asnumpy() @ weights.T).item())
        return ((1 - t * t) ** 2 * (weights**2)).sum()

    eps, weights = 1e-3, w.asnumpy().astype("float64")
    for i in range(2):
        up, down = weights.copy(), weights.copy()
        up[0, i] += eps
        down[0, i] -= eps
        slope = (value(up) - value(down)) / (2 * eps)
        np.testing.assert_allclose(w.grad.asnumpy()[0, i], slope, rtol=1e-3)


class Square(autograd.Function):
    """x squared, with a gradient that is told apart from the operator's."""

    def forward(self, x):
        self.save_for_backward(x)
        return x * x

    def backward(self, g):
        (x,) = self.saved_tensors
        return g * x * 7


def test_function():
    x = leaf([2.0, 3.0])
    with autograd.record():
        y = Square()(x) + x
    y.backward()
    assert x.grad.asnumpy().tolist() == [15, 22]


def test_a_function_is_used_once():
    square = Square()
    square(nd.ones((1,)))
    with pytest.raises(AssertionError, match="can only be called once"):
        square(nd.ones((1,)))


class Gives(autograd.Function):
    """Has outputs and gradients as it is told."""

    def __init__(self, outputs=None, grads=None):
        super().__init__()
        self.outputs, self.grads = outputs, grads

    def forward(self, x, y):
        assert not autograd.is_recording()
        return self.outputs(x, y) if self.outputs else x + y

    def backward(self, *g):
        return self.grads(*g)


def gradients_of(function, x=None):
    x = leaf([1.0, 2.0])
    with autograd.record():
        made = function(x, nd.ones((2,)))
        total = made if isinstance(made, nd.NDArray) else nd.add_n(*made)
    total.backward()
    return made, x.grad.asnumpy().tolist()


@pytest.mark.parametrize("kind", [list, tuple])
def test_outputs_of_a_function_come_as_it_gives_them(kind):
    function = Gives(lambda x, y: kind([x * 2, x * 3]), lambda g, h: (g * 2 + h * 3, g))
    made, grad = gradients_of(function)
    assert type(made) is kind
    assert grad == [5, 5]


def test_gradients_of_a_function_are_fitted_or_refused():
    assert gradients_of(Gives(grads=lambda g: (nd.array([7.0]), None)))[1] == [7, 7]
    assert gradients_of(Gives(grads=lambda g: (None, g)))[1] == [0, 0]
    for grads, text in (
        (lambda g: g, "returned 1 gradients for 2 inputs"),
        (lambda g: (g, g, g), "returned 3 gradients for 2 inputs"),
        (lambda g: (g.asnumpy(), g), "must return NDArrays, not ndarray"),
        (lambda g: (nd.ones((7,)), g), r"gradient 0 is \(7,\), its input \(2,\)"),
    ):
        with pytest.raises(mx.MXNetError, match=text):
            gradients_of(Gives(grads=grads))


def test_mark_variables():
    x, g = nd.array([1.0, 2.0]), nd.zeros((2,))
    autograd.mark_variables([x], [g])
    with autograd.record():
        y = x * x
    y.backward()
    assert g.asnumpy().tolist() == [2, 4]


def test_a_wrong_head_gradient_names_both_shapes():
    x = leaf([1.0, 2.0])
    with autograd.record():
        y = x * 2
    with pytest.raises(mx.MXNetError, match=r"\(2,\).*\(3,\)"):
        y.backward(nd.ones((3,)))


def test_bad_grad_req():
    with pytest.raises(ValueError, match="grad_req"):
        nd.ones((1,)).attach_grad("often")


def test_an_error_in_backward_leaves_the_next_one_intact():
    x = leaf([1.0])

    class Fails(autograd.Function):
        def forward(self, x):
            return x * 1

        def backward(self, g):
            raise KeyError("broken")

    with autograd.record():
        y = Fails()(x) + x * 2
    with pytest.raises(mx.MXNetError, match=r"Fails\.backward raised KeyError") as caught:
        y.backward()
    assert 'in backward: raise KeyError("broken")' in str(caught.value)
    assert isinstance(caught.value.__cause__, KeyError)
    with autograd.record():
        z = x * 5
    z.backward()
    assert x.grad.asscalar() == 5


def test_a_long_chain_is_freed_without_recursion():
    x = leaf([1.0])
    with autograd.record():
        y = x
        for _ in range(100_000):
            y = y + 1
    y.backward()
    del y
    assert x.grad.asscalar() == 1


def test_a_large_gradient_may_become_the_buffer_but_never_shares_it():
    x = nd.ones((64, 300))
    w = nd.ones((80, 300))
    w.attach_grad()
    seen = w.grad
    for k in (1, 2):
        with autograd.record():
            y = nd.FullyConnected(x * k, w, num_hidden=80, no_bias=True)
        y.backward()
        assert w.grad is seen
        np.testing.assert_allclose(seen.asnumpy(), 64.0 * k)
    z = nd.ones((80, 300))
    z.attach_grad()
    with autograd.record():
        y = w + z  # both gradients are the one of y
    y.backward()
    w.grad[:] = 7
    assert (z.grad.asnumpy() == 1).all()


def test_a_view_of_a_gradient_sees_the_next_one():
    x, w = nd.ones((64, 300)), nd.ones((80, 300))
    w.attach_grad()
    view = w.grad[0:2]
    with autograd.record():
        y = nd.FullyConnected(x, w, num_hidden=80, no_bias=True)
    y.backward()
    assert (view.asnumpy() == 64).all()


def test_a_leaf_is_written_by_its_own_backward():
    x = nd.ones((64, 300))
    x.attach_grad()
    g = nd.full((64, 300), 3.0)
    with autograd.record():
        y = x.reshape((300, 64))
    y.backward(g.reshape((300, 64)))
    g[:] = 0
    assert (x.grad.asnumpy() == 3).all()


def test_of_a_head_named_twice_the_last_gradient_counts():
    """As recorded from MXNet 1.9.1."""
    x = mx.nd.array([1.0])
    x.attach_grad()
    with mx.autograd.record():
        y = x * 2
        z = y * 3
    one, ten, hundred = (mx.nd.array([n]) for n in (1.0, 10.0, 100.0))
    mx.autograd.backward([y, z, y], [one, hundred, ten], retain_graph=True)
    assert x.grad.asscalar() == 620
    mx.autograd.backward([y, y], retain_graph=True)
    assert x.grad.asscalar() == 2
    with pytest.raises(ValueError, match="2 heads but 3"):
        mx.autograd.backward([y, z], [one, one, one])
