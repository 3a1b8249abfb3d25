"""Programs on a device with a queue: bulks, compiled graphs, threads, errors that say where."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, engine, gluon, nd
from workbench.error import ContextError, DTypeError, MXNetError, OperatorError, ShapeError
from workbench.ndarray import queued
from workbench.ndarray.cached_op import CachedOp

CPU1 = mx.cpu(1)


@pytest.fixture(autouse=True)
def nothing_left():
    yield
    nd.waitall()


# ---- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize("ctx", [mx.cpu(0), CPU1])
def test_a_shape_error_names_operator_shapes_and_device_at_the_call(ctx):
    with pytest.raises(ShapeError) as caught:
        nd.dot(nd.ones((2, 3), ctx=ctx), nd.ones((4, 5), ctx=ctx))
    text = str(caught.value)
    assert "dot" in text
    assert "(2, 3)" in text
    assert "(4, 5)" in text
    assert str(ctx) in text
    assert "test_devices.py" in text


@pytest.mark.parametrize("ctx", [mx.cpu(0), CPU1])
def test_a_dtype_error_names_both_dtypes(ctx):
    with pytest.raises(DTypeError) as caught:
        nd.dot(nd.ones((2, 2), ctx=ctx), nd.ones((2, 2), ctx=ctx, dtype="float64"))
    text = str(caught.value)
    assert "float32" in text
    assert "float64" in text
    assert str(ctx) in text


def test_two_kinds_of_devices_in_one_operator_are_both_named():
    with pytest.raises(ContextError) as caught:
        nd.dot(nd.ones((2, 2)), nd.ones((2, 2), ctx=mx.loopback(0)))
    text = str(caught.value)
    assert "dot" in text
    assert "cpu(0)" in text
    assert "loopback(0)" in text
    assert "as_in_context" in text


def test_a_queued_kernel_error_names_the_operator_at_the_wait():
    made = nd.take(nd.ones((3, 2), ctx=CPU1), nd.array([7], ctx=CPU1), mode="raise")
    assert made.shape == (1, 2)
    with pytest.raises(MXNetError, match="take") as caught:
        made.wait_to_read()
    assert "test_devices.py" in _whole(caught.value)


def test_what_depends_on_a_failed_array_fails_with_the_first_error():
    made = nd.take(nd.ones((3, 2), ctx=CPU1), nd.array([7], ctx=CPU1), mode="raise")
    with pytest.raises(MXNetError, match="take"):
        (made + 1).sum().asscalar()
    np.testing.assert_array_equal((nd.ones((2,), ctx=CPU1) + 1).asnumpy(), 2.0)


def _whole(error: BaseException | None) -> str:
    text = ""
    while error is not None:
        text += f"{error}\n"
        error = error.__cause__
    return text


# ---- bulks --------------------------------------------------------------------------------------


def test_a_bulk_of_operators_is_one_task_and_changes_nothing():
    release = _hold(CPU1)
    try:
        with engine.bulk(10):
            x = nd.zeros((3,), ctx=CPU1)
            before = engine.in_flight(CPU1)
            for _ in range(20):
                x += 1
            tasks = engine.in_flight(CPU1) - before
        assert tasks <= 3
    finally:
        release()
    np.testing.assert_array_equal(x.asnumpy(), 20.0)


def test_bulks_of_two_devices_and_a_copy_between_them():
    with engine.bulk(4):
        x = nd.ones((2,), ctx=CPU1)
        y = nd.ones((2,), ctx=mx.cpu(2))
        for _ in range(6):
            x = x + 1
            y = y * 2 + x.as_in_context(mx.cpu(2))
    with engine.naive():
        a = b = 1.0
        for _ in range(6):
            a = a + 1
            b = b * 2 + a
    np.testing.assert_array_equal(x.asnumpy(), a)
    np.testing.assert_array_equal(y.asnumpy(), b)


def test_the_gradient_of_a_bulk():
    x = nd.ones((2,), ctx=CPU1)
    x.attach_grad()
    with engine.bulk(5), autograd.record():
        y = x
        for _ in range(7):
            y = y * 2
    y.backward()
    np.testing.assert_array_equal(x.grad.asnumpy(), 128.0)


def test_an_error_in_a_bulk_is_the_operators_own():
    with engine.bulk(8):
        good = nd.ones((2,), ctx=CPU1) * 3
        bad = nd.take(nd.ones((3, 2), ctx=CPU1), nd.array([7], ctx=CPU1), mode="raise")
        later = nd.ones((2,), ctx=CPU1) * 4
    with pytest.raises(MXNetError, match="take"):
        bad.wait_to_read()
    np.testing.assert_array_equal(good.asnumpy(), 3.0)
    np.testing.assert_array_equal(later.asnumpy(), 4.0)


def _hold(ctx):
    gate = threading.Event()
    engine.push(lambda: gate.wait(20), (), (), ctx, "hold")
    return gate.set


# ---- compiled graphs ----------------------------------------------------------------------------


def test_a_queued_graph_with_several_outputs():
    a, b = mx.sym.var("a"), mx.sym.var("b")
    call = CachedOp(mx.sym.Group([a * b, mx.sym.sum(a, axis=1), b]))
    x = nd.array(np.arange(6.0).reshape(2, 3), ctx=CPU1)
    y = nd.ones((2, 3), ctx=CPU1) * 2
    x.attach_grad()
    y.attach_grad()
    release = _hold(CPU1)
    try:
        with autograd.record():
            product, total, same = call(x, y)
        assert (product.shape, total.shape, same.shape) == ((2, 3), (2,), (2, 3))
        assert product._var.pending
    finally:
        release()
    autograd.backward([product, total])
    values = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(product.asnumpy(), values * 2)
    np.testing.assert_array_equal(total.asnumpy(), values.sum(1))
    np.testing.assert_array_equal(same.asnumpy(), 2.0)
    np.testing.assert_array_equal(x.grad.asnumpy(), np.full((2, 3), 3.0))
    np.testing.assert_array_equal(y.grad.asnumpy(), values)
    y += 1  # an output is no alias of an input
    np.testing.assert_array_equal(same.asnumpy(), 2.0)


def dense_net(ctx, width=4):
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(8, activation="tanh", in_units=width), gluon.nn.Dense(1, in_units=8))
    mx.random.seed(1)
    net.initialize(mx.init.Xavier(), ctx=ctx)
    net.hybridize()
    return net


@pytest.mark.parametrize("ctx", [mx.cpu(0), CPU1])
def test_two_threads_on_one_hybridized_net(ctx):
    net = dense_net(ctx)
    inputs = [nd.array(np.random.RandomState(i).rand(5, 4), ctx=ctx) for i in range(2)]
    expected = [net(x).asnumpy() for x in inputs]
    failures: list[str] = []

    def work(number: int) -> None:
        for _ in range(40):
            got = net(inputs[number]).asnumpy()
            if not np.array_equal(got, expected[number]):
                failures.append(f"thread {number}: {got} for {expected[number]}")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert not any(one.is_alive() for one in threads)
    assert failures == []


@pytest.mark.parametrize("ctx", [mx.cpu(0), CPU1])
def test_two_threads_record_on_one_hybridized_net(ctx):
    net = dense_net(ctx)
    inputs = [nd.array(np.random.RandomState(i).rand(5, 4), ctx=ctx) for i in range(2)]
    for x in inputs:
        x.attach_grad()
    expected = []
    for x in inputs:
        with autograd.record():
            y = net(x)
        expected.append(autograd.grad(y, x)[0].asnumpy())
    found = [[], []]

    def work(number: int) -> None:
        x = inputs[number]
        for _ in range(20):
            with autograd.record():
                y = net(x)
            found[number].append(autograd.grad(y, x)[0].asnumpy())

    threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    for number in range(2):
        assert len(found[number]) == 20
        for got in found[number]:
            np.testing.assert_allclose(got, expected[number], rtol=1e-6)


@pytest.mark.parametrize("ctx", [mx.cpu(0), CPU1])
def test_two_forwards_of_one_net_before_one_backward(ctx):
    """As a GAN's discriminator: real and generated samples, then one backward of both losses."""
    net = dense_net(ctx)
    plain = dense_net(ctx)
    plain.hybridize(False)
    real = nd.array(np.random.RandomState(0).rand(5, 4), ctx=ctx)
    fake = nd.array(np.random.RandomState(1).rand(5, 4), ctx=ctx)
    gradients = []
    for one in (net, plain):
        with autograd.record():
            loss = (1 - one(real)).square() + one(fake).square()
        loss.backward()
        gradients.append([p.grad(ctx).asnumpy() for p in one.collect_params().values()])
    for hybrid, eager in zip(*gradients, strict=True):
        np.testing.assert_allclose(hybrid, eager, rtol=1e-5, atol=1e-7)
        assert np.abs(eager).max() > 0


def test_an_error_in_a_queued_graph_names_its_node_at_the_wait():
    call = CachedOp(mx.sym.exp(mx.sym.var("a"), name="raised"))
    x = nd.ones((3, 2), ctx=CPU1)
    call(x).wait_to_read()
    (plan,) = call._plans.values()
    (step, node), *_ = plan.nodes_of_steps
    failing = step._replace(kernel=lambda *arrays: 1 / 0)
    plan.steps_forward[0], plan.nodes_of_steps[0] = failing, (failing, node)
    made = call(x)
    with pytest.raises(OperatorError, match=r"node raised\) failed: division by zero"):
        made.wait_to_read()


def test_a_short_operator_that_would_have_to_wait_is_pushed():
    x = nd.ones((2,))
    release = _hold(mx.cpu(0))
    try:
        queued.push(lambda: None, (), [x], mx.cpu(0), "slow")
        y = x + 1
        assert y._var.pending
    finally:
        release()
    np.testing.assert_array_equal(y.asnumpy(), 2.0)
