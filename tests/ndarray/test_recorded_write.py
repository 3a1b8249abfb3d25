"""Writes of recorded values while recording."""

from __future__ import annotations

import pytest

import workbench as mx
from workbench import autograd, nd


def leaf(values):
    x = nd.array(values)
    x.attach_grad()
    return x


def test_whole_array_assigned_while_recording_is_a_copy_on_the_tape():
    y = leaf([1.0, 2.0])
    for key in (slice(None), slice(0, 2), Ellipsis, (Ellipsis, slice(None)), (None,)):
        x = nd.zeros(2)
        with autograd.record():
            x[key] = y * 3
            z = x * x
        z.backward()
        assert y.grad.asnumpy().tolist() == [18, 36]
    x = nd.zeros((3, 2), dtype="float64")
    with autograd.record():
        x[:] = y.reshape((1, 1, 2))
    x.backward()
    assert y.grad.asnumpy().tolist() == [3, 3]
    with autograd.record():
        copy = (y * 2).copyto(nd.zeros(2))
    copy.backward()
    assert y.grad.asnumpy().tolist() == [2, 2]


@pytest.mark.parametrize(
    "write",
    [
        lambda x, y: x.__setitem__(0, y[0]),
        lambda x, y: x.__setitem__(slice(0, 1), y[:1]),
        lambda x, y: x.__setitem__(slice(None, None, -1), y),
        lambda x, y: x.__setitem__([0, 1], y),
        lambda x, y: x.__iadd__(y),
    ],
)
def test_a_recorded_value_written_into_a_part_or_in_place_is_refused(write):
    x, y = nd.zeros(2), leaf([1.0, 2.0])
    with autograd.record(), pytest.raises(mx.base.MXNetError, match="Inplace operations"):
        write(x, y)
    write(x, y.detach())
