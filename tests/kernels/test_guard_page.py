"""Kernels read and write their arrays' bytes and not one more: beyond lies forbidden memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, dataclasses, mmap, sys
import numpy as np
from workbench.kernels.elemwise import Recorder, fused
from workbench.kernels.llvm import cpu

libc = ctypes.CDLL(None, use_errno=True)
libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
kept = []

def fenced(size, dtype, at_end):
    '''An array with a forbidden page after its last byte, or before its first.'''
    page = mmap.PAGESIZE
    nbytes = size * np.dtype(dtype).itemsize
    inner = -(-nbytes // page) * page
    memory = mmap.mmap(-1, inner + 2 * page)
    whole = np.frombuffer(memory, np.uint8)
    start = whole.ctypes.data
    for fence in (start, start + page + inner):
        assert libc.mprotect(fence, page, 0) == 0
    first = page + (inner - nbytes if at_end else 0)
    kept.append((memory, whole))
    return whole[first : first + nbytes].view(dtype)

lanes, dtype = int(sys.argv[1]), sys.argv[2]
host = dataclasses.replace(cpu.host(), lanes=lanes)
cpu.host = lambda: host
xp = Recorder(dtype)
a, b = xp.inputs(2)
kernel = fused(xp.tanh(a) * b + a)
for size in [2048, *range(2049, 2049 + 70, 3)]:
    for at_end in (True, False):
        x, y, out = (fenced(size, dtype, at_end) for _ in range(3))
        x[:], y[:] = 0.5, 2.0
        kernel(x, y, out=out)
        assert np.allclose(out, np.tanh(0.5) * 2 + 0.5)
rows = fenced(100 * 23, dtype, True).reshape(100, 23)
bias = fenced(23, dtype, True)
rows[:], bias[:] = 0.5, 2.0
assert np.allclose(kernel(rows, bias), np.tanh(0.5) * 2 + 0.5)
assert kernel._native
try:
    fenced(8, "uint8", True)[0:8].ctypes.data
    if len(sys.argv) > 3:
        ctypes.string_at(kept[-1][1].ctypes.data, 1)
finally:
    print("done", flush=True)
"""


def run(*args):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *args], capture_output=True, text=True, timeout=50
    )


@pytest.mark.skipif(sys.platform == "win32", reason="mprotect is POSIX")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("width", ["4", "8", "16"])
def test_no_byte_outside_the_arrays_is_touched(width, dtype, needs_llvm):
    done = run(width, dtype)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"


@pytest.mark.skipif(sys.platform == "win32", reason="mprotect is POSIX")
def test_the_fence_bites(needs_llvm):
    assert run("8", "float32", "touch").returncode < 0
