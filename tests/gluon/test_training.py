"""Same seed, same numbers as MXNet 1.9.1: initial values and whole trainings."""

from __future__ import annotations

import json

import numpy as np
import pytest
from training_programs import FILE, INITIALIZERS, OPTIMIZERS, initial, training

import workbench as mx

RECORDED = json.loads(FILE.read_text())


def same(found, recorded, rtol, atol):
    assert list(found) == list(recorded)
    for name, values in recorded.items():
        assert np.allclose(found[name], values, rtol=rtol, atol=atol), name


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initial_values(name):
    same(initial(mx, name), RECORDED["initial"][name], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("hybridize", [False, True], ids=["eager", "hybridized"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training(optimizer, hybridize):
    found = training(mx, optimizer, hybridize)
    recorded = RECORDED["training"][f"{optimizer} {'hybridized' if hybridize else 'eager'}"]
    assert np.allclose(found["losses"], recorded["losses"], rtol=2e-5)
    same(found["weights"], recorded["weights"], rtol=2e-4, atol=2e-5)
