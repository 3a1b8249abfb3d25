"""The timed twins of kernel tables: swapped in and out, complete, transparent."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import backend
from workbench.backend import KernelTable, activate, plain_kernel
from workbench.backend.timed import TimedTable
from workbench.ops import all_ops, get

CONTEXTS = [mx.cpu(0), mx.cpu(1), mx.loopback(0)]


@pytest.fixture
def calls():
    """A timer that notes (row, operator) of every call."""
    noted: list[tuple[str, str]] = []

    def timer(row, name, kernel):
        def timed(*arrays, **params):
            noted.append((row, name))
            return kernel(*arrays, **params)

        return timed

    before = backend._timer
    backend.set_timer(timer)
    yield noted
    backend.set_timer(before)


def test_every_active_context_gets_a_table_of_its_own(calls):
    for ctx in CONTEXTS:
        table = activate(ctx).table
        assert isinstance(table, TimedTable)
        assert len(table) == len(list(all_ops()))
    (mx.nd.ones((2,)) + 1).asnumpy()
    (mx.nd.ones((2,), ctx=mx.loopback(0)) * 2).asnumpy()
    assert {row for row, _ in calls} == {"cpu(0)", "loopback(0)"}


def test_without_a_timer_contexts_have_the_plain_table_itself(calls):
    backend.set_timer(None)
    for ctx in CONTEXTS:
        assert activate(ctx).table is ctx.backend.device_table(ctx.device_id)
        assert type(ctx.table) is not TimedTable
        assert isinstance(ctx.table, KernelTable)


def test_a_context_that_is_activated_later_is_timed_too(calls):
    late = mx.cpu(37)
    assert isinstance(activate(late).table, TimedTable)


def test_a_plain_kernel_is_never_timed(calls):
    made = plain_kernel(activate(mx.cpu(0)), get("sqrt"))(np.array([4.0], "float32"))
    assert made.tolist() == [2.0]
    assert not calls


def test_errors_pass_through_as_they_are(calls):
    with pytest.raises(mx.base.MXNetError, match="dot"):
        mx.nd.dot(mx.nd.ones((2, 3)), mx.nd.ones((2, 3)))
