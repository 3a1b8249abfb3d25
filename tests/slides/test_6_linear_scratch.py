"""The talk: the same regression from scratch, with nothing but arrays and autograd."""

from __future__ import annotations

import numpy as np

from workbench import autograd, gluon, nd


def net(X, w, b):
    return nd.dot(X, w) + b


def square_loss(yhat, y):
    return nd.mean((yhat - y) ** 2)


def sgd(params, lr):
    for param in params:
        param[:] = param - lr * param.grad


def test_linear_regression_from_scratch(contexts):
    ctx = contexts[-1]
    X = nd.random_normal(shape=(2000, 2), ctx=ctx)
    y = 2 * X[:, 0] - 3.4 * X[:, 1] + 4.2 + 0.01 * nd.random_normal(shape=(2000,), ctx=ctx)
    data = gluon.data.DataLoader(gluon.data.ArrayDataset(X, y), batch_size=20, shuffle=True)
    w, b = nd.random_normal(shape=(2, 1), ctx=ctx), nd.random_normal(shape=(1,), ctx=ctx)
    params = [w, b]
    for param in params:
        param.attach_grad()
    means = []
    for _ in range(3):
        total = 0.0
        for features, label in data:
            features = features.as_in_context(ctx)
            label = label.as_in_context(ctx).reshape((-1, 1))
            with autograd.record():
                loss = square_loss(net(features, w, b), label)
            loss.backward()
            sgd(params, 0.05)
            total += loss.asscalar()
        means.append(total / len(data))
    assert means[-1] < 1e-3 < means[0]
    assert np.allclose(w.asnumpy().ravel(), [2.0, -3.4], atol=0.02)
    assert np.allclose(b.asnumpy(), [4.2], atol=0.02)
