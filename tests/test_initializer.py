"""Initializers: their laws, what the name of an array decides, how they are named."""

from __future__ import annotations

import json

import numpy as np
import pytest

import workbench as mx
from workbench import init, nd
from workbench.error import MXNetError


def filled(initializer, shape=(64, 48), name="fc_weight", **attrs):
    array = nd.full(shape, 9)
    initializer(init.InitDesc(name, attrs), array)
    return array.asnumpy()


def test_constants():
    assert (filled(init.Zero()) == 0).all()
    assert (filled(init.One()) == 1).all()
    assert (filled(init.Constant(2.5)) == 2.5).all()
    values = nd.array([[1.0, 2.0]])
    assert filled(init.Constant(values), (3, 2)).tolist() == [[1, 2]] * 3


def test_uniform_and_normal():
    one = filled(init.Uniform(0.5))
    assert -0.5 <= one.min() < -0.45
    assert 0.45 < one.max() < 0.5
    assert filled(init.Normal(0.3)).std() == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize("shape", [(64, 48), (16, 12, 3, 3)])
@pytest.mark.parametrize("factor", ["avg", "in", "out"])
def test_xavier(shape, factor):
    receptive = int(np.prod(shape[2:]))
    fans = {"in": shape[1] * receptive, "out": shape[0] * receptive}
    fans["avg"] = (fans["in"] + fans["out"]) / 2
    scale = np.sqrt(3 / fans[factor])
    uniform = filled(init.Xavier(factor_type=factor), shape)
    assert np.abs(uniform).max() == pytest.approx(scale, rel=0.02)
    gaussian = filled(init.Xavier("gaussian", factor), shape)
    assert gaussian.std() == pytest.approx(scale, rel=0.07)


def test_he():
    assert filled(init.MSRAPrelu("in", 0.0), (200, 100)).std() == pytest.approx(
        np.sqrt(2 / 100), rel=0.05
    )


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (4, 3, 2, 2)])
@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_orthogonal(shape, kind):
    made = filled(init.Orthogonal(scale=2.0, rand_type=kind), shape).reshape(shape[0], -1)
    small = made @ made.T if made.shape[0] <= made.shape[1] else made.T @ made
    assert np.allclose(small, 4 * np.eye(len(small)), atol=1e-4)


def test_bilinear_and_lstm_bias():
    assert filled(init.Bilinear(), (1, 1, 4, 4))[0, 0, 0].tolist() == [
        0.0625,
        0.1875,
        0.1875,
        0.0625,
    ]
    assert filled(init.LSTMBias(2.0), (8,)).tolist() == [0, 0, 2, 2, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "value"), [("x_weight", 7), ("x_bias", 0), ("x_gamma", 1), ("x_beta", 0)]
)
def test_the_name_decides(name, value):
    assert (filled(init.Constant(7), name=name) == value).all()


def test_an_attribute_decides_before_the_name():
    assert (filled(init.Zero(), name="x_bias", __init__=init.One().dumps()) == 1).all()
    assert (filled(init.Zero(), name="other", __init__=init.Constant(3)) == 3).all()


def test_a_name_that_says_nothing():
    with pytest.raises(ValueError, match="Unknown initialization pattern for other"):
        filled(init.One(), name="other")


def test_what_an_initializer_refuses():
    with pytest.raises(ValueError, match="at least 2D"):
        filled(init.Xavier(), (5,))
    for wrong in (init.Xavier(factor_type="sum"), init.Xavier("cauchy")):
        with pytest.raises(ValueError, match="use '"):
            filled(wrong)
    with pytest.raises(TypeError, match="InitDesc or a name"):
        init.One()(3, nd.ones(1))


def test_names_and_json():
    assert init.create("xavier") == init.Xavier()
    assert init.create("zeros") == init.Zero()
    text = init.Normal(0.2).dumps()
    assert json.loads(text) == ["normal", {"sigma": 0.2}]
    assert init.create(text) == init.Normal(0.2)
    assert init.create(init.Uniform) == init.Uniform()
    with pytest.raises(MXNetError, match="Cannot find initializer 'nothing'") as caught:
        init.create("nothing")
    assert "xavier" in str(caught.value)


def test_mixed():
    mixed = init.Mixed(["fc1.*", ".*"], [init.One(), init.Constant(5)])
    assert (filled(mixed, name="fc1_weight") == 1).all()
    assert (filled(mixed, name="fc2_weight") == 5).all()
    with pytest.raises(ValueError, match="did not match any pattern"):
        filled(init.Mixed(["a"], [init.One()]), name="b")
    with pytest.raises(ValueError, match="as many"):
        init.Mixed(["a"], [])


def test_load(tmp_path):
    name = str(tmp_path / "w.params")
    nd.save(name, {"arg:fc_weight": nd.full((2, 2), 4)})
    load = init.Load(name, default_init=init.One())
    assert (filled(load, (2, 2)) == 4).all()
    assert (filled(load, (2, 2), name="other_weight") == 1).all()
    with pytest.raises(AssertionError, match="Shape mismatch"):
        filled(load, (3, 3))
    with pytest.raises(AssertionError, match="no default"):
        filled(init.Load(name), name="other_weight")


def test_ones_own():
    @mx.init.register
    class Sevens(mx.init.Initializer):
        def _init_weight(self, name, arr):
            arr[:] = 7

    layer = mx.gluon.nn.Dense(2, in_units=2, weight_initializer="sevens")
    layer.initialize()
    assert (layer.weight.data().asnumpy() == 7).all()
    other = mx.gluon.nn.Dense(2, in_units=2, weight_initializer=Sevens())
    other.initialize()
    assert (other.weight.data().asnumpy() == 7).all()
    with pytest.raises(NotImplementedError, match="_init_weight"):
        filled(mx.init.Initializer())


def test_verbose(capsys):
    net = mx.gluon.nn.Dense(2, in_units=2)
    net.initialize(init.One(), verbose=True)
    assert "weight" in capsys.readouterr().out


@pytest.mark.parametrize("make", [mx.nd.array, np.array, lambda values: values])
def test_a_constant_array_survives_json(make):
    text = mx.init.Constant(make([1.0, 2.0])).dumps()
    assert text == '["constant", {"value": [1.0, 2.0]}]'
    filled = mx.nd.zeros((3, 2))
    mx.init.create(text)("x_weight", filled)
    assert filled.asnumpy().tolist() == [[1, 2]] * 3
