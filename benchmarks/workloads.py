"""The networks of the compiled rows, written against ``mx``: Workbench's or MXNet's own.

:mod:`.mxnet_peer` runs this file in MXNet's Python 3.8, so it uses nothing newer and imports
neither of the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

__all__ = ["WORKLOADS", "Workload", "step_of"]

if TYPE_CHECKING:
    Arrays = tuple[np.ndarray, np.ndarray | None]


class Workload(NamedTuple):
    """A network with its loss and data; without a loss it is run forward only."""

    net: Callable[[Any], Any]
    data: Callable[[], Arrays]
    loss: Callable[[Any], Any] | None = None
    rate: float = 0.05
    momentum: float = 0.9


def _random(*shape: int) -> np.ndarray:
    return np.random.RandomState(0).normal(size=shape).astype("float32")


def _pictures(*shape: int, classes: int = 10) -> Callable[[], Arrays]:
    def make() -> Arrays:
        return _random(*shape), np.random.RandomState(1).randint(0, classes, shape[0])

    return make


def _cross_entropy(mx: Any) -> Any:
    return mx.gluon.loss.SoftmaxCrossEntropyLoss()


def mlp(mx: Any) -> Any:
    """784-256-128-10 with relu."""
    net, dense = mx.gluon.nn.HybridSequential(), mx.gluon.nn.Dense
    net.add(dense(256, activation="relu"), dense(128, activation="relu"), dense(10))
    return net


def lenet(mx: Any) -> Any:
    """Two convolutions with pooling, two dense layers."""
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(nn.Conv2D(20, 5, activation="relu"), nn.MaxPool2D(2, 2))
    net.add(nn.Conv2D(50, 5, activation="relu"), nn.MaxPool2D(2, 2))
    net.add(nn.Flatten(), nn.Dense(128, activation="relu"), nn.Dense(10))
    return net


def _unrolled(mx: Any) -> Any:
    """An LSTM cell of 64 units, unrolled 35 times over (N, T, C)."""

    class Unrolled(mx.gluon.HybridBlock):
        def __init__(self) -> None:
            super().__init__()
            self.cell = mx.gluon.rnn.LSTMCell(64, input_size=32)

        def hybrid_forward(self, F: Any, x: Any) -> Any:
            return self.cell.unroll(35, x, layout="NTC", merge_outputs=True)[0]

    return Unrolled()


def _sequences(steps: int, batch: int, size: int, out: int) -> Callable[[], Arrays]:
    return lambda: (_random(steps, batch, size), _random(steps, batch, out))


def _line() -> Arrays:
    x = _random(4, 2)
    return x, (x @ np.float32([2, -3.4]) + np.float32(4.2)).astype("float32")


WORKLOADS: dict[str, Workload] = {
    "mlp": Workload(mlp, _pictures(64, 784), _cross_entropy),
    "lenet": Workload(lenet, _pictures(64, 1, 28, 28), _cross_entropy),
    "lenet256": Workload(lenet, _pictures(256, 1, 28, 28), _cross_entropy),
    "resnet18": Workload(
        lambda mx: mx.gluon.model_zoo.vision.get_resnet(1, 18, classes=10, thumbnail=True),
        _pictures(32, 3, 32, 32),
        _cross_entropy,
    ),
    "mobilenet": Workload(
        lambda mx: mx.gluon.model_zoo.vision.get_mobilenet(0.25, classes=10),
        _pictures(32, 3, 64, 64),
        _cross_entropy,
    ),
    "resnet50": Workload(
        lambda mx: mx.gluon.model_zoo.vision.get_resnet(1, 50, classes=1000),
        lambda: (_random(1, 3, 224, 224), None),
    ),
    "lstm": Workload(
        lambda mx: mx.gluon.rnn.LSTM(200, num_layers=2, input_size=200),
        _sequences(35, 32, 200, 200),
        lambda mx: mx.gluon.loss.L2Loss(),
    ),
    "cell": Workload(_unrolled, _sequences(8, 35, 32, 64), lambda mx: mx.gluon.loss.L2Loss()),
    "hello": Workload(
        lambda mx: mx.gluon.nn.Dense(1, in_units=2),
        _line,
        lambda mx: mx.gluon.loss.L2Loss(),
        rate=0.01,
        momentum=0.0,
    ),
}


def step_of(
    mx: Any, workload: Workload, hybridize: bool = True, weights: Any = None
) -> tuple[Any, Callable[[], Any]]:
    """The network, and a function that makes one training step, or runs it once.

    Parameters
    ----------
    weights : sequence of numpy.ndarray, optional
        the parameters in order; by default they are drawn
    """
    x, y = [None if a is None else mx.nd.array(a, dtype="float32") for a in workload.data()]
    net = workload.net(mx)
    net.initialize(mx.init.Xavier())
    if hybridize:
        net.hybridize(static_alloc=True, static_shape=True)
    net(x)
    if weights is not None:
        for one, values in zip(net.collect_params().values(), weights):  # noqa: B905 (3.8)
            one.set_data(mx.nd.array(values))
    if workload.loss is None:
        return net, lambda: net(x).wait_to_read()
    loss = workload.loss(mx)
    if hybridize:
        loss.hybridize(static_alloc=True, static_shape=True)
    options = {"learning_rate": workload.rate, "momentum": workload.momentum}
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", options)

    def step() -> None:
        with mx.autograd.record():
            out = loss(net(x), y)
        out.backward()
        trainer.step(len(x))

    return net, step
