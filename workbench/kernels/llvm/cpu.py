"""What this machine's processor has."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import llvmlite.binding as binding

__all__ = ["Cpu", "host"]


@dataclass(frozen=True)
class Cpu:
    """A processor as LLVM knows it.

    Attributes
    ----------
    name : LLVM's name, ``"znver3"``
    features : LLVM's feature text, ``"+avx2,-avx512f,..."``
    lanes : how many float32 a vector register holds: 16 (AVX-512), 8 (AVX2), else 4
    registers : how many vector registers there are
    """

    name: str
    features: str
    lanes: int
    registers: int = 16


@functools.cache
def host() -> Cpu:
    """The processor that this process runs on."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    features = binding.get_host_cpu_features()
    lanes = 16 if features.get("avx512f") else 8 if features.get("avx2") else 4
    many = features.get("avx512vl") or features.get("neon")
    return Cpu(binding.get_host_cpu_name(), features.flatten(), lanes, 32 if many else 16)
