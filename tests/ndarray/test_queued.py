"""Arrays on devices with queues: any program gives what sequential execution gives."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, engine, nd

DEVICES = [mx.cpu(0), mx.cpu(1), mx.cpu(2)]


def run_program(seed: int, length: int = 120) -> list[np.ndarray]:
    """A random program of operators, views, in-place writes, ``out=`` and copies."""
    choose = random.Random(seed)
    arrays = [nd.array(np.arange(12.0).reshape(3, 4) + i, ctx=DEVICES[i % 3]) for i in range(6)]
    roots = list(arrays)

    def pick():
        return choose.choice(arrays)

    def same_shape(x):
        fitting = [a for a in arrays if a.shape == x.shape and a is not x]
        return choose.choice(fitting) if fitting else x * 1

    for _ in range(length):
        x = pick()
        kind = choose.randrange(9)
        if kind == 0:
            arrays.append(x * 0.5 + same_shape(x).as_in_context(x.context))
        elif kind == 1:
            arrays.append(x[choose.randrange(x.shape[0])])
        elif kind == 2:
            arrays.append(x.reshape((-1, x.shape[0])))
        elif kind == 3:
            x += 1
        elif kind == 4:
            x[:] = same_shape(x)
        elif kind == 5:
            nd.tanh(x, out=same_shape(x).as_in_context(x.context))
        elif kind == 6:
            arrays.append(x.copyto(choose.choice(DEVICES)))
        elif kind == 7:
            x[choose.randrange(x.shape[0])] = choose.random()
        else:
            arrays.append(nd.dot(x, x.T) if x.ndim == 2 else x * x)
        if len(arrays) > 14:
            arrays = roots + choose.sample(arrays[6:], 6)
    return [a.asnumpy() for a in arrays]


@pytest.mark.parametrize("seed", range(150))
def test_random_programs_equal_sequential_execution(seed):
    queued = run_program(seed)
    with engine.naive():
        sequential = run_program(seed)
    for one, other in zip(queued, sequential, strict=True):
        np.testing.assert_array_equal(one, other)


def hold(ctx):
    """A task that keeps a device's worker busy until the returned function is called."""
    gate = threading.Event()
    engine.push(lambda: gate.wait(20), (), (), ctx, "hold")
    return gate.set


def test_a_call_on_another_device_returns_before_it_has_run():
    release = hold(mx.cpu(1))
    try:
        x = nd.ones((2, 2), ctx=mx.cpu(1))
        y = x * 3
        assert y.shape == (2, 2)
        assert y.dtype == np.float32
        assert y._var.pending
    finally:
        release()
    assert y.asnumpy().tolist() == [[3, 3], [3, 3]]
    nd.waitall()


def test_a_queued_reader_holds_back_a_later_write():
    release = hold(mx.cpu(1))
    x = nd.ones((2,))
    y = x.copyto(mx.cpu(1))
    timer = threading.Timer(0.05, release)
    timer.start()
    x += 1
    timer.join()
    assert y.asnumpy().tolist() == [1, 1]
    assert x.asnumpy().tolist() == [2, 2]


def test_a_queued_write_is_seen_by_every_view():
    x = nd.zeros((2, 2))
    row, flat = x[0], x.reshape(-1)
    release = hold(mx.cpu(0))
    source = nd.ones((2, 2), ctx=mx.cpu(1)) * 5
    x[:] = source
    release()
    assert row.asnumpy().tolist() == [5, 5]
    assert flat.asnumpy().tolist() == [5, 5, 5, 5]
    nd.waitall()


def test_ready_arrays_of_the_home_device_come_back_to_the_fast_way():
    x = (nd.ones((2,), ctx=mx.cpu(1)) * 2).copyto(mx.cpu(0))
    x.wait_to_read()
    assert x.__class__ is nd.NDArray
    assert type(x).__name__ == "NDArray"


def test_a_kernel_error_surfaces_once_with_the_pushing_line():
    x = nd.array([0.0, 1.0], ctx=mx.cpu(1))
    bad = nd.take(x, nd.array([7.0], ctx=mx.cpu(1)), mode="raise")
    with pytest.raises(mx.MXNetError) as caught:
        bad.asnumpy()
    assert "test_queued.py" in str(caught.value.__cause__)
    bad.wait_to_read()
    assert x.asnumpy().tolist() == [0, 1]
    nd.waitall()


def test_naive_mode_raises_at_the_call():
    x = nd.array([0.0, 1.0], ctx=mx.cpu(1))
    with engine.naive(), pytest.raises(mx.MXNetError):
        nd.take(x, nd.array([7.0], ctx=mx.cpu(1)), mode="raise")


def two_device_gradients(order):
    w = [nd.array([[1.0, 2.0], [3.0, 4.0]], ctx=ctx) for ctx in order]
    for one in w:
        one.attach_grad()
    losses = []
    with autograd.record():
        for i, one in enumerate(w):
            x = nd.ones((2, 2), ctx=order[i]) * (i + 1)
            losses.append(nd.sum(nd.tanh(nd.dot(x, one) * 0.1) * one))
    autograd.backward(losses)
    return [one.grad.asnumpy() for one in w]


@pytest.mark.parametrize("order", [[mx.cpu(0), mx.cpu(1)], [mx.cpu(1), mx.cpu(0)]])
def test_backward_over_two_devices(order):
    queued = two_device_gradients(order)
    with engine.naive():
        sequential = two_device_gradients(order)
    for one, other in zip(queued, sequential, strict=True):
        np.testing.assert_array_equal(one, other)


def test_backward_through_a_copy_between_devices():
    x = nd.array([1.0, 2.0])
    x.attach_grad()
    with autograd.record():
        y = (x * 2).copyto(mx.cpu(1))
        z = (y * y).copyto(mx.cpu(0)) + x
    z.backward()
    assert x.grad.asnumpy().tolist() == [9, 17]


def test_gradients_add_up_over_queued_backwards():
    x = nd.ones((3,), ctx=mx.cpu(1))
    x.attach_grad("add")
    for _ in range(5):
        with autograd.record():
            y = x * 2
        y.backward()
    assert x.grad.asnumpy().tolist() == [10, 10, 10]


def test_a_second_queued_backward_needs_retain_graph():
    x = nd.ones((3,), ctx=mx.cpu(1))
    x.attach_grad()
    with autograd.record():
        y = x * 2
    y.backward()
    with pytest.raises(mx.MXNetError, match="retain_graph"):
        y.backward()
    nd.waitall()


def test_draws_keep_program_order_over_devices():
    def draw():
        mx.random.seed(3)
        parts = [nd.random.uniform(shape=(70,), ctx=DEVICES[i % 2]) for i in range(6)]
        return np.concatenate([p.asnumpy() for p in parts])

    mx.random.seed(3)
    alone = np.concatenate([nd.random.uniform(shape=(70,)).asnumpy() for _ in range(6)])
    np.testing.assert_array_equal(draw(), alone)


def test_an_interrupt_while_waiting_loses_no_task():
    release = hold(mx.cpu(1))
    y = nd.ones((2,), ctx=mx.cpu(1)) + 1
    threading.Timer(0.05, lambda: __import__("_thread").interrupt_main()).start()
    with pytest.raises(KeyboardInterrupt):
        y.asnumpy()
    release()
    assert y.asnumpy().tolist() == [2, 2]
