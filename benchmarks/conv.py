"""Convolution, its gradients and pooling beside torch, shape by shape.

python -m benchmarks.conv            every shape, with as many threads as OMP_NUM_THREADS says
python -m benchmarks.conv lenet      those whose name has this word

Milliseconds, minimum of interleaved rounds, and the ratio to torch; below 1 is faster. Both sides
allocate their output in every call and get NCHW; outputs are compared first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from workbench.backend import backend_named
from workbench.ops import get

from .harness import Case, measure, torch_or_none

ROUNDS = 7
#: name, images, channels, size, filters, kernel, stride, pad, groups (one without it)
SHAPES = [
    ("lenet conv1", 64, 1, 28, 20, 5, 1, 0),
    ("lenet conv2", 64, 20, 12, 50, 5, 1, 0),
    ("cifar k3", 32, 64, 32, 64, 3, 1, 1),
    ("cifar k3 s2", 32, 64, 32, 128, 3, 2, 1),
    ("cifar k3 16²", 32, 128, 16, 128, 3, 1, 1),
    ("cifar k3 4²", 32, 512, 4, 512, 3, 1, 1),
    ("resnet k7 s2", 4, 3, 224, 64, 7, 2, 3),
    ("resnet 1×1 56²", 4, 64, 56, 256, 1, 1, 0),
    ("resnet k3 56²", 4, 64, 56, 64, 3, 1, 1),
    ("resnet k3 28²", 4, 128, 28, 128, 3, 1, 1),
    ("resnet k3 14²", 4, 256, 14, 256, 3, 1, 1),
    ("resnet k3 7²", 4, 512, 7, 512, 3, 1, 1),
    ("resnet 1×1 14²", 4, 1024, 14, 256, 1, 1, 0),
    ("depthwise 112²", 8, 32, 112, 32, 3, 1, 1, 32),
    ("depthwise 112² s2", 8, 64, 112, 64, 3, 2, 1, 64),
    ("depthwise 28²", 8, 256, 28, 256, 3, 1, 1, 256),
    ("depthwise 14²", 8, 512, 14, 512, 3, 1, 1, 512),
    ("depthwise 14² s2", 8, 512, 14, 512, 3, 2, 1, 512),
    ("depthwise 7²", 8, 512, 7, 512, 3, 1, 1, 512),
    ("mobilenet 32²", 32, 8, 32, 8, 3, 1, 1, 8),
    ("mobilenet 32² s2", 32, 16, 32, 16, 3, 2, 1, 16),
    ("mobilenet 16²", 32, 32, 16, 32, 3, 1, 1, 32),
    ("mobilenet 8²", 32, 64, 8, 64, 3, 1, 1, 64),
    ("mobilenet 8² s2", 32, 64, 8, 64, 3, 2, 1, 64),
    ("mobilenet 4²", 32, 128, 4, 128, 3, 1, 1, 128),
    ("mobilenet 2²", 32, 256, 2, 256, 3, 1, 1, 256),
    ("mobilenet 1×1 4²", 32, 128, 4, 128, 1, 1, 0),
    ("mobilenet 1×1 2²", 32, 256, 2, 256, 1, 1, 0),
    ("mobilenet 1×1 32²", 32, 8, 32, 16, 1, 1, 0),
    ("mobilenet first", 32, 3, 64, 8, 3, 2, 1),
    ("resnext 32 groups", 4, 256, 28, 256, 3, 1, 1, 32),
]
#: name, kind, shape, kernel, stride, pad
POOLS = [
    ("lenet pool1", "max", (64, 20, 24, 24), 2, 2, 0),
    ("lenet pool2", "max", (64, 50, 8, 8), 2, 2, 0),
    ("max k3 s2", "max", (4, 64, 112, 112), 3, 2, 1),
    ("max k3 s2 14²", "max", (8, 256, 14, 14), 3, 2, 1),
    ("mean k3 s2", "avg", (4, 64, 112, 112), 3, 2, 1),
    ("mean k2 s2", "avg", (32, 64, 16, 16), 2, 2, 0),
    ("mean of all 7²", "avg", (32, 512, 7, 7), 7, 1, 0),
    ("mean of all 2²", "avg", (32, 256, 2, 2), 2, 1, 0),
]


def _op(name: str) -> Callable[..., Any]:
    return backend_named("numpy").table.of(get(name))


def _arrays(*shapes: tuple[int, ...], seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


def convolutions(
    torch: Any, n: int, c: int, size: int, o: int, k: int, s: int, p: int, groups: int = 1
) -> Any:
    """By what is computed: our way and torch's."""
    x, w, b = _arrays((n, c, size, size), (o, c // groups, k, k), (o,))
    params: dict[str, Any] = {"kernel": (k, k), "stride": (s, s), "pad": (p, p)}
    params |= {"num_filter": o, "num_group": groups}
    out = (size + 2 * p - k) // s + 1
    (g,) = _arrays((n, o, out, out), seed=1)
    forward, data, weight = map(
        _op, ("Convolution", "_backward_Convolution_data", "_backward_Convolution_weight")
    )
    tx, tw, tb, tg = map(torch.from_numpy, (x, w, b, g))
    grad = torch.nn.grad
    yield (
        "forward",
        lambda: forward(x, w, b, **params),
        lambda: torch.nn.functional.conv2d(tx, tw, tb, s, p, 1, groups),
    )
    yield (
        "dx",
        lambda: data(g, w, shape=x.shape, **params),
        lambda: grad.conv2d_input(tx.shape, tw, tg, s, p, 1, groups),
    )
    yield (
        "dw",
        lambda: weight(g, x, **params),
        lambda: grad.conv2d_weight(tx, tw.shape, tg, s, p, 1, groups),
    )


def poolings(
    torch: Any, kind: str, shape: tuple[int, ...], kernel: int, stride: int, pad: int
) -> Any:
    """By what is computed: our way and torch's."""
    params = {"kernel": (kernel, kernel), "stride": (stride, stride), "pad": (pad, pad)}
    params |= {"pool_type": kind}
    pool, back = _op("Pooling"), _op("_backward_Pooling")
    (x,) = _arrays(shape)
    y = pool(x, **params)
    (g,) = _arrays(y.shape, seed=1)
    tx, tg = torch.from_numpy(x), torch.from_numpy(g)
    functions = torch.nn.functional
    pooling = functions.max_pool2d if kind == "max" else functions.avg_pool2d
    leaf = tx.clone().requires_grad_()
    ty = pooling(leaf, kernel, stride, pad)
    yield "forward", lambda: pool(x, **params), lambda: pooling(tx, kernel, stride, pad)
    yield (
        "dx",
        lambda: back(g, x, y, **params),
        lambda: torch.autograd.grad(ty, leaf, tg, retain_graph=True)[0],
    )


def _cases(torch: Any, word: str) -> Iterator[tuple[str, Any]]:
    for name, *sizes in SHAPES:
        if word in name:
            yield name, convolutions(torch, *sizes)  # type: ignore[arg-type]
    for name, *how in POOLS:
        if word in name:
            yield name, poolings(torch, *how)  # type: ignore[arg-type]


def _check(ours: Callable[[], Any], theirs: Callable[[], Any]) -> Callable[[], None]:
    def check() -> None:
        expected = theirs().numpy()
        limit = 1e-5 * np.abs(expected).max()
        np.testing.assert_allclose(ours(), expected, rtol=0, atol=limit)

    return check


def main() -> None:
    """Print the table."""
    torch = torch_or_none()
    if torch is None:
        sys.exit("torch is not installed: make bench installs it")
    for name, ways in _cases(torch, sys.argv[1] if len(sys.argv) > 1 else ""):
        cells = []
        for what, ours, theirs in ways:
            times = measure(Case({"ours": ours, "torch": theirs}, _check(ours, theirs)), ROUNDS)
            mine, other = times["ours"], times["torch"]
            cells.append(f"{what} {mine * 1e3:7.3f} / {other * 1e3:7.3f} = {mine / other:.2f}")
        print(f"{name:16}" + "   ".join(cells), flush=True)


if __name__ == "__main__":
    main()
