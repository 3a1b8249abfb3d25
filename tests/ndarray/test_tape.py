"""What a backward leaves of the graph behind it."""

from __future__ import annotations

import pytest

import workbench as mx
from workbench import autograd, nd


def leaf(values):
    x = nd.array(values)
    x.attach_grad()
    return x


def freed(later):
    """Record y = f(h) with h = 2x, free it, then record *later* of h and x; x.grad after it."""
    x = leaf([1.0, 2.0])
    with autograd.record():
        h = x * 2
        y = h * 3
    y.backward()
    with autograd.record():
        z = later(h, x)
    z.backward()
    return x.grad.asnumpy().tolist()


@pytest.mark.parametrize(
    ("later", "gradient"),
    [
        (lambda h, x: h * h + x, [1, 1]),
        (lambda h, x: x * h, [2, 4]),
        (lambda h, x: nd.concat(h, x, h, dim=0), [1, 1]),
        (lambda h, x: autograd.grad(x * x * h, x, create_graph=True)[0], [4, 8]),
    ],
)
def test_what_a_backward_has_freed_is_a_constant_in_what_is_recorded_later(later, gradient):
    assert freed(later) == gradient


def test_a_state_that_is_carried_on_without_detach_is_a_constant():
    w = leaf([3.0])
    state = nd.array([1.0])
    for _ in range(3):
        with autograd.record():
            out, state = nd.split(nd.concat(w * state, w + state, dim=0), num_outputs=2, axis=0)
        before = state.asscalar() - 3
        out.backward()
        assert w.grad.asscalar() == before


def test_what_was_recorded_before_the_graph_behind_it_was_freed_is_refused():
    x = leaf([1.0])
    with autograd.record():
        h = x * 2
        y, z = h * 3, h * h
        _, second = nd.split(nd.concat(x, h, dim=0), num_outputs=2, axis=0)
    y.backward()
    for head in (y, h, z, second):
        with pytest.raises(mx.base.MXNetError, match="freed by an earlier backward"):
            head.backward()


def test_an_array_whose_graph_was_freed_can_be_written_again():
    x = leaf([1.0, 2.0])
    with autograd.record():
        y = x * 2
    y.backward()
    with autograd.record():
        y += 1
        y[:] = x * 7
    y.backward()
    assert x.grad.asnumpy().tolist() == [7, 7]
