"""SyncBatchNorm over several devices gives what BatchNorm gives for the whole batch."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, engine, meeting, nd
from workbench.error import OperatorError
from workbench.gluon import Trainer, contrib, nn

X = np.random.default_rng(3).normal(size=(6, 2, 4, 4)).astype("float32")
DEVICES = {
    "cpu": [mx.cpu(0), mx.cpu(1)],
    "loopback": [mx.Context("loopback", 0), mx.Context("loopback", 1)],
}


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A mistake is to end a test soon."""
    monkeypatch.setattr(meeting, "PATIENCE", 20)
    yield
    meeting.used.ever = False


def network(devices, norm):
    net = nn.HybridSequential()
    net.add(nn.Conv2D(3, 3, in_channels=2), norm, nn.Activation("tanh"))
    mx.random.seed(1)
    net.initialize(mx.init.Uniform(1), ctx=devices)
    return net


def parts(devices):
    """Two thirds of the batch for the first device."""
    if len(devices) == 1:
        return [nd.array(X, ctx=devices[0])]
    return [nd.array(X[:4], ctx=devices[0]), nd.array(X[4:], ctx=devices[1])]


def train(net, devices, backward, steps=3):
    trainer = Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    xs = parts(devices)
    for x in xs:
        x.attach_grad()
    for _ in range(steps):
        with autograd.record():
            outs = [net(x) for x in xs]
            losses = [(out * out * out).sum() for out in outs]
        backward(losses)
        trainer.step(len(X))
    return (
        np.concatenate([out.asnumpy() for out in outs]),
        np.concatenate([x.grad.asnumpy() for x in xs]),
        *[p.list_data()[-1].asnumpy() for p in net.collect_params().values()],
    )


def one_by_one(losses):
    for one in losses:
        one.backward()


def after_reading(losses):
    for one in losses:
        one.asnumpy()
    one_by_one(losses)


@pytest.mark.parametrize("backward", [one_by_one, autograd.backward, after_reading])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("kind", DEVICES)
def test_parts_of_a_batch_are_normalized_together(kind, compiled, backward):
    whole = network([mx.cpu()], nn.BatchNorm(in_channels=3))
    expected = train(whole, [mx.cpu()], one_by_one)
    devices = DEVICES[kind]
    net = network(devices, contrib.nn.SyncBatchNorm(in_channels=3, num_devices=2))
    net.hybridize(compiled)
    for found, wanted in zip(train(net, devices, backward), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_evaluation_needs_no_other_part():
    net = network(DEVICES["cpu"], contrib.nn.SyncBatchNorm(in_channels=3, num_devices=2))
    x = parts(DEVICES["cpu"])[0]
    assert np.isfinite(net(x).asnumpy()).all()


def test_a_part_that_is_read_before_the_others_begin_says_so(monkeypatch):
    monkeypatch.setattr(meeting, "PATIENCE", 0.05)
    net = network(DEVICES["cpu"], contrib.nn.SyncBatchNorm(in_channels=3, num_devices=2))
    with autograd.record():
        out = net(parts(DEVICES["cpu"])[0])
    with pytest.raises(OperatorError, match="other parts of the batch"):
        out.asnumpy()


def test_what_runs_one_after_the_other_cannot_meet():
    net = network(DEVICES["cpu"], contrib.nn.SyncBatchNorm(in_channels=3, num_devices=2))
    with (
        engine.naive(),
        autograd.record(),
        pytest.raises(OperatorError, match="NaiveEngine"),
    ):
        net(parts(DEVICES["cpu"])[0])
    data = mx.sym.Variable("data")
    bound = mx.sym.contrib.SyncBatchNorm(data, key="layer", ndev=2).simple_bind(
        mx.cpu(), data=(2, 3)
    )
    with pytest.raises(OperatorError, match="one device for each part"):
        bound.forward(is_train=True)
