"""The real MXNet 1.9.1 as a peer: a process of its own Python that is told when to run.

``python3.8 mxnet_peer.py WORKLOAD FILE``, where FILE.npz has the weights. It reads lines:
``run`` makes a step and waits for it, ``save`` writes the weights back; each is answered by ``ok``.
The exchange costs about 50 µs a call, so rows of shorter steps do not use it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["start"]


def start(
    python: str, workload: str, weights: Any
) -> tuple[Callable[[], None], Callable[[], list[np.ndarray]]]:
    """Functions that make the peer do one step, and that fetch its weights."""
    folder = tempfile.mkdtemp(prefix="mxnet_peer")
    file = os.path.join(folder, "weights.npz")
    np.savez(file, *weights)
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    child = subprocess.Popen(
        [python, str(Path(__file__)), workload, file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=kept,
        text=True,
        bufsize=1,
    )
    stdin, stdout = child.stdin, child.stdout
    assert stdin is not None
    assert stdout is not None

    def tell(word: str) -> None:
        stdin.write(f"{word}\n")
        if stdout.readline() != "ok\n":
            raise RuntimeError(f"the MXNet process ended with {child.poll()}")

    def fetch() -> list[np.ndarray]:
        tell("save")
        with np.load(file) as saved:
            return [saved[name] for name in saved.files]

    tell("ready")
    return lambda: tell("run"), fetch


def _serve(name: str, file: str) -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    import mxnet as mx
    from workloads import WORKLOADS, step_of

    with np.load(file) as given:
        weights = [given[key] for key in given.files]
    answers, sys.stdout = sys.stdout, sys.stderr
    net, step = step_of(mx, WORKLOADS[name], weights=weights)
    for line in sys.stdin:
        if line == "run\n":
            step()
            mx.nd.waitall()
        elif line == "save\n":
            np.savez(file, *[one.data().asnumpy() for one in net.collect_params().values()])
        print("ok", file=answers, flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2])
