"""The same networks in torch, with parameters in the same order; eager, compiled, channels last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = ["LOSSES", "NETS", "step_of", "variants"]


def _mlp(nn: Any) -> Any:
    return nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )


def _lenet(nn: Any) -> Any:
    layers = [nn.Conv2d(1, 20, 5), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Conv2d(20, 50, 5), nn.ReLU()]
    layers += [nn.MaxPool2d(2, 2), nn.Flatten(), nn.Linear(800, 128), nn.ReLU(), nn.Linear(128, 10)]
    return nn.Sequential(*layers)


def _block(nn: Any, body: list[Any], shortcut: Any) -> Any:
    class Block(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.body, self.shortcut, self.relu = nn.Sequential(*body), shortcut, nn.ReLU()

        def forward(self, x: Any) -> Any:
            return self.relu(self.body(x) + (x if self.shortcut is None else self.shortcut(x)))

    return Block()


def _basic(nn: Any, before: int, after: int, stride: int) -> list[Any]:
    return [
        nn.Conv2d(before, after, 3, stride, 1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
        nn.Conv2d(after, after, 3, 1, 1, bias=False),
        nn.BatchNorm2d(after),
    ]


def _bottleneck(nn: Any, before: int, after: int, stride: int) -> list[Any]:
    inner = after // 4
    return [
        nn.Conv2d(before, inner, 1, stride),
        nn.BatchNorm2d(inner),
        nn.ReLU(),
        nn.Conv2d(inner, inner, 3, 1, 1, bias=False),
        nn.BatchNorm2d(inner),
        nn.ReLU(),
        nn.Conv2d(inner, after, 1),
        nn.BatchNorm2d(after),
    ]


def _residual(
    nn: Any, stem: list[Any], body: Callable[..., list[Any]], layers: Sequence[int], width: int
) -> list[Any]:
    made, before = stem, 64
    for stage, count in enumerate(layers):
        after = width << stage
        for i in range(count):
            stride = 2 if stage and not i else 1
            shortcut = None
            if not i and (before != after or stride > 1):
                conv = nn.Conv2d(before, after, 1, stride, bias=False)
                shortcut = nn.Sequential(conv, nn.BatchNorm2d(after))
            made.append(_block(nn, body(nn, before, after, stride), shortcut))
            before = after
    return [*made, nn.AdaptiveAvgPool2d(1), nn.Flatten()]


def _resnet18(nn: Any) -> Any:
    stem = [nn.Conv2d(3, 64, 3, 1, 1, bias=False)]
    layers = _residual(nn, stem, _basic, (2, 2, 2, 2), 64)
    return nn.Sequential(*layers, nn.Linear(512, 10))


def _resnet50(nn: Any) -> Any:
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    stem.append(nn.MaxPool2d(3, 2, 1))
    layers = _residual(nn, stem, _bottleneck, (3, 4, 6, 3), 256)
    return nn.Sequential(*layers, nn.Linear(2048, 1000))


def _mobilenet(nn: Any) -> Any:
    sizes = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5]
    sizes += [(1024, 2), (1024, 1)]
    made, before = [], 8

    def add(*conv: Any, **options: Any) -> None:
        made.extend([nn.Conv2d(*conv, bias=False, **options), nn.BatchNorm2d(conv[1]), nn.ReLU()])

    add(3, before, 3, 2, 1)
    for wide, stride in sizes:
        add(before, before, 3, stride, 1, groups=before)
        add(before, wide // 4, 1)
        before = wide // 4
    return nn.Sequential(*made, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 10))


def _lstm(nn: Any) -> Any:
    class Outputs(nn.Module):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.lstm = nn.LSTM(200, 200, 2)

        def forward(self, x: Any) -> Any:
            return self.lstm(x)[0]

    return Outputs()


NETS: dict[str, Callable[[Any], Any]] = {
    "mlp": _mlp,
    "lenet": _lenet,
    "lenet256": _lenet,
    "resnet18": _resnet18,
    "mobilenet": _mobilenet,
    "resnet50": _resnet50,
    "lstm": _lstm,
    "hello": lambda nn: nn.Linear(2, 1),
}


def _half_square(torch: Any) -> Any:
    return lambda p, t: torch.nn.functional.mse_loss(p, t.reshape(p.shape)) / 2


LOSSES: dict[str, Callable[[Any], Any]] = {"lstm": _half_square, "hello": _half_square}


def step_of(
    torch: Any,
    name: str,
    data: tuple[np.ndarray, Any],
    weights: Sequence[np.ndarray],
    rate: float,
    momentum: float,
    way: str = "torch",
) -> tuple[Any, Callable[[], Any]]:
    """The network with these weights, and a function that makes one step (or runs it once).

    *way* is ``torch`` (eager), ``torch compiled`` or ``torch channels_last``.
    """
    net = NETS[name](torch.nn)
    with torch.no_grad():
        for parameter, values in zip(net.parameters(), weights, strict=True):
            parameter.copy_(torch.from_numpy(values).reshape(parameter.shape))
    x = torch.from_numpy(data[0])
    y = None if data[1] is None else torch.from_numpy(data[1])
    if way == "torch channels_last":
        net, x = (one.to(memory_format=torch.channels_last) for one in (net, x))
    run = torch.compile(net) if way == "torch compiled" else net
    if y is None:
        net.eval()

        def infer() -> Any:
            with torch.inference_mode():
                return run(x)

        return net, infer
    loss = LOSSES[name](torch) if name in LOSSES else torch.nn.CrossEntropyLoss()
    if way == "torch compiled":
        inner = loss
        loss, run = torch.compile(lambda a, b: inner(net(a), b)), None
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=momentum, fused=True)

    def step() -> None:
        optimizer.zero_grad()
        (loss(x, y) if run is None else loss(run(x), y)).backward()
        optimizer.step()

    return net, step


def variants(name: str) -> list[str]:
    """The ways of torch that are measured for a workload, its plain one first."""
    pictures = name in ("lenet", "lenet256", "resnet18", "resnet50", "mobilenet")
    return ["torch", "torch compiled", *(["torch channels_last"] if pictures else [])]
