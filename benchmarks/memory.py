"""What ten thousand training steps leave behind."""

from __future__ import annotations

import gc

import workbench as mx
from workbench import autograd, gluon, nd

from .harness import Result, row

STEPS, WARM = 10_000, 200


@row(
    "memory",
    f"{STEPS:,} training steps, small MLP: growth of resident memory",
    limit=4.0,
    shown="{:.1f} MB",
    threads=(1,),
    starts=1,
)
def memory() -> Result:
    """Megabytes, after as many steps as fill every cache."""
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(64, activation="relu"), gluon.nn.Dense(10))
    net.initialize()
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"momentum": 0.9})
    x, y = nd.random.uniform(shape=(32, 100)), nd.zeros((32,))

    def train(steps: int) -> None:
        for _ in range(steps):
            with autograd.record():
                loss = loss_of(net(x), y)
            loss.backward()
            trainer.step(32)
        gc.collect()

    train(WARM)
    before = mx.profiler.memory_stats()
    train(STEPS)
    after = mx.profiler.memory_stats()
    told = f"live {before.live / 1e3:.0f} kB, then {after.live / 1e3:.0f} kB"
    return Result((after.held - before.held) / 1e6, told)
