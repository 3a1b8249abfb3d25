"""Layers: what they compute, how they print, what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest

import workbench as mx
from workbench import autograd, nd
from workbench.error import MXNetError
from workbench.gluon import nn

RNG = np.random.default_rng(2)
COMPILED = pytest.mark.parametrize("compiled", [False, True])


def run(layer, x, compiled=False):
    layer.initialize(mx.init.Uniform(1))
    layer.hybridize(compiled)
    return layer(nd.array(x)).asnumpy()


@COMPILED
@pytest.mark.parametrize("flatten", [True, False])
def test_dense(compiled, flatten):
    x = RNG.normal(size=(2, 3, 4)).astype("float32")
    layer = nn.Dense(5, activation="relu", flatten=flatten)
    found = run(layer, x, compiled)
    w, b = layer.weight.data().asnumpy(), layer.bias.data().asnumpy()
    rows = x.reshape(2, 12) if flatten else x
    assert np.allclose(found, np.maximum(rows @ w.T + b, 0), atol=1e-5)


@COMPILED
def test_convolution(compiled):
    x = RNG.normal(size=(2, 3, 6, 5)).astype("float32")
    layer = nn.Conv2D(4, (3, 2), strides=(2, 1), padding=(1, 0))
    found = run(layer, x, compiled)
    w = layer.weight.data().asnumpy()
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 2), (2, 3))[:, :, ::2]
    assert np.allclose(found, np.einsum("nchwij,ocij->nohw", windows, w), atol=1e-5)


@COMPILED
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_shapes_along_one_two_three_axes(compiled, rank):
    x = RNG.normal(size=(2, 4) + (6,) * rank).astype("float32")
    conv = [nn.Conv1D, nn.Conv2D, nn.Conv3D][rank - 1]
    pools = [
        (nn.MaxPool1D, nn.AvgPool1D, nn.GlobalMaxPool1D, nn.GlobalAvgPool1D),
        (nn.MaxPool2D, nn.AvgPool2D, nn.GlobalMaxPool2D, nn.GlobalAvgPool2D),
        (nn.MaxPool3D, nn.AvgPool3D, nn.GlobalMaxPool3D, nn.GlobalAvgPool3D),
    ][rank - 1]
    assert run(conv(6, 3, groups=2), x, compiled).shape == (2, 6) + (4,) * rank
    assert run(pools[0](2), x, compiled).shape == (2, 4) + (3,) * rank
    assert run(pools[1](4, strides=1), x, compiled).shape == (2, 4) + (3,) * rank
    axes = tuple(range(2, 2 + rank))
    assert np.allclose(run(pools[2](), x), x.max(axis=axes, keepdims=True))
    assert np.allclose(run(pools[3](), x), x.mean(axis=axes, keepdims=True), atol=1e-6)


@COMPILED
def test_batch_norm_learns_its_statistics(compiled):
    x = RNG.normal(3, 2, size=(16, 4, 5)).astype("float32")
    layer = nn.BatchNorm(momentum=0.5)
    layer.initialize()
    layer.hybridize(compiled)
    data = nd.array(x)
    for _ in range(12):
        with autograd.record():
            out = layer(data)
        out.backward()
    assert np.allclose(out.asnumpy().mean(axis=(0, 2)), 0, atol=1e-5)
    assert np.allclose(layer.running_mean.data().asnumpy(), x.mean(axis=(0, 2)), rtol=2e-3)
    assert np.allclose(layer.running_var.data().asnumpy(), x.var(axis=(0, 2)), rtol=2e-3)
    assert np.allclose(layer(data).asnumpy(), out.asnumpy(), atol=1e-2)
    assert layer.running_mean.grad_req == "null"


@COMPILED
@pytest.mark.parametrize("axis", [-1, 1])
def test_layer_norm(compiled, axis):
    x = RNG.normal(3, 2, size=(5, 40, 60)).astype("float32")
    found = run(nn.LayerNorm(axis=axis), x, compiled)
    assert np.allclose(found.mean(axis=axis), 0, atol=1e-4)
    assert np.allclose(found.std(axis=axis), 1, atol=1e-3)


@COMPILED
def test_swish(compiled):
    x = np.linspace(-3, 3, 7, dtype="float32")
    assert np.allclose(run(nn.Swish(2.0), x, compiled), x / (1 + np.exp(-2 * x)), atol=1e-6)


@COMPILED
def test_dropout_only_while_training(compiled):
    layer = nn.Dropout(0.4)
    layer.hybridize(compiled)
    x = nd.ones((100, 100))
    assert (layer(x).asnumpy() == 1).all()
    with autograd.record():
        out = layer(x).asnumpy()
    assert set(np.unique(out)) == {np.float32(0), np.float32(1 / 0.6)}
    assert abs(out.mean() - 1) < 0.05


@COMPILED
def test_embedding(compiled):
    layer = nn.Embedding(7, 3)
    found = run(layer, np.array([[1, 6], [0, 1]]), compiled)
    assert np.array_equal(found, layer.weight.data().asnumpy()[[[1, 6], [0, 1]]])


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "softrelu", "softsign"])
def test_activations(name):
    x = np.linspace(-3, 3, 7, dtype="float32")
    expected = {
        "relu": np.maximum(x, 0),
        "sigmoid": 1 / (1 + np.exp(-x)),
        "tanh": np.tanh(x),
        "softrelu": np.log(1 + np.exp(x)),
        "softsign": x / (1 + np.abs(x)),
    }[name]
    assert np.allclose(run(nn.Activation(name), x), expected, atol=1e-6)


@COMPILED
@pytest.mark.parametrize("name", ["LeakyReLU", "PReLU", "ELU", "SELU", "GELU"])
def test_relatives_of_relu(name, compiled):
    x = np.linspace(-3, 3, 14, dtype="float32").reshape(2, 7)
    low = np.exp(np.minimum(x, 0)) - 1
    phi = (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    layer, expected = {
        "LeakyReLU": (lambda: nn.LeakyReLU(0.1), np.where(x > 0, x, 0.1 * x)),
        "PReLU": (lambda: nn.PReLU(), np.where(x > 0, x, 0.25 * x)),
        "ELU": (lambda: nn.ELU(0.5), np.where(x > 0, x, 0.5 * low)),
        "SELU": (lambda: nn.SELU(), scale * np.where(x > 0, x, alpha * low)),
        "GELU": (lambda: nn.GELU(), x * phi),
    }[name]
    made = layer()
    made.initialize()
    made.hybridize(compiled)
    assert np.allclose(made(nd.array(x)).asnumpy(), expected, atol=1e-5)


def test_a_negative_slope():
    with pytest.raises(ValueError, match="no less than 0"):
        nn.LeakyReLU(-1)


def test_an_unknown_activation_names_the_known_ones():
    with pytest.raises(MXNetError, match="relu") as caught:
        nn.Activation("rellu")(nd.ones(1))
    assert "rellu" in str(caught.value)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (lambda: nn.Dense(3, in_units=2), "Dense(2 -> 3, linear)"),
        (lambda: nn.Dense(3, activation="tanh"), "Dense(None -> 3, Activation(tanh))"),
        (
            lambda: nn.Conv2D(4, 3, padding=1, use_bias=False),
            "Conv2D(None -> 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)",
        ),
        (lambda: nn.Dropout(0.5), "Dropout(p = 0.5, axes=())"),
        (lambda: nn.Embedding(5, 2), "Embedding(5 -> 2, float32)"),
        (lambda: nn.Flatten(), "Flatten"),
        (
            lambda: nn.MaxPool2D(),
            "MaxPool2D(size=(2, 2), stride=(2, 2), padding=(0, 0), ceil_mode=False, "
            "global_pool=False, pool_type=max, layout=NCHW)",
        ),
    ],
)
def test_how_they_print(layer, text):
    assert repr(layer()) == text


def test_settings_of_the_wrong_length():
    with pytest.raises(ValueError, match="tuple of 2"):
        nn.Conv2D(3, (2, 2, 2))


@COMPILED
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_transposed_convolutions_undo_the_shape(rank, compiled):
    kinds = [nn.Conv1DTranspose, nn.Conv2DTranspose, nn.Conv3DTranspose]
    forward = [nn.Conv1D, nn.Conv2D, nn.Conv3D][rank - 1](4, 3, strides=2, padding=1)
    back = kinds[rank - 1](3, 3, strides=2, padding=1, output_padding=1)
    x = RNG.normal(size=(2, 3) + (6,) * rank)
    small = run(forward, x, compiled)
    assert run(back, small, compiled).shape == x.shape
    assert back.weight.shape == (4, 3) + (3,) * rank
    assert repr(back).startswith(f"Conv{rank}DTranspose(3 -> 4, kernel_size=")


@COMPILED
def test_norms_of_samples(compiled):
    x = RNG.normal(3, 2, size=(2, 4, 5, 6)).astype("float32")
    found = run(nn.InstanceNorm(), x, compiled)
    assert np.allclose(found.mean(axis=(2, 3)), 0, atol=1e-5)
    last = run(nn.InstanceNorm(axis=-1), x, compiled)
    assert np.allclose(last.mean(axis=(1, 2)), 0, atol=1e-5)
    groups = run(nn.GroupNorm(2), x, compiled).reshape(2, 2, -1)
    assert np.allclose(groups.mean(axis=-1), 0, atol=1e-5)
    assert np.allclose(groups.std(axis=-1), 1, atol=1e-3)


@COMPILED
def test_reflection(compiled):
    x = RNG.normal(size=(1, 2, 4, 5)).astype("float32")
    expected = np.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2)), mode="reflect")
    assert np.array_equal(run(nn.ReflectionPad2D(2), x, compiled), expected)
    with pytest.raises(ValueError, match="8 ints"):
        nn.ReflectionPad2D((1, 2))


def test_a_window_of_padding_only_gives_the_smallest_number():
    found = run(nn.MaxPool2D(2, strides=3, ceil_mode=True), np.ones((1, 1, 6, 6)))
    assert found[0, 0, 0, 0] == 1
    assert found[0, 0, 2, 2] == np.finfo("float32").min


def test_the_gradient_of_a_mean_is_shared_by_the_elements_that_it_is_of():
    """MXNet 1.9.1 divides it by the whole window for some shapes with ceil_mode."""
    x = nd.ones((1, 1, 4, 4, 4))
    x.attach_grad()
    with autograd.record():
        out = nn.AvgPool3D(2, strides=3, ceil_mode=True)(x)
    out.backward()
    assert (out.asnumpy() == 1).all()
    assert x.grad[0, 0, 3, 3, 3].asscalar() == 1
    assert x.grad[0, 0, 0, 0, 0].asscalar() == 0.125
    assert x.grad.sum().asscalar() == out.size
