"""Training steps: forward, loss, backward, update, beside the same mathematics in torch.

torch updates in each of the three ways that it has (a loop, foreach, fused); its fastest counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import workbench as mx

from .harness import Case, row, torch_or_none

TORCH_WAYS: dict[str, dict[str, bool]] = {
    "torch": {"foreach": False},
    "torch foreach": {"foreach": True},
    "torch fused": {"fused": True},
}


def our_step(net: Any, loss: Any, x: Any, y: Any, rate: float, momentum: float) -> Any:
    """A function that makes one step of SGD; the same line by line as a user writes it."""
    options = {"learning_rate": rate, "momentum": momentum}
    trainer = mx.gluon.Trainer(net.collect_params(), "sgd", options)
    size = len(x)

    def step() -> None:
        with mx.autograd.record():
            out = loss(net(x), y)
        out.backward()
        trainer.step(size)

    return step


def torch_steps(
    torch: Any, make: Callable[[], Any], loss: Any, x: Any, y: Any, rate: float, momentum: float
) -> dict[str, tuple[Any, Callable[[], None]]]:
    """By way of updating: a network and a function that makes one step of it."""

    def one(options: dict[str, bool]) -> tuple[Any, Callable[[], None]]:
        net = make()
        optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=momentum, **options)

        def step() -> None:
            optimizer.zero_grad()
            loss(net(x), y).backward()
            optimizer.step()

        return net, step

    return {name: one(options) for name, options in TORCH_WAYS.items()}


def _weights(net: Any) -> list[np.ndarray]:
    return [one.data().asnumpy() for one in net.collect_params().values()]


def _checked(net: Any, step: Callable[[], None], peers: dict[str, Any]) -> Callable[[], None]:
    """Three steps of everybody give the same weights."""

    def check() -> None:
        for _ in range(3):
            step()
            for _, their_step in peers.values():
                their_step()
        for theirs, _ in peers.values():
            for ours, parameter in zip(_weights(net), theirs.parameters(), strict=True):
                np.testing.assert_allclose(ours, parameter.detach().numpy(), rtol=2e-4, atol=2e-5)

    return check


def _case(
    net: Any,
    loss: Any,
    data: tuple[np.ndarray, np.ndarray],
    theirs: Callable[[Any], tuple[Any, Any, Any]],
    rate: float,
    momentum: float,
) -> Case:
    """Our network beside torch's, which starts from the same weights."""
    x, y = (mx.nd.array(values, dtype=values.dtype) for values in data)
    net.initialize(mx.init.Xavier())
    net(x)
    step = our_step(net, loss, x, y.astype("float32"), rate, momentum)
    ways: dict[str, Callable[[], Any]] = {"workbench": step}
    torch, peers = torch_or_none(), {}
    if torch is not None:
        begin = _weights(net)
        layers, their_loss, labels = theirs(torch)

        def make() -> Any:
            made = layers()
            with torch.no_grad():
                for parameter, values in zip(made.parameters(), begin, strict=True):
                    parameter.copy_(torch.from_numpy(values))
            return made

        peers = torch_steps(
            torch, make, their_loss, torch.from_numpy(data[0]), labels, rate, momentum
        )
        ways.update({name: their_step for name, (_, their_step) in peers.items()})
    return Case(ways, _checked(net, step, peers))


def mlp() -> Any:
    """784-256-128-10 with relu."""
    dense = mx.gluon.nn.Dense
    net = mx.gluon.nn.HybridSequential()
    net.add(dense(256, activation="relu"), dense(128, activation="relu"), dense(10))
    return net


def lenet() -> Any:
    """The tour's network for 28×28 digits."""
    nn = mx.gluon.nn
    net = nn.HybridSequential()
    net.add(
        nn.Conv2D(20, 5, activation="relu"),
        nn.MaxPool2D(2, 2),
        nn.Conv2D(50, 5, activation="relu"),
        nn.MaxPool2D(2, 2),
        nn.Flatten(),
        nn.Dense(128, activation="relu"),
        nn.Dense(10),
    )
    return net


def digits(*shape: int) -> tuple[np.ndarray, np.ndarray]:
    """Random pictures and labels of ten classes."""
    rng = np.random.default_rng(0)
    return rng.random(shape, dtype="float32"), rng.integers(0, 10, shape[0])


@row("mlp", "eager training step, MLP 784-256-128-10, batch 64", limit=1.0)
def mlp_step() -> Case:
    """Cross entropy, SGD with momentum."""
    data = digits(64, 784)

    def theirs(torch: Any) -> tuple[Any, Any, Any]:
        nn = torch.nn
        layers = lambda: nn.Sequential(  # noqa: E731
            nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
        )
        return layers, nn.CrossEntropyLoss(), torch.from_numpy(data[1])

    return _case(mlp(), mx.gluon.loss.SoftmaxCrossEntropyLoss(), data, theirs, 0.05, 0.9)


@row("hello", "step of linear regression, 2 inputs, batch 4", limit=0.4, threads=(1,))
def hello_step() -> Case:
    """The talk's hello world, without its loader: ``Dense(1)``, half squared error, SGD."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 2)).astype("float32")
    data = x, (x @ np.float32([2, -3.4]) + np.float32(4.2)).astype("float32")
    net = mx.gluon.nn.Sequential()
    net.add(mx.gluon.nn.Dense(1))

    def theirs(torch: Any) -> tuple[Any, Any, Any]:
        square = torch.nn.MSELoss()
        labels = torch.from_numpy(data[1]).reshape(4, 1)
        return lambda: torch.nn.Linear(2, 1), lambda p, t: square(p, t) / 2, labels

    return _case(net, mx.gluon.loss.L2Loss(), data, theirs, 0.01, 0.0)


def _lenet_case(hybridized: bool) -> Case:
    data = digits(64, 1, 28, 28)

    def theirs(torch: Any) -> tuple[Any, Any, Any]:
        nn = torch.nn
        layers = lambda: nn.Sequential(  # noqa: E731
            nn.Conv2d(1, 20, 5),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Conv2d(20, 50, 5),
            nn.ReLU(),
            nn.MaxPool2d(2, 2),
            nn.Flatten(),
            nn.Linear(800, 128),
            nn.ReLU(),
            nn.Linear(128, 10),
        )
        return layers, nn.CrossEntropyLoss(), torch.from_numpy(data[1])

    net, loss = lenet(), mx.gluon.loss.SoftmaxCrossEntropyLoss()
    if hybridized:
        net.hybridize(static_alloc=True)
        loss.hybridize(static_alloc=True)
    return _case(net, loss, data, theirs, 0.05, 0.9)


@row("lenet", "eager training step, LeNet, batch 64")
def lenet_step() -> Case:
    """Operator by operator."""
    return _lenet_case(hybridized=False)


@row("lenet_hybrid", "hybridized training step, LeNet, batch 64")
def lenet_hybrid_step() -> Case:
    """Network and loss compiled; torch runs eagerly."""
    return _lenet_case(hybridized=True)
