"""Memory by device, and that training does not need more and more of it."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd
from workbench.backend.resident import resident_bytes

MEGABYTE = 1 << 20


def test_live_bytes_follow_the_arrays_of_a_device():
    ctx = mx.cpu(5)
    nd.waitall()
    before = mx.profiler.memory_stats(ctx)
    x = nd.zeros((512, 512), ctx=ctx)
    y = nd.ones((256, 512), ctx=ctx)
    nd.waitall()
    now = mx.profiler.memory_stats(ctx)
    assert now.live - before.live == (512 + 256) * 512 * 4
    assert now.arrays - before.arrays == 2
    del y
    gc.collect()
    assert mx.profiler.memory_stats(ctx).live - before.live == x.size * 4


def test_views_of_an_array_count_once():
    ctx = mx.cpu(8)
    before = mx.profiler.memory_stats(ctx).live
    x = nd.zeros((64, 64), ctx=ctx)
    views = [x.reshape((4096,)), x[3:9]]
    assert mx.profiler.memory_stats(ctx).live - before == 64 * 64 * 4
    assert len(views) == 2


def test_the_current_device_is_the_default():
    with mx.cpu(6):
        x = nd.zeros((1000,))
        assert mx.profiler.memory_stats().live == x.size * 4


def test_the_peak_is_what_was_held_at_most():
    stats = mx.profiler.memory_stats(mx.cpu())
    if not stats.held:
        pytest.skip("the system does not tell")
    assert stats.peak >= stats.held > MEGABYTE
    block = np.ones(64 * MEGABYTE, np.uint8)
    grown = mx.profiler.memory_stats(mx.cpu())
    assert grown.peak >= stats.held + len(block) // 2


@pytest.mark.parametrize("hybrid", [False, True])
def test_training_keeps_resident_memory_flat(hybrid):
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(64, activation="relu"), gluon.nn.BatchNorm(), gluon.nn.Dense(10))
    net.initialize()
    if hybrid:
        net.hybridize()
    loss_of = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "adam")
    x, y = nd.random.uniform(shape=(32, 100)), nd.zeros((32,))

    def train(steps):
        for _ in range(steps):
            with autograd.record():
                loss = loss_of(net(x), y)
            loss.backward()
            trainer.step(32)
        nd.waitall()

    train(100)
    gc.collect()
    live, held = mx.profiler.memory_stats().live, resident_bytes()[0]
    train(300)
    gc.collect()
    assert mx.profiler.memory_stats().live == live
    assert resident_bytes()[0] - held < 4 * MEGABYTE
