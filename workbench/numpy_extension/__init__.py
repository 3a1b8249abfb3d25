"""``mx.npx``: switches and helpers for NumPy semantics. Its operators are not built yet."""

from __future__ import annotations

from .._surface import getattr_for
from ..context import Context, cpu, cpu_pinned, current_context, gpu, gpu_memory_info, num_gpus
from ..ndarray import load, save, waitall
from ..util import (
    get_cuda_compute_capability,
    is_np_array,
    is_np_shape,
    reset_np,
    set_np,
)

__all__ = [
    "Context",
    "cpu",
    "cpu_pinned",
    "current_context",
    "get_cuda_compute_capability",
    "gpu",
    "gpu_memory_info",
    "is_np_array",
    "is_np_shape",
    "load",
    "num_gpus",
    "reset_np",
    "save",
    "set_np",
    "waitall",
]

__getattr__ = getattr_for(__name__)
