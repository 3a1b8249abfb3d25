"""Fused element-wise kernels beside NumPy's passes, and where torch is installed beside torch.

python benchmarks/elemwise.py

Milliseconds, minimum of interleaved rounds; outputs are compared first. Everything on one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from workbench.kernels.elemwise import Recorder, fused

ROUNDS = 15
SIZES = (10_000, 1_000_000, 10_000_000)


def chain(xp: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """The chain of kernels.md: two sigmoid-like factors and an exponential."""
    return xp.tanh(a * b + c) * (1 / (1 + xp.exp(-d))) - xp.exp(-a)


def update(xp: Any, weight: Any, grad: Any, mom: Any, decay: Any) -> Any:
    """A momentum step without its state: memory-bound."""
    return weight + (0.9 * mom - 0.1 * (grad + 1e-4 * weight)) * decay


def _torch(formula: Callable[..., Any], arrays: list[np.ndarray]) -> Callable[[], Any] | None:
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    tensors = [torch.from_numpy(a) for a in arrays]

    def run() -> Any:
        with torch.no_grad():
            return formula(torch, *tensors)

    return run


def _measure(ways: dict[str, Callable[[], Any]]) -> dict[str, float]:
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(ROUNDS):
        for name, run in ways.items():
            start = perf_counter()
            run()
            best[name] = min(best[name], perf_counter() - start)
    return best


def _row(formula: Callable[..., Any], size: int) -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.normal(size=size).astype("float32") for _ in range(4)]
    xp = Recorder("float32")
    kernel, out = fused(formula(xp, *xp.inputs(4))), np.empty(size, "float32")
    ways: dict[str, Callable[[], Any]] = {
        "kernel": lambda: kernel(*arrays),
        "into out": lambda: kernel(*arrays, out=out),
        "bound": kernel.bind(arrays, out),
        "numpy": lambda: formula(np, *arrays),
    }
    torch = _torch(formula, arrays)
    if torch is not None:
        ways["torch"] = torch
    np.testing.assert_allclose(kernel(*arrays), formula(np, *arrays), rtol=2e-6, atol=2e-6)
    times = _measure(ways)
    cells = "".join(f"{name:>10}{seconds * 1e3:9.3f}" for name, seconds in times.items())
    print(
        f"{formula.__name__:8}{size:>11,}{cells}   to numpy {times['kernel'] / times['numpy']:.2f}"
    )


def main() -> None:
    """Print the table."""
    for formula in (chain, update):
        for size in SIZES:
            _row(formula, size)


if __name__ == "__main__":
    main()
