"""The talk's convolutional network on real digits, and LeNet."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, gluon, nd
from workbench.gluon import nn
from workbench.gluon.data.vision import MNIST, transforms


def transform(data, label):
    """The slide's own: channels first, 0 to 1."""
    return nd.transpose(data.astype(np.float32), (2, 0, 1)) / 255, label.astype(np.float32)


def talk_net():
    net = nn.HybridSequential()
    with net.name_scope():
        net.add(
            nn.Conv2D(20, kernel_size=5, activation="relu"),
            nn.MaxPool2D(pool_size=2, strides=2),
            nn.Flatten(),
            nn.Dense(128, activation="relu"),
            nn.Dense(10),
        )
    return net


def accuracy(net, data, contexts):
    metric = mx.metric.Accuracy()
    for features, label in data:
        xs = gluon.utils.split_and_load(features, contexts, even_split=False)
        ys = gluon.utils.split_and_load(label, contexts, even_split=False)
        metric.update(ys, [net(x) for x in xs])
    return metric.get()[1]


def train(net, data, trainer, contexts, epochs=1):
    softmax = gluon.loss.SoftmaxCrossEntropyLoss()
    for _ in range(epochs):
        for features, label in data:
            xs = gluon.utils.split_and_load(features, contexts, even_split=False)
            ys = gluon.utils.split_and_load(label, contexts, even_split=False)
            with autograd.record():
                losses = [softmax(net(x), y) for x, y in zip(xs, ys, strict=True)]
            autograd.backward(losses)
            trainer.step(features.shape[0])


@pytest.mark.slow
def test_the_talks_network_learns_digits(contexts, hybridized):
    root = mx.data_path("mnist")
    np.random.seed(0)
    digits = MNIST(root=root, train=True, transform=transform)
    few = gluon.data.SimpleDataset([digits[i] for i in range(1280)])
    held = MNIST(root=root, train=False, transform=transform)
    some = gluon.data.SimpleDataset([held[i] for i in range(400)])
    net = talk_net()
    net.initialize(mx.init.Xavier(magnitude=2.24), ctx=contexts)
    if hybridized:
        net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    test_data = gluon.data.DataLoader(some, 100)
    before = accuracy(net, test_data, contexts)
    train(net, gluon.data.DataLoader(few, 32, shuffle=True), trainer, contexts, epochs=2)
    after = accuracy(net, test_data, contexts)
    assert before < 0.4
    assert after > 0.75


@pytest.mark.slow
def test_lenet_reaches_its_accuracy_in_three_epochs():
    root = mx.data_path("mnist")
    mx.random.seed(0)
    np.random.seed(0)
    to_tensor = transforms.ToTensor()
    train_data = gluon.data.DataLoader(
        MNIST(root=root, train=True).transform_first(to_tensor), 64, shuffle=True
    )
    test_data = gluon.data.DataLoader(MNIST(root=root, train=False).transform_first(to_tensor), 500)
    net = nn.HybridSequential()
    with net.name_scope():
        net.add(
            nn.Conv2D(20, kernel_size=5, activation="relu"),
            nn.MaxPool2D(2, 2),
            nn.Conv2D(50, kernel_size=5, activation="relu"),
            nn.MaxPool2D(2, 2),
            nn.Flatten(),
            nn.Dense(128, activation="relu"),
            nn.Dense(10),
        )
    net.initialize(mx.init.Xavier())
    net.hybridize()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05, "momentum": 0.9})
    train(net, train_data, trainer, [mx.cpu()], epochs=3)
    assert accuracy(net, test_data, [mx.cpu()]) >= 0.965
