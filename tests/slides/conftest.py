"""The devices that every program of the talk runs on."""

from __future__ import annotations

import pytest

import workbench as mx

HOMES = {
    "cpu": [mx.cpu(0)],
    "two cpus": [mx.cpu(0), mx.cpu(1)],
    "loopback": [mx.loopback(0)],
}


@pytest.fixture(params=list(HOMES))
def contexts(request):
    """The devices of a run; the first one is the default inside the test."""
    devices = HOMES[request.param]
    with devices[0]:
        mx.random.seed(0)
        yield devices
    mx.nd.waitall()


@pytest.fixture(params=["eager", "hybridized"])
def hybridized(request) -> bool:
    """Whether networks are compiled."""
    return request.param == "hybridized"
