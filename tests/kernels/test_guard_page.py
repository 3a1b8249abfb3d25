"""Kernels read and write their arrays' bytes and not one more: beyond lies forbidden memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

FENCES = """
import ctypes, dataclasses, mmap, sys
import numpy as np
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
"""

ELEMENTWISE = """
from workbench.kernels.elemwise import Recorder, fused
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

CONVOLUTION = """
import itertools
from workbench.kernels import conv_llvm, registry
from workbench.ops import get

conv_llvm.best_lanes = lambda: lanes

def filled(shape, at_end, number):
    made = fenced(int(np.prod(shape)), dtype, at_end).reshape(shape)
    made[...] = number
    return made

def run(name, *arrays, **params):
    kernel = next(k for k in registry.kernels_of(get(name)) if k.when(*arrays, **params))
    return kernel.build(get(name))(*arrays, **params)

SHAPES = (28, 5, 0, 1), (12, 5, 0, 1), (7, 3, 1, 1), (9, 3, 1, 2), (5, 2, 0, 1)
for size, k, pad, stride in SHAPES:
    for at_end in (True, False):
        x, w = filled((7, 3, size, size), at_end, 1), filled((5, 3, k, k), at_end, 1)
        b = filled((5,), at_end, 1)
        params = dict(kernel=(k, k), pad=(pad, pad), stride=(stride, stride), num_filter=5)
        y = run("Convolution", x, w, b, **params)
        assert y.max() == 3 * k * k + 1
        g = filled(y.shape, at_end, 1)
        run("_backward_Convolution_data", g, w, shape=x.shape, **params)
        run("_backward_Convolution_weight", g, x, **params)
for shape in ((3, 5, 24, 24), (40, 1, 9, 11), (20, 5, 4, 5)):
    for at_end in (True, False):
        x, params = filled(shape, at_end, 1), dict(kernel=(2, 2), stride=(2, 2))
        y = filled((*shape[:2], shape[2] // 2, shape[3] // 2), at_end, 1)
        assert (run("Pooling", x, **params) == 1).all()
        run("_backward_Pooling", y, x, y, **params)
for size, stride, images in ((2, 1, 5), (7, 1, 4), (4, 2, 6), (15, 2, 3), (9, 3, 2)):
    for at_end in (True, False):
        x, w = filled((images, 6, size, size), at_end, 1), filled((6, 1, 3, 3), at_end, 1)
        params = dict(kernel=(3, 3), pad=(1, 1), stride=(stride,) * 2, num_filter=6, num_group=6)
        y = run("Convolution", x, w, filled((6,), at_end, 1), **params)
        g = filled(y.shape, at_end, 1)
        run("_backward_Convolution_data", g, w, shape=x.shape, **params)
        run("_backward_Convolution_weight", g, x, **params)
WINDOWS = dict(kernel=(3, 3), stride=(2, 2), pad=(1, 1)), dict(kernel=(2, 3)), {"global_pool": True}
for shape, params in itertools.product(((3, 13, 7, 7), (2, 3, 15, 34)), WINDOWS):
    for at_end, kind in itertools.product((True, False), ("max", "avg")):
        x, params = filled(shape, at_end, 1), {**params, "pool_type": kind}
        made = run("Pooling", x, **params)
        y = filled(made.shape, at_end, 1)
        if kind == "avg" or "kernel" in params:
            run("_backward_Pooling", y, x, y, **params)
print("done", flush=True)
"""


def run(program, *args):
    return subprocess.run(
        [sys.executable, "-c", FENCES + program, *args], capture_output=True, text=True, timeout=50
    )


@pytest.mark.skipif(sys.platform == "win32", reason="mprotect is POSIX")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("width", ["4", "8", "16"])
def test_no_byte_outside_the_arrays_is_touched(width, dtype, needs_llvm):
    done = run(ELEMENTWISE, width, dtype)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"


@pytest.mark.skipif(sys.platform == "win32", reason="mprotect is POSIX")
def test_the_fence_bites(needs_llvm):
    assert run(ELEMENTWISE, "8", "float32", "touch").returncode < 0


@pytest.mark.skipif(sys.platform == "win32", reason="mprotect is POSIX")
@pytest.mark.parametrize("width", ["4", "8", "16"])
def test_convolution_and_pooling_stay_inside_their_inputs(width, needs_llvm):
    done = run(CONVOLUTION, width, "float32")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"
