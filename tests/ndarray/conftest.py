"""Devices that array tests run on."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx


@pytest.fixture(params=["cpu(0)", "cpu(1)", "loopback(0)"])
def device(request):
    """A context: the caller's own, one with a queue of its own, one with foreign arrays."""
    kind, number = request.param.rstrip(")").split("(")
    ctx = mx.Context(kind, int(number))
    with ctx:
        yield ctx
    mx.nd.waitall()


@pytest.fixture
def x(device):
    """0 to 23 in shape (2, 3, 4), float32, on the device."""
    return mx.nd.array(np.arange(24).reshape(2, 3, 4), ctx=device)
