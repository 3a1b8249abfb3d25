"""What kernel tests share: one processor seen as one of 4, 8 or 16 lanes."""

from __future__ import annotations

import dataclasses

import pytest

from workbench.kernels import llvm


@pytest.fixture
def needs_llvm():
    if not llvm.available():
        pytest.skip("llvmlite is not installed: pip install 'workbench[fast]'")


@pytest.fixture(params=[4, 8, 16])
def lanes(request, monkeypatch, needs_llvm):
    """Kernels for registers of so many float32, whatever the machine has."""
    from workbench.kernels.llvm import cpu

    seen = dataclasses.replace(cpu.host(), lanes=request.param)
    monkeypatch.setattr(cpu, "host", lambda: seen)
    return request.param
