"""LeNet on the sample of real digits that ships with the package, three epochs, five seeds."""

from __future__ import annotations

import statistics
from time import perf_counter
from typing import Any

import numpy as np

import workbench as mx

from .harness import Result, row
from .training import lenet

SEEDS = range(5)
EPOCHS = 3


def _right(net: Any, loader: Any) -> float:
    metric = mx.metric.Accuracy()
    for x, y in loader:
        metric.update(y, net(x))
    return 100 * metric.get()[1]


def train(seed: int) -> tuple[float, float]:
    """Percent of the 2,000 test digits that are right, and the seconds it took."""
    mx.random.seed(seed)
    np.random.seed(seed)  # shuffles the loader
    data = mx.gluon.data
    root = mx.data_path("mnist")
    scale = data.vision.transforms.ToTensor()
    loaders = [
        data.DataLoader(
            data.vision.MNIST(root=root, train=part).transform_first(scale), 64, shuffle=part
        )
        for part in (True, False)
    ]
    start = perf_counter()
    net = lenet()
    net.initialize(mx.init.Xavier())
    net.hybridize()
    loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()
    options = {"learning_rate": 0.05, "momentum": 0.9}
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", options)
    for _ in range(EPOCHS):
        for x, y in loaders[0]:
            with mx.autograd.record():
                out = loss(net(x), y)
            out.backward()
            trainer.step(x.shape[0])
    return _right(net, loaders[1]), perf_counter() - start


@row(
    "lenet_seeds",
    "LeNet on the sample, three epochs: median of seeds 0–4, right of 2,000",
    limit=97.1,
    most=False,
    shown="{:.2f} %",
    threads=(2,),
    starts=1,
)
def lenet_seeds() -> Result:
    """The median, and each seed's percentage and seconds."""
    runs = [train(seed) for seed in SEEDS]
    told = ", ".join(f"{percent:.2f} ({seconds:.0f} s)" for percent, seconds in runs)
    return Result(statistics.median(percent for percent, _ in runs), told)
