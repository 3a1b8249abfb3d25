"""The code generator: kernels written in Python that reads like arithmetic, run as machine code.

===============  ==========================================================================
:mod:`.cpu`      what this machine has: name, features, how many numbers a register holds
:mod:`.builder`  functions, values with operators, loops and conditions as ``with`` blocks
:mod:`.vecmath`  exp, log, tanh, ... of vectors
:mod:`.jit`      from a function under construction to an address that ctypes can call
:mod:`.cache`    compiled code on disk
===============  ==========================================================================

llvmlite is imported when the first kernel is built, not before; :func:`available` says whether
that can succeed. ``WORKBENCH_NO_LLVM=1`` keeps everything on NumPy.
"""

from __future__ import annotations

import functools
import importlib.util
import os

__all__ = ["available"]


def available() -> bool:
    """Whether kernels can be compiled: llvmlite is installed and not switched off."""
    return os.environ.get("WORKBENCH_NO_LLVM", "0") in ("", "0") and _installed()


@functools.cache
def _installed() -> bool:
    return importlib.util.find_spec("llvmlite") is not None
