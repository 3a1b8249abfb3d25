"""The talk's "hello world": linear regression with Gluon."""

from __future__ import annotations

import numpy as np

from workbench import autograd, gluon, nd

TRUE_W, TRUE_B = np.array([2.0, -3.4]), 4.2


def examples(number):
    X = nd.random_normal(shape=(number, 2))
    noise = 0.01 * nd.random_normal(shape=(number,))
    return X, 2 * X[:, 0] - 3.4 * X[:, 1] + 4.2 + noise


def test_linear_regression(contexts, hybridized):
    X, y = examples(2000)
    data = gluon.data.DataLoader(gluon.data.ArrayDataset(X, y), batch_size=20, shuffle=True)
    net = gluon.nn.HybridSequential()
    net.add(gluon.nn.Dense(1, in_units=2))
    net.initialize(ctx=contexts)
    if hybridized:
        net.hybridize()
    square_loss = gluon.loss.L2Loss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.05})
    means = []
    for _ in range(3):
        total = 0.0
        for features, label in data:
            xs = gluon.utils.split_and_load(features, contexts)
            ys = gluon.utils.split_and_load(label, contexts)
            with autograd.record():
                losses = [square_loss(net(x), t) for x, t in zip(xs, ys, strict=True)]
            autograd.backward(losses)
            trainer.step(features.shape[0])
            total += sum(loss.sum().asscalar() for loss in losses)
        means.append(total / 2000)
    assert means[-1] < 1e-3 < means[0]
    for ctx in contexts:
        weight, bias = net[0].weight.data(ctx), net[0].bias.data(ctx)
        assert np.allclose(weight.asnumpy(), TRUE_W, atol=0.02)
        assert np.allclose(bias.asnumpy(), TRUE_B, atol=0.02)
