"""One step of an optimizer over a hundred weights, beside torch's fused loop over lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import workbench as mx

from .harness import Case, row, torch_or_none

#: weights of dense layers and their biases
SHAPES = [(64, 64), (64,)] * 50


def _step_of(name: str, make: Callable[[Any, Any], Any], **options: Any) -> Case:
    rng = np.random.default_rng(0)
    values = [rng.normal(size=shape).astype("float32") for shape in SHAPES]
    # not near 0, where it matters on which side of a correction Adam's epsilon stands
    slopes = [rng.uniform(0.5, 1.5, shape).astype("float32") for shape in SHAPES]
    weights, grads = (list(map(mx.nd.array, one)) for one in (values, slopes))
    updater = mx.optimizer.get_updater(mx.optimizer.create(name, **options))
    places = list(range(len(SHAPES)))

    def ours() -> None:
        updater(places, grads, weights)

    ways: dict[str, Callable[[], Any]] = {"workbench": ours}
    torch = torch_or_none()
    if torch is None:
        return Case(ways, lambda: None)
    tensors = [torch.from_numpy(value.copy()).requires_grad_() for value in values]
    for tensor, slope in zip(tensors, slopes, strict=True):
        tensor.grad = torch.from_numpy(slope)
    theirs = make(torch, tensors)
    ways["torch foreach"] = theirs.step

    def check() -> None:
        for _ in range(3):
            ours(), theirs.step()
        for weight, tensor in zip(weights, tensors, strict=True):
            np.testing.assert_allclose(
                weight.asnumpy(), tensor.detach().numpy(), rtol=1e-4, atol=1e-5
            )

    return Case(ways, check)


@row("sgd", "SGD with momentum, one step of 100 weights", limit=1.0, threads=(1,))
def sgd() -> Case:
    """``multi_sgd_mom_update`` through the updater that Trainer calls."""
    return _step_of(
        "sgd",
        lambda torch, tensors: torch.optim.SGD(tensors, lr=0.01, momentum=0.9, foreach=True),
        learning_rate=0.01,
        momentum=0.9,
    )


@row("adam", "Adam, one step of 100 weights", limit=1.0, threads=(1,))
def adam() -> Case:
    """Adam through the updater that Trainer calls."""
    return _step_of(
        "adam",
        lambda torch, tensors: torch.optim.Adam(tensors, lr=0.001, foreach=True),
        learning_rate=0.001,
    )
