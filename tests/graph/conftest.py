"""Devices for the tests of this room."""

from __future__ import annotations

import pytest

from workbench.backend import activate
from workbench.context import cpu, loopback


@pytest.fixture
def device():
    """The CPU, activated."""
    return activate(cpu())


@pytest.fixture(params=["cpu", "loopback"])
def any_device(request):
    """Each kind of device that this machine has, activated."""
    return activate({"cpu": cpu, "loopback": loopback}[request.param]())
